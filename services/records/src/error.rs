//! Failures of the database and of the log as errors that can cross the service's boundary.

use eventlog::LogError;
use kernel::Error;

/// A failed statement: unavailable when the connection is the trouble, else internal.
pub(crate) fn database(error: sqlx::Error) -> Error {
    LogError::from(error).into()
}

/// True when a statement failed because it names a column that is not there.
pub(crate) fn lacks_column(error: &Error) -> bool {
    let source = error.source.as_deref().and_then(|s| s.downcast_ref::<LogError>());
    matches!(source, Some(LogError::Database(sqlx::Error::Database(d))) if d.code().as_deref() == Some("42703"))
}
