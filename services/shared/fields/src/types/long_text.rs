//! Markdown: text of several lines, kept beside the row.

use super::Description;
use crate::{display::Display, family::Family, value::Value};

/// Longest Markdown text, in characters: an update carries the old and the new one, and both must fit one event.
const MAX_LONG_TEXT: usize = 20_000;

pub(super) const TYPE: Description = Description {
    number: Some(2),
    family: Family::Text,
    display: Display::Markdown,
    longest: MAX_LONG_TEXT,
    of_text: |text, _| Ok(Value::Text(text)),
    tail: |text| text,
    ..Description::PLAIN
};
