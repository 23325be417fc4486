//! Domain events to and from the protobuf messages that are stored. Every type ever stored has a golden file in
//! `tests/golden`; a change of meaning is a new type, never another reading of an old one.

mod account;
mod activity;

pub(crate) use account::encode_event;
pub(crate) use activity::encode_activity;

use crate::domain::{account::Event, activity::Activity};
use eventlog::Recorded;
use kernel::{ActorKind, Timestamp};
use proto::{event::StoredEvent, identity::v1 as wire};
use uuid::Uuid;

pub(crate) mod administration;
#[cfg(test)]
mod tests;

/// An event of identity, from whatever kind of stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AnyEvent {
    Account(Event),
    Activity(Activity),
    Administration(administration::Administration),
}

/// Why a stored event could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CodecError {
    #[error("event type {0} is unknown")]
    UnknownType(String),
    #[error("the payload does not decode")]
    Payload(#[from] prost::DecodeError),
    #[error("the field {0} has no meaning")]
    Field(&'static str),
}

impl From<CodecError> for kernel::Error {
    fn from(e: CodecError) -> kernel::Error {
        kernel::Error::internal(e)
    }
}

/// The event of a recorded one. Personal fields of an erased person read as empty.
pub(crate) fn decode(recorded: &Recorded) -> Result<AnyEvent, CodecError> {
    decode_bytes(&recorded.stored_type, &recorded.payload)
}

/// The event of a stored type and its message bytes.
pub(crate) fn decode_bytes(stored_type: &str, payload: &[u8]) -> Result<AnyEvent, CodecError> {
    if let Some(event) = account::decode(stored_type, payload)? {
        return Ok(AnyEvent::Account(event));
    }
    if let Some(activity) = activity::decode(stored_type, payload)? {
        return Ok(AnyEvent::Activity(activity));
    }
    administration::decode(stored_type, payload)
}

// === words ===

/// The number of an actor kind on the wire.
pub(crate) fn subject_kind(kind: ActorKind) -> wire::SubjectKind {
    match kind {
        ActorKind::Contact => wire::SubjectKind::Contact,
        ActorKind::Agent => wire::SubjectKind::Agent,
        ActorKind::Service => wire::SubjectKind::Service,
        ActorKind::Company => wire::SubjectKind::Company,
    }
}

/// The actor kind of a number on the wire.
pub(crate) fn actor_kind(kind: wire::SubjectKind) -> Option<ActorKind> {
    match kind {
        wire::SubjectKind::Contact => Some(ActorKind::Contact),
        wire::SubjectKind::Agent => Some(ActorKind::Agent),
        wire::SubjectKind::Service => Some(ActorKind::Service),
        wire::SubjectKind::Company => Some(ActorKind::Company),
        wire::SubjectKind::Unspecified => None,
    }
}

fn kind_of(kind: wire::SubjectKind) -> Result<ActorKind, CodecError> {
    actor_kind(kind).ok_or(CodecError::Field("kind"))
}

fn bytes<M: StoredEvent>(message: &M) -> (&'static str, Vec<u8>) {
    (M::STORED_TYPE, message.encode_to_vec())
}

fn id(text: &str) -> Result<Uuid, CodecError> {
    Uuid::try_parse(text).map_err(|_| CodecError::Field("id"))
}

/// An id that may be left out.
fn optional_id(text: &str) -> Result<Option<Uuid>, CodecError> {
    if text.is_empty() { Ok(None) } else { id(text).map(Some) }
}

/// Microseconds since 1970; 0 for none.
fn micros(at: Option<Timestamp>) -> i64 {
    at.map_or(0, Timestamp::micros)
}

fn moment(micros: i64) -> Option<Timestamp> {
    (micros != 0).then(|| Timestamp::from_micros(micros))
}

/// A text that is left out when it did not change.
fn changed(text: String) -> Option<String> {
    Some(text).filter(|t| !t.is_empty())
}
