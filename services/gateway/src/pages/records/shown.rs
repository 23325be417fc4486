//! Values of records as people read them.

use crate::pages::{
    module::{Module, kind, raw, text, value_of},
    scene::Scene,
};
use fields::Display;
use gateway_ui::{
    fmt, markdown,
    vm::{Person, Pill, PillColor, Shown},
};
use proto::{
    Cells,
    records::v1::{FieldDefinition, Record, Value},
};
use std::collections::HashMap;

/// How long texts are shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Long {
    /// As people wrote them, formatted.
    Formatted,
    /// As source, where versions must be told apart.
    Source,
}

/// What a value is shown with.
pub(crate) struct Showing<'a> {
    pub(crate) scene: &'a Scene,
    /// Names of records and agents by id, as far as the viewer may see them.
    pub(crate) titles: &'a HashMap<String, String>,
    /// Those of these ids whose records are deleted.
    pub(crate) gone: &'a [String],
    pub(crate) long: Long,
}

impl Showing<'_> {
    /// A field of a record. Only its last characters when it is masked; never more than the answer holds.
    pub(crate) fn of_record(&self, record: &impl Cells, field: &FieldDefinition) -> Shown {
        let value = record.value(&field.name);
        if record.access(&field.name).is_some_and(|a| a == "masked") {
            return value.map_or(Shown::Empty, |v| Shown::Masked(raw(Some(v))));
        }
        self.value(field, value)
    }

    /// A value of a field.
    pub(crate) fn value(&self, field: &FieldDefinition, value: Option<&Value>) -> Shown {
        let text = raw(value);
        if text.is_empty() { Shown::Empty } else { self.text(field, text) }
    }

    /// A value in the form in which services and forms carry it.
    pub(crate) fn text(&self, field: &FieldDefinition, text: String) -> Shown {
        let lang = self.scene.lang();
        if text.trim().is_empty() {
            return Shown::Empty;
        }
        match kind(field).display() {
            Display::Line => Shown::Text(text),
            Display::Markdown if self.long == Long::Formatted => Shown::Markdown(markdown::render(&text)),
            Display::Markdown => Shown::Lines(text),
            Display::Integer => Shown::Number(text.parse().map_or(text, |n| fmt::integer(n, lang))),
            Display::Decimal => Shown::Number(fmt::decimal(&text, lang)),
            Display::Percent => Shown::Number(format!("{}%", fmt::decimal(&text, lang))),
            Display::YesNo => Shown::Bool(text == "true"),
            Display::Date => Shown::Date { text: fmt::date(&text, lang), iso: text },
            Display::DateTime => match kernel::Timestamp::parse(&text) {
                Some(at) => Shown::Time(self.scene.stamp(at.micros())),
                None => Shown::Text(text),
            },
            Display::Email => Shown::Email(text),
            Display::Phone => Shown::Phone(text),
            Display::Url => Shown::Url(text),
            Display::Choice => Shown::Pill(pill(field, &text, lang)),
            Display::Record => self.reference(&field.target_module, &text),
            Display::Agent => match self.titles.get(&text) {
                Some(name) => Shown::Text(name.clone()),
                None => Shown::Empty,
            },
        }
    }

    /// What a relation points to. Without a title the viewer may not see it, and its id would say nothing.
    fn reference(&self, target: &str, id: &str) -> Shown {
        match self.titles.get(id) {
            Some(title) if self.gone.iter().any(|gone| gone == id) => {
                Shown::Person(Person { name: title.clone(), deleted: true })
            }
            Some(title) => Shown::Reference {
                label: title.clone(),
                url: self.scene.find(target).map(|m| self.scene.ask.record_url(m.name(), id)),
            },
            None => Shown::Empty,
        }
    }
}

impl Scene {
    /// How far a record has come.
    pub(crate) fn status(&self, module: Module<'_>, record: &Record) -> Option<Pill> {
        let field = module.status_field()?;
        if record.access(&field.name).is_none_or(|a| a == "masked") {
            return None;
        }
        let key = raw(value_of(record, &field.name));
        (!key.is_empty()).then(|| pill(field, &key, self.lang()))
    }
}

/// A picklist value with its colour.
pub(crate) fn pill(field: &FieldDefinition, key: &str, lang: gateway_ui::Lang) -> Pill {
    match field.values.iter().find(|v| v.key == key) {
        Some(value) => Pill { label: text(&value.labels, lang), color: PillColor::from_code(&value.color) },
        None => Pill { label: key.to_owned(), color: PillColor::Grey },
    }
}
