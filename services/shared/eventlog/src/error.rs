//! What can go wrong with the log.

use kernel::{Code, Error};

/// Why the log did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The stream is at another version than the command was decided on: reload and decide again.
    #[error("stream {stream} is at version {actual}, expected {expected}")]
    WrongExpectedVersion {
        /// Stream id.
        stream: uuid::Uuid,
        /// What the command expected.
        expected: i64,
        /// What is there.
        actual: i64,
    },
    /// A unique value is taken.
    #[error("the value is taken in scope {scope}")]
    ClaimTaken {
        /// The scope of the claim, for example `login`.
        scope: String,
        /// Who holds it.
        holder: uuid::Uuid,
    },
    /// The same command id came with another request.
    #[error("the idempotency key was used for another request")]
    CommandReused,
    /// Another process moved the consumer's position.
    #[error("the inbox of {0} was moved by another process")]
    InboxMoved(String),
    /// `build` refused under the lock.
    #[error("{0}")]
    Refused(Error),
    /// A row beside the log may not be written, for the reason that its writer named.
    #[error("a row beside the log was refused: {0}")]
    SideRefused(&'static str),
    /// An event's published form would be too large for the bus.
    #[error("event {0} is larger than 256 KiB")]
    EventTooLarge(&'static str),
    /// A personal field without a person's key.
    #[error("event {0} has personal fields but no key")]
    KeyMissing(&'static str),
    /// The person's key was erased; nothing more is written about them.
    #[error("the key of {0} was erased")]
    KeyErased(uuid::Uuid),
    /// The queue is full, or the deadline passed before a batch took the command.
    #[error("the log is overloaded")]
    Overloaded,
    /// The handle reads on a replica.
    #[error("nothing is appended over a handle that reads on a replica")]
    ReadOnly,
    /// The database is away.
    #[error("the database is away")]
    Unavailable(#[source] sqlx::Error),
    /// The database refused for a reason nobody expected.
    #[error("the database refused")]
    Database(#[source] sqlx::Error),
    /// NATS or JetStream is away or refused.
    #[error("the bus: {0}")]
    Bus(String),
    /// The bus has no stream of the source's events; its relay makes it.
    #[error("the bus has no stream yet")]
    NoStream,
    /// What is stored contradicts itself: a gap in the log, a message that can't be read, histories that differ.
    #[error("{0}")]
    Broken(String),
}

impl LogError {
    /// True when the connection, not the statement, is the trouble; trying again on a new one can help.
    pub(crate) fn is_connection(error: &sqlx::Error) -> bool {
        match error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => true,
            // 55000 is what a database says that lets nobody in at the moment.
            sqlx::Error::Database(d) => d.code().is_some_and(|c| {
                c.starts_with("08")
                    || c.starts_with("57P")
                    || c.starts_with("28")
                    || matches!(&*c, "53300" | "55000" | "55P03" | "25P03" | "25P04" | "40001" | "40P01")
            }),
            _ => false,
        }
    }
}

impl From<sqlx::Error> for LogError {
    fn from(error: sqlx::Error) -> LogError {
        if LogError::is_connection(&error) { LogError::Unavailable(error) } else { LogError::Database(error) }
    }
}

impl From<LogError> for Error {
    fn from(error: LogError) -> Error {
        match error {
            LogError::WrongExpectedVersion { expected, actual, .. } => {
                Error::new(Code::Conflict, "concurrent_change", "Somebody changed this at the same moment.")
                    .with("expected", expected)
                    .with("actual", actual)
            }
            LogError::ClaimTaken { ref scope, .. } => {
                let scope = scope.clone();
                Error::new(Code::Conflict, "already_taken", "This value is already in use.").with("scope", scope)
            }
            LogError::CommandReused => Error::invalid_field(
                "Idempotency-Key",
                "idempotency_key_reused",
                "This idempotency key was used for another request.",
            )
            .into_reason("idempotency_key_reused"),
            LogError::Refused(e) => e,
            LogError::SideRefused(word) => Error::internal(LogError::SideRefused(word)).into_reason(word),
            LogError::KeyErased(_) => {
                Error::new(Code::Conflict, "erased", "The person's data was erased; nothing can be added.")
            }
            LogError::EventTooLarge(_) => {
                Error::new(Code::Invalid, "event_too_large", "This is too large to be stored.")
            }
            LogError::Overloaded => {
                let mut e = Error::unavailable("the log is overloaded");
                e.reason = "overloaded".into();
                e
            }
            e @ (LogError::Unavailable(_) | LogError::Bus(_) | LogError::NoStream) => Error::unavailable(e),
            e => Error::internal(e),
        }
    }
}

/// Gives an error another reason.
trait IntoReason {
    fn into_reason(self, reason: &'static str) -> Self;
}

impl IntoReason for Error {
    fn into_reason(mut self, reason: &'static str) -> Error {
        self.reason = reason.into();
        self
    }
}
