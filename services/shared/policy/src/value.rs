//! What is known of a record, and the moment at which it is judged.

use crate::access::Tie;
use fields::{ValueRef, calendar::day_number};
use kernel::Timestamp;
use serde::{Deserialize, Serialize};

/// What is known of a field. Only a known field has a value, so a field that was not looked up never counts as empty. A
/// test of it is neither true nor false, and neither is the negation of the test; whoever asks then gives no access.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Fact<'a> {
    /// It holds this; [`ValueRef::Empty`] when it holds nothing.
    Known(ValueRef<'a>),
    /// Not looked up, or not to be seen by who asks.
    Unknown,
    /// There is no such field.
    NoSuchField,
}

impl<'a> Fact<'a> {
    /// The value, where it is known.
    pub fn known(self) -> Option<ValueRef<'a>> {
        match self {
            Fact::Known(value) => Some(value),
            Fact::Unknown | Fact::NoSuchField => None,
        }
    }
}

impl<'a> From<ValueRef<'a>> for Fact<'a> {
    fn from(value: ValueRef<'a>) -> Fact<'a> {
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
    pub fn as_value(&self) -> ValueRef<'_> {
        match self {
            OwnedValue::Empty => ValueRef::Empty,
            OwnedValue::Boolean(b) => ValueRef::Boolean(*b),
            OwnedValue::Integer(i) => ValueRef::Integer(*i),
            OwnedValue::Text(t) => ValueRef::Text(t),
            OwnedValue::Texts(t) => ValueRef::Texts(t),
        }
    }
}

/// What is known of one record. The owner of the record implements it; `policy` only asks.
///
/// Field names are those of the module, the fields that every record has ([`crate::SYSTEM_FIELDS`]),
/// and one hop: `contact.<field>`, `company.<field>` of the contact and company that the record is
/// tied to. The company of a record is the one that scope goes by: its own, else its contact's. A hop that is known to
/// have no record at its end answers [`ValueRef::Empty`]; one whose end was not looked up, like every other field that was
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

#[cfg(test)]
mod tests;
