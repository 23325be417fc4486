//! One line of text.

use super::Description;
use crate::{family::Family, value::Value};

/// Longest one-line text, in characters, when the field sets no shorter limit.
pub(super) const MAX_TEXT: usize = 1_000;

pub(super) const TYPE: Description = Description {
    number: Some(1),
    family: Family::Text,
    line: true,
    of_text: |text, _| Ok(Value::Text(text)),
    tail: |text| text,
    ..Description::PLAIN
};
