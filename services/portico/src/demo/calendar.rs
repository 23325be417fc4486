//! The demo's time: seconds of work before the moment of loading, so that things happen while people are at work.

use kernel::Timestamp;

/// Seconds of an hour.
pub(super) const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
/// When work begins and ends, in UTC: office hours of most of Europe, in summer as in winter.
const BEGIN: i64 = 7 * HOUR + HOUR / 2;
const END: i64 = 16 * HOUR + HOUR / 2;
/// Seconds of work in a day.
pub(super) const WORKDAY: i64 = END - BEGIN;
/// Right before the moment of loading people are at work at whatever hour: otherwise nothing would be new on a Sunday.
const LATELY: i64 = 4 * HOUR;
/// The newest thing is so much older than the moment of loading.
const JUST_NOW: i64 = 90;
/// How far back it reaches.
const DAYS: i64 = 600;

/// Stretches of work before a moment, as seconds since 1970, the newest first.
pub(super) struct Calendar {
    now: i64,
    stretches: Vec<(i64, i64)>,
}

impl Calendar {
    pub(super) fn new(now: Timestamp) -> Calendar {
        let now = now.micros().div_euclid(1_000_000);
        let latest = now - JUST_NOW;
        let lately = latest - LATELY;
        let today = now.div_euclid(DAY);
        let days = (today - DAYS..=today).rev().filter(|day| is_workday(*day));
        let usual = days.map(|day| (day * DAY + BEGIN, (day * DAY + END).min(lately))).filter(|(from, to)| from < to);
        Calendar { now, stretches: std::iter::once((lately, latest)).chain(usual).collect() }
    }

    /// The moment so many seconds of work ago.
    pub(super) fn ago(&self, work: i64) -> Timestamp {
        let mut left = work.max(0);
        let mut at = self.now - JUST_NOW;
        for (from, to) in &self.stretches {
            at = (to - left).max(*from);
            if left <= to - from {
                break;
            }
            left -= to - from;
        }
        Timestamp::from_micros(at * 1_000_000)
    }

    /// The seconds of work in the last so many days.
    pub(super) fn work_in(&self, days: i64) -> i64 {
        let since = self.now - days * DAY;
        self.stretches.iter().map(|(from, to)| (to - from.max(&since)).max(0)).sum()
    }

    /// The date so many days from now, as fields have it.
    pub(super) fn date(&self, days: i64) -> String {
        Timestamp::from_micros((self.now + days * DAY) * 1_000_000).to_offset().date().to_string()
    }
}

/// Monday to Friday. The first day of 1970 was a Thursday.
fn is_workday(day: i64) -> bool {
    (day + 3).rem_euclid(7) < 5
}

#[cfg(test)]
mod tests {
    use super::{Calendar, DAY, HOUR, WORKDAY};
    use kernel::Timestamp;

    fn calendar(now: &str) -> Calendar {
        Calendar::new(Timestamp::parse(now).unwrap())
    }

    #[test]
    fn work_is_done_in_office_hours_and_right_before_now() {
        // A Monday morning: four hours reach back into the night, then comes Friday afternoon.
        let monday = calendar("2026-11-30T09:01:30Z");
        assert_eq!(monday.ago(0).rfc3339(), "2026-11-30T09:00:00.000000Z");
        assert_eq!(monday.ago(4 * HOUR).rfc3339(), "2026-11-30T05:00:00.000000Z");
        assert_eq!(monday.ago(5 * HOUR).rfc3339(), "2026-11-27T15:30:00.000000Z");
        assert_eq!(monday.ago(4 * HOUR + 2 * WORKDAY + HOUR).rfc3339(), "2026-11-25T15:30:00.000000Z");
        // A Wednesday evening: the last four hours overlap the office hours.
        let wednesday = calendar("2026-11-25T18:01:30Z");
        assert_eq!(wednesday.ago(4 * HOUR + WORKDAY).rfc3339(), "2026-11-24T14:00:00.000000Z");
        assert_eq!(wednesday.work_in(1), 10 * HOUR + HOUR / 2);
    }

    #[test]
    fn more_work_ago_is_earlier_and_the_calendar_has_a_first_moment() {
        let calendar = calendar("2026-11-30T09:00:00Z");
        let all: Vec<Timestamp> = (0..2_000).map(|n| calendar.ago(n * HOUR)).collect();
        assert!(all.windows(2).all(|pair| pair[0] > pair[1]));
        assert_eq!(calendar.ago(i64::MAX), calendar.ago(i64::MAX - 1));
        assert!(calendar.ago(calendar.work_in(60)).micros() >= (calendar.now - 60 * DAY) * 1_000_000);
        assert_eq!((calendar.date(0), calendar.date(-1)), ("2026-11-30".into(), "2026-11-29".into()));
    }
}
