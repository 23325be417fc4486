//! What the commands share: the stream, the append, and refusals that a repeated command must pass by.

use crate::{
    codec,
    domain::{
        record::{Event, Rejection},
        value::{Value, field_error},
    },
    queries::history::RECORD,
    service::{Caller, Records},
};
use eventlog::{Append, Appended, Built, DataKey, Expected, LogError, Meta, NewEvent, Reserved, StreamId, StreamWrite};
use kernel::{Error, FieldError, Timestamp};
use policy::{FieldRefusal, OwnedValue, WriteRefusal};
use proto::records::v1::FieldValue;

use uuid::Uuid;

/// How often a command is decided again when another one was faster.
pub(crate) const ATTEMPTS: usize = 8;

impl Records {
    /// Appends what `decide` gives under the head lock to one record's stream.
    pub(crate) async fn append(
        &self,
        meta: Meta,
        id: Uuid,
        expected: Expected,
        counters: Vec<(String, i64)>,
        build: impl Fn(&Reserved) -> Result<Built, Error> + Send + Sync + 'static,
    ) -> Result<Appended, LogError> {
        let streams = vec![StreamWrite { stream: StreamId::new(RECORD, id), expected }];
        let append = Append {
            meta,
            streams,
            claims: Vec::new(),
            counters,
            build: Box::new(build),
            side_writes: Vec::new(),
            inbox: None,
        };
        self.log.append(append).await
    }

    /// Answers a refusal; first asks the log whether the same command was carried out before, for then its first answer
    /// counts, whatever the record looks like now.
    pub(crate) async fn refuse(&self, meta: Meta, key: &str, refusal: Error) -> Result<Appended, Error> {
        if key.is_empty() {
            return Err(refusal);
        }
        self.log.answered(meta).await?.ok_or(refusal)
    }
}

/// The events of a record as a build gives them.
pub(crate) fn built(id: Uuid, module: &str, events: &[Event], key: Option<&DataKey>, result: Vec<u8>) -> Built {
    told(id, module, events, None, key, result)
}

/// The same of what happened at another time.
pub(crate) fn told(
    id: Uuid,
    module: &str,
    events: &[Event],
    occurred_at: Option<Timestamp>,
    key: Option<&DataKey>,
    result: Vec<u8>,
) -> Built {
    let events = events
        .iter()
        .map(|event| {
            let (stored_type, payload) = codec::encode(id, module, event, occurred_at);
            NewEvent { stream: 0, stored_type, payload, key: key.cloned() }
        })
        .collect();
    Built { events, result }
}

impl Records {
    /// When something happened that a request tells of the past; none for now.
    ///
    /// # Errors
    /// Invalid where no demo data is loaded, and for a time that has not come.
    pub(crate) fn occurred(&self, micros: i64) -> Result<Option<Timestamp>, Error> {
        if micros == 0 {
            return Ok(None);
        }
        if !self.tells_of_the_past {
            return Err(Error::invalid_field("occurred_at", "not_allowed", "Things happen when they are told."));
        }
        let at = Timestamp::from_micros(micros);
        if at > self.log.now() {
            return Err(Error::invalid_field("occurred_at", "out_of_range", "This has not happened yet."));
        }
        Ok(Some(at))
    }
}

/// The meta of a command that a caller may repeat.
pub(crate) fn meta(caller: &Caller, route: &str, key: &str, request: &[u8]) -> Meta {
    let command = kernel::command_id(caller.actor.id, route, key);
    let mut meta = Meta::new(caller.actor.clone(), command, request);
    // Without a key nobody can repeat the command, so nothing has to be remembered.
    meta.remember = !key.is_empty();
    meta
}

/// Values from a request. A field without a value is emptied.
pub(crate) fn given(fields: &[FieldValue]) -> Vec<(String, Value)> {
    let value = |f: &FieldValue| f.value.clone().and_then(codec::unwire).unwrap_or(Value::Text(String::new()));
    fields.iter().map(|f| (f.field.clone(), value(f))).collect()
}

/// The bytes that tell one request from another, whatever order its fields came in.
pub(crate) fn request_bytes(module: &str, id: Option<Uuid>, version: i64, given: &[(String, Value)]) -> Vec<u8> {
    let mut sorted: Vec<_> = given.iter().collect();
    sorted.sort();
    format!("{module}\u{1f}{id:?}\u{1f}{version}\u{1f}{sorted:?}").into_bytes()
}

/// A value that a rule sets, as if it had been sent.
pub(crate) fn owned(value: &OwnedValue) -> Value {
    match value {
        OwnedValue::Empty => Value::Text(String::new()),
        OwnedValue::Boolean(b) => Value::Boolean(*b),
        OwnedValue::Integer(i) => Value::Integer(*i),
        OwnedValue::Text(text) => Value::Text(text.clone()),
        OwnedValue::Texts(texts) => Value::Text(texts.join(",")),
    }
}

/// One answer out of what policy and the module's own rules refuse; what policy says of a field hides what the
/// module would say, so that a hidden field looks like none.
pub(crate) fn refusal(policy: Option<&WriteRefusal>, own: Option<Rejection>, language: &str) -> Option<Error> {
    let refused = match policy {
        None => Vec::new(),
        Some(WriteRefusal::Fields(fields)) => fields.iter().map(|f| field_refusal(f, language)).collect(),
        Some(other) => return Some(other.to_error(language)),
    };
    let mut fields: Vec<FieldError> = refused;
    match own {
        None => {}
        Some(Rejection::Invalid(more)) => {
            for error in more {
                if !fields.iter().any(|f| f.field == error.field) {
                    fields.push(error);
                }
            }
        }
        Some(other) if fields.is_empty() => return Some(other.into()),
        Some(_) => {}
    }
    (!fields.is_empty()).then(|| Error::invalid(fields))
}

/// What the module's own rules refuse, and ties that the caller may not make.
pub(crate) fn with_foreign(own: Option<Rejection>, foreign: Vec<FieldError>) -> Option<Rejection> {
    if foreign.is_empty() {
        return own;
    }
    let mut errors = foreign;
    if let Some(Rejection::Invalid(more)) = own {
        errors.extend(more.into_iter().filter(|e| !errors.iter().any(|f| f.field == e.field)).collect::<Vec<_>>());
    }
    Some(Rejection::Invalid(errors))
}

fn field_refusal(refusal: &FieldRefusal, language: &str) -> FieldError {
    // Whoever asks for the value, the profile or the module: to the caller it is one thing.
    if refusal.code == "mandatory" && refusal.public_reason.is_none() {
        return field_error(&refusal.field, crate::domain::value::Misfit::REQUIRED);
    }
    let mut error = refusal.to_error(language);
    if error.code == "mandatory" {
        error.code = "required".into();
    }
    error
}

/// The version that a caller saw is not the one that it would see now.
pub(crate) fn stale(expected: i64, actual: i64) -> Error {
    Error::new(kernel::Code::Precondition, "stale_version", "Somebody changed this since you looked.")
        .with("expected", expected)
        .with("actual", actual)
}

/// Others were faster each time.
pub(crate) fn overtaken() -> Error {
    Error::new(kernel::Code::Conflict, "concurrent_change", "Somebody changed this at the same moment.")
}
