//! Against a real Postgres: commands, lists, the projection and its plans.

#![allow(clippy::unwrap_used, reason = "tests")]

mod access;
mod columns;
mod commands;
mod conditions;
mod conversation;
mod deletion;
mod fuzz;
mod gates;
mod lists;
mod modules;
mod outside;
mod plans;
mod projection;
mod reading;
mod texts;
mod versions;
mod world;
