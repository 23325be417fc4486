//! Live sessions of somebody, and logins that are trusted for a day.

use crate::{
    api::admin::{
        access::contact,
        credentials::{end_sessions, sessions_of},
    },
    web::{
        ask::{Ask, Posted, html},
        fault::Answer,
        module::title_of,
        scene::Scene,
    },
};
use axum::extract::Path;
use gateway_ui::vm::{Crumb, SessionRow, TrustRow, contact_sessions_page, lock_tabs, trusts_page};
use http::StatusCode;
use kernel::Error;
use policy::Right;
use proto::identity::v1::{ListTrustsRequest, RevokeTrustRequest, SessionView, Trust};

/// A session as its row shows it.
pub(crate) fn row(scene: &Scene, session: SessionView) -> SessionRow {
    SessionRow {
        current: session.current || session.session_id == scene.me.session.answer.session_id,
        created: scene.stamp(session.created_at_micros),
        seen: scene.stamp(session.last_seen_micros),
        id: session.session_id,
        browser: session.browser,
        network: session.network,
        support: session.support_access,
    }
}

async fn trusts_of(ask: &Ask, user_id: &str) -> Result<Vec<Trust>, Error> {
    let request = ListTrustsRequest { user_id: user_id.to_owned() };
    Ok(ask.app.clients.identity().list_trusts(request).await.map_err(runtime::error_of)?.into_inner().trusts)
}

fn trust(scene: &Scene, trust: Trust) -> TrustRow {
    TrustRow {
        url: scene.find(policy::CONTACTS).map(|m| scene.ask.record_url(m.name(), &trust.user_id)),
        until: scene.stamp(trust.until_micros),
        id: trust.trust_id,
        name: trust.name,
        login: trust.login,
        network: trust.network,
    }
}

/// A contact's sessions and trusted logins.
pub(crate) async fn of_contact(ask: Ask, Path(id): Path<String>) -> Answer {
    let scene = Scene::open(&ask).await?;
    let (contact, sessions) = tokio::join!(contact(&ask.app, &id), sessions_of(&ask.app, &id));
    let (contact, sessions) = (contact?, sessions?);
    let trusts = if scene.me.may(Right::Unlock) { trusts_of(&ask, &id).await? } else { Vec::new() };
    let crumb = Crumb { label: title_of(&contact), url: ask.record_url(policy::CONTACTS, &id) };
    let end_url = scene.me.may(Right::ManageAccess).then(|| ask.url(&format!("/contacts/{id}/sessions/end")));
    let page = contact_sessions_page(
        scene.chrome(),
        crumb,
        sessions.into_iter().map(|s| row(&scene, s)).collect(),
        end_url,
        trusts.into_iter().map(|t| trust(&scene, t)).collect(),
        scene.me.may(Right::Unlock).then(|| ask.url("/trusts/revoke")).as_deref(),
    );
    html(StatusCode::OK, &page)
}

/// Ends one of a contact's sessions, or all.
pub(crate) async fn end_of_contact(ask: Ask, Path(id): Path<String>, body: String) -> Answer {
    ask.admitted.signed_in()?;
    end_sessions(&ask.app, &id, &Posted::parse(&body).text("session_id")).await?;
    ask.done(&ask.url(&format!("/contacts/{id}/sessions")), "user_sessions_ended")
}

/// Everybody's trusted logins.
pub(crate) async fn trusts(ask: Ask) -> Answer {
    let scene = Scene::open_with(&ask, Right::Unlock).await?;
    let rows = trusts_of(&ask, "").await?.into_iter().map(|t| trust(&scene, t)).collect();
    let tabs = lock_tabs(scene.lang(), ask.url("/locked-users"), ask.url("/trusts"), true);
    let revoke = ask.url("/trusts/revoke");
    html(StatusCode::OK, &trusts_page(scene.chrome(), rows, Some(&revoke), tabs))
}

/// Takes a trust back.
pub(crate) async fn revoke_trust(ask: Ask, body: String) -> Answer {
    ask.admitted.signed_in()?;
    let request = RevokeTrustRequest { trust_id: Posted::parse(&body).text("trust_id") };
    ask.app.clients.identity().revoke_trust(request).await?;
    ask.done(&ask.url("/trusts"), "trust_revoked")
}
