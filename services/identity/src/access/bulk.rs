//! Giving access to many contacts: what it would do, doing it in the background, how far it is.
//!
//! A job is a row with a row per contact, written beside the event that it began. A task ([`work`]) takes its rows in
//! chunks; each chunk is one append of all its accounts, together with what became of the rows. So a process that dies in
//! the middle neither loses a contact nor does one twice.

mod outcome;
mod rows;
mod work;

use crate::{
    domain::{
        bulk::{BulkAccess, Command, MAX_CONTACTS, Terms},
        login::locale_is_valid,
    },
    draft::unrepeated,
    error::{concurrent_change, database},
    identity::Identity,
    refusal::Refusal,
    rights,
};
use eventlog::{Appended, DecideError, Decision, Meta, SideWrite};
use kernel::{Actor, Cursor, CursorError, Error, FieldError, Timestamp, command_id, derived_id, page_size, parse_id};
use outcome::Outcome;
use prost::Message;
use proto::identity::v1 as wire;
use rows::{NewJob, ROW_STATES, StoreJob};
use sqlx::PgConnection;
use std::{collections::HashMap, sync::Arc};
use time::OffsetDateTime;
use uuid::Uuid;

/// Rows that a plan shows.
const SHOWN: usize = 200;

/// What is asked for, checked.
struct Order {
    contacts: Vec<Uuid>,
    terms: Terms,
    locale: String,
    /// The last day of support is over: nobody is invited.
    support_over: bool,
}

impl Identity {
    /// What giving access to these contacts would do, contact by contact. Changes nothing.
    pub(crate) async fn plan_bulk_access(
        &self,
        actor: &Actor,
        request: wire::BulkAccessRequest,
    ) -> Result<wire::PlanBulkAccessResponse, Error> {
        rights::may_manage_access(actor)?;
        let asked = self.bulk_asked(&request).await?;
        let candidates = outcome::candidates(&self.pool, &asked.contacts).await.map_err(database)?;
        let outcomes = outcome::decide(&candidates);
        let mut counts: HashMap<String, i32> = HashMap::new();
        for outcome in &outcomes {
            *counts.entry(outcome.as_str().to_owned()).or_default() += 1;
        }
        let shown = candidates.iter().zip(&outcomes).enumerate().take(SHOWN);
        let rows = shown.map(|(n, (candidate, outcome))| wire::BulkRow {
            number: i32::try_from(n + 1).unwrap_or(i32::MAX),
            contact_id: candidate.contact.to_string(),
            name: candidate.name.clone(),
            email: candidate.email.clone(),
            state: if *outcome == Outcome::Enable { "waiting" } else { "skipped" }.to_owned(),
            reason: if *outcome == Outcome::Enable { "" } else { outcome.as_str() }.to_owned(),
        });
        Ok(wire::PlanBulkAccessResponse {
            contacts: i32::try_from(asked.contacts.len()).unwrap_or(i32::MAX),
            outcomes: counts,
            rows: rows.collect(),
            not_sent_reason: if asked.support_over && request.invite { "support_ended" } else { "" }.to_owned(),
        })
    }

    /// Begins giving access to these contacts. With the same key it is the same job.
    pub(crate) async fn start_bulk_access(
        &self,
        actor: &Actor,
        request: wire::BulkAccessRequest,
    ) -> Result<wire::BulkJobResponse, Error> {
        rights::may_manage_access(actor)?;
        let command = command_id(actor.id, "StartBulkAccess", &request.idempotency_key);
        let job = derived_id("bulk access", command.as_bytes());
        let meta = Meta::new(actor.clone(), command, &request.encode_to_vec());
        let asked = self.bulk_asked(&request).await?;
        let candidates = outcome::candidates(&self.pool, &asked.contacts).await.map_err(database)?;
        let contacts = i32::try_from(asked.contacts.len()).unwrap_or(i32::MAX);
        let new = Arc::new(NewJob {
            job,
            actor: actor.clone(),
            terms: asked.terms.clone(),
            locale: asked.locale,
            candidates,
        });
        let command = Command::Start { job, contacts, terms: asked.terms };
        let repeatable = !request.idempotency_key.is_empty();
        let decision = Decision { id: job, meta: &meta, command, expected: None, repeatable };
        let changed = self
            .log
            .decide::<BulkAccess>(decision, |_, events, draft| {
                draft.side_writes =
                    if events.is_empty() { Vec::new() } else { vec![Box::new(StoreJob(Arc::clone(&new)))] };
            })
            .await?;
        self.bulk_wake.notify_one();
        self.bulk_answer(job, changed.position).await
    }

