//! What an account is secured with.

use crate::{
    api::{auth::passkeys::PasskeyBody, values},
    backend::account,
    http::{app::App, problem::Problem, request::Admitted},
};
use axum::{Json, extract::State};
use serde::Serialize;
use utoipa::ToSchema;

/// Passwords, second factors and what is required of the account.
#[derive(Serialize, ToSchema)]
pub(crate) struct Security {
    login: String,
    /// The login is an e-mail address: a lost password can be replaced by a link.
    login_is_email: bool,
    /// Where mails go to.
    email: Option<String>,
    /// An address that waits for its confirmation.
    pending_email: Option<String>,
    has_password: bool,
    password_set_at: Option<String>,
    min_password_length: i32,
    totp: bool,
    passkeys: Vec<PasskeyBody>,
    recovery_codes_left: i32,
    mfa_required: bool,
}

/// What my account is secured with.
#[utoipa::path(get, path = "/auth/security", operation_id = "getSecurity",
    responses((status = 200, description = "Passwords and second factors", body = Security)))]
pub(crate) async fn security(State(app): State<App>, admitted: Admitted) -> Result<Json<Security>, Problem> {
    let answer = account::security(&app, &admitted).await?;
    let some = |text: String| (!text.is_empty()).then_some(text);
    Ok(Json(Security {
        login: answer.login,
        login_is_email: answer.login_is_email,
        email: some(answer.email),
        pending_email: some(answer.pending_email),
        has_password: answer.has_password,
        password_set_at: values::time(answer.password_set_micros),
        min_password_length: answer.min_password_length,
        totp: answer.totp,
        passkeys: answer.passkeys.into_iter().map(PasskeyBody::of).collect(),
        recovery_codes_left: answer.recovery_codes_left,
        mfa_required: answer.mfa_required,
    }))
}
