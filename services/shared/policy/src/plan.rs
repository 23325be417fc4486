//! The access plan: everything that is needed to decide for one subject without asking again.
//!
//! `permissions` compiles it, `records` and `gateway` keep it. It travels as JSON. What a module's plan
//! contains is typed and resolved, so that deciding neither looks up names nor parses.

mod agent;
mod compile;

pub use agent::{AgentGrant, AgentRole, RecordsGrant, Role};
pub use compile::{CompanyGrant, ContactGrant};

use crate::{
    access::{Access, Action, PerAction, Scope},
    catalogue::system_field,
    condition::{CompiledCondition, Node, Operand, Viewer},
    labels::Labels,
    profile::{Home, ListLayout, Menu},
    value::OwnedValue,
};
use fields::FieldType;
use kernel::{Actor, ActorKind, Right, Rights};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{collections::BTreeMap, sync::Arc};

/// Who the plan is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// Contact, agent or service.
    pub kind: ActorKind,
    /// The contact's or agent's id.
    pub id: String,
}

/// Which profile governs, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChosenProfile {
    /// The profile's id; for agents and services the role's name.
    pub id: String,
    /// The published version; 0 for agents and services.
    pub version: u32,
    /// Why this one.
    pub chosen_because: ChosenBecause,
}

/// Why a profile governs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChosenBecause {
    /// It was given to the contact by hand.
    Explicit,
    /// Its match condition is the first that holds.
    Matched,
    /// No other does.
    Default,
    /// The subject came by a secure link.
    SecureLink,
    /// The subject is an agent: the role decides.
    Role,
    /// The subject is a service.
    Service,
}

/// The modules of a plan, shared between the plans of contacts with the same profile and version.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Modules(Arc<BTreeMap<String, ModuleAccess>>);

impl Serialize for Modules {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Modules {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(deserializer).map(|modules| Modules(Arc::new(modules)))
    }
}

/// Everything that is needed to decide for one subject.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessPlan {
    /// Who.
    pub subject: Subject,
    /// The position of the permissions log that the plan stands on.
    pub policy_version: i64,
    /// The profile and why.
    pub profile: ChosenProfile,
    /// The contact's number in the read model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact_number: Option<u64>,
    /// The numbers of the contact's companies in the read model.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub company_numbers: Vec<u64>,
    /// Who looks, for conditions.
    pub viewer: Viewer,
    /// What agents may do beyond records.
    #[serde(default)]
    pub rights: Rights,
    /// Modules by name.
    #[serde(default)]
    modules: Modules,
    /// For every other module; contacts have none, so that what is not granted does not exist.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    any_module: Option<ModuleAccess>,
    /// The home page.
    #[serde(default)]
    pub home: Home,
    /// The agent who owns records that the subject creates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// The agent whose role's picklist values are offered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picklist_source: Option<String>,
    /// Mail templates by the event that they are for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub templates: BTreeMap<String, String>,
    /// The profile wants a second factor; see [`AccessPlan::lacks_factor`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub require_mfa: bool,
}

/// What a subject may do in one module.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModuleAccess {
    /// The place in the menu.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub menu: Option<Menu>,
    /// How far each action reaches; never further than *view*, except *create*.
    #[serde(default)]
    pub actions: PerAction<Scope>,
    /// Only records for which this holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_condition: Option<CompiledCondition>,
    /// The list's columns and order.
    #[serde(default)]
    pub list: ListLayout,
    /// Related lists of a record's page.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<String>,
    /// By name, ascending. Sealed: a change of order would break the places that rules hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) fields: Vec<PlanField>,
    /// Access to fields that aren't listed.
    #[serde(default)]
    pub(crate) other_fields: Access,
    /// What the rules' conditions read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) operands: Vec<Operand>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) rules: Vec<PlanRule>,
}

/// One field of a module's plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanField {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: FieldType,
    /// On records that exist.
    pub access: Access,
    /// While creating.
    pub on_create: Access,
    /// Must hold a value wherever it is writable.
    #[serde(default)]
    pub mandatory: bool,
}

/// A rule, typed and resolved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PlanRule {
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) priority: i32,
    pub(crate) when: Node,
    pub(crate) effects: Vec<PlanEffect>,
    #[serde(default, skip_serializing_if = "Labels::is_empty")]
    pub(crate) public_reason: Labels,
}

/// What a rule does; fields are places in the module's list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PlanEffect {
    Visibility(u16, Access),
    Mandatory(u16),
    SetValue(u16, OwnedValue),
    AllowedValues(u16, Vec<String>),
    ReadOnlyRecord,
    HideBlock(String, Vec<u16>),
    HideRelated(String),
    ActionOff(Action),
    Message(Labels),
}

impl AccessPlan {
    /// True when the two have one copy of their modules.
    pub fn shares_modules(&self, other: &AccessPlan) -> bool {
        Arc::ptr_eq(&self.modules.0, &other.modules.0)
    }

    /// What the subject may do in a module; None when the module does not exist for it.
    pub fn module(&self, name: &str) -> Option<&ModuleAccess> {
        self.modules.0.get(name).or(self.any_module.as_ref())
    }

    /// The modules that are named in the plan. Agents and services see every other module too, see
    /// [`AccessPlan::sees_all_modules`].
    pub fn modules(&self) -> impl Iterator<Item = (&str, &ModuleAccess)> {
        self.modules.0.iter().map(|(name, access)| (name.as_str(), access))
    }

