//! Queries on a replica of a service's database, as fresh as on the primary.
//!
//! A read has to show everything that was committed before it came: what the caller wrote, through whichever process, and
//! every change of who may see what. So it needs the position that the log has when it comes. That is asked at the primary,
//! in one short statement that all reads share which came meanwhile, and the read then waits until the replica shows it.

use crate::{Metrics, ReplicaLabels, ServiceLabels};
use eventlog::Log;
use kernel::{Code, Error};
use sqlx::PgPool;
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{sync::Notify, time::timeout};
use tokio_util::sync::CancellationToken;

/// How long a read waits for a replica that is behind before the primary answers it.
pub const BEHIND: Duration = Duration::from_millis(250);
/// How long the read itself may take there. A replica that stands still is noticed earlier, by [`LOOK`].
const ANSWER: Duration = Duration::from_secs(2);
/// Between two questions for the replica's position while somebody waits for it.
const PAUSE: Duration = Duration::from_millis(2);
/// How often the replica is looked at when no read does.
const LOOK: Duration = Duration::from_secs(1);

/// Why the primary answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// The replica did not show the position in time.
    Behind,
    /// It can't be reached, or does not answer.
    Away,
    /// It refused this one read.
    Failed,
}

impl Why {
    fn word(self) -> &'static str {
        match self {
            Why::Behind => "behind",
            Why::Away => "away",
            Why::Failed => "failed",
        }
    }
}

/// A replica of a service's database. Cheap to clone.
#[derive(Clone)]
pub struct Replica(Arc<Inner>);

struct Inner {
    /// The log on the primary, which is asked what a read needs, and the same one on the replica.
    here: Log,
    there: Log,
    /// The replica again, over a connection of its own: a question for its position waits for no read.
    asked: Log,
    /// Questions for the primary's position that have begun, and the last that was answered.
    begun: AtomicU64,
    answered: tokio::sync::Mutex<Answered>,
    /// The position that the replica is known to show, how often it told one, and the turn to ask it.
    shown: AtomicI64,
    told: AtomicU64,
    turn: tokio::sync::Mutex<()>,
    /// Why reads don't go there at the moment.
    left: Mutex<Option<Why>>,
    look: Notify,
    metrics: Metrics,
}

#[derive(Default)]
struct Answered {
    question: u64,
    position: i64,
}

impl Replica {
    /// A replica of the database of a log.
    pub fn new(log: &Log, pool: PgPool, metrics: Metrics) -> Replica {
        let replica = Replica(Arc::new(Inner {
            here: log.clone(),
            asked: log.on_replica(eventlog::pool_of(pool.connect_options().as_ref().clone(), 1)),
            there: log.on_replica(pool),
            begun: AtomicU64::default(),
            answered: tokio::sync::Mutex::default(),
            shown: AtomicI64::default(),
            told: AtomicU64::default(),
            turn: tokio::sync::Mutex::default(),
            // The first look finds it well; until then nobody waits for it.
            left: Mutex::new(Some(Why::Away)),
            look: Notify::new(),
            metrics,
        }));
        replica.0.show_use(false);
        replica
    }

    /// The log, read on the replica.
    pub fn log(&self) -> &Log {
        &self.0.there
    }

    /// Answers a read on the replica, or on the primary while the replica is further behind than [`BEHIND`], is away, or
    /// could not answer.
    ///
    /// # Errors
    /// Those of the read.
    pub async fn read<T>(
        &self,
        there: impl Future<Output = Result<T, Error>>,
        here: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let inner = &self.0;
        let why = match inner.fresh().await {
            Err(why) => why,
            Ok(()) => match timeout(ANSWER, there).await {
                Err(_) => inner.leave(Why::Away),
                Ok(Err(e)) if e.code == Code::Unavailable => inner.leave(Why::Away),
                // A statement that was cancelled for the replay's sake, or met a table that is newer there.
                Ok(Err(e)) if e.code == Code::Internal => Why::Failed,
                Ok(answer) => {
                    inner.count("replica", "fresh");
                    return answer;
                }
            },
        };
        inner.count("primary", why.word());
        here.await
    }

