//! Doing what jobs ask for: one process at a time takes the oldest job's waiting rows in chunks.
//!
//! A lease says who works. It only saves work: a chunk is refused when one of its rows was done by somebody else.

use super::{
    outcome::{self, Candidate, Outcome},
    rows::{OpenInvitations, StoreOutcomes},
};
use crate::{
    codec,
    domain::{
        account::{Account, Command, Event, FirstStep, Invitation, Support},
        bulk::Terms,
    },
    error::database,
    identity::Identity,
    links::invitations,
    refusal::Refusal,
};
use eventlog::{DataKey, Draft, Expected, Loaded, LogError, Meta, Stored, StreamId};
use kernel::{Actor, ActorKind, Aggregate, Channel, Error, Timestamp, new_id, support_day_bounds};
use sqlx::Row;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use uuid::Uuid;

/// Contacts of one append.
const CHUNK: i64 = 200;
/// How often it is looked whether another process has left a job behind, or took one and told nobody here.
const LOOK: Duration = Duration::from_secs(5);
/// How often a chunk is decided again before it is halved.
const ATTEMPTS: usize = 3;

/// A job as the worker needs it.
#[derive(Clone)]
struct LeasedJob {
    id: Uuid,
    terms: Terms,
    locale: String,
    actor: Actor,
}

/// A chunk's row: its number and its contact.
type Waiting = (i32, Uuid);

impl Identity {
    /// Works on jobs until shutdown.
    pub(crate) async fn run_bulk(self: Arc<Identity>, shutdown: CancellationToken) {
        let process = new_id();
        while !shutdown.is_cancelled() {
            match self.work_bulk(process, &shutdown).await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(e) => warn!(event = "bulk.stopped", error = %e, "bulk access did not succeed and is tried again"),
            }
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = self.bulk_wake.notified() => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }

