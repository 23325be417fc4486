//! Dead letters, as operators see them.

use crate::LogError;
use kernel::Timestamp;
use sqlx::PgPool;
use uuid::Uuid;

/// An event that a consumer could not handle.
#[derive(Debug, Clone)]
pub struct DeadLetter {
    /// The consumer.
    pub consumer: String,
    /// The service whose event it is.
    pub source: String,
    /// Position in that service's log.
    pub position: i64,
    /// Its stream.
    pub stream: Uuid,
    /// Its id.
    pub event_id: Uuid,
    /// Its stored type.
    pub stored_type: String,
    /// `retrying`, `waiting` (behind an earlier event of its stream) or `dead`.
    pub state: String,
    /// The last error.
    pub error: String,
    /// How often it was tried.
    pub attempts: i32,
    /// Since when.
    pub at: Timestamp,
}

type Row = (String, String, i64, Uuid, Uuid, String, String, String, i32, i64);

const COLUMNS: &str = "select consumer, source, pos, stream_id, event_id, type, state, error, attempts,
    (extract(epoch from at) * 1000000)::bigint from dead ";

fn letter(row: Row) -> DeadLetter {
    let (consumer, source, position, stream, event_id, stored_type, state, error, attempts, at) = row;
    let at = Timestamp::from_micros(at);
    DeadLetter { consumer, source, position, stream, event_id, stored_type, state, error, attempts, at }
}

/// All of a service's dead, retrying and waiting letters, oldest first; at most 1,000.
pub async fn list_dead(pool: &PgPool) -> Result<Vec<DeadLetter>, LogError> {
    let sql = format!("{COLUMNS} order by source, pos limit 1000");
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(pool).await?;
    Ok(rows.into_iter().map(letter).collect())
}

/// Where a service's log ends and how many letters [`list_dead`] has, in one statement: what gauges are made of.
///
/// # Errors
/// When the database does not answer.
pub async fn end_and_dead(pool: &PgPool) -> Result<(i64, i64), LogError> {
    let sql = "select pos, (select count(*) from dead) from head";
    Ok(sqlx::query_as(sql).fetch_one(pool).await?)
}

/// One letter.
pub async fn show_dead(pool: &PgPool, source: &str, position: i64) -> Result<Option<DeadLetter>, LogError> {
    let sql = format!("{COLUMNS} where source = $1 and pos = $2 limit 1");
    let row: Option<Row> =
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(source).bind(position).fetch_optional(pool).await?;
    Ok(row.map(letter))
}

/// Asks the running service to handle a letter again; answers whether there is one.
pub async fn request_replay(pool: &PgPool, source: &str, position: i64) -> Result<bool, LogError> {
    let done = sqlx::query("update dead set replay_requested = true where source = $1 and pos = $2")
        .bind(source)
        .bind(position)
        .execute(pool)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Gives a letter up: its event is never handled; those that wait behind it go on.
pub async fn drop_dead(pool: &PgPool, source: &str, position: i64) -> Result<bool, LogError> {
    let done = sqlx::query("delete from dead where source = $1 and pos = $2")
        .bind(source)
        .bind(position)
        .execute(pool)
        .await?;
    Ok(done.rows_affected() > 0)
}
