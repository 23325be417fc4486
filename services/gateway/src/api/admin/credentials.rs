//! Passwords, second factors and sessions of somebody else: the same for a contact and for an agent.

use crate::{
    api::{
        body::{Body, NoBody},
        values,
    },
    backend::{
        contacts::contact,
        credentials::{end_sessions, require_mfa, reset_mfa, send_reset_link, sessions_of, set_one_time_password},
    },
    http::{
        app::App,
        problem::{Problem, ProblemBody},
        request::Admitted,
    },
};
use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use proto::identity::v1::{SessionView, SetOneTimePasswordResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A password that works once.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OneTime {
    /// Left out: one is made.
    #[serde(default)]
    password: String,
}

/// The password, shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct OneTimeBody {
    password: String,
    valid_until: Option<String>,
}

/// Whether a second factor is required.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mfa {
    required: bool,
}

/// Why second factors are removed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reason {
    /// At least 10 characters.
    reason: String,
}

/// A live session.
#[derive(Serialize, ToSchema)]
#[schema(as = UserSession)]
pub(crate) struct SessionBody {
    id: String,
    created_at: Option<String>,
    last_seen_at: Option<String>,
    /// The network that it comes from, never the whole address.
    network: String,
    browser: String,
    /// How it came about, for example `password`.
    method: String,
    /// The session of an agent who looks at the portal as this contact.
    support_access: bool,
}

/// Live sessions.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionsBody {
    items: Vec<SessionBody>,
}

/// How many sessions ended.
#[derive(Serialize, ToSchema)]
pub(crate) struct EndedBody {
    ended: i32,
}

fn once(answer: SetOneTimePasswordResponse) -> Response {
    let body = OneTimeBody { password: answer.password, valid_until: values::time(answer.valid_until_micros) };
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

fn sessions_body(sessions: Vec<SessionView>) -> Json<SessionsBody> {
    let body = |s: SessionView| SessionBody {
        created_at: values::time(s.created_at_micros),
        last_seen_at: values::time(s.last_seen_micros),
        id: s.session_id,
        network: s.network,
        browser: s.browser,
        method: s.method,
        support_access: s.support_access,
    };
    Json(SessionsBody { items: sessions.into_iter().map(body).collect() })
}

/// Send a contact a link to choose a new password.
#[utoipa::path(post, path = "/admin/contacts/{id}/portal-access/reset-link", operation_id = "sendContactResetLink", responses(
    (status = 202, description = "On its way"),
    (status = 409, description = "The login is no e-mail address; set a one-time password instead", body = ProblemBody)))]
pub(crate) async fn contact_reset_link(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    _: NoBody,
) -> Result<StatusCode, Problem> {
    admitted.signed_in()?;
    contact(&app, &id).await?;
    send_reset_link(&app, &id).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Set a contact's password to one that works once and must be changed at first use. All sessions end.
#[utoipa::path(post, path = "/admin/contacts/{id}/portal-access/one-time-password", operation_id = "setContactOneTimePassword", request_body = OneTime,
    responses((status = 200, description = "Set; the password is not shown again", body = OneTimeBody)))]
pub(crate) async fn contact_one_time_password(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    Body(body): Body<OneTime>,
) -> Result<Response, Problem> {
    admitted.signed_in()?;
    contact(&app, &id).await?;
    Ok(once(set_one_time_password(&app, &id, body.password).await?))
}

/// Require a second factor of a contact, or lift the requirement. A factor that is set up stays.
#[utoipa::path(put, path = "/admin/contacts/{id}/portal-access/mfa", operation_id = "requireContactMfa", request_body = Mfa,
    responses((status = 204, description = "Set")))]
pub(crate) async fn contact_mfa(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    Body(body): Body<Mfa>,
) -> Result<StatusCode, Problem> {
    admitted.signed_in()?;
    contact(&app, &id).await?;
    require_mfa(&app, &id, body.required).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Remove all second factors of a contact who lost them. Sessions end, and the contact is told.
#[utoipa::path(post, path = "/admin/contacts/{id}/portal-access/mfa/reset", operation_id = "resetContactMfa", request_body = Reason,
    responses((status = 204, description = "Removed")))]
pub(crate) async fn contact_mfa_reset(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    Body(body): Body<Reason>,
) -> Result<StatusCode, Problem> {
    admitted.signed_in()?;
    contact(&app, &id).await?;
    reset_mfa(&app, &id, body.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The live sessions of a contact.
#[utoipa::path(get, path = "/admin/contacts/{id}/portal-access/sessions", operation_id = "listContactSessions",
    responses((status = 200, description = "Sessions", body = SessionsBody)))]
