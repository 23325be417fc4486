//! The table of field types, and what is asked of a type. Each type is a file in `types/`.

use crate::{
    column::Column,
    display::Display,
    family::Family,
    fault::{Fault, Misfit},
    value::Value,
};
use serde::{Deserialize, Serialize};

mod auto_number;
mod checkbox;
mod currency;
mod date;
mod date_time;
mod decimal;
mod email;
mod encrypted_text;
mod file;
mod formula;
mod integer;
mod long_text;
mod multi_picklist;
mod owner;
mod percent;
mod phone;
mod picklist;
mod relation;
mod text;
mod time;
mod url;

macro_rules! types {
    ($($(#[doc = $doc:literal])+ $type:ident = $file:ident,)+) => {
        /// The type of a field.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum FieldType {
            $($(#[doc = $doc])+ $type,)+
        }

        impl FieldType {
            /// All of them.
            pub const ALL: &[FieldType] = &[$(FieldType::$type,)+];

            /// Its word: in profiles, in plans and in the API.
            pub const fn name(self) -> &'static str {
                match self {
                    $(FieldType::$type => stringify!($file),)+
                }
            }

            const fn description(self) -> &'static Description {
                match self {
                    $(FieldType::$type => &$file::TYPE,)+
                }
            }
        }
    };
}

types! {
    /// One line of text.
    Text = text,
    /// Markdown.
    LongText = long_text,
    /// A 64-bit integer.
    Integer = integer,
    /// An exact decimal, carried as text.
    Decimal = decimal,
    /// An exact decimal with a currency.
    Currency = currency,
    /// An exact decimal from 0 to 100.
    Percent = percent,
    /// True or false.
    Checkbox = checkbox,
    /// `YYYY-MM-DD`.
    Date = date,
    /// `HH:MM` or `HH:MM:SS`.
    Time = time,
    /// RFC 3339, kept in UTC with microseconds.
    DateTime = date_time,
    /// An e-mail address.
    Email = email,
    /// A phone number.
    Phone = phone,
    /// An http or https address.
    Url = url,
    /// One stable key of a list.
    Picklist = picklist,
    /// Several stable keys of a list.
    MultiPicklist = multi_picklist,
    /// The id of a record of the target module.
    Relation = relation,
    /// The id of an agent.
    Owner = owner,
    /// A number with the module's prefix.
    AutoNumber = auto_number,
    /// Files.
    File = file,
    /// Computed; compared only for being empty.
    Formula = formula,
    /// Sealed text; compared only for being empty.
    EncryptedText = encrypted_text,
}

/// What makes a type. Its file says in what it differs from [`Description::PLAIN`].
struct Description {
    /// In the proto enum, and so in stored definitions: never used again. None while no module can have such a field; the
    /// type then only lends its rules to what every record has and to documents of a newer version.
    number: Option<i32>,
    family: Family,
    column: Column,
    display: Display,
    /// Free text on one line, which can name a record.
    line: bool,
    /// Longest text in characters, where a field sets no shorter limit.
    longest: usize,
    points_to: Option<PointsTo>,
    /// Key of the sentence that says what the type takes; for all that is not what the type takes.
    asks: &'static str,
    /// A text that is not empty, without space around, as it is kept.
    of_text: fn(String, &Limits<'_>) -> Result<Value, Misfit>,
    of_integer: fn(i64) -> Result<Value, Misfit>,
    of_boolean: fn(bool) -> Result<Value, Misfit>,
    /// The part of a text whose end a mask may show.
    tail: fn(&str) -> &str,
}

impl Description {
    const PLAIN: Description = Description {
        number: None,
        family: Family::Opaque,
        column: Column::Text,
        display: Display::Line,
        line: false,
        longest: text::MAX_TEXT,
        points_to: None,
        asks: "fault-invalid",
        of_text: |_, _| Err(Misfit::WRONG_TYPE),
        of_integer: |_| Err(Misfit::WRONG_TYPE),
        of_boolean: |_| Err(Misfit::WRONG_TYPE),
        tail: |_| "",
    };
}

/// What a value of a pointing type is the id of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PointsTo {
    /// A record of the field's target module.
    Record,
    /// An agent.
    Agent,
}

/// A key of a picklist, and its number in the read model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PicklistKey {
    /// Stable key.
    pub key: String,
    /// From 1; 0 is the empty value.
    pub number: i16,
}

/// What a field asks of its values beside the type.
#[derive(Debug, Clone, Copy)]
pub struct Limits<'a> {
    /// Longest text, in characters.
    pub longest: usize,
    /// For picklists: the keys to choose from.
    pub keys: &'a [PicklistKey],
}

