//! Recorded events and the hash that chains them.

use kernel::{ActorKind, Channel, Timestamp};
use ring::digest;
use std::sync::Arc;
use uuid::Uuid;

/// The stream of one aggregate: a category (a stable name, for example `record`) and the aggregate's id.
///
/// The stored id is `uuid5(category, id)`, so that two aggregates with the same id in different categories never collide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StreamId {
    /// Stored id.
    pub id: Uuid,
    /// Number of the category, for statistics; part of no key.
    pub category: i16,
}

impl StreamId {
    /// The stream of an aggregate.
    pub fn new(category: &'static str, aggregate: Uuid) -> StreamId {
        let number = category.bytes().fold(7_u32, |h, b| h.wrapping_mul(31).wrapping_add(u32::from(b))) % 32_000;
        StreamId {
            id: kernel::derived_id(category, aggregate.as_bytes()),
            category: i16::try_from(number).unwrap_or_default(),
        }
    }
}

/// One event as the log holds it, opened.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// Dense position in the service's log, from 1.
    pub position: i64,
    /// Stored stream id.
    pub stream: Uuid,
    /// Version of the stream, from 1.
    pub version: i64,
    /// Unique id; also the CloudEvents id.
    pub event_id: Uuid,
    /// Stored type, `<service>.<aggregate>.<event>.v<n>`.
    pub stored_type: Arc<str>,
    /// Time of commit, one reading per batch.
    pub recorded_at: Timestamp,
    /// Who.
    pub actor_id: Uuid,
    /// What kind of subject the actor is.
    pub actor_kind: ActorKind,
    /// The agent who acted for the actor, if one did.
    pub on_behalf_of: Option<Uuid>,
    /// Through what.
    pub channel: Channel,
    /// The login session.
    pub session: Option<Uuid>,
    /// The command that caused it.
    pub command_id: Uuid,
    /// The first command of the chain.
    pub correlation_id: Uuid,
    /// The event or command before it in the chain.
    pub causation_id: Option<Uuid>,
    /// W3C trace context of the command.
    pub traceparent: Option<String>,
    /// The protobuf message; without its personal fields when their key was erased.
    pub payload: Vec<u8>,
    /// True when personal fields are missing because their key was erased.
    pub redacted: bool,
    /// Hash of the event before it in its stream; 32 zero bytes for the first.
    pub prev_hash: Vec<u8>,
    /// Hash of this event.
    pub hash: Vec<u8>,
}

/// What is hashed besides the payload.
pub(crate) struct Header<'a> {
    pub(crate) stream: Uuid,
    pub(crate) version: i64,
    pub(crate) position: i64,
    pub(crate) event_id: Uuid,
    pub(crate) stored_type: &'a str,
    pub(crate) recorded_at: i64,
    pub(crate) actor_id: Uuid,
    pub(crate) actor_kind: i16,
    pub(crate) on_behalf_of: Option<Uuid>,
    pub(crate) channel: i16,
    pub(crate) session: Option<Uuid>,
    pub(crate) command_id: Uuid,
    pub(crate) correlation_id: Uuid,
    pub(crate) causation_id: Option<Uuid>,
    pub(crate) key_id: Option<Uuid>,
}

/// The first `prev_hash` of every stream.
pub(crate) const GENESIS: [u8; 32] = [0; 32];

/// `SHA-256("portico.evt.v1" || prev || length-prefixed header fields || SHA-256(stored payload bytes))`.
///
/// It covers the bytes as stored, so that erasing a key leaves the chain valid.
pub(crate) fn chain_hash(prev: &[u8], header: &Header<'_>, stored_payload: &[u8]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(b"portico.evt.v1");
    context.update(prev);
    let mut field = |bytes: &[u8]| {
        context.update(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        context.update(bytes);
    };
    let optional = |id: &Option<Uuid>| id.map(|i| i.as_bytes().to_vec()).unwrap_or_default();
    field(header.stream.as_bytes());
    field(&header.version.to_be_bytes());
    field(&header.position.to_be_bytes());
    field(header.event_id.as_bytes());
    field(header.stored_type.as_bytes());
    field(&header.recorded_at.to_be_bytes());
    field(header.actor_id.as_bytes());
    field(&header.actor_kind.to_be_bytes());
    field(&optional(&header.on_behalf_of));
    field(&header.channel.to_be_bytes());
    field(&optional(&header.session));
    field(header.command_id.as_bytes());
    field(header.correlation_id.as_bytes());
    field(&optional(&header.causation_id));
    field(&optional(&header.key_id));
    field(digest::digest(&digest::SHA256, stored_payload).as_ref());
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}
