//! One's own account: what it is secured with, where it is signed in, and what happened.

use crate::{
    backend::account,
    http::clock::now_micros,
    pages::{
        account::steps,
        answer::Answer,
        ask::{Ask, Posted, html},
        entry::proofs::stepped,
        scene::Scene,
    },
};
use axum::extract::Path;
use gateway_ui::{
    fmt,
    query::encode,
    vm::{ActivityPage, AddressFault, LoginChangePage, OwnActivity, OwnPasskey, OwnSession, Pager, SecurityPage},
};
use http::StatusCode;
use kernel::{Code, Error};
use proto::identity::v1::{ActivityEntry, Passkey, SessionView};

/// Things that happened, on the security page.
const FEW: i32 = 5;
/// Things that happened, on a page of their own.
const MANY: i32 = 50;

fn count(number: i32) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

/// The security page.
pub(crate) async fn security(ask: Ask) -> Answer {
    ask.admitted.own()?;
    let (app, admitted) = (&ask.app, &ask.admitted);
    let (scene, security, live, recent, tokens) = tokio::join!(
        Scene::open(&ask),
        account::security(app, admitted),
        account::sessions(app, admitted),
        account::activity(app, admitted, FEW, String::new()),
        account::tokens(app, admitted),
    );
    let (scene, security) = (scene?, security?);
    // What can't be told now, or isn't this person's, leaves the rest of the page standing.
    let tokens = part("tokens", tokens).map(|tokens| tokens.len());
    let recent = part("activity", recent).map(|answer| answer.entries).unwrap_or_default();
    let page = SecurityPage {
        chrome: scene.chrome(),
        base: ask.look.base().to_owned(),
        password_set: ask.stamp_ago(security.password_set_micros),
        has_password: security.has_password,
        totp: security.totp,
        passkeys: security.passkeys.iter().map(|p| own_passkey(&ask, p)).collect(),
        recovery_left: count(security.recovery_codes_left),
        mfa_required: security.mfa_required || scene.me.plan.require_mfa,
        sessions: live?.iter().map(|s| own_session(&ask, s)).collect(),
        tokens,
        activity: recent.into_iter().map(|e| own_activity(&ask, e)).collect(),
        login: security.login,
        login_is_email: security.login_is_email,
        pending_email: security.pending_email,
    };
    html(StatusCode::OK, &page)
}

/// One part of the page, if it could be fetched.
fn part<T>(name: &'static str, answer: Result<T, Error>) -> Option<T> {
    match answer {
        Ok(answer) => Some(answer),
        Err(error) => {
            tracing::warn!(event = "security.part_failed", name, reason = %error.reason, "a part could not be loaded");
            None
        }
    }
}

fn own_passkey(ask: &Ask, passkey: &Passkey) -> OwnPasskey {
    OwnPasskey {
        name: passkey.name.clone(),
        created: ask.stamp_ago(passkey.created_at_micros),
        last_used: ask.stamp_ago(passkey.last_used_micros),
        remove_url: ask.url(&format!("/account/passkeys/{}/remove", encode(&passkey.passkey_id))),
    }
}

fn own_session(ask: &Ask, session: &SessionView) -> OwnSession {
    OwnSession {
        browser: session.browser.clone(),
        network: session.network.clone(),
        since: ask.stamp_ago(session.created_at_micros),
        last_seen: ask.stamp_ago(session.last_seen_micros),
        current: session.current,
        support: session.support_access,
        end_url: (!session.current).then(|| ask.url(&format!("/account/sessions/{}/end", encode(&session.session_id)))),
    }
}

fn own_activity(ask: &Ask, mut entry: ActivityEntry) -> OwnActivity {
    // Of support access the agent is named, whoever the entry is about.
    let agent = entry.facts.remove("agent_name");
    OwnActivity {
        at: fmt::stamp_ago(entry.at_micros, now_micros(), ask.lang(), &ask.app.zone),
        kind: entry.r#type,
        network: entry.network,
        browser: entry.browser,
        actor: agent.unwrap_or(entry.actor_name),
    }
}

