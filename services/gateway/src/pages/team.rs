//! Agents and programs, their roles, groups and tokens.

pub(crate) mod agents;
pub(crate) mod roles;
pub(crate) mod tokens;
