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

/// What is known of an agent when its plan is made.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentGrant {
    /// The agent's id.
    pub id: String,
    /// The role that decides.
    pub role: AgentRole,
    /// The groups, for conditions.
    pub groups: Vec<String>,
    /// `department` and `language`, for conditions.
    pub fields: BTreeMap<String, String>,
    /// The position of the permissions log.
    pub policy_version: i64,
}

fn every_action(scope: Scope) -> PerAction<Scope> {
    PerAction::all(scope)
}

impl AccessPlan {
    /// The plan of an agent: every module and field, to write or (viewers) to read.
    pub fn for_agent(agent: AgentGrant) -> AccessPlan {
        let mut viewer = Viewer::new(ActorKind::Agent, &agent.id);
        viewer.roles = vec![agent.role.as_str().to_owned()];
        viewer.groups = agent.groups;
        viewer.fields = agent.fields;
        let any_module = match agent.role {
            AgentRole::Administrator | AgentRole::Agent => ModuleAccess {
                actions: every_action(Scope::All),
                other_fields: Access::Write,
                ..ModuleAccess::default()
            },
            AgentRole::Viewer => read_everything(),
        };
        AccessPlan {
            rights: agent.role.rights(),
            ..open_plan(
                Subject { kind: ActorKind::Agent, id: agent.id },
                agent.policy_version,
                ChosenProfile { id: agent.role.as_str().to_owned(), version: 0, chosen_because: ChosenBecause::Role },
                viewer,
                any_module,
            )
        }
    }

    /// The plan of one of our own services: reads everything, writes nothing by way of a plan.
    pub fn for_service(id: &str, policy_version: i64) -> AccessPlan {
        open_plan(
            Subject { kind: ActorKind::Service, id: id.to_owned() },
            policy_version,
            ChosenProfile { id: "service".to_owned(), version: 0, chosen_because: ChosenBecause::Service },
            Viewer::new(ActorKind::Service, id),
            read_everything(),
        )
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

fn open_plan(
    subject: Subject,
    policy_version: i64,
    profile: ChosenProfile,
    viewer: Viewer,
    any_module: ModuleAccess,
) -> AccessPlan {
    AccessPlan {
        subject,
        policy_version,
        profile,
        contact_number: None,
        company_numbers: Vec::new(),
        viewer,
        rights: Rights::default(),
        modules: Modules::default(),
        any_module: Some(any_module),
        home: Home::default(),
        owner: None,
        picklist_source: None,
        templates: BTreeMap::new(),
        require_mfa: false,
    }
}
