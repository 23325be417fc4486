//! How a row beside the log refuses the append that it is part of, and how whoever asked for the append knows why.

use eventlog::{LogError, Unwritten};
use kernel::Error;

/// A row that was to be used up is gone.
pub(crate) const ROW_IS_GONE: &str = "row_is_gone";
/// The session has ended, or has another token.
pub(crate) const SESSION_IS_GONE: &str = "session_is_gone";

/// Refuses, with a word.
pub(crate) fn refuse(word: &'static str) -> Unwritten {
    Unwritten::Refused(word)
}

/// True when a row refused with this word.
pub(crate) fn refused_by(e: &Error, word: &str) -> bool {
    e.reason == word
}

/// True when a row refused with this word.
pub(crate) fn log_refused_by(e: &LogError, word: &str) -> bool {
    matches!(e, LogError::SideRefused(refused) if *refused == word)
}
