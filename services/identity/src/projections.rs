//! Read models of identity's log, written in the same transaction as the events they show.

pub(crate) mod accounts_v1;
pub(crate) mod activity_v1;
pub(crate) mod roles_v1;
pub(crate) mod settings_v1;
