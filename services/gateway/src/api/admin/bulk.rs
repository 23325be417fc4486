//! Portal access for many contacts at once.

use crate::{
    api::{
        admin::{PageQuery, StateQuery, some},
        body::{Body, NoBody},
        query::Query,
        values,
    },
    backend::bulk,
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
use proto::identity::v1::{BulkAccessRequest, BulkJob, BulkRow};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Who gets access, and how. Contacts by id, or all contacts of companies; at most 20,000.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Bulk {
    #[serde(default)]
    contact_ids: Vec<String>,
    #[serde(default)]
    company_ids: Vec<String>,
    /// YYYY-MM-DD
    support_start: String,
    /// YYYY-MM-DD
    support_end: String,
    /// Profile to give by hand.
    #[serde(default)]
    profile_id: String,
    #[serde(default)]
    mfa_required: bool,
    /// Send invitations; without them, they can be sent later.
    #[serde(default = "yes")]
    invite: bool,
    /// Language of the invitations: `en` or `it`; the installation's without it.
    #[serde(default)]
    locale: String,
    /// Only say what would happen.
    #[serde(default)]
    dry_run: bool,
}

fn yes() -> bool {
    true
}

/// What would happen, contact by contact.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlanBody {
    contacts: i32,
    /// Outcome → how many: `enable`, `already_enabled`, `no_email`, `duplicate_email`, `login_taken`, `unknown`, `deleted`.
    outcomes: BTreeMap<String, i32>,
    /// The first 200.
    rows: Vec<RowBody>,
    /// Why no invitation would leave, for example `support_ended`.
    not_sent_reason: Option<String>,
}

/// One contact of a job.
#[derive(Serialize, ToSchema)]
pub(crate) struct RowBody {
    number: i32,
    contact_id: String,
    name: String,
    email: Option<String>,
    /// `waiting`, `enabled`, `enabled_not_invited` or `skipped`.
    state: String,
    /// Why it was skipped.
    reason: Option<String>,
}

/// A job.
#[derive(Serialize, ToSchema)]
pub(crate) struct JobBody {
    id: String,
    /// `running`, `finished` or `cancelled`.
    state: String,
    contacts: i32,
    done: i32,
    enabled: i32,
    skipped: i32,
    support_start: String,
    support_end: String,
    profile_id: Option<String>,
    mfa_required: bool,
    invite: bool,
    started_at: Option<String>,
    finished_at: Option<String>,
    started_by: String,
    started_by_name: String,
}

/// A page of jobs.
#[derive(Serialize, ToSchema)]
pub(crate) struct JobsBody {
    items: Vec<JobBody>,
    next_cursor: Option<String>,
}

/// A page of rows.
#[derive(Serialize, ToSchema)]
pub(crate) struct RowsBody {
    items: Vec<RowBody>,
    next_cursor: Option<String>,
}

fn row_body(row: BulkRow) -> RowBody {
    RowBody {
        number: row.number,
        contact_id: row.contact_id,
        name: row.name,
        email: some(row.email),
        state: row.state,
        reason: some(row.reason),
    }
}

fn job_body(job: BulkJob) -> JobBody {
    JobBody {
        id: job.job_id,
        state: job.state,
        contacts: job.contacts,
        done: job.done,
        enabled: job.enabled,
        skipped: job.skipped,
        support_start: job.support_start,
        support_end: job.support_end,
        profile_id: some(job.profile_id),
        mfa_required: job.mfa_required,
        invite: job.invite,
        started_at: values::time(job.started_at_micros),
        finished_at: values::time(job.finished_at_micros),
        started_by: job.started_by,
        started_by_name: job.started_by_name,
    }
}

/// Give portal access to many contacts. Runs in the background; `dry_run` only says what would happen.
#[utoipa::path(post, path = "/admin/portal-access/bulk", operation_id = "startBulkAccess", request_body = Bulk,
    params(("Idempotency-Key" = Option<String>, Header, description = "Any text of up to 200 characters; repeating the request with it makes nothing twice")), responses(
    (status = 200, description = "What would happen", body = PlanBody),
    (status = 202, description = "Started", body = JobBody),
    (status = 422, description = "A date is not right, or nobody or too many were chosen", body = ProblemBody)))]
