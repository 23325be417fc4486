//! What a command hands to the appender: a value, never a transaction.

use crate::{DataKey, LogError, Recorded, StreamId};
use futures::future::BoxFuture;
use kernel::{Actor, Error, Timestamp};
use sqlx::PgConnection;
use uuid::Uuid;

/// What an append expects of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Exactly this version; 0 means that the stream does not exist yet.
    Version(i64),
    /// Whatever is there.
    Any,
}

/// A stream that the append writes to.
#[derive(Debug, Clone, Copy)]
pub struct StreamWrite {
    /// Which.
    pub stream: StreamId,
    /// At which version.
    pub expected: Expected,
}

/// Who, for whom, through what, and in which chain of causes; carried by every event of the append.
#[derive(Debug, Clone)]
pub struct Meta {
    /// The command's id; the same id appends once.
    pub command_id: Uuid,
    /// Hash of what was asked; the same id with another request is refused.
    pub request_hash: [u8; 32],
    /// Verified subject.
    pub actor: Actor,
    /// First command of the chain.
    pub correlation_id: Uuid,
    /// Event that caused the command.
    pub causation_id: Option<Uuid>,
    /// W3C trace context.
    pub traceparent: Option<String>,
    /// Whether the command's id is remembered. Off only for appends that are idempotent by themselves.
    pub remember: bool,
}

impl Meta {
    /// The meta of a command from a request.
    pub fn new(actor: Actor, command_id: Uuid, request: &[u8]) -> Meta {
        let mut request_hash = [0; 32];
        request_hash.copy_from_slice(ring::digest::digest(&ring::digest::SHA256, request).as_ref());
        Meta {
            command_id,
            request_hash,
            actor,
            correlation_id: command_id,
            causation_id: None,
            traceparent: crate::trace::current(),
            remember: true,
        }
    }

    /// The meta of a consumer's own command: the same event gives the same command, whoever handles it.
    pub fn caused_by(service: &str, consumer: &str, event: &Recorded) -> Meta {
        Meta {
            command_id: kernel::derived_id(consumer, event.event_id.as_bytes()),
            request_hash: [0; 32],
            actor: Actor::service(service),
            correlation_id: event.correlation_id,
            causation_id: Some(event.event_id),
            traceparent: crate::trace::current().or_else(|| event.traceparent.clone()),
            remember: true,
        }
    }
}

/// A unique value, decided under the head lock.
#[derive(Debug, Clone)]
pub enum ClaimChange {
    /// Take it; refused when somebody else holds it.
    Take {
        /// Kind of value, for example `login`.
        scope: &'static str,
        /// The value, or a hash of it.
        key: Vec<u8>,
        /// Who takes it.
        holder: Uuid,
    },
    /// Give it back; nothing happens unless the holder has it.
    Release {
        /// Kind of value.
        scope: &'static str,
        /// The value, or a hash of it.
        key: Vec<u8>,
        /// Who gives it back.
        holder: Uuid,
    },
}

impl ClaimChange {
    pub(crate) fn place(&self) -> (&'static str, &[u8]) {
        match self {
            ClaimChange::Take { scope, key, .. } | ClaimChange::Release { scope, key, .. } => (scope, key),
        }
    }
}

/// A consumer's step.
#[derive(Debug, Clone)]
pub struct InboxMove {
    /// Service whose log is consumed, and the consumer's name.
    pub source: String,
    /// Epoch of the source's log.
    pub epoch: i32,
    /// Where the consumer stands; the move is refused when it stands elsewhere.
    pub from: i64,
    /// Where it goes.
    pub to: i64,
}

/// What is known only under the head lock.
#[derive(Debug, Clone)]
pub struct Reserved {
    /// Values of the counters asked for, in their order.
    pub counters: Vec<i64>,
    /// Versions of the streams before the append, in their order.
    pub versions: Vec<i64>,
    /// Time of the batch.
    pub now: Timestamp,
}

/// An event to be appended.
pub struct NewEvent {
    /// Index into [`Append::streams`].
    pub stream: usize,
    /// Stored type.
    pub stored_type: &'static str,
    /// The protobuf message.
    pub payload: Vec<u8>,
    /// Key of the person that the event is about; needed when the message has personal fields.
    pub key: Option<DataKey>,
}

