//! What happens to a module's definition, as messages: for who keeps definitions by records' events.

use crate::{
    event::StoredEvent,
    records::v1::{
        FieldDefinition, ModuleBlockAdded, ModuleBlockChanged, ModuleBlockRemoved, ModuleBlocksOrdered,
        ModuleColumnDropped, ModuleDefined, ModuleDefinition, ModuleDescribed, ModuleFieldAdded, ModuleFieldChanged,
        ModuleFieldDemoted, ModuleFieldPromoted, ModuleFieldRetired, ModuleFieldSortable, ModuleFieldsOrdered,
        ModuleListColumnsChosen, ModulePicklistValueAdded, ModulePicklistValueChanged, ModulePicklistValueRetired,
        ModulePicklistValuesOrdered, ModuleRelationAdded, ModuleStatusChosen, ModuleTiesChosen, ModuleTitleChosen,
        PicklistValue,
    },
};
use prost::{DecodeError, Message};

macro_rules! changes {
    ($($variant:ident($message:ident),)*) => {
        /// One event of a module's stream.
        #[derive(Debug, Clone, PartialEq)]
        pub enum ModuleChange {
            $(#[doc = concat!("See [`", stringify!($message), "`].")] $variant($message),)*
        }

        impl ModuleChange {
            /// The change that an event tells; none when it is no event of a module, or of a type that this version doesn't
            /// know.
            ///
            /// # Errors
            /// When the bytes are no such message.
            pub fn decode(stored_type: &str, payload: &[u8]) -> Result<Option<ModuleChange>, DecodeError> {
                Ok(match stored_type {
                    $($message::STORED_TYPE => Some(ModuleChange::$variant($message::decode(payload)?)),)*
                    _ => None,
                })
            }

            /// The stored type and the bytes of its message.
            pub fn encode(&self) -> (&'static str, Vec<u8>) {
                match self {
                    $(ModuleChange::$variant(message) => ($message::STORED_TYPE, message.encode_to_vec()),)*
                }
            }
        }
    };
}

changes! {
    Defined(ModuleDefined),
    Described(ModuleDescribed),
    BlockAdded(ModuleBlockAdded),
    BlockChanged(ModuleBlockChanged),
    BlockRemoved(ModuleBlockRemoved),
    BlocksOrdered(ModuleBlocksOrdered),
    FieldAdded(ModuleFieldAdded),
    RelationAdded(ModuleRelationAdded),
    FieldChanged(ModuleFieldChanged),
    FieldRetired(ModuleFieldRetired),
    FieldsOrdered(ModuleFieldsOrdered),
    FieldPromoted(ModuleFieldPromoted),
    FieldDemoted(ModuleFieldDemoted),
    FieldSortable(ModuleFieldSortable),
    ColumnDropped(ModuleColumnDropped),
    PicklistValueAdded(ModulePicklistValueAdded),
    PicklistValueChanged(ModulePicklistValueChanged),
    PicklistValueRetired(ModulePicklistValueRetired),
    PicklistValuesOrdered(ModulePicklistValuesOrdered),
    TitleChosen(ModuleTitleChosen),
    TiesChosen(ModuleTiesChosen),
    StatusChosen(ModuleStatusChosen),
    ListColumnsChosen(ModuleListColumnsChosen),
}

impl ModuleChange {
    /// The name of the module.
    pub fn module(&self) -> &str {
        match self {
            ModuleChange::Defined(m) => m.definition.as_ref().map_or("", |d| d.name.as_str()),
            ModuleChange::Described(m) => &m.module,
            ModuleChange::BlockAdded(m) => &m.module,
            ModuleChange::BlockChanged(m) => &m.module,
            ModuleChange::BlockRemoved(m) => &m.module,
            ModuleChange::BlocksOrdered(m) => &m.module,
            ModuleChange::FieldAdded(m) => &m.module,
            ModuleChange::RelationAdded(m) => &m.module,
            ModuleChange::FieldChanged(m) => &m.module,
            ModuleChange::FieldRetired(m) => &m.module,
            ModuleChange::FieldsOrdered(m) => &m.module,
            ModuleChange::FieldPromoted(m) => &m.module,
            ModuleChange::FieldDemoted(m) => &m.module,
            ModuleChange::FieldSortable(m) => &m.module,
            ModuleChange::ColumnDropped(m) => &m.module,
            ModuleChange::PicklistValueAdded(m) => &m.module,
            ModuleChange::PicklistValueChanged(m) => &m.module,
            ModuleChange::PicklistValueRetired(m) => &m.module,
            ModuleChange::PicklistValuesOrdered(m) => &m.module,
            ModuleChange::TitleChosen(m) => &m.module,
            ModuleChange::TiesChosen(m) => &m.module,
            ModuleChange::StatusChosen(m) => &m.module,
            ModuleChange::ListColumnsChosen(m) => &m.module,
        }
    }

    /// Brings a definition up to this event, which comes next in the module's stream. What is sortable is no part of it.
    pub fn apply(self, d: &mut ModuleDefinition) {
        match self {
            ModuleChange::Defined(m) => *d = m.definition.unwrap_or_default(),
            ModuleChange::Described(m) => {
                (d.singular, d.plural, d.icon, d.prefix) = (m.singular, m.plural, m.icon, m.prefix);
                (d.first_number, d.comments) = (m.first_number, m.comments);
            }
            ModuleChange::BlockAdded(m) => d.blocks.extend(m.block),
            ModuleChange::BlockChanged(m) => {
                let Some(block) = m.block else { return };
                if let Some(there) = d.blocks.iter_mut().find(|b| b.name == block.name) {
                    *there = block;
                }
            }
            ModuleChange::BlockRemoved(m) => d.blocks.retain(|b| b.name != m.block),
            ModuleChange::BlocksOrdered(m) => order(&mut d.blocks, &m.blocks, |b| &b.name),
            ModuleChange::FieldAdded(m) => d.fields.extend(m.field),
            ModuleChange::RelationAdded(m) => d.fields.extend(m.field),
            ModuleChange::FieldChanged(m) => {
                let Some(mut field) = m.field else { return };
                if let Some(there) = field_of(d, field.number) {
                    (field.values, field.promoted) = (std::mem::take(&mut there.values), there.promoted);
                    *there = field;
                }
            }
            ModuleChange::FieldRetired(m) => d.fields.retain(|f| f.number != m.number),
            ModuleChange::FieldsOrdered(m) => order(&mut d.fields, &m.fields, |f| &f.name),
            ModuleChange::FieldPromoted(m) => promote(d, m.number, true),
            ModuleChange::FieldDemoted(m) => promote(d, m.number, false),
            ModuleChange::FieldSortable(_) | ModuleChange::ColumnDropped(_) => {}
            ModuleChange::PicklistValueAdded(m) => {
                if let Some(values) = values_of(d, m.field_number) {
                    values.extend(m.value);
                }
            }
            ModuleChange::PicklistValueChanged(m) => {
                let (Some(value), Some(values)) = (m.value, values_of(d, m.field_number)) else { return };
                if let Some(there) = values.iter_mut().find(|v| v.number == value.number) {
                    *there = value;
                }
            }
            ModuleChange::PicklistValueRetired(m) => {
                if let Some(values) = values_of(d, m.field_number) {
                    values.retain(|v| v.number != m.number);
                }
            }
            ModuleChange::PicklistValuesOrdered(m) => {
                if let Some(values) = values_of(d, m.field_number) {
                    order(values, &m.keys, |v| &v.key);
                }
            }
            ModuleChange::TitleChosen(m) => d.title_field = m.title_field,
            ModuleChange::TiesChosen(m) => {
                (d.contact_field, d.company_field, d.owner_field) = (m.contact_field, m.company_field, m.owner_field);
            }
            ModuleChange::StatusChosen(m) => {
                (d.status_field, d.closed_values) = (m.status_field, m.closed_values);
                (d.awaiting_value, d.active_value) = (m.awaiting_value, m.active_value);
            }
            ModuleChange::ListColumnsChosen(m) => d.list_columns = m.list_columns,
        }
    }
}

fn field_of(d: &mut ModuleDefinition, number: u32) -> Option<&mut FieldDefinition> {
    d.fields.iter_mut().find(|f| f.number == number)
}

fn values_of(d: &mut ModuleDefinition, field: u32) -> Option<&mut Vec<PicklistValue>> {
    field_of(d, field).map(|f| &mut f.values)
}

fn promote(d: &mut ModuleDefinition, number: u32, promoted: bool) {
    if let Some(field) = field_of(d, number) {
        field.promoted = promoted;
    }
}

/// Puts things into the order of their names.
fn order<T>(things: &mut [T], names: &[String], name: impl Fn(&T) -> &String) {
    things.sort_by_key(|thing| names.iter().position(|n| n == name(thing)).unwrap_or(names.len()));
}
