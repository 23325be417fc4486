//! What happened to a module's definition, in steps that read as a history; and what a definition is after each.

use super::definition::{Block, Definition, FieldDefinition, Label, PicklistValue};
use std::collections::BTreeSet;

/// What happened to a module.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its name.
    pub module: String,
    /// What happened.
    pub amendment: Amendment,
}

/// One step of a definition.
#[derive(Debug, Clone, PartialEq)]
pub enum Amendment {
    /// It has this definition from now on. Begins every module. Older versions of the product told every change so.
    Defined(Definition),
    /// It is called and numbered like this.
    Described(Description),
    /// It has a block more, behind the others.
    BlockAdded(Block),
    /// A block is called differently.
    BlockChanged(Block),
    /// A block is gone.
    BlockRemoved(String),
    /// All blocks in their order.
    BlocksOrdered(Vec<String>),
    /// It has a field more, behind the others.
    FieldAdded(FieldDefinition),
    /// It points to a module with one field more, behind the others.
    RelationAdded(FieldDefinition),
    /// A field is like this. Its values, and whether it is promoted, stay as they are.
    FieldChanged(FieldDefinition),
    /// Records have the field no more; what they had in it stays in the log.
    FieldRetired(FieldRef),
    /// All fields in their order.
    FieldsOrdered(Vec<String>),
    /// Lists are wanted to sort and filter by the field.
    FieldPromoted(FieldRef),
    /// They are wanted so no more.
    FieldDemoted(FieldRef),
    /// The field's column and indexes are there: lists can sort and filter by it.
    FieldSortable(FieldRef),
    /// The column of a field that was demoted or retired is gone.
    ColumnDropped(FieldRef),
    /// A picklist offers a value more, behind the others.
    ValueAdded {
        /// The picklist.
        field: FieldRef,
        /// The value.
        value: PicklistValue,
    },
    /// A value is called or coloured differently.
    ValueChanged {
        /// The picklist.
        field: FieldRef,
        /// The value.
        value: PicklistValue,
    },
    /// A picklist offers a value no more; records that have it keep it.
    ValueRetired {
        /// The picklist.
        field: FieldRef,
        /// The value's key.
        key: String,
        /// The value's number.
        number: u32,
    },
    /// All values of a picklist in their order.
    ValuesOrdered {
        /// The picklist.
        field: FieldRef,
        /// The keys.
        keys: Vec<String>,
    },
    /// Other fields name a record.
    TitleChosen(String),
    /// Other fields tie a record to a contact, a company and an owner.
    TiesChosen {
        /// To the contact.
        contact: String,
        /// To the company.
        company: String,
        /// To the agent in charge.
        owner: String,
    },
    /// Another field is the status, or other values of it end a record's work.
    StatusChosen {
        /// The picklist.
        field: String,
        /// The keys.
        closed: Vec<String>,
        /// The key while the customer has the next word, or empty.
        awaiting: String,
        /// The key that a customer's reply puts in its place, or empty.
        active: String,
    },
    /// Lists have other columns.
    ListColumnsChosen(Vec<String>),
}

/// What a module is called, and how its records are numbered and talked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// What people call one of its records.
    pub singular: Vec<Label>,
    /// What people call several.
    pub plural: Vec<Label>,
    /// Name of a picture.
    pub icon: String,
    /// Of the numbers that people see.
    pub prefix: String,
    /// First number that is given.
    pub first_number: u64,
    /// Records can be talked about.
    pub comments: bool,
}

impl Description {
    /// Of a definition.
    pub fn of(definition: &Definition) -> Description {
        Description {
            singular: definition.singular.clone(),
            plural: definition.plural.clone(),
            icon: definition.icon.clone(),
            prefix: definition.prefix.clone(),
            first_number: definition.first_number,
            comments: definition.comments,
        }
    }
}

/// A field by both of its names, which belong to each other for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldRef {
    /// For people.
    pub name: String,
    /// For documents and columns.
    pub number: u32,
}

impl FieldRef {
    /// Of a field.
    pub fn of(field: &FieldDefinition) -> FieldRef {
        FieldRef { name: field.name.clone(), number: field.number }
    }
}

/// A definition in force, and how far the read model is with it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Standing {
    /// The definition.
    pub definition: Definition,
    /// Numbers of the fields that lists can sort and filter by.
    pub sortable: BTreeSet<u32>,
}

