//! The rows of jobs and of their contacts.

use super::outcome::{Candidate, Outcome, decide};
use crate::{
    domain::{account::Invitation, bulk::Terms},
    refusal::Refusal,
};
use eventlog::{Appended, SideWrite};
use kernel::{Actor, Timestamp};
use proto::identity::v1 as wire;
use sqlx::{PgConnection, PgPool, Row};
use std::sync::Arc;
use time::OffsetDateTime;
use uuid::Uuid;

/// What a row's state can be.
pub(super) const ROW_STATES: [&str; 4] = ["waiting", "enabled", "enabled_not_invited", "skipped"];

/// A job that begins, with a row for each contact.
pub(super) struct NewJob {
    pub(super) job: Uuid,
    pub(super) actor: Actor,
    pub(super) terms: Terms,
    pub(super) locale: String,
    pub(super) candidates: Vec<Candidate>,
}

/// Stores its rows, the same for each attempt of the command.
pub(super) struct StoreJob(pub(super) Arc<NewJob>);

impl SideWrite for StoreJob {
    fn write<'a>(&'a self, appended: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            let job = &self.0;
            // Only what never changes is decided now: of several contacts with one address the first is to win.
            let duplicate: Vec<bool> =
                decide(&job.candidates).into_iter().map(|o| o == Outcome::DuplicateEmail).collect();
            let skipped = duplicate.iter().filter(|d| **d).count();
            sqlx::query(
                "insert into bulk_job (job_id, state, contacts, skipped, support_start, support_end, profile_id,
                                       mfa_required, invite, locale, channel, started_by, started_at)
                 values ($1, 'running', $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            )
            .bind(job.job)
            .bind(count(job.candidates.len()))
            .bind(count(skipped))
            .bind(&job.terms.support_start)
            .bind(&job.terms.support_end)
            .bind(&job.terms.profile)
            .bind(job.terms.mfa_required)
            .bind(job.terms.invite)
            .bind(&job.locale)
            .bind(job.actor.channel as i16)
            .bind(job.actor.id)
            .bind(appended.at.to_offset())
            .execute(&mut *tx)
            .await?;
            sqlx::query(
                "insert into bulk_row (job_id, number, contact_id, name, email, state, reason)
                 select $1, u.ord, u.contact, u.name, u.email, case when u.duplicate then 'skipped' else 'waiting' end,
                        case when u.duplicate then 'duplicate_email' else '' end
                 from unnest($2::uuid[], $3::text[], $4::text[], $5::boolean[])
                      with ordinality u(contact, name, email, duplicate, ord)",
            )
            .bind(job.job)
            .bind(job.candidates.iter().map(|c| c.contact).collect::<Vec<_>>())
            .bind(job.candidates.iter().map(|c| c.name.as_str()).collect::<Vec<_>>())
            .bind(job.candidates.iter().map(|c| c.email.as_str()).collect::<Vec<_>>())
            .bind(duplicate)
            .execute(tx)
            .await?;
            Ok(())
        })
    }
}

fn count(n: usize) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

/// What became of some rows of a job. Refuses when one of them does not wait any more: then another process did it; and
/// when one of the contacts that were given access was deleted meanwhile.
pub(super) struct StoreOutcomes {
    pub(super) job: Uuid,
    pub(super) numbers: Vec<i32>,
    pub(super) states: Vec<&'static str>,
    pub(super) reasons: Vec<&'static str>,
    pub(super) names: Vec<String>,
    pub(super) emails: Vec<String>,
    /// The contacts who were given access.
    pub(super) enabled: Vec<Uuid>,
}

impl SideWrite for StoreOutcomes {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            let done = sqlx::query(
                "update bulk_row r set state = u.state, reason = u.reason, name = u.name, email = u.email
                 from unnest($2::int[], $3::text[], $4::text[], $5::text[], $6::text[])
                      u(number, state, reason, name, email)
                 where r.job_id = $1 and r.number = u.number and r.state = 'waiting'",
            )
            .bind(self.job)
            .bind(&self.numbers)
            .bind(&self.states)
            .bind(&self.reasons)
            .bind(&self.names)
            .bind(&self.emails)
            .execute(&mut *tx)
            .await?;
            if usize::try_from(done.rows_affected()).ok() != Some(self.numbers.len()) {
                return Err(Refusal::BulkRowChanged.into());
            }
            let gone: bool =
                sqlx::query_scalar("select exists (select from contact_known where contact_id = any ($1) and deleted)")
                    .bind(&self.enabled)
                    .fetch_one(&mut *tx)
                    .await?;
            if gone {
                return Err(Refusal::BulkRowChanged.into());
            }
            sqlx::query(
                "update bulk_job set enabled = enabled + $2, skipped = skipped + $3,
                     lease_until = now() + interval '20 seconds'
                 where job_id = $1",
            )
            .bind(self.job)
            .bind(count(self.enabled.len()))
            .bind(count(self.numbers.len() - self.enabled.len()))
            .execute(tx)
            .await?;
            Ok(())
        })
    }
}

