//! Rebuilding a projection from the log while the service runs.
//!
//! The tables are filled a second time in schema `<service>_rebuild`, chunk by chunk; the last chunk and the exchange with
//! the live tables run under the head lock, so that no append falls between.

use crate::{Log, LogError, Projection, with_search_path};
use sqlx::{ConnectOptions, Connection, PgConnection};
use std::sync::Arc;
use tracing::info;

const CHUNK: i64 = 10_000;

/// Where a rebuild stands.
#[derive(Debug, Clone)]
pub struct RebuildStatus {
    /// Name of the projection.
    pub projection: String,
    /// Last position that is in the new tables.
    pub position: i64,
    /// `running`, `done` or `failed`.
    pub state: String,
    /// Why it failed.
    pub error: Option<String>,
}

/// Rebuilds a projection; returns when the new tables are live. Appends go on meanwhile, and wait only for the end.
pub async fn rebuild(log: &Log, projection: &Arc<dyn Projection>) -> Result<RebuildStatus, LogError> {
    let service = log.service();
    let path = format!("{service}_rebuild, {service}_log");
    let options = with_search_path(log.pool().connect_options().as_ref().clone(), &path);
    let mut connection = options.connect().await?;
    // Whoever holds the tables may have a long index to build.
    sqlx::query("set statement_timeout = 0").execute(&mut connection).await?;
    sqlx::query("select pg_advisory_lock(hashtext($1))").bind(lock_key(service)).execute(&mut connection).await?;
    sqlx::query("reset statement_timeout").execute(&mut connection).await?;
    mark(log, projection.name(), 0, "running", None).await?;
    let result = fill_and_swap(log, projection.as_ref(), &mut connection).await;
    let _ = connection.close().await;
    match result {
        Ok(position) => {
            mark(log, projection.name(), position, "done", None).await?;
            info!(event = "projection.rebuilt", projection = projection.name(), position, "projection rebuilt");
            Ok(RebuildStatus { projection: projection.name().into(), position, state: "done".into(), error: None })
        }
        Err(error) => {
            mark(log, projection.name(), 0, "failed", Some(error.to_string())).await?;
            Err(error)
        }
    }
}

/// What a rebuild of the service locks.
fn lock_key(service: &str) -> String {
    format!("rebuild {service}")
}

/// A connection that keeps rebuilds waiting while it lives. Who changes the shape of a projection's tables outside of
/// appends holds it, so that the tables are not exchanged under its hands; and only one process does so at a time.
pub struct WithoutRebuild {
    connection: PgConnection,
}

impl WithoutRebuild {
    /// None while a rebuild is under way, or while another process holds one.
    pub async fn hold(log: &Log) -> Result<Option<WithoutRebuild>, LogError> {
        let mut connection = log.pool().connect_options().connect().await?;
        // An index of a large table takes its time.
        sqlx::query("set statement_timeout = 0").execute(&mut connection).await?;
        let held: bool = sqlx::query_scalar("select pg_try_advisory_lock(hashtext($1))")
            .bind(lock_key(log.service()))
            .fetch_one(&mut connection)
            .await?;
        if held {
            return Ok(Some(WithoutRebuild { connection }));
        }
        let _ = connection.close().await;
        Ok(None)
    }

    /// The connection, in the live schema. No statement on it is cut off.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    /// Lets rebuilds go on.
    pub async fn release(self) {
        let _ = self.connection.close().await;
    }
}

async fn fill_and_swap(log: &Log, projection: &dyn Projection, connection: &mut PgConnection) -> Result<i64, LogError> {
    let mut live = log.pool().acquire().await?;
    let tables = projection.tables(&mut live).await?;
    drop(live);
    sqlx::query("select begin_rebuild($1)").bind(&tables).execute(&mut *connection).await?;
    let mut position = 0;
    loop {
        let events = log.read(position + 1, CHUNK).await?;
        let Some(last) = events.last() else { break };
        position = last.position;
        let mut tx = connection.begin().await?;
        projection.apply(&events, &mut tx).await?;
        tx.commit().await?;
        mark(log, projection.name(), position, "running", None).await?;
    }
    // The end: nothing is appended between the last event applied and the exchange.
    let mut tx = connection.begin().await?;
    let head: i64 = sqlx::query_scalar("select pos from head for update").fetch_one(&mut *tx).await?;
    while position < head {
        let events = log.read(position + 1, CHUNK).await?;
        let Some(last) = events.last() else { break };
        position = last.position;
        projection.apply(&events, &mut tx).await?;
    }
    // Modules defined meanwhile have brought tables of their own.
    let tables = projection.tables(&mut tx).await?;
    sqlx::query("select swap_rebuilt($1)").bind(&tables).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(position)
}

async fn mark(log: &Log, projection: &str, position: i64, state: &str, error: Option<String>) -> Result<(), LogError> {
    sqlx::query(
        "insert into rebuild (projection, pos, state, error, started_at, finished_at)
         values ($1, $2, $3, $4, now(), case when $3 = 'running' then null else now() end)
         on conflict (projection) do update set pos = excluded.pos, state = excluded.state, error = excluded.error,
             started_at = case when rebuild.state = 'running' then rebuild.started_at else now() end,
             finished_at = excluded.finished_at",
    )
    .bind(projection)
    .bind(position)
    .bind(state)
    .bind(error)
    .execute(log.pool())
    .await?;
    Ok(())
}

/// Where the rebuilds of a service stand.
pub async fn rebuilds(log: &Log) -> Result<Vec<RebuildStatus>, LogError> {
    let rows: Vec<(String, i64, String, Option<String>)> =
        sqlx::query_as("select projection, pos, state, error from rebuild order by projection")
            .fetch_all(log.pool())
            .await?;
    Ok(rows
        .into_iter()
        .map(|(projection, position, state, error)| RebuildStatus { projection, position, state, error })
        .collect())
}
