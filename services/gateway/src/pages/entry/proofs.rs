//! What the pages of sign-in and account share: how a refusal becomes a fault of the form, passkeys from the script, and the
//! page after a step that gave the session a new token.

use crate::{
    backend::logins,
    http::{app::App, cookies::keep_login, kept, problem::status_of},
    pages::{
        answer::{Answer, wait_of},
        ask::{Ask, Posted},
    },
};
use axum::response::Response;
use gateway_ui::vm::{Chrome, PasswordFault, ProofFault};
use http::{HeaderValue, StatusCode, header};
use kernel::{Code, Error};
use proto::identity::v1::LoginResponse;

/// The fault of a form whose proof was refused, and the status of its page. None for what no form can help with, such as a
/// session that has ended.
pub(crate) fn proof_fault(error: &Error, wrong: ProofFault) -> Option<(ProofFault, StatusCode)> {
    match (error.code, &*error.reason) {
        (Code::Unauthenticated, "session_invalid" | "unauthenticated") => None,
        (Code::Unauthenticated | Code::Invalid, _) => Some((wrong, StatusCode::UNPROCESSABLE_ENTITY)),
        (Code::RateLimited, _) => Some((ProofFault::RateLimited(wait_of(error)), status_of(error))),
        (Code::Unavailable | Code::Timeout, _) => Some((ProofFault::Unavailable, status_of(error))),
        _ => None,
    }
}

/// Tells programs, too, when they may try again.
pub(crate) fn wait_a_moment(mut response: Response, error: &Error) -> Response {
    if matches!(response.status().as_u16(), 429 | 503) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait_of(error)));
    }
    response
}

/// The fault of a new password that identity refused; none when something else is wrong.
pub(crate) fn password_fault(error: &Error, min_length: u32) -> Option<PasswordFault> {
    let field = error.fields.iter().find(|f| f.field == "new_password" || f.field == "password")?;
    Some(match &*field.code {
        "required" => PasswordFault::Missing,
        "password_too_short" => PasswordFault::TooShort(min_length),
        "password_too_long" => PasswordFault::TooLong,
        _ => PasswordFault::Common,
    })
}

/// What is wrong with a new password before anybody is asked.
pub(crate) fn typed_fault(posted: &Posted) -> Option<PasswordFault> {
    let password = posted.text("new_password");
    match (password.is_empty(), password == posted.text("repeat_password")) {
        (true, _) => Some(PasswordFault::Missing),
        (false, false) => Some(PasswordFault::Mismatch),
        (false, true) => None,
    }
}

/// A passkey's answer that the script put into the form; none when the form was sent without.
pub(crate) fn passkey_of(posted: &Posted) -> Option<(String, String)> {
    let credential = posted.text("credential");
    (!credential.is_empty()).then(|| (posted.text("ceremony_id"), credential))
}

/// Signs in with a passkey, or completes a login or a step-up with it.
pub(crate) async fn passkey_login(
    ask: &Ask,
    (ceremony_id, credential): (String, String),
) -> Result<LoginResponse, Error> {
    logins::finish_passkey(&ask.app, &ask.admitted, ceremony_id, credential).await
}

/// Puts what a step answered into the browser, and forgets the token before it.
pub(crate) fn keep(ask: &Ask, response: &mut Response, answer: &LoginResponse) {
    if let Some(session) = &ask.admitted.session {
        ask.app.sessions.forget(&session.token);
    }
    if !answer.session_token.is_empty() {
        keep_login(&ask.app, response, ask.admitted.surface, answer);
    }
}

/// On to another page after a step of a login.
pub(crate) fn stepped(ask: &Ask, answer: &LoginResponse, url: &str, flash: &str) -> Answer {
    let mut response = ask.on_to(url, flash);
    keep(ask, &mut response, answer);
    Ok(response)
}

/// What stands around a page that is shown right after a step: its forms belong to the session's new token.
pub(crate) async fn chrome_after(ask: &Ask, answer: &LoginResponse) -> Result<Chrome, Error> {
    let app: &App = &ask.app;
    let session = app.sessions.check(ask.admitted.surface, &answer.session_token, false).await?;
    let csrf_token = session.map(|s| kept::token_of(app, &s)).unwrap_or_default();
    Ok(ask.look.chrome(app, &csrf_token))
}
