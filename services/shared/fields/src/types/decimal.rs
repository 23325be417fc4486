//! An exact decimal, kept as text in one spelling.

use super::Description;
use crate::{
    column::Column,
    decimals,
    display::Display,
    family::Family,
    fault::{Fault, Misfit},
    value::Value,
};

/// Most digits, on both sides of the point together.
const MAX_DIGITS: usize = 30;

const NOT: Misfit = Misfit::new(Fault::NotANumber, "Please give a number with a point as decimal separator.");

pub(super) const TYPE: Description = Description {
    number: Some(4),
    family: Family::Decimal,
    column: Column::Decimal,
    display: Display::Decimal,
    asks: "fault-decimal",
    of_text: |text, _| kept(&text),
    of_integer: |number| Ok(Value::Text(number.to_string())),
    ..Description::PLAIN
};

/// A decimal in its one spelling.
pub(super) fn kept(text: &str) -> Result<Value, Misfit> {
    let (spelled, digits) = decimals::spelled(text).ok_or(NOT)?;
    if digits > MAX_DIGITS { Err(Misfit::OUT_OF_RANGE) } else { Ok(Value::Text(spelled)) }
}
