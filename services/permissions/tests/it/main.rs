//! Permissions with a real Postgres: the service's own gRPC face, its log, and facts as the records and identity services
//! would tell them.
#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod agents;
mod cost;
mod golden;
mod links;
mod plans;
mod portal;
mod profiles;
mod seeds;