    /// One job.
    pub(crate) async fn get_bulk_access(
        &self,
        actor: &Actor,
        request: wire::GetBulkAccessRequest,
    ) -> Result<wire::BulkJobResponse, Error> {
        rights::may_see_access(actor)?;
        self.bulk_answer(parse_id(&request.job_id)?, 0).await
    }

    /// Jobs, the newest first.
    pub(crate) async fn list_bulk_access(
        &self,
        actor: &Actor,
        request: wire::ListBulkAccessRequest,
    ) -> Result<wire::ListBulkAccessResponse, Error> {
        rights::may_see_access(actor)?;
        let size = page_size(request.limit)? as usize;
        let behind = if request.cursor.is_empty() { None } else { Some(job_place(&request.cursor)?) };
        let mut jobs = rows::jobs(&self.pool, None, behind, size as i64 + 1).await.map_err(database)?;
        let more = jobs.len() > size;
        jobs.truncate(size);
        let last = jobs.last().filter(|_| more);
        let next = last.map(|j| Cursor(vec![j.started_at_micros.to_string(), j.job_id.clone()]).encode());
        Ok(wire::ListBulkAccessResponse { jobs, next_cursor: next.unwrap_or_default() })
    }

    /// What became of a job's contacts.
    pub(crate) async fn list_bulk_rows(
        &self,
        actor: &Actor,
        request: wire::ListBulkRowsRequest,
    ) -> Result<wire::ListBulkRowsResponse, Error> {
        rights::may_see_access(actor)?;
        let job = parse_id(&request.job_id)?;
        if !request.state.is_empty() && !ROW_STATES.contains(&request.state.as_str()) {
            let message = "Either waiting, enabled, enabled_not_invited or skipped.";
            return Err(Error::invalid_field("state", "unknown_state", message));
        }
        let size = page_size(request.limit)? as usize;
        let behind = if request.cursor.is_empty() { 0 } else { row_place(&request.cursor)? };
        let found = rows::jobs(&self.pool, Some(job), None, 1).await.map_err(database)?;
        if found.is_empty() {
            return Err(Error::not_found());
        }
        let rows = rows::page(&self.pool, job, &request.state, behind, size as i64 + 1).await;
        let mut rows = rows.map_err(database)?;
        let more = rows.len() > size;
        rows.truncate(size);
        let next = rows.last().filter(|_| more).map(|row| Cursor(vec![row.number.to_string()]).encode());
        Ok(wire::ListBulkRowsResponse { rows, next_cursor: next.unwrap_or_default() })
    }

    /// Stops a job. What was done stays; what waits is not done.
    pub(crate) async fn cancel_bulk_access(
        &self,
        actor: &Actor,
        request: wire::CancelBulkAccessRequest,
    ) -> Result<wire::BulkJobResponse, Error> {
        rights::may_manage_access(actor)?;
        let job = parse_id(&request.job_id)?;
        let meta = unrepeated(actor);
        let position = self.finish_bulk(job, &meta, true).await?;
        self.bulk_answer(job, position).await
    }

    /// Ends a job with the counts of now; again when it went on meanwhile.
    async fn finish_bulk(&self, job: Uuid, meta: &Meta, cancelled: bool) -> Result<i64, Error> {
        for _ in 0..20 {
            let counts: Option<(i32, i32)> = sqlx::query_as("select enabled, skipped from bulk_job where job_id = $1")
                .bind(job)
                .fetch_optional(&self.pool)
                .await
                .map_err(database)?;
            let (enabled, skipped) = counts.ok_or_else(Error::not_found)?;
            let command = Command::Finish { job, enabled, skipped, cancelled };
            let decision = Decision { id: job, meta, command, expected: None, repeatable: false };
            let ended = self
                .log
                .decide::<BulkAccess>(decision, |_, events, draft| {
                    draft.side_writes = events
                        .iter()
                        .map(|_| Box::new(EndJob { job, enabled, skipped, cancelled }) as Box<dyn SideWrite>)
                        .collect();
                })
                .await;
            match ended {
                Err(DecideError::Log(e)) if Refusal::of(&e) == Some(Refusal::BulkMovedOn) => {}
                ended => return ended.map(|changed| changed.position).map_err(Error::from),
            }
        }
        Err(concurrent_change())
    }

    async fn bulk_answer(&self, job: Uuid, position: i64) -> Result<wire::BulkJobResponse, Error> {
        let mut jobs = rows::jobs(&self.pool, Some(job), None, 1).await.map_err(database)?;
        Ok(wire::BulkJobResponse { job: Some(jobs.pop().ok_or_else(Error::not_found)?), position })
    }

