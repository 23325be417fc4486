//! What the installation has, as far as profiles speak of it: modules, fields and agents.

use fields::{FieldType, PointsTo};
use policy::{COMPANIES, CONTACTS, Catalogue, FieldShape, ModuleShape};
use proto::records::v1::{FieldDefinition, ModuleDefinition};
use std::collections::BTreeSet;
use uuid::Uuid;

/// What profiles are checked against and compiled with.
#[derive(Debug, Clone, Default)]
pub(crate) struct Installation {
    /// Modules and fields.
    pub(crate) catalogue: Catalogue,
    /// Agents, enabled or not.
    pub(crate) agents: BTreeSet<Uuid>,
    personal: BTreeSet<(String, String)>,
    defaulted: BTreeSet<(String, String)>,
}

impl Installation {
    /// From the modules' definitions and the agents' ids.
    pub(crate) fn new(definitions: &[ModuleDefinition], agents: BTreeSet<Uuid>) -> Installation {
        let mut installation = Installation { agents, ..Installation::default() };
        for definition in definitions {
            let mut shape = shape(definition);
            // A record's page can show the lists of every module that points at it.
            shape.related = (definitions.iter())
                .filter(|other| other.fields.iter().any(|f| f.target_module == definition.name))
                .map(|other| other.name.clone())
                .collect();
            installation.catalogue.modules.insert(definition.name.clone(), shape);
            let personal = definition.fields.iter().filter(|f| f.personal);
            installation.personal.extend(personal.map(|f| (definition.name.clone(), f.name.clone())));
            let defaulted = definition.fields.iter().filter(|f| !f.default_value.is_empty());
            installation.defaulted.extend(defaulted.map(|f| (definition.name.clone(), f.name.clone())));
        }
        installation
    }

    /// False in the first moments of a new installation: contacts and companies always exist.
    pub(crate) fn is_known(&self) -> bool {
        [CONTACTS, COMPANIES].iter().all(|name| self.catalogue.module(name).is_some())
    }

    /// True for fields whose values are not kept here.
    pub(crate) fn is_personal(&self, module: &str, field: &str) -> bool {
        self.personal.contains(&(module.to_owned(), field.to_owned()))
    }

    /// True for fields that have a value in a new record even when nobody gives one.
    pub(crate) fn has_default(&self, module: &str, field: &str) -> bool {
        self.defaulted.contains(&(module.to_owned(), field.to_owned()))
    }
}

fn shape(definition: &ModuleDefinition) -> ModuleShape {
    let named = |name: &str| (!name.is_empty()).then(|| name.to_owned());
    // Only what points at nothing certainly belongs to no customer.
    let is_tied = definition.fields.iter().any(|f| kind(f).points_to() == Some(PointsTo::Record))
        || !definition.contact_field.is_empty()
        || !definition.company_field.is_empty()
        || [CONTACTS, COMPANIES].contains(&definition.name.as_str());
    ModuleShape {
        fields: definition.fields.iter().map(|f| (f.name.clone(), field(f))).collect(),
        without_customer_data: !is_tied,
        contact_field: named(&definition.contact_field),
        company_field: named(&definition.company_field),
        status_field: named(&definition.status_field),
        related: Vec::new(),
    }
}

/// A type of a newer version is only ever empty or not.
fn kind(definition: &FieldDefinition) -> FieldType {
    FieldType::numbered(definition.r#type).unwrap_or(FieldType::Formula)
}

fn field(definition: &FieldDefinition) -> FieldShape {
    FieldShape {
        kind: kind(definition),
        values: definition.values.iter().map(|v| v.key.clone()).collect(),
        target: (!definition.target_module.is_empty()).then(|| definition.target_module.clone()),
        mandatory: definition.mandatory,
        block: definition.block.clone(),
    }
}

#[cfg(test)]
mod tests;
