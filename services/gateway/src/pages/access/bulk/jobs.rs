//! The jobs: how far each has come, contact by contact, on a page and as a file.

use super::{day, list_crumb, row_view};
use crate::{
    backend::{bulk, profiles},
    pages::{
        answer::Answer,
        ask::{Ask, Posted, html},
        scene::Scene,
    },
};
use axum::{
    extract::Path,
    response::{IntoResponse, Response},
};
use gateway_ui::{
    query::encode,
    vm::{BulkJobView, Pager, ROW_STATES, bulk_job, bulk_jobs, csv_head, csv_word},
};
use http::{StatusCode, header};
use proto::{identity::v1::BulkJob, permissions::v1::ProfileSummary};

const JOBS: i32 = 50;
const ROWS: i32 = 50;
/// Rows that one call answers for the file.
const AT_ONCE: i32 = 200;

fn view(scene: &Scene, job: BulkJob, profiles: &[ProfileSummary]) -> BulkJobView {
    let profile = profiles.iter().find(|p| p.profile_id == job.profile_id).map(|p| p.name.clone());
    BulkJobView {
        url: scene.ask.url(&format!("/bulk/{}", job.job_id)),
        state: job.state,
        contacts: job.contacts.unsigned_abs(),
        done: job.done.unsigned_abs(),
        enabled: job.enabled.unsigned_abs(),
        skipped: job.skipped.unsigned_abs(),
        period: (day(scene, &job.support_start), day(scene, &job.support_end)),
        profile: profile.unwrap_or(job.profile_id),
        mfa_required: job.mfa_required,
        invite: job.invite,
        started: scene.stamp(job.started_at_micros),
        finished: scene.stamp_of(job.finished_at_micros),
        by: job.started_by_name,
    }
}

/// All jobs, the newest first.
pub(crate) async fn page(ask: Ask) -> Answer {
    let scene = Scene::open(&ask).await?;
    let cursor = Posted::parse(&ask.look.query).text("cursor");
    let answer = bulk::list(&ask.app, JOBS, cursor.clone()).await?;
    let path = ask.url("/bulk");
    let pager = Pager {
        next_url: (!answer.next_cursor.is_empty()).then(|| format!("{path}?cursor={}", encode(&answer.next_cursor))),
        first_url: (!cursor.is_empty()).then_some(path),
    };
    let jobs = answer.jobs.into_iter().map(|j| view(&scene, j, &[])).collect();
    html(StatusCode::OK, &bulk_jobs(scene.chrome(), jobs, ask.url("/bulk/new"), pager))
}

/// One job.
pub(crate) async fn job(ask: Ask, Path(id): Path<String>) -> Answer {
    let scene = Scene::open(&ask).await?;
    let query = Posted::parse(&ask.look.query);
    let (state, cursor) = (query.text("state"), query.text("cursor"));
    // An unknown word shows every row, as if none had been chosen.
    let state = ROW_STATES.into_iter().find(|s| *s == state).unwrap_or_default();
    let (job, rows, profiles) = tokio::join!(
        bulk::get(&ask.app, &id),
        bulk::rows_of(&ask.app, &id, state, ROWS, cursor.clone()),
        profiles::all(&ask.app),
    );
    let (job, rows) = (view(&scene, job?, &profiles.unwrap_or_default()), rows?);
    let narrowed = if state.is_empty() { job.url.clone() } else { format!("{}?state={state}", job.url) };
    let joint = if state.is_empty() { '?' } else { '&' };
    let pager = Pager {
        next_url: (!rows.next_cursor.is_empty())
            .then(|| format!("{narrowed}{joint}cursor={}", encode(&rows.next_cursor))),
        first_url: (!cursor.is_empty()).then(|| narrowed.clone()),
    };
    let rows = rows.rows.into_iter().map(|r| row_view(&scene, r)).collect();
    html(StatusCode::OK, &bulk_job(scene.chrome(), list_crumb(&ask), job, state, rows, pager))
}

/// Stops a job.
pub(crate) async fn cancel(ask: Ask, Path(id): Path<String>) -> Answer {
    ask.admitted.signed_in()?;
    bulk::stop(&ask.app, &id).await?;
    ask.done(&ask.url(&format!("/bulk/{id}")), "bulk_stopped")
}

/// Every row of a job as a file.
pub(crate) async fn csv(ask: Ask, Path(id): Path<String>) -> Answer {
    let scene = Scene::open(&ask).await?;
    let lang = scene.lang();
    let mut text = String::from('\u{feff}');
    line(&mut text, &csv_head(lang));
    let mut cursor = String::new();
    loop {
        let page = bulk::rows_of(&ask.app, &id, "", AT_ONCE, cursor).await?;
        for row in page.rows {
            let cells = [
                row.number.to_string(),
                row.contact_id,
                row.name,
                row.email,
                csv_word(lang, &row.state),
                csv_word(lang, &row.reason),
            ];
            line(&mut text, &cells);
        }
        cursor = page.next_cursor;
        if cursor.is_empty() {
            break;
        }
    }
    // Only what an id is made of gets into the header.
    let name: String = id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    Ok(file(&name, text))
}

fn file(name: &str, text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"access-{name}.csv\"")),
        (header::CACHE_CONTROL, "no-store".to_owned()),
    ];
    (StatusCode::OK, headers, text).into_response()
}

/// A line of a CSV file. What a spreadsheet would take for a formula is taken for text.
fn line(text: &mut String, cells: &[String]) {
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        text.push('"');
        if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
            text.push('\'');
        }
        text.push_str(&cell.replace('"', "\"\""));
        text.push('"');
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_formula_and_no_second_cell() {
        let mut text = String::new();
        let cells = ["=1+1", "Rossi, \"Emma\"", "-2", ""].map(str::to_owned);
        line(&mut text, &cells);
        assert_eq!(text, "\"'=1+1\",\"Rossi, \"\"Emma\"\"\",\"'-2\",\"\"\r\n");
    }
}
