//! Moments, in microseconds: the resolution of the log, of Postgres and of the hash chain.

use crate::{Error, Result};
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

    /// RFC 3339 in UTC with microseconds, as in API answers.
    pub fn rfc3339(self) -> String {
        jiff::Timestamp::from_microsecond(self.0).map(|t| format!("{t:.6}")).unwrap_or_default()
    }

    /// Parses RFC 3339.
    pub fn parse(text: &str) -> Option<Timestamp> {
        text.parse::<jiff::Timestamp>().ok().map(|t| Timestamp(t.as_microsecond()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

/// True for a date of the calendar written YYYY-MM-DD.
pub fn date_is_valid(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}

/// The first and the last microsecond of a support period whose two dates are inclusive, read in a time zone.
///
/// Errors name the field: `support_start` or `support_end` when it is no date, `support_end` when it is before the start.
pub fn support_day_bounds(start: &str, end: &str, time_zone: &str) -> Result<(Timestamp, Timestamp)> {
    let date = |field: &str, text: &str| {
        if !date_is_valid(text) {
            return Err(Error::invalid_field(field, "not_a_date", "Please give a date as YYYY-MM-DD."));
        }
        text.parse::<jiff::civil::Date>()
            .map_err(|_| Error::invalid_field(field, "not_a_date", "Please give a date as YYYY-MM-DD."))
    };
    let (first, last) = (date("support_start", start)?, date("support_end", end)?);
    if last < first {
        return Err(Error::invalid_field(
            "support_end",
            "before_start",
            "The last day of support is before the first.",
        ));
    }
    let zone = jiff::tz::TimeZone::get(time_zone).map_err(Error::internal)?;
    let begin = first.to_zoned(zone.clone()).map_err(Error::internal)?.timestamp();
    let after = last.tomorrow().map_err(Error::internal)?.to_zoned(zone).map_err(Error::internal)?.timestamp();
    Ok((Timestamp(begin.as_microsecond()), Timestamp(after.as_microsecond() - 1)))
}

#[cfg(test)]
mod tests;
