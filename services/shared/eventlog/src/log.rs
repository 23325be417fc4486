//! The handle of a service's log.

use crate::{
    Append, Appended, KeyStore, LogError, Projection,
    appender::{self, Pending},
    batch::Decided,
    recent::Recent,
};
use futures::future::BoxFuture;
use kernel::{Secret, Timestamp};
use sqlx::PgPool;
use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::sync::{mpsc, oneshot, watch};

/// How many commands may wait for a batch.
const QUEUE: usize = 1024;

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

/// A service's event log. Cheap to clone; the appender ends with the last clone.
#[derive(Clone)]
pub struct Log {
    pub(crate) shared: Arc<Shared>,
    queue: mpsc::Sender<Pending>,
}

impl Log {
    /// Opens the log of a service. The pool's search path must be `<service>, <service>_log`. Needs no connection yet;
    /// must be called inside a tokio runtime.
    pub fn open(
        service: &'static str,
        pool: PgPool,
        master_key: &Secret<[u8; 32]>,
        projections: Vec<Arc<dyn Projection>>,
        options: LogOptions,
    ) -> Log {
        let keys = KeyStore::new(pool.clone(), master_key);
        let shared = Arc::new(Shared {
            service,
            pool,
            keys,
            projections,
            options,
            appended: watch::Sender::new(0),
            counts: Counts::default(),
            recent: Recent::default(),
        });
        let (queue, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(appender::run(Arc::clone(&shared), waiting));
        Log { shared, queue }
    }

    /// The service whose log it is.
    pub fn service(&self) -> &'static str {
        self.shared.service
    }

    /// The pool that it reads with.
    pub fn pool(&self) -> &PgPool {
        &self.shared.pool
    }

    /// The data keys of persons.
    pub fn keys(&self) -> &KeyStore {
        &self.shared.keys
    }

    /// Counters for metrics.
    pub fn counts(&self) -> &Counts {
        &self.shared.counts
    }

    /// The inline projections.
    pub fn projections(&self) -> &[Arc<dyn Projection>] {
        &self.shared.projections
    }

    /// The time of the log's clock.
    pub fn now(&self) -> Timestamp {
        self.shared.now()
    }

    /// Appends; returns when it is durable. At most 10 s.
    ///
    /// # Errors
    /// Expected ones: [`LogError::WrongExpectedVersion`], [`LogError::ClaimTaken`], [`LogError::Refused`] and
    /// [`LogError::CommandReused`]. [`LogError::Overloaded`] and [`LogError::Unavailable`] can be tried again, with the
    /// same command id.
    pub async fn append(&self, append: Append) -> Result<Appended, LogError> {
        self.append_within(append, Duration::from_secs(10)).await
    }

    /// Appends several, in this order; the answers in theirs. They share a commit unless others are many or they are
    /// large, and each is decided and answered for itself. Waits for room in the queue.
    pub(crate) async fn append_all(&self, appends: Vec<Append>) -> Vec<Result<Appended, LogError>> {
        let mut answers = Vec::with_capacity(appends.len());
        for append in appends {
            let (answer, answered) = oneshot::channel();
            let deadline = Instant::now() + Duration::from_secs(10);
            let pending = Pending { append, deadline, answer, span: tracing::Span::current() };
            // The appender ends with the last handle of the log, and this is one.
            let _ = self.queue.send(pending).await;
            answers.push(answered);
        }
        let answers = futures::future::join_all(answers).await;
        answers.into_iter().map(|a| a.unwrap_or(Err(LogError::Overloaded))).collect()
    }

    /// Appends with a deadline; an append whose deadline passed before a batch took it is not made.
    pub async fn append_within(&self, append: Append, within: Duration) -> Result<Appended, LogError> {
        let (answer, answered) = oneshot::channel();
        let pending = Pending { append, deadline: Instant::now() + within, answer, span: tracing::Span::current() };
        self.queue.try_send(pending).map_err(|_| LogError::Overloaded)?;
        answered.await.unwrap_or(Err(LogError::Overloaded))
    }

    /// Waits for news from this process's appender, or until the time is up.
    pub async fn appended_after(&self, position: i64, within: Duration) -> bool {
        let mut seen = self.shared.appended.subscribe();
        tokio::time::timeout(within, seen.wait_for(|p| *p > position)).await.is_ok_and(|r| r.is_ok())
    }
}
