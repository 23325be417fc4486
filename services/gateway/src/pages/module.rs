//! A module's definition as the viewer may use it.

use crate::backend::catalogue;
use fields::FieldType;
use gateway_ui::{Lang, vm::ModuleName};
use proto::{
    Cells,
    records::v1::{FieldDefinition, Label, ModuleDefinition, ModuleView, Record, Value, value::Kind},
};

/// A module that exists for the viewer. Fields that are hidden from them are not in the definition.
#[derive(Clone, Copy)]
pub(crate) struct Module<'a> {
    pub(crate) view: &'a ModuleView,
    pub(crate) definition: &'a ModuleDefinition,
}

impl<'a> Module<'a> {
    pub(crate) fn name(self) -> &'a str {
        &self.definition.name
    }

    /// Its names in a language.
    pub(crate) fn vm(self, lang: Lang) -> ModuleName {
        ModuleName {
            name: self.definition.name.clone(),
            singular: text(&self.definition.singular, lang),
            plural: text(&self.definition.plural, lang),
            icon: self.definition.icon.clone(),
        }
    }

    /// The viewer may do this with at least some records.
    pub(crate) fn may(self, action: &str) -> bool {
        self.view.actions.iter().any(|a| a == action)
    }

    pub(crate) fn field(self, name: &str) -> Option<&'a FieldDefinition> {
        self.definition.fields.iter().find(|f| f.name == name)
    }

    /// The field whose value tells how far a record has come.
    pub(crate) fn status_field(self) -> Option<&'a FieldDefinition> {
        self.field(&self.definition.status_field)
    }

    /// The fields that name a record.
    pub(crate) fn title_fields(self) -> impl Iterator<Item = &'a FieldDefinition> {
        self.definition.title_field.split(' ').filter_map(move |name| self.field(name))
    }

    pub(crate) fn is_title(self, name: &str) -> bool {
        self.definition.title_field.split(' ').any(|n| n == name)
    }

    /// The label of the column with the records' names.
    pub(crate) fn title_label(self, lang: Lang) -> String {
        let mut fields = self.title_fields();
        match (fields.next(), fields.next()) {
            (Some(only), None) => text(&only.labels, lang),
            _ => text(&self.definition.singular, lang),
        }
    }

    /// Lists can be sorted and filtered by a field.
    pub(crate) fn sorts(self, field: &FieldDefinition) -> bool {
        catalogue::sorts(self.view, field)
    }
}

/// A text in a language; else in English; else in the first language there is.
pub(crate) fn text(labels: &[Label], lang: Lang) -> String {
    let of = |code: &str| labels.iter().find(|l| l.language == code);
    of(lang.code()).or_else(|| of("en")).or(labels.first()).map(|l| l.text.clone()).unwrap_or_default()
}

/// A field's label.
pub(crate) fn label(field: &FieldDefinition, lang: Lang) -> String {
    text(&field.labels, lang)
}

/// The type of a field; one of a newer version is shown as text.
pub(crate) fn kind(field: &FieldDefinition) -> FieldType {
    FieldType::numbered(field.r#type).unwrap_or(FieldType::Text)
}

/// The field points to another record or to an agent.
pub(crate) fn points(field: &FieldDefinition) -> bool {
    kind(field).points_to().is_some()
}

/// The value of a record's field, if it has one that the viewer sees.
pub(crate) fn value_of<'r>(record: &'r Record, field: &str) -> Option<&'r Value> {
    record.value(field)
}

/// A value as the services carry it in text; empty when there is none.
pub(crate) fn raw(value: Option<&Value>) -> String {
    match value.and_then(|v| v.kind.as_ref()) {
        None => String::new(),
        Some(Kind::Text(text)) => text.clone(),
        Some(Kind::Integer(number)) => number.to_string(),
        Some(Kind::Boolean(yes)) => yes.to_string(),
    }
}

/// What a record is called.
pub(crate) fn title_of(record: &Record) -> String {
    let title = record.titles.get(&record.id).map(String::as_str).unwrap_or_default();
    title_or_number(title, &record.number)
}

/// The title, or the number of what has none.
pub(crate) fn title_or_number(title: &str, number: &str) -> String {
    let title = title.trim();
    if title.is_empty() { number } else { title }.to_owned()
}

/// The viewer may do this with the record.
pub(crate) fn may(record: &Record, action: &str) -> bool {
    record.actions.iter().any(|a| a == action)
}
