//! Writers of the event log, and the inline projection that some of them have.

use super::PAYLOAD;
use crate::work::{Ended, Outcome, closed_loop};
use anyhow::Result;
use eventlog::{Append, Expected, LogOptions, Meta, Projection, Recorded, StreamId};
use futures::future::BoxFuture;
use kernel::Actor;
use kit::Database;
use prost::Message;
use proto::records::v1::{FieldChange, RecordStatusChanged, RecordUpdated, Value, value::Kind};
use sqlx::{PgConnection, types::time::OffsetDateTime};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use uuid::Uuid;

/// The event that the benchmarks append. It has no personal fields.
pub(crate) const TYPE: &str = "records.record.status_changed.v1";

/// Streams of one writer.
const STREAMS: usize = 64;

/// The message of an event, [`PAYLOAD`] bytes long.
pub(crate) fn message(record: Uuid) -> Vec<u8> {
    let mut event = RecordStatusChanged {
        occurred_at_micros: 0,
        record_id: record.to_string(),
        module: "tickets".into(),
        field: "status".into(),
        old: "open".into(),
        new: String::new(),
        by_reply: String::new(),
    };
    let missing = PAYLOAD.saturating_sub(event.encoded_len() + 3);
    event.new = "x".repeat(missing);
    event.encode_to_vec()
}

/// The message of a change of a ticket's status, another one with each version.
pub(crate) fn message_of_change(record: Uuid, version: i64) -> Vec<u8> {
    let status = |even: bool| Some(Value { kind: Some(Kind::Text(if even { "open" } else { "in_progress" }.into())) });
    let even = version % 2 == 0;
    let change = FieldChange { field: "status".into(), old: status(even), new: status(!even) };
    RecordUpdated {
        record_id: record.to_string(),
        module: "tickets".into(),
        changes: vec![change],
        ..RecordUpdated::default()
    }
    .encode_to_vec()
}

/// An append of one event.
pub(crate) fn append(record: Uuid, expected: Expected) -> Append {
    let message = message(record);
    let meta = Meta::new(Actor::service("records"), kernel::new_id(), &message);
    Append::events(meta, StreamId::new("record", record), expected, vec![(TYPE, message, None)])
}

/// Appends for some seconds.
pub(super) async fn run(database: &Database, writers: usize, projected: bool, seconds: u64) -> Result<Outcome> {
    let projections: Vec<Arc<dyn Projection>> = if projected { vec![Arc::new(Shown)] } else { Vec::new() };
    let log = database.log("records", projections, LogOptions::default())?;
    let all: Vec<Writer> = (0..writers).map(|_| Writer::new()).collect();
    let write = async |writer: &mut Writer| {
        let (record, version) = writer.next();
        log.append(append(record, Expected::Version(version))).await?;
        Ok(Ended::Done)
    };
    let outcome = closed_loop(all, Duration::from_secs(seconds), write).await?;
    log.pool().close().await;
    Ok(outcome)
}

struct Writer {
    streams: Vec<(Uuid, i64)>,
}

impl Writer {
    fn new() -> Writer {
        Writer { streams: (0..STREAMS).map(|_| (kernel::new_id(), 0)).collect() }
    }

    /// A random stream and the version that it has.
    fn next(&mut self) -> (Uuid, i64) {
        let random = kernel::new_id().as_bytes().last().copied().unwrap_or_default();
        let (record, version) = &mut self.streams[usize::from(random) % STREAMS];
        *version += 1;
        (*record, *version - 1)
    }
}

/// One row per stream: its last event.
struct Shown;

impl Projection for Shown {
    fn name(&self) -> &'static str {
        "load_shown_v1"
    }

    fn tables<'a>(&'a self, _: &'a mut PgConnection) -> BoxFuture<'a, Result<Vec<String>, sqlx::Error>> {
        Box::pin(async { Ok(vec!["load_shown_v1".to_owned()]) })
    }

    fn apply<'a>(
        &'a self,
        events: &'a [Recorded],
        connection: &'a mut PgConnection,
    ) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        let last: BTreeMap<Uuid, &Recorded> = events.iter().map(|e| (e.stream, e)).collect();
        Box::pin(async move {
            sqlx::query(
                "insert into load_shown_v1 as r (stream, version, at, body) select * from unnest($1, $2, $3, $4)
                 on conflict (stream) do update set version = excluded.version, at = excluded.at, body = excluded.body
                 where r.version < excluded.version",
            )
            .bind(last.keys().copied().collect::<Vec<Uuid>>())
            .bind(last.values().map(|e| e.version).collect::<Vec<i64>>())
            .bind(last.values().map(|e| e.recorded_at.to_offset()).collect::<Vec<OffsetDateTime>>())
            .bind(last.values().map(|e| e.payload.as_slice()).collect::<Vec<&[u8]>>())
            .execute(connection)
            .await?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_the_size_of_a_plain_rows_payload() {
        assert_eq!(message(Uuid::nil()).len(), PAYLOAD);
    }
}
