//! What a contact that changes its company leaves behind.

use super::answer;
use crate::http::app::App;
use kernel::Error;
use proto::records::v1::{CloseToContactRequest, CloseToContactResponse, PreviewMoveRequest, PreviewMoveResponse};

/// What becomes of a contact's records at another company, or (`None`) at its own.
pub(crate) async fn preview(app: &App, id: &str, company_id: Option<String>) -> Result<PreviewMoveResponse, Error> {
    let request = PreviewMoveRequest { contact_id: id.to_owned(), company_id };
    answer(app.clients.records().preview_move(request).await)
}

/// Takes the contact's tie off records that name another company than its own.
pub(crate) async fn close(app: &App, id: &str) -> Result<CloseToContactResponse, Error> {
    let request = CloseToContactRequest { contact_id: id.to_owned() };
    answer(app.clients.records().close_to_contact(request).await)
}
