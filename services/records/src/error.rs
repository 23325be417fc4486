//! Failures of the database and of the log as errors that can cross the service's boundary.

use eventlog::LogError;
use kernel::Error;

/// A failed statement: unavailable when the connection is the trouble, else internal.
pub(crate) fn database(error: sqlx::Error) -> Error {
    LogError::from(error).into()
}
