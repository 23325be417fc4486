//! The texts of the pages in every language of [`Language::ALL`]. English is the source; every key exists in every
//! language (a test holds this).

use std::borrow::Cow;
use std::collections::HashMap;

use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{LanguageIdentifier, Loader, static_loader};
use kernel::Language;

static_loader! {
    static TEXTS = {
        locales: "./i18n",
        fallback_language: "en",
        // Isolation marks would end up in titles, attributes and copied text. What people typed has elements of its own.
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Lang(Language);

/// Templates hand everything on by reference.
impl From<&Self> for Lang {
    fn from(lang: &Self) -> Self {
        *lang
    }
}

impl Lang {
    /// English, the source and the fallback.
    pub const ENGLISH: Self = Self(Language::ENGLISH);

    /// Every language, in the order in which they are offered.
    pub const ALL: [Self; Language::ALL.len()] = {
        let mut all = [Self::ENGLISH; Language::ALL.len()];
        let mut at = 0;
        while at < all.len() {
            all[at] = Self(Language::ALL[at]);
            at += 1;
        }
        all
    };

    /// The language of a tag such as `it`, `it-IT` or `IT_it`; `None` when it isn't offered.
    pub fn from_tag(tag: &str) -> Option<Self> {
        Language::from_tag(tag).map(Self)
    }

    /// The best offered language of an `Accept-Language` header; `None` when it names none.
    pub fn from_accept_language(header: &str) -> Option<Self> {
        let mut best: Option<(Self, f32)> = None;
        for part in header.split(',') {
            let mut pieces = part.split(';');
            let Some(lang) = pieces.next().and_then(Self::from_tag) else { continue };
            let quality = pieces.find_map(|piece| piece.trim().strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
            if quality > 0.0 && best.is_none_or(|(_, found)| quality > found) {
                best = Some((lang, quality));
            }
        }
        best.map(|(lang, _)| lang)
    }

    /// The tag for `<html lang>`, cookies and settings.
    pub const fn code(self) -> &'static str {
        self.0.tag()
    }

    /// The language's name in itself, for the language menu.
    pub const fn own_name(self) -> &'static str {
        self.0.own_name()
    }

    /// The value of `<html dir>`.
    pub const fn direction(self) -> &'static str {
        self.0.direction().as_str()
    }

    fn identifier(self) -> LanguageIdentifier {
        self.code().parse().expect("the table holds language tags")
    }

    /// The text of a key without placeholders.
    pub fn t(self, key: &str) -> String {
        self.look_up(key, &HashMap::new())
    }

    /// The text of a key with one placeholder.
    pub fn t1(self, key: &str, name: &'static str, value: impl TextArg) -> String {
        self.look_up(key, &HashMap::from([(Cow::Borrowed(name), value.value())]))
    }

    /// The text of a key with two placeholders.
    pub fn t2(
        self,
        key: &str,
        first: &'static str,
        first_value: impl TextArg,
        second: &'static str,
        second_value: impl TextArg,
    ) -> String {
        self.look_up(
            key,
            &HashMap::from([
                (Cow::Borrowed(first), first_value.value()),
                (Cow::Borrowed(second), second_value.value()),
            ]),
        )
    }

    /// The text of a key that counts: `$count` chooses the plural form, `$number` is the count as written in this
    /// language.
    pub fn tn(self, key: &str, count: impl Count) -> String {
        let count = count.count();
        self.look_up(
            key,
            &HashMap::from([
                (Cow::Borrowed("count"), FluentValue::from(count)),
                (Cow::Borrowed("number"), FluentValue::from(self.integer(count))),
            ]),
        )
    }

    /// A whole number as it is written in this language.
    pub fn integer(self, number: i64) -> String {
        let sign = if number < 0 { "-" } else { "" };
        format!("{sign}{}", self.grouped(&number.unsigned_abs().to_string()))
    }

    /// A whole number's digits in groups, as this language writes them.
    pub(crate) fn grouped(self, digits: &str) -> String {
        // No language groups fewer; most numbers need no more.
        if digits.len() <= 3 || digits.len() < self.t("number-group-from").parse().unwrap_or(4) {
            return digits.to_owned();
        }
        let separator = self.t("number-group");
        let mut out = String::with_capacity(digits.len() * 2);
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                out.push_str(&separator);
            }
            out.push(digit);
        }
        out
    }

    /// A day of the calendar as it is written in this language, the month short.
    pub(crate) fn date(self, day: i8, month: i8, year: i16) -> String {
        self.look_up(
            "date",
            &HashMap::from([
                (Cow::Borrowed("day"), FluentValue::from(day.to_string())),
                (Cow::Borrowed("month"), FluentValue::from(i64::from(month))),
                (Cow::Borrowed("year"), FluentValue::from(year.to_string())),
            ]),
        )
    }

    fn look_up(self, key: &str, args: &HashMap<Cow<'static, str>, FluentValue<'_>>) -> String {
        // A missing key shows as the key itself: ugly, found at once, and never a failed page.
        TEXTS.try_lookup_with_args(&self.identifier(), key, args).unwrap_or_else(|| key.to_owned())
    }
}

/// A value that a text's placeholder takes.
pub trait TextArg {
    /// The value as Fluent takes it.
    fn value(&self) -> FluentValue<'_>;
}

impl TextArg for str {
    fn value(&self) -> FluentValue<'_> {
        FluentValue::from(self)
    }
}

impl TextArg for String {
    fn value(&self) -> FluentValue<'_> {
        FluentValue::from(self.as_str())
    }
}

impl<T: TextArg + ?Sized> TextArg for &T {
    fn value(&self) -> FluentValue<'_> {
        (**self).value()
    }
}

/// A whole number that chooses a plural form.
pub trait Count {
    /// The number.
    fn count(&self) -> i64;
}

macro_rules! counts {
    ($($number:ty),*) => {$(
        impl Count for $number {
            fn count(&self) -> i64 {
                i64::try_from(*self).unwrap_or(i64::MAX)
            }
        }
    )*};
}
counts!(i32, i64, u32, u64, usize);

impl<T: Count> Count for &T {
    fn count(&self) -> i64 {
        (**self).count()
    }
}
