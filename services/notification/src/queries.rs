//! Reads of the delivery log.

use kernel::{Cursor, Error, Result, Timestamp};
use sqlx::{PgPool, Row};
use time::OffsetDateTime;
use uuid::Uuid;

/// States that a delivery can be asked for by.
const STATES: [&str; 7] = ["queued", "sending", "sent", "retrying", "failed", "uncertain", "skipped"];

/// One delivery as agents see it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) id: Uuid,
    pub(crate) template: String,
    pub(crate) recipient: String,
    pub(crate) state: String,
    pub(crate) attempts: i32,
    pub(crate) error: String,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) subject_id: String,
    pub(crate) message_id: String,
    pub(crate) redirected: String,
}

/// A page of deliveries, newest first, and the cursor of the next one (empty at the end). One statement.
pub(crate) async fn list(pool: &PgPool, limit: i32, cursor: &str, state: &str) -> Result<(Vec<Shown>, String)> {
    let size = kernel::page_size(limit)?;
    if !state.is_empty() && !STATES.contains(&state) {
        return Err(Error::invalid_field("state", "unknown_value", "There is no such state."));
    }
    let after = if cursor.is_empty() { None } else { Some(place(cursor)?) };
    // One statement per shape: with `or` in it the index would not serve the page.
    let sql = match (state.is_empty(), after.is_some()) {
        (true, false) => select("true", ""),
        (true, true) => select("true", "and (d.created_at, d.id) < ($3, $4)"),
        (false, false) => select("d.state = $2", ""),
        (false, true) => select("d.state = $2", "and (d.created_at, d.id) < ($3, $4)"),
    };
    let (at, id) = after.unwrap_or((Timestamp::default(), Uuid::nil()));
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
        .bind(i64::from(size) + 1)
        .bind(state)
        .bind(at.to_offset())
        .bind(id)
        .fetch_all(pool)
        .await
        .map_err(eventlog::LogError::from)?;
    let mut shown = rows.iter().map(read).collect::<Result<Vec<_>, sqlx::Error>>().map_err(Error::internal)?;
    let more = shown.len() > size as usize;
    shown.truncate(size as usize);
    let next = shown
        .last()
        .filter(|_| more)
        .map(|last| Cursor(vec![last.created_at.micros().to_string(), last.id.to_string()]).encode());
    Ok((shown, next.unwrap_or_default()))
}

/// `$2` to `$4` are mentioned in every shape, so that one list of values fits all.
fn select(state: &str, after: &str) -> String {
    format!(
        "select d.id, d.template, coalesce(nullif(d.recipient, ''), nullif(r.email, ''), r.access_email, '') as recipient,
                d.state, d.attempts, d.error, d.created_at, d.updated_at, d.subject_id, d.message_id,
                d.redirected
         from deliveries_v1 d left join recipients r on r.id = d.recipient_id
         where {state} {after} and $2::text is not null and $3::timestamptz is not null and $4::uuid is not null
         order by d.created_at desc, d.id desc limit $1"
    )
}

fn read(row: &sqlx::postgres::PgRow) -> Result<Shown, sqlx::Error> {
    let time = |column| row.try_get::<OffsetDateTime, _>(column).map(Timestamp::from_offset);
    Ok(Shown {
        id: row.try_get("id")?,
        template: row.try_get("template")?,
        recipient: row.try_get("recipient")?,
        state: row.try_get("state")?,
        attempts: row.try_get("attempts")?,
        error: row.try_get("error")?,
        created_at: time("created_at")?,
        updated_at: time("updated_at")?,
        subject_id: row.try_get("subject_id")?,
        message_id: row.try_get("message_id")?,
        redirected: row.try_get("redirected")?,
    })
}

fn place(cursor: &str) -> Result<(Timestamp, Uuid)> {
    let cursor = Cursor::decode(cursor, 2)?;
    let at = cursor.0[0].parse().map(Timestamp::from_micros).map_err(|_| kernel::CursorError)?;
    let id = Uuid::try_parse(&cursor.0[1]).map_err(|_| kernel::CursorError)?;
    Ok((at, id))
}
