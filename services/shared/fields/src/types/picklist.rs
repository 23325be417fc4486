//! One stable key of a list.

use super::Description;
use crate::{
    column::Column,
    display::Display,
    family::Family,
    fault::{Fault, Misfit},
    value::Value,
};

const NOT: Misfit = Misfit::new(Fault::UnknownValue, "This is not one of the values to choose from.");

pub(super) const TYPE: Description = Description {
    number: Some(11),
    family: Family::Key,
    column: Column::Picklist,
    display: Display::Choice,
    of_text: |text, limits| if limits.keys.iter().any(|k| k.key == text) { Ok(Value::Text(text)) } else { Err(NOT) },
    ..Description::PLAIN
};
