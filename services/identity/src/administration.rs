//! What agents and administrators do with identity beyond one contact's access: settings, roles, groups, agents, tokens of
//! programs, activity, bulk access, secure links of companies, support access.
//!
//! Each area has a module of its own; what its gRPC methods have in common is in [`grpc`], what its aggregates have in
//! common in [`change`].

mod activity;
mod agents;
mod bulk;
mod change;
mod groups;
mod grpc;
mod known;
mod links;
pub(crate) mod roles;
mod settings;
mod streams;
mod support;
pub(crate) mod tokens;

pub(crate) use agents::{RoleIsThere, agents, not_yourself, refusal};
pub use grpc::AdministrationServer;
pub(crate) use known::{Known, StoreDeletion};

/// Deletes what is kept for a time only: tokens that ran out, links that ran out, old entries of timelines.
pub(crate) async fn sweep(pool: &sqlx::PgPool) -> Result<(), sqlx::Error> {
    tokens::sweep(pool).await?;
    links::sweep(pool).await?;
    activity::sweep(pool).await
}
