//! A share of a whole: an exact decimal from 0 to 100, kept like one.

use super::{Description, decimal};
use crate::{
    column::Column,
    decimals::compare,
    display::Display,
    family::Family,
    fault::{Fault, Misfit},
    value::Value,
};

const OUTSIDE: Misfit = Misfit::new(Fault::OutOfRange, "Please give a percentage from 0 to 100.");

pub(super) const TYPE: Description = Description {
    number: Some(14),
    family: Family::Decimal,
    column: Column::Decimal,
    display: Display::Percent,
    asks: "fault-percent",
    of_text: |text, _| kept(&text),
    of_integer: |number| kept(&number.to_string()),
    ..Description::PLAIN
};

fn kept(text: &str) -> Result<Value, Misfit> {
    let value = decimal::kept(text)?;
    let spelled = value.as_text().unwrap_or_default();
    let inside = compare(spelled, "0").is_some_and(|o| o.is_ge()) && compare(spelled, "100").is_some_and(|o| o.is_le());
    if inside { Ok(value) } else { Err(OUTSIDE) }
}
