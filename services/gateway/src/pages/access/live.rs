//! Live sessions of somebody, and logins that are trusted for a day.

use crate::{
    backend::{
        contacts::contact,
        credentials::{end_sessions, sessions_of},
        locked,
    },
    pages::{
        answer::Answer,
        ask::{Ask, Posted, html},
        module::title_of,
        person::session_row,
        scene::Scene,
    },
};
use axum::extract::Path;
use gateway_ui::vm::{Crumb, TrustRow, contact_sessions_page, lock_tabs, trusts_page};
use http::StatusCode;
use policy::Right;
use proto::identity::v1::Trust;

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
    let trusts = if scene.me.may(Right::Unlock) { locked::trusts(&ask.app, id.clone()).await? } else { Vec::new() };
    let crumb = Crumb { label: title_of(&contact), url: ask.record_url(policy::CONTACTS, &id) };
    let end_url = scene.me.may(Right::ManageAccess).then(|| ask.url(&format!("/contacts/{id}/sessions/end")));
    let page = contact_sessions_page(
        scene.chrome(),
        crumb,
        sessions.into_iter().map(|s| session_row(&scene, s)).collect(),
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
    let scene = Scene::open(&ask).await?;
    let rows = locked::trusts(&ask.app, String::new()).await?.into_iter().map(|t| trust(&scene, t)).collect();
    let tabs = lock_tabs(scene.lang(), ask.url("/locked-users"), ask.url("/trusts"), true);
    let revoke = ask.url("/trusts/revoke");
    html(StatusCode::OK, &trusts_page(scene.chrome(), rows, Some(&revoke), tabs))
}

/// Takes a trust back.
pub(crate) async fn revoke_trust(ask: Ask, body: String) -> Answer {
    ask.admitted.signed_in()?;
    let trust_id = Posted::parse(&body).text("trust_id");
    locked::revoke_trust(&ask.app, trust_id).await?;
    ask.done(&ask.url("/trusts"), "trust_revoked")
}
