//! What the handles of an open log and its appender share.

use crate::{KeyStore, LogError, Projection, batch::Decided, recent::Recent};
use futures::future::BoxFuture;
use kernel::Timestamp;
use sqlx::PgPool;
use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};
use tokio::sync::watch;

/// A pause inside the append transaction, for fault tests.
pub type Stall = Arc<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

/// What can be set about a log.
#[derive(Clone, Default)]
pub struct LogOptions {
    /// Fault tests only: take no head lock, to show that the gap test then fails.
    pub without_head_lock: bool,
    /// Fault tests only: wait between the writes and the commit.
    pub stall_before_commit: Option<Stall>,
}

pub(crate) struct Shared {
    pub(crate) service: &'static str,
    pub(crate) pool: PgPool,
    pub(crate) keys: KeyStore,
    pub(crate) projections: Vec<Arc<dyn Projection>>,
    pub(crate) options: LogOptions,
    pub(crate) appended: watch::Sender<i64>,
    pub(crate) counts: Counts,
    pub(crate) recent: Recent,
}

/// Counters for metrics; read by whoever exports them.
#[derive(Default)]
pub struct Counts {
    /// Events appended by this process.
    pub events: std::sync::atomic::AtomicU64,
    /// Batches committed by this process.
    pub batches: std::sync::atomic::AtomicU64,
    /// Appends refused because of a version conflict.
    pub conflicts: std::sync::atomic::AtomicU64,
}

impl Shared {
    /// The clock of the log.
    pub(crate) fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }

    pub(crate) fn committed(&self, decided: &Decided) {
        use std::sync::atomic::Ordering::Relaxed;
        self.counts.batches.fetch_add(1, Relaxed);
        self.counts.events.fetch_add(decided.rows.len() as u64, Relaxed);
        let conflicts =
            decided.answers.iter().filter(|a| matches!(a, Err(LogError::WrongExpectedVersion { .. }))).count();
        self.counts.conflicts.fetch_add(conflicts as u64, Relaxed);
        self.recent.add(decided);
        if let Some(last) = decided.rows.last() {
            self.appended.send_if_modified(|p| {
                let newer = last.recorded.position > *p;
                *p = (*p).max(last.recorded.position);
                newer
            });
        }
    }
}
