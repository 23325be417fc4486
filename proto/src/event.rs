//! The table of stored events and the two forms of an event: protobuf bytes in the log, JSON on the bus.

use prost::Message;
use serde::{Serialize, de::DeserializeOwned};

/// A message that is stored as an event.
pub trait StoredEvent: Message + Default {
    /// The name under which it is stored, for example `records.record.created.v1`.
    const STORED_TYPE: &'static str;
}

/// What is known of a stored event from its schema alone.
#[derive(Debug, Clone, Copy)]
pub struct EventType {
    /// Stored name, `<service>.<aggregate>.<event>.v<n>`.
    pub stored: &'static str,
    /// Full protobuf name.
    pub message: &'static str,
    /// Numbers of the top-level fields that are personal and are stored sealed.
    pub personal: &'static [u32],
    /// JSON Schema (2020-12) of the published form.
    pub schema: &'static str,
}

impl EventType {
    /// Where the schema is served, below the portal's address: `/schemas/events/records.record.created/v1.json`. It is
    /// what `ce-dataschema` says.
    pub fn schema_path(stored: &str) -> String {
        let (name, version) = stored.rsplit_once('.').unwrap_or((stored, "v1"));
        format!("/schemas/events/{name}/{version}.json")
    }
}

/// Why an event could not be read or written.
#[derive(Debug)]
pub enum EventError {
    /// No event has that stored name in this version of the program.
    UnknownType,
    /// The bytes are not the message that the name promises.
    Payload(prost::DecodeError),
    /// The JSON is not the message that the name promises.
    Json(serde_json::Error),
}

impl std::fmt::Display for EventError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            EventError::UnknownType => f.write_str("unknown event type"),
            EventError::Payload(e) => write!(f, "the payload does not decode: {e}"),
            EventError::Json(e) => write!(f, "the JSON does not decode: {e}"),
        }
    }
}

impl std::error::Error for EventError {}

/// Looks an event up by its stored name.
pub fn event_type(stored: &str) -> Option<&'static EventType> {
    EVENT_TYPES.iter().find(|e| e.stored == stored)
}

/// The published form of an event: its protobuf JSON, with snake_case names and 64-bit integers as strings.
pub fn to_json(stored: &str, payload: &[u8]) -> Result<serde_json::Value, EventError> {
    dispatch_to_json(stored, payload)
}

/// The stored form of an event from its published one. Unknown fields are ignored.
pub fn from_json(stored: &str, json: &[u8]) -> Result<Vec<u8>, EventError> {
    dispatch_from_json(stored, json)
}

fn json_of<M: Message + Default + Serialize>(payload: &[u8]) -> Result<serde_json::Value, EventError> {
    let message = M::decode(payload).map_err(EventError::Payload)?;
    serde_json::to_value(&message).map_err(EventError::Json)
}

fn bytes_of<M: Message + DeserializeOwned>(json: &[u8]) -> Result<Vec<u8>, EventError> {
    let message: M = serde_json::from_slice(json).map_err(EventError::Json)?;
    Ok(message.encode_to_vec())
}

include!(concat!(env!("OUT_DIR"), "/events.rs"));
