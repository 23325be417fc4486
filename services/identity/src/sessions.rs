//! Sessions: rows with the hash of a random token. What is not in the table is no session; the check reads the table.
//!
//! A login that is not complete has a session too: its stage says what is missing, and it can do nothing else. Each step
//! makes a new token; the former one is dead with the same commit.

mod check;
pub(crate) mod kept;
mod listed;
pub(crate) mod own;
mod reach;
mod rows;
pub(crate) mod still_open;
mod support;
pub(crate) mod visits;
mod write;

pub(crate) use rows::{Listed, MOST_SESSIONS, Session, expired, find, of_user, revoked_after, touch};
pub(crate) use write::{
    BoundSessions, EndAllSessions, EndSession, EndSessions, NewSession, RotateSession, drop_pending, replace_pending,
    sweep_revocations,
};
