//! The columns of promoted fields: which type each has, and how a value gets into it.
//!
//! Values travel as text and are cast in SQL, so that one form serves every type; an empty value is a sentinel that
//! sorts first and is never null, because nulls fall out of a keyset.

use crate::domain::value::{Field, FieldKind, Value};

/// The kind of column of a promoted field, as `module_table()` knows it.
pub fn column_kind(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Picklist => "picklist",
        FieldKind::Date => "date",
        FieldKind::DateTime => "date_time",
        FieldKind::Integer => "integer",
        FieldKind::Decimal => "decimal",
        FieldKind::Checkbox => "checkbox",
        FieldKind::Relation | FieldKind::Owner => "reference",
        FieldKind::Text | FieldKind::LongText | FieldKind::Email | FieldKind::Phone | FieldKind::Url => "text",
    }
}

/// The Postgres type of a promoted field's column.
pub fn sql_type(kind: FieldKind) -> &'static str {
    match column_kind(kind) {
        "picklist" | "checkbox" => "smallint",
        "date" => "date",
        "date_time" => "timestamptz",
        "integer" => "bigint",
        "decimal" => "numeric",
        "reference" => "uuid",
        _ => "text",
    }
}

/// What stands in the column when the field is empty.
pub fn sentinel(kind: FieldKind) -> &'static str {
    match column_kind(kind) {
        "picklist" => "0",
        "date" | "date_time" | "decimal" => "-infinity",
        "integer" => "-9223372036854775808",
        "checkbox" => "-1",
        "reference" => "00000000-0000-0000-0000-000000000000",
        _ => "",
    }
}

/// What sorts after every value of the column: where a list that goes down begins.
pub fn ceiling(kind: FieldKind) -> &'static str {
    match column_kind(kind) {
        "picklist" | "checkbox" => "32767",
        "date" | "date_time" | "decimal" => "infinity",
        "integer" => "9223372036854775807",
        "reference" => "ffffffff-ffff-ffff-ffff-ffffffffffff",
        // The largest character there is; no accepted text is greater.
        _ => "\u{10ffff}",
    }
}

/// A value that a caller made up, in the one form of which it is certain that Postgres takes it for the column: the only
/// way of such a value into a statement. None when it is no value of the kind.
pub fn literal(kind: FieldKind, text: &str) -> Option<String> {
    match column_kind(kind) {
        "picklist" | "checkbox" => text.parse::<i16>().ok().map(|n| n.to_string()),
        "integer" => text.parse::<i64>().ok().map(|n| n.to_string()),
        "date" => kernel::date_is_valid(text).then(|| text.to_owned()),
        "date_time" => moment(text),
        // As long as a condition may be; Postgres takes many more digits.
        "decimal" => (text.len() <= 8_192).then(|| decimal(text))?,
        "reference" => uuid::Uuid::try_parse(text).ok().map(|id| id.hyphenated().to_string()),
        _ => (!text.contains('\0')).then(|| text.to_owned()),
    }
}

/// The same for a moment.
pub fn moment(text: &str) -> Option<String> {
    kernel::Timestamp::parse(text).map(kernel::Timestamp::rfc3339)
}

fn decimal(text: &str) -> Option<String> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    (plain(whole) && plain(fraction)).then(|| text.to_owned())
}

/// Longest key that a list is put in order by, in characters: an index entry must take it, whatever it is written in.
const MAX_KEY: usize = 200;

/// True for the kinds of which a list goes by a key beside the value.
pub fn is_keyed(kind: FieldKind) -> bool {
    column_kind(kind) == "text"
}

/// The column that a list is put in order by: the value's own, or that of its key.
pub fn sort_column(number: u32, kind: FieldKind) -> String {
    format!("{}{number}", if is_keyed(kind) { 's' } else { 'f' })
}

/// The text of the column that a list is put in order by.
pub fn sort_text(field: &Field, value: Option<&Value>) -> String {
    let text = cell_text(field, value);
    if is_keyed(field.kind) { kernel::text::folded(&text).chars().take(MAX_KEY).collect() } else { text }
}

/// The text that is cast to the column's type.
pub fn cell_text(field: &Field, value: Option<&Value>) -> String {
    match (field.kind, value) {
        (FieldKind::Picklist, Some(Value::Text(key))) => field.key_number(key).to_string(),
        (FieldKind::Checkbox, Some(Value::Boolean(b))) => i16::from(*b).to_string(),
        (_, Some(value)) => value.shown().into_owned(),
        (kind, None) => sentinel(kind).to_owned(),
    }
}
