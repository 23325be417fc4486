//! The aggregates of permissions: pure, without I/O.

pub mod contact_profile;
pub mod default_profile;
pub mod profile;
