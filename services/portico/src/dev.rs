//! `portico dev`: private Postgres, NATS and mail catcher, all services and demo data, in one command.

pub mod mail;
pub mod nats;
pub mod postgres;
mod run;
pub mod servers;

pub use run::{DevOptions, run};
