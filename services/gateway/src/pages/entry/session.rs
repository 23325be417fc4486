//! Keeping a session alive, and ending an agent's look at the portal.

use crate::{
    backend::logins,
    http::cookies::drop_session,
    pages::{answer::Answer, ask::Ask, session_clock::remaining},
};
use axum::{Json, response::IntoResponse};
use kernel::{Code, Error};
use serde::Serialize;

/// Ends an agent's look at the portal; the agent's own session goes on.
pub(crate) async fn stop(ask: Ask) -> Answer {
    let session = ask.admitted.signed_in()?;
    if !session.support() {
        return Err(Error::not_found().into());
    }
    logins::end(&ask.app, &session.token).await;
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
