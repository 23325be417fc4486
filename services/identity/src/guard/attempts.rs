//! The attempt guard: every guess at a secret is counted, and the count committed, before the secret is looked at.
//!
//! One statement counts the attempt, or says that the login is locked; the reservation that makes the fifth sets the lock
//! itself. So any number of parallel guesses costs at most five verifications, on any number of processes, and a crash
//! between reservation and result errs on the locked side for a while. How long a lock lasts is a table of the domain
//! ([`LockRules::ladder`]) that the statement only looks up.

use crate::domain::{
    activity::Activity,
    attempt::{Budget, FORGET_AFTER_SECONDS, Guess, LADDER_RESET_SECONDS, LockRules},
};
use eventlog::{Appended, SideWrite};
use kernel::Timestamp;
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;
use uuid::Uuid;

/// So many networks are kept of the failures of a login; then the one that was silent for longest gives way.
const MOST_SOURCES: i64 = 20;

/// An attempt that was counted.
#[derive(Debug, Clone)]
pub(crate) struct Reservation {
    pub(crate) guess: Guess,
    pub(crate) subject_key: Vec<u8>,
    /// Failures in a row if this one fails too.
    pub(crate) failures: i32,
    /// The lock that this reservation set, if it did.
    pub(crate) lock: Option<Lock>,
}

impl Reservation {
    /// The lock that a failure of this attempt means for the account: a browser's own budget locks only that browser.
    pub(crate) fn account_lock(&self) -> Option<Lock> {
        self.lock.filter(|_| self.guess != Guess::Device)
    }
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
    guess: Guess,
    subject_key: &[u8],
    user: Option<Uuid>,
    network: &str,
    rules: &LockRules,
) -> Result<Option<Reservation>, sqlx::Error> {
    // From the inside out: is the last failure long ago; the counts with this attempt; whether they lock, and for how long.
    // A lock that still holds never gets there.
    let row: Option<(i32, i32, Option<OffsetDateTime>, bool)> = sqlx::query_as(
        "insert into attempt as a (subject_key, kind, user_id, failures, consecutive, ladder_step, held, last_at, networks,
                                   sources)
         values ($1, $2, $3, 1, 1, 0, false, now(), array[$4]::text[],
                 jsonb_build_object($4::text, jsonb_build_object('n', 1,
                     'first', (extract(epoch from now()) * 1000000)::bigint,
                     'last', (extract(epoch from now()) * 1000000)::bigint)))
         on conflict (subject_key, kind) do update set
             user_id = excluded.user_id,
             last_at = excluded.last_at,
             (failures, consecutive, ladder_step, locked_at, locked_until, held) = (
                 select failures, consecutive, step + locks::int, case when locks then now() end,
                        case when locks then now() + seconds * interval '1 second' end, locks and seconds is null
                 from (select *, failures >= $7 as locks, case when consecutive < $8
                                then ($9::bigint[])[least(step + 1, cardinality($9::bigint[]))] end as seconds
                       from (select case when forgotten or a.locked_at is not null then 1 else a.failures + 1 end as failures,
                                    case when forgotten then 1 else a.consecutive + 1 end as consecutive,
                                    case when a.last_at < now() - $6 * interval '1 second' then 0 else a.ladder_step end as step
                             from (select a.last_at < now() - $5 * interval '1 second' as forgotten) ago) counts) lock),
             networks = case when $4 = any (a.networks) or cardinality(a.networks) >= 10 then a.networks
                             else a.networks || $4 end,
             sources = case when a.sources ? $4 or (select count(*) from jsonb_object_keys(a.sources)) < $10 then a.sources
                            else a.sources - (select s.key from jsonb_each(a.sources) s
                                              order by (s.value ->> 'last')::bigint, s.key limit 1) end
                 || jsonb_build_object($4::text, jsonb_build_object(
                     'n', coalesce((a.sources -> $4 ->> 'n')::int, 0) + 1,
                     'first', coalesce(a.sources -> $4 -> 'first', excluded.sources -> $4 -> 'first'),
                     'last', excluded.sources -> $4 -> 'last'))
         where not a.held and (a.locked_until is null or a.locked_until <= now())
         returning failures, ladder_step, locked_until, held",
    )
    .bind(subject_key)
    .bind(guess.number())
    .bind(user)
    .bind(network)
    .bind(FORGET_AFTER_SECONDS)
    .bind(LADDER_RESET_SECONDS)
    .bind(rules.failures)
    .bind(rules.hold_failures)
    .bind(rules.ladder())
    .bind(MOST_SOURCES)
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|(failures, ladder_step, until, held)| Reservation {
        guess,
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
    .bind(reservation.guess.number())
    .bind(reservation.lock.is_some())
    .execute(pool)
    .await?;
    Ok(())
}

