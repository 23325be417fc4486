//! Bytes → a JSON value, or what is wrong with them. `serde_json` keeps the last of two equal keys and rounds numbers that
//! a double can't hold; both would change in silence what the caller meant.

use kernel::{Code, Error};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value, value::RawValue};
use std::fmt;

/// Deepest nesting of objects and lists.
const MAX_DEPTH: usize = 32;
/// Digits of a fraction that a double holds as they were written.
const MAX_DIGITS: usize = 15;

/// The value that the bytes hold.
pub(super) fn value(bytes: &[u8]) -> Result<Value, Error> {
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err(malformed("it begins with a byte order mark"));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| malformed("it is not UTF-8"))?;
    let raw: &RawValue = serde_json::from_str(text).map_err(|e| malformed(&e.to_string()))?;
    of(raw, "", 0)
}

fn malformed(why: &str) -> Error {
    Error::new(Code::Invalid, "malformed", format!("The body is no JSON: {why}."))
}

fn of(raw: &RawValue, path: &str, depth: usize) -> Result<Value, Error> {
    if depth > MAX_DEPTH {
        let place = path.split(['.', '[']).next().unwrap_or_default();
        return Err(refused(place, "too_deep", "A body is at most 32 levels deep."));
    }
    let text = raw.get();
    let bad = |e: serde_json::Error| malformed(&e.to_string());
    match text.as_bytes().first() {
        Some(b'{') => {
            let Pairs(pairs) = serde_json::from_str(text).map_err(bad)?;
            let mut object = Map::new();
            for (name, raw) in pairs {
                let at = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                if object.contains_key(&name) {
                    return Err(refused(&at, "duplicate", "This key comes twice."));
                }
                let value = of(raw, &at, depth + 1)?;
                object.insert(name, value);
            }
            Ok(Value::Object(object))
        }
        Some(b'[') => {
            let Items(items) = serde_json::from_str(text).map_err(bad)?;
            let items = items.into_iter().enumerate();
            items
                .map(|(n, raw)| of(raw, &format!("{path}[{n}]"), depth + 1))
                .collect::<Result<_, _>>()
                .map(Value::Array)
        }
        Some(b'-' | b'0'..=b'9') => number(text, path),
        _ => serde_json::from_str(text).map_err(bad),
    }
}

/// A number, unless reading it would change it.
fn number(text: &str, path: &str) -> Result<Value, Error> {
    let message = "This number is too large or too exact; if the field takes such values, send them as text.";
    let fraction = text.contains(['.', 'e', 'E']);
    let digits = text.split(['e', 'E']).next().unwrap_or_default().bytes().filter(u8::is_ascii_digit);
    let digits = digits.skip_while(|d| *d == b'0').count();
    let fits = match fraction {
        true => digits <= MAX_DIGITS,
        false => text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok(),
    };
    match serde_json::from_str::<Value>(text) {
        Ok(value) if fits => Ok(value),
        _ => Err(refused(path, "out_of_range", message)),
    }
}

fn refused(path: &str, code: &'static str, message: &str) -> Error {
    Error::invalid_field(if path.is_empty() { "body" } else { path }, code, message)
}

/// The members of an object as they stand, none of them read yet.
struct Pairs<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Pairs<'a>, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(pairs)
            }
        }
        deserializer.deserialize_map(Members).map(Pairs)
    }
}

/// The items of a list as they stand.
struct Items<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Items<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Items<'a>, D::Error> {
        struct Elements;
        impl<'de> Visitor<'de> for Elements {
            type Value = Vec<&'de RawValue>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(items)
            }
        }
        deserializer.deserialize_seq(Elements).map(Items)
    }
}
