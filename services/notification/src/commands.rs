//! Commands on deliveries: load, decide, append; after a conflict again, at most three times.

use crate::{
    convert,
    domain::delivery::{Command, Delivery, Event, Rejection},
    schema::SERVICE,
};
use eventlog::{Append, Expected, Log, LogError, Meta, Recorded};
use kernel::{Actor, Aggregate, Code, Error};
use uuid::Uuid;

const TRIES: usize = 3;

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// The delivery says no.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The log failed.
    #[error(transparent)]
    Log(#[from] LogError),
}

impl From<Rejection> for Error {
    fn from(rejection: Rejection) -> Error {
        match rejection {
            Rejection::Unknown => Error::not_found(),
            Rejection::AlreadySent => Error::new(Code::Precondition, "delivery_already_sent", "This message was sent."),
            Rejection::NotDue | Rejection::NotSending => {
                Error::new(Code::Precondition, "delivery_not_due", "This message can't be sent at the moment.")
            }
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Error {
        match refusal {
            Refusal::Rejected(rejection) => rejection.into(),
            Refusal::Log(error) => error.into(),
        }
    }
}

/// A delivery as the log has it.
pub(crate) struct Loaded {
    pub(crate) state: Delivery,
    pub(crate) version: i64,
    /// The event that queued it the last time.
    pub(crate) queued: Option<Recorded>,
    last: Option<Uuid>,
}

impl Loaded {
    fn of(events: Vec<Recorded>) -> Result<Loaded, LogError> {
        let state = convert::state(&events)?;
        let (version, last) = events.last().map_or((0, None), |e| (e.version, Some(e.event_id)));
        let mut queued = None;
        for event in events {
            if matches!(convert::decode(&event)?, Some((_, Event::Queued(_)))) {
                queued = Some(event);
            }
        }
        Ok(Loaded { state, version, queued, last })
    }
}

/// Loads a delivery.
pub(crate) async fn load(log: &Log, delivery: Uuid) -> Result<Loaded, LogError> {
    Loaded::of(log.load(convert::stream(delivery)).await?)
}

/// Loads several deliveries at once.
pub(crate) async fn load_all(log: &Log, deliveries: &[Uuid]) -> Result<Vec<(Uuid, Loaded)>, LogError> {
    let streams: Vec<_> = deliveries.iter().map(|d| convert::stream(*d)).collect();
    let mut events = log.load_all(&streams).await?;
    let each = deliveries.iter().zip(streams);
    each.map(|(id, stream)| Ok((*id, Loaded::of(events.remove(&stream.id).unwrap_or_default())?))).collect()
}

/// The meta of what notification does by itself about a delivery. Such appends check the version, so a repeated one
/// is refused by that.
pub(crate) fn own_meta(loaded: &Loaded) -> Meta {
    let mut meta = Meta::new(Actor::service(SERVICE), kernel::new_id(), b"");
    meta.remember = false;
    meta.causation_id = loaded.last;
    if let Some(queued) = &loaded.queued {
        meta.correlation_id = queued.correlation_id;
        meta.traceparent = meta.traceparent.take().or_else(|| queued.traceparent.clone());
    }
    meta
}

/// What came of a command.
pub(crate) struct Acted {
    /// The delivery afterwards.
    pub(crate) after: Loaded,
    /// The last position; 0 when it was already so.
    pub(crate) position: i64,
}

/// Decides on what was loaded and appends at its version.
pub(crate) async fn act(
    log: &Log,
    delivery: Uuid,
    loaded: &Loaded,
    meta: Meta,
    command: Command,
) -> Result<Acted, Refusal> {
    let events = loaded.state.decide(command)?;
    let queued = loaded.queued.clone();
    if events.is_empty() {
        let after = Loaded { state: loaded.state.clone(), version: loaded.version, queued, last: loaded.last };
        return Ok(Acted { after, position: 0 });
    }
    let mut rows = Vec::with_capacity(events.len());
    for event in &events {
        let (stored_type, payload) = convert::encode(delivery, event);
        let key = match event {
            Event::Queued(order) => Some(log.keys().key_for(order.recipient_id).await?),
            // An address is in it.
            Event::Sending { .. } => match &loaded.state.order {
                Some(order) => Some(log.keys().key_for(order.recipient_id).await?),
                None => None,
            },
            Event::Sent { .. } | Event::Failed { .. } | Event::Uncertain | Event::Skipped { .. } => None,
        };
        rows.push((stored_type, payload, key));
    }
    let last = Some(eventlog::event_id(meta.command_id, events.len() - 1));
    let append = Append::events(meta, convert::stream(delivery), Expected::Version(loaded.version), rows);
    let appended = log.append(append).await?;
    let version = appended.versions.first().copied().unwrap_or(loaded.version);
    let after = Loaded { state: kernel::fold(loaded.state.clone(), &events), version, queued, last };
    Ok(Acted { after, position: appended.last })
}

/// Loads, decides and appends, again after a conflict.
pub(crate) async fn settle(log: &Log, delivery: Uuid, command: &Command) -> Result<(), Refusal> {
    for attempt in 1.. {
        let loaded = load(log, delivery).await?;
        let meta = own_meta(&loaded);
        match act(log, delivery, &loaded, meta, command.clone()).await {
            Err(Refusal::Log(LogError::WrongExpectedVersion { .. })) if attempt < TRIES => {}
            result => return result.map(drop),
        }
    }
    Ok(())
}

/// Queues a delivery again, for an agent. Answers the position of the event, or the current position when nothing had
/// to change.
pub(crate) async fn resend(log: &Log, actor: Actor, delivery: Uuid) -> Result<i64, Error> {
    let command_id = kernel::new_id();
    let mut attempt = 1;
    loop {
        let loaded = load(log, delivery).await?;
        let meta = Meta::new(actor.clone(), command_id, delivery.as_bytes());
        match act(log, delivery, &loaded, meta, Command::Resend).await {
            Err(Refusal::Log(LogError::WrongExpectedVersion { .. })) if attempt < TRIES => attempt += 1,
            Ok(Acted { position: 0, .. }) => return Ok(log.head().await?.0),
            Ok(Acted { position, .. }) => return Ok(position),
            Err(refusal) => return Err(refusal.into()),
        }
    }
}
