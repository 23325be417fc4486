//! An e-mail address, its domain in ASCII.

use super::Description;
use crate::{display::Display, family::Family, fault::Misfit, value::Value};
use kernel::text;

pub(super) const TYPE: Description = Description {
    number: Some(8),
    family: Family::Text,
    display: Display::Email,
    line: true,
    longest: text::MAX_EMAIL,
    asks: "fault-email",
    of_text: |text, _| text::email(&text).map(Value::Text).map_err(Misfit::of_text),
    // Of a short domain the end would bring the person with it.
    tail: |text| text.rsplit_once('@').map_or("", |(_, domain)| domain),
    ..Description::PLAIN
};
