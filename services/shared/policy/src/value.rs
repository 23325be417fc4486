//! Values of records as the evaluation sees them, and the arithmetic that comparing them needs.

use crate::{access::Tie, catalogue::FieldType};
use kernel::Timestamp;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// A value of a record, borrowed. Its meaning (a date, a decimal, a key) is the field's type's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// The field holds nothing.
    Empty,
    /// Text; also dates (`YYYY-MM-DD`), times, RFC 3339 moments, decimals, keys and ids.
    Text(&'a str),
    /// An integer.
    Integer(i64),
    /// True or false.
    Boolean(bool),
    /// A moment that is already parsed.
    Moment(Timestamp),
    /// A date that is already parsed: days since 1970-01-01.
    Day(i32),
    /// Several keys.
    Texts(&'a [String]),
}

impl<'a> Value<'a> {
    /// Holds nothing: empty, an empty text, no keys.
    pub fn is_empty(self) -> bool {
        match self {
            Value::Empty => true,
            Value::Text(text) => text.is_empty(),
            Value::Texts(texts) => texts.is_empty(),
            Value::Integer(_) | Value::Boolean(_) | Value::Moment(_) | Value::Day(_) => false,
        }
    }

    /// The text, if it is one.
    pub fn text(self) -> Option<&'a str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Equal as stored values; empty text and no value are the same.
    pub fn same(self, other: Value<'_>) -> bool {
        (self.is_empty() && other.is_empty()) || self == other
    }
}

/// What is known of a field. Only a known field has a value, so a field that was not looked up never counts as empty. A
/// test of it is neither true nor false, and neither is the negation of the test; whoever asks then gives no access.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fact<'a> {
    /// It holds this; [`Value::Empty`] when it holds nothing.
    Known(Value<'a>),
    /// Not looked up, or not to be seen by who asks.
    Unknown,
    /// There is no such field.
    NoSuchField,
}

impl<'a> Fact<'a> {
    /// The value, where it is known.
    pub fn known(self) -> Option<Value<'a>> {
        match self {
            Fact::Known(value) => Some(value),
            Fact::Unknown | Fact::NoSuchField => None,
        }
    }
}

impl<'a> From<Value<'a>> for Fact<'a> {
    fn from(value: Value<'a>) -> Fact<'a> {
        Fact::Known(value)
    }
}

/// A value that a rule sets. In JSON: null, a string, an integer, true or false, an array of strings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OwnedValue {
    /// Nothing: the field is emptied.
    Empty,
    /// True or false.
    Boolean(bool),
    /// An integer.
    Integer(i64),
    /// Text, and everything that is carried as text.
    Text(String),
    /// Several keys.
    Texts(Vec<String>),
}

impl OwnedValue {
    /// Borrowed.
    pub fn as_value(&self) -> Value<'_> {
        match self {
            OwnedValue::Empty => Value::Empty,
            OwnedValue::Boolean(b) => Value::Boolean(*b),
            OwnedValue::Integer(i) => Value::Integer(*i),
            OwnedValue::Text(t) => Value::Text(t),
            OwnedValue::Texts(t) => Value::Texts(t),
        }
    }
}

/// What is known of one record. The owner of the record implements it; `policy` only asks.
///
/// Field names are those of the module, the fields that every record has ([`crate::SYSTEM_FIELDS`]),
/// and one hop: `contact.<field>`, `company.<field>` of the contact and company that the record is
/// tied to. The company of a record is the one that scope goes by: its own, else its contact's. A hop that is known to
/// have no record at its end answers [`Value::Empty`]; one whose end was not looked up, like every other field that was
/// not, answers [`Fact::Unknown`]; a field that the module doesn't have answers [`Fact::NoSuchField`].
pub trait Facts {
    /// What is known of a field.
    fn fact(&self, field: &str) -> Fact<'_>;
    /// How the record is tied to the viewer.
    fn tie(&self) -> Tie;
}

/// The moment of a decision, and the day it falls on in the installation's time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// The moment.
    pub now: Timestamp,
    /// Days since 1970-01-01 of the local day.
    pub today: i32,
    /// First moment of the local day.
    pub day_starts: Timestamp,
    /// First moment of the next local day.
    pub next_day_starts: Timestamp,
}

