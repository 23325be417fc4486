//! From records: the modules, and of contacts and companies what match conditions may ask.
//!
//! Personal values are not kept: erasing a person's key in records must leave nothing here. A match condition on a
//! personal field is therefore refused when it is published.

use super::{id, learn};
use crate::facts::{Fact, Fields, forget_records};
use eventlog::{Handler, HandlerError, Reaction, Recorded};
use futures::future::BoxFuture;
use policy::{COMPANIES, CONTACTS};
use prost::Message;
use proto::{
    ModuleChange,
    event::StoredEvent,
    records::v1::{
        FieldChange, RecordAssigned, RecordClosed, RecordCreated, RecordDeleted, RecordReopened, RecordRestored,
        RecordStatusChanged, RecordUpdated, Value, value::Kind,
    },
};
use serde_json::Value as Json;
use sqlx::PgConnection;
use uuid::Uuid;

/// The contacts' relation to their company.
const COMPANY_FIELD: &str = "company_id";

/// The consumer of records' events.
pub(crate) struct FromRecords;

/// The two kinds of record that plans depend on.
enum Of {
    Contact,
    Company,
}

fn of(module: &str) -> Option<Of> {
    match module {
        CONTACTS => Some(Of::Contact),
        COMPANIES => Some(Of::Company),
        _ => None,
    }
}

/// What an event says that plans depend on.
fn fact(event: &Recorded) -> Result<Option<Fact>, HandlerError> {
    let payload = event.payload.as_slice();
    match &*event.stored_type {
        RecordCreated::STORED_TYPE => created(RecordCreated::decode(payload)?),
        RecordUpdated::STORED_TYPE => {
            let m = RecordUpdated::decode(payload)?;
            changed(&m.module, &m.record_id, m.changes)
        }
        RecordStatusChanged::STORED_TYPE => {
            let m = RecordStatusChanged::decode(payload)?;
            changed(&m.module, &m.record_id, vec![to(m.field, m.new)])
        }
        RecordClosed::STORED_TYPE => {
            let m = RecordClosed::decode(payload)?;
            changed(&m.module, &m.record_id, vec![to(m.field, m.new)])
        }
        RecordReopened::STORED_TYPE => {
            let m = RecordReopened::decode(payload)?;
            changed(&m.module, &m.record_id, vec![to(m.field, m.new)])
        }
        RecordAssigned::STORED_TYPE => {
            let m = RecordAssigned::decode(payload)?;
            changed(&m.module, &m.record_id, vec![to(m.field, m.new_owner_id)])
        }
        RecordDeleted::STORED_TYPE => {
            let m = RecordDeleted::decode(payload)?;
            deleted(&m.module, &m.record_id, true)
        }
        RecordRestored::STORED_TYPE => {
            let m = RecordRestored::decode(payload)?;
            deleted(&m.module, &m.record_id, false)
        }
        other => Ok(ModuleChange::decode(other, payload)?.map(|change| Fact::Module(Box::new(change)))),
    }
}

fn created(m: RecordCreated) -> Result<Option<Fact>, HandlerError> {
    let Some(of) = of(&m.module) else { return Ok(None) };
    let number = i64::try_from(m.number).map_err(|e| HandlerError::Poison(e.to_string()))?;
    let fields: Fields = m.fields.into_iter().filter_map(|f| Some((f.field, json(f.value?)?))).collect();
    let record = id(&m.record_id)?;
    Ok(Some(match of {
        Of::Contact => {
            let company = company_of(fields.get(COMPANY_FIELD))?;
            Fact::ContactCreated { contact: record, number, company, fields }
        }
        Of::Company => Fact::CompanyCreated { company: record, number, fields },
    }))
}

fn changed(module: &str, record: &str, changes: Vec<FieldChange>) -> Result<Option<Fact>, HandlerError> {
    let Some(of) = of(module) else { return Ok(None) };
    // A change of personal fields alone changes no plan.
    if changes.is_empty() {
        return Ok(None);
    }
    let record = id(record)?;
    let (mut set, mut cleared) = (Fields::new(), Vec::new());
    for change in changes {
        match change.new.and_then(json) {
            Some(value) => drop(set.insert(change.field, value)),
            None => cleared.push(change.field),
        }
    }
    Ok(Some(match of {
        Of::Contact => {
            let named = set.contains_key(COMPANY_FIELD) || cleared.iter().any(|f| f == COMPANY_FIELD);
            let company = if named { Some(company_of(set.get(COMPANY_FIELD))?) } else { None };
            Fact::ContactChanged { contact: record, company, set, cleared }
        }
        Of::Company => Fact::CompanyChanged { company: record, set, cleared },
    }))
}

fn deleted(module: &str, record: &str, deleted: bool) -> Result<Option<Fact>, HandlerError> {
    Ok(match of(module) {
        None => None,
        Some(Of::Contact) => Some(Fact::ContactDeleted { contact: id(record)?, deleted }),
        Some(Of::Company) => Some(Fact::CompanyDeleted { company: id(record)?, deleted }),
    })
}

/// A change to a text; an empty one clears the field.
fn to(field: String, new: String) -> FieldChange {
    FieldChange { field, old: None, new: Some(Value { kind: Some(Kind::Text(new)) }) }
}

/// A value as it is kept; none when it holds nothing.
fn json(value: Value) -> Option<Json> {
    match value.kind? {
        Kind::Text(text) if text.is_empty() => None,
        // Postgres keeps no NUL, and none of ours has one; a foreign one must not stop the facts behind it.
        Kind::Text(text) => Some(Json::from(text.replace('\0', ""))),
        Kind::Integer(number) => Some(Json::from(number)),
        Kind::Boolean(flag) => Some(Json::from(flag)),
    }
}

fn company_of(value: Option<&Json>) -> Result<Option<Uuid>, HandlerError> {
    value.and_then(Json::as_str).map(id).transpose()
}

impl Handler for FromRecords {
    fn name(&self) -> &'static str {
        "facts"
    }

    fn handle<'a>(&'a self, event: &'a Recorded) -> BoxFuture<'a, Result<Reaction, HandlerError>> {
        Box::pin(async move { Ok(learn(self.name(), event, fact(event)?)) })
    }

    fn reset<'a>(&'a self, connection: &'a mut PgConnection) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Box::pin(forget_records(connection))
    }
}

#[cfg(test)]
mod tests;
