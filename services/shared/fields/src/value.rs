//! Values of fields: one that is kept, and one that is looked at.

use kernel::Timestamp;
use std::borrow::Cow;
use uuid::Uuid;

/// A value as it stands in a field. An empty field has none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Text, a decimal, a date, a moment, a picklist's key or an id.
    Text(String),
    /// A 64-bit integer.
    Integer(i64),
    /// True or false.
    Boolean(bool),
}

impl Value {
    /// A text value.
    pub fn text(text: impl Into<String>) -> Value {
        Value::Text(text.into())
    }

    /// The text, when it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(t) => Some(t),
            Value::Integer(_) | Value::Boolean(_) => None,
        }
    }

    /// The id, when it is the text of one.
    pub fn as_id(&self) -> Option<Uuid> {
        self.as_text().and_then(|t| Uuid::try_parse(t).ok())
    }

    /// In text: as forms carry it and as [`crate::FieldType::accept`] takes it again.
    pub fn shown(&self) -> Cow<'_, str> {
        match self {
            Value::Text(t) => Cow::Borrowed(t),
            Value::Integer(i) => Cow::Owned(i.to_string()),
            Value::Boolean(b) => Cow::Borrowed(if *b { "true" } else { "false" }),
        }
    }
}

/// A value as it is compared, borrowed. Its meaning (a date, a decimal, a key) is the field's type's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ValueRef<'a> {
    /// The field holds nothing.
    Empty,
    /// Text; also dates (`YYYY-MM-DD`), times, RFC 3339 moments, decimals, keys and ids.
    Text(&'a str),
    /// An integer.
    Integer(i64),
    /// True or false.
    Boolean(bool),
    /// A moment that is already parsed.
    Moment(Timestamp),
    /// A date that is already parsed: days since 1970-01-01.
    Day(i32),
    /// Several keys.
    Texts(&'a [String]),
}

impl<'a> ValueRef<'a> {
    /// Holds nothing: empty, an empty text, no keys.
    pub fn is_empty(self) -> bool {
        match self {
            ValueRef::Empty => true,
            ValueRef::Text(text) => text.is_empty(),
            ValueRef::Texts(texts) => texts.is_empty(),
            ValueRef::Integer(_) | ValueRef::Boolean(_) | ValueRef::Moment(_) | ValueRef::Day(_) => false,
        }
    }

    /// The text, if it is one.
    pub fn text(self) -> Option<&'a str> {
        match self {
            ValueRef::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Equal as stored values; empty text and no value are the same.
    pub fn same(self, other: ValueRef<'_>) -> bool {
        (self.is_empty() && other.is_empty()) || self == other
    }
}

impl<'a> From<&'a Value> for ValueRef<'a> {
    fn from(value: &'a Value) -> ValueRef<'a> {
        match value {
            Value::Text(t) => ValueRef::Text(t),
            Value::Integer(i) => ValueRef::Integer(*i),
            Value::Boolean(b) => ValueRef::Boolean(*b),
        }
    }
}
