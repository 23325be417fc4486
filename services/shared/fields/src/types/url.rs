//! A web address.

use super::Description;
use crate::{
    display::Display,
    family::Family,
    fault::{Fault, Misfit},
    value::Value,
};

const NOT: Misfit = Misfit::new(Fault::NotAUrl, "Please give an address that begins with http:// or https://.");

pub(super) const TYPE: Description = Description {
    number: Some(10),
    family: Family::Text,
    display: Display::Url,
    line: true,
    longest: 2_000,
    asks: "fault-url",
    of_text: |text, _| if is_url(&text) { Ok(Value::Text(text)) } else { Err(NOT) },
    tail: |text| text,
    ..Description::PLAIN
};

fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|r| {
        let host = r.split(['/', '?', '#']).next().unwrap_or_default();
        !host.is_empty() && !r.chars().any(char::is_whitespace)
    })
}
