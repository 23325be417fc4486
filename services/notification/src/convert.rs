//! Between the domain's events and their stored form.

use crate::domain::delivery::{Event, Order, Template};
use eventlog::{LogError, Recorded};
use kernel::Timestamp;
use prost::Message;
use proto::{event::StoredEvent, notification::v1 as stored};
use uuid::Uuid;

/// The id of the one delivery that an event makes necessary for a recipient.
pub(crate) fn delivery_id(event: Uuid, recipient: Uuid) -> Uuid {
    kernel::derived_id("delivery", &[event.as_bytes().as_slice(), recipient.as_bytes()].concat())
}

/// The id of a further delivery that the same event makes necessary for the same recipient.
pub(crate) fn second_delivery_id(event: Uuid, recipient: Uuid, template: Template) -> Uuid {
    let place = [event.as_bytes().as_slice(), recipient.as_bytes(), template.as_str().as_bytes()].concat();
    kernel::derived_id("delivery", &place)
}

/// Stored type and bytes of an event.
pub(crate) fn encode(delivery: Uuid, event: &Event) -> (&'static str, Vec<u8>) {
    let delivery_id = delivery.to_string();
    match event.clone() {
        Event::Queued(order) => bytes(&stored::DeliveryQueued {
            delivery_id,
            template: order.template.as_str().to_owned(),
            recipient_id: order.recipient_id.to_string(),
            recipient: order.recipient,
            locale: order.locale,
            subject_id: order.subject_id,
            subject_module: order.subject_module,
            source_event_id: order.source_event_id.to_string(),
            facts: order.facts,
        }),
        Event::Sending { attempt, message_id, recipient, redirected } => {
            bytes(&stored::DeliverySending { delivery_id, attempt, message_id, recipient, redirected })
        }
        Event::Sent { reply_code, message_id } => bytes(&stored::DeliverySent { delivery_id, reply_code, message_id }),
        Event::Failed { error, retry_at } => bytes(&stored::DeliveryFailed {
            delivery_id,
            error,
            r#final: retry_at.is_none(),
            retry_at_micros: retry_at.map_or(0, Timestamp::micros),
        }),
        Event::Uncertain => bytes(&stored::DeliveryUncertain { delivery_id }),
        Event::Skipped { reason } => bytes(&stored::DeliverySkipped { delivery_id, reason }),
    }
}

fn bytes<M: StoredEvent>(message: &M) -> (&'static str, Vec<u8>) {
    (M::STORED_TYPE, message.encode_to_vec())
}

/// The delivery and the event of a stored one; `None` for a type that this version does not know.
///
/// # Errors
/// When the bytes are not what their type promises.
pub(crate) fn decode(recorded: &Recorded) -> Result<Option<(Uuid, Event)>, LogError> {
    let payload = recorded.payload.as_slice();
    let (id, event) = match &*recorded.stored_type {
        stored::DeliveryQueued::STORED_TYPE => {
            let m = stored::DeliveryQueued::decode(payload).map_err(|e| broken(recorded, &e))?;
            let template = Template::from_word(&m.template).ok_or_else(|| broken(recorded, &"unknown template"))?;
            let order = Order {
                template,
                recipient_id: id(recorded, &m.recipient_id)?,
                recipient: m.recipient,
                locale: m.locale,
                subject_id: m.subject_id,
                subject_module: m.subject_module,
                source_event_id: id(recorded, &m.source_event_id)?,
                facts: m.facts,
            };
            (m.delivery_id, Event::Queued(order))
        }
        stored::DeliverySending::STORED_TYPE => {
            let m = stored::DeliverySending::decode(payload).map_err(|e| broken(recorded, &e))?;
            let (attempt, message_id) = (m.attempt, m.message_id);
            let (recipient, redirected) = (m.recipient, m.redirected);
            (m.delivery_id, Event::Sending { attempt, message_id, recipient, redirected })
        }
        stored::DeliverySent::STORED_TYPE => {
            let m = stored::DeliverySent::decode(payload).map_err(|e| broken(recorded, &e))?;
            (m.delivery_id, Event::Sent { reply_code: m.reply_code, message_id: m.message_id })
        }
        stored::DeliveryFailed::STORED_TYPE => {
            let m = stored::DeliveryFailed::decode(payload).map_err(|e| broken(recorded, &e))?;
            let retry_at = (!m.r#final).then(|| Timestamp::from_micros(m.retry_at_micros));
            (m.delivery_id, Event::Failed { error: m.error, retry_at })
        }
        stored::DeliveryUncertain::STORED_TYPE => {
            let m = stored::DeliveryUncertain::decode(payload).map_err(|e| broken(recorded, &e))?;
            (m.delivery_id, Event::Uncertain)
        }
        stored::DeliverySkipped::STORED_TYPE => {
            let m = stored::DeliverySkipped::decode(payload).map_err(|e| broken(recorded, &e))?;
            (m.delivery_id, Event::Skipped { reason: m.reason })
        }
        _ => return Ok(None),
    };
    Ok(Some((self::id(recorded, &id)?, event)))
}

fn id(recorded: &Recorded, text: &str) -> Result<Uuid, LogError> {
    Uuid::try_parse(text).map_err(|e| broken(recorded, &e))
}

fn broken(recorded: &Recorded, what: &dyn std::fmt::Display) -> LogError {
    LogError::Broken(format!("event {} ({}): {what}", recorded.event_id, recorded.stored_type))
}

#[cfg(test)]
mod tests;
