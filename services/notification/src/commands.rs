//! Commands on deliveries.

use crate::{
    convert,
    domain::delivery::{Command, Delivery, Event, Rejection},
    schema::SERVICE,
};
use eventlog::{DecideError, Decision, Loaded, Log, LogError, Meta, Recorded, Stored};
use kernel::{Actor, Code, Error};
use uuid::Uuid;

/// Why a command was not carried out.
pub(crate) type Refusal = DecideError<Rejection>;

impl Stored for Delivery {
    const CATEGORY: &'static str = "delivery";

    fn decode(recorded: &Recorded) -> Result<Event, LogError> {
        match convert::decode(recorded)? {
            Some((_, event)) => Ok(event),
            None => Err(LogError::Broken(format!("{} is no event of a delivery that is known", recorded.stored_type))),
        }
    }

    fn encode(delivery: Uuid, event: &Event) -> (&'static str, Vec<u8>) {
        convert::encode(delivery, event)
    }

    fn person(&self, _: Uuid, event: &Event) -> Option<Uuid> {
        match event {
            Event::Queued(order) => Some(order.recipient_id),
            // An address is in it.
            Event::Sending { .. } => self.order.as_ref().map(|order| order.recipient_id),
            Event::Sent { .. } | Event::Failed { .. } | Event::Uncertain | Event::Skipped { .. } => None,
        }
    }
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

/// A delivery as the log has it, and what its own commands refer to.
pub(crate) struct Known {
    pub(crate) delivery: Loaded<Delivery>,
    /// The event that queued it the last time.
    pub(crate) queued: Option<Recorded>,
    last: Option<Uuid>,
}

impl Known {
    fn of(id: Uuid, events: Vec<Recorded>) -> Result<Known, LogError> {
        let delivery = Loaded::of(id, &events)?;
        let last = events.last().map(|e| e.event_id);
        let mut queued = None;
        for event in events {
            if matches!(Delivery::decode(&event)?, Event::Queued(_)) {
                queued = Some(event);
            }
        }
        Ok(Known { delivery, queued, last })
    }

    /// The meta of what notification does by itself about it. Such appends check the version, so a repeated one is
    /// refused by that.
    fn own_meta(&self) -> Meta {
        let mut meta = Meta::new(Actor::service(SERVICE), kernel::new_id(), b"");
        meta.remember = false;
        meta.causation_id = self.last;
        if let Some(queued) = &self.queued {
            meta.correlation_id = queued.correlation_id;
            meta.traceparent = meta.traceparent.take().or_else(|| queued.traceparent.clone());
        }
        meta
    }
}

/// Loads a delivery.
pub(crate) async fn load(log: &Log, delivery: Uuid) -> Result<Known, LogError> {
    Known::of(delivery, log.load(Delivery::stream(delivery)).await?)
}

/// Loads several deliveries at once.
pub(crate) async fn load_all(log: &Log, deliveries: &[Uuid]) -> Result<Vec<Known>, LogError> {
    let streams: Vec<_> = deliveries.iter().map(|d| Delivery::stream(*d)).collect();
    let mut events = log.load_all(&streams).await?;
    let each = deliveries.iter().zip(streams);
    each.map(|(id, stream)| Known::of(*id, events.remove(&stream.id).unwrap_or_default())).collect()
}

/// Decides on what was loaded and appends at its version. Answers the delivery afterwards, also when the append was made
/// over a connection that broke before it said so.
pub(crate) async fn act(log: &Log, known: &Known, command: Command) -> Result<Known, Refusal> {
    let meta = known.own_meta();
    let command_id = meta.command_id;
    let decided = match log.decide_on(&known.delivery, meta, command).await {
        Err(DecideError::Log(error @ LogError::WrongExpectedVersion { .. })) => {
            let now = load(log, known.delivery.id).await?;
            let ours = now.last == Some(eventlog::event_id(command_id, 0));
            return if ours { Ok(now) } else { Err(error.into()) };
        }
        decided => decided?,
    };
    let written = usize::try_from(decided.version - known.delivery.version).unwrap_or_default();
    let last = written.checked_sub(1).map_or(known.last, |at| Some(eventlog::event_id(command_id, at)));
    let delivery = Loaded { id: known.delivery.id, state: decided.state, version: decided.version };
    Ok(Known { delivery, queued: known.queued.clone(), last })
}

/// Carries out a command of notification's own, again after a conflict.
pub(crate) async fn settle(log: &Log, delivery: Uuid, command: Command) -> Result<(), Refusal> {
    let meta = load(log, delivery).await?.own_meta();
    let decision = Decision { id: delivery, meta: &meta, command, expected: None, repeatable: false };
    log.decide::<Delivery>(decision, |_, _, _| ()).await.map(drop)
}

/// Queues a delivery again, for an agent. Answers the position of the event, or the current position when nothing had
/// to change.
pub(crate) async fn resend(log: &Log, actor: Actor, delivery: Uuid) -> Result<i64, Error> {
    let meta = Meta::new(actor, kernel::new_id(), delivery.as_bytes());
    let decision = Decision { id: delivery, meta: &meta, command: Command::Resend, expected: None, repeatable: false };
    match log.decide::<Delivery>(decision, |_, _, _| ()).await?.position {
        0 => Ok(log.head().await?.0),
        position => Ok(position),
    }
}
