//! What forms are made of: fields, how each is filled in, and what can be wrong with it.

use askama::Template;
use fields::{Display, Fault, FieldType};

use super::shown::Shown;
use crate::Lang;

/// A value that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is shown.
    pub label: String,
    /// A second line that tells equals apart; may be empty.
    pub detail: String,
    /// Whether it is chosen.
    pub selected: bool,
}

/// A picker for a record among many: a search box whose results are radio buttons.
///
/// Without script, the button posts the whole form with `lookup=<field>`; the handler answers 200 with the same form,
/// `results` filled from `<field>.q`. With script, the box asks `suggest_url?<field>.q=…` for a [`SuggestionsFragment`].
#[derive(Debug, Clone)]
pub struct RelationPicker {
    /// The chosen record, if any.
    pub chosen: Option<Choice>,
    /// What was typed in the search box.
    pub query: String,
    /// Records found; `None` before a search.
    pub results: Option<Vec<Choice>>,
    /// Where the script asks; it answers [`SuggestionsFragment`].
    pub suggest_url: String,
}

/// How a field is filled in. Values are the raw ones, as they were typed or as the input takes them.
#[derive(Debug, Clone)]
pub enum Control {
    /// One line.
    Text {
        /// What was typed.
        value: String,
        /// Longest text in characters; 0 for no limit.
        max_length: u32,
    },
    /// Several lines of Markdown.
    LongText {
        /// What was typed.
        value: String,
        /// Longest text in characters; 0 for no limit.
        max_length: u32,
    },
    /// One line that is no free text: a number, a date, an address.
    Input {
        /// What it takes.
        kind: Display,
        /// What was typed.
        value: String,
    },
    /// Yes or no; sends `true`, and a hidden `false` before it.
    Checkbox {
        /// Whether it is ticked.
        checked: bool,
    },
    /// A moment in the viewer's time zone, `YYYY-MM-DDTHH:MM`.
    DateTime {
        /// What was typed.
        value: String,
        /// Name of the time zone, shown as a hint.
        zone: String,
    },
    /// One of few values; also for relations and owners with few candidates.
    Select {
        /// The values; the page adds an empty one when none is chosen or the field is optional.
        choices: Vec<Choice>,
    },
    /// What somebody signs in with, beside a password: password managers keep the two together.
    Username {
        /// What was typed, or what stands fast.
        value: String,
        /// It can't be changed here.
        fixed: bool,
    },
    /// A new password; what was typed does not come back.
    Password,
    /// Several of few values, each with a box.
    Boxes {
        /// The values.
        choices: Vec<Choice>,
    },
    /// One of few values, all in sight.
    Radios {
        /// The values.
        choices: Vec<Choice>,
    },
    /// One record of many.
    Relation(RelationPicker),
    /// Shown, not changeable, not sent.
    ReadOnly(Shown),
}

/// What is wrong with a field. Services answer codes; the texts are ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldFault {
    /// Nothing was given.
    Required,
    /// Longer than this many characters.
    TooLong(u32),
    /// A sentence by the key of its text, which names the field.
    Said(&'static str),
    /// Anything else that the service refuses.
    Invalid,
}

impl FieldFault {
    /// What is wrong with a value of a type; `longest` is the field's limit in characters.
    pub fn of(fault: Fault, kind: FieldType, longest: u32) -> Self {
        match fault {
            Fault::Required => Self::Required,
            Fault::TooLong => Self::TooLong(longest),
            other => Self::Said(kind.fault_text(other)),
        }
    }

    /// The same by a service's code. Of a code that says something else, people learn that something is wrong.
    pub fn of_code(code: &str, kind: FieldType, longest: u32) -> Self {
        Fault::of_code(code).map_or(Self::Invalid, |fault| Self::of(fault, kind, longest))
    }

    /// The sentence for people; it names the field.
    pub fn text(&self, lang: impl Into<Lang>, label: impl AsRef<str>) -> String {
        let lang = lang.into();
        let label = label.as_ref();
        let key = match self {
            Self::TooLong(max) => {
                return lang.t2("fault-too-long", "field", label, "max", crate::fmt::integer(i64::from(*max), lang));
            }
            Self::Said(key) => key,
            Self::Required => "fault-required",
            Self::Invalid => "fault-invalid",
        };
        lang.t1(key, "field", label)
    }
}

/// A field of the form.
#[derive(Debug, Clone)]
pub struct FormField {
    /// Name of the field and of the input; its id is `f-<name>`.
    pub name: String,
    /// Label in the viewer's language.
    pub label: String,
    /// Help of the field's definition; may be empty.
    pub hint: String,
    /// Whether it must be given.
    pub required: bool,
    /// What is wrong with it.
    pub fault: Option<FieldFault>,
    /// How it is filled in.
    pub control: Control,
}

impl FormField {
    /// The element's id.
    pub(crate) fn id(&self) -> String {
        format!("f-{}", self.name)
    }

    /// Ids of hint and error, for `aria-describedby`; empty when there is neither.
    pub(crate) fn described_by(&self) -> String {
        let mut ids = Vec::new();
        if !self.hint.is_empty() {
            ids.push(format!("f-{}-hint", self.name));
        }
        if matches!(self.control, Control::DateTime { .. }) {
            ids.push(format!("f-{}-zone", self.name));
        }
        if self.fault.is_some() {
            ids.push(format!("f-{}-error", self.name));
        }
        ids.join(" ")
    }

    /// Whether the field is a group of inputs.
    pub(crate) fn is_group(&self) -> bool {
        matches!(self.control, Control::Relation(_) | Control::Boxes { .. } | Control::Radios { .. })
    }

    /// Whether a select begins with an empty value: when the field is optional or nothing is chosen yet.
    pub(crate) fn offers_none(&self) -> bool {
        match &self.control {
            Control::Select { choices } => !self.required || !choices.iter().any(|choice| choice.selected),
            _ => false,
        }
    }

    pub(crate) fn is_read_only(&self) -> bool {
        matches!(self.control, Control::ReadOnly(_))
    }

    pub(crate) fn is_checkbox(&self) -> bool {
        matches!(self.control, Control::Checkbox { .. })
    }
}

/// A group of fields.
#[derive(Debug, Clone)]
pub struct FormBlock {
    /// Label in the viewer's language.
    pub label: String,
    /// Its fields, in order.
    pub fields: Vec<FormField>,
}

/// Only the results of a [`RelationPicker`].
#[derive(Debug, Clone, Template)]
#[template(path = "components/suggestions_fragment.html")]
pub struct SuggestionsFragment {
    /// Language of the page.
    pub lang: Lang,
    /// The field's name.
    pub field: String,
    /// Records found; the chosen one is marked.
    pub results: Vec<Choice>,
}
