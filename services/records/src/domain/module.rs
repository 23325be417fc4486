//! A module: its fields, picklists and relations are data. The aggregate keeps what numbers mean, for ever.

use super::value::{Field, FieldType, PicklistKey, Value};
use kernel::{Aggregate, Code, Error, FieldError};
use proto::records::v1::{FieldDefinition, ModuleDefinition};
use std::collections::{BTreeMap, BTreeSet, HashMap};

mod validate;

/// The module of the people at customer companies.
pub const CONTACTS: &str = "contacts";
/// The module of customer companies.
pub const COMPANIES: &str = "companies";

/// Names that mean something for every record, so that no field may have them.
pub const SYSTEM_FIELDS: [&str; 10] = [
    "created_at",
    "created_by",
    "created_by_ext",
    "deleted",
    "id",
    "modified_at",
    "modified_by_ext",
    "module",
    "number",
    "version",
];

/// A module in the form that commands, projections and queries use.
#[derive(Debug, Clone, PartialEq)]
pub struct Module {
    /// As it was defined.
    pub definition: ModuleDefinition,
    /// Its fields, in their order.
    pub fields: Vec<Field>,
    /// The fields that name a record, in their order.
    pub title: Vec<usize>,
    by_name: HashMap<String, usize>,
}

impl Module {
    /// The module of a definition that is in the log, and so was legal once.
    pub fn of(definition: ModuleDefinition) -> Module {
        let fields: Vec<Field> = definition.fields.iter().map(field_of).collect();
        let by_name: HashMap<String, usize> = fields.iter().enumerate().map(|(at, f)| (f.name.clone(), at)).collect();
        let title = definition.title_field.split(' ').filter_map(|n| by_name.get(n).copied()).collect();
        Module { definition, fields, title, by_name }
    }

    /// Its name, as in paths.
    pub fn name(&self) -> &str {
        &self.definition.name
    }

    /// Number of its table in the read model.
    pub fn number(&self) -> i16 {
        i16::try_from(self.definition.number).unwrap_or_default()
    }

    /// A field by name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.by_name.get(name).map(|at| &self.fields[*at])
    }

    /// A field by its number in documents.
    pub fn field_numbered(&self, number: u32) -> Option<&Field> {
        self.fields.iter().find(|f| f.number == number)
    }

    /// The fields that have a column of their own.
    pub fn promoted(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|f| f.promoted)
    }

    /// The relation that ties a record to a contact.
    pub fn contact_field(&self) -> Option<&Field> {
        self.field(&self.definition.contact_field)
    }

    /// The relation that ties a record to a company.
    pub fn company_field(&self) -> Option<&Field> {
        self.field(&self.definition.company_field)
    }

    /// The field with the agent who owns a record.
    pub fn owner_field(&self) -> Option<&Field> {
        self.field(&self.definition.owner_field)
    }

    /// The picklist whose changes are events of their own.
    pub fn status_field(&self) -> Option<&Field> {
        self.field(&self.definition.status_field)
    }

    /// True for the keys of the status field that end a record's work.
    pub fn is_closed(&self, status: Option<&Value>) -> bool {
        let key = status.and_then(Value::as_text);
        key.is_some_and(|k| self.definition.closed_values.iter().any(|c| c == k))
    }

    /// True for the module of contacts.
    pub fn is_contacts(&self) -> bool {
        self.name() == CONTACTS
    }

    /// True for the module of companies.
    pub fn is_companies(&self) -> bool {
        self.name() == COMPANIES
    }

    /// A record's number as people see it: "TT1042".
    pub fn shown_number(&self, number: u64) -> String {
        format!("{}{number}", self.definition.prefix)
    }

    /// The name of a record: the values of the title's fields, joined by a space. Empty when they are.
    pub fn title_of<'a>(&self, value: impl Fn(&Field) -> Option<&'a Value>) -> String {
        let mut title = String::new();
        for at in &self.title {
            if let Some(v) = value(&self.fields[*at]) {
                if !title.is_empty() {
                    title.push(' ');
                }
                title.push_str(&v.shown());
            }
        }
        title
    }
}

