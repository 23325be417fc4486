//! `deliveries_v1`: the delivery log as agents see it, and the sender's list of what is due.

use crate::{
    convert,
    domain::delivery::{Event, Order},
};
use eventlog::{Projection, Recorded};
use futures::future::BoxFuture;
use kernel::Timestamp;
use sqlx::{PgConnection, Row as _};
use std::collections::BTreeMap;
use time::OffsetDateTime;
use uuid::Uuid;

/// One row of `deliveries_v1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) id: Uuid,
    /// Version of the stream that the row shows.
    pub(crate) version: i64,
    pub(crate) template: String,
    pub(crate) recipient_id: Uuid,
    pub(crate) recipient: String,
    pub(crate) subject_id: String,
    pub(crate) subject_module: String,
    pub(crate) state: String,
    pub(crate) attempts: i32,
    pub(crate) error: String,
    pub(crate) message_id: String,
    pub(crate) redirected: String,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) due_at: Option<Timestamp>,
}

/// The row after an event. What the row already shows changes nothing, so that applying twice is applying once.
pub(crate) fn project(row: Option<Row>, id: Uuid, version: i64, at: Timestamp, event: &Event) -> Option<Row> {
    let mut row = match (row, event) {
        (Some(row), _) if row.version >= version => return Some(row),
        (Some(row), _) => row,
        (None, Event::Queued(order)) => first(id, at, order),
        // A stream begins with its order; without one there is nothing to show.
        (None, _) => return None,
    };
    let was_sending = matches!(row.state.as_str(), "sending" | "uncertain");
    row.version = version;
    row.updated_at = at;
    row.due_at = None;
    match event {
        Event::Queued(order) => {
            row.state = "queued".into();
            row.recipient.clone_from(&order.recipient);
            row.error.clear();
            row.redirected.clear();
            row.due_at = Some(at);
        }
        Event::Sending { attempt, message_id, recipient, redirected } => {
            row.state = "sending".into();
            row.attempts = *attempt;
            if !recipient.is_empty() {
                row.recipient.clone_from(recipient);
            }
            row.redirected.clone_from(redirected);
            row.message_id.clone_from(message_id);
        }
        Event::Sent { message_id, .. } => {
            row.state = "sent".into();
            row.message_id.clone_from(message_id);
            row.error.clear();
        }
        Event::Failed { error, retry_at } => {
            row.state = if retry_at.is_some() { "retrying" } else { "failed" }.into();
            row.error.clone_from(error);
            row.due_at = *retry_at;
            if !was_sending {
                row.attempts = row.attempts.saturating_add(1);
            }
        }
        Event::Uncertain => row.state = "uncertain".into(),
        Event::Skipped { reason } => {
            row.state = "skipped".into();
            row.error.clone_from(reason);
        }
    }
    Some(row)
}

fn first(id: Uuid, at: Timestamp, order: &Order) -> Row {
    Row {
        id,
        version: 0,
        template: order.template.as_str().to_owned(),
        recipient_id: order.recipient_id,
        recipient: order.recipient.clone(),
        subject_id: order.subject_id.clone(),
        subject_module: order.subject_module.clone(),
        state: String::new(),
        attempts: 0,
        error: String::new(),
        message_id: String::new(),
        redirected: String::new(),
        created_at: at,
        updated_at: at,
        due_at: None,
    }
}

/// The projection: two statements for a batch of any size.
pub(crate) struct Deliveries;