impl Clock {
    /// A clock from a moment, the local day it falls on (`YYYY-MM-DD`) and that day's first moment and
    /// the next day's. None when the day is no date of the calendar.
    pub fn new(now: Timestamp, today: &str, day_starts: Timestamp, next_day_starts: Timestamp) -> Option<Clock> {
        Some(Clock { now, today: day_number(today)?, day_starts, next_day_starts })
    }

    /// A clock whose days are those of UTC.
    pub fn utc(now: Timestamp) -> Clock {
        const DAY: i64 = 86_400_000_000;
        let today = now.micros().div_euclid(DAY);
        let starts = Timestamp::from_micros(today.saturating_mul(DAY));
        Clock {
            now,
            today: i32::try_from(today).unwrap_or(i32::MAX),
            day_starts: starts,
            next_day_starts: starts.plus_seconds(86_400),
        }
    }
}

/// Days since 1970-01-01 of a date written `YYYY-MM-DD`, of the years 1 to 9999.
pub(crate) fn day_number(text: &str) -> Option<i32> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let number = |from: usize, to: usize| {
        bytes[from..to].iter().try_fold(0_i32, |n, b| b.is_ascii_digit().then(|| n * 10 + i32::from(b - b'0')))
    };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let length = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    if year < 1 || day < 1 || day > length {
        return None;
    }
    // Years that begin in March put the leap day last, so the days before a month follow one formula.
    let (y, m) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let (era, of_era) = (y.div_euclid(400), y.rem_euclid(400));
    let of_year = (153 * m + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

/// The date `YYYY-MM-DD` of a day number; years outside 1 to 9999 are cut to that range.
pub(crate) fn day_text(day: i32) -> String {
    let z = i64::from(day) + 719_468;
    let (era, of_era) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let m = (5 * of_year + 2) / 153;
    let (d, month) = (of_year - (153 * m + 2) / 5 + 1, if m < 10 { m + 3 } else { m - 9 });
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    match year {
        ..1 => "0001-01-01".to_owned(),
        1..=9999 => format!("{year:04}-{month:02}-{d:02}"),
        _ => "9999-12-31".to_owned(),
    }
}

/// The parts of a decimal: negative, digits before the point without leading zeros, digits after
/// without trailing ones. Exact at any length, and nothing is allocated.
fn decimal_parts(text: &str) -> Option<(bool, &str, &str)> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) || digits.ends_with('.') {
        return None;
    }
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    // Minus zero is zero.
    Some((negative && !(whole.is_empty() && fraction.is_empty()), whole, fraction))
}

/// True for a decimal: an optional minus, digits, and optionally a point with digits behind it.
pub(crate) fn is_decimal(text: &str) -> bool {
    decimal_parts(text).is_some()
}

/// Compares two decimals; None when one of them is none.
pub(crate) fn compare_decimals(a: &str, b: &str) -> Option<Ordering> {
    let ((negative_a, whole_a, part_a), (negative_b, whole_b, part_b)) = (decimal_parts(a)?, decimal_parts(b)?);
    let size = whole_a.len().cmp(&whole_b.len()).then_with(|| whole_a.cmp(whole_b)).then_with(|| part_a.cmp(part_b));
    Some(match (negative_a, negative_b) {
        (false, false) => size,
        (true, true) => size.reverse(),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
    })
}

/// What a masked value shows, behind a fixed number of dots, so that the length is not given away: of texts, phone numbers
/// and sealed texts the last four characters, of an e-mail address those of the domain, if there are more than four. Of
/// everything else (keys, checkboxes, dates, numbers, amounts, ids) nothing: their end is most of what they say.
pub fn mask(kind: FieldType, text: &str) -> String {
    const DOTS: &str = "••••";
    let shown = match kind {
        FieldType::Text | FieldType::LongText | FieldType::Phone | FieldType::Url | FieldType::EncryptedText => text,
        FieldType::Email => text.rsplit_once('@').map_or("", |(_, domain)| domain),
        _ => "",
    };
    if shown.chars().nth(4).is_none() {
        return DOTS.to_owned();
    }
    let tail = shown.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
    format!("{DOTS}{}", &shown[tail..])
}

#[cfg(test)]
mod tests;
