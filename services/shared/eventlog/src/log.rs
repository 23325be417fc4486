//! The handle of a service's log.

use crate::{
    Append, Appended, Counts, KeyStore, LogError, LogOptions, Projection,
    appender::{self, Pending},
    recent::Recent,
    shared::Shared,
};
use kernel::{Secret, Timestamp};
use sqlx::PgPool;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::{mpsc, oneshot, watch};

/// How many commands may wait for a batch.
const QUEUE: usize = 1024;

/// A service's event log. Cheap to clone; the appender ends with the last clone.
#[derive(Clone)]
pub struct Log {
    pub(crate) shared: Arc<Shared>,
    queue: mpsc::Sender<Pending>,
    /// Where events are read, if not where they are written.
    replica: Option<PgPool>,
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
        Log { shared, queue, replica: None }
    }

    /// The service whose log it is.
    pub fn service(&self) -> &'static str {
        self.shared.service
    }

    /// The pool of the database that it is written in.
    pub fn pool(&self) -> &PgPool {
        &self.shared.pool
    }

    /// A handle of the same log that reads streams, positions and the head on a replica of its database. The keys of
    /// persons are still asked for where they are erased. Nothing can be appended over it: what a replica shows is never
    /// what a command is decided on.
    #[must_use]
    pub fn on_replica(&self, replica: PgPool) -> Log {
        Log { replica: Some(replica), ..self.clone() }
    }

    /// The pool that events are read with.
    pub fn reads(&self) -> &PgPool {
        self.replica.as_ref().unwrap_or(&self.shared.pool)
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

    /// Appends several in this order; the answers come in the same order. They share a commit unless others are many or
    /// they are large, and each is decided and answered for itself. Waits for room in the queue.
    pub(crate) async fn append_all(&self, appends: Vec<Append>) -> Vec<Result<Appended, LogError>> {
        if self.replica.is_some() {
            return appends.iter().map(|_| Err(LogError::ReadOnly)).collect();
        }
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
        if self.replica.is_some() {
            return Err(LogError::ReadOnly);
        }
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
