//! From a password to a session: looking at it, what is still missing, choosing another one, and locks.

pub(crate) mod credential;
pub(crate) mod entry;
pub(crate) mod locked;
mod locks;
pub(crate) mod new_password;
pub(crate) mod password;
mod reset;
