//! Whether a log and its copy on the bus tell the same history. The relay asks before it publishes, an operator asks by
//! `portico doctor`.

use crate::{Log, LogError, bus, bus::bus_error};
use async_nats::jetstream::{self, Context};

/// How a service's stream compares with its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// There is no stream; the relay makes it.
    NoStream,
    /// The stream is a copy of the log up to a position; `head` is the log's last.
    Copy {
        /// Last position on the bus.
        published: i64,
        /// Last position of the log.
        head: i64,
    },
    /// They have different histories: what differs, in words. An operator has to decide (`portico events new-epoch`).
    Diverged(String),
}

/// Compares a log with its stream: the epochs, the ends, and the event at the stream's end.
///
/// # Errors
/// The database or NATS is away.
pub async fn standing(log: &Log, client: &async_nats::Client) -> Result<Standing, LogError> {
    compare(log, &jetstream::new(client.clone())).await
}

pub(crate) async fn compare(log: &Log, jetstream: &Context) -> Result<Standing, LogError> {
    let (head, epoch) = log.head().await?;
    let mut stream = match jetstream.get_stream(bus::stream_name(log.service())).await {
        Ok(stream) => stream,
        Err(e) if bus::is_missing(&e) => return Ok(Standing::NoStream),
        Err(e) => return Err(bus_error(e)),
    };
    let info = stream.info().await.map_err(bus_error)?.clone();
    let their_epoch = info.config.metadata.get("portico-epoch").map(String::as_str).unwrap_or_default();
    if their_epoch != epoch.to_string() {
        return Ok(Standing::Diverged(format!("the stream has epoch {their_epoch}, the log has {epoch}")));
    }
    let last = i64::try_from(info.state.last_sequence).unwrap_or(i64::MAX);
    if last > head {
        return Ok(Standing::Diverged(format!("the stream ends at {last}, the log at {head}")));
    }
    if info.state.messages == 0 || last == 0 {
        return Ok(Standing::Copy { published: last, head });
    }
    let Some(ours) = log.read(last, 1).await?.into_iter().next() else {
        return Ok(Standing::Diverged(format!("position {last} is missing in the log")));
    };
    // A message that was deleted because its person was erased proves nothing.
    if let Ok(message) = stream.get_raw_message(info.state.last_sequence).await {
        let id = message.headers.get("ce-id").map(|v| v.as_str()).unwrap_or_default().to_owned();
        if id != ours.event_id.to_string() {
            return Ok(Standing::Diverged(format!("at position {last} the stream has another event than the log")));
        }
    }
    Ok(Standing::Copy { published: last, head })
}