pub(crate) async fn contact_sessions(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
) -> Result<Json<SessionsBody>, Problem> {
    admitted.signed_in()?;
    contact(&app, &id).await?;
    Ok(sessions_body(sessions_of(&app, &id).await?))
}

/// End all sessions of a contact.
#[utoipa::path(delete, path = "/admin/contacts/{id}/portal-access/sessions", operation_id = "endContactSessions",
    responses((status = 200, description = "Ended", body = EndedBody)))]
pub(crate) async fn contact_sessions_end(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
) -> Result<Json<EndedBody>, Problem> {
    admitted.signed_in()?;
    contact(&app, &id).await?;
    Ok(Json(EndedBody { ended: end_sessions(&app, &id, "").await? }))
}

/// End one session of a contact.
#[utoipa::path(delete, path = "/admin/contacts/{id}/portal-access/sessions/{session}", operation_id = "endContactSession",
    responses((status = 200, description = "Ended", body = EndedBody)))]
pub(crate) async fn contact_session_end(
    State(app): State<App>,
    admitted: Admitted,
    Path((id, session)): Path<(String, String)>,
) -> Result<Json<EndedBody>, Problem> {
    admitted.signed_in()?;
    contact(&app, &id).await?;
    Ok(Json(EndedBody { ended: end_sessions(&app, &id, &session).await? }))
}

/// Send an agent a link to choose a new password.
#[utoipa::path(post, path = "/admin/agents/{id}/reset-link", operation_id = "sendAgentResetLink", responses((status = 202, description = "On its way")))]
pub(crate) async fn agent_reset_link(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    _: NoBody,
) -> Result<StatusCode, Problem> {
    admitted.signed_in()?;
    send_reset_link(&app, &id).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Set an agent's password to one that works once and must be changed at first use. All sessions end.
#[utoipa::path(post, path = "/admin/agents/{id}/one-time-password", operation_id = "setAgentOneTimePassword", request_body = OneTime,
    responses((status = 200, description = "Set; the password is not shown again", body = OneTimeBody)))]
pub(crate) async fn agent_one_time_password(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    Body(body): Body<OneTime>,
) -> Result<Response, Problem> {
    admitted.signed_in()?;
    Ok(once(set_one_time_password(&app, &id, body.password).await?))
}

/// Require a second factor of an agent, or lift the requirement.
#[utoipa::path(put, path = "/admin/agents/{id}/mfa", operation_id = "requireAgentMfa", request_body = Mfa,
    responses((status = 204, description = "Set")))]
pub(crate) async fn agent_mfa(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    Body(body): Body<Mfa>,
) -> Result<StatusCode, Problem> {
    admitted.signed_in()?;
    require_mfa(&app, &id, body.required).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Remove all second factors of an agent who lost them. Sessions end, and the agent is told.
#[utoipa::path(post, path = "/admin/agents/{id}/mfa/reset", operation_id = "resetAgentMfa", request_body = Reason,
    responses((status = 204, description = "Removed")))]
pub(crate) async fn agent_mfa_reset(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    Body(body): Body<Reason>,
) -> Result<StatusCode, Problem> {
    admitted.signed_in()?;
    reset_mfa(&app, &id, body.reason).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The live sessions of an agent.
#[utoipa::path(get, path = "/admin/agents/{id}/sessions", operation_id = "listAgentSessions",
    responses((status = 200, description = "Sessions", body = SessionsBody)))]
pub(crate) async fn agent_sessions(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
) -> Result<Json<SessionsBody>, Problem> {
    admitted.signed_in()?;
    Ok(sessions_body(sessions_of(&app, &id).await?))
}

/// End all sessions of an agent.
#[utoipa::path(delete, path = "/admin/agents/{id}/sessions", operation_id = "endAgentSessions",
    responses((status = 200, description = "Ended", body = EndedBody)))]
pub(crate) async fn agent_sessions_end(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
) -> Result<Json<EndedBody>, Problem> {
    admitted.signed_in()?;
    Ok(Json(EndedBody { ended: end_sessions(&app, &id, "").await? }))
}

/// End one session of an agent.
#[utoipa::path(delete, path = "/admin/agents/{id}/sessions/{session}", operation_id = "endAgentSession",
    responses((status = 200, description = "Ended", body = EndedBody)))]
pub(crate) async fn agent_session_end(
    State(app): State<App>,
    admitted: Admitted,
    Path((id, session)): Path<(String, String)>,
) -> Result<Json<EndedBody>, Problem> {
    admitted.signed_in()?;
    Ok(Json(EndedBody { ended: end_sessions(&app, &id, &session).await? }))
}
