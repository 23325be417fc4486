//! An append that grows: streams, their events, and what is written with them.

use crate::{Append, Built, ClaimChange, DataKey, Expected, Meta, NewEvent, SideWrite, StreamId, StreamWrite};

/// An append that is ready but for its meta.
#[derive(Default)]
pub struct Draft {
    /// Streams, each named once.
    pub streams: Vec<StreamWrite>,
    /// Events, in order.
    pub events: Vec<NewEvent>,
    /// Unique values.
    pub claims: Vec<ClaimChange>,
    /// Rows beside the log.
    pub side_writes: Vec<Box<dyn SideWrite>>,
    /// What a repeated command is answered.
    pub result: Vec<u8>,
}

impl Draft {
    /// Adds a stream unless it is there already; its index is for [`Draft::event`]. A stream without an event of its own
    /// only makes the append depend on its version.
    pub fn stream(&mut self, stream: StreamId, expected: Expected) -> usize {
        match self.streams.iter().position(|s| s.stream == stream) {
            Some(there) => there,
            None => {
                self.streams.push(StreamWrite { stream, expected });
                self.streams.len() - 1
            }
        }
    }

    /// Adds an event to a stream: its stored type and its message, and the key of the person whom it is about.
    pub fn event(&mut self, stream: usize, (stored_type, payload): (&'static str, Vec<u8>), key: Option<DataKey>) {
        self.events.push(NewEvent { stream, stored_type, payload, key });
    }

    /// The append.
    pub fn append(self, meta: Meta) -> Append {
        let (events, result) = (self.events, self.result);
        Append {
            meta,
            streams: self.streams,
            claims: self.claims,
            counters: Vec::new(),
            build: Box::new(move |_| Ok(Built { events: events.clone(), result: result.clone() })),
            side_writes: self.side_writes,
            inbox: None,
        }
    }
}
