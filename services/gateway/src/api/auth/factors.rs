//! Second factors: the code that completes a login, an authenticator app, recovery codes, and proving again who is there.

use crate::{
    api::{
        auth::{LoginState, renew, stepped},
        body::{Body, NoBody},
    },
    backend::account,
    http::{
        app::App,
        guard::word_of,
        problem::{Problem, ProblemBody},
        request::Admitted,
    },
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use proto::identity::v1::FactorAddedResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One of the two.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Factor {
    /// Six digits of the authenticator app.
    #[serde(default)]
    code: String,
    /// One of the recovery codes; it works once.
    #[serde(default)]
    recovery_code: String,
}

/// Complete a login with a code of the authenticator app, or with a recovery code.
#[utoipa::path(post, path = "/auth/mfa/verify", operation_id = "verifySecondFactor", request_body = Factor, responses(
    (status = 200, description = "The next step, or signed in; the session has a new cookie", body = LoginState),
    (status = 401, description = "Wrong, used already, or the login has waited too long", body = ProblemBody)))]
pub(crate) async fn verify(
    State(app): State<App>,
    admitted: Admitted,
    Body(body): Body<Factor>,
) -> Result<Response, Problem> {
    Ok(stepped(&app, &admitted, &account::verify_factor(&app, &admitted, body.code, body.recovery_code).await?))
}

/// A new secret for an authenticator app.
#[derive(Serialize, ToSchema)]
pub(crate) struct TotpBody {
    /// Base32, for typing it in.
    secret: String,
    /// What the QR code says.
    otpauth_uri: String,
    /// The QR code as an SVG element.
    qr_svg: String,
}

/// Begin to set up an authenticator app. Nothing changes until a first code confirms it.
#[utoipa::path(post, path = "/auth/mfa/totp", operation_id = "beginTotp", responses(
    (status = 200, description = "The secret, shown this once", body = TotpBody),
    (status = 403, description = "Prove again who you are (`step_up_required`)", body = ProblemBody)))]
pub(crate) async fn begin_totp(
    State(app): State<App>,
    admitted: Admitted,
    _: NoBody,
) -> Result<Json<TotpBody>, Problem> {
    let answer = account::begin_totp(&app, &admitted).await?;
    let qr_svg = gateway_ui::qr::svg(&answer.otpauth_uri).unwrap_or_default();
    Ok(Json(TotpBody { secret: answer.secret, otpauth_uri: answer.otpauth_uri, qr_svg }))
}

/// A code of the authenticator app.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TotpCode {
    /// Six digits.
    code: String,
}

/// A second factor that was added.
#[derive(Serialize, ToSchema)]
pub(crate) struct FactorAdded {
    /// Ten codes, shown this once; empty when there were codes already.
    recovery_codes: Vec<String>,
    /// The passkey, when one was added.
    #[serde(skip_serializing_if = "Option::is_none")]
    passkey_id: Option<String>,
    /// Where the login stands.
    status: &'static str,
}

/// Answers a factor that was added, with the session's new cookie.
pub(super) fn added(app: &App, admitted: &Admitted, answer: FactorAddedResponse) -> Response {
    let login = answer.login.unwrap_or_default();
    let body = FactorAdded {
        recovery_codes: answer.recovery_codes,
        passkey_id: (!answer.passkey_id.is_empty()).then_some(answer.passkey_id),
        status: word_of(login.stage()),
    };
    let mut response = Json(body).into_response();
    renew(app, admitted, &login, &mut response);
    response
}

/// Confirm the authenticator app with a first code.
#[utoipa::path(post, path = "/auth/mfa/totp/confirm", operation_id = "confirmTotp", request_body = TotpCode, responses(
    (status = 200, description = "Set up; the session has a new cookie", body = FactorAdded),
    (status = 422, description = "The code is not right", body = ProblemBody)))]
pub(crate) async fn confirm_totp(
    State(app): State<App>,
    admitted: Admitted,
    Body(body): Body<TotpCode>,
) -> Result<Response, Problem> {
    Ok(added(&app, &admitted, account::confirm_totp(&app, &admitted, body.code).await?))
}

/// Remove the authenticator app.
#[utoipa::path(delete, path = "/auth/mfa/totp", operation_id = "removeTotp", responses(
    (status = 204, description = "Removed; other sessions have ended"),
    (status = 403, description = "Prove again who you are (`step_up_required`), or it is required (`mfa_required_here`)",
        body = ProblemBody)))]
pub(crate) async fn remove_totp(State(app): State<App>, admitted: Admitted) -> Result<Response, Problem> {
    let answer = account::remove_totp(&app, &admitted).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    renew(&app, &admitted, &answer, &mut response);
    Ok(response)
}

/// Recovery codes.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecoveryCodes {
    /// Ten codes, each works once.
    recovery_codes: Vec<String>,
}

/// Make ten new recovery codes. The former ones are dead.
#[utoipa::path(post, path = "/auth/mfa/recovery-codes", operation_id = "makeRecoveryCodes", responses(
    (status = 200, description = "The codes, shown this once", body = RecoveryCodes),
    (status = 403, description = "Prove again who you are (`step_up_required`)", body = ProblemBody)))]
pub(crate) async fn recovery_codes(
    State(app): State<App>,
    admitted: Admitted,
    _: NoBody,
) -> Result<Json<RecoveryCodes>, Problem> {
    Ok(Json(RecoveryCodes { recovery_codes: account::make_recovery_codes(&app, &admitted).await? }))
}

/// What proves that the same person is still there. Who has a second factor needs it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Proof {
    #[serde(default)]
    password: String,
    /// Six digits of the authenticator app.
    #[serde(default)]
    code: String,
}

/// Prove again who you are, for what is sensitive. A passkey does it by `/auth/passkeys/login`.
#[utoipa::path(post, path = "/auth/step-up", operation_id = "stepUp", request_body = Proof, responses(
    (status = 200, description = "Proved, for ten minutes; the session has a new cookie", body = LoginState),
    (status = 401, description = "Wrong", body = ProblemBody)))]
pub(crate) async fn step_up(
    State(app): State<App>,
    admitted: Admitted,
    Body(body): Body<Proof>,
) -> Result<Response, Problem> {
    Ok(stepped(&app, &admitted, &account::step_up(&app, &admitted, body.password, body.code).await?))
}
