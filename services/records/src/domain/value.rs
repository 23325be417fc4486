//! Values of fields, and what makes one fit its field's type.

use kernel::{FieldError, Timestamp, date_is_valid};
use std::borrow::Cow;
use uuid::Uuid;

/// Longest one-line text, in characters, when the field sets no shorter limit.
pub const MAX_TEXT: usize = 1_000;
/// Longest Markdown text, in characters: an update carries the old and the new one, and both must fit one event.
pub const MAX_LONG_TEXT: usize = 20_000;
/// Most digits of a decimal, on both sides of the point together.
pub const MAX_DIGITS: usize = 30;

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

    /// As people read it.
    pub fn shown(&self) -> Cow<'_, str> {
        match self {
            Value::Text(t) => Cow::Borrowed(t),
            Value::Integer(i) => Cow::Owned(i.to_string()),
            Value::Boolean(b) => Cow::Borrowed(if *b { "true" } else { "false" }),
        }
    }
}

/// The type of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FieldKind {
    /// One line.
    Text,
    /// Markdown.
    LongText,
    /// A 64-bit integer.
    Integer,
    /// An exact decimal, carried as text.
    Decimal,
    /// True or false.
    Checkbox,
    /// `YYYY-MM-DD`.
    Date,
    /// RFC 3339, stored in UTC with microseconds.
    DateTime,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// An http or https address.
    Url,
    /// One stable key of a list.
    Picklist,
    /// The id of a record of the target module.
    Relation,
    /// The id of an agent.
    Owner,
}

impl FieldKind {
    /// The longest text of the type, in characters.
    pub fn limit(self) -> usize {
        match self {
            FieldKind::LongText => MAX_LONG_TEXT,
            FieldKind::Email => kernel::text::MAX_EMAIL,
            FieldKind::Phone => 40,
            FieldKind::Url => 2_000,
            _ => MAX_TEXT,
        }
    }

    /// True for the types whose value is free text on one line.
    pub fn is_line(self) -> bool {
        matches!(self, FieldKind::Text | FieldKind::Email | FieldKind::Phone | FieldKind::Url)
    }
}

/// A key of a picklist, and its number in the read model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PicklistKey {
    /// Stable key.
    pub key: String,
    /// From 1; 0 is the empty value.
    pub number: i16,
}

/// One field of a module, as `decide` needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// As in requests and events.
    pub name: String,
    /// In the record's document.
    pub number: u32,
    /// Its type.
    pub kind: FieldKind,
    /// Every record needs a value.
    pub mandatory: bool,
    /// Stored sealed under the data key of the person.
    pub personal: bool,
    /// A real column of the read model: lists can sort and filter by it.
    pub promoted: bool,
    /// Longest text, in characters.
    pub max_length: usize,
    /// For picklists.
    pub keys: Vec<PicklistKey>,
    /// For relations: the module pointed to.
    pub target: String,
    /// What a new record gets that gives no value.
    pub default: Option<Value>,
}

pub use kernel::text::{Misfit, REQUIRED};

impl Field {
    /// The value in its stored form, or none when it is empty.
    ///
    /// # Errors
    /// A stable code and a sentence when it does not fit the type.
    pub fn accept(&self, given: &Value) -> Result<Option<Value>, Misfit> {
        match (self.kind, given) {
            (FieldKind::Checkbox, Value::Boolean(_)) | (FieldKind::Integer, Value::Integer(i64::MIN)) => {
                in_range(given).map(Some)
            }
            (FieldKind::Integer, Value::Integer(_)) => Ok(Some(given.clone())),
            (FieldKind::Decimal, Value::Integer(i)) => Ok(Some(Value::Text(i.to_string()))),
            (_, Value::Text(text)) => {
                let kept = match self.kind {
                    FieldKind::LongText => kernel::text::lines(text, self.max_length)?,
                    _ => kernel::text::line(text, self.max_length)?,
                };
                kept.map(|text| self.accept_text(text)).transpose()
            }
            _ => Err(("wrong_type", "This value has the wrong type.")),
        }
    }

