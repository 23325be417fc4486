//! A module: its fields, picklists and relations are data.

use super::value::{Field, FieldType, PicklistKey, Value};
use std::collections::{BTreeSet, HashMap};

mod amendment;
mod definition;
mod definitions;
mod difference;
mod validate;

pub use amendment::{Amendment, Description, Event, FieldRef, Standing};
pub use definition::{Block, Definition, FieldDefinition, Label, PicklistValue};
pub use definitions::{Command, Definitions, Rejection};

/// The module of the people at customer companies.
pub const CONTACTS: &str = "contacts";
/// The module of customer companies.
pub const COMPANIES: &str = "companies";

/// Names that mean something for every record, so that no field may have them.
pub const SYSTEM_FIELDS: [&str; 14] = [
    "closed_at",
    "created_at",
    "created_by",
    "created_by_ext",
    "deleted",
    "id",
    "last_activity_at",
    "last_word",
    "modified_at",
    "modified_by_ext",
    "module",
    "number",
    "version",
    "waiting_since",
];

/// A module in the form that commands, projections and queries use.
#[derive(Debug, Clone, PartialEq)]
pub struct Module {
    /// As it is defined.
    pub definition: Definition,
    /// Its fields, in their order.
    pub fields: Vec<Field>,
    /// The fields that name a record, in their order.
    pub title: Vec<usize>,
    /// Numbers of the fields whose columns its table has.
    pub columns: BTreeSet<u32>,
    by_name: HashMap<String, usize>,
}

impl Module {
    /// The module of a definition that is in the log, and so was legal once, with all columns that it wants.
    pub fn of(definition: Definition) -> Module {
        let standing = Standing::defined(definition);
        let columns = standing.sortable.clone();
        Module::with_columns(standing, &columns)
    }

    /// The same with the columns that its table really has, by the fields' numbers.
    pub fn with_columns(standing: Standing, columns: &BTreeSet<u32>) -> Module {
        let Standing { definition, sortable } = standing;
        let mut fields: Vec<Field> = definition.fields.iter().map(field_of).collect();
        for field in &mut fields {
            field.has_column = field.promoted && columns.contains(&field.number);
            field.sortable = field.has_column && sortable.contains(&field.number);
        }
        let by_name: HashMap<String, usize> = fields.iter().enumerate().map(|(at, f)| (f.name.clone(), at)).collect();
        let title = definition.title_field.split(' ').filter_map(|n| by_name.get(n).copied()).collect();
        Module { definition, fields, title, columns: columns.clone(), by_name }
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

    /// The fields that have a column of their own, which every change of a record fills.
    pub fn with_column(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|f| f.has_column)
    }

    /// Numbers of the fields that are to have a column.
    pub fn promoted(&self) -> BTreeSet<u32> {
        self.fields.iter().filter(|f| f.promoted).map(|f| f.number).collect()
    }

    /// True when its table is not what its definition wants.
    pub fn is_waiting(&self) -> bool {
        self.fields.iter().any(|f| f.promoted != f.sortable) || self.columns != self.promoted()
    }

    /// The fields that lists can sort and filter by: their columns are filled and have indexes.
    pub fn sortable(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|f| f.sortable)
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

    /// True when a customer's reply may change the status: where something waits for the customer or can be closed.
    pub fn moves_by_replies(&self) -> bool {
        let definition = &self.definition;
        self.status_field().is_some() && !(definition.awaiting_value.is_empty() && definition.closed_values.is_empty())
    }

    /// The keys that a customer's reply may turn the status into, the best one first: none where it leaves the status as it
    /// is. What waits for the customer goes on; what is closed is opened again.
    pub fn after_customers_reply(&self, status: Option<&Value>) -> Vec<&str> {
        let definition = &self.definition;
        let now = status.and_then(Value::as_text).unwrap_or_default();
        if !now.is_empty() && now == definition.awaiting_value {
            return vec![&definition.active_value];
        }
        match self.status_field().filter(|_| self.is_closed(status)) {
            Some(field) => {
                let first = field.default.as_ref().and_then(Value::as_text);
                let keys = field.keys.iter().map(|k| k.key.as_str());
                let open = first.into_iter().chain(keys.filter(|k| Some(*k) != first));
                open.filter(|key| !definition.closed_values.iter().any(|c| c == key)).collect()
            }
            None => Vec::new(),
        }
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
    let kind = FieldType::numbered(definition.type_number).unwrap_or(FieldType::Text);
    let mut field = Field {
        name: definition.name.clone(),
        number: definition.number,
        kind,
        mandatory: definition.mandatory,
        personal: definition.personal,
        promoted: definition.promoted && !kind.is_long(),
        has_column: false,
        sortable: false,
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

#[cfg(test)]
mod tests;
