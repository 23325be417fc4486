//! A module's events as messages and back.

use super::definition::{
    block, block_message, definition, definition_message, field, field_message, label_messages, labels, value,
    value_message,
};
use crate::domain::module::{Amendment, Description, Event, FieldRef};
use proto::{ModuleChange, records::v1 as wire};

/// An event as a message.
pub(super) fn change(event: &Event) -> ModuleChange {
    let module = event.module.clone();
    let named = |f: &FieldRef| (f.name.clone(), f.number);
    match &event.amendment {
        Amendment::Defined(d) => ModuleChange::Defined(wire::ModuleDefined { definition: Some(definition_message(d)) }),
        Amendment::Described(d) => ModuleChange::Described(wire::ModuleDescribed {
            module,
            singular: label_messages(&d.singular),
            plural: label_messages(&d.plural),
            icon: d.icon.clone(),
            prefix: d.prefix.clone(),
            first_number: d.first_number,
            comments: d.comments,
        }),
        Amendment::BlockAdded(b) => {
            ModuleChange::BlockAdded(wire::ModuleBlockAdded { module, block: Some(block_message(b)) })
        }
        Amendment::BlockChanged(b) => {
            ModuleChange::BlockChanged(wire::ModuleBlockChanged { module, block: Some(block_message(b)) })
        }
        Amendment::BlockRemoved(block) => {
            ModuleChange::BlockRemoved(wire::ModuleBlockRemoved { module, block: block.clone() })
        }
        Amendment::BlocksOrdered(blocks) => {
            ModuleChange::BlocksOrdered(wire::ModuleBlocksOrdered { module, blocks: blocks.clone() })
        }
        Amendment::FieldAdded(f) => {
            ModuleChange::FieldAdded(wire::ModuleFieldAdded { module, field: Some(field_message(f)) })
        }
        Amendment::RelationAdded(f) => {
            ModuleChange::RelationAdded(wire::ModuleRelationAdded { module, field: Some(field_message(f)) })
        }
        Amendment::FieldChanged(f) => {
            ModuleChange::FieldChanged(wire::ModuleFieldChanged { module, field: Some(field_message(f)) })
        }
        Amendment::FieldRetired(f) => {
            let (field, number) = named(f);
            ModuleChange::FieldRetired(wire::ModuleFieldRetired { module, field, number })
        }
        Amendment::FieldsOrdered(fields) => {
            ModuleChange::FieldsOrdered(wire::ModuleFieldsOrdered { module, fields: fields.clone() })
        }
        Amendment::FieldPromoted(f) => {
            let (field, number) = named(f);
            ModuleChange::FieldPromoted(wire::ModuleFieldPromoted { module, field, number })
        }
        Amendment::FieldDemoted(f) => {
            let (field, number) = named(f);
            ModuleChange::FieldDemoted(wire::ModuleFieldDemoted { module, field, number })
        }
        Amendment::FieldSortable(f) => {
            let (field, number) = named(f);
            ModuleChange::FieldSortable(wire::ModuleFieldSortable { module, field, number })
        }
        Amendment::ColumnDropped(f) => {
            let (field, number) = named(f);
            ModuleChange::ColumnDropped(wire::ModuleColumnDropped { module, field, number })
        }
        Amendment::ValueAdded { field: f, value } => {
            let (field, field_number) = named(f);
            let value = Some(value_message(value));
            ModuleChange::PicklistValueAdded(wire::ModulePicklistValueAdded { module, field, field_number, value })
        }
        Amendment::ValueChanged { field: f, value } => {
            let (field, field_number) = named(f);
            let value = Some(value_message(value));
            ModuleChange::PicklistValueChanged(wire::ModulePicklistValueChanged { module, field, field_number, value })
        }
        Amendment::ValueRetired { field: f, key, number } => {
            let (field, field_number) = named(f);
            let (key, number) = (key.clone(), *number);
            let message = wire::ModulePicklistValueRetired { module, field, field_number, key, number };
            ModuleChange::PicklistValueRetired(message)
        }
        Amendment::ValuesOrdered { field: f, keys } => {
            let (field, field_number) = named(f);
            let keys = keys.clone();
            ModuleChange::PicklistValuesOrdered(wire::ModulePicklistValuesOrdered { module, field, field_number, keys })
        }
        Amendment::TitleChosen(fields) => {
            ModuleChange::TitleChosen(wire::ModuleTitleChosen { module, title_field: fields.clone() })
        }
        Amendment::TiesChosen { contact, company, owner } => ModuleChange::TiesChosen(wire::ModuleTiesChosen {
            module,
            contact_field: contact.clone(),
            company_field: company.clone(),
            owner_field: owner.clone(),
        }),
        Amendment::StatusChosen { field, closed, awaiting, active } => {
            ModuleChange::StatusChosen(wire::ModuleStatusChosen {
                module,
                status_field: field.clone(),
                closed_values: closed.clone(),
                awaiting_value: awaiting.clone(),
                active_value: active.clone(),
            })
        }
        Amendment::ListColumnsChosen(columns) => {
            ModuleChange::ListColumnsChosen(wire::ModuleListColumnsChosen { module, list_columns: columns.clone() })
        }
    }
}

