//! Which process is busy with which delivery. A lease is renewed while its process lives; a killed process's end by
//! themselves. Leases save work and tell who is gone; they are not what keeps a message from being sent twice.

use eventlog::LogError;
use kernel::Timestamp;
use sqlx::PgPool;
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tracing::debug;
use uuid::Uuid;

/// How long a delivery waits whose facts can't be had at the moment.
const POSTPONED: Duration = Duration::from_secs(5);

/// The leases of one process.
pub(super) struct Leases {
    pool: PgPool,
    holder: Uuid,
    lasts: Duration,
    /// What the present round works on: what is renewed.
    held: Mutex<Vec<Uuid>>,
}

impl Leases {
    pub(super) fn new(pool: PgPool, lasts: Duration) -> Leases {
        Leases { pool, holder: kernel::new_id(), lasts, held: Mutex::default() }
    }

    /// How many deliveries are due that nobody is busy with.
    pub(super) async fn due(&self, now: Timestamp) -> Result<i64, LogError> {
        Ok(sqlx::query_scalar(
            "select count(*) from deliveries_v1 d where d.due_at <= $1 and not exists (
                 select from sending_leases l where l.delivery_id = d.id and l.until > now())",
        )
        .bind(now.to_offset())
        .fetch_one(&self.pool)
        .await?)
    }

    /// How long until the next delivery is due that nobody is busy with; `None` when none will be.
    pub(super) async fn next_due(&self, now: Timestamp) -> Result<Option<Duration>, LogError> {
        let micros: Option<i64> = sqlx::query_scalar(
            "select (extract(epoch from min(greatest(d.due_at, l.until)) - $1) * 1000000)::bigint
             from deliveries_v1 d left join sending_leases l on l.delivery_id = d.id where d.due_at is not null",
        )
        .bind(now.to_offset())
        .fetch_one(&self.pool)
        .await?;
        // A moment later, so that it is due when it is looked for.
        Ok(micros.map(|m| Duration::from_micros(m.max(0).unsigned_abs()) + Duration::from_millis(20)))
    }

    /// Takes up to `most` due deliveries, oldest first.
    pub(super) async fn claim(&self, now: Timestamp, most: i64) -> Result<Vec<Uuid>, LogError> {
        // Two processes that see the same row: the second waits for the first one's insert and then finds a live lease.
        let claimed: Vec<Uuid> = sqlx::query_scalar(
            "insert into sending_leases as mine (delivery_id, holder, until)
             select d.id, $1, now() + $2 * interval '1 millisecond'
             from (select id, due_at from deliveries_v1 d where d.due_at <= $3 and not exists (
                       select from sending_leases l where l.delivery_id = d.id and l.until > now())
                   order by d.due_at limit $4) d
             order by d.id
             on conflict (delivery_id) do update set holder = excluded.holder, until = excluded.until
                 where mine.until <= now()
             returning delivery_id",
        )
        .bind(self.holder)
        .bind(millis(self.lasts))
        .bind(now.to_offset())
        .bind(most)
        .fetch_all(&self.pool)
        .await?;
        self.held().clone_from(&claimed);
        Ok(claimed)
    }

    /// Deliveries that are being sent by a process that is gone.
    pub(super) async fn abandoned(&self) -> Result<Vec<Uuid>, LogError> {
        Ok(sqlx::query_scalar(
            "select d.id from deliveries_v1 d where d.state = 'sending' and not exists (
                 select from sending_leases l where l.delivery_id = d.id and l.until > now())",
        )
        .fetch_all(&self.pool)
        .await?)
    }

    /// Gives deliveries back.
    pub(super) async fn release(&self, deliveries: &[Uuid]) {
        self.held().clear();
        let gone = sqlx::query("delete from sending_leases where delivery_id = any($1) and holder = $2")
            .bind(deliveries)
            .bind(self.holder)
            .execute(&self.pool)
            .await;
        ended(gone);
    }

    /// Gives a delivery back that nobody needs to look at for some seconds.
    pub(super) async fn postpone(&self, delivery: Uuid) {
        let later = sqlx::query(
            "update sending_leases set holder = $3, until = now() + $4 * interval '1 millisecond'
             where delivery_id = $1 and holder = $2",
        )
        .bind(delivery)
        .bind(self.holder)
        .bind(Uuid::nil())
        .bind(millis(POSTPONED.min(self.lasts)))
        .execute(&self.pool)
        .await;
        ended(later);
    }

    /// Renews, for ever, what this process works on and nothing else: a lease that was taken by a claim without an answer, or
    /// could not be given back, ends by itself and the delivery is anybody's again.
    pub(super) async fn keep(&self) {
        loop {
            tokio::time::sleep(self.lasts / 4).await;
            let held = self.held().clone();
            if held.is_empty() {
                continue;
            }
            let renewed = sqlx::query(
                "update sending_leases set until = now() + $2 * interval '1 millisecond'
                 where holder = $1 and delivery_id = any($3)",
            )
            .bind(self.holder)
            .bind(millis(self.lasts))
            .bind(&held)
            .execute(&self.pool)
            .await;
            ended(renewed);
        }
    }

    fn held(&self) -> MutexGuard<'_, Vec<Uuid>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives everything back, at the end of the process.
    pub(super) async fn release_all(&self) {
        let gone = sqlx::query("delete from sending_leases where holder = $1 or until <= now()")
            .bind(self.holder)
            .execute(&self.pool)
            .await;
        ended(gone);
    }
}

/// A lease that can't be written ends by itself, so this is no failure of anything.
fn ended(result: Result<sqlx::postgres::PgQueryResult, sqlx::Error>) {
    if let Err(error) = result {
        debug!(%error, "a lease could not be written");
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
