//! Dates, times and numbers as people of a language write them, in a time zone.

use jiff::civil;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::Lang;

/// A moment, for `<time datetime>` and for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    /// RFC 3339, UTC.
    pub iso: String,
    /// "21 Nov 2026, 14:05" in the viewer's time zone.
    pub text: String,
    /// "2 hours ago"; empty when the moment is more than six days away or no present was given.
    pub ago: String,
}

/// The zone of an IANA name such as `Europe/Rome`; UTC for a name that isn't known.
pub fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// A moment, in microseconds since 1970. One that the calendar can't hold is shown as 1970.
pub fn stamp(micros: i64, lang: Lang, zone: &TimeZone) -> Stamp {
    let at = moment(micros);
    Stamp { iso: format!("{at:.0}"), text: written(&at.to_zoned(zone.clone()), lang), ago: String::new() }
}

/// A moment with its distance from now, both in microseconds since 1970.
pub fn stamp_ago(micros: i64, now_micros: i64, lang: Lang, zone: &TimeZone) -> Stamp {
    Stamp { ago: distance(now_micros.saturating_sub(micros), lang), ..stamp(micros, lang, zone) }
}

fn moment(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn written(at: &Zoned, lang: Lang) -> String {
    let clock = format!("{:02}:{:02}", at.hour(), at.minute());
    lang.t2("date-time", "date", civil_date(at.date(), lang), "clock", clock)
}

fn civil_date(date: civil::Date, lang: Lang) -> String {
    lang.date(date.day(), date.month(), date.year())
}

fn distance(micros: i64, lang: Lang) -> String {
    let minutes = micros / 60_000_000;
    match minutes {
        i64::MIN..=-1 => String::new(),
        0 => lang.t("ago-now"),
        1..=59 => lang.tn("ago-minutes", minutes),
        60..=1439 => lang.tn("ago-hours", minutes / 60),
        1440..=10079 => lang.tn("ago-days", minutes / 1440),
        _ => String::new(),
    }
}

/// The hour of a moment in a time zone, from 0 to 23.
pub fn hour(micros: i64, zone: &TimeZone) -> i8 {
    moment(micros).to_zoned(zone.clone()).hour()
}

/// A date `YYYY-MM-DD` as people write it; what isn't a date comes back as it is.
pub fn date(iso: &str, lang: Lang) -> String {
    iso.parse::<civil::Date>().map_or_else(|_| iso.to_owned(), |date| civil_date(date, lang))
}

/// A moment, in microseconds since 1970, as `<input type="datetime-local">` takes it: `YYYY-MM-DDTHH:MM`.
pub fn date_time_input(micros: i64, zone: &TimeZone) -> String {
    let at = moment(micros).to_zoned(zone.clone());
    format!("{:04}-{:02}-{:02}T{:02}:{:02}", at.year(), at.month(), at.day(), at.hour(), at.minute())
}

/// What an `<input type="datetime-local">` sent, read in a zone, in microseconds since 1970; `None` when it is no
/// date and time. In the hour that a clock change repeats the earlier moment is taken.
pub fn parse_date_time_input(value: &str, zone: &TimeZone) -> Option<i64> {
    let at = value.trim().parse::<civil::DateTime>().ok()?;
    Some(at.to_zoned(zone.clone()).ok()?.timestamp().as_microsecond())
}

/// A whole number with the language's thousands separator.
pub fn integer(number: i64, lang: Lang) -> String {
    lang.integer(number)
}

/// An exact decimal, carried as text with a point, as the language writes it; what isn't one comes back as it is.
pub fn decimal(number: &str, lang: Lang) -> String {
    let (sign, rest) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (whole, fraction) = rest.split_once('.').unwrap_or((rest, ""));
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(fraction) {
        return number.to_owned();
    }
    let fraction = if fraction.is_empty() { String::new() } else { lang.t("number-point") + fraction };
    format!("{sign}{}{fraction}", lang.grouped(whole))
}

/// A decimal as an input holds it: with the language's own point, and nothing between thousands.
pub fn decimal_input(number: &str, lang: Lang) -> String {
    number.replacen('.', &lang.t("number-point"), 1)
}

/// A decimal number as somebody typed it, with a point: Italians write 1,5. Thousands may stand in groups, as pages show
/// them. A sign that groups in the language is taken for a point only where it can group nothing: an Italian's 0.5 and
/// 1.50. What is neither comes back as it is.
pub fn typed_decimal(typed: &str, lang: Lang) -> String {
    let (point, group) = (lang.t("number-point"), lang.t("number-group"));
    let number = typed.trim();
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (whole, fraction) = digits.split_once(point.as_str()).map_or((digits, None), |(w, f)| (w, Some(f)));
    let fraction = fraction.map(|f| format!(".{f}")).unwrap_or_default();
    match ungrouped(whole, &group) {
        Some(whole) => format!("{sign}{whole}{fraction}"),
        None => typed.to_owned(),
    }
}

/// The digits of a whole number that stands in proper groups of three, or in none; nothing when it is written otherwise.
fn ungrouped(whole: &str, group: &str) -> Option<String> {
    let mut parts = whole.split(group);
    let first = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let leads = rest.is_empty() || ((1..=3).contains(&first.len()) && !first.starts_with('0'));
    let proper = digits(first) && leads && rest.iter().all(|part| part.len() == 3 && digits(part));
    proper.then(|| format!("{first}{}", rest.concat()))
}
