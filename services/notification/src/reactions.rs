//! Other services' events: what is learned from them, and which messages they make necessary.
//!
//! A message is queued in the append that moves the consumer's position, under an id that the event and the recipient
//! give, so an event asks for each message once, however often it is handled. Whether the message is really sent, and
//! what it says, is decided when its turn comes.

use crate::{
    SERVICE, convert,
    domain::delivery::{Command, Delivery, Order},
    knowledge::Lesson,
};
use eventlog::{
    Append, Built, Expected, HandlerError, Log, LogError, Meta, NewEvent, Reaction, Recorded, SideWrite, StreamWrite,
};
use kernel::{Aggregate, Channel};
use prost::Message;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

mod identity;
mod records;
mod security;

pub use identity::IdentityReactions;
pub use records::RecordReactions;

/// Facts that an event gives and that only it gives, kept with the order for the template.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Facts {
    /// Name to greet, when the event says it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) name: String,
    /// `contact` or `agent`: what the recipient is.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) to: String,
    /// First day of support, YYYY-MM-DD.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) support_start: String,
    /// The comment that the message is about.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) comment_id: String,
    /// End of a lock, microseconds since 1970; 0 when only an agent ends it.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) locked_until_micros: i64,
    /// An agent did it, not the owner of the account.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) by_agent: bool,
    /// `totp`, `passkey` or `all`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) factor: String,
    /// What the owner called a passkey.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) passkey: String,
    /// With what somebody signs in from now on.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) login: String,
    /// End of a one-time password, microseconds since 1970.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) valid_until_micros: i64,
    /// Who said something: `customer` or `agent`; empty in orders of before, which only told the other side.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) by: String,
    /// Why there is nobody to tell, in an order to the operator.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) why: String,
    /// How many recovery codes there are, or are left.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) codes: i64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(n: &i64) -> bool {
    *n == 0
}

impl Facts {
    fn json(&self) -> String {
        serde_json::to_string(self).expect("a struct of texts and numbers is JSON")
    }

    /// The facts of an order; those of an erased person are gone.
    pub(crate) fn of(order: &Order) -> Facts {
        serde_json::from_str(&order.facts).unwrap_or_default()
    }
}

/// Bulk work is told to nobody: imported records and what the product seeds itself would be a flood of mail about
/// nothing new.
fn is_told(event: &Recorded) -> bool {
    !matches!(event.channel, Channel::Import | Channel::System)
}

/// What was learned, and nothing to send.
fn learned(consumer: &'static str, event: &Recorded, lessons: Vec<Lesson>) -> Reaction {
    if lessons.is_empty() {
        return Reaction::Nothing;
    }
    Reaction::Append(Append::side(Meta::caused_by(SERVICE, consumer, event), boxed(lessons)))
}

fn boxed(lessons: Vec<Lesson>) -> Vec<Box<dyn SideWrite>> {
    lessons.into_iter().map(|l| Box::new(l) as Box<dyn SideWrite>).collect()
}

/// A message to send, and what was learned with it.
async fn queue(
    log: &Log,
    consumer: &'static str,
    event: &Recorded,
    order: Order,
    lessons: Vec<Lesson>,
) -> Result<Reaction, HandlerError> {
    let delivery = convert::delivery_id(event.event_id, order.recipient_id);
    queue_all(log, consumer, event, vec![(delivery, order)], lessons).await
}

/// The messages that one event makes necessary, each under an id of its own, and what was learned with them.
async fn queue_all(
    log: &Log,
    consumer: &'static str,
    event: &Recorded,
    orders: Vec<(Uuid, Order)>,
    lessons: Vec<Lesson>,
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
        return Ok(learned(consumer, event, lessons));
    }
    let streams = sealed
        .iter()
        .map(|(delivery, ..)| StreamWrite { stream: convert::stream(*delivery), expected: Expected::Any })
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
    let reaction = if lessons.is_empty() { Reaction::Independent } else { Reaction::Append };
    Ok(reaction(Append {
        meta: Meta::caused_by(SERVICE, consumer, event),
        streams,
        claims: Vec::new(),
        counters: Vec::new(),
        build: Box::new(build),
        side_writes: boxed(lessons),
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