impl Projection for Deliveries {
    fn name(&self) -> &'static str {
        "deliveries_v1"
    }

    fn tables<'a>(&'a self, _: &'a mut PgConnection) -> BoxFuture<'a, Result<Vec<String>, sqlx::Error>> {
        Box::pin(async { Ok(vec!["deliveries_v1".to_owned()]) })
    }

    fn apply<'a>(
        &'a self,
        events: &'a [Recorded],
        connection: &'a mut PgConnection,
    ) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Box::pin(async move {
            let mut decoded = Vec::with_capacity(events.len());
            for recorded in events {
                if let Some((id, event)) = convert::decode(recorded).map_err(|e| sqlx::Error::Decode(e.into()))? {
                    decoded.push((id, recorded, event));
                }
            }
            let mut ids: Vec<Uuid> = decoded.iter().map(|(id, ..)| *id).collect();
            ids.sort_unstable();
            ids.dedup();
            if ids.is_empty() {
                return Ok(());
            }
            let mut rows = load(connection, &ids).await?;
            for (id, recorded, event) in &decoded {
                if let Some(row) = project(rows.remove(id), *id, recorded.version, recorded.recorded_at, event) {
                    rows.insert(*id, row);
                }
            }
            save(connection, &rows.into_values().collect::<Vec<_>>()).await
        })
    }
}

async fn load(connection: &mut PgConnection, ids: &[Uuid]) -> Result<BTreeMap<Uuid, Row>, sqlx::Error> {
    let found = sqlx::query(
        "select id, version, template, recipient_id, recipient, subject_id, subject_module, state, attempts, error,
                message_id, redirected, created_at, updated_at, due_at
         from deliveries_v1 where id = any ($1)",
    )
    .bind(ids)
    .fetch_all(connection)
    .await?;
    let mut rows = BTreeMap::new();
    for row in found {
        let time = |column| row.try_get::<OffsetDateTime, _>(column).map(Timestamp::from_offset);
        let id = row.try_get("id")?;
        let read = Row {
            id,
            version: row.try_get("version")?,
            template: row.try_get("template")?,
            recipient_id: row.try_get("recipient_id")?,
            recipient: row.try_get("recipient")?,
            subject_id: row.try_get("subject_id")?,
            subject_module: row.try_get("subject_module")?,
            state: row.try_get("state")?,
            attempts: row.try_get("attempts")?,
            error: row.try_get("error")?,
            message_id: row.try_get("message_id")?,
            redirected: row.try_get("redirected")?,
            created_at: time("created_at")?,
            updated_at: time("updated_at")?,
            due_at: row.try_get::<Option<OffsetDateTime>, _>("due_at")?.map(Timestamp::from_offset),
        };
        rows.insert(id, read);
    }
    Ok(rows)
}

async fn save(connection: &mut PgConnection, rows: &[Row]) -> Result<(), sqlx::Error> {
    fn column<T>(rows: &[Row], of: impl Fn(&Row) -> T) -> Vec<T> {
        rows.iter().map(of).collect()
    }
    sqlx::query(
        "insert into deliveries_v1 (id, version, template, recipient_id, recipient, subject_id, subject_module, state,
                                    attempts, error, message_id, redirected, created_at, updated_at, due_at)
         select * from unnest($1::uuid[], $2::bigint[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::text[],
                              $8::text[], $9::int[], $10::text[], $11::text[], $12::text[], $13::timestamptz[],
                              $14::timestamptz[], $15::timestamptz[])
         on conflict (id) do update set version = excluded.version, recipient = excluded.recipient,
             state = excluded.state, attempts = excluded.attempts, error = excluded.error,
             message_id = excluded.message_id, redirected = excluded.redirected, updated_at = excluded.updated_at, due_at = excluded.due_at",
    )
    .bind(column(rows, |r| r.id))
    .bind(column(rows, |r| r.version))
    .bind(column(rows, |r| r.template.clone()))
    .bind(column(rows, |r| r.recipient_id))
    .bind(column(rows, |r| r.recipient.clone()))
    .bind(column(rows, |r| r.subject_id.clone()))
    .bind(column(rows, |r| r.subject_module.clone()))
    .bind(column(rows, |r| r.state.clone()))
    .bind(column(rows, |r| r.attempts))
    .bind(column(rows, |r| r.error.clone()))
    .bind(column(rows, |r| r.message_id.clone()))
    .bind(column(rows, |r| r.redirected.clone()))
    .bind(column(rows, |r| r.created_at.to_offset()))
    .bind(column(rows, |r| r.updated_at.to_offset()))
    .bind(column(rows, |r| r.due_at.map(Timestamp::to_offset)))
    .execute(connection)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests;