/// The types by their numbers; a number that stands twice does not compile.
const NUMBERED: [Option<FieldType>; 64] = {
    let mut numbered = [None; 64];
    let mut at = 0;
    while at < FieldType::ALL.len() {
        if let Some(number) = FieldType::ALL[at].description().number {
            assert!(numbered[number as usize].is_none(), "each type has a number of its own");
            numbered[number as usize] = Some(FieldType::ALL[at]);
        }
        at += 1;
    }
    numbered
};

impl FieldType {
    /// The type of a number of the proto enum; none for one that this version doesn't know.
    pub fn numbered(number: i32) -> Option<FieldType> {
        *NUMBERED.get(usize::try_from(number).ok()?)?
    }

    /// Its number in the proto enum; none while no module can have such a field.
    pub const fn number(self) -> Option<i32> {
        self.description().number
    }

    /// How values of this type are compared.
    pub const fn family(self) -> Family {
        self.description().family
    }

    /// How lists keep and sort values.
    pub const fn column(self) -> Column {
        self.description().column
    }

    /// How people see values and fill them in.
    pub const fn display(self) -> Display {
        self.description().display
    }

    /// The longest text, in characters, when a field sets no shorter limit.
    pub const fn limit(self) -> usize {
        self.description().longest
    }

    /// The longest text of a field that sets a limit of its own; 0 is none.
    pub fn limit_of(self, own: u32) -> usize {
        match usize::try_from(own) {
            Ok(0) | Err(_) => self.limit(),
            Ok(own) => own.min(self.limit()),
        }
    }

    /// True for free text on one line, which can name a record.
    pub const fn is_line(self) -> bool {
        self.description().line
    }

    /// True for texts of several lines. They have no place in the rows of lists: nothing is sorted or chosen by them.
    pub const fn is_long(self) -> bool {
        matches!(self.display(), Display::Markdown)
    }

    /// True for the keys of a list.
    pub const fn has_keys(self) -> bool {
        self.family().has_keys()
    }

    /// What a value is the id of.
    pub const fn points_to(self) -> Option<PointsTo> {
        self.description().points_to
    }

    /// True for what is chosen among what there is, not written in.
    pub const fn is_chosen(self) -> bool {
        self.has_keys() || self.points_to().is_some()
    }

    /// The value in the form in which it is kept, or none when it is empty.
    ///
    /// # Errors
    /// When it does not fit the type or the field's own limits.
    pub fn accept(self, given: &Value, limits: &Limits<'_>) -> Result<Option<Value>, Misfit> {
        let description = self.description();
        match given {
            Value::Integer(number) => (description.of_integer)(*number).map(Some),
            Value::Boolean(yes) => (description.of_boolean)(*yes).map(Some),
            Value::Text(text) => {
                let kept = match self.is_long() {
                    true => kernel::text::lines(text, limits.longest),
                    false => kernel::text::line(text, limits.longest),
                };
                let kept = kept.map_err(Misfit::of_text)?;
                kept.map(|text| (description.of_text)(text, limits)).transpose()
            }
        }
    }

    /// Key of the text that tells people what is wrong with a value of this type.
    pub const fn fault_text(self, fault: Fault) -> &'static str {
        match fault {
            Fault::Required => "fault-required",
            Fault::TooLong => "fault-too-long",
            Fault::UnknownValue | Fault::NotAllowedValue => "fault-unknown-value",
            Fault::UnknownRecord | Fault::UnknownAgent => "fault-unknown-record",
            Fault::ReadOnly => "fault-read-only",
            Fault::ControlCharacters | Fault::UnknownField | Fault::GivenTwice => "fault-invalid",
            Fault::WrongType
            | Fault::OutOfRange
            | Fault::NotANumber
            | Fault::NotADate
            | Fault::NotADateTime
            | Fault::NotAnEmail
            | Fault::NotAPhone
            | Fault::NotAUrl => self.description().asks,
        }
    }

    /// What a masked value shows, behind a fixed number of dots, so that the length is not given away: of texts, phone
    /// numbers and sealed texts the last four characters, of an e-mail address those of the domain, if there are more than
    /// four. Of everything else (keys, checkboxes, dates, numbers, amounts, ids) nothing: their end is most of what they
    /// say.
    pub fn mask(self, text: &str) -> String {
        const DOTS: &str = "••••";
        let tail = (self.description().tail)(text);
        if tail.chars().nth(4).is_none() {
            return DOTS.to_owned();
        }
        let from = tail.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
        format!("{DOTS}{}", &tail[from..])
    }
}

#[cfg(test)]
mod tests;
