//! An append that grows: streams, their events, claims and rows beside the log.
//!
//! Also the names of the two streams that an account has.

use crate::codec::{self};
use crate::{
    codec::administration::{Administration, encode},
    domain::activity::Activity,
};
use eventlog::{Append, Built, ClaimChange, Expected, Meta, NewEvent, SideWrite, StreamId, StreamWrite};
use kernel::{Actor, new_id};
use uuid::Uuid;

/// Stream of an account.
pub(crate) fn account_stream(user: Uuid) -> StreamId {
    StreamId::new("user", user)
}

/// Stream of what happens around an account's logins.
pub(crate) fn activity_stream(user: Uuid) -> StreamId {
    StreamId::new("auth", user)
}

/// An append that is ready but for its meta: events by stream, and what goes along.
#[derive(Default)]
pub(crate) struct Draft {
    pub(crate) streams: Vec<StreamWrite>,
    pub(crate) events: Vec<(usize, &'static str, Vec<u8>, Option<eventlog::DataKey>)>,
    pub(crate) claims: Vec<ClaimChange>,
    pub(crate) side_writes: Vec<Box<dyn SideWrite>>,
    pub(crate) result: Vec<u8>,
}

impl Draft {
    /// Adds a stream; its index is for [`Draft::event`].
    pub(crate) fn stream(&mut self, stream: StreamId, expected: Expected) -> usize {
        self.streams.push(StreamWrite { stream, expected });
        self.streams.len() - 1
    }

    /// Adds an activity to a stream.
    pub(crate) fn activity(&mut self, stream: usize, activity: &Activity) {
        let (stored_type, payload) = codec::encode_activity(activity);
        self.events.push((stream, stored_type, payload, None));
    }

    /// Adds an activity with personal fields to a stream.
    pub(crate) fn sealed_activity(&mut self, stream: usize, activity: &Activity, key: eventlog::DataKey) {
        let (stored_type, payload) = codec::encode_activity(activity);
        self.events.push((stream, stored_type, payload, Some(key)));
    }

    /// The append.
    pub(crate) fn append(self, meta: Meta) -> Append {
        let (events, result) = (self.events, self.result);
        Append {
            meta,
            streams: self.streams,
            claims: self.claims,
            counters: Vec::new(),
            build: Box::new(move |_| {
                let events = events.iter().map(|(stream, stored_type, payload, key)| NewEvent {
                    stream: *stream,
                    stored_type,
                    payload: payload.clone(),
                    key: key.clone(),
                });
                Ok(Built { events: events.collect(), result: result.clone() })
            }),
            side_writes: self.side_writes,
            inbox: None,
        }
    }

    /// Adds an event of administration without personal fields to a stream.
    pub(crate) fn administration(&mut self, stream: usize, event: &Administration) {
        let (stored_type, payload) = encode(event);
        self.events.push((stream, stored_type, payload, None));
    }

    /// Adds activities, each to the stream of its user.
    pub(crate) fn activities(&mut self, activities: &[Activity]) {
        for activity in activities {
            let stream = self.once(activity_stream(activity.user()), Expected::Any);
            self.activity(stream, activity);
        }
    }

    /// Adds a stream unless it is there already; an append names each once.
    pub(crate) fn once(&mut self, stream: StreamId, expected: Expected) -> usize {
        match self.streams.iter().position(|s| s.stream == stream) {
            Some(there) => there,
            None => self.stream(stream, expected),
        }
    }
}

/// The meta of a command that comes without an idempotency key.
pub(crate) fn unrepeated(actor: &Actor) -> Meta {
    Meta::new(actor.clone(), new_id(), &[])
}