    /// True when modules that the plan doesn't name are open as well.
    pub fn sees_all_modules(&self) -> bool {
        self.any_module.is_some()
    }

    /// The modules of the menu, in order.
    pub fn menu(&self) -> Vec<(&str, &Menu)> {
        let mut menu: Vec<(&str, &Menu)> = self
            .modules()
            .filter(|(_, m)| m.actions.get(Action::View) != Scope::None)
            .filter_map(|(name, m)| m.menu.as_ref().map(|menu| (name, menu)))
            .collect();
        menu.sort_by_key(|(_, menu)| menu.order);
        menu
    }

    /// How far an action reaches in a module. `None` when the module does not exist for the subject.
    pub fn scope(&self, module: &str, action: Action) -> Scope {
        self.module(module).map_or(Scope::None, |m| m.actions.get(action))
    }

    /// What may be done with a field of a module before any record and rule is looked at: the ceiling.
    pub fn field(&self, module: &str, field: &str, on_create: bool) -> Access {
        self.module(module).map_or(Access::Hidden, |m| m.field(field, on_create))
    }

    /// True when the subject has a right beyond records.
    pub fn may(&self, right: Right) -> bool {
        self.rights.contains(right)
    }

    /// True when internal comments and other things between agents are open to the subject: never to who looks from
    /// outside, a contact or whoever came by a company's link.
    pub fn is_internal(&self) -> bool {
        !self.subject.kind.is_customer()
    }

    /// True when the profile wants a second factor that the caller has not proved. Then nothing but its set-up is open to
    /// the caller: every service refuses with [`AccessPlan::FACTOR_MISSING`].
    pub fn lacks_factor(&self, caller: &Actor) -> bool {
        self.require_mfa && self.subject.kind == ActorKind::Contact && !caller.has_second_factor()
    }

    /// The reason of the refusal for who lacks a second factor.
    pub const FACTOR_MISSING: &'static str = "mfa_enrolment_required";

    /// Lets this plan use another's modules in memory when they are the same. A plan that came over the wire has a copy of
    /// its own, which is nearly all of its memory.
    pub fn share_modules(&mut self, other: &AccessPlan) {
        if self.modules == other.modules {
            self.modules = other.modules.clone();
        }
    }
}

impl ModuleAccess {
    /// The named fields that are not hidden both while creating and after, by name.
    pub fn fields(&self) -> impl Iterator<Item = &PlanField> {
        self.fields.iter().filter(|f| f.access.is_visible() || f.on_create.is_visible())
    }

    /// Access to fields that the plan doesn't name: hidden for contacts.
    pub fn other_fields(&self) -> Access {
        self.other_fields
    }

    /// The place of a field in the list.
    pub(crate) fn place(&self, field: &str) -> Option<usize> {
        self.fields.binary_search_by(|f| f.name.as_str().cmp(field)).ok()
    }

    /// What may be done with a field before any record and rule is looked at: the ceiling.
    pub fn field(&self, field: &str, on_create: bool) -> Access {
        if let Some(access) = system_field(field) {
            return access;
        }
        let access = match self.place(field) {
            Some(at) if on_create => self.fields[at].on_create,
            Some(at) => self.fields[at].access,
            None => self.other_fields,
        };
        access.min(self.ceiling(on_create))
    }

    /// Without the action, nothing can be written.
    pub(crate) fn ceiling(&self, on_create: bool) -> Access {
        let action = if on_create { Action::Create } else { Action::Edit };
        match self.actions.get(action) {
            Scope::None => Access::Read,
            _ => Access::Write,
        }
    }

    /// True when a new record needs a value in the field.
    pub fn mandatory_on_create(&self, field: &str) -> bool {
        self.place(field).is_some_and(|at| self.fields[at].mandatory) && self.field(field, true).is_writable()
    }

    /// True when a rule may hide or mask the field on some records. Such a field can't be filtered,
    /// sorted or searched in the database: the answer would tell what the record hides.
    pub fn may_be_hidden_by_a_rule(&self, field: &str) -> bool {
        let Some(at) = self.place(field) else { return false };
        let at = u16::try_from(at).unwrap_or(u16::MAX);
        self.rules.iter().flat_map(|r| &r.effects).any(|effect| match effect {
            PlanEffect::Visibility(f, access) => *f == at && *access < Access::Read,
            PlanEffect::HideBlock(_, fields) => fields.contains(&at),
            _ => false,
        })
    }

    /// True when a rule may take an action off some records.
    pub(crate) fn may_be_off(&self, action: Action) -> bool {
        self.rules
            .iter()
            .flat_map(|r| &r.effects)
            .any(|effect| matches!(effect, PlanEffect::ActionOff(a) if *a == action))
    }

    /// What the decision on a record of the module reads of it, of its contact (`contact.*`) and of its company
    /// (`company.*`): whoever asks for the decision looks these up first. With repetitions.
    pub fn reads(&self) -> impl Iterator<Item = &str> {
        let of_rules = self.operands.iter().filter_map(Operand::of_record);
        of_rules.chain(self.record_condition.iter().flat_map(CompiledCondition::reads))
    }

    /// The ids of rules that name a field or value that no longer exists; they apply always.
    pub fn broken_rules(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().filter(|r| r.when.is_broken()).map(|r| r.id.as_str())
    }
}

#[cfg(test)]
mod tests;