pub(crate) async fn start(
    State(app): State<App>,
    admitted: Admitted,
    Body(body): Body<Bulk>,
) -> Result<Response, Problem> {
    admitted.signed_in()?;
    let dry_run = body.dry_run;
    let request = BulkAccessRequest {
        contact_ids: body.contact_ids,
        company_ids: body.company_ids,
        support_start: body.support_start,
        support_end: body.support_end,
        profile_id: body.profile_id,
        mfa_required: body.mfa_required,
        invite: body.invite,
        locale: if body.locale.is_empty() { app.config.language.clone() } else { body.locale },
        idempotency_key: if dry_run { String::new() } else { admitted.creation_key() },
    };
    if dry_run {
        let plan = bulk::plan(&app, request).await?;
        let body = PlanBody {
            contacts: plan.contacts,
            outcomes: plan.outcomes.into_iter().collect(),
            rows: plan.rows.into_iter().map(row_body).collect(),
            not_sent_reason: some(plan.not_sent_reason),
        };
        return Ok(Json(body).into_response());
    }
    let job = bulk::start(&app, request).await?;
    let location = format!("/api/v1/admin/portal-access/bulk/{}", job.job_id);
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, location)], Json(job_body(job))).into_response())
}

/// Jobs, the newest first.
#[utoipa::path(get, path = "/admin/portal-access/bulk", operation_id = "listBulkAccessJobs", params(PageQuery),
    responses((status = 200, description = "Jobs", body = JobsBody)))]
pub(crate) async fn jobs(
    State(app): State<App>,
    admitted: Admitted,
    Query(query): Query<PageQuery>,
) -> Result<Json<JobsBody>, Problem> {
    admitted.signed_in()?;
    let page = bulk::list(&app, query.limit.unwrap_or(0), query.cursor.unwrap_or_default()).await?;
    let items = page.jobs.into_iter().map(job_body).collect();
    Ok(Json(JobsBody { items, next_cursor: some(page.next_cursor) }))
}

/// How far a job has come.
#[utoipa::path(get, path = "/admin/portal-access/bulk/{id}", operation_id = "getBulkAccessJob",
    responses((status = 200, description = "The job", body = JobBody)))]
pub(crate) async fn job(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
) -> Result<Json<JobBody>, Problem> {
    admitted.signed_in()?;
    Ok(Json(job_body(bulk::get(&app, &id).await?)))
}

/// What happened to each contact of a job. `state` is `waiting`, `enabled`, `enabled_not_invited` or `skipped`.
#[utoipa::path(get, path = "/admin/portal-access/bulk/{id}/rows", operation_id = "listBulkAccessRows", params(StateQuery),
    responses((status = 200, description = "Rows", body = RowsBody)))]
pub(crate) async fn rows(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    Query(query): Query<StateQuery>,
) -> Result<Json<RowsBody>, Problem> {
    admitted.signed_in()?;
    let (state, limit) = (query.state.unwrap_or_default(), query.limit.unwrap_or(0));
    let page = bulk::rows_of(&app, &id, &state, limit, query.cursor.unwrap_or_default()).await?;
    let items = page.rows.into_iter().map(row_body).collect();
    Ok(Json(RowsBody { items, next_cursor: some(page.next_cursor) }))
}

/// Stop a job: what is done stays done.
#[utoipa::path(post, path = "/admin/portal-access/bulk/{id}/cancel", operation_id = "cancelBulkAccessJob",
    responses((status = 200, description = "Stopped", body = JobBody)))]
pub(crate) async fn cancel(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    _: NoBody,
) -> Result<Json<JobBody>, Problem> {
    admitted.signed_in()?;
    Ok(Json(job_body(bulk::stop(&app, &id).await?)))
}