    /// Looks at the replica until shutdown: one that stands still is left before reads wait for it, one that was left is
    /// used again when it shows what the primary has.
    pub async fn follow(self, shutdown: CancellationToken) {
        let inner = &self.0;
        loop {
            // Making a connection may take longer than a read would wait for it.
            let told = timeout(ANSWER, inner.asked.head()).await;
            match (inner.left(), told) {
                // Of one that is in use any answer will do: reads see for themselves how far it is.
                (None, Ok(Ok((position, _)))) => inner.see(position),
                (None, _) => drop(inner.leave(Why::Away)),
                (Some(left), Ok(Ok(_))) => {
                    if let Some(needed) = inner.needed().await
                        && inner.shows(needed).await.is_ok()
                    {
                        inner.come_back(left);
                    }
                }
                (Some(_), _) => {}
            }
            tokio::select! {
                () = shutdown.cancelled() => return,
                _ = timeout(LOOK, inner.look.notified()) => {}
            }
        }
    }
}

impl Inner {
    /// Ready for a read that comes now.
    async fn fresh(&self) -> Result<(), Why> {
        if let Some(why) = self.left() {
            return Err(why);
        }
        // When the primary does not answer, it is the one to say so.
        let needed = self.needed().await.ok_or(Why::Failed)?;
        self.shows(needed).await.map_err(|why| self.leave(why))
    }

    /// The position of the log at the primary, by a question that was asked after this one came.
    async fn needed(&self) -> Option<i64> {
        let begun = self.begun.load(Ordering::Acquire);
        let mut answered = self.answered.lock().await;
        if answered.question <= begun {
            let question = self.begun.fetch_add(1, Ordering::AcqRel) + 1;
            let (position, _) = self.here.head().await.ok()?;
            *answered = Answered { question, position };
        }
        Some(answered.position)
    }

    /// Waits until the replica shows a position. What was seen once stays.
    async fn shows(&self, needed: i64) -> Result<(), Why> {
        let told = self.told.load(Ordering::Acquire);
        let there = async {
            loop {
                if self.shown.load(Ordering::Acquire) >= needed {
                    return Ok(());
                }
                let _turn = self.turn.lock().await;
                if self.shown.load(Ordering::Acquire) >= needed {
                    return Ok(());
                }
                let (position, _) = self.asked.head().await.map_err(|_| Why::Away)?;
                self.see(position);
                if position < needed {
                    // With the turn in hand: those behind need no answer of their own.
                    tokio::time::sleep(PAUSE).await;
                }
            }
        };
        let late = || if self.told.load(Ordering::Acquire) > told { Why::Behind } else { Why::Away };
        timeout(BEHIND, there).await.unwrap_or_else(|_| Err(late()))
    }

    fn see(&self, position: i64) {
        self.shown.fetch_max(position, Ordering::AcqRel);
        self.told.fetch_add(1, Ordering::AcqRel);
    }

    fn left(&self) -> Option<Why> {
        *self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on the primary answers, until [`Replica::follow`] finds the replica well.
    fn leave(&self, why: Why) -> Why {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        if left.is_none() {
            *left = Some(why);
            self.show_use(false);
            self.look.notify_one();
            tracing::warn!(
                event = "replica.left",
                service = self.here.service(),
                reason = why.word(),
                "the primary answers what the replica did: it is behind or away"
            );
        }
        why
    }

    fn come_back(&self, left: Why) {
        *self.left.lock().unwrap_or_else(PoisonError::into_inner) = None;
        self.show_use(true);
        tracing::info!(
            event = "replica.back",
            service = self.here.service(),
            reason = left.word(),
            "the replica answers"
        );
    }

    fn count(&self, by: &'static str, reason: &'static str) {
        let labels = ReplicaLabels { service: self.here.service(), answered_by: by, reason };
        self.metrics.replica_reads.get_or_create(&labels).inc();
    }

    fn show_use(&self, used: bool) {
        let labels = ServiceLabels { service: self.here.service().to_owned() };
        self.metrics.replica_in_use.get_or_create(&labels).set(i64::from(used));
    }
}
