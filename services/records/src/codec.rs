//! Domain events to protobuf messages and back. What is read from the log is legal: decoding never refuses a message.

use crate::domain::{
    module as modules,
    record::{Author, Change, Event, StatusChange, Ties},
    value::Value,
};
use kernel::Timestamp;
use prost::{DecodeError, Message};
use proto::{
    ModuleChange,
    event::StoredEvent,
    records::v1::{
        FieldChange, FieldValue, RecordAssigned, RecordClosed, RecordCommentEdited, RecordCommentRemoved,
        RecordCommented, RecordCreated, RecordDeleted, RecordInternalNoted, RecordReopened, RecordRestored,
        RecordStatusChanged, RecordUpdated, Value as Wire, value::Kind,
    },
};
use uuid::Uuid;

mod definition;
mod module;

pub use definition::{definition, definition_message, field_message};

/// A stored type and the bytes of its message.
pub type Encoded = (&'static str, Vec<u8>);

/// What a stored event of this service says.
#[derive(Debug, Clone, PartialEq)]
pub enum Stored {
    /// About a module.
    Module(modules::Event),
    /// About a record of a module.
    Record {
        /// The record.
        id: Uuid,
        /// Its module.
        module: String,
        /// What happened.
        event: Event,
        /// When it happened, where that was told later.
        occurred_at: Option<Timestamp>,
    },
}

/// A module's event as it is stored.
pub fn encode_module(event: &modules::Event) -> Encoded {
    module::change(event).encode()
}

/// A record's event as it is stored; with the time at which it happened, when it is told of the past.
pub fn encode(id: Uuid, module: &str, event: &Event, occurred_at: Option<Timestamp>) -> Encoded {
    let occurred_at_micros = occurred_at.map_or(0, Timestamp::micros);
    let record_id = id.to_string();
    let module = module.to_owned();
    match event {
        Event::Created { number, fields, personal, ties, .. } => encoded(&RecordCreated {
            record_id,
            module,
            number: *number,
            fields: fields.iter().map(field_value).collect(),
            personal_fields: personal.iter().map(field_value).collect(),
            contact_number: ties.contact,
            company_number: ties.company,
            occurred_at_micros,
        }),
        Event::Updated { changes, personal, ties } => encoded(&RecordUpdated {
            record_id,
            module,
            changes: changes.iter().map(field_change).collect(),
            personal_changes: personal.iter().map(field_change).collect(),
            contact_number: ties.contact,
            company_number: ties.company,
            occurred_at_micros,
        }),
        Event::StatusChanged(change) => {
            let (field, old, new, by_reply) = change.told();
            encoded(&RecordStatusChanged { record_id, module, field, old, new, by_reply, occurred_at_micros })
        }
        Event::Closed(change) => {
            let (field, old, new, by_reply) = change.told();
            encoded(&RecordClosed { record_id, module, field, old, new, by_reply, occurred_at_micros })
        }
        Event::Reopened(change) => {
            let (field, old, new, by_reply) = change.told();
            encoded(&RecordReopened { record_id, module, field, old, new, by_reply, occurred_at_micros })
        }
        Event::Assigned { field, old, new } => encoded(&RecordAssigned {
            record_id,
            module,
            field: field.clone(),
            old_owner_id: old.map(|i| i.to_string()).unwrap_or_default(),
            new_owner_id: new.map(|i| i.to_string()).unwrap_or_default(),
            occurred_at_micros,
        }),
        Event::Commented { comment_id, body, author } => encoded(&RecordCommented {
            record_id,
            module,
            comment_id: comment_id.to_string(),
            body: body.clone(),
            author_kind: match author {
                Author::Contact => "contact".to_owned(),
                Author::Company => "company".to_owned(),
                Author::Agent => "agent".to_owned(),
            },
            occurred_at_micros,
        }),
        Event::CommentEdited { comment_id, body, internal } => encoded(&RecordCommentEdited {
            record_id,
            module,
            comment_id: comment_id.to_string(),
            body: body.clone(),
            internal: *internal,
            occurred_at_micros,
        }),
        Event::CommentRemoved { comment_id, internal } => encoded(&RecordCommentRemoved {
            record_id,
            module,
            comment_id: comment_id.to_string(),
            internal: *internal,
            occurred_at_micros,
        }),
        Event::InternalNoted { comment_id, body } => encoded(&RecordInternalNoted {
            record_id,
            module,
            comment_id: comment_id.to_string(),
            body: body.clone(),
            occurred_at_micros,
        }),
        Event::Deleted => encoded(&RecordDeleted { record_id, module, occurred_at_micros }),
        Event::Restored => encoded(&RecordRestored { record_id, module, occurred_at_micros }),
    }
}

/// The event of a stored type and its message; none for a type that this version doesn't know.
///
/// # Errors
/// When the bytes are no such message.
pub fn decode(stored_type: &str, payload: &[u8]) -> Result<Option<Stored>, DecodeError> {
    let (id, module, event) = match stored_type {
        RecordCreated::STORED_TYPE => {
            let m = RecordCreated::decode(payload)?;
            let event = Event::Created {
                id: uuid(&m.record_id),
                module: m.module.clone(),
                number: m.number,
                fields: m.fields.into_iter().filter_map(pair).collect(),
                personal: m.personal_fields.into_iter().filter_map(pair).collect(),
                ties: Ties { contact: m.contact_number, company: m.company_number },
            };
            (m.record_id, m.module, event)
        }
        RecordUpdated::STORED_TYPE => {
            let m = RecordUpdated::decode(payload)?;
            let event = Event::Updated {
                changes: m.changes.into_iter().map(change).collect(),
                personal: m.personal_changes.into_iter().map(change).collect(),
                ties: Ties { contact: m.contact_number, company: m.company_number },
            };
            (m.record_id, m.module, event)
        }
        RecordStatusChanged::STORED_TYPE => {
            let m = RecordStatusChanged::decode(payload)?;
            (m.record_id, m.module, Event::StatusChanged(status(m.field, m.old, m.new, &m.by_reply)))
        }
        RecordClosed::STORED_TYPE => {
            let m = RecordClosed::decode(payload)?;
            (m.record_id, m.module, Event::Closed(status(m.field, m.old, m.new, &m.by_reply)))
        }
        RecordReopened::STORED_TYPE => {
            let m = RecordReopened::decode(payload)?;
            (m.record_id, m.module, Event::Reopened(status(m.field, m.old, m.new, &m.by_reply)))
        }
        RecordAssigned::STORED_TYPE => {
            let m = RecordAssigned::decode(payload)?;
            let id = |text: &str| Uuid::try_parse(text).ok();
            let event = Event::Assigned { field: m.field, old: id(&m.old_owner_id), new: id(&m.new_owner_id) };
            (m.record_id, m.module, event)
        }
        RecordCommented::STORED_TYPE => {
            let m = RecordCommented::decode(payload)?;
            let author = match m.author_kind.as_str() {
                "contact" => Author::Contact,
                "company" => Author::Company,
                _ => Author::Agent,
            };
            (m.record_id, m.module, Event::Commented { comment_id: uuid(&m.comment_id), body: m.body, author })
        }
        RecordCommentEdited::STORED_TYPE => {
            let m = RecordCommentEdited::decode(payload)?;
            let event = Event::CommentEdited { comment_id: uuid(&m.comment_id), body: m.body, internal: m.internal };
            (m.record_id, m.module, event)
        }
        RecordCommentRemoved::STORED_TYPE => {
            let m = RecordCommentRemoved::decode(payload)?;
            (m.record_id, m.module, Event::CommentRemoved { comment_id: uuid(&m.comment_id), internal: m.internal })
        }
        RecordInternalNoted::STORED_TYPE => {
            let m = RecordInternalNoted::decode(payload)?;
            (m.record_id, m.module, Event::InternalNoted { comment_id: uuid(&m.comment_id), body: m.body })
        }
        RecordDeleted::STORED_TYPE => {
            let m = RecordDeleted::decode(payload)?;
            (m.record_id, m.module, Event::Deleted)
        }
        RecordRestored::STORED_TYPE => {
            let m = RecordRestored::decode(payload)?;
            (m.record_id, m.module, Event::Restored)
        }
        other => return Ok(ModuleChange::decode(other, payload)?.map(|c| Stored::Module(module::event(c)))),
    };
    Ok(Some(Stored::Record { id: uuid(&id), module, event, occurred_at: past(payload)? }))
}

impl StatusChange {
    /// Field, before, now, and the comment that was the reason.
    fn told(&self) -> (String, String, String, String) {
        let by_reply = self.by_reply.map(|id| id.to_string()).unwrap_or_default();
        (self.field.clone(), self.old.clone(), self.new.clone(), by_reply)
    }
}

fn status(field: String, old: String, new: String, by_reply: &str) -> StatusChange {
    StatusChange { field, old, new, by_reply: Uuid::try_parse(by_reply).ok() }
}

/// The time at which an event happened: the field that every message of a record has under one number.
#[derive(Clone, PartialEq, Message)]
struct Past {
    #[prost(int64, tag = "15")]
    occurred_at_micros: i64,
}

fn past(payload: &[u8]) -> Result<Option<Timestamp>, DecodeError> {
    let micros = Past::decode(payload)?.occurred_at_micros;
    Ok((micros != 0).then(|| Timestamp::from_micros(micros)))
}

fn encoded<M: StoredEvent>(message: &M) -> Encoded {
    (M::STORED_TYPE, message.encode_to_vec())
}

fn uuid(text: &str) -> Uuid {
    Uuid::try_parse(text).unwrap_or_default()
}

/// A value on the wire.
pub fn wire(value: &Value) -> Wire {
    let kind = match value {
        Value::Text(t) => Kind::Text(t.clone()),
        Value::Integer(i) => Kind::Integer(*i),
        Value::Boolean(b) => Kind::Boolean(*b),
    };
    Wire { kind: Some(kind) }
}

/// A value from the wire; none when it is not set.
pub fn unwire(value: Wire) -> Option<Value> {
    Some(match value.kind? {
        Kind::Text(t) => Value::Text(t),
        Kind::Integer(i) => Value::Integer(i),
        Kind::Boolean(b) => Value::Boolean(b),
    })
}

fn field_value((field, value): &(String, Value)) -> FieldValue {
    FieldValue { field: field.clone(), value: Some(wire(value)) }
}

fn pair(value: FieldValue) -> Option<(String, Value)> {
    Some((value.field, value.value.and_then(unwire)?))
}

/// A change on the wire.
pub fn field_change(change: &Change) -> FieldChange {
    FieldChange { field: change.field.clone(), old: change.old.as_ref().map(wire), new: change.new.as_ref().map(wire) }
}

fn change(change: FieldChange) -> Change {
    Change { field: change.field, old: change.old.and_then(unwire), new: change.new.and_then(unwire) }
}

#[cfg(test)]
mod tests;
