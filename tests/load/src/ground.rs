//! What every benchmark stands on: a private Postgres with production settings.

use crate::{Effort, statements::PRELOAD, usage::cpu_seconds};
use anyhow::{Context, Result};
use kit::Database;
use portico::dev::{
    nats::{Nats, NatsOptions, portico_users},
    postgres::{Postgres, PostgresOptions},
    servers::Tools,
};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, Row, postgres::PgConnectOptions};
use std::{path::PathBuf, str::FromStr};

/// Settings beside Postgres's own: fsync, synchronous_commit and full_page_writes are on. Checkpoints come when we ask for
/// them, before each measurement, so that none falls into one side of a comparison only.
const SETTINGS: [(&str, &str); 6] = [
    ("max_connections", "300"),
    ("shared_buffers", "512MB"),
    ("maintenance_work_mem", "256MB"),
    ("max_wal_size", "16GB"),
    ("checkpoint_timeout", "1h"),
    ("log_line_prefix", "%a|"),
];

/// The servers' ground.
pub(crate) struct Ground {
    pub(crate) tools: Tools,
    pub(crate) directory: PathBuf,
    pub(crate) postgres: Postgres,
    pub(crate) effort: Effort,
    /// Where portals export traces to, if they do.
    pub(crate) traces: Option<String>,
}

impl Ground {
    /// Starts Postgres in a directory.
    pub(crate) async fn start(
        directory: PathBuf,
        effort: Effort,
        traces: Option<String>,
        statements: bool,
    ) -> Result<Ground> {
        let tools = Tools::locate()?;
        let postgres = Postgres::start(PostgresOptions {
            tools: tools.clone(),
            directory: directory.join("postgres"),
            port: None,
            settings: SETTINGS
                .into_iter()
                .chain(statements.then_some(PRELOAD))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            durable: true,
        })
        .await?;
        Ok(Ground { tools, directory, postgres, effort, traces })
    }

    /// The settings in words.
    pub(crate) fn settings(&self) -> String {
        let ours: Vec<String> = SETTINGS[1..5].iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!(
            "Postgres 18.6: fsync, synchronous_commit and full_page_writes on, {}, CHECKPOINT before each measurement; \
             nats-server 2.15.1, default sync; trace exporter {}; all in {}",
            ours.join(", "),
            if self.traces.is_some() { "on, every request" } else { "off" },
            self.directory.display()
        )
    }

    /// A migrated database.
    pub(crate) async fn database(&self, name: &str) -> Result<Database> {
        Database::made_on(&self.postgres, name).await
    }

    /// A NATS of a name's own.
    pub(crate) async fn nats(&self, name: &str) -> Result<Nats> {
        let options = NatsOptions {
            tools: self.tools.clone(),
            directory: self.directory.join(format!("nats-{name}")),
            port: None,
            users: portico_users()?,
            sync_always: false,
        };
        Nats::start(options).await.context("NATS")
    }

    /// A connection as the owner.
    pub(crate) async fn owner(&self, database: &str) -> Result<PgConnection> {
        let url = self.postgres.url_of(portico::dev::postgres::OWNER, self.postgres.password(), database);
        Ok(PgConnectOptions::from_str(&url)?.connect().await?)
    }

    /// Runs statements as the owner.
    pub(crate) async fn execute(&self, database: &str, statements: &str) -> Result<()> {
        let mut connection = self.owner(database).await?;
        sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).execute(&mut connection).await?;
        connection.close().await?;
        Ok(())
    }

    /// Puts everything on the disk, so that what is measured next does not pay for what came before.
    pub(crate) async fn checkpoint(&self) -> Result<()> {
        self.execute("postgres", "checkpoint").await
    }

    /// Syncs of the write-ahead log since the server's start. Sessions report theirs when they end.
    pub(crate) async fn wal_syncs(&self) -> Result<f64> {
        // Sessions that were just closed end in a moment.
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        let mut connection = self.owner("postgres").await?;
        let row = sqlx::query("select coalesce(sum(fsyncs), 0)::float8 from pg_stat_io where object = 'wal'")
            .fetch_one(&mut connection)
            .await?;
        connection.close().await?;
        Ok(row.try_get(0)?)
    }

    /// Transactions that have written something since the server was made; asking is one of them.
    pub(crate) async fn commits(&self) -> Result<f64> {
        let mut connection = self.owner("postgres").await?;
        let row = sqlx::query("select pg_current_xact_id()::text::float8").fetch_one(&mut connection).await?;
        connection.close().await?;
        Ok(row.try_get(0)?)
    }

    /// Transactions of a database. Sessions that work report theirs about once a second, those that have gone idle within
    /// ten.
    pub(crate) async fn transactions(&self, database: &str) -> Result<f64> {
        tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
        let mut connection = self.owner("postgres").await?;
        let row = sqlx::query("select (xact_commit + xact_rollback)::float8 from pg_stat_database where datname = $1")
            .bind(database)
            .fetch_one(&mut connection)
            .await?;
        connection.close().await?;
        Ok(row.try_get(0)?)
    }

    /// CPU seconds of all of Postgres.
    pub(crate) fn postgres_cpu(&self) -> f64 {
        self.postgres.pid().map_or(0.0, cpu_seconds)
    }

    /// What Postgres has written to its log so far.
    pub(crate) fn postgres_log(&self) -> Result<String> {
        Ok(String::from_utf8_lossy(&std::fs::read(self.directory.join("postgres/postgres.log"))?).into_owned())
    }
}

/// The columns of a table in their order, and for each the expression that fills it in a copy of a row `t`: what `given`
/// says, else the row's own value.
pub(crate) async fn copied(
    connection: &mut PgConnection,
    schema: &str,
    table: &str,
    given: &[(&str, &str)],
) -> Result<(String, String)> {
    let columns: Vec<String> = sqlx::query_scalar(
        "select column_name::text from information_schema.columns where table_schema = $1 and table_name = $2
         order by ordinal_position",
    )
    .bind(schema)
    .bind(table)
    .fetch_all(connection)
    .await?;
    let expression = |column: &String| {
        let found = given.iter().find(|(name, _)| name == column);
        found.map_or(format!("t.{column}"), |(_, expression)| (*expression).to_owned())
    };
    for (name, _) in given {
        anyhow::ensure!(columns.iter().any(|c| c == name), "{schema}.{table} has no column {name}");
    }
    Ok((columns.join(", "), columns.iter().map(expression).collect::<Vec<_>>().join(", ")))
}
