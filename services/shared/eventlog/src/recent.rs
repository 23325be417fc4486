//! What this process appended a moment ago, for its own relay: it need not read back what was just written.

use crate::{Recorded, batch::Decided};
use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Most events that are kept, and most bytes of their payloads. What is lost is read from the log.
const EVENTS: usize = 4096;
const BYTES: usize = 4 * 1024 * 1024;

/// The last events in order, without gaps; kept only while a relay wants them.
#[derive(Default)]
pub(crate) struct Recent(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    wanted: bool,
    events: VecDeque<Recorded>,
    bytes: usize,
}

impl Recent {
    /// Whether a relay is there that asks.
    pub(crate) fn keep(&self, wanted: bool) {
        *self.kept() = Kept { wanted, ..Kept::default() };
    }

    pub(crate) fn add(&self, decided: &Decided) {
        let mut kept = self.kept();
        if kept.wanted {
            for row in &decided.rows {
                kept.push(row.recorded.clone());
            }
        }
    }

    /// The events behind a position, when the next one is among them.
    pub(crate) fn after(&self, position: i64) -> Option<Vec<Recorded>> {
        let mut kept = self.kept();
        while kept.events.front().is_some_and(|e| e.position <= position) {
            kept.pop();
        }
        if kept.events.front()?.position != position + 1 {
            return None;
        }
        kept.bytes = 0;
        Some(kept.events.drain(..).collect())
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn push(&mut self, event: Recorded) {
        // Another process appended in between.
        if self.events.back().is_some_and(|last| last.position + 1 != event.position) {
            (self.events, self.bytes) = (VecDeque::new(), 0);
        }
        self.bytes += event.payload.len();
        self.events.push_back(event);
        while self.events.len() > EVENTS || self.bytes > BYTES {
            self.pop();
        }
    }

    fn pop(&mut self) {
        if let Some(event) = self.events.pop_front() {
            self.bytes -= event.payload.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{ActorKind, Channel, Timestamp};
    use uuid::Uuid;

    fn event(position: i64, bytes: usize) -> Recorded {
        Recorded {
            position,
            stream: Uuid::nil(),
            version: 1,
            event_id: Uuid::nil(),
            stored_type: "test.v1".into(),
            recorded_at: Timestamp::from_micros(0),
            actor_id: Uuid::nil(),
            actor_kind: ActorKind::Service,
            on_behalf_of: None,
            channel: Channel::System,
            session: None,
            command_id: Uuid::nil(),
            correlation_id: Uuid::nil(),
            causation_id: None,
            traceparent: None,
            payload: vec![0; bytes],
            redacted: false,
            prev_hash: Vec::new(),
            hash: Vec::new(),
        }
    }

    fn positions(recent: &Recent, after: i64) -> Option<Vec<i64>> {
        Some(recent.after(after)?.iter().map(|e| e.position).collect())
    }

    #[test]
    fn only_what_follows_without_a_gap_is_given_and_only_once() {
        let recent = Recent::default();
        recent.keep(true);
        for position in 3..=5 {
            recent.kept().push(event(position, 10));
        }
        assert_eq!(positions(&recent, 1), None, "2 is missing");
        assert_eq!(positions(&recent, 3), Some(vec![4, 5]));
        assert_eq!(positions(&recent, 5), None);
        recent.kept().push(event(6, 10));
        recent.kept().push(event(8, 10));
        assert_eq!(positions(&recent, 5), None, "another process appended 7");
        assert_eq!(positions(&recent, 7), Some(vec![8]));
        assert_eq!(recent.kept().bytes, 0);
    }

    #[test]
    fn what_is_too_much_is_left_to_the_log() {
        let recent = Recent::default();
        recent.keep(true);
        for position in 1..=10 {
            recent.kept().push(event(position, BYTES / 4));
        }
        assert_eq!(positions(&recent, 6), Some(vec![7, 8, 9, 10]));
    }
}
