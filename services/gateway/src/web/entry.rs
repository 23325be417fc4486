//! Other ways of being here: a company's secure link, an agent's look at the portal, and keeping a session alive.

use crate::{
    api::{
        admin::access::text_of,
        auth::{end, link},
    },
    guard::{drop_session, keep_login},
    sessions::{Session, Surface},
    web::{
        ask::{Ask, html, now_micros},
        fault::Answer,
        recover::is_over,
    },
};
use axum::{Json, extract::Path, response::IntoResponse};
use gateway_ui::{
    query::encode,
    vm::{CompanyLinkPage, LinkState, SessionClock},
};
use http::StatusCode;
use kernel::{ActorKind, Code, Error};
use proto::records::v1::GetRecordRequest;
use ring::hmac;
use serde::Serialize;
use std::time::Duration;

/// How long the name of a company may take; the page does without.
const NAME: Duration = Duration::from_millis(500);
/// So many seconds before a session ends the page warns.
const WARN: i64 = 120;

/// The page behind a company's link. Opening it changes nothing.
pub(crate) async fn link(ask: Ask, Path(token): Path<String>) -> Answer {
    let answer = link::inspected(&ask.app, &ask.admitted, token.clone()).await?;
    let state = match (answer.usable, answer.sign_in_instead) {
        (_, true) => LinkState::SignInInstead,
        (true, false) => LinkState::Continue {
            action: format!("/link/{}", encode(&token)),
            company: company_name(&ask, answer.company_id).await,
        },
        (false, false) => LinkState::Unusable,
    };
    link_page(&ask, state)
}

fn link_page(ask: &Ask, state: LinkState) -> Answer {
    let status = if state == LinkState::Unusable { StatusCode::GONE } else { StatusCode::OK };
    let chrome = ask.look.chrome(&ask.app, &ask.admitted.csrf_token);
    html(status, &CompanyLinkPage { chrome, sign_in_url: ask.look.sign_in_url(), state })
}

/// Whoever has the link knows whose it is; empty when nobody can say.
pub(super) async fn company_name(ask: &Ask, id: String) -> String {
    let request = GetRecordRequest { module: "companies".to_owned(), id, ..GetRecordRequest::default() };
    let mut records = ask.app.clients.as_service().records();
    match tokio::time::timeout(NAME, records.get_record(request)).await {
        Ok(Ok(answer)) => answer.into_inner().record.map(|r| text_of(&r, "name")).unwrap_or_default(),
        _ => String::new(),
    }
}

/// Makes a session of the link.
pub(crate) async fn open_link(ask: Ask, Path(token): Path<String>) -> Answer {
    match link::opened(&ask.app, &ask.admitted, token).await {
        Ok(answer) => {
            let mut response = ask.on_to("/", "");
            keep_login(&ask.app, &mut response, Surface::Portal, &answer);
            Ok(response)
        }
        Err(error) if error.reason == "sign_in_instead" => link_page(&ask, LinkState::SignInInstead),
        Err(error) if is_over(&error) || error.code == Code::Unauthenticated => link_page(&ask, LinkState::Unusable),
        Err(error) => Err(error.into()),
    }
}

/// Ends an agent's look at the portal; the agent's own session goes on.
pub(crate) async fn stop(ask: Ask) -> Answer {
    let session = ask.admitted.signed_in()?;
    if !session.support() {
        return Err(Error::not_found().into());
    }
    end(&ask.app, &session.token).await;
    let mut response = ask.on_to("/console", "");
    drop_session(&ask.app, &mut response, session);
    Ok(response)
}

/// How long a session still lasts.
#[derive(Serialize)]
struct Remaining {
    seconds: i64,
}

/// Keeps the session alive: the person is still there.
pub(crate) async fn extend(ask: Ask) -> Answer {
    let session = ask.admitted.signed_in()?;
    // What the cache knows may stem from the page itself.
    ask.app.sessions.forget(&session.token);
    let again = ask.app.sessions.check(session.surface, &session.token, false).await?;
    let again = again.ok_or_else(|| Error::new(Code::Unauthenticated, "unauthenticated", "Please sign in."))?;
    if ask.look.background || ask.wants_json {
        return Ok(Json(Remaining { seconds: remaining(&again) }).into_response());
    }
    let back = ask.look.referer.clone().unwrap_or_else(|| ask.look.home_url().to_owned());
    ask.done(&back, "")
}

/// How long the session still lasts; asking in the background doesn't keep it alive.
pub(crate) async fn state(ask: Ask) -> Answer {
    let session = ask.admitted.signed_in()?;
    Ok(Json(Remaining { seconds: remaining(session) }).into_response())
}

/// Seconds until the session ends when nothing happens.
fn remaining(session: &Session) -> i64 {
    let ends = [session.answer.idle_expires_at_micros, session.answer.expires_at_micros];
    let end = ends.into_iter().filter(|at| *at > 0).min().unwrap_or_default();
    (end - now_micros()).max(0) / 1_000_000
}

/// The warning before the session ends, for people in a session of their own.
pub(super) fn clock(ask: &Ask, session: &Session) -> Option<SessionClock> {
    let own = !session.support() && !session.is_program() && session.kind() != ActorKind::Company;
    let idle = i64::from(session.answer.idle_timeout_seconds);
    if !own || idle <= 0 {
        return None;
    }
    let owner = hmac::sign(&ask.app.key, session.subject().id.as_bytes());
    Some(SessionClock {
        seconds: remaining(session),
        warn: WARN.min(idle / 2),
        minutes: (idle / 60).max(1),
        extend_url: ask.url("/session/extend"),
        state_url: ask.url("/session/state"),
        sign_in_url: ask.look.sign_in_url(),
        owner: crate::guard::hex(owner.as_ref()).chars().take(16).collect(),
    })
}