    /// Works on the oldest job to its end; false when there is none to work on.
    async fn work_bulk(&self, process: Uuid, shutdown: &CancellationToken) -> Result<bool, Error> {
        let Some(job) = self.lease_job(process).await? else { return Ok(false) };
        while !shutdown.is_cancelled() {
            let waiting: Vec<Waiting> = sqlx::query_as(
                "select number, contact_id from bulk_row where job_id = $1 and state = 'waiting' order by number limit $2",
            )
            .bind(job.id)
            .bind(CHUNK)
            .fetch_all(&self.pool)
            .await
            .map_err(database)?;
            if waiting.is_empty() {
                let id = kernel::derived_id("bulk access finished", job.id.as_bytes());
                let meta = Meta::new(Actor::service("identity"), id, job.id.as_bytes());
                self.finish_bulk(job.id, &meta, false).await?;
                info!(event = "bulk.finished", job.id = %job.id, "access was given to many contacts");
                return Ok(true);
            }
            if !self.do_rows(&job, waiting).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The oldest running job, unless another process works on one.
    async fn lease_job(&self, process: Uuid) -> Result<Option<LeasedJob>, Error> {
        let row = sqlx::query(
            "update bulk_job set lease_by = $1, lease_until = now() + interval '20 seconds'
             where job_id = (
                 select job_id from bulk_job
                 where state = 'running'
                   and not exists (select from bulk_job o where o.state = 'running' and o.lease_by <> $1
                                                          and o.lease_until > now())
                 order by started_at, job_id limit 1 for update skip locked)
             returning job_id, support_start, support_end, profile_id, mfa_required, invite, locale, channel, started_by",
        )
        .bind(process)
        .fetch_optional(&self.pool)
        .await
        .map_err(database)?;
        let job = |row: &sqlx::postgres::PgRow| -> Result<LeasedJob, sqlx::Error> {
            let channel = Channel::from_number(row.try_get(7)?);
            Ok(LeasedJob {
                id: row.try_get(0)?,
                terms: Terms {
                    support_start: row.try_get(1)?,
                    support_end: row.try_get(2)?,
                    profile: row.try_get(3)?,
                    mfa_required: row.try_get(4)?,
                    invite: row.try_get(5)?,
                },
                locale: row.try_get(6)?,
                actor: Actor::new(ActorKind::Agent, row.try_get(8)?, channel),
            })
        };
        row.as_ref().map(job).transpose().map_err(database)
    }

    /// Does some rows in one append; in halves when the append is refused for a reason that one of them must be. False
    /// when the job is over.
    async fn do_rows(&self, job: &LeasedJob, waiting: Vec<Waiting>) -> Result<bool, Error> {
        let mut chunks = vec![waiting];
        while let Some(mut chunk) = chunks.pop() {
            let mut attempt = 0;
            loop {
                attempt += 1;
                let single = chunk.len() == 1;
                match self.do_chunk(job, &chunk, None).await {
                    Ok(()) => break,
                    Err(LogError::WrongExpectedVersion { stream, .. }) if stream == job_stream(job.id).id => {
                        return Ok(false);
                    }
                    Err(LogError::ClaimTaken { .. }) if single => {
                        self.do_chunk(job, &chunk, Some(Outcome::LoginTaken)).await?;
                        break;
                    }
                    Err(LogError::ClaimTaken { .. }) => {
                        let back = chunk.split_off(chunk.len() / 2);
                        chunks.push(back);
                    }
                    Err(LogError::WrongExpectedVersion { .. }) if attempt < ATTEMPTS => {}
                    // Somebody else did some of the rows, or a contact was deleted: look at them again.
                    Err(e) if Refusal::of(&e) == Some(Refusal::BulkRowChanged) => return Ok(true),
                    Err(LogError::WrongExpectedVersion { .. }) if !single => {
                        let back = chunk.split_off(chunk.len() / 2);
                        chunks.push(back);
                    }
                    Err(e) => return Err(e.into()),
                }
            }
        }
        Ok(true)
    }

    /// One append: the accounts of a chunk, and what became of its rows. `forced` says what becomes of a row that the log
    /// has refused.
    async fn do_chunk(&self, job: &LeasedJob, chunk: &[Waiting], forced: Option<Outcome>) -> Result<(), LogError> {
        let contacts: Vec<Uuid> = chunk.iter().map(|(_, contact)| *contact).collect();
        let candidates = outcome::candidates(&self.pool, &contacts).await?;
        let mut outcomes = outcome::decide(&candidates);
        if let Some(forced) = forced {
            outcomes.fill(forced);
        }
        let enabling = |outcomes: &[Outcome]| -> Vec<Uuid> {
            let chosen = contacts.iter().zip(outcomes).filter(|(_, o)| **o == Outcome::Enable);
            chosen.map(|(contact, _)| *contact).collect()
        };
        let keys = self.log.keys().keys_for(&enabling(&outcomes)).await?;
        // Of an erased person nothing can be stored.
        for (contact, outcome) in contacts.iter().zip(&mut outcomes) {
            if *outcome == Outcome::Enable && !keys.contains_key(contact) {
                *outcome = Outcome::Deleted;
            }
        }
        let (draft, not_invited) = self.chunk_draft(job, &candidates, &outcomes, &keys).await?;
        let state = |outcome: Outcome| match outcome {
            Outcome::Enable if not_invited => "enabled_not_invited",
            Outcome::Enable => "enabled",
            _ => "skipped",
        };
        let store = StoreOutcomes {
            job: job.id,
            numbers: chunk.iter().map(|(number, _)| *number).collect(),
            states: outcomes.iter().map(|o| state(*o)).collect(),
            reasons: outcomes.iter().map(|o| if *o == Outcome::Enable { "" } else { o.as_str() }).collect(),
            names: candidates.iter().map(|c| c.name.clone()).collect(),
            emails: candidates.iter().map(|c| c.email.clone()).collect(),
            enabled: enabling(&outcomes),
        };
        let mut draft = draft;
        draft.side_writes.push(Box::new(store));
        self.log.append(draft.append(Meta::new(job.actor.clone(), new_id(), &[]))).await?;
        Ok(())
    }

    /// The events of those who are given access, and whether no invitation leaves.
    async fn chunk_draft(
        &self,
        job: &LeasedJob,
        candidates: &[Candidate],
        outcomes: &[Outcome],
        keys: &HashMap<Uuid, DataKey>,
    ) -> Result<(Draft, bool), LogError> {
        let now = self.log.now();
        let bounds = support_day_bounds(&job.terms.support_start, &job.terms.support_end, &self.settings.time_zone);
        let support_over = bounds.map_err(LogError::Refused)?.1 < now;
        let not_invited = support_over || !job.terms.invite;
        let mut draft = Draft::default();
        // Unwritten, but part of the append: a job that was stopped does nothing more.
        draft.stream(job_stream(job.id), Expected::Version(1));
        let mut opened = Vec::new();
        let mut companies = HashSet::new();
        for (candidate, _) in candidates.iter().zip(outcomes).filter(|(_, o)| **o == Outcome::Enable) {
            let (account, version) = match candidate.account {
                None => (Account::default(), 0),
                Some(_) => {
                    let Loaded { state, version, .. } = self.log.aggregate::<Account>(candidate.contact).await?;
                    (state, version)
                }
            };
            let had = account.login().map(str::to_owned);
            let events = account.decide(enabling(job, candidate, now, not_invited)).unwrap_or_default();
            let stream = draft.stream(Account::stream(candidate.contact), Expected::Version(version));
            for event in &events {
                if let Event::InvitationIssued { user, invitation, .. } = event {
                    opened.push((*user, *invitation));
                }
                let (stored_type, payload) = codec::encode_event(event);
                let personal = proto::event::event_type(stored_type).is_some_and(|t| !t.personal.is_empty());
                let key = if personal { keys.get(&candidate.contact).cloned() } else { None };
                draft.event(stream, (stored_type, payload), key);
            }
            draft.claims.extend(self.take_login(candidate.contact, &candidate.email, had.as_deref()));
            companies.extend(candidate.company);
        }
        if !opened.is_empty() {
            draft.side_writes.push(Box::new(OpenInvitations(opened)));
        }
        let companies: Vec<Uuid> = companies.into_iter().collect();
        if !companies.is_empty() {
            self.end_visits(&companies, &mut draft).await?;
        }
        Ok((draft, not_invited))
    }
}

fn job_stream(job: Uuid) -> StreamId {
    StreamId::new("bulk_access", job)
}

fn enabling(job: &LeasedJob, candidate: &Candidate, now: Timestamp, not_invited: bool) -> Command {
    let expires_at = now.plus_seconds(invitations::VALID_SECONDS);
    Command::EnableAccess {
        user: candidate.contact,
        login: candidate.email.clone(),
        name: candidate.name.clone(),
        email: candidate.email.clone(),
        locale: job.locale.clone(),
        support: Support { start: job.terms.support_start.clone(), end: job.terms.support_end.clone() },
        first: if not_invited {
            FirstStep::Nothing
        } else {
            FirstStep::Invite(Invitation { id: new_id(), expires_at })
        },
        mfa_required: job.terms.mfa_required,
        profile: job.terms.profile.clone(),
        company: candidate.company.map(|c| c.to_string()).unwrap_or_default(),
    }
}
