//! Other services' events: what is learned from them, and which messages they make necessary.
//!
//! A message is queued in the append that moves the consumer's position, under an id that the event and the recipient
//! give, so an event asks for each message once, however often it is handled. Whether the message is really sent, and
//! what it says, is decided when its turn comes.

use crate::{
    convert,
    copied::CopiedFact,
    domain::delivery::{Command, Delivery, Order},
    facts::Facts,
    schema::SERVICE,
};
use eventlog::{
    Append, Built, Expected, HandlerError, Log, LogError, Meta, NewEvent, Reaction, Recorded, SideWrite, Stored,
    StreamWrite,
};
use kernel::{Aggregate, Channel};
use prost::Message;
use uuid::Uuid;

mod identity;
mod records;
mod security;

pub use identity::IdentityReactions;
pub use records::RecordReactions;

/// Bulk work is told to nobody: imported records and what the product seeds itself would be a flood of mail about
/// nothing new.
fn is_told(event: &Recorded) -> bool {
    !matches!(event.channel, Channel::Import | Channel::System)
}

/// What was learned, and nothing to send.
fn learned(consumer: &'static str, event: &Recorded, copied: Vec<CopiedFact>) -> Reaction {
    if copied.is_empty() {
        return Reaction::Nothing;
    }
    Reaction::Append(Append::side(Meta::caused_by(SERVICE, consumer, event), boxed(copied)))
}

fn boxed(copied: Vec<CopiedFact>) -> Vec<Box<dyn SideWrite>> {
    copied.into_iter().map(|l| Box::new(l) as Box<dyn SideWrite>).collect()
}

/// A message to send, and what was learned with it.
async fn queue(
    log: &Log,
    consumer: &'static str,
    event: &Recorded,
    order: Order,
    copied: Vec<CopiedFact>,
) -> Result<Reaction, HandlerError> {
    let delivery = convert::delivery_id(event.event_id, order.recipient_id);
    queue_all(log, consumer, event, vec![(delivery, order)], copied).await
}

/// The messages that one event makes necessary, each under an id of its own, and what was learned with them.
async fn queue_all(
    log: &Log,
    consumer: &'static str,
    event: &Recorded,
    orders: Vec<(Uuid, Order)>,
    copied: Vec<CopiedFact>,
) -> Result<Reaction, HandlerError> {
    let mut sealed = Vec::with_capacity(orders.len());
    for (delivery, order) in orders {
        match log.keys().key_for(order.recipient_id).await {
            Ok(key) => sealed.push((delivery, order, key)),
            // Nothing more is written about an erased person, and nothing sent.
            Err(LogError::KeyErased(_)) => {}
            Err(e) => return Err(e.into()),
        }
    }
    if sealed.is_empty() {
        return Ok(learned(consumer, event, copied));
    }
    let streams = sealed
        .iter()
        .map(|(delivery, ..)| StreamWrite { stream: Delivery::stream(*delivery), expected: Expected::Any })
        .collect();
    let build = move |reserved: &eventlog::Reserved| {
        let mut built = Built::default();
        for (stream, (delivery, order, key)) in sealed.iter().enumerate() {
            // Handled again after the command was forgotten: the delivery is there already.
            if reserved.versions.get(stream).is_some_and(|v| *v > 0) {
                continue;
            }
            let events = Delivery::default().decide(Command::Queue(order.clone())).map_err(kernel::Error::internal)?;
            built.events.extend(events.iter().map(|e| {
                let (stored_type, payload) = convert::encode(*delivery, e);
                NewEvent { stream, stored_type, payload, key: Some(key.clone()) }
            }));
        }
        Ok(built)
    };
    // What was learned changes what the next event finds here.
    let reaction = if copied.is_empty() { Reaction::Independent } else { Reaction::Append };
    Ok(reaction(Append {
        meta: Meta::caused_by(SERVICE, consumer, event),
        streams,
        claims: Vec::new(),
        counters: Vec::new(),
        build: Box::new(build),
        side_writes: boxed(copied),
        inbox: None,
    }))
}

/// The message of an event.
fn payload<M: Message + Default>(event: &Recorded) -> Result<M, HandlerError> {
    Ok(M::decode(event.payload.as_slice())?)
}

/// An id in an event. One that is none can never be handled.
fn id(text: &str) -> Result<Uuid, HandlerError> {
    Uuid::try_parse(text).map_err(|_| HandlerError::Poison("an id of the event is none".into()))
}

/// An id that may be missing.
fn optional_id(text: &str) -> Result<Option<Uuid>, HandlerError> {
    if text.is_empty() { Ok(None) } else { id(text).map(Some) }
}
