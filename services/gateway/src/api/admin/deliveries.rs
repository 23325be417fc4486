//! The mail log.

use super::{StateQuery, some};
use crate::{
    api::{body::NoBody, query::Query},
    app::App,
    guard::Admitted,
    problem::Problem,
    values,
};
use axum::{
    Json,
    extract::{Path, State},
};
use http::StatusCode;
use proto::notification::v1::{ListDeliveriesRequest, ResendDeliveryRequest};
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
    error: Option<String>,
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
pub(crate) async fn deliveries(
    State(app): State<App>,
    admitted: Admitted,
    Query(query): Query<StateQuery>,
) -> Result<Json<DeliveriesBody>, Problem> {
    admitted.signed_in()?;
    let request = ListDeliveriesRequest {
        limit: query.limit.unwrap_or(0),
        cursor: query.cursor.unwrap_or_default(),
        state: query.state.unwrap_or_default(),
    };
    let page = app.clients.notification().list_deliveries(request).await?.into_inner();
    let items = page.deliveries.into_iter().map(|d| DeliveryBody {
        created_at: values::time(d.created_at_micros),
        updated_at: values::time(d.updated_at_micros),
        id: d.id,
        template: d.template,
        recipient: d.recipient,
        state: d.state,
        attempts: d.attempts,
        error: some(d.error),
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
    app.clients.notification().resend_delivery(ResendDeliveryRequest { id }).await?;
    Ok(StatusCode::ACCEPTED)
}
