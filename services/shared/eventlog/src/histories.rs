//! Whether a log and its stream on the bus tell the same history. One function decides, for the relay, which stops when
//! they don't, and for the operator who asks.

use crate::{Log, LogError, bus, relay::bus_error};
use async_nats::jetstream::{self, Context, context::GetStreamErrorKind};

/// What a comparison of a log with its stream found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Histories {
    /// The stream is a copy of the log up to this position.
    Same {
        /// Last position on the bus.
        published: i64,
        /// Last position of the log.
        head: i64,
    },
    /// There is no stream; the relay makes it from the log.
    NoStream,
    /// They have different histories, and only an operator knows which is right; what differs.
    Differ(String),
}

/// Compares a log with its stream.
///
/// # Errors
/// When the database or the bus does not answer.
pub async fn compare_bus(log: &Log, client: &async_nats::Client) -> Result<Histories, LogError> {
    let (head, epoch) = log.head().await?;
    compare(log, &jetstream::new(client.clone()), head, epoch).await
}

pub(crate) async fn compare(log: &Log, jetstream: &Context, head: i64, epoch: i32) -> Result<Histories, LogError> {
    let mut stream = match jetstream.get_stream(bus::stream_name(log.service())).await {
        Ok(stream) => stream,
        Err(e) if not_found(&e) => return Ok(Histories::NoStream),
        Err(e) => return Err(bus_error(e)),
    };
    let info = stream.info().await.map_err(bus_error)?.clone();
    let differ = |what: String| Ok(Histories::Differ(what));
    let their_epoch = info.config.metadata.get("portico-epoch").map(String::as_str).unwrap_or_default();
    if their_epoch != epoch.to_string() {
        return differ(format!("the stream has epoch {their_epoch}, the log has {epoch}"));
    }
    let last = i64::try_from(info.state.last_sequence).unwrap_or(i64::MAX);
    if last > head {
        return differ(format!("the stream ends at {last}, the log at {head}"));
    }
    let same = Ok(Histories::Same { published: last, head });
    if info.state.messages == 0 || last == 0 {
        return same;
    }
    let ours = log.read(last, 1).await?;
    let Some(ours) = ours.first() else {
        return differ(format!("position {last} is missing in the log"));
    };
    // A message that was deleted because its person was erased proves nothing.
    if let Ok(message) = stream.get_raw_message(info.state.last_sequence).await {
        let id = message.headers.get("ce-id").map(|v| v.as_str()).unwrap_or_default();
        if id != ours.event_id.to_string() {
            return differ(format!("at position {last} the stream has another event than the log"));
        }
    }
    same
}

fn not_found(error: &jetstream::context::GetStreamError) -> bool {
    matches!(error.kind(), GetStreamErrorKind::JetStream(e) if e.error_code() == jetstream::ErrorCode::STREAM_NOT_FOUND)
}
