//! Portal access for many contacts at once, as a job.

use super::answer;
use crate::http::app::App;
use kernel::Error;
use proto::identity::v1::{
    BulkAccessRequest, BulkJob, BulkJobResponse, CancelBulkAccessRequest, GetBulkAccessRequest, ListBulkAccessRequest,
    ListBulkAccessResponse, ListBulkRowsRequest, ListBulkRowsResponse, PlanBulkAccessResponse,
};

fn job_of(answer: BulkJobResponse) -> Result<BulkJob, Error> {
    answer.job.ok_or_else(|| Error::internal("an answer without its job"))
}

/// What giving access to these contacts would do. Changes nothing.
pub(crate) async fn plan(app: &App, request: BulkAccessRequest) -> Result<PlanBulkAccessResponse, Error> {
    answer(app.clients.identity_administration().plan_bulk_access(request).await)
}

/// Starts a job.
pub(crate) async fn start(app: &App, request: BulkAccessRequest) -> Result<BulkJob, Error> {
    job_of(answer(app.clients.identity_administration().start_bulk_access(request).await)?)
}

/// A page of jobs, the newest first.
pub(crate) async fn list(app: &App, limit: i32, cursor: String) -> Result<ListBulkAccessResponse, Error> {
    let request = ListBulkAccessRequest { limit, cursor };
    answer(app.clients.identity_administration().list_bulk_access(request).await)
}

/// One job.
pub(crate) async fn get(app: &App, id: &str) -> Result<BulkJob, Error> {
    let request = GetBulkAccessRequest { job_id: id.to_owned() };
    job_of(answer(app.clients.identity_administration().get_bulk_access(request).await)?)
}

/// Stops a job: what is done stays done.
pub(crate) async fn stop(app: &App, id: &str) -> Result<BulkJob, Error> {
    let request = CancelBulkAccessRequest { job_id: id.to_owned() };
    job_of(answer(app.clients.identity_administration().cancel_bulk_access(request).await)?)
}

/// A page of a job's rows.
pub(crate) async fn rows_of(
    app: &App,
    id: &str,
    state: &str,
    limit: i32,
    cursor: String,
) -> Result<ListBulkRowsResponse, Error> {
    let request = ListBulkRowsRequest { job_id: id.to_owned(), state: state.to_owned(), limit, cursor };
    answer(app.clients.identity_administration().list_bulk_rows(request).await)
}
