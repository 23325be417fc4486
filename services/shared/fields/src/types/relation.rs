//! The id of a record of the target module.

use super::{Description, PointsTo};
use crate::{column::Column, display::Display, family::Family, fault::Misfit, value::Value};
use uuid::Uuid;

pub(super) const TYPE: Description = Description {
    number: Some(12),
    family: Family::Reference,
    column: Column::Reference,
    display: Display::Record,
    points_to: Some(PointsTo::Record),
    of_text: |text, _| id(&text).ok_or(Misfit::UNKNOWN_RECORD),
    ..Description::PLAIN
};

/// An id in the one form in which it is kept.
pub(super) fn id(text: &str) -> Option<Value> {
    Uuid::try_parse(text).ok().filter(|i| !i.is_nil()).map(|i| Value::Text(i.hyphenated().to_string()))
}