/// Everything that happened, page by page.
pub(crate) async fn activity(ask: Ask) -> Answer {
    ask.admitted.own()?;
    let cursor = Posted::parse(&ask.look.query).text("cursor");
    let (scene, answer) =
        tokio::join!(Scene::open(&ask), account::activity(&ask.app, &ask.admitted, MANY, cursor.clone()));
    let (scene, answer) = (scene?, answer?);
    let path = ask.url("/account/activity");
    let page = ActivityPage {
        chrome: scene.chrome(),
        back_url: ask.url("/account/security"),
        entries: answer.entries.into_iter().map(|e| own_activity(&ask, e)).collect(),
        pager: Pager {
            next_url: (!answer.next_cursor.is_empty())
                .then(|| format!("{path}?cursor={}", encode(&answer.next_cursor))),
            first_url: (!cursor.is_empty()).then_some(path),
        },
    };
    html(StatusCode::OK, &page)
}

/// Ends one of the other sessions.
pub(crate) async fn end_session(ask: Ask, Path(id): Path<String>) -> Answer {
    account::end_session(&ask.app, &ask.admitted, id).await?;
    ask.done(&ask.url("/account/security"), "own_session_ended")
}

/// Ends all other sessions.
pub(crate) async fn end_others(ask: Ask) -> Answer {
    account::end_session(&ask.app, &ask.admitted, String::new()).await?;
    ask.done(&ask.url("/account/security"), "sessions_ended")
}

/// Removes the authenticator app.
pub(crate) async fn remove_totp(ask: Ask) -> Answer {
    let answer = account::remove_totp(&ask.app, &ask.admitted).await?;
    stepped(&ask, &answer, &ask.url("/account/security"), "factor_removed")
}

/// Removes a passkey.
pub(crate) async fn remove_passkey(ask: Ask, Path(id): Path<String>) -> Answer {
    let answer = account::remove_passkey(&ask.app, &ask.admitted, id).await?;
    stepped(&ask, &answer, &ask.url("/account/security"), "factor_removed")
}

/// Adds the passkey that the script made.
pub(crate) async fn add_passkey(ask: Ask, body: String) -> Answer {
    steps::add_passkey(ask, Posted::parse(&body)).await
}

/// Asking for another address to sign in with.
pub(crate) async fn login_change(ask: Ask) -> Answer {
    let page = login_change_page(&ask, String::new(), None).await?;
    html(StatusCode::OK, &page)
}

async fn login_change_page(ask: &Ask, typed: String, fault: Option<AddressFault>) -> Result<LoginChangePage, Error> {
    let security = account::security(&ask.app, &ask.admitted).await?;
    if !security.login_is_email {
        return Err(Error::not_found());
    }
    Ok(LoginChangePage {
        chrome: Scene::open(ask).await?.chrome(),
        action: ask.url("/account/login-change"),
        back_url: ask.url("/account/security"),
        current: security.login,
        typed,
        fault,
    })
}

/// Sends the link to the new address.
pub(crate) async fn request_login_change(ask: Ask, body: String) -> Answer {
    let new_email = Posted::parse(&body).text("new_email").trim().to_owned();
    let fault = match account::request_login_change(&ask.app, &ask.admitted, new_email.clone()).await {
        Ok(()) => return ask.done(&ask.url("/account/security"), "login_change_asked"),
        Err(error) if error.code == Code::Conflict => AddressFault::Taken,
        Err(error) if error.code == Code::Invalid && !error.fields.is_empty() => {
            let taken = error.fields.iter().any(|f| matches!(&*f.code, "login_taken" | "unchanged" | "taken"));
            if taken { AddressFault::Taken } else { AddressFault::NoAddress }
        }
        Err(error) => return Err(error.into()),
    };
    html(StatusCode::UNPROCESSABLE_ENTITY, &login_change_page(&ask, new_email, Some(fault)).await?)
}