    fn accept_text(&self, kept: String) -> Result<Value, Misfit> {
        let text = kept.as_str();
        match self.kind {
            FieldKind::Text | FieldKind::LongText => Ok(Value::Text(kept)),
            FieldKind::Integer => match text.parse::<i64>() {
                Ok(i) => in_range(&Value::Integer(i)),
                Err(_) => Err(("not_a_number", "Please give a whole number.")),
            },
            FieldKind::Decimal => decimal(text).map(Value::Text),
            FieldKind::Checkbox => match text {
                "true" => Ok(Value::Boolean(true)),
                "false" => Ok(Value::Boolean(false)),
                _ => Err(("wrong_type", "Please give true or false.")),
            },
            FieldKind::Date if date_is_valid(text) => Ok(Value::Text(kept)),
            FieldKind::Date => Err(("not_a_date", "Please give a date as YYYY-MM-DD.")),
            FieldKind::DateTime => match Timestamp::parse(text) {
                Some(at) => Ok(Value::Text(at.rfc3339())),
                None => Err(("not_a_date_time", "Please give a date and time with its offset.")),
            },
            FieldKind::Email => kernel::text::email(text).map(Value::Text),
            FieldKind::Phone if is_phone(text) => Ok(Value::Text(kept)),
            FieldKind::Phone => Err(("not_a_phone", "This is not a phone number.")),
            FieldKind::Url if is_url(text) => Ok(Value::Text(kept)),
            FieldKind::Url => Err(("not_a_url", "Please give an address that begins with http:// or https://.")),
            FieldKind::Picklist if self.keys.iter().any(|k| k.key == text) => Ok(Value::Text(kept)),
            FieldKind::Picklist => Err(("unknown_value", "This is not one of the values to choose from.")),
            FieldKind::Relation => id(text).ok_or(UNKNOWN_RECORD),
            FieldKind::Owner => id(text).ok_or(UNKNOWN_AGENT),
        }
    }

    /// The number of a picklist's key in the read model; 0 when there is none.
    pub fn key_number(&self, key: &str) -> i16 {
        self.keys.iter().find(|k| k.key == key).map_or(0, |k| k.number)
    }

    /// A misfit as an error that names the field.
    pub fn error(&self, misfit: Misfit) -> FieldError {
        field_error(&self.name, misfit)
    }
}

/// The relation points to nothing that the caller can see.
pub const UNKNOWN_RECORD: Misfit = ("unknown_record", "There is no such record.");
/// The owner is no agent.
pub const UNKNOWN_AGENT: Misfit = ("unknown_agent", "There is no such agent.");
/// The module has no such field, or the caller can't see it.
pub const UNKNOWN_FIELD: Misfit = ("unknown_field", "There is no such field.");
const OUT_OF_RANGE: Misfit = ("out_of_range", "This value is outside of what can be stored.");
/// An error that names a field.
pub fn field_error(field: &str, (code, message): Misfit) -> FieldError {
    FieldError { field: field.to_owned(), code: code.into(), message: message.to_owned() }
}

fn in_range(value: &Value) -> Result<Value, Misfit> {
    match value {
        // The smallest integer is the read model's empty value.
        Value::Integer(i64::MIN) => Err(OUT_OF_RANGE),
        other => Ok(other.clone()),
    }
}

fn id(text: &str) -> Option<Value> {
    Uuid::try_parse(text).ok().filter(|i| !i.is_nil()).map(|i| Value::Text(i.hyphenated().to_string()))
}

/// The one spelling of a decimal: no plus, no leading zeros, no trailing zeros after the point, no minus zero.
fn decimal(text: &str) -> Result<String, Misfit> {
    const NOT: Misfit = ("not_a_number", "Please give a number with a point as decimal separator.");
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let numeric = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !numeric(whole) || !numeric(fraction) {
        return Err(NOT);
    }
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    if whole.len() + fraction.len() > MAX_DIGITS {
        return Err(OUT_OF_RANGE);
    }
    let sign = if negative && !(whole.is_empty() && fraction.is_empty()) { "-" } else { "" };
    let whole = if whole.is_empty() { "0" } else { whole };
    Ok(if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}

fn is_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (3..=20).contains(&digits)
        && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')' | '/' | '.' | 'x'))
}

fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|r| {
        let host = r.split(['/', '?', '#']).next().unwrap_or_default();
        !host.is_empty() && !r.chars().any(char::is_whitespace)
    })
}

#[cfg(test)]
mod tests;
