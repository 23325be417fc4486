//! Opening the portal as a contact.

use crate::{
    api::body::Body,
    backend::support,
    http::{
        app::App,
        cookies::keep_support,
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
use proto::identity::v1::BeginImpersonationRequest;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Whose portal to open, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Impersonate {
    contact_id: String,
    /// At least 10 characters; it stands in the contact's history.
    reason: String,
    /// The ticket that it is about.
    #[serde(default)]
    ticket_id: String,
    /// Changes are allowed too; needs a right of its own.
    #[serde(default)]
    write: bool,
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
    let wanted = BeginImpersonationRequest {
        contact_id: body.contact_id,
        reason: body.reason,
        ticket_id: body.ticket_id,
        write: body.write,
        session: None,
    };
    let login = support::begin(&app, &admitted, wanted).await?;
    let body = ImpersonationBody {
        session_id: login.session_id,
        contact_id,
        contact_name: login.subject.map(|s| s.name).unwrap_or_default(),
        read_only,
        url: format!("{}/", app.config.portal_url.trim_end_matches('/')),
    };
    let mut response = (StatusCode::CREATED, Json(body)).into_response();
    keep_support(&app, &mut response, &login.session_token);
    Ok(response)
}
