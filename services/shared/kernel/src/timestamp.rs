//! Moments, in microseconds: the resolution of the log, of Postgres and of the hash chain.

use crate::{Error, FieldError, Result};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A moment: microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From microseconds since 1970.
    pub fn from_micros(micros: i64) -> Timestamp {
        Timestamp(micros)
    }

    /// Microseconds since 1970.
    pub fn micros(self) -> i64 {
        self.0
    }

    /// This moment and some seconds more (or fewer).
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Timestamp {
        Timestamp(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// From the type that the database driver uses. Sub-microseconds are cut off.
    pub fn from_offset(at: time::OffsetDateTime) -> Timestamp {
        Timestamp(i64::try_from(at.unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX))
    }

    /// As the type that the database driver uses.
    pub fn to_offset(self) -> time::OffsetDateTime {
        time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000)
            .unwrap_or(time::OffsetDateTime::UNIX_EPOCH)
    }

    /// RFC 3339 in UTC with microseconds, as in API answers and for the database. What is outside of the years 1 to 9999
    /// is cut to them, since neither can be written otherwise.
    pub fn rfc3339(self) -> String {
        let micros = self.0.clamp(EARLIEST, LATEST);
        jiff::Timestamp::from_microsecond(micros).map(|t| format!("{t:.6}")).unwrap_or_default()
    }

    /// True when it is of the years 1 to 9999, and so can be written.
    pub fn is_in_calendar(self) -> bool {
        (EARLIEST..=LATEST).contains(&self.0)
    }

    /// Parses RFC 3339 of the years 1 to 9999 and nothing else: `2026-07-30T12:00:00Z`, with a fraction and with an
    /// offset. What comes out can be written for the database.
    pub fn parse(text: &str) -> Option<Timestamp> {
        let bytes = text.as_bytes();
        let digits = |from: usize, to: usize| bytes[from..to].iter().all(u8::is_ascii_digit);
        let shape = bytes.len() >= 20
            && bytes.len() <= 40
            && date_is_valid(text.get(..10)?)
            && matches!(bytes[10], b'T' | b't')
            && digits(11, 13)
            && bytes[13] == b':'
            && digits(14, 16)
            && bytes[16] == b':'
            && digits(17, 19);
        let mut rest = text.get(19..).filter(|_| shape)?;
        if let Some(fraction) = rest.strip_prefix('.') {
            let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
            rest = fraction.get(length..).filter(|_| (1..=9).contains(&length))?;
        }
        let offset = match rest.as_bytes() {
            [b'Z' | b'z'] => true,
            [b'+' | b'-', hours @ .., b':', m1, m2] => {
                hours.len() == 2 && hours.iter().chain([m1, m2]).all(u8::is_ascii_digit)
            }
            _ => false,
        };
        let parsed = offset.then(|| text.parse::<jiff::Timestamp>().ok())??;
        Some(Timestamp(parsed.as_microsecond())).filter(|t| t.is_in_calendar())
    }
}

/// 0001-01-01T00:00:00Z in microseconds.
const EARLIEST: i64 = -62_135_596_800_000_000;
/// 9999-12-30T22:00:00Z in microseconds: the last moment that is a date everywhere.
const LATEST: i64 = 253_402_207_200_000_000;

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

/// True for a date of the calendar written YYYY-MM-DD, of the years 1 to 9999.
pub fn date_is_valid(text: &str) -> bool {
    civil(text).is_some()
}

fn civil(text: &str) -> Option<jiff::civil::Date> {
    let plain = text.len() == 10
        && text.bytes().enumerate().all(|(at, b)| match at {
            4 | 7 => b == b'-',
            _ => b.is_ascii_digit(),
        });
    text.parse::<jiff::civil::Date>().ok().filter(|d| plain && d.year() >= 1)
}

/// The first and the last microsecond of a period of support that somebody wants: dates of which each is inclusive, of
/// the years 1900 to 2199, read in a time zone.
///
/// # Errors
/// Each field that is not right is named: `support_start`, `support_end`; the end when it is before the start.
pub fn support_period(start: &str, end: &str, time_zone: &str) -> Result<(Timestamp, Timestamp)> {
    let wrong = |field: &str, code: &'static str, message: &str| FieldError {
        field: field.to_owned(),
        code: code.into(),
        message: message.to_owned(),
    };
    let mut faults = Vec::new();
    for (field, text) in [("support_start", start), ("support_end", end)] {
        match civil(text) {
            None => faults.push(wrong(field, "not_a_date", "Please give a date as YYYY-MM-DD.")),
            Some(date) if !(1900..=2199).contains(&date.year()) => {
                faults.push(wrong(field, "out_of_range", "Please give a date between 1900-01-01 and 2199-12-31."));
            }
            Some(_) => {}
        }
    }
    // Of the same length and all digits: the order of the texts is that of the days.
    if faults.is_empty() && end < start {
        faults.push(wrong("support_end", "before_start", "The last day of support is before the first."));
    }
    if faults.is_empty() { support_day_bounds(start, end, time_zone) } else { Err(Error::invalid(faults)) }
}

/// The first and the last microsecond of a period of support as it was stored, whatever dates were taken then. Days at
/// the end of the calendar have an end too.
///
/// # Errors
/// The field is named that is no date.
pub fn support_day_bounds(start: &str, end: &str, time_zone: &str) -> Result<(Timestamp, Timestamp)> {
    let date = |field: &str, text: &str| {
        civil(text).ok_or_else(|| Error::invalid_field(field, "not_a_date", "Please give a date as YYYY-MM-DD."))
    };
    let (first, last) = (date("support_start", start)?, date("support_end", end)?);
    let zone = jiff::tz::TimeZone::get(time_zone).map_err(Error::internal)?;
    let begins = |day: jiff::civil::Date| day.to_zoned(zone.clone()).ok().map(|z| z.timestamp().as_microsecond());
    let begin = begins(first).unwrap_or(if first.year() < 1900 { EARLIEST } else { LATEST });
    let after = last.tomorrow().ok().and_then(begins).unwrap_or(LATEST);
    Ok((Timestamp(begin), Timestamp(after - 1)))
}

#[cfg(test)]
mod tests;
