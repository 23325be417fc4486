//! A moment: RFC 3339 with its offset, kept in UTC with microseconds.

use super::Description;
use crate::{
    column::Column,
    display::Display,
    family::Family,
    fault::{Fault, Misfit},
    value::Value,
};
use kernel::Timestamp;

const NOT: Misfit = Misfit::new(Fault::NotADateTime, "Please give a date and time with its offset.");

pub(super) const TYPE: Description = Description {
    number: Some(7),
    family: Family::Moment,
    column: Column::DateTime,
    display: Display::DateTime,
    asks: "fault-date-time",
    of_text: |text, _| Timestamp::parse(&text).map(|at| Value::Text(at.rfc3339())).ok_or(NOT),
    ..Description::PLAIN
};
