//! Deciding a batch of appends in memory, under the head lock: pure, in arrival order, each all or nothing.

use crate::{
    Append, Appended, ClaimChange, Expected, LogError, Recorded, Reserved,
    codec::{self, Place},
    event::{GENESIS, Header, chain_hash},
};
use kernel::Timestamp;
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};
use uuid::Uuid;

/// Largest event, in bytes of its stored form; the published JSON of one must fit the bus.
const MAX_EVENT: usize = 256 * 1024;

/// What the database said under the lock.
#[derive(Debug, Clone, Default)]
pub(crate) struct Facts {
    pub(crate) head: i64,
    pub(crate) streams: HashMap<Uuid, StreamHead>,
    pub(crate) commands: HashMap<Uuid, SeenCommand>,
    pub(crate) claims: HashMap<(String, Vec<u8>), Uuid>,
    pub(crate) counters: HashMap<String, i64>,
    pub(crate) inbox: HashMap<String, (i32, i64)>,
}

#[derive(Debug, Clone)]
pub(crate) struct StreamHead {
    pub(crate) category: i16,
    pub(crate) version: i64,
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) hash: Vec<u8>,
}

#[derive(Debug, Clone)]
pub(crate) struct SeenCommand {
    pub(crate) request_hash: Vec<u8>,
    pub(crate) first: i64,
    pub(crate) last: i64,
    pub(crate) result: Vec<u8>,
}

/// One event row to write: the recorded event, and what only the row has.
pub(crate) struct Row {
    pub(crate) recorded: Recorded,
    pub(crate) stored: Vec<u8>,
    pub(crate) key_id: Option<Uuid>,
}

/// What a batch writes, and what each append is told when it is committed.
#[derive(Default)]
pub(crate) struct Decided {
    pub(crate) rows: Vec<Row>,
    pub(crate) streams: BTreeMap<Uuid, StreamHead>,
    pub(crate) commands: Vec<(Uuid, SeenCommand)>,
    pub(crate) claims: BTreeMap<(String, Vec<u8>), Option<Uuid>>,
    pub(crate) counters: BTreeMap<String, i64>,
    pub(crate) inbox: BTreeMap<String, (i32, i64)>,
    pub(crate) answers: Vec<Result<Appended, LogError>>,
}

impl Decided {
    /// True when nothing has to be written for any append but, maybe, side rows.
    pub(crate) fn writes_log(&self) -> bool {
        !self.rows.is_empty()
            || !self.commands.is_empty()
            || !self.claims.is_empty()
            || !self.counters.is_empty()
            || !self.inbox.is_empty()
    }
}

/// Decides a batch. `head` names positions from `facts.head + 1` on.
pub(crate) fn decide(mut facts: Facts, appends: &[&Append], now: Timestamp) -> Decided {
    let mut decided = Decided::default();
    for append in appends {
        let answer = decide_one(&mut facts, &mut decided, append, now);
        decided.answers.push(answer);
    }
    decided
}

