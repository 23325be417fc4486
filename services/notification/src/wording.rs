//! All text of the mails, through Fluent, in every language of [`kernel::Language::ALL`]. English is the source; a test
//! holds that no language lacks a key.

use fluent_templates::{LanguageIdentifier, Loader, fluent_bundle::FluentValue, static_loader};
use jiff::{civil::Date, tz::TimeZone};
use kernel::Timestamp;
use std::{borrow::Cow, collections::HashMap};

static_loader! {
    static TEXTS = {
        locales: "./i18n",
        fallback_language: "en",
        // Isolation marks would end up in subjects and in what people copy.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// A language in which mails are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Language(kernel::Language);

/// A placeholder and its value.
pub(crate) type Arg<'a> = (&'static str, &'a str);

impl Language {
    /// English, the source.
    pub const ENGLISH: Language = Language(kernel::Language::ENGLISH);

    /// The language of a tag such as `it` or `it-IT`; `None` when mails are not written in it.
    pub fn from_tag(tag: &str) -> Option<Language> {
        kernel::Language::from_tag(tag).map(Language)
    }

    /// The tag.
    pub fn code(self) -> &'static str {
        self.0.tag()
    }

    /// Which way it is written, as the attribute `dir` has it.
    pub fn direction(self) -> &'static str {
        self.0.direction().as_str()
    }

    fn identifier(self) -> LanguageIdentifier {
        self.code().parse().expect("the table holds language tags")
    }

    /// A text.
    pub(crate) fn text(self, key: &str) -> String {
        self.with(key, &[])
    }

    /// A text with its placeholders filled.
    pub(crate) fn with(self, key: &str, args: &[Arg<'_>]) -> String {
        let args = args.iter().map(|(name, value)| (Cow::Borrowed(*name), FluentValue::from(*value))).collect();
        self.look_up(key, &args)
    }

    /// A text that depends on a number.
    pub(crate) fn counted(self, key: &str, name: &'static str, number: i64) -> String {
        self.look_up(key, &HashMap::from([(Cow::Borrowed(name), FluentValue::from(number))]))
    }

    /// A date that was given as YYYY-MM-DD, written out; what is no date stays as it is.
    pub(crate) fn date(self, iso: &str) -> String {
        iso.parse::<Date>().map_or_else(|_| iso.to_owned(), |date| self.written(date))
    }

    /// A moment, written out in a time zone that is named with it.
    pub(crate) fn moment(self, at: Timestamp, zone: &TimeZone) -> String {
        let Ok(moment) = jiff::Timestamp::from_microsecond(at.micros()) else { return at.rfc3339() };
        let local = moment.to_zoned(zone.clone());
        let clock = format!("{:02}:{:02}", local.hour(), local.minute());
        let name = zone.iana_name().unwrap_or("UTC");
        self.with("date-time", &[("date", &self.written(local.date())), ("clock", &clock), ("zone", name)])
    }

    fn written(self, date: Date) -> String {
        let args = HashMap::from([
            (Cow::Borrowed("day"), FluentValue::from(date.day().to_string())),
            (Cow::Borrowed("month"), FluentValue::from(i64::from(date.month()))),
            (Cow::Borrowed("year"), FluentValue::from(date.year().to_string())),
        ]);
        self.look_up("date", &args)
    }

    fn look_up(self, key: &str, args: &HashMap<Cow<'static, str>, FluentValue<'_>>) -> String {
        // A missing key shows as the key itself: ugly, found by the tests, and never a mail that can't be sent.
        TEXTS.try_lookup_with_args(&self.identifier(), key, args).unwrap_or_else(|| key.to_owned())
    }
}

#[cfg(test)]
mod tests;