impl Standing {
    /// After the event that says the whole: its columns are made with it, in the same append.
    pub fn defined(definition: Definition) -> Standing {
        let sortable = definition.fields.iter().filter(|f| f.promoted).map(|f| f.number).collect();
        Standing { definition, sortable }
    }

    /// After one more step.
    #[must_use]
    pub fn after(mut self, amendment: &Amendment) -> Standing {
        let d = &mut self.definition;
        match amendment {
            Amendment::Defined(definition) => return Standing::defined(definition.clone()),
            Amendment::Described(description) => {
                let Description { singular, plural, icon, prefix, first_number, comments } = description.clone();
                (d.singular, d.plural, d.icon, d.prefix) = (singular, plural, icon, prefix);
                (d.first_number, d.comments) = (first_number, comments);
            }
            Amendment::BlockAdded(block) => d.blocks.push(block.clone()),
            Amendment::BlockChanged(block) => {
                if let Some(there) = d.blocks.iter_mut().find(|b| b.name == block.name) {
                    there.clone_from(block);
                }
            }
            Amendment::BlockRemoved(name) => d.blocks.retain(|b| b.name != *name),
            Amendment::BlocksOrdered(names) => order(&mut d.blocks, names, |b| &b.name),
            Amendment::FieldAdded(field) | Amendment::RelationAdded(field) => d.fields.push(field.clone()),
            Amendment::FieldChanged(field) => {
                if let Some(there) = d.fields.iter_mut().find(|f| f.number == field.number) {
                    *there = field.with_rest_of(there);
                }
            }
            Amendment::FieldRetired(field) => {
                d.fields.retain(|f| f.number != field.number);
                self.sortable.remove(&field.number);
            }
            Amendment::FieldsOrdered(names) => order(&mut d.fields, names, |f| &f.name),
            Amendment::FieldPromoted(field) => d.promote(field.number, true),
            Amendment::FieldDemoted(field) => {
                d.promote(field.number, false);
                self.sortable.remove(&field.number);
            }
            Amendment::FieldSortable(field) => {
                self.sortable.insert(field.number);
            }
            // Rows have a column less; what lists can do was said when the field was demoted.
            Amendment::ColumnDropped(_) => {}
            Amendment::ValueAdded { field, value } => {
                if let Some(values) = d.values_of(field) {
                    values.push(value.clone());
                }
            }
            Amendment::ValueChanged { field, value } => {
                let values = d.values_of(field);
                if let Some(there) = values.and_then(|v| v.iter_mut().find(|v| v.number == value.number)) {
                    there.clone_from(value);
                }
            }
            Amendment::ValueRetired { field, number, .. } => {
                if let Some(values) = d.values_of(field) {
                    values.retain(|v| v.number != *number);
                }
            }
            Amendment::ValuesOrdered { field, keys } => {
                if let Some(values) = d.values_of(field) {
                    order(values, keys, |v| &v.key);
                }
            }
            Amendment::TitleChosen(fields) => d.title_field.clone_from(fields),
            Amendment::TiesChosen { contact, company, owner } => {
                d.contact_field.clone_from(contact);
                d.company_field.clone_from(company);
                d.owner_field.clone_from(owner);
            }
            Amendment::StatusChosen { field, closed, awaiting, active } => {
                d.status_field.clone_from(field);
                d.closed_values.clone_from(closed);
                d.awaiting_value.clone_from(awaiting);
                d.active_value.clone_from(active);
            }
            Amendment::ListColumnsChosen(columns) => d.list_columns.clone_from(columns),
        }
        self
    }
}

impl Definition {
    fn promote(&mut self, number: u32, promoted: bool) {
        if let Some(field) = self.fields.iter_mut().find(|f| f.number == number) {
            field.promoted = promoted;
        }
    }

    fn values_of(&mut self, field: &FieldRef) -> Option<&mut Vec<PicklistValue>> {
        self.fields.iter_mut().find(|f| f.number == field.number).map(|f| &mut f.values)
    }
}

impl FieldDefinition {
    /// This field, with what [`Amendment::FieldChanged`] doesn't tell taken from another.
    pub(super) fn with_rest_of(&self, other: &FieldDefinition) -> FieldDefinition {
        FieldDefinition { values: other.values.clone(), promoted: other.promoted, ..self.clone() }
    }
}

/// Puts things into the order of their names. What is not named keeps its place behind those that are.
fn order<T>(things: &mut [T], names: &[String], name: impl Fn(&T) -> &String) {
    things.sort_by_key(|thing| names.iter().position(|n| n == name(thing)).unwrap_or(names.len()));
}
