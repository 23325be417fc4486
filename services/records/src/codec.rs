//! Domain events to protobuf messages and back. What is read from the log is legal: decoding never refuses a message.

use crate::domain::{
    module as modules,
    record::{Author, Change, Event, StatusChange, Ties},
    value::Value,
};
use prost::{DecodeError, Message};
use proto::{
    ModuleChange,
    event::StoredEvent,
    records::v1::{
        FieldChange, FieldValue, RecordAssigned, RecordClosed, RecordCommented, RecordCreated, RecordDeleted,
        RecordInternalNoted, RecordReopened, RecordRestored, RecordStatusChanged, RecordUpdated, Value as Wire,
        value::Kind,
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
    },
}

/// A module's event as it is stored.
pub fn encode_module(event: &modules::Event) -> Encoded {
    module::change(event).encode()
}

/// A record's event as it is stored.
pub fn encode(id: Uuid, module: &str, event: &Event) -> Encoded {
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
        }),
        Event::Updated { changes, personal, ties } => encoded(&RecordUpdated {
            record_id,
            module,
            changes: changes.iter().map(field_change).collect(),
            personal_changes: personal.iter().map(field_change).collect(),
            contact_number: ties.contact,
            company_number: ties.company,
        }),
        Event::StatusChanged(StatusChange { field, old, new }) => encoded(&RecordStatusChanged {
            record_id,
            module,
            field: field.clone(),
            old: old.clone(),
            new: new.clone(),
        }),
        Event::Closed(StatusChange { field, old, new }) => {
            encoded(&RecordClosed { record_id, module, field: field.clone(), old: old.clone(), new: new.clone() })
        }
        Event::Reopened(StatusChange { field, old, new }) => {
            encoded(&RecordReopened { record_id, module, field: field.clone(), old: old.clone(), new: new.clone() })
        }
        Event::Assigned { field, old, new } => encoded(&RecordAssigned {
            record_id,
            module,
            field: field.clone(),
            old_owner_id: old.map(|i| i.to_string()).unwrap_or_default(),
            new_owner_id: new.map(|i| i.to_string()).unwrap_or_default(),
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
        }),
        Event::InternalNoted { comment_id, body } => {
            encoded(&RecordInternalNoted { record_id, module, comment_id: comment_id.to_string(), body: body.clone() })
        }
        Event::Deleted => encoded(&RecordDeleted { record_id, module }),
        Event::Restored => encoded(&RecordRestored { record_id, module }),
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
            (m.record_id, m.module, Event::StatusChanged(StatusChange { field: m.field, old: m.old, new: m.new }))
        }
        RecordClosed::STORED_TYPE => {
            let m = RecordClosed::decode(payload)?;
            (m.record_id, m.module, Event::Closed(StatusChange { field: m.field, old: m.old, new: m.new }))
        }
        RecordReopened::STORED_TYPE => {
            let m = RecordReopened::decode(payload)?;
            (m.record_id, m.module, Event::Reopened(StatusChange { field: m.field, old: m.old, new: m.new }))
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
    Ok(Some(Stored::Record { id: uuid(&id), module, event }))
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
