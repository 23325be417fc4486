//! Identity with a real Postgres: what happens at its gRPC methods, without a network between.
#![expect(clippy::unwrap_used, reason = "a test that meets an error fails with it")]

mod access;
mod activity;
mod agents;
mod assurance;
mod authority;
mod bulk;
mod contacts;
mod invitations;
mod kept;
mod links;
mod locks;
mod login;
mod one_time;
mod portal;
mod projection;
mod roles;
mod sessions;
mod settings;
mod still_open;
mod support;
mod tokens;
mod withdrawn;
