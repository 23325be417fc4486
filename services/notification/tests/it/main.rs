//! Notification against a real Postgres and a real SMTP conversation.
#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod ground;
mod grpc;
mod headers;
mod knowledge;
mod log;
mod owners;
mod security;
mod sending;
mod silence;
