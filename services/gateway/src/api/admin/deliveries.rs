//! The mail log.

use crate::{
    api::{
        admin::{StateQuery, some},
        body::NoBody,
        query::Query,
        values,
    },
    backend::deliveries,
    http::{app::App, problem::Problem, request::Admitted},
};
use axum::{
    Json,
    extract::{Path, State},
};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

/// A mail.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeliveryBody {
    id: String,
    template: String,
    recipient: String,
    /// `queued`, `sending`, `sent`, `retrying`, `failed`, `uncertain` or `skipped`.
    state: String,
    attempts: i32,
    /// Why it was not sent, or what the mail server said.
    error: Option<String>,
    /// Why it went to the operator's own address instead of the recipient.
    redirected: Option<String>,
    created_at: Option<String>,
    updated_at: Option<String>,
    subject_id: Option<String>,
    message_id: Option<String>,
}

/// A page of mails.
#[derive(Serialize, ToSchema)]
pub(crate) struct DeliveriesBody {
    items: Vec<DeliveryBody>,
    next_cursor: Option<String>,
}

/// The delivery log, newest first.
#[utoipa::path(get, path = "/admin/deliveries", operation_id = "listDeliveries", params(StateQuery),
    responses((status = 200, description = "Mails", body = DeliveriesBody)))]
pub(crate) async fn list(
    State(app): State<App>,
    admitted: Admitted,
    Query(query): Query<StateQuery>,
) -> Result<Json<DeliveriesBody>, Problem> {
    admitted.signed_in()?;
    let (state, limit) = (query.state.unwrap_or_default(), query.limit.unwrap_or(0));
    let page = deliveries::list(&app, state, limit, query.cursor.unwrap_or_default()).await?;
    let items = page.deliveries.into_iter().map(|d| DeliveryBody {
        created_at: values::time(d.created_at_micros),
        updated_at: values::time(d.updated_at_micros),
        id: d.id,
        template: d.template,
        recipient: d.recipient,
        state: d.state,
        attempts: d.attempts,
        error: some(d.error),
        redirected: some(d.redirected),
        subject_id: some(d.subject_id),
        message_id: some(d.message_id),
    });
    Ok(Json(DeliveriesBody { items: items.collect(), next_cursor: some(page.next_cursor) }))
}

/// Send a failed or uncertain mail once more.
#[utoipa::path(post, path = "/admin/deliveries/{id}/resend", operation_id = "resendDelivery", responses((status = 202, description = "Queued")))]
pub(crate) async fn resend_delivery(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    _: NoBody,
) -> Result<StatusCode, Problem> {
    admitted.signed_in()?;
    deliveries::resend(&app, id).await?;
    Ok(StatusCode::ACCEPTED)
}
