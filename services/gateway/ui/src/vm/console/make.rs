//! Short ways to make fields and facts, for the pages' own constructors.

use super::Faults;
use crate::fmt::Stamp;
use crate::vm::form::{Choice, Control, FormField};
use crate::vm::shown::{Field, Shown};

pub(crate) fn fact(label: String, value: Shown) -> Field {
    Field { label, value }
}

pub(crate) fn text_or_empty(text: &str) -> Shown {
    if text.is_empty() { Shown::Empty } else { Shown::Text(text.to_owned()) }
}

pub(crate) fn time_or_empty(at: Option<Stamp>) -> Shown {
    at.map_or(Shown::Empty, Shown::Time)
}

pub(crate) fn choice(value: &str, label: String, selected: bool) -> Choice {
    Choice { value: value.to_owned(), label, detail: String::new(), selected }
}

/// An input of a name, with what is wrong with it.
pub(crate) fn field(name: &str, label: String, control: Control, faults: &Faults) -> FormField {
    let fault = faults.of(name);
    FormField { name: name.to_owned(), label, hint: String::new(), required: false, fault, control }
}

pub(crate) fn text(name: &str, label: String, value: &str, max: u32, faults: &Faults) -> FormField {
    field(name, label, Control::Text { value: value.to_owned(), max_length: max }, faults)
}

pub(crate) fn username(name: &str, label: String, value: &str, fixed: bool, faults: &Faults) -> FormField {
    field(name, label, Control::Username { value: value.to_owned(), fixed }, faults)
}

pub(crate) fn check(name: &str, label: String, checked: bool, faults: &Faults) -> FormField {
    field(name, label, Control::Checkbox { checked }, faults)
}

pub(crate) fn select(name: &str, label: String, choices: Vec<Choice>, faults: &Faults) -> FormField {
    field(name, label, Control::Select { choices }, faults)
}

pub(crate) trait FieldWith {
    fn hint(self, hint: String) -> Self;
    fn required(self) -> Self;
}

impl FieldWith for FormField {
    fn hint(mut self, hint: String) -> Self {
        self.hint = hint;
        self
    }

    fn required(mut self) -> Self {
        self.required = true;
        self
    }
}
