//! A phone number, as people write them.

use super::Description;
use crate::{
    display::Display,
    family::Family,
    fault::{Fault, Misfit},
    value::Value,
};

const NOT: Misfit = Misfit::new(Fault::NotAPhone, "This is not a phone number.");

pub(super) const TYPE: Description = Description {
    number: Some(9),
    family: Family::Text,
    display: Display::Phone,
    line: true,
    longest: 40,
    asks: "fault-phone",
    of_text: |text, _| if is_phone(&text) { Ok(Value::Text(text)) } else { Err(NOT) },
    tail: |text| text,
    ..Description::PLAIN
};

fn is_phone(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (3..=20).contains(&digits)
        && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')' | '/' | '.' | 'x'))
}
