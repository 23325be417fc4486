//! Opening the portal as a contact.

use super::access::contact;
use crate::{
    api::body::Body,
    app::App,
    guard::Admitted,
    problem::{Problem, ProblemBody},
    sessions::support_cookie,
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use kernel::Error;
use proto::identity::v1::{BeginImpersonationRequest, LoginResponse, SessionProof};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whose portal to open, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Impersonate {
    pub(crate) contact_id: String,
    /// At least 10 characters; it stands in the contact's history.
    pub(crate) reason: String,
    /// The ticket that it is about.
    #[serde(default)]
    pub(crate) ticket_id: String,
    /// Changes are allowed too; needs a right of its own.
    #[serde(default)]
    pub(crate) write: bool,
}

/// A session of support access. Its cookie opens the portal as the contact, beside the agent's own session.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImpersonationBody {
    session_id: String,
    contact_id: String,
    contact_name: String,
    read_only: bool,
    /// Where the portal is.
    url: String,
}

/// Begins support access.
pub(crate) async fn begin(app: &App, admitted: &Admitted, wanted: Impersonate) -> Result<LoginResponse, Error> {
    let session = admitted.signed_in()?;
    if session.is_program() {
        return Err(runtime::person_required());
    }
    contact(app, &wanted.contact_id).await?;
    let proof = SessionProof {
        token: session.token.clone(),
        surface: session.surface.kind().into(),
        source: Some(admitted.source()),
    };
    let request = BeginImpersonationRequest {
        session: Some(proof),
        contact_id: wanted.contact_id,
        reason: wanted.reason,
        ticket_id: wanted.ticket_id,
        write: wanted.write,
    };
    // In the gateway's own name: the session in the request proves who asks.
    let mut identity = app.clients.as_service().identity();
    Ok(identity.begin_impersonation(request).await.map_err(runtime::error_of)?.into_inner())
}

/// The `Set-Cookie` of support access; another one takes its place, so there is one per browser.
pub(crate) fn cookie(app: &App, token: &str) -> String {
    let (name, secure) = (support_cookie(app.secure), if app.secure { "; Secure" } else { "" });
    format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax{secure}")
}

/// Open the portal as a contact. Read-only unless `write` is asked for and allowed; ends after 30 minutes. Opening
/// another ends the first.
#[utoipa::path(post, path = "/admin/impersonate", operation_id = "beginSupportAccess", request_body = Impersonate, responses(
    (status = 201, description = "The cookie is set", body = ImpersonationBody),
    (status = 403, description = "The right or a fresh proof is missing", body = ProblemBody)))]
pub(crate) async fn impersonate(
    State(app): State<App>,
    admitted: Admitted,
    Body(body): Body<Impersonate>,
) -> Result<Response, Problem> {
    let (contact_id, read_only) = (body.contact_id.clone(), !body.write);
    let login = begin(&app, &admitted, body).await?;
    let body = ImpersonationBody {
        session_id: login.session_id,
        contact_id,
        contact_name: login.subject.map(|s| s.name).unwrap_or_default(),
        read_only,
        url: format!("{}/", app.config.portal_url.trim_end_matches('/')),
    };
    let cookie = cookie(&app, &login.session_token);
    Ok((StatusCode::CREATED, [(header::SET_COOKIE, cookie)], Json(body)).into_response())
}
