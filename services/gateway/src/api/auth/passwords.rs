//! Passwords that were forgotten or are to be changed, the address to sign in with, and the terms of use.

use crate::{
    api::{
        auth::{LoginState, stepped},
        body::Body,
    },
    backend::{account, logins, settings},
    http::{
        app::App,
        problem::{Problem, ProblemBody},
        request::Admitted,
    },
};
use axum::{Json, extract::State, response::Response};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Whose password is lost.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Forgot {
    login: String,
}

/// Ask for a link to choose a new password. The answer is the same whether there is such a login or not.
#[utoipa::path(post, path = "/auth/password/forgot", operation_id = "requestPasswordReset", request_body = Forgot, responses(
    (status = 202, description = "If this login has an e-mail address, a link is on its way"),
    (status = 429, description = "Too many requests from here", body = ProblemBody)))]
pub(crate) async fn forgot(
    State(app): State<App>,
    admitted: Admitted,
    Body(body): Body<Forgot>,
) -> Result<StatusCode, Problem> {
    logins::ask_for_reset(&app, &admitted, body.login).await?;
    Ok(StatusCode::ACCEPTED)
}

/// A link's token and the password to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reset {
    token: String,
    new_password: String,
}

/// Choose a new password with a link's token. It works once; all sessions end, and none begins.
#[utoipa::path(post, path = "/auth/password/reset", operation_id = "resetPassword", request_body = Reset, responses(
    (status = 204, description = "Changed; sign in now"),
    (status = 400, description = "The link does not work any more", body = ProblemBody),
    (status = 422, description = "The password is not good enough", body = ProblemBody)))]
pub(crate) async fn reset(
    State(app): State<App>,
    admitted: Admitted,
    Body(body): Body<Reset>,
) -> Result<StatusCode, Problem> {
    logins::reset_password(&app, &admitted, body.token, body.new_password).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The old password and the new one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    /// Not asked for where the login waits for the change: it was proved a moment ago.
    #[serde(default)]
    current_password: String,
    new_password: String,
}

/// Change my password. Other sessions end.
#[utoipa::path(post, path = "/auth/password/change", operation_id = "changePassword", request_body = Change, responses(
    (status = 200, description = "Changed; the session has a new cookie", body = LoginState),
        (status = 403, description = "A fresh second factor is needed (`step_up_required`)", body = ProblemBody),
    (status = 422, description = "The current password is not right, or the new one not good enough", body = ProblemBody)))]
pub(crate) async fn change(
    State(app): State<App>,
    admitted: Admitted,
    Body(body): Body<Change>,
) -> Result<Response, Problem> {
    let answer = account::change_password(&app, &admitted, body.current_password, body.new_password).await?;
    Ok(stepped(&app, &admitted, &answer))
}

/// The terms of use.
#[derive(Serialize, ToSchema)]
pub(crate) struct Terms {
    /// They must be accepted before anything else.
    required: bool,
    version: i32,
    /// Markdown by language.
    text: BTreeMap<String, String>,
}

/// The terms of use in force.
#[utoipa::path(get, path = "/auth/terms", operation_id = "getTerms", responses((status = 200, description = "The terms", body = Terms)))]
pub(crate) async fn terms(State(app): State<App>) -> Result<Json<Terms>, Problem> {
    let policy = settings::public(&app).await?;
    let text = policy.terms.into_iter().collect();
    Ok(Json(Terms { required: policy.terms_required, version: policy.terms_version, text }))
}

/// Which terms.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Accepted {
    /// The version that was read.
    version: i32,
}

/// Accept the terms of use.
#[utoipa::path(post, path = "/auth/terms", operation_id = "acceptTerms", request_body = Accepted, responses(
    (status = 200, description = "Accepted; the session has a new cookie", body = LoginState),
    (status = 422, description = "They have changed since", body = ProblemBody)))]
pub(crate) async fn accept_terms(
    State(app): State<App>,
    admitted: Admitted,
    Body(body): Body<Accepted>,
) -> Result<Response, Problem> {
    Ok(stepped(&app, &admitted, &account::accept_terms(&app, &admitted, body.version).await?))
}

/// The address to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAddress {
    new_email: String,
}

/// Ask to sign in with another e-mail address. A link to it confirms; until then nothing changes.
#[utoipa::path(post, path = "/auth/login-change", operation_id = "requestLoginChange", request_body = NewAddress, responses(
    (status = 202, description = "A link is on its way to the new address"),
    (status = 403, description = "Prove again who you are (`step_up_required`)", body = ProblemBody),
    (status = 422, description = "This is no address that can be used", body = ProblemBody)))]
pub(crate) async fn request_login_change(
    State(app): State<App>,
    admitted: Admitted,
    Body(body): Body<NewAddress>,
) -> Result<StatusCode, Problem> {
    account::request_login_change(&app, &admitted, body.new_email).await?;
    Ok(StatusCode::ACCEPTED)
}

/// A link's token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Token {
    token: String,
}

/// Confirm the new address with the token that was sent to it.
#[utoipa::path(post, path = "/auth/login-change/confirm", operation_id = "confirmLoginChange", request_body = Token, responses(
    (status = 204, description = "Changed; sign in with the new address"),
    (status = 400, description = "The link does not work any more", body = ProblemBody)))]
pub(crate) async fn confirm_login_change(
    State(app): State<App>,
    admitted: Admitted,
    Body(body): Body<Token>,
) -> Result<StatusCode, Problem> {
    logins::confirm_login_change(&app, &admitted, body.token).await?;
    Ok(StatusCode::NO_CONTENT)
}