    /// Checks what is asked for; every bad field is named. Contacts count once, in the order in which they were named.
    async fn bulk_asked(&self, request: &wire::BulkAccessRequest) -> Result<Order, Error> {
        let mut faults = Vec::new();
        let mut fault = |field: &str, code: &'static str, message: &str| {
            faults.push(FieldError { field: field.to_owned(), code: code.into(), message: message.to_owned() });
        };
        let locale = if request.locale.is_empty() { "en".to_owned() } else { request.locale.clone() };
        if !locale_is_valid(&locale) {
            fault("locale", "not_a_language", "Please give a language, for example en or it.");
        }
        if !request.profile_id.is_empty() && Uuid::try_parse(&request.profile_id).is_err() {
            fault("profile_id", "unknown_profile", "There is no such profile.");
        }
        if request.contact_ids.is_empty() && request.company_ids.is_empty() {
            fault("contact_ids", "required", "Please choose contacts or companies.");
        }
        if request.contact_ids.len() > MAX_CONTACTS {
            fault("contact_ids", "out_of_range", "At most 20,000 contacts at once.");
        }
        if request.company_ids.len() > MAX_CONTACTS {
            fault("company_ids", "out_of_range", "At most 20,000 companies at once.");
        }
        let ids = |field: &str, texts: &[String], faults: &mut Vec<FieldError>| -> Vec<Uuid> {
            let parsed = texts.iter().take(MAX_CONTACTS).enumerate();
            parsed
                .filter_map(|(n, text)| {
                    let id = Uuid::try_parse(text).ok();
                    // One message for a list that is something else altogether, not thousands.
                    if id.is_none() && faults.len() < 20 {
                        let (field, message) = (format!("{field}.{n}"), "This is no id.".to_owned());
                        faults.push(FieldError { field, code: "not_an_id".into(), message });
                    }
                    id
                })
                .collect()
        };
        let named = ids("contact_ids", &request.contact_ids, &mut faults);
        let companies = ids("company_ids", &request.company_ids, &mut faults);
        let bounds = self.check_dates(&request.support_start, &request.support_end, &mut faults)?;
        let (Some((_, end)), true) = (bounds, faults.is_empty()) else { return Err(Error::invalid(faults)) };

        let contacts = outcome::chosen(&self.pool, named, &companies).await.map_err(database)?;
        if contacts.len() > MAX_CONTACTS {
            let message = "These are more than 20,000 contacts. Please choose fewer companies.";
            return Err(Error::invalid_field("company_ids", "out_of_range", message));
        }
        if contacts.is_empty() {
            let message = "These companies have no contacts.";
            return Err(Error::invalid_field("company_ids", "no_contacts", message));
        }
        let terms = Terms {
            support_start: request.support_start.clone(),
            support_end: request.support_end.clone(),
            profile: request.profile_id.clone(),
            mfa_required: request.mfa_required,
            invite: request.invite,
        };
        Ok(Order { contacts, terms, locale, support_over: end < self.log.now() })
    }
}

/// Ends a job's row, unless the job went on since it was counted.
struct EndJob {
    job: Uuid,
    enabled: i32,
    skipped: i32,
    cancelled: bool,
}

impl SideWrite for EndJob {
    fn write<'a>(&'a self, appended: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            let ended = sqlx::query(
                "update bulk_job set state = $4, finished_at = $5, lease_by = null, lease_until = null
                 where job_id = $1 and enabled = $2 and skipped = $3 and state = 'running'",
            )
            .bind(self.job)
            .bind(self.enabled)
            .bind(self.skipped)
            .bind(if self.cancelled { "cancelled" } else { "finished" })
            .bind(appended.at.to_offset())
            .execute(tx)
            .await?;
            if ended.rows_affected() == 1 { Ok(()) } else { Err(Refusal::BulkMovedOn.into()) }
        })
    }
}

fn job_place(cursor: &str) -> Result<(OffsetDateTime, Uuid), Error> {
    let Cursor(parts) = Cursor::decode(cursor, 2)?;
    let at = parts[0].parse().map_err(|_| CursorError)?;
    Ok((Timestamp::from_micros(at).to_offset(), Uuid::try_parse(&parts[1]).map_err(|_| CursorError)?))
}

fn row_place(cursor: &str) -> Result<i32, Error> {
    let Cursor(parts) = Cursor::decode(cursor, 1)?;
    Ok(parts[0].parse().map_err(|_| CursorError)?)
}