/// The event that a message tells.
pub(super) fn event(change: ModuleChange) -> Event {
    let module = change.module().to_owned();
    let of = |name: String, number: u32| FieldRef { name, number };
    let amendment = match change {
        ModuleChange::Defined(m) => Amendment::Defined(definition(m.definition.unwrap_or_default())),
        ModuleChange::Described(m) => Amendment::Described(Description {
            singular: labels(m.singular),
            plural: labels(m.plural),
            icon: m.icon,
            prefix: m.prefix,
            first_number: m.first_number,
            comments: m.comments,
        }),
        ModuleChange::BlockAdded(m) => Amendment::BlockAdded(block(m.block.unwrap_or_default())),
        ModuleChange::BlockChanged(m) => Amendment::BlockChanged(block(m.block.unwrap_or_default())),
        ModuleChange::BlockRemoved(m) => Amendment::BlockRemoved(m.block),
        ModuleChange::BlocksOrdered(m) => Amendment::BlocksOrdered(m.blocks),
        ModuleChange::FieldAdded(m) => Amendment::FieldAdded(field(m.field.unwrap_or_default())),
        ModuleChange::RelationAdded(m) => Amendment::RelationAdded(field(m.field.unwrap_or_default())),
        ModuleChange::FieldChanged(m) => Amendment::FieldChanged(field(m.field.unwrap_or_default())),
        ModuleChange::FieldRetired(m) => Amendment::FieldRetired(of(m.field, m.number)),
        ModuleChange::FieldsOrdered(m) => Amendment::FieldsOrdered(m.fields),
        ModuleChange::FieldPromoted(m) => Amendment::FieldPromoted(of(m.field, m.number)),
        ModuleChange::FieldDemoted(m) => Amendment::FieldDemoted(of(m.field, m.number)),
        ModuleChange::FieldSortable(m) => Amendment::FieldSortable(of(m.field, m.number)),
        ModuleChange::ColumnDropped(m) => Amendment::ColumnDropped(of(m.field, m.number)),
        ModuleChange::PicklistValueAdded(m) => {
            Amendment::ValueAdded { field: of(m.field, m.field_number), value: value(m.value.unwrap_or_default()) }
        }
        ModuleChange::PicklistValueChanged(m) => {
            Amendment::ValueChanged { field: of(m.field, m.field_number), value: value(m.value.unwrap_or_default()) }
        }
        ModuleChange::PicklistValueRetired(m) => {
            Amendment::ValueRetired { field: of(m.field, m.field_number), key: m.key, number: m.number }
        }
        ModuleChange::PicklistValuesOrdered(m) => {
            Amendment::ValuesOrdered { field: of(m.field, m.field_number), keys: m.keys }
        }
        ModuleChange::TitleChosen(m) => Amendment::TitleChosen(m.title_field),
        ModuleChange::TiesChosen(m) => {
            Amendment::TiesChosen { contact: m.contact_field, company: m.company_field, owner: m.owner_field }
        }
        ModuleChange::StatusChosen(m) => Amendment::StatusChosen {
            field: m.status_field,
            closed: m.closed_values,
            awaiting: m.awaiting_value,
            active: m.active_value,
        },
        ModuleChange::ListColumnsChosen(m) => Amendment::ListColumnsChosen(m.list_columns),
    };
    Event { module, amendment }
}
