//! Black-box tests over HTTP and NATS. Each names the feature rows that it proves; LEDGER.md is generated from that.

mod access;
mod api;
mod audit;
mod events;
mod login;
mod main_job;
mod plans;
mod processes;
mod records;
mod services;
mod support;
