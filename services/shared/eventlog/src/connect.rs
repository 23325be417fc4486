//! Connections as the log needs them.

use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{str::FromStr, time::Duration};

/// Options of a connection of a service: its search path, a name, and limits that keep a frozen process from holding
/// locks for ever.
///
/// # Errors
/// When the URL is none.
pub fn connect_options(url: &str, service: &str) -> Result<PgConnectOptions, sqlx::Error> {
    Ok(with_search_path(PgConnectOptions::from_str(url)?, &format!("{service}, {service}_log"))
        .application_name(&format!("portico-{service}"))
        .statement_cache_capacity(512))
}

/// The same options with another search path.
pub fn with_search_path(options: PgConnectOptions, path: &str) -> PgConnectOptions {
    options.options([
        ("search_path", path),
        ("jit", "off"),
        ("idle_in_transaction_session_timeout", "10s"),
        ("statement_timeout", "30s"),
    ])
}

/// A pool of a service. Connections are made on first use, so that a database that is away does not stop the start.
pub fn pool(url: &str, service: &str, size: u32) -> Result<PgPool, sqlx::Error> {
    Ok(PgPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(Duration::from_secs(4))
        .idle_timeout(Duration::from_secs(600))
        .connect_lazy_with(connect_options(url, service)?))
}
