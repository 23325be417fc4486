//! A day of the calendar, `YYYY-MM-DD`, of the years 1 to 9999.

use super::Description;
use crate::{
    calendar::day_number,
    column::Column,
    display::Display,
    family::Family,
    fault::{Fault, Misfit},
    value::Value,
};

const NOT: Misfit = Misfit::new(Fault::NotADate, "Please give a date as YYYY-MM-DD.");

pub(super) const TYPE: Description = Description {
    number: Some(6),
    family: Family::Date,
    column: Column::Date,
    display: Display::Date,
    asks: "fault-date",
    of_text: |text, _| day_number(&text).map(|_| Value::Text(text)).ok_or(NOT),
    ..Description::PLAIN
};
