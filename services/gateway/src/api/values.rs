//! Values between JSON and protobuf. Empty is null; 64-bit integers and decimals are strings in JSON, and either form is
//! taken from callers. A number with a fraction comes as text only: as a JSON number it would be rounded on the way.

use kernel::{Error, FieldError};
use proto::records::v1::{FieldValue, Value, value::Kind};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value as Json};

/// Most fields of one request.
const MOST_FIELDS: usize = 200;

/// A value as it is written into an answer, without a JSON value in between.
pub(crate) struct Written<'a>(pub(crate) Option<&'a Value>);

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.and_then(|v| v.kind.as_ref()) {
            None => serializer.serialize_none(),
            Some(Kind::Text(text)) => serializer.serialize_str(text),
            Some(Kind::Integer(number)) => serializer.collect_str(number),
            Some(Kind::Boolean(yes)) => serializer.serialize_bool(*yes),
        }
    }
}

/// JSON of a value.
pub(crate) fn to_json(value: Option<&Value>) -> Json {
    match value.and_then(|v| v.kind.as_ref()) {
        None => Json::Null,
        Some(Kind::Text(text)) => Json::String(text.clone()),
        Some(Kind::Integer(number)) => Json::String(number.to_string()),
        Some(Kind::Boolean(yes)) => Json::Bool(*yes),
    }
}

/// Fields of a JSON object; a value that no field can hold is refused with its name.
pub(crate) fn from_object(fields: Map<String, Json>) -> Result<Vec<FieldValue>, Error> {
    if fields.len() > MOST_FIELDS {
        return Err(Error::invalid_field("fields", "too_many", "A record has at most 200 fields."));
    }
    let mut bad = Vec::new();
    let mut values = Vec::with_capacity(fields.len());
    for (field, json) in fields {
        let kind = match json {
            Json::Null => None,
            Json::Bool(yes) => Some(Kind::Boolean(yes)),
            Json::String(text) if text.is_empty() => None,
            Json::String(text) => Some(Kind::Text(text)),
            Json::Number(ref number) if number.is_i64() => number.as_i64().map(Kind::Integer),
            Json::Number(_) | Json::Array(_) | Json::Object(_) => {
                let message = match json {
                    Json::Number(_) => "Please send a number with a fraction, or a very large one, as text.",
                    _ => "A field holds one value.",
                };
                bad.push(FieldError { field, code: "wrong_type".into(), message: message.into() });
                continue;
            }
        };
        values.push(FieldValue { field, value: Some(Value { kind }) });
    }
    if bad.is_empty() { Ok(values) } else { Err(Error::invalid(bad)) }
}

/// RFC 3339 of microseconds; 0 is null.
pub(crate) fn time(micros: i64) -> Option<String> {
    (micros != 0).then(|| kernel::Timestamp::from_micros(micros).rfc3339())
}
