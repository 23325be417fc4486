//! Values as they are shown: in list cells, record fields, histories and conflicts.

use super::icon::known_icon;
use crate::Lang;
use crate::fmt::Stamp;

/// Colour of a picklist value. The text always says the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PillColor {
    /// Neutral.
    #[default]
    Grey,
    /// New, open.
    Blue,
    /// Good, done.
    Green,
    /// Waiting.
    Amber,
    /// Urgent, blocked.
    Red,
    /// Special.
    Violet,
}

impl PillColor {
    /// The colour of a picklist value's definition; anything unknown is grey.
    pub fn from_code(code: &str) -> Self {
        match code {
            "blue" => Self::Blue,
            "green" => Self::Green,
            "amber" => Self::Amber,
            "red" => Self::Red,
            "violet" => Self::Violet,
            _ => Self::Grey,
        }
    }

    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Grey => "grey",
            Self::Blue => "blue",
            Self::Green => "green",
            Self::Amber => "amber",
            Self::Red => "red",
            Self::Violet => "violet",
        }
    }
}

/// A picklist value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pill {
    /// Label in the viewer's language.
    pub label: String,
    /// Its colour.
    pub color: PillColor,
}

/// A person named on a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Display name. Empty after erasure: "erased contact" is shown, struck through.
    pub name: String,
    /// Struck through, with the reason in text for screen readers.
    pub deleted: bool,
}

/// At most two letters of a name: of its first and its last word.
pub(crate) fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    let last = words.next_back();
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

/// One value, ready to be shown.
#[derive(Debug, Clone, PartialEq)]
pub enum Shown {
    /// No value.
    Empty,
    /// One line.
    Text(String),
    /// Several lines without markup: in histories and conflicts, where source must be told apart.
    Lines(String),
    /// HTML from [`crate::markdown::render`]. Never anything else: it is written as it stands.
    Markdown(crate::markdown::SafeHtml),
    /// A number as written in the viewer's language; aligned to the end.
    Number(String),
    /// Yes or no.
    Bool(bool),
    /// A date as written in the viewer's language.
    Date {
        /// `YYYY-MM-DD`.
        iso: String,
        /// For people.
        text: String,
    },
    /// A moment.
    Time(Stamp),
    /// A moment, as long ago as it is.
    Since(Stamp),
    /// An e-mail address; a link.
    Email(String),
    /// A telephone number; a link.
    Phone(String),
    /// A web address; a link when it begins with `http://` or `https://`, else text.
    Url(String),
    /// A picklist value.
    Pill(Pill),
    /// A record or an agent that the value points to.
    Reference {
        /// Title or name.
        label: String,
        /// Its page; `None` when this viewer may not open it.
        url: Option<String>,
    },
    /// The last characters of a masked value.
    Masked(String),
    /// A person who made something.
    Person(Person),
}

impl Shown {
    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    pub(crate) fn is_number(&self) -> bool {
        matches!(self, Self::Number(_))
    }

    /// The `tel:` address of a telephone number: digits and a leading plus.
    pub(crate) fn dial(phone: impl AsRef<str>) -> String {
        phone.as_ref().chars().filter(|c| c.is_ascii_digit() || *c == '+').collect()
    }

    pub(crate) fn is_web(url: impl AsRef<str>) -> bool {
        let url = url.as_ref().to_ascii_lowercase();
        url.starts_with("https://") || url.starts_with("http://")
    }
}

/// A value with its label.
#[derive(Debug, Clone)]
pub struct Field {
    /// Label in the viewer's language.
    pub label: String,
    /// Its value.
    pub value: Shown,
}

impl Field {
    /// Long texts take the whole width.
    pub(crate) fn wide(&self) -> bool {
        matches!(self.value, Shown::Markdown(_) | Shown::Lines(_))
    }
}

/// A module's names in the viewer's language.
#[derive(Debug, Clone)]
pub struct ModuleName {
    /// As in paths: `tickets`.
    pub name: String,
    /// "Ticket".
    pub singular: String,
    /// "Tickets".
    pub plural: String,
    /// Icon of the sprite.
    pub icon: String,
}

impl ModuleName {
    /// The singular as it stands inside a sentence or after "New".
    pub fn one(&self, lang: impl Into<Lang>) -> String {
        inside_sentence(&self.singular, lang.into())
    }

    /// The plural as it stands inside a sentence.
    pub fn many(&self, lang: impl Into<Lang>) -> String {
        inside_sentence(&self.plural, lang.into())
    }

    pub(crate) fn icon_name(&self) -> &str {
        known_icon(&self.icon)
    }
}

/// A label as a noun inside a sentence: with a small first letter where the language writes nouns so. Abbreviations
/// such as "FAQ" stay.
fn inside_sentence(label: &str, lang: Lang) -> String {
    let mut letters = label.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() && lang.t("noun-inside") == "small" => {
            first.to_lowercase().chain(label.chars().skip(1)).collect()
        }
        _ => label.to_owned(),
    }
}
