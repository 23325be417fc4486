//! Who works here: agents, the roles and groups that they have, and the tokens of programs.

pub(crate) mod agents;
mod groups;
mod new_agent;
mod roles;
pub(crate) mod tokens;
