//! What exists: the modules, fields and picklist values that a profile may speak of.
//!
//! A small picture of the records service's metadata, enough to check and to compile documents.

use crate::{access::Access, value::OwnedValue};
use fields::{FieldType, PointsTo};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::LazyLock};

/// The module that is the customer companies; its records can't be created from the portal.
pub const COMPANIES: &str = "companies";
/// The module that is the customers' people.
pub const CONTACTS: &str = "contacts";

/// The contacts' mark of the one that is the company's own portal user.
pub const PRIMARY: &str = "primary";

/// True for a field that customers never change, whatever a profile says: which agent owns a record, and what decides
/// which records a contact sees.
pub(crate) fn is_read_only_from_outside(module: &str, field: &str, kind: FieldType) -> bool {
    kind.points_to() == Some(PointsTo::Agent) || (module == CONTACTS && field == PRIMARY)
}

/// Fields that every record has and that no profile governs: whoever sees the record sees them, but for those of
/// [`Conversational`].
pub const SYSTEM_FIELDS: [&str; 12] = [
    "closed_at",
    "created_at",
    "created_by",
    "created_by_ext",
    "id",
    "last_activity_at",
    "last_word",
    "modified_at",
    "modified_by_ext",
    "number",
    "version",
    "waiting_since",
];

/// What `last_word` can be.
pub(crate) static LAST_WORDS: LazyLock<[String; 2]> = LazyLock::new(|| ["customer", "support"].map(str::to_owned));

/// What a field that every record has tells of its conversation, and so who may ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conversational {
    /// What was said: who reads comments.
    Comments,
    /// For how long support has been silent: who reads comments and is one of the operator's people.
    Waiting,
    /// The status: who reads it.
    Status,
}

impl Conversational {
    /// Of a field's name; none when it tells nothing of the conversation.
    pub fn of(field: &str) -> Option<Conversational> {
        match field {
            "last_activity_at" | "last_word" => Some(Conversational::Comments),
            "waiting_since" => Some(Conversational::Waiting),
            "closed_at" => Some(Conversational::Status),
            _ => None,
        }
    }
}

/// What everybody who sees a record may do with a field that every record has.
pub(crate) fn system_field(name: &str) -> Option<Access> {
    SYSTEM_FIELDS.contains(&name).then_some(Access::Read)
}

/// One field of a module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldShape {
    /// Its type.
    pub kind: FieldType,
    /// The stable keys of a picklist.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// For relations: the module that the value points to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Every record needs a value, whatever a profile says.
    #[serde(default)]
    pub mandatory: bool,
    /// The block that the field is shown in.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub block: String,
}

impl FieldShape {
    /// A field of a type, optional, in no block.
    pub fn new(kind: FieldType) -> FieldShape {
        FieldShape { kind, values: Vec::new(), target: None, mandatory: false, block: String::new() }
    }

    /// A picklist with these keys.
    pub fn picklist(values: &[&str]) -> FieldShape {
        let values = values.iter().map(|v| (*v).to_owned()).collect();
        FieldShape { values, ..FieldShape::new(FieldType::Picklist) }
    }

    /// True when the field can hold a value that a rule sets.
    pub(crate) fn takes(&self, value: &OwnedValue) -> bool {
        self.kind.family().holds(value.as_value(), &self.values)
    }

    /// A relation to a module.
    pub fn relation(target: &str) -> FieldShape {
        FieldShape { target: Some(target.to_owned()), ..FieldShape::new(FieldType::Relation) }
    }
}

/// One module.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModuleShape {
    /// Fields by name.
    #[serde(default)]
    pub fields: BTreeMap<String, FieldShape>,
    /// Records belong to no customer (FAQs), so that a contact may be given all of them. False for
    /// contacts, companies and every module with a relation that ties records to them; the safe side
    /// when in doubt.
    #[serde(default)]
    pub without_customer_data: bool,
    /// The relation that ties a record to a contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_field: Option<String>,
    /// The relation that ties a record to a company.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company_field: Option<String>,
    /// The picklist that says how far the work is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_field: Option<String>,
    /// Names of the related lists that a record's page can show.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<String>,
}

/// Everything that exists, by module name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    /// Modules by name.
    #[serde(default)]
    pub modules: BTreeMap<String, ModuleShape>,
}

impl Catalogue {
    /// A module by name.
    pub fn module(&self, name: &str) -> Option<&ModuleShape> {
        self.modules.get(name)
    }

    /// The type of a field of a module; the fields that every record has too.
    pub fn field_type(&self, module: &str, field: &str) -> Option<FieldType> {
        let module = self.modules.get(module)?;
        match field {
            "created_at" | "modified_at" | "last_activity_at" | "waiting_since" | "closed_at" => {
                Some(FieldType::DateTime)
            }
            "last_word" => Some(FieldType::Picklist),
            "version" => Some(FieldType::Integer),
            "id" => Some(FieldType::Relation),
            "number" => Some(FieldType::AutoNumber),
            _ => module.fields.get(field).map(|f| f.kind),
        }
    }
}
