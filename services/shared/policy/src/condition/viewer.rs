//! Who looks at a record, as far as conditions ask.

use fields::ValueRef;
use kernel::ActorKind;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Who looks, as far as conditions ask (`viewer.*`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Viewer {
    /// Contact, agent or service.
    pub kind: ActorKind,
    /// The id of the contact or agent.
    pub id: String,
    /// The ids of the contact's companies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub companies: Vec<String>,
    /// The agent's roles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// The agent's groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// `department` and `language`, where known.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
}

impl Viewer {
    /// A viewer of whom only kind and id are known.
    pub fn new(kind: ActorKind, id: impl Into<String>) -> Viewer {
        Viewer {
            kind,
            id: id.into(),
            companies: Vec::new(),
            roles: Vec::new(),
            groups: Vec::new(),
            fields: BTreeMap::new(),
        }
    }

    pub(crate) fn value(&self, name: &str) -> ValueRef<'_> {
        match name {
            "kind" => ValueRef::Text(self.kind.as_str()),
            "id" => ValueRef::Text(&self.id),
            "roles" => ValueRef::Texts(&self.roles),
            "groups" => ValueRef::Texts(&self.groups),
            other => self.fields.get(other).map_or(ValueRef::Empty, |v| ValueRef::Text(v)),
        }
    }
}
