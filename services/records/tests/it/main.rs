//! Against a real Postgres: commands, lists, the projection and its plans.

mod commands;
mod lists;
mod plans;
mod projection;
mod reading;
mod world;
