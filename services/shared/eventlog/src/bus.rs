//! The published form of an event: CloudEvents 1.0 in binary mode, as NATS headers, and back.

use crate::{Announcement, LogError, Recorded, source::actor_kind};
use async_nats::HeaderMap;
use kernel::{Channel, Timestamp};
use std::sync::Arc;
use uuid::Uuid;

/// Name of a service's JetStream stream.
pub(crate) fn stream_name(service: &str) -> String {
    format!("PORTICO_{}", service.to_uppercase())
}

/// True when a stream could not be fetched because it does not exist.
pub(crate) fn is_missing(error: &async_nats::jetstream::context::GetStreamError) -> bool {
    use async_nats::jetstream::{ErrorCode, context::GetStreamErrorKind::JetStream};
    matches!(error.kind(), JetStream(e) if e.error_code() == ErrorCode::STREAM_NOT_FOUND)
}

/// An error of NATS or JetStream as an error of the log.
pub(crate) fn bus_error(error: impl std::fmt::Display) -> LogError {
    LogError::Bus(error.to_string())
}

/// Subject of an event.
pub(crate) fn subject(service: &str, announcement: &Announcement) -> String {
    let Announcement { aggregate, event, public, .. } = announcement;
    if *public {
        format!("portico.v1.{service}.{aggregate}.{event}")
    } else {
        format!("portico.v1.{service}.internal.{aggregate}_{event}")
    }
}

/// Where events come from.
pub(crate) struct Origin<'a> {
    pub(crate) service: &'a str,
    pub(crate) installation: &'a str,
    /// Base URL of `ce-dataschema`.
    pub(crate) schemas: &'a str,
    /// The log's epoch: another one means that its history was replaced.
    pub(crate) epoch: i32,
}

/// The headers of a published event. `traceparent` is the context of the publish span. README.md lists them all; a test
/// compares.
pub(crate) fn headers(
    origin: &Origin<'_>,
    event: &Recorded,
    announcement: &Announcement,
    traceparent: Option<String>,
) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut put = |name: &'static str, value: String| {
        if !value.is_empty() {
            headers.insert(name, value.as_str());
        }
    };
    let text = |id: Option<Uuid>| id.map(|i| i.to_string()).unwrap_or_default();
    let Origin { service, installation, schemas, epoch } = origin;
    let version = event.stored_type.rsplit_once('.').map_or("v1", |(_, version)| version);
    put("ce-specversion", "1.0".into());
    put("ce-id", event.event_id.to_string());
    put("ce-source", format!("urn:portico:{installation}:{service}"));
    put("ce-type", format!("dev.portico.{}.{}.{version}", announcement.aggregate, announcement.event));
    put("ce-subject", announcement.subject.clone());
    put("ce-time", event.recorded_at.rfc3339());
    put("ce-datacontenttype", "application/json".into());
    put("content-type", "application/json".into());
    put("ce-dataschema", format!("{schemas}{}", proto::event::EventType::schema_path(&event.stored_type)));
    put("ce-partitionkey", announcement.subject.clone());
    put("ce-sequence", format!("{:020}", event.version));
    put("ce-epoch", epoch.to_string());
    put("ce-correlationid", event.correlation_id.to_string());
    put("ce-causationid", text(event.causation_id));
    put("ce-actorkind", event.actor_kind.as_str().into());
    put("ce-traceparent", event.traceparent.clone().unwrap_or_default());
    put("traceparent", traceparent.or_else(|| event.traceparent.clone()).unwrap_or_default());
    put("portico-type", event.stored_type.to_string());
    put("portico-stream", event.stream.to_string());
    put("portico-actor", event.actor_id.to_string());
    put("portico-on-behalf-of", text(event.on_behalf_of));
    put("portico-channel", event.channel.as_str().into());
    put("portico-session", text(event.session));
    put("portico-command", event.command_id.to_string());
    if event.redacted {
        put("portico-redacted", "true".into());
    }
    headers
}

/// Reads a published event.
pub(crate) fn decode(headers: &HeaderMap, sequence: u64, data: &[u8]) -> Result<Recorded, LogError> {
    let get = |name: &str| headers.get(name).map(|v| v.as_str()).unwrap_or_default();
    let id = |name: &str| {
        Uuid::try_parse(get(name)).map_err(|_| LogError::Broken(format!("message {sequence}: header {name} is no id")))
    };
    let optional = |name: &str| {
        if get(name).is_empty() { Ok(None) } else { id(name).map(Some) }
    };
    let stored_type = get("portico-type");
    let payload = proto::event::from_json(stored_type, data)
        .map_err(|e| LogError::Broken(format!("message {sequence} ({stored_type}): {e}")))?;
    let traceparent = get("traceparent");
    Ok(Recorded {
        position: i64::try_from(sequence).unwrap_or(i64::MAX),
        stream: id("portico-stream")?,
        version: get("ce-sequence")
            .parse()
            .map_err(|_| LogError::Broken(format!("message {sequence}: ce-sequence")))?,
        event_id: id("ce-id")?,
        stored_type: Arc::from(stored_type),
        recorded_at: Timestamp::parse(get("ce-time")).unwrap_or_default(),
        actor_id: id("portico-actor")?,
        actor_kind: actor_kind(get("ce-actorkind")),
        on_behalf_of: optional("portico-on-behalf-of")?,
        channel: Channel::from_word(get("portico-channel")).unwrap_or(Channel::System),
        session: optional("portico-session")?,
        command_id: id("portico-command")?,
        correlation_id: id("ce-correlationid")?,
        causation_id: optional("ce-causationid")?,
        traceparent: (!traceparent.is_empty()).then(|| traceparent.to_owned()),
        payload,
        redacted: get("portico-redacted") == "true",
        prev_hash: Vec::new(),
        hash: Vec::new(),
    })
}
