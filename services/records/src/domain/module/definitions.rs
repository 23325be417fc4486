//! The aggregate: what was ever defined under a module's name, and what may be defined next.

use super::{
    amendment::{Amendment, Event, FieldRef, Standing},
    definition::Definition,
    difference, validate,
};
use kernel::{Aggregate, Code, Error, FieldError};
use std::collections::{BTreeMap, BTreeSet};

/// What was ever defined under a module's name. It keeps what numbers mean, for ever.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Definitions {
    current: Option<Standing>,
    /// Number, name and type of every field that ever was.
    fields: BTreeMap<u32, (String, i32)>,
    /// Key and number of every picklist value that ever was, by the field's number.
    values: BTreeMap<(u32, u32), String>,
    /// Numbers of the fields of which a column was made and not dropped.
    columns: BTreeSet<u32>,
    /// Version of the stream.
    version: i64,
    /// The last version that changed the definition; those behind it tell how far its columns are.
    changed: i64,
}

/// What is wanted of a module.
#[derive(Debug, Clone)]
pub enum Command {
    /// Defines it, or changes its definition to this one.
    Define {
        /// The whole definition.
        definition: Definition,
        /// Names of all modules that exist: what relations may point to.
        known: BTreeSet<String>,
        /// The version of the module that the definition was made on; 0 for a new one.
        seen: i64,
    },
    /// The column of a field is filled and its indexes are there.
    Sortable(u32),
    /// The column of a field is gone.
    Dropped(u32),
}

/// Why a module was not changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// Places in the definition, with stable codes.
    Invalid(Vec<FieldError>),
    /// The definition was made on a version that is no more.
    Stale {
        /// What there is now.
        actual: i64,
    },
}

impl From<Rejection> for Error {
    fn from(rejection: Rejection) -> Error {
        match rejection {
            Rejection::Invalid(fields) => Error::invalid(fields),
            Rejection::Stale { actual } => {
                let public = "Somebody else changed this. Please look at it again.";
                Error::new(Code::Precondition, "stale_version", public).with("actual", actual)
            }
        }
    }
}

impl Definitions {
    /// The definition in force.
    pub fn current(&self) -> Option<&Definition> {
        self.current.as_ref().map(|standing| &standing.definition)
    }

    /// The definition in force, and how far its columns are.
    pub fn standing(&self) -> Option<&Standing> {
        self.current.as_ref()
    }

    /// Version of the stream.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// Numbers of the fields of which a column was made and not dropped.
    pub fn columns(&self) -> &BTreeSet<u32> {
        &self.columns
    }

    /// True when a field of this name is, or was, in the module.
    pub fn ever_had(&self, field: &str) -> bool {
        self.fields.values().any(|(name, _)| name == field)
    }

    /// The smallest number above all that fields of the module ever had.
    pub fn next_number(&self) -> u32 {
        self.fields.keys().last().map_or(1, |highest| highest + 1)
    }

    /// The steps to a definition; none when it is in force already.
    fn define(&self, definition: Definition, known: &BTreeSet<String>) -> Result<Vec<Amendment>, Rejection> {
        let mut errors = validate::definition(&definition, known);
        errors.extend(self.contradictions(&definition));
        if !errors.is_empty() {
            return Err(Rejection::Invalid(errors));
        }
        Ok(match self.current() {
            None => vec![Amendment::Defined(definition)],
            Some(current) => difference::steps(current, &definition),
        })
    }

    /// The field of a number, as it was ever called.
    fn reference(&self, number: u32) -> Option<FieldRef> {
        self.fields.get(&number).map(|(name, _)| FieldRef { name: name.clone(), number })
    }
}

impl Aggregate for Definitions {
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Rejection> {
        let mut module = self.current().map(|d| d.name.clone()).unwrap_or_default();
        let amendments = match command {
            // That columns were made meanwhile contradicts nobody.
            Command::Define { seen, .. } if !(self.changed..=self.version).contains(&seen) => {
                return Err(Rejection::Stale { actual: self.version });
            }
            Command::Define { definition, known, .. } => {
                module.clone_from(&definition.name);
                self.define(definition, &known)?
            }
            Command::Sortable(number) => {
                let waits = |s: &Standing| {
                    !s.sortable.contains(&number) && s.definition.field(number).is_some_and(|f| f.promoted)
                };
                let waiting = self.current.as_ref().is_some_and(waits);
                self.reference(number).filter(|_| waiting).map(Amendment::FieldSortable).into_iter().collect()
            }
            Command::Dropped(number) => {
                let had = self.columns.contains(&number);
                self.reference(number).filter(|_| had).map(Amendment::ColumnDropped).into_iter().collect()
            }
        };
        Ok(amendments.into_iter().map(|amendment| Event { module: module.clone(), amendment }).collect())
    }

    fn evolve(mut self, event: &Event) -> Definitions {
        self.version += 1;
        match &event.amendment {
            Amendment::FieldSortable(field) => drop(self.columns.insert(field.number)),
            Amendment::ColumnDropped(field) => drop(self.columns.remove(&field.number)),
            _ => self.changed = self.version,
        }
        let standing = self.current.take().unwrap_or_default().after(&event.amendment);
        if let Amendment::Defined(_) = event.amendment {
            self.columns.extend(&standing.sortable);
        }
        for field in &standing.definition.fields {
            self.fields.insert(field.number, (field.name.clone(), field.type_number));
            for value in &field.values {
                self.values.insert((field.number, value.number), value.key.clone());
            }
        }
        self.current = Some(standing);
        self
    }
}

impl Definitions {
    /// Numbers are never used again: documents and rows are read by number for ever.
    fn contradictions(&self, definition: &Definition) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let Some(current) = self.current() else { return errors };
        let mut refuse = |place: String, code: &'static str, message: &str| {
            errors.push(FieldError { field: place, code: code.into(), message: message.to_owned() });
        };
        if current.name != definition.name {
            refuse("name".into(), "fixed", "A module keeps its name.");
        }
        if current.number != definition.number {
            refuse("number".into(), "fixed", "A module keeps its number.");
        }
        for field in &definition.fields {
            let place = |what: &str| format!("fields.{}.{what}", field.name);
            match self.fields.get(&field.number) {
                Some((name, kind)) if *name != field.name || *kind != field.type_number => {
                    refuse(place("number"), "number_reused", "This number belongs to another field.");
                }
                None if self.fields.values().any(|(name, _)| *name == field.name) => {
                    refuse(place("number"), "fixed", "A field keeps its number.");
                }
                Some(_) | None => {}
            }
            for value in &field.values {
                if self.values.get(&(field.number, value.number)).is_some_and(|key| *key != value.key) {
                    let at = place(&format!("values.{}.number", value.key));
                    refuse(at, "number_reused", "This number belongs to another value.");
                }
                let moved = |((f, n), key): (&(u32, u32), &String)| {
                    *f == field.number && *key == value.key && *n != value.number
                };
                if self.values.iter().any(moved) {
                    let at = place(&format!("values.{}.number", value.key));
                    refuse(at, "fixed", "A value keeps its number.");
                }
            }
        }
        errors
    }
}
