//! Mails that left, or didn't.

use super::answer;
use crate::http::app::App;
use kernel::Error;
use proto::notification::v1::{ListDeliveriesRequest, ListDeliveriesResponse, ResendDeliveryRequest};

/// A page of mails, the newest first; of all states where none is named.
pub(crate) async fn list(
    app: &App,
    state: String,
    limit: i32,
    cursor: String,
) -> Result<ListDeliveriesResponse, Error> {
    answer(app.clients.notification().list_deliveries(ListDeliveriesRequest { limit, cursor, state }).await)
}

/// Sends a mail again.
pub(crate) async fn resend(app: &App, id: String) -> Result<(), Error> {
    answer(app.clients.notification().resend_delivery(ResendDeliveryRequest { id }).await).map(drop)
}
