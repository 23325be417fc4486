//! The rules of identity: pure, without clock, database or network.

#![warn(clippy::wildcard_enum_match_arm)]

pub(crate) mod account;
pub(crate) mod activity;
pub(crate) mod attempt;
pub(crate) mod bulk;
pub(crate) mod group;
pub(crate) mod link;
pub(crate) mod login;
pub(crate) mod password;
pub(crate) mod role;
pub(crate) mod session;
pub(crate) mod settings;
pub(crate) mod stage;
pub(crate) mod token;
pub(crate) mod visit;
