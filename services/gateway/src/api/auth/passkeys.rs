//! Passkeys: added to an account, used as the second factor or alone, removed.

use crate::{
    api::{
        auth::factors::{FactorAdded, added},
        auth::{LoginState, stepped},
        body::{Body, NoBody},
        values,
    },
    backend::{account, logins},
    http::{
        app::App,
        cookies::keep_login,
        problem::{Problem, ProblemBody},
        request::Admitted,
    },
};
use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use kernel::Error;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What the browser's `navigator.credentials` is asked for.
#[derive(Serialize, ToSchema)]
pub(crate) struct Ceremony {
    /// To be sent back with the answer.
    ceremony_id: String,
    /// `PublicKeyCredentialCreationOptions` or `PublicKeyCredentialRequestOptions` as JSON.
    options: serde_json::Value,
}

impl Ceremony {
    fn of(ceremony_id: String, options: &str) -> Result<Json<Ceremony>, Error> {
        let options = serde_json::from_str(options).map_err(Error::internal)?;
        Ok(Json(Ceremony { ceremony_id, options }))
    }
}

/// Begin to add a passkey to the account.
#[utoipa::path(post, path = "/auth/passkeys/register/begin", operation_id = "beginPasskeyRegistration", responses(
    (status = 200, description = "For `navigator.credentials.create`", body = Ceremony),
    (status = 403, description = "Prove again who you are (`step_up_required`)", body = ProblemBody)))]
pub(crate) async fn begin_register(
    State(app): State<App>,
    admitted: Admitted,
    _: NoBody,
) -> Result<Json<Ceremony>, Problem> {
    let answer = account::begin_passkey(&app, &admitted).await?;
    Ok(Ceremony::of(answer.ceremony_id, &answer.options)?)
}

/// The browser's new passkey.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPasskey {
    ceremony_id: String,
    /// `PublicKeyCredential` as JSON.
    credential: serde_json::Value,
    /// What its owner calls it.
    #[serde(default)]
    name: String,
}

/// Add the passkey.
#[utoipa::path(post, path = "/auth/passkeys/register/finish", operation_id = "finishPasskeyRegistration", request_body = NewPasskey, responses(
    (status = 200, description = "Added; the session has a new cookie", body = FactorAdded),
    (status = 422, description = "The answer does not fit", body = ProblemBody)))]
pub(crate) async fn finish_register(
    State(app): State<App>,
    admitted: Admitted,
    Body(body): Body<NewPasskey>,
) -> Result<Response, Problem> {
    let credential = body.credential.to_string();
    let answer = account::finish_passkey(&app, &admitted, body.ceremony_id, credential, body.name).await?;
    Ok(added(&app, &admitted, answer))
}

/// Begin a login with a passkey; with a session, its second factor or a step-up.
#[utoipa::path(post, path = "/auth/passkeys/login/begin", operation_id = "beginPasskeyLogin", responses(
    (status = 200, description = "For `navigator.credentials.get`", body = Ceremony)))]
pub(crate) async fn begin_login(
    State(app): State<App>,
    admitted: Admitted,
    _: NoBody,
) -> Result<Json<Ceremony>, Problem> {
    let answer = logins::begin_passkey(&app, &admitted).await?;
    Ok(Ceremony::of(answer.ceremony_id, &answer.options)?)
}

/// The browser's answer.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Assertion {
    ceremony_id: String,
    /// `PublicKeyCredential` as JSON.
    credential: serde_json::Value,
}

/// Sign in with the passkey, or complete the login or the step-up.
#[utoipa::path(post, path = "/auth/passkeys/login/finish", operation_id = "finishPasskeyLogin", request_body = Assertion, responses(
    (status = 200, description = "Signed in, or what is missing; the cookie is set", body = LoginState),
    (status = 401, description = "Not a passkey of ours, or too late", body = ProblemBody)))]
pub(crate) async fn finish_login(
    State(app): State<App>,
    admitted: Admitted,
    Body(body): Body<Assertion>,
) -> Result<Response, Problem> {
    let answer = logins::finish_passkey(&app, &admitted, body.ceremony_id, body.credential.to_string()).await?;
    if admitted.session.is_some() {
        return Ok(stepped(&app, &admitted, &answer));
    }
    let mut response = Json(LoginState::of(&answer)).into_response();
    keep_login(&app, &mut response, admitted.surface, &answer);
    Ok(response)
}

/// A passkey of one's own.
#[derive(Serialize, ToSchema)]
pub(crate) struct PasskeyBody {
    id: String,
    name: String,
    created_at: Option<String>,
    last_used_at: Option<String>,
}

/// Passkeys.
#[derive(Serialize, ToSchema)]
pub(crate) struct Passkeys {
    items: Vec<PasskeyBody>,
}

/// My passkeys.
#[utoipa::path(get, path = "/auth/passkeys", operation_id = "listPasskeys", responses((status = 200, description = "Passkeys", body = Passkeys)))]
pub(crate) async fn list(State(app): State<App>, admitted: Admitted) -> Result<Json<Passkeys>, Problem> {
    let security = account::security(&app, &admitted).await?;
    let items = security.passkeys.into_iter().map(PasskeyBody::of).collect();
    Ok(Json(Passkeys { items }))
}

impl PasskeyBody {
    pub(super) fn of(passkey: proto::identity::v1::Passkey) -> PasskeyBody {
        PasskeyBody {
            id: passkey.passkey_id,
            name: passkey.name,
            created_at: values::time(passkey.created_at_micros),
            last_used_at: values::time(passkey.last_used_micros),
        }
    }
}

/// Remove a passkey.
#[utoipa::path(delete, path = "/auth/passkeys/{id}", operation_id = "removePasskey", responses(
    (status = 204, description = "Removed; other sessions have ended"),
    (status = 403, description = "Prove again who you are (`step_up_required`)", body = ProblemBody),
    (status = 404, description = "There is none", body = ProblemBody)))]
pub(crate) async fn remove(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let answer = account::remove_passkey(&app, &admitted, id).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    super::renew(&app, &admitted, &answer, &mut response);
    Ok(response)
}
