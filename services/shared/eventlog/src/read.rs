//! Reading the log: streams, ranges of positions, the head.

use crate::{
    DataKey, Log, LogError, Recorded, StreamId,
    codec::{self, Place},
    event::Header,
};
use kernel::{ActorKind, Channel, Timestamp};
use sqlx::{Row, postgres::PgRow};
use std::{collections::HashMap, sync::Arc};
use uuid::Uuid;

/// One row as it is stored.
pub(crate) struct StoredRow {
    pub(crate) position: i64,
    pub(crate) stream: Uuid,
    pub(crate) version: i64,
    pub(crate) event_id: Uuid,
    pub(crate) stored_type: String,
    pub(crate) recorded_at: i64,
    pub(crate) actor_id: Uuid,
    pub(crate) actor_kind: i16,
    pub(crate) on_behalf_of: Option<Uuid>,
    pub(crate) channel: i16,
    pub(crate) session: Option<Uuid>,
    pub(crate) command_id: Uuid,
    pub(crate) correlation_id: Uuid,
    pub(crate) causation_id: Option<Uuid>,
    pub(crate) traceparent: Option<String>,
    pub(crate) payload: Vec<u8>,
    pub(crate) key_id: Option<Uuid>,
    pub(crate) prev_hash: Vec<u8>,
    pub(crate) hash: Vec<u8>,
}

const COLUMNS: &str = "select e.pos, e.stream_id, e.stream_version, e.event_id, t.name,
    (extract(epoch from e.recorded_at) * 1000000)::bigint, e.actor_id, e.actor_kind, e.on_behalf_of, e.channel, e.session_id,
    e.command_id, e.correlation_id, e.causation_id, e.traceparent, e.payload, e.key_id, e.prev_hash, e.hash
    from event e join type t on t.id = e.type_id ";

impl StoredRow {
    fn of(row: &PgRow) -> Result<StoredRow, sqlx::Error> {
        Ok(StoredRow {
            position: row.try_get(0)?,
            stream: row.try_get(1)?,
            version: row.try_get(2)?,
            event_id: row.try_get(3)?,
            stored_type: row.try_get(4)?,
            recorded_at: row.try_get(5)?,
            actor_id: row.try_get(6)?,
            actor_kind: row.try_get(7)?,
            on_behalf_of: row.try_get(8)?,
            channel: row.try_get(9)?,
            session: row.try_get(10)?,
            command_id: row.try_get(11)?,
            correlation_id: row.try_get(12)?,
            causation_id: row.try_get(13)?,
            traceparent: row.try_get(14)?,
            payload: row.try_get(15)?,
            key_id: row.try_get(16)?,
            prev_hash: row.try_get(17)?,
            hash: row.try_get(18)?,
        })
    }

    pub(crate) fn header(&self) -> Header<'_> {
        Header {
            stream: self.stream,
            version: self.version,
            position: self.position,
            event_id: self.event_id,
            stored_type: &self.stored_type,
            recorded_at: self.recorded_at,
            actor_id: self.actor_id,
            actor_kind: self.actor_kind,
            on_behalf_of: self.on_behalf_of,
            channel: self.channel,
            session: self.session,
            command_id: self.command_id,
            correlation_id: self.correlation_id,
            causation_id: self.causation_id,
            key_id: self.key_id,
        }
    }

    fn open(self, keys: &HashMap<Uuid, DataKey>) -> Result<Recorded, LogError> {
        let place = Place { stream: self.stream, event_id: self.event_id, stored_type: &self.stored_type };
        let key = self.key_id.and_then(|id| keys.get(&id));
        let (payload, redacted) = codec::open(&place, &self.payload, key)?;
        Ok(Recorded {
            position: self.position,
            stream: self.stream,
            version: self.version,
            event_id: self.event_id,
            stored_type: Arc::from(self.stored_type),
            recorded_at: Timestamp::from_micros(self.recorded_at),
            actor_id: self.actor_id,
            actor_kind: ActorKind::from_number(self.actor_kind),
            on_behalf_of: self.on_behalf_of,
            channel: Channel::from_number(self.channel),
            session: self.session,
            command_id: self.command_id,
            correlation_id: self.correlation_id,
            causation_id: self.causation_id,
            traceparent: self.traceparent,
            payload,
            redacted,
            prev_hash: self.prev_hash,
            hash: self.hash,
        })
    }
}

