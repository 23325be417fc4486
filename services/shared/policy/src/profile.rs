//! The profile: what a portal user sees and may do, as a document that administrators edit and publish.

mod builtin;
mod problem;
mod rules;
mod validate;

pub use builtin::{DEFAULT_NAME, NON_PORTAL_USERS_NAME};
pub use problem::{Problem, Severity};
pub(crate) use rules::circular;

use crate::{
    access::{Access, PerAction, Scope},
    catalogue::Catalogue,
    condition::{CompiledCondition, Condition},
    labels::Labels,
    rule::Rule,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::collections::BTreeMap;

/// The form of the document, always 1 so far. Another number is refused, so that an older program never
/// misreads a newer document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Format;

impl Serialize for Format {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(1)
    }
}

impl<'de> Deserialize<'de> for Format {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u64::deserialize(deserializer)? {
            1 => Ok(Format),
            other => Err(de::Error::custom(format!("format {other} is not known; this is format 1"))),
        }
    }
}

/// A profile's document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The form of the document.
    pub format: Format,
    /// What administrators call it; not empty.
    pub name: String,
    /// For administrators.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// How far actions reach that say `inherit` in a module that says nothing.
    #[serde(default)]
    pub default_scope: Scope,
    /// Modules by name; what is not here is off.
    #[serde(default)]
    pub modules: BTreeMap<String, ModuleGrant>,
    /// The home page.
    #[serde(default)]
    pub home: Home,
    /// The id of the agent who owns records that are created from the portal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The id of the agent whose role's picklist values are offered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picklist_source: Option<String>,
    /// Which contacts get the profile without being given it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matching: Option<Matching>,
    /// Mail templates by the event that they are for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub templates: BTreeMap<String, String>,
    /// A portal user with the profile must have a second factor; who has none sets it up before seeing anything.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub require_mfa: bool,
}

/// Who gets a profile by condition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matching {
    /// The smallest number is asked first.
    pub priority: i32,
    /// Over `contact.*` and `company.*`.
    pub when: Condition,
}

impl Matching {
    /// The condition, ready to be asked of a contact. What names a field or value that no longer exists
    /// matches nobody.
    pub fn compile(&self, catalogue: &Catalogue) -> CompiledCondition {
        CompiledCondition::lenient_matching(&self.when, catalogue)
    }
}

/// How far an action goes in a module, as written in a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    /// Off.
    #[default]
    None,
    /// On, as far as the module's scope, else the profile's, else the installation's.
    Inherit,
    /// On, for one's own records.
    Mine,
    /// On, for the company's records.
    Company,
    /// On, for all records; only in modules without customer data.
    All,
}

impl Grant {
    /// The scope, once it is known what `inherit` means.
    pub fn resolve(self, inherited: Scope) -> Scope {
        match self {
            Grant::None => Scope::None,
            Grant::Inherit => inherited,
            Grant::Mine => Scope::Mine,
            Grant::Company => Scope::Company,
            Grant::All => Scope::All,
        }
    }
}

/// What a profile grants in one module.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModuleGrant {
    /// Off hides the module whatever else stands here, and keeps the settings.
    pub enabled: bool,
    /// The place in the menu; without one the module is reached by links only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub menu: Option<Menu>,
    /// The module's own scope for actions that say `inherit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// What may be done.
    #[serde(default)]
    pub actions: PerAction<Grant>,
    /// Only records for which this holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_condition: Option<Condition>,
    /// Fields by name; what is not here is hidden.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, FieldGrant>,
    /// The list's columns and order.
    #[serde(default)]
    pub list: ListLayout,
    /// Related lists that a record's page shows, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<String>,
    /// Conditional rules.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
}

/// A module's place in the menu.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Menu {
    /// Smaller comes first; equal ones by module name.
    #[serde(default)]
    pub order: u32,
    /// Instead of the module's own name.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub label: Labels,
    /// Instead of the module's own icon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
}

/// What a profile grants on one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldGrant {
    /// On records that exist. `write` needs the action *edit* as well.
    pub access: Access,
    /// While a record is created, where it differs from `access`. `write` needs the action *create*.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_create: Option<Access>,
    /// Must hold a value wherever it can be written.
    #[serde(default)]
    pub mandatory: bool,
}

impl FieldGrant {
    /// The same access while creating and after.
    pub fn new(access: Access) -> FieldGrant {
        FieldGrant { access, on_create: None, mandatory: false }
    }

    /// The access while a record is created.
    pub fn while_creating(self) -> Access {
        self.on_create.unwrap_or(self.access)
    }
}

/// A list's columns and order.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListLayout {
    /// Fields in order; empty: the module's own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<String>,
    /// A field, with `-` in front for downwards; none: `-modified_at`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
}

/// The home page.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Home {
    /// How the page greets.
    #[serde(default)]
    pub greeting: Greeting,
    /// A block of text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announcement: Option<Announcement>,
    /// Quick actions, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Button>,
    /// Names of widgets, in order: `recent_` and the name of a module (`recent_tickets`), or a word of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub widgets: Vec<String>,
    /// Names of shortcuts, in order: `create_` or `open_` and the name of a module (`create_tickets`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shortcuts: Vec<String>,
    /// Names of charts, in order (`open_cases_by_priority`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charts: Vec<String>,
}

/// How the home page greets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Greeting {
    /// "Welcome to …".
    #[default]
    Standard,
    /// By time of day, with the name.
    ByTime,
}

/// A block of text on the home page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Announcement {
    /// Markdown, per language.
    pub text: Labels,
    /// First day, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Last day, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
}

/// A quick action on the home page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Button {
    /// What it says.
    pub title: Labels,
    /// A second line.
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub description: Labels,
    /// A colour of the design tokens.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub color: String,
    /// An icon of the set.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub icon: String,
    /// What it does.
    pub action: ButtonAction,
}

/// What a quick action does. Without the right for it the button is not shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ButtonAction {
    /// Opens a module's list.
    Open(String),
    /// Opens the form for a new record of a module.
    Create(String),
}

#[cfg(test)]
mod tests;
