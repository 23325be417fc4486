//! Definitions as messages and back.

use crate::domain::module::{Block, Definition, FieldDefinition, Label, PicklistValue};
use proto::records::v1 as wire;

/// A definition from the wire. Nothing is refused here: the domain says what is legal.
pub fn definition(d: wire::ModuleDefinition) -> Definition {
    Definition {
        name: d.name,
        number: d.number,
        singular: labels(d.singular),
        plural: labels(d.plural),
        icon: d.icon,
        prefix: d.prefix,
        first_number: d.first_number,
        blocks: d.blocks.into_iter().map(block).collect(),
        fields: d.fields.into_iter().map(field).collect(),
        title_field: d.title_field,
        contact_field: d.contact_field,
        company_field: d.company_field,
        owner_field: d.owner_field,
        status_field: d.status_field,
        closed_values: d.closed_values,
        list_columns: d.list_columns,
        comments: d.comments,
        awaiting_value: d.awaiting_value,
        active_value: d.active_value,
    }
}

impl From<wire::ModuleDefinition> for Definition {
    fn from(d: wire::ModuleDefinition) -> Definition {
        definition(d)
    }
}

impl From<wire::FieldDefinition> for FieldDefinition {
    fn from(f: wire::FieldDefinition) -> FieldDefinition {
        field(f)
    }
}

/// A definition on the wire.
pub fn definition_message(d: &Definition) -> wire::ModuleDefinition {
    wire::ModuleDefinition {
        name: d.name.clone(),
        number: d.number,
        singular: label_messages(&d.singular),
        plural: label_messages(&d.plural),
        icon: d.icon.clone(),
        prefix: d.prefix.clone(),
        first_number: d.first_number,
        blocks: d.blocks.iter().map(block_message).collect(),
        fields: d.fields.iter().map(field_message).collect(),
        title_field: d.title_field.clone(),
        contact_field: d.contact_field.clone(),
        company_field: d.company_field.clone(),
        owner_field: d.owner_field.clone(),
        status_field: d.status_field.clone(),
        closed_values: d.closed_values.clone(),
        list_columns: d.list_columns.clone(),
        comments: d.comments,
        awaiting_value: d.awaiting_value.clone(),
        active_value: d.active_value.clone(),
    }
}

pub(super) fn labels(labels: Vec<wire::Label>) -> Vec<Label> {
    labels.into_iter().map(|l| Label { language: l.language, text: l.text }).collect()
}

pub(super) fn label_messages(labels: &[Label]) -> Vec<wire::Label> {
    labels.iter().map(|l| wire::Label { language: l.language.clone(), text: l.text.clone() }).collect()
}

pub(super) fn block(b: wire::BlockDefinition) -> Block {
    Block { name: b.name, labels: labels(b.labels) }
}

pub(super) fn block_message(b: &Block) -> wire::BlockDefinition {
    wire::BlockDefinition { name: b.name.clone(), labels: label_messages(&b.labels) }
}

pub(super) fn value(v: wire::PicklistValue) -> PicklistValue {
    PicklistValue {
        key: v.key,
        labels: labels(v.labels),
        color: v.color,
        number: v.number,
        customer_labels: labels(v.customer_labels),
    }
}

pub(super) fn value_message(v: &PicklistValue) -> wire::PicklistValue {
    wire::PicklistValue {
        key: v.key.clone(),
        labels: label_messages(&v.labels),
        color: v.color.clone(),
        number: v.number,
        customer_labels: label_messages(&v.customer_labels),
    }
}

pub(super) fn field(f: wire::FieldDefinition) -> FieldDefinition {
    FieldDefinition {
        name: f.name,
        number: f.number,
        type_number: f.r#type,
        labels: labels(f.labels),
        help: labels(f.help),
        mandatory: f.mandatory,
        personal: f.personal,
        promoted: f.promoted,
        max_length: f.max_length,
        values: f.values.into_iter().map(value).collect(),
        target_module: f.target_module,
        default_value: f.default_value,
        block: f.block,
    }
}

/// A field on the wire.
pub fn field_message(f: &FieldDefinition) -> wire::FieldDefinition {
    wire::FieldDefinition {
        name: f.name.clone(),
        number: f.number,
        r#type: f.type_number,
        labels: label_messages(&f.labels),
        help: label_messages(&f.help),
        mandatory: f.mandatory,
        personal: f.personal,
        promoted: f.promoted,
        max_length: f.max_length,
        values: f.values.iter().map(value_message).collect(),
        target_module: f.target_module.clone(),
        default_value: f.default_value.clone(),
        block: f.block.clone(),
    }
}
