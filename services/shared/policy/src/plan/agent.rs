//! Plans of agents and services: every module is open, and rights beyond records depend on the role.

use super::{AccessPlan, ChosenBecause, ChosenProfile, ModuleAccess, Modules, Subject};
use crate::{
    access::{Access, Action, PerAction, Scope},
    condition::Viewer,
    profile::Home,
};
use kernel::{ActorKind, Rights};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The built-in roles of agents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgentRole {
    /// Everything.
    Administrator,
    /// Works on records, gives contacts access.
    Agent,
    /// Looks.
    Viewer,
}

impl AgentRole {
    /// The word used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            AgentRole::Administrator => "administrator",
            AgentRole::Agent => "agent",
            AgentRole::Viewer => "viewer",
        }
    }

    /// The role of a word.
    pub fn parse(word: &str) -> Option<AgentRole> {
        [AgentRole::Administrator, AgentRole::Agent, AgentRole::Viewer].into_iter().find(|r| r.as_str() == word)
    }

    /// The rights beyond records that the role has.
    pub fn rights(self) -> Rights {
        Rights::of_role(self.as_str())
    }
}

/// What a role lets an agent do with records, in every module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum RecordsGrant {
    /// There are none.
    #[default]
    Nothing,
    /// Looks.
    Read,
    /// Works on them.
    Write,
}

impl RecordsGrant {
    /// The grant of a word; every other word grants nothing.
    pub fn of_word(word: &str) -> RecordsGrant {
        match word {
            "write" => RecordsGrant::Write,
            "read" => RecordsGrant::Read,
            _ => RecordsGrant::Nothing,
        }
    }
}

/// A role of agents: a built-in one, or one that the installation has made itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The built-in role's word or the own role's id; what conditions on `viewer.roles` compare with.
    pub id: String,
    /// Records.
    pub records: RecordsGrant,
    /// What is allowed beyond records.
    pub rights: Rights,
}

impl Role {
    /// A role of which nothing is known: it fails closed.
    pub fn unknown(id: &str) -> Role {
        Role { id: id.to_owned(), records: RecordsGrant::Nothing, rights: Rights::none() }
    }
}

impl From<AgentRole> for Role {
    fn from(role: AgentRole) -> Role {
        let records = match role {
            AgentRole::Administrator | AgentRole::Agent => RecordsGrant::Write,
            AgentRole::Viewer => RecordsGrant::Read,
        };
        Role { id: role.as_str().to_owned(), records, rights: role.rights() }
    }
}

/// What is known of an agent when its plan is made.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentGrant {
    /// The agent's id.
    pub id: String,
    /// The role that decides.
    pub role: Role,
    /// The ids of the groups, for conditions.
    pub groups: Vec<String>,
    /// `department` and `language`, for conditions.
    pub fields: BTreeMap<String, String>,
    /// The position of the permissions log.
    pub policy_version: i64,
}

impl AccessPlan {
    /// The plan of an agent: every module and field, to write or to read, or none at all, as the role says.
    pub fn for_agent(agent: AgentGrant) -> AccessPlan {
        let Role { id: role, records, rights } = agent.role;
        let mut viewer = Viewer::new(ActorKind::Agent, &agent.id);
        viewer.roles = vec![role.clone()];
        viewer.groups = agent.groups;
        viewer.fields = agent.fields;
        let any_module = match records {
            RecordsGrant::Write => Some(ModuleAccess {
                actions: PerAction::all(Scope::All),
                other_fields: Access::Write,
                ..ModuleAccess::default()
            }),
            RecordsGrant::Read => Some(read_everything()),
            RecordsGrant::Nothing => None,
        };
        AccessPlan {
            rights,
            any_module,
            ..empty_plan(
                Subject { kind: ActorKind::Agent, id: agent.id },
                agent.policy_version,
                ChosenProfile { id: role, version: 0, chosen_because: ChosenBecause::Role },
                viewer,
            )
        }
    }

    /// The plan of one of our own services: reads everything, writes nothing by way of a plan.
    pub fn for_service(id: &str, policy_version: i64) -> AccessPlan {
        AccessPlan {
            any_module: Some(read_everything()),
            ..empty_plan(
                Subject { kind: ActorKind::Service, id: id.to_owned() },
                policy_version,
                ChosenProfile { id: "service".to_owned(), version: 0, chosen_because: ChosenBecause::Service },
                Viewer::new(ActorKind::Service, id),
            )
        }
    }
}

fn read_everything() -> ModuleAccess {
    ModuleAccess {
        actions: PerAction::of([
            (Action::View, Scope::All),
            (Action::ViewComments, Scope::All),
            (Action::ViewUpdates, Scope::All),
            (Action::Export, Scope::All),
        ]),
        other_fields: Access::Read,
        ..ModuleAccess::default()
    }
}

/// A plan without any module.
fn empty_plan(subject: Subject, policy_version: i64, profile: ChosenProfile, viewer: Viewer) -> AccessPlan {
    AccessPlan {
        subject,
        policy_version,
        profile,
        contact_number: None,
        company_numbers: Vec::new(),
        viewer,
        rights: Rights::default(),
        modules: Modules::default(),
        any_module: None,
        home: Home::default(),
        owner: None,
        picklist_source: None,
        templates: BTreeMap::new(),
        require_mfa: false,
    }
}
