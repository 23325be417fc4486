//! Black-box tests over HTTP and NATS. Each names the feature rows that it proves; LEDGER.md is generated from that.

mod access;
mod account;
mod activity;
mod admin_access;
mod agents;
mod api;
mod audit;
mod bulk;
mod company;
mod events;
mod factors;
mod login;
mod main_job;
mod plans;
mod processes;
mod records;
mod reset;
mod services;
mod stages;
mod support;
mod tokens;
mod totp;
mod visibility;