/// Forgets the failures of a guess that was right.
pub(crate) async fn clear(pool: &PgPool, reservation: &Reservation) -> Result<(), sqlx::Error> {
    let mut connection = pool.acquire().await?;
    clear_where_key(&mut connection, reservation.guess, &reservation.subject_key).await
}

/// True while a guess under one of these budgets would be answered as wrong without being looked at.
pub(crate) async fn any_locked(pool: &PgPool, budgets: &[&Budget]) -> Result<bool, sqlx::Error> {
    if budgets.is_empty() {
        return Ok(false);
    }
    sqlx::query_scalar(
        "select exists (
             select from unnest($1::bytea[], $2::smallint[]) b(subject_key, kind) join attempt a using (subject_key, kind)
             where a.held or a.locked_until > now())",
    )
    .bind(budgets.iter().map(|(_, key)| key.clone()).collect::<Vec<_>>())
    .bind(budgets.iter().map(|(guess, _)| guess.number()).collect::<Vec<_>>())
    .fetch_one(pool)
    .await
}

/// Adds an attempt that a lock answered to those that will be told.
pub(crate) async fn note_blocked(pool: &PgPool, user: Uuid) -> Result<(), sqlx::Error> {
    sqlx::query(
        "insert into blocked_attempt as b (user_id, count, told_at) values ($1, 1, now())
         on conflict (user_id) do update set count = b.count + 1",
    )
    .bind(user)
    .execute(pool)
    .await?;
    Ok(())
}

/// What locks have answered and nobody was told for ten minutes; told with these.
pub(crate) async fn take_blocked(pool: &PgPool) -> Result<Vec<Activity>, sqlx::Error> {
    let rows: Vec<(Uuid, i32)> = sqlx::query_as(
        "with due as (
             select user_id, count from blocked_attempt where count > 0 and told_at < now() - interval '10 minutes'
             order by told_at limit 500 for update skip locked)
         update blocked_attempt b set count = 0, told_at = now() from due where b.user_id = due.user_id
         returning due.user_id, due.count",
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(|(user, count)| Activity::AttemptsBlocked { user, count }).collect())
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
    sqlx::query("delete from blocked_attempt where count = 0 and told_at < now() - interval '1 day'")
        .execute(pool)
        .await?;
    sqlx::query("delete from trust where until <= now()").execute(pool).await?;
    Ok(done.rows_affected() + beyond.rows_affected())
}

/// Clears count and lock of guesses that were right, in the transaction that creates the session. The ladder stays: a
/// second lock within a day lasts longer, whatever happened in between.
pub(crate) struct ClearGuesses(pub(crate) Vec<(Guess, Vec<u8>)>);

impl SideWrite for ClearGuesses {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            for (guess, key) in &self.0 {
                clear_where_key(tx, *guess, key).await?;
            }
            Ok(())
        })
    }
}

/// Clears count and lock of some users, for every secret of theirs.
pub(crate) struct ClearUsers(pub(crate) Vec<Uuid>);

impl SideWrite for ClearUsers {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            sqlx::query(
                "update attempt set failures = 0, consecutive = 0, locked_at = null, locked_until = null, held = false,
                     networks = '{}', sources = '{}'
                 where user_id = any ($1)",
            )
            .bind(&self.0)
            .execute(tx)
            .await?;
            Ok(())
        })
    }
}

async fn clear_where_key(connection: &mut PgConnection, guess: Guess, subject_key: &[u8]) -> Result<(), sqlx::Error> {
    sqlx::query(
        "update attempt set failures = 0, consecutive = 0, locked_at = null, locked_until = null, held = false,
             networks = '{}', sources = '{}'
         where subject_key = $1 and kind = $2",
    )
    .bind(subject_key)
    .bind(guess.number())
    .execute(connection)
    .await?;
    Ok(())
}
