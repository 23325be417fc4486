//! Agents, their own roles and their groups, as identity tells of them.

use crate::portal::{AGENT, Caller, Portal};
use kernel::{Code, Right};
use policy::{Access, Action, Scope};
use proto::{
    identity::v1::{AgentChanged, AgentDisabled, AgentEnabled, GroupDefined, GroupDeleted, RoleDefined, RoleDeleted},
    permissions::v1::GetAccessPlanRequest,
};
use uuid::Uuid;

const ROLE: &str = "00000000-0000-7000-8000-00000000000a";

fn role_id() -> Uuid {
    ROLE.parse().unwrap()
}

impl Portal {
    async fn role_defined(&self, records: &str, rights: &[&str]) {
        let event = RoleDefined {
            role_id: ROLE.into(),
            name: "Front desk".into(),
            records: records.into(),
            rights: rights.iter().map(|r| (*r).to_owned()).collect(),
            ..RoleDefined::default()
        };
        self.identity_tells(role_id(), &event).await;
    }

    async fn moved_to(&self, agent: Uuid, role: &str) {
        let event = AgentChanged { user_id: agent.to_string(), role: role.into(), ..AgentChanged::default() };
        self.identity_tells(agent, &event).await;
    }

    async fn group(&self, group: Uuid, members: &[Uuid]) {
        let event = GroupDefined {
            group_id: group.to_string(),
            name: "Second line".into(),
            member_ids: members.iter().map(Uuid::to_string).collect(),
            ..GroupDefined::default()
        };
        self.identity_tells(group, &event).await;
    }
}

#[tokio::test]
async fn an_own_role_gives_what_it_says_and_a_change_of_it_is_in_force_at_once() {
    let portal = Portal::with_modules().await;
    portal.agent_created(AGENT.2, "agent").await;
    portal.role_defined("read", &["unlock"]).await;
    let since = portal.now().await;
    portal.moved_to(AGENT.2, ROLE).await;
    assert_eq!(portal.changes(since).await.subject_ids, [AGENT.2.to_string()]);
    let plan = portal.own_plan(AGENT).await.unwrap();
    assert_eq!((plan.profile.id.as_str(), plan.viewer.roles.as_slice()), (ROLE, &[ROLE.to_owned()][..]));
    assert_eq!(plan.field("tickets", "title", false), Access::Read);
    assert_eq!(plan.scope("tickets", Action::Create), Scope::None);
    assert!(plan.may(Right::Unlock) && !plan.may(Right::ManageAccess));

    let since = portal.now().await;
    portal.role_defined("write", &["manage_access", "fly"]).await;
    assert_eq!(portal.changes(since).await.subject_ids, [AGENT.2.to_string()], "whoever has the role is touched");
    let plan = portal.own_plan(AGENT).await.unwrap();
    assert_eq!(plan.scope("tickets", Action::Create), Scope::All);
    assert!(plan.may(Right::ManageAccess) && !plan.may(Right::Unlock));
}

#[tokio::test]
async fn a_role_that_is_gone_gives_nothing_whatever_the_token_says() {
    let portal = Portal::with_modules().await;
    portal.role_defined("write", &["manage_access"]).await;
    portal.agent_created(AGENT.2, ROLE).await;
    assert!(portal.own_plan(AGENT).await.unwrap().may(Right::ManageAccess));
    portal.identity_tells(role_id(), &RoleDeleted { role_id: ROLE.into() }).await;
    let plan = portal.own_plan(Caller("agent", ROLE, AGENT.2)).await.unwrap();
    assert!(plan.rights.is_empty() && plan.module("tickets").is_none() && !plan.sees_all_modules());
}

#[tokio::test]
async fn the_token_speaks_for_an_agent_who_was_not_heard_of_yet() {
    let portal = Portal::with_modules().await;
    let stranger = Caller("agent", ROLE, Uuid::from_u128(0xa9));
    let mut request = stranger.says(GetAccessPlanRequest::default());
    request.metadata_mut().insert("x-right", "unlock".parse().unwrap());
    let answer = portal.client().get_access_plan(request).await.unwrap().into_inner();
    let plan: policy::AccessPlan = serde_json::from_slice(&answer.plan).unwrap();
    // Rights are in the token; what an unknown role does with records is in no one's hands.
    assert!(plan.may(Right::Unlock) && plan.module("tickets").is_none());
    portal.role_defined("write", &[]).await;
    let plan = portal.own_plan(stranger).await.unwrap();
    assert_eq!(plan.scope("tickets", Action::Edit), Scope::All, "the role itself was heard of");
}

#[tokio::test]
async fn groups_are_the_viewers_and_who_leaves_one_is_touched_too() {
    let portal = Portal::with_modules().await;
    let (group, other) = (Uuid::from_u128(0x9_01), Uuid::from_u128(0xa8));
    portal.agent_created(AGENT.2, "agent").await;
    portal.group(group, &[AGENT.2]).await;
    assert_eq!(portal.own_plan(AGENT).await.unwrap().viewer.groups, [group.to_string()]);
    let since = portal.now().await;
    portal.group(group, &[other]).await;
    let mut touched = portal.changes(since).await.subject_ids;
    touched.sort();
    assert_eq!(touched, [AGENT.2.to_string(), other.to_string()]);
    assert!(portal.own_plan(AGENT).await.unwrap().viewer.groups.is_empty());
    let since = portal.now().await;
    portal.identity_tells(group, &GroupDeleted { group_id: group.to_string() }).await;
    assert_eq!(portal.changes(since).await.subject_ids, [other.to_string()]);
}

#[tokio::test]
async fn a_disabled_agent_has_no_plan_of_the_own_but_can_still_be_looked_at() {
    let portal = Portal::with_modules().await;
    portal.agent_created(AGENT.2, "agent").await;
    let since = portal.now().await;
    portal.identity_tells(AGENT.2, &AgentDisabled { user_id: AGENT.2.to_string() }).await;
    assert_eq!(portal.changes(since).await.subject_ids, [AGENT.2.to_string()]);
    let refused = portal.own_plan(AGENT).await.unwrap_err();
    assert_eq!((refused.code, &*refused.reason), (Code::Forbidden, "agent_disabled"));
    assert!(portal.plan_of(crate::portal::ADMINISTRATOR, "agent", AGENT.2).await.is_ok());
    portal.identity_tells(AGENT.2, &AgentEnabled { user_id: AGENT.2.to_string() }).await;
    assert!(portal.own_plan(AGENT).await.is_ok());
}