fn field_of(definition: &FieldDefinition) -> Field {
    let kind = FieldType::numbered(definition.r#type).unwrap_or(FieldType::Text);
    let mut field = Field {
        name: definition.name.clone(),
        number: definition.number,
        kind,
        mandatory: definition.mandatory,
        personal: definition.personal,
        promoted: definition.promoted && !kind.is_long(),
        max_length: kind.limit_of(definition.max_length),
        keys: definition
            .values
            .iter()
            .map(|v| PicklistKey { key: v.key.clone(), number: i16::try_from(v.number).unwrap_or_default() })
            .collect(),
        target: definition.target_module.clone(),
        default: None,
    };
    if !definition.default_value.is_empty() {
        field.default = field.accept(&Value::text(definition.default_value.as_str())).ok().flatten();
    }
    field
}

/// What was ever defined under a module's name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Definitions {
    current: Option<ModuleDefinition>,
    /// Number, name and type of every field that ever was.
    fields: BTreeMap<u32, (String, i32)>,
    /// Key and number of every picklist value that ever was, by the field's number.
    values: BTreeMap<(u32, u32), String>,
    promoted: BTreeSet<u32>,
}

/// What is wanted of a module.
#[derive(Debug, Clone)]
pub enum Command {
    /// Defines it, or changes its definition to this one.
    Define {
        /// The whole definition.
        definition: ModuleDefinition,
        /// Names of all modules that exist: what relations may point to.
        known: BTreeSet<String>,
    },
}

/// What happened to a module.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// It has this definition from now on.
    Defined(ModuleDefinition),
}

/// Why a definition was refused: places in it, with stable codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection(pub Vec<FieldError>);

impl From<Rejection> for Error {
    fn from(rejection: Rejection) -> Error {
        let mut error = Error::invalid(rejection.0);
        error.code = Code::Invalid;
        error
    }
}

impl Definitions {
    /// The definition in force.
    pub fn current(&self) -> Option<&ModuleDefinition> {
        self.current.as_ref()
    }

    /// True when a field of this name is, or was, in the module.
    pub fn ever_had(&self, field: &str) -> bool {
        self.fields.values().any(|(name, _)| name == field)
    }

    /// The smallest number above all that fields of the module ever had.
    pub fn next_number(&self) -> u32 {
        self.fields.keys().last().map_or(1, |highest| highest + 1)
    }
}

impl Aggregate for Definitions {
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Rejection> {
        let Command::Define { definition, known } = command;
        let mut errors = validate::definition(&definition, &known);
        errors.extend(self.contradictions(&definition));
        if !errors.is_empty() {
            return Err(Rejection(errors));
        }
        if self.current.as_ref() == Some(&definition) {
            return Ok(Vec::new());
        }
        Ok(vec![Event::Defined(definition)])
    }

    fn evolve(mut self, event: &Event) -> Definitions {
        let Event::Defined(definition) = event;
        for field in &definition.fields {
            self.fields.insert(field.number, (field.name.clone(), field.r#type));
            for value in &field.values {
                self.values.insert((field.number, value.number), value.key.clone());
            }
            if field.promoted {
                self.promoted.insert(field.number);
            }
        }
        self.current = Some(definition.clone());
        self
    }
}

impl Definitions {
    /// Numbers are never used again, and what has a column keeps it: documents and rows are read by number for ever.
    fn contradictions(&self, definition: &ModuleDefinition) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let Some(current) = &self.current else { return errors };
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
                Some((name, kind)) if *name != field.name || *kind != field.r#type => {
                    refuse(place("number"), "number_reused", "This number belongs to another field.");
                }
                None if self.fields.values().any(|(name, _)| *name == field.name) => {
                    refuse(place("number"), "fixed", "A field keeps its number.");
                }
                Some(_) if self.promoted.contains(&field.number) != field.promoted => {
                    refuse(place("promoted"), "fixed", "Whether a field has a column is decided when it is made.");
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

#[cfg(test)]
mod tests;
