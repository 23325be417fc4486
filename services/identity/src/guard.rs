//! The attempt guard: every guess at a secret is counted, and the count committed, before the secret is looked at.
//!
//! One statement decides: it counts the attempt, or says that the login is locked; the reservation that makes the fifth
//! sets the lock itself. So any number of parallel guesses costs at most five verifications, on any number of processes,
//! and a crash between reservation and result errs on the locked side for a while.

use crate::domain::attempt::{
    FAILURES_TO_HOLD, FAILURES_TO_LOCK, FORGET_AFTER_SECONDS, LADDER_RESET_SECONDS, ladder_seconds,
};
use eventlog::{Appended, SideWrite};
use futures::future::BoxFuture;
use kernel::Timestamp;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

/// Which secret is guessed at. The second factor gets a number of its own.
const PASSWORD: i16 = 1;

/// An attempt that was counted.
#[derive(Debug, Clone)]
pub(crate) struct Reservation {
    pub(crate) subject_key: Vec<u8>,
    /// Failures in a row if this one fails too.
    pub(crate) failures: i32,
    /// The lock that this reservation set, if it did.
    pub(crate) lock: Option<Lock>,
}

/// A lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lock {
    /// Its end; None when only an agent or a reset ends it.
    pub(crate) until: Option<Timestamp>,
    /// How many locks came one after the other.
    pub(crate) ladder_step: i32,
}

/// Counts an attempt; None when the login is locked, and then nothing may be verified. Committed when it returns.
///
/// `user` is the account that has the login, if there is one; `network` the source network.
pub(crate) async fn reserve_attempt(
    pool: &PgPool,
    subject_key: &[u8],
    user: Option<Uuid>,
    network: &str,
) -> Result<Option<Reservation>, sqlx::Error> {
    // `fresh`: an old lock has run out, or the last failure is long ago. A lock that still holds never gets here.
    let row: Option<(i32, i32, Option<OffsetDateTime>, bool)> = sqlx::query_as(
        "insert into attempt as a (subject_key, kind, user_id, failures, consecutive, ladder_step, held, last_at, networks)
         values ($1, $2, $3, 1, 1, 0, false, now(), array[$4]::text[])
         on conflict (subject_key, kind) do update set
             user_id = excluded.user_id,
             failures = case when a.locked_at is not null or a.last_at < now() - $5 * interval '1 second'
                             then 1 else a.failures + 1 end,
             consecutive = case when a.last_at < now() - $5 * interval '1 second' then 1 else a.consecutive + 1 end,
             ladder_step = case when a.last_at < now() - $6 * interval '1 second' then 0 else a.ladder_step end
                 + (a.locked_at is null and a.failures + 1 >= $7 and a.last_at >= now() - $5 * interval '1 second')::int,
             locked_at = case when a.locked_at is null and a.failures + 1 >= $7
                                   and a.last_at >= now() - $5 * interval '1 second' then now() end,
             locked_until = case when a.locked_at is null and a.failures + 1 >= $7
                                      and a.last_at >= now() - $5 * interval '1 second' and a.consecutive + 1 < $8
                 then now() + ($9::bigint[])[least(a.ladder_step + 1, cardinality($9::bigint[]))] * interval '1 second' end,
             held = a.locked_at is null and a.failures + 1 >= $7
                    and a.last_at >= now() - $5 * interval '1 second' and a.consecutive + 1 >= $8,
             last_at = now(),
             networks = case when $4 = any (a.networks) or cardinality(a.networks) >= 10 then a.networks
                             else a.networks || $4 end
         where not a.held and (a.locked_until is null or a.locked_until <= now())
         returning failures, ladder_step, locked_until, held",
    )
    .bind(subject_key)
    .bind(PASSWORD)
    .bind(user)
    .bind(network)
    .bind(FORGET_AFTER_SECONDS)
    .bind(LADDER_RESET_SECONDS)
    .bind(FAILURES_TO_LOCK)
    .bind(FAILURES_TO_HOLD)
    .bind(ladder_seconds())
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|(failures, ladder_step, until, held)| Reservation {
        subject_key: subject_key.to_vec(),
        failures,
        lock: (held || until.is_some()).then(|| Lock { until: until.map(Timestamp::from_offset), ladder_step }),
    }))
}

/// Takes back an attempt that was never verified.
pub(crate) async fn give_back(pool: &PgPool, reservation: &Reservation) -> Result<(), sqlx::Error> {
    sqlx::query(
        "update attempt set failures = greatest(failures - 1, 0), consecutive = greatest(consecutive - 1, 0),
             locked_at = case when $3 then null else locked_at end,
             locked_until = case when $3 then null else locked_until end,
             held = held and not $3,
             ladder_step = ladder_step - $3::int
         where subject_key = $1 and kind = $2",
    )
    .bind(&reservation.subject_key)
    .bind(PASSWORD)
    .bind(reservation.lock.is_some())
    .execute(pool)
    .await?;
    Ok(())
}

/// Forgets the failures of a login after a right password that made no session.
pub(crate) async fn clear(pool: &PgPool, subject_key: &[u8]) -> Result<(), sqlx::Error> {
    let mut connection = pool.acquire().await?;
    clear_where_key(&mut connection, subject_key).await
}

/// Deletes rows that count nothing any more, and the oldest of unknown logins when there are too many.
pub(crate) async fn sweep(pool: &PgPool) -> Result<u64, sqlx::Error> {
    const MOST_UNKNOWN: i64 = 1_000_000;
    let done = sqlx::query(
        "delete from attempt where not held and last_at < now() - $1 * interval '1 second'
             and (locked_until is null or locked_until <= now())",
    )
    .bind(LADDER_RESET_SECONDS)
    .execute(pool)
    .await?;
    let beyond = sqlx::query(
        "delete from attempt where (subject_key, kind) in (
             select subject_key, kind from attempt where user_id is null order by last_at desc offset $1)",
    )
    .bind(MOST_UNKNOWN)
    .execute(pool)
    .await?;
    Ok(done.rows_affected() + beyond.rows_affected())
}

/// Clears count and lock of a login in the transaction that creates its session. The ladder stays: a second lock within
/// a day lasts longer, whatever happened in between.
pub(crate) struct ClearLogin(pub(crate) Vec<u8>);

impl SideWrite for ClearLogin {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Box::pin(clear_where_key(tx, &self.0))
    }
}

/// Clears count and lock of some users.
pub(crate) struct ClearUsers(pub(crate) Vec<Uuid>);

impl SideWrite for ClearUsers {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Box::pin(async move {
            sqlx::query(
                "update attempt set failures = 0, consecutive = 0, locked_at = null, locked_until = null, held = false,
                     networks = '{}'
                 where user_id = any ($1)",
            )
            .bind(&self.0)
            .execute(tx)
            .await?;
            Ok(())
        })
    }
}

async fn clear_where_key(connection: &mut PgConnection, subject_key: &[u8]) -> Result<(), sqlx::Error> {
    sqlx::query(
        "update attempt set failures = 0, consecutive = 0, locked_at = null, locked_until = null, held = false,
             networks = '{}'
         where subject_key = $1 and kind = $2",
    )
    .bind(subject_key)
    .bind(PASSWORD)
    .execute(connection)
    .await?;
    Ok(())
}
