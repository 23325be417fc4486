//! What stands on the page of a contact or a company besides its fields, in the console.

pub(crate) mod access;
pub(crate) mod activity;
pub(crate) mod company;