/// The open invitations of many accounts in one statement.
pub(super) struct OpenInvitations(pub(super) Vec<(Uuid, Invitation)>);

impl SideWrite for OpenInvitations {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            sqlx::query(
                "insert into invitation (user_id, invitation_id, token_hash, expires_at)
                 select u.user_id, u.invitation_id, null, u.expires_at
                 from unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) u(user_id, invitation_id, expires_at)
                 on conflict (user_id) do update set invitation_id = excluded.invitation_id, token_hash = null,
                     expires_at = excluded.expires_at",
            )
            .bind(self.0.iter().map(|(user, _)| *user).collect::<Vec<_>>())
            .bind(self.0.iter().map(|(_, invitation)| invitation.id).collect::<Vec<_>>())
            .bind(self.0.iter().map(|(_, invitation)| invitation.expires_at.to_offset()).collect::<Vec<_>>())
            .execute(tx)
            .await?;
            Ok(())
        })
    }
}

/// Jobs as callers see them, the newest first; one, or those behind a place.
pub(super) async fn jobs(
    pool: &PgPool,
    job: Option<Uuid>,
    behind: Option<(OffsetDateTime, Uuid)>,
    limit: i64,
) -> Result<Vec<wire::BulkJob>, sqlx::Error> {
    let rows = sqlx::query(
        "select j.job_id, j.state, j.contacts, j.enabled, j.skipped, j.support_start, j.support_end, j.profile_id,
                j.mfa_required, j.invite, j.started_at, j.finished_at, j.started_by, coalesce(a.name, '')
         from bulk_job j left join accounts_v1 a on a.user_id = j.started_by
         where ($1::uuid is null or j.job_id = $1)
           and ($2::timestamptz is null or (j.started_at, j.job_id) < ($2, $3))
         order by j.started_at desc, j.job_id desc limit $4",
    )
    .bind(job)
    .bind(behind.map(|b| b.0))
    .bind(behind.map(|b| b.1))
    .bind(limit)
    .fetch_all(pool)
    .await?;
    let micros = |at: OffsetDateTime| Timestamp::from_offset(at).micros();
    rows.iter()
        .map(|row| {
            let (enabled, skipped): (i32, i32) = (row.try_get(3)?, row.try_get(4)?);
            let finished: Option<OffsetDateTime> = row.try_get(11)?;
            Ok(wire::BulkJob {
                job_id: row.try_get::<Uuid, _>(0)?.to_string(),
                state: row.try_get(1)?,
                contacts: row.try_get(2)?,
                done: enabled + skipped,
                enabled,
                skipped,
                support_start: row.try_get(5)?,
                support_end: row.try_get(6)?,
                profile_id: row.try_get(7)?,
                mfa_required: row.try_get(8)?,
                invite: row.try_get(9)?,
                started_at_micros: micros(row.try_get(10)?),
                finished_at_micros: finished.map_or(0, micros),
                started_by: row.try_get::<Uuid, _>(12)?.to_string(),
                started_by_name: row.try_get(13)?,
            })
        })
        .collect()
}

/// Rows of a job behind a number, of one state or of all.
pub(super) async fn page(
    pool: &PgPool,
    job: Uuid,
    state: &str,
    behind: i32,
    limit: i64,
) -> Result<Vec<wire::BulkRow>, sqlx::Error> {
    let rows: Vec<(i32, Uuid, String, String, String, String)> = sqlx::query_as(
        "select number, contact_id, name, email, state, reason from bulk_row
         where job_id = $1 and number > $2 and ($3 = '' or state = $3) order by number limit $4",
    )
    .bind(job)
    .bind(behind)
    .bind(state)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    let row = |(number, contact, name, email, state, reason): (i32, Uuid, String, String, String, String)| {
        wire::BulkRow { number, contact_id: contact.to_string(), name, email, state, reason }
    };
    Ok(rows.into_iter().map(row).collect())
}
