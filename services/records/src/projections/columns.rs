//! The columns of promoted fields: which type each has, and how a value gets into it.
//!
//! Values travel as text and are cast in SQL, so that one form serves every type; an empty value is a sentinel that
//! sorts first and is never null, because nulls fall out of a keyset.

use crate::domain::value::{Field, FieldType, Value};
use fields::{Column, calendar::day_number, decimals::is_decimal};
use std::collections::BTreeSet;

/// The Postgres type of a promoted field's column.
pub fn sql_type(kind: FieldType) -> &'static str {
    match kind.column() {
        Column::Picklist | Column::Checkbox => "smallint",
        Column::Date => "date",
        Column::DateTime => "timestamptz",
        Column::Integer => "bigint",
        Column::Decimal => "numeric",
        Column::Reference => "uuid",
        Column::Text => "text",
    }
}

/// What stands in the column when the field is empty.
pub fn sentinel(kind: FieldType) -> &'static str {
    match kind.column() {
        Column::Picklist => "0",
        Column::Date | Column::DateTime | Column::Decimal => "-infinity",
        Column::Integer => "-9223372036854775808",
        Column::Checkbox => "-1",
        Column::Reference => "00000000-0000-0000-0000-000000000000",
        Column::Text => "",
    }
}

/// What sorts after every value of the column: where a list that goes down begins.
pub fn ceiling(kind: FieldType) -> &'static str {
    match kind.column() {
        Column::Picklist | Column::Checkbox => "32767",
        Column::Date | Column::DateTime | Column::Decimal => "infinity",
        Column::Integer => "9223372036854775807",
        Column::Reference => "ffffffff-ffff-ffff-ffff-ffffffffffff",
        // The largest character there is; no accepted text is greater.
        Column::Text => "\u{10ffff}",
    }
}

/// A value that a caller made up, in the one form of which it is certain that Postgres takes it for the column: the only
/// way of such a value into a statement. None when it is no value of the kind.
pub fn literal(kind: FieldType, text: &str) -> Option<String> {
    match kind.column() {
        Column::Picklist | Column::Checkbox => text.parse::<i16>().ok().map(|n| n.to_string()),
        Column::Integer => text.parse::<i64>().ok().map(|n| n.to_string()),
        Column::Date => day_number(text).is_some().then(|| text.to_owned()),
        Column::DateTime => moment(text),
        // As long as a condition may be; Postgres takes many more digits.
        Column::Decimal => (text.len() <= 8_192 && is_decimal(text)).then(|| text.to_owned()),
        Column::Reference => uuid::Uuid::try_parse(text).ok().map(|id| id.hyphenated().to_string()),
        Column::Text => (!text.contains('\0')).then(|| text.to_owned()),
    }
}

/// The same for a moment.
pub fn moment(text: &str) -> Option<String> {
    kernel::Timestamp::parse(text).map(kernel::Timestamp::rfc3339)
}

/// The column that a list is put in order by: the value's own, or that of its key.
pub fn sort_column(number: u32, kind: FieldType) -> String {
    format!("{}{number}", if kind.column().is_keyed() { 's' } else { 'f' })
}

/// The text of the column that a list is put in order by.
pub fn sort_text(field: &Field, value: Option<&Value>) -> String {
    field.kind.column().sort_key(cell_text(field, value))
}

/// The text that is cast to the column's type.
pub fn cell_text(field: &Field, value: Option<&Value>) -> String {
    match (field.kind.column(), value) {
        (Column::Picklist, Some(Value::Text(key))) => field.key_number(key).to_string(),
        (Column::Checkbox, Some(Value::Boolean(b))) => i16::from(*b).to_string(),
        (_, Some(value)) => value.shown().into_owned(),
        (_, None) => sentinel(field.kind).to_owned(),
    }
}

/// True when lists go by a key beside the field's value.
pub(crate) fn is_keyed(field: &Field) -> bool {
    field.kind.column().is_keyed()
}

/// Numbers of fields as they are bound.
pub(crate) fn numbers(fields: &BTreeSet<u32>) -> Vec<i32> {
    fields.iter().filter_map(|n| i32::try_from(*n).ok()).collect()
}

/// Numbers of fields as they were bound.
pub(crate) fn field_numbers(numbers: &[i32]) -> BTreeSet<u32> {
    numbers.iter().filter_map(|n| u32::try_from(*n).ok()).collect()
}
