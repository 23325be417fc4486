//! Passwords, second factors and sessions of somebody else, whoever it is.

use super::answer;
use crate::http::app::App;
use kernel::Error;
use proto::identity::v1::{
    EndUserSessionsRequest, ListUserSessionsRequest, RequireMfaRequest, ResetMfaRequest, SendResetLinkRequest,
    SessionView, SetOneTimePasswordRequest, SetOneTimePasswordResponse,
};

/// Sends a link to choose a new password.
pub(crate) async fn send_reset_link(app: &App, user_id: &str) -> Result<(), Error> {
    let request = SendResetLinkRequest { user_id: user_id.to_owned() };
    answer(app.clients.identity().send_reset_link(request).await).map(drop)
}

/// Sets a password that works once; an empty one is made.
pub(crate) async fn set_one_time_password(
    app: &App,
    user_id: &str,
    password: String,
) -> Result<SetOneTimePasswordResponse, Error> {
    let request = SetOneTimePasswordRequest { user_id: user_id.to_owned(), password };
    answer(app.clients.identity().set_one_time_password(request).await)
}

/// Requires a second factor, or lifts the requirement.
pub(crate) async fn require_mfa(app: &App, user_id: &str, required: bool) -> Result<(), Error> {
    let request = RequireMfaRequest { user_id: user_id.to_owned(), required };
    answer(app.clients.identity().require_mfa(request).await).map(drop)
}

/// Removes all second factors.
pub(crate) async fn reset_mfa(app: &App, user_id: &str, reason: String) -> Result<(), Error> {
    let request = ResetMfaRequest { user_id: user_id.to_owned(), reason };
    answer(app.clients.identity().reset_mfa(request).await).map(drop)
}

/// The live sessions of somebody.
pub(crate) async fn sessions_of(app: &App, user_id: &str) -> Result<Vec<SessionView>, Error> {
    let request = ListUserSessionsRequest { user_id: user_id.to_owned() };
    Ok(answer(app.clients.identity().list_user_sessions(request).await)?.sessions)
}

/// Ends one session, or all of them when no one is named; answers how many ended.
pub(crate) async fn end_sessions(app: &App, user_id: &str, session_id: &str) -> Result<i32, Error> {
    let request = EndUserSessionsRequest { user_id: user_id.to_owned(), session_id: session_id.to_owned() };
    Ok(answer(app.clients.identity().end_user_sessions(request).await)?.ended)
}