/// What `build` gives.
#[derive(Default)]
pub struct Built {
    /// The events, in order. None means "already so".
    pub events: Vec<NewEvent>,
    /// What the command answers; a repeated command gets the same bytes.
    pub result: Vec<u8>,
}

/// Why a row beside the log was not written.
#[derive(Debug)]
pub enum Unwritten {
    /// It must not be written: this append is refused with this word (see [`LogError::SideRefused`]), the others of its
    /// batch are not. Only for what is rare and can be decided only under the head lock, because the batch has to be
    /// split to find the append that is refused.
    Refused(&'static str),
    /// The database failed.
    Database(sqlx::Error),
}

impl From<sqlx::Error> for Unwritten {
    fn from(error: sqlx::Error) -> Unwritten {
        Unwritten::Database(error)
    }
}

/// The writing of a row beside the log.
pub type Writing<'a> = BoxFuture<'a, Result<(), Unwritten>>;

/// A row that belongs to the command but not to the log, written in its transaction: a sealed password hash, a session.
pub trait SideWrite: Send + Sync {
    /// Writes it. May be called again when the transaction is tried again.
    fn write<'a>(&'a self, appended: &'a Appended, tx: &'a mut PgConnection) -> Writing<'a>;
}

/// Decides events under the head lock; pure, and called again when the transaction is tried again.
pub type Build = Box<dyn Fn(&Reserved) -> Result<Built, Error> + Send + Sync>;

/// One command's append: all of it happens, or nothing.
pub struct Append {
    /// Who, why, and the command's id.
    pub meta: Meta,
    /// Streams that it writes to.
    pub streams: Vec<StreamWrite>,
    /// Unique values.
    pub claims: Vec<ClaimChange>,
    /// Counters to take a number from; each named once per number, with the first value to give.
    pub counters: Vec<(String, i64)>,
    /// The events.
    pub build: Build,
    /// Rows beside the log.
    pub side_writes: Vec<Box<dyn SideWrite>>,
    /// A consumer's position.
    pub inbox: Option<InboxMove>,
}

impl Append {
    /// An append to one stream of events that are already known.
    pub fn events(
        meta: Meta,
        stream: StreamId,
        expected: Expected,
        events: Vec<(&'static str, Vec<u8>, Option<DataKey>)>,
    ) -> Append {
        Append {
            meta,
            streams: vec![StreamWrite { stream, expected }],
            claims: Vec::new(),
            counters: Vec::new(),
            build: Box::new(move |_| {
                Ok(Built {
                    events: events
                        .iter()
                        .map(|(stored_type, payload, key)| NewEvent {
                            stream: 0,
                            stored_type,
                            payload: payload.clone(),
                            key: key.clone(),
                        })
                        .collect(),
                    result: Vec::new(),
                })
            }),
            side_writes: Vec::new(),
            inbox: None,
        }
    }

    /// An append without events: rows beside the log only.
    pub fn side(meta: Meta, side_writes: Vec<Box<dyn SideWrite>>) -> Append {
        Append {
            meta,
            streams: Vec::new(),
            claims: Vec::new(),
            counters: Vec::new(),
            build: Box::new(|_| Ok(Built::default())),
            side_writes,
            inbox: None,
        }
    }

    pub(crate) fn weight(&self) -> usize {
        512 + self.streams.len() * 512
    }
}

/// What came of an append.
#[derive(Debug, Clone)]
pub struct Appended {
    /// First position of its events; the head's position plus one when it has none.
    pub first: i64,
    /// Last position; `first - 1` when there are none.
    pub last: i64,
    /// Versions of the streams afterwards, in their order; empty when replayed.
    pub versions: Vec<i64>,
    /// Time of the batch.
    pub at: Timestamp,
    /// What `build` answered.
    pub result: Vec<u8>,
    /// True when the command had been appended before and this is its first answer again.
    pub replayed: bool,
}

pub(crate) type Answer = Result<Appended, LogError>;
