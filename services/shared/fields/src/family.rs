//! How values are compared. Several types share a family.

use crate::{
    calendar::{day_number, is_time},
    decimals,
    value::ValueRef,
};
use kernel::Timestamp;
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// How values of a type are compared. Several field types share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Byte by byte; searching inside ignores the case of ASCII letters.
    Text,
    /// 64-bit integers.
    Integer,
    /// Exact decimals in text form.
    Decimal,
    /// True and false.
    Boolean,
    /// Days.
    Date,
    /// Times of day, as text.
    Time,
    /// Moments.
    Moment,
    /// One key of a list.
    Key,
    /// Several keys of a list.
    Keys,
    /// The id of a record or agent.
    Reference,
    /// Only ever empty or not.
    Opaque,
}

impl Family {
    /// True when of two values one is less than the other, in a sense that people mean by it.
    pub const fn has_order(self) -> bool {
        matches!(self, Family::Integer | Family::Decimal | Family::Date | Family::Moment | Family::Time)
    }

    /// True for numbers: columns of them are aligned to the end.
    pub const fn is_number(self) -> bool {
        matches!(self, Family::Integer | Family::Decimal)
    }

    /// True for days and moments: what lies some time before or after now.
    pub const fn is_in_time(self) -> bool {
        matches!(self, Family::Date | Family::Moment)
    }

    /// True for the keys of a list.
    pub const fn has_keys(self) -> bool {
        matches!(self, Family::Key | Family::Keys)
    }

    /// A day as its number, a moment as its microsecond.
    pub fn instant(self, value: ValueRef<'_>) -> Option<i64> {
        match (self, value) {
            (Family::Date, ValueRef::Text(text)) => day_number(text).map(i64::from),
            (Family::Date, ValueRef::Day(day)) => Some(i64::from(day)),
            (Family::Moment, ValueRef::Moment(at)) => Some(at.micros()),
            (Family::Moment, ValueRef::Text(text)) => Timestamp::parse(text).map(Timestamp::micros),
            _ => None,
        }
    }

    /// Compares two values that are not empty; None when one is not what the family says.
    pub fn compare(self, value: ValueRef<'_>, with: ValueRef<'_>) -> Option<Ordering> {
        match (self, value, with) {
            (Family::Text | Family::Key | Family::Reference, ValueRef::Text(a), ValueRef::Text(b)) => Some(a.cmp(b)),
            (Family::Integer, ValueRef::Integer(a), ValueRef::Integer(b)) => Some(a.cmp(&b)),
            (Family::Integer, ValueRef::Text(a), ValueRef::Integer(b)) => a.parse::<i64>().ok().map(|a| a.cmp(&b)),
            (Family::Decimal, ValueRef::Text(a), ValueRef::Text(b)) => decimals::compare(a, b),
            (Family::Decimal, ValueRef::Integer(a), ValueRef::Text(b)) => decimals::compare(&a.to_string(), b),
            (Family::Boolean, ValueRef::Boolean(a), ValueRef::Boolean(b)) => Some(a.cmp(&b)),
            (Family::Time, ValueRef::Text(a), ValueRef::Text(b)) => {
                // 09:30 and 09:30:00 are the same time.
                let seconds = |t: &'_ str| if t.len() == 5 { "00".to_owned() } else { t[6..].to_owned() };
                (is_time(a) && is_time(b)).then(|| a[..5].cmp(&b[..5]).then(seconds(a).cmp(&seconds(b))))
            }
            (Family::Date | Family::Moment, a, b) => Some(self.instant(a)?.cmp(&self.instant(b)?)),
            _ => None,
        }
    }

    /// True when a field of the family can hold a value; `keys` are those of a list.
    pub fn holds(self, value: ValueRef<'_>, keys: &[String]) -> bool {
        match (self, value) {
            (_, ValueRef::Empty) => true,
            (Family::Text | Family::Reference, ValueRef::Text(_))
            | (Family::Integer, ValueRef::Integer(_))
            | (Family::Boolean, ValueRef::Boolean(_)) => true,
            (Family::Decimal, ValueRef::Text(text)) => decimals::is_decimal(text),
            (Family::Date | Family::Moment, ValueRef::Text(_)) => self.instant(value).is_some(),
            (Family::Time, ValueRef::Text(text)) => is_time(text),
            (Family::Key, ValueRef::Text(key)) => keys.iter().any(|k| k == key),
            (Family::Keys, ValueRef::Texts(some)) => some.iter().all(|k| keys.contains(k)),
            _ => false,
        }
    }
}