impl Log {
    /// All events of a stream, in order. Empty when there is none.
    pub async fn load(&self, stream: StreamId) -> Result<Vec<Recorded>, LogError> {
        self.load_before(stream, i64::MAX, i64::MAX, false).await
    }

    /// All events of several streams, each stream's in order; streams without events are not among them. One statement.
    pub async fn load_all(&self, streams: &[StreamId]) -> Result<HashMap<Uuid, Vec<Recorded>>, LogError> {
        let sql = format!("{COLUMNS} where e.stream_id = any($1) order by e.stream_id, e.stream_version");
        let ids: Vec<Uuid> = streams.iter().map(|s| s.id).collect();
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(ids).fetch_all(self.reads()).await?;
        let mut all: HashMap<Uuid, Vec<Recorded>> = HashMap::new();
        for event in self.open_rows(&rows).await? {
            all.entry(event.stream).or_default().push(event);
        }
        Ok(all)
    }

    /// Up to `limit` events of a stream below a version, newest first when `backwards`.
    pub async fn load_before(
        &self,
        stream: StreamId,
        below: i64,
        limit: i64,
        backwards: bool,
    ) -> Result<Vec<Recorded>, LogError> {
        let order = if backwards { "desc" } else { "asc" };
        let sql = format!(
            "{COLUMNS} where e.stream_id = $1 and e.stream_version < $2 order by e.stream_version {order} limit $3"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(stream.id)
            .bind(below)
            .bind(limit)
            .fetch_all(self.reads())
            .await?;
        self.open_rows(&rows).await
    }

    /// Up to `limit` events from a position on, in order; one statement.
    pub async fn read(&self, from: i64, limit: i64) -> Result<Vec<Recorded>, LogError> {
        let rows = self.stored(from, limit).await?;
        self.open_stored(rows).await
    }

    /// The last position, and the epoch.
    pub async fn head(&self) -> Result<(i64, i32), LogError> {
        Ok(sqlx::query_as("select pos, epoch from head").fetch_one(self.reads()).await?)
    }

    /// Waits until every append is over that had begun; the last position then. Who changed what a projection reads of
    /// its tables' shape knows afterwards that all further rows are written by it.
    pub async fn settled(&self) -> Result<i64, LogError> {
        Ok(sqlx::query_scalar("select pos from head for update").fetch_one(&self.shared.pool).await?)
    }

    /// Rows as stored, from a position on.
    pub(crate) async fn stored(&self, from: i64, limit: i64) -> Result<Vec<StoredRow>, LogError> {
        let sql = format!("{COLUMNS} where e.pos >= $1 and e.pos < $1 + $2 order by e.pos");
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(from).bind(limit).fetch_all(self.reads()).await?;
        Ok(rows.iter().map(StoredRow::of).collect::<Result<_, _>>()?)
    }

    pub(crate) async fn open_stored(&self, rows: Vec<StoredRow>) -> Result<Vec<Recorded>, LogError> {
        let persons: Vec<Uuid> = rows.iter().filter_map(|r| r.key_id).collect();
        let keys = if persons.is_empty() { HashMap::new() } else { self.shared.keys.keys(&persons).await? };
        rows.into_iter().map(|r| r.open(&keys)).collect()
    }

    async fn open_rows(&self, rows: &[PgRow]) -> Result<Vec<Recorded>, LogError> {
        self.open_stored(rows.iter().map(StoredRow::of).collect::<Result<_, _>>()?).await
    }
}
