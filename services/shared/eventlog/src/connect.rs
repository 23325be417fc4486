//! Connections as the log needs them.

use sqlx::{
    Connection, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};
use std::{str::FromStr, time::Duration};

/// A connection that was idle for longer is tested before it is used. One that was in use a moment ago is not: the test
/// would cost a round trip for each statement, and if the server went away meanwhile, the statement itself fails.
const ASKED_AFTER: Duration = Duration::from_secs(1);

/// Options of a connection of a service: its search path, a name, and limits that keep a frozen process from holding
/// locks for ever. Statements are prepared once and planned once: with the log's partitions Postgres would stay with
/// plans of their own for each call, and planning costs more than running.
///
/// # Errors
/// When the URL is none.
pub fn connect_options(url: &str, service: &str) -> Result<PgConnectOptions, sqlx::Error> {
    Ok(with_search_path(PgConnectOptions::from_str(url)?, &format!("{service}, {service}_log"))
        .application_name(&format!("portico-{service}"))
        .options([("plan_cache_mode", "force_generic_plan")])
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
///
/// # Errors
/// When the URL is none.
pub fn pool(url: &str, service: &str, size: u32) -> Result<PgPool, sqlx::Error> {
    Ok(pool_of(connect_options(url, service)?, size))
}

/// A pool of connections with these options.
pub fn pool_of(options: PgConnectOptions, size: u32) -> PgPool {
    PgPoolOptions::new()
        .max_connections(size)
        .acquire_timeout(Duration::from_secs(4))
        .idle_timeout(Duration::from_secs(600))
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for > ASKED_AFTER {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_lazy_with(options)
}
