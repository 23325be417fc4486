//! From one definition to another in steps.
//!
//! Every difference between two legal definitions of one module has its step, and the steps are told in an order in which
//! no definition on the way names a field or a block that isn't there. A property test holds both.

use super::{
    amendment::{Amendment, Description, FieldRef},
    definition::{Definition, FieldDefinition},
};
use crate::domain::value::{FieldType, PointsTo};
use std::collections::BTreeSet;

/// The steps that lead from one definition to another of the same module.
pub(super) fn steps(from: &Definition, to: &Definition) -> Vec<Amendment> {
    let mut steps = Vec::new();
    let description = Description::of(to);
    if description != Description::of(from) {
        steps.push(Amendment::Described(description));
    }
    for block in &to.blocks {
        match from.blocks.iter().find(|b| b.name == block.name) {
            None => steps.push(Amendment::BlockAdded(block.clone())),
            Some(there) if there != block => steps.push(Amendment::BlockChanged(block.clone())),
            Some(_) => {}
        }
    }
    for field in &to.fields {
        match from.field(field.number) {
            None if is_relation(field) => steps.push(Amendment::RelationAdded(field.clone())),
            None => steps.push(Amendment::FieldAdded(field.clone())),
            Some(there) => changed(there, field, &mut steps),
        }
    }
    chosen(from, to, &mut steps);
    for field in from.fields.iter().filter(|f| to.field(f.number).is_none()) {
        steps.push(Amendment::FieldRetired(FieldRef::of(field)));
    }
    for block in from.blocks.iter().filter(|b| !to.blocks.iter().any(|other| other.name == b.name)) {
        steps.push(Amendment::BlockRemoved(block.name.clone()));
    }
    let names = |d: &Definition| d.fields.iter().map(|f| f.name.clone()).collect::<Vec<_>>();
    steps.extend(reordered(&names(from), names(to)).map(Amendment::FieldsOrdered));
    let names = |d: &Definition| d.blocks.iter().map(|b| b.name.clone()).collect::<Vec<_>>();
    steps.extend(reordered(&names(from), names(to)).map(Amendment::BlocksOrdered));
    steps
}

fn is_relation(field: &FieldDefinition) -> bool {
    FieldType::numbered(field.type_number).and_then(FieldType::points_to) == Some(PointsTo::Record)
}

/// What became of one field.
fn changed(from: &FieldDefinition, to: &FieldDefinition, steps: &mut Vec<Amendment>) {
    let field = || FieldRef::of(to);
    for value in &to.values {
        match from.values.iter().find(|v| v.number == value.number) {
            None => steps.push(Amendment::ValueAdded { field: field(), value: value.clone() }),
            Some(there) if there != value => {
                steps.push(Amendment::ValueChanged { field: field(), value: value.clone() });
            }
            Some(_) => {}
        }
    }
    if to.with_rest_of(from) != *from {
        steps.push(Amendment::FieldChanged(FieldDefinition { values: Vec::new(), promoted: false, ..to.clone() }));
    }
    for value in from.values.iter().filter(|v| !to.values.iter().any(|other| other.number == v.number)) {
        let (key, number) = (value.key.clone(), value.number);
        steps.push(Amendment::ValueRetired { field: field(), key, number });
    }
    let keys = |f: &FieldDefinition| f.values.iter().map(|v| v.key.clone()).collect::<Vec<_>>();
    if let Some(keys) = reordered(&keys(from), keys(to)) {
        steps.push(Amendment::ValuesOrdered { field: field(), keys });
    }
    match (from.promoted, to.promoted) {
        (false, true) => steps.push(Amendment::FieldPromoted(field())),
        (true, false) => steps.push(Amendment::FieldDemoted(field())),
        (true, true) | (false, false) => {}
    }
}

/// What the module as a whole does with its fields.
fn chosen(from: &Definition, to: &Definition, steps: &mut Vec<Amendment>) {
    if from.title_field != to.title_field {
        steps.push(Amendment::TitleChosen(to.title_field.clone()));
    }
    let ties = |d: &Definition| (d.contact_field.clone(), d.company_field.clone(), d.owner_field.clone());
    if ties(from) != ties(to) {
        let (contact, company, owner) = ties(to);
        steps.push(Amendment::TiesChosen { contact, company, owner });
    }
    let status = |d: &Definition| Amendment::StatusChosen {
        field: d.status_field.clone(),
        closed: d.closed_values.clone(),
        awaiting: d.awaiting_value.clone(),
        active: d.active_value.clone(),
    };
    if status(from) != status(to) {
        steps.push(status(to));
    }
    if from.list_columns != to.list_columns {
        steps.push(Amendment::ListColumnsChosen(to.list_columns.clone()));
    }
}

/// The order that is wanted, unless what stays and what is added behind it are in that order by themselves.
fn reordered(from: &[String], to: Vec<String>) -> Option<Vec<String>> {
    let wanted: BTreeSet<&String> = to.iter().collect();
    let had: BTreeSet<&String> = from.iter().collect();
    let stay = from.iter().filter(|name| wanted.contains(name));
    let added = to.iter().filter(|name| !had.contains(name));
    (!stay.chain(added).eq(to.iter())).then_some(to)
}