fn decide_one(facts: &mut Facts, decided: &mut Decided, append: &Append, now: Timestamp) -> Result<Appended, LogError> {
    if append.meta.remember
        && let Some(seen) = facts.commands.get(&append.meta.command_id)
    {
        if seen.request_hash != append.meta.request_hash {
            return Err(LogError::CommandReused);
        }
        return Ok(Appended {
            first: seen.first,
            last: seen.last,
            versions: Vec::new(),
            at: now,
            result: seen.result.clone(),
            replayed: true,
        });
    }
    let versions = check_streams(facts, append)?;
    if let Some(step) = &append.inbox {
        let (epoch, at) = facts.inbox.get(&step.source).copied().unwrap_or((step.epoch, 0));
        if at != step.from || epoch != step.epoch {
            return Err(LogError::InboxMoved(step.source.clone()));
        }
    }
    check_claims(facts, append)?;
    let mut counters: HashMap<&str, i64> = HashMap::new();
    let mut numbers = Vec::with_capacity(append.counters.len());
    for (name, first) in &append.counters {
        let last = counters.get(name.as_str()).or_else(|| facts.counters.get(name)).copied();
        let next = last.map_or(*first, |v| v + 1);
        counters.insert(name, next);
        numbers.push(next);
    }
    let reserved = Reserved { counters: numbers, versions: versions.clone(), now };
    let built = (append.build)(&reserved).map_err(LogError::Refused)?;
    let first = facts.head + 1;
    let mut heads: Vec<StreamHead> = append
        .streams
        .iter()
        .map(|w| {
            facts.streams.get(&w.stream.id).cloned().unwrap_or(StreamHead {
                category: w.stream.category,
                version: 0,
                first,
                last: first,
                hash: GENESIS.to_vec(),
            })
        })
        .collect();
    let mut rows = Vec::with_capacity(built.events.len());
    for (ordinal, event) in built.events.iter().enumerate() {
        let stream = append.streams[event.stream].stream.id;
        let head = &mut heads[event.stream];
        let position = first + i64::try_from(ordinal).unwrap_or(i64::MAX);
        let event_id = event_id(append.meta.command_id, ordinal);
        let place = Place { stream, event_id, stored_type: event.stored_type };
        let (stored, key_id) = codec::seal(&place, event.stored_type, &event.payload, event.key.as_ref())?;
        if stored.len() > MAX_EVENT {
            return Err(LogError::EventTooLarge(event.stored_type));
        }
        let actor = &append.meta.actor;
        let header = Header {
            stream,
            version: head.version + 1,
            position,
            event_id,
            stored_type: event.stored_type,
            recorded_at: now.micros(),
            actor_id: actor.id,
            actor_kind: actor.kind.number(),
            on_behalf_of: actor.on_behalf_of,
            channel: actor.channel as i16,
            session: actor.session,
            command_id: append.meta.command_id,
            correlation_id: append.meta.correlation_id,
            causation_id: append.meta.causation_id,
            key_id,
        };
        let hash = chain_hash(&head.hash, &header, &stored);
        let prev_hash = std::mem::replace(&mut head.hash, hash.to_vec());
        head.version += 1;
        head.last = position;
        rows.push(Row {
            recorded: Recorded {
                position,
                stream,
                version: head.version,
                event_id,
                stored_type: Arc::from(event.stored_type),
                recorded_at: now,
                actor_id: actor.id,
                actor_kind: actor.kind,
                on_behalf_of: actor.on_behalf_of,
                channel: actor.channel,
                session: actor.session,
                command_id: append.meta.command_id,
                correlation_id: append.meta.correlation_id,
                causation_id: append.meta.causation_id,
                traceparent: append.meta.traceparent.clone(),
                payload: event.payload.clone(),
                redacted: false,
                prev_hash,
                hash: hash.to_vec(),
            },
            stored,
            key_id,
        });
    }

    // From here on nothing can be refused: what was decided becomes fact for the appends behind.
    let last = first + i64::try_from(rows.len()).unwrap_or(i64::MAX) - 1;
    facts.head = last;
    for (write, head) in append.streams.iter().zip(heads) {
        if rows.iter().any(|r| r.recorded.stream == write.stream.id) {
            facts.streams.insert(write.stream.id, head.clone());
            decided.streams.insert(write.stream.id, head);
        }
    }
    for change in &append.claims {
        let (scope, key) = change.place();
        let place = (scope.to_owned(), key.to_vec());
        match change {
            ClaimChange::Take { holder, .. } => {
                facts.claims.insert(place.clone(), *holder);
                decided.claims.insert(place, Some(*holder));
            }
            ClaimChange::Release { holder, .. } => {
                if facts.claims.get(&place) == Some(holder) {
                    facts.claims.remove(&place);
                    decided.claims.insert(place, None);
                }
            }
        }
    }
    // A command that turned out to be "already so" uses no number.
    if !rows.is_empty() {
        for (name, value) in counters {
            facts.counters.insert(name.to_owned(), value);
            decided.counters.insert(name.to_owned(), value);
        }
    }
    if let Some(step) = &append.inbox {
        facts.inbox.insert(step.source.clone(), (step.epoch, step.to));
        decided.inbox.insert(step.source.clone(), (step.epoch, step.to));
    }
    if append.meta.remember {
        let seen =
            SeenCommand { request_hash: append.meta.request_hash.to_vec(), first, last, result: built.result.clone() };
        facts.commands.insert(append.meta.command_id, seen.clone());
        decided.commands.push((append.meta.command_id, seen));
    }
    let after = append.streams.iter().map(|w| facts.streams.get(&w.stream.id).map_or(0, |h| h.version)).collect();
    decided.rows.extend(rows);
    Ok(Appended { first, last, versions: after, at: now, result: built.result, replayed: false })
}

/// The id of a command's n-th event, made from the command's id and n: the same command, decided again, gives the same
/// ids.
pub fn event_id(command: Uuid, ordinal: usize) -> Uuid {
    kernel::derived_id("event", &[command.as_bytes().as_slice(), &(ordinal as u64).to_be_bytes()].concat())
}

fn check_streams(facts: &Facts, append: &Append) -> Result<Vec<i64>, LogError> {
    let mut versions = Vec::with_capacity(append.streams.len());
    for write in &append.streams {
        let actual = facts.streams.get(&write.stream.id).map_or(0, |h| h.version);
        if let Expected::Version(expected) = write.expected
            && expected != actual
        {
            return Err(LogError::WrongExpectedVersion { stream: write.stream.id, expected, actual });
        }
        versions.push(actual);
    }
    Ok(versions)
}

fn check_claims(facts: &Facts, append: &Append) -> Result<(), LogError> {
    let mut released: Vec<(&str, &[u8], Uuid)> = Vec::new();
    for change in &append.claims {
        match change {
            ClaimChange::Release { scope, key, holder } => released.push((scope, key, *holder)),
            ClaimChange::Take { scope, key, holder } => {
                let held = facts.claims.get(&((*scope).to_owned(), key.clone()));
                if let Some(other) = held
                    && other != holder
                    && !released.contains(&(*scope, key.as_slice(), *other))
                {
                    return Err(LogError::ClaimTaken { scope: (*scope).to_owned(), holder: *other });
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
