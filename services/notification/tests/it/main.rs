//! Notification against a real Postgres and a real SMTP conversation.

mod ground;
mod grpc;
mod knowledge;
mod log;
mod sending;
mod silence;
