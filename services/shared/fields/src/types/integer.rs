//! A 64-bit integer.

use super::Description;
use crate::{
    column::Column,
    display::Display,
    family::Family,
    fault::{Fault, Misfit},
    value::Value,
};

const NOT: Misfit = Misfit::new(Fault::NotANumber, "Please give a whole number.");

pub(super) const TYPE: Description = Description {
    number: Some(3),
    family: Family::Integer,
    column: Column::Integer,
    display: Display::Integer,
    asks: "fault-integer",
    of_text: |text, _| text.parse().map_err(|_| NOT).and_then(kept),
    of_integer: kept,
    ..Description::PLAIN
};

/// The smallest integer is the column's empty value.
fn kept(number: i64) -> Result<Value, Misfit> {
    if number == i64::MIN { Err(Misfit::OUT_OF_RANGE) } else { Ok(Value::Integer(number)) }
}
