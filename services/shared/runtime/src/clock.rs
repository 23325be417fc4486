//! The time of this process.

use kernel::Timestamp;
use std::time::{SystemTime, UNIX_EPOCH};

/// The time now.
pub(crate) fn clock() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
