//! What stands on the left of a test.

use super::viewer::Viewer;
use crate::{
    catalogue::{COMPANIES, CONTACTS, Catalogue, LAST_WORDS},
    value::{Clock, Fact, Facts},
};
use fields::{Family, ValueRef};
use serde::{Deserialize, Serialize};

/// The left side of a test. Its written form is the path (`status`, `company.country`, `viewer.roles`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Operand {
    /// A field of the record, or of its contact or company with the hop in front.
    Record(String),
    /// A fact about who looks, without `viewer.`.
    Viewer(String),
    /// The moment.
    Now,
    /// The local day.
    Today,
}

/// What an operand's written form means in a module: the operand, its type and its picklist keys.
pub(crate) struct Resolved<'a> {
    pub(crate) operand: Operand,
    pub(crate) family: Family,
    /// A text that has no place in the rows of lists, of the record or of what it is tied to.
    pub(crate) long_text: bool,
    /// The keys that a value must be one of; None when the operand takes others too.
    pub(crate) keys: Option<&'a [String]>,
}

impl Operand {
    /// Resolves a written operand; None when there is no such field.
    pub(crate) fn resolve<'a>(path: &str, module: &str, catalogue: &'a Catalogue) -> Option<Resolved<'a>> {
        let plain = |operand, family| Some(Resolved { operand, family, long_text: false, keys: None });
        match path {
            "now" => return plain(Operand::Now, Family::Moment),
            "today" => return plain(Operand::Today, Family::Date),
            _ => {}
        }
        if let Some(name) = path.strip_prefix("viewer.") {
            let family = match name {
                "roles" | "groups" => Family::Keys,
                "id" => Family::Reference,
                "kind" | "department" | "language" => Family::Text,
                _ => return None,
            };
            return plain(Operand::Viewer(name.to_owned()), family);
        }
        let (module, field) = match path.split_once('.') {
            None => (module, path),
            Some(("contact", field)) => (CONTACTS, field),
            Some(("company", field)) => (COMPANIES, field),
            Some(_) => return None,
        };
        // Each viewer counts the versions of a record in its own way, by what the conditions let it see.
        if field == "version" {
            return None;
        }
        let kind = catalogue.field_type(module, field)?;
        let keys = match kind.has_keys() {
            true if field == "last_word" => Some(LAST_WORDS.as_slice()),
            true => Some(catalogue.module(module)?.fields.get(field)?.values.as_slice()),
            false => None,
        };
        let operand = Operand::Record(path.to_owned());
        Some(Resolved { operand, family: kind.family(), long_text: kind.is_long(), keys })
    }

    /// The path of a field of the record or of what it is tied to.
    pub(crate) fn of_record(&self) -> Option<&str> {
        match self {
            Operand::Record(path) => Some(path),
            Operand::Viewer(_) | Operand::Now | Operand::Today => None,
        }
    }

    /// True when the operand holds one value at a time, and constants that are written differently are
    /// different values (1 and 1.0 are not).
    pub(crate) fn holds_one(path: &str, module: &str, catalogue: &Catalogue) -> bool {
        Operand::resolve(path, module, catalogue).is_some_and(|resolved| {
            matches!(resolved.family, Family::Text | Family::Key | Family::Boolean | Family::Reference)
        })
    }

    /// What is known of the operand now.
    pub(crate) fn read<'a, F: Facts + ?Sized>(&self, facts: &'a F, viewer: &'a Viewer, clock: &Clock) -> Fact<'a> {
        match self {
            Operand::Record(path) => facts.fact(path),
            Operand::Viewer(name) => viewer.value(name).into(),
            Operand::Now => ValueRef::Moment(clock.now).into(),
            Operand::Today => ValueRef::Day(clock.today).into(),
        }
    }
}
