//! True or false.

use super::Description;
use crate::{
    column::Column,
    display::Display,
    family::Family,
    fault::{Fault, Misfit},
    value::Value,
};

const NOT: Misfit = Misfit::new(Fault::WrongType, "Please give true or false.");

pub(super) const TYPE: Description = Description {
    number: Some(5),
    family: Family::Boolean,
    column: Column::Checkbox,
    display: Display::YesNo,
    of_text: |text, _| text.parse().map(Value::Boolean).map_err(|_| NOT),
    of_boolean: |yes| Ok(Value::Boolean(yes)),
    ..Description::PLAIN
};
