//! Test support. Everything below the tests is real: Postgres, NATS and the mail catcher are started from the pinned
//! programs (see `scripts/fetch-tools`), each test has a database of its own, cloned from a migrated template.

mod browser;
mod contract;
mod counts;
mod database;
mod portal;
mod programs;
mod replica;
mod wait;

pub use browser::{Answer, Browser};
pub use contract::check_answer;
pub use counts::{Counts, count};
pub use database::{Database, ROLE_PASSWORD, postgres};
pub use portal::{PASSWORD, Portal, PortalOptions, nats, temporary};
pub use portico::assemble::Running as Process;
pub use portico::dev::{
    mail::{CaughtMail, MailCatcher, MailMode},
    nats::Nats,
    postgres::{OWNER, Postgres, PostgresOptions},
    servers::Tools,
};
pub use programs::ProgramClient;
pub use replica::replica;
pub use wait::{eventually, until};

use kernel::Secret;

/// The master key of every test installation.
pub const MASTER_KEY: [u8; 32] = [42; 32];

/// The master key as the log wants it.
pub fn master_key() -> Secret<[u8; 32]> {
    Secret::new(MASTER_KEY)
}
