//! What agents and administrators do with identity beyond one contact's access: settings, roles, groups, agents, tokens of
//! programs, activity, bulk access, secure links of companies, support access.
//!
//! Each area has a module of its own; what its gRPC methods have in common is in [`grpc`], what its aggregates have in
//! common in [`change`].

mod change;
mod groups;
mod grpc;
pub(crate) mod roles;
mod settings;
mod streams;
pub(crate) mod tokens;

pub use grpc::AdministrationServer;
