//! Own roles, groups of agents, and what changes about agents.
//!
//! proves: A20

use crate::portal::{PASSWORD, Portal, agent, by, fresh, gateway, reason, refused, wrong_field};
use kernel::{Actor, Code, Right, Rights, new_id};
use proto::identity::v1::{
    administration_service_server::AdministrationService, identity_service_server::IdentityService, *,
};
use tonic::{Response, Status};
use uuid::Uuid;

fn role(name: &str, rights: &[&str]) -> DefineRoleRequest {
    DefineRoleRequest {
        name: name.into(),
        records: "read".into(),
        rights: rights.iter().map(|&r| r.to_owned()).collect(),
        ..DefineRoleRequest::default()
    }
}

async fn define(portal: &Portal, request: DefineRoleRequest) -> Role {
    let answer = portal.admin.define_role(by(&fresh("administrator"), request)).await;
    answer.unwrap().into_inner().role.unwrap()
}

async fn change(
    portal: &Portal,
    who: &Actor,
    request: ChangeAgentRequest,
) -> Result<Response<ChangeAgentResponse>, Status> {
    portal.admin.change_agent(by(who, request)).await
}

async fn disable(portal: &Portal, who: &Actor, user: Uuid) -> Result<Response<DisableAgentResponse>, Status> {
    portal.admin.disable_agent(by(who, DisableAgentRequest { user_id: user.to_string() })).await
}

/// A fresh administrator with an account of its own.
fn acting(user: Uuid) -> Actor {
    Actor { id: user, ..fresh("administrator") }
}

async fn agents(portal: &Portal) -> Vec<Agent> {
    portal.server.list_agents(by(&agent("viewer"), ListAgentsRequest {})).await.unwrap().into_inner().agents
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_are_listed_with_the_built_in_ones_first_and_their_agents_counted() {
    let portal = Portal::new().await;
    portal.active_agent("ada", "administrator").await;
    let made = define(&portal, role("Night desk", &["unlock", "read_audit"])).await;
    let listed = portal.admin.list_roles(by(&agent("viewer"), ListRolesRequest {})).await.unwrap().into_inner().roles;
    let names: Vec<(&str, bool, i32)> = listed.iter().map(|r| (r.name.as_str(), r.built_in, r.agents)).collect();
    assert_eq!(names, [("administrator", true, 1), ("agent", true, 0), ("viewer", true, 0), ("Night desk", false, 0)]);
    assert_eq!(listed[3], made);
    assert_eq!(listed[0].rights.len(), Right::ALL.len());
    assert_eq!((listed[2].records.as_str(), listed[1].records.as_str()), ("read", "write"));
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_roles_are_unique_whatever_their_case_and_free_again_after_a_change() {
    let portal = Portal::new().await;
    let first = define(&portal, role("Night desk", &[])).await;
    let again = portal.admin.define_role(by(&fresh("administrator"), role("NIGHT desk", &[]))).await;
    let error = refused(again);
    assert_eq!((&*error.reason, error.fields[0].field.as_str()), ("name_taken", "name"));
    define(&portal, DefineRoleRequest { role_id: first.role_id.clone(), ..role("Day desk", &[]) }).await;
    define(&portal, role("Night desk", &[])).await;
    assert_eq!(portal.events::<RoleDefined>().await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_makes_one_role() {
    let portal = Portal::new().await;
    let request = DefineRoleRequest { idempotency_key: "k1".into(), ..role("Night desk", &["unlock"]) };
    let first = define(&portal, request.clone()).await;
    assert_eq!(define(&portal, request.clone()).await, first);
    assert_eq!(portal.events::<RoleDefined>().await.len(), 1);
    let other = DefineRoleRequest { name: "Day desk".into(), ..request };
    let reused = portal.admin.define_role(by(&fresh("administrator"), other)).await;
    assert_eq!(reason(reused).1, "idempotency_key_reused");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_manages_agents_defines_roles_and_gives_away_no_right_of_others() {
    let portal = Portal::new().await;
    for who in [fresh("agent"), fresh("viewer"), gateway()] {
        let refused = portal.admin.define_role(by(&who, role("x", &[]))).await;
        assert_eq!(reason(refused).0, Code::Forbidden);
    }
    let own = define(&portal, role("Desk", &["manage_agents", "unlock"])).await.role_id;
    let desk = Actor { rights: Rights::of(&[Right::ManageAgents, Right::Unlock]), ..fresh(&own) };
    let more = portal.admin.define_role(by(&desk, role("x", &["configure"]))).await;
    assert_eq!(reason(more), (Code::Forbidden, "rights_beyond_own".into()));
    portal.admin.define_role(by(&desk, role("x", &["unlock"]))).await.unwrap();
    // Nor do they touch an agent who may do more, or make one.
    let ada = portal.active_agent("ada", "administrator").await;
    assert_eq!(reason(disable(&portal, &desk, ada).await).1, "rights_beyond_own");
    let promoted = ChangeAgentRequest {
        user_id: portal.active_agent("bob", "viewer").await.to_string(),
        role: "administrator".into(),
        ..ChangeAgentRequest::default()
    };
    assert_eq!(reason(change(&portal, &desk, promoted).await).1, "rights_beyond_own");
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_roles_are_named_field_by_field_and_built_in_ones_stay_as_they_are() {
    let portal = Portal::new().await;
    let bad = DefineRoleRequest { records: "all".into(), ..role("", &["fly"]) };
    let error = refused(portal.admin.define_role(by(&fresh("administrator"), bad)).await);
    let fields: Vec<&str> = error.fields.iter().map(|f| f.field.as_str()).collect();
    assert_eq!(fields, ["name", "records", "rights.0"]);
    let built_in = DefineRoleRequest { role_id: "viewer".into(), ..role("x", &[]) };
    let refused = portal.admin.define_role(by(&fresh("administrator"), built_in)).await;
    assert_eq!(reason(refused).1, "role_is_built_in");
    let unknown = DefineRoleRequest { role_id: new_id().to_string(), ..role("x", &[]) };
    assert_eq!(reason(portal.admin.define_role(by(&fresh("administrator"), unknown)).await).0, Code::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_an_agent_has_stays() {
    let portal = Portal::new().await;
    let night = define(&portal, role("Night desk", &["unlock"])).await;
    let bob = portal.active_agent("bob", &night.role_id).await;
    let delete = || {
        let request = DeleteRoleRequest { role_id: night.role_id.clone() };
        portal.admin.delete_role(by(&fresh("administrator"), request))
    };
    assert_eq!(reason(delete().await), (Code::Conflict, "role_in_use".into()));
    let viewer =
        ChangeAgentRequest { user_id: bob.to_string(), role: "viewer".into(), ..ChangeAgentRequest::default() };
    change(&portal, &fresh("administrator"), viewer).await.unwrap();
    delete().await.unwrap();
    assert_eq!(reason(delete().await).0, Code::NotFound);
    let gone =
        ChangeAgentRequest { user_id: bob.to_string(), role: night.role_id.clone(), ..ChangeAgentRequest::default() };
    let unknown = change(&portal, &fresh("administrator"), gone).await;
    assert_eq!(wrong_field(unknown), ("role".into(), "unknown_role".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_is_shown_with_role_groups_and_factors() {
    let portal = Portal::new().await;
    let night = define(&portal, role("Night desk", &["unlock"])).await;
    let bob = portal.active_agent("bob", &night.role_id).await;
    let group = DefineGroupRequest {
        name: "Second line".into(),
        member_ids: vec![bob.to_string()],
        ..DefineGroupRequest::default()
    };
    let group =
        portal.admin.define_group(by(&fresh("administrator"), group)).await.unwrap().into_inner().group.unwrap();
    let request = GetAgentRequest { user_id: bob.to_string() };
    let answer = portal.admin.get_agent(by(&agent("viewer"), request)).await.unwrap().into_inner();
    let shown = answer.agent.unwrap();
    assert_eq!((shown.login.as_str(), shown.role_name.as_str(), shown.disabled), ("bob", "Night desk", false));
    assert_eq!((shown.group_ids.clone(), shown.factors.len(), shown.locked), (vec![group.group_id], 0, false));
    assert_eq!(agents(&portal).await, [shown]);
    assert!(answer.version > 0);
    let contact = portal.contact("emma@acme.test").await;
    let none = portal.admin.get_agent(by(&agent("viewer"), GetAgentRequest { user_id: contact.to_string() })).await;
    assert_eq!(reason(none).0, Code::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_have_agents_as_members_and_unique_names() {
    let portal = Portal::new().await;
    let bob = portal.active_agent("bob", "agent").await;
    let group = |members: Vec<String>| DefineGroupRequest {
        name: "Second line".into(),
        member_ids: members,
        ..DefineGroupRequest::default()
    };
    let who = fresh("administrator");
    let contact = portal.contact("emma@acme.test").await;
    let wrong = portal.admin.define_group(by(&who, group(vec![bob.to_string(), contact.to_string()]))).await;
    assert_eq!(wrong_field(wrong), ("member_ids.1".into(), "unknown_agent".into()));
    let made = portal.admin.define_group(by(&who, group(vec![bob.to_string()]))).await.unwrap().into_inner();
    let made = made.group.unwrap();
    let again = portal.admin.define_group(by(&who, group(vec![]))).await;
    assert_eq!(reason(again), (Code::Conflict, "name_taken".into()));
    let listed = portal.admin.list_groups(by(&agent("viewer"), ListGroupsRequest {})).await.unwrap().into_inner();
    assert_eq!(listed.groups, std::slice::from_ref(&made));
    let delete = DeleteGroupRequest { group_id: made.group_id };
    portal.admin.delete_group(by(&who, delete.clone())).await.unwrap();
    assert_eq!(reason(portal.admin.delete_group(by(&who, delete)).await).0, Code::NotFound);
    assert_eq!(reason(portal.admin.define_group(by(&agent("agent"), group(vec![]))).await).0, Code::Forbidden);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_agent_is_out_at_once_and_comes_back_with_the_same_password() {
    let portal = Portal::new().await;
    let ada = portal.active_agent("ada", "administrator").await;
    let bob = portal.active_agent("bob", "agent").await;
    let token = portal.try_login("bob", PASSWORD, SubjectKind::Agent).await.unwrap().into_inner().session_token;
    disable(&portal, &acting(ada), bob).await.unwrap();
    assert_eq!(reason(portal.check_as(&token, SubjectKind::Agent, false).await).1, "session_invalid");
    let login = portal.try_login("bob", PASSWORD, SubjectKind::Agent).await;
    assert_eq!(reason(login).1, "invalid_credentials");
    assert_eq!(portal.events::<LoggedOut>().await[0].reason, "access_disabled");
    let listed = agents(&portal).await;
    assert_eq!(listed.iter().filter(|a| a.disabled).count(), 1);
    portal.sql("delete from attempt").await;
    let enable = EnableAgentRequest { user_id: bob.to_string() };
    portal.admin.enable_agent(by(&acting(ada), enable)).await.unwrap();
    portal.try_login("bob", PASSWORD, SubjectKind::Agent).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_administrator_stays_and_nobody_disables_themselves() {
    let portal = Portal::new().await;
    let ada = portal.active_agent("ada", "administrator").await;
    assert_eq!(reason(disable(&portal, &acting(ada), ada).await).1, "not_yourself");
    let demote =
        |user: Uuid| ChangeAgentRequest { user_id: user.to_string(), role: "agent".into(), ..Default::default() };
    assert_eq!(reason(change(&portal, &acting(ada), demote(ada)).await).1, "not_yourself");
    // The command line is nobody, but it leaves one too.
    let console = Actor::service("console");
    assert_eq!(reason(disable(&portal, &console, ada).await), (Code::Precondition, "last_administrator".into()));
    assert_eq!(reason(change(&portal, &console, demote(ada)).await).1, "last_administrator");
    let bea = portal.active_agent("bea", "administrator").await;
    // Both at once: one of the two is refused.
    let (ada_acts, bea_acts) = (acting(ada), acting(bea));
    let (one, two) = tokio::join!(disable(&portal, &ada_acts, bea), disable(&portal, &bea_acts, ada));
    assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|ok| **ok).count(), 1);
    assert_eq!(agents(&portal).await.iter().filter(|a| !a.disabled).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_role_ends_the_agents_sessions_and_other_changes_do_not() {
    let portal = Portal::new().await;
    let bob = portal.active_agent("bob", "agent").await;
    let token = portal.try_login("bob", PASSWORD, SubjectKind::Agent).await.unwrap().into_inner().session_token;
    let request = ChangeAgentRequest {
        user_id: bob.to_string(),
        name: "Bob Builder".into(),
        email: "bob@desk.example".into(),
        locale: "it".into(),
        ..ChangeAgentRequest::default()
    };
    let changed = change(&portal, &agent("administrator"), request).await.unwrap().into_inner().agent.unwrap();
    assert_eq!((changed.name.as_str(), changed.locale.as_str(), changed.role.as_str()), ("Bob Builder", "it", "agent"));
    portal.check_as(&token, SubjectKind::Agent, false).await.unwrap();
    let viewer = ChangeAgentRequest { user_id: bob.to_string(), role: "viewer".into(), ..Default::default() };
    change(&portal, &fresh("administrator"), viewer).await.unwrap();
    assert_eq!(reason(portal.check_as(&token, SubjectKind::Agent, false).await).1, "session_invalid");
    assert_eq!(portal.events::<LoggedOut>().await[0].reason, "role_changed");
    let bad = ChangeAgentRequest {
        user_id: bob.to_string(),
        name: "x".repeat(202),
        email: "bob".into(),
        role: "owner".into(),
        locale: "it_IT".into(),
    };
    let error = refused(change(&portal, &fresh("administrator"), bad).await);
    let fields: Vec<&str> = error.fields.iter().map(|f| f.field.as_str()).collect();
    assert_eq!(fields, ["name", "email", "locale", "role"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_has_an_account_without_login_and_password() {
    let portal = Portal::new().await;
    let program = CreateAgentRequest {
        name: "Nightly import".into(),
        role: "agent".into(),
        service: true,
        ..CreateAgentRequest::default()
    };
    let with_password = CreateAgentRequest { password: PASSWORD.into(), login: "import".into(), ..program.clone() };
    let error = refused(portal.server.create_agent(by(&fresh("administrator"), with_password)).await);
    let fields: Vec<&str> = error.fields.iter().map(|f| f.field.as_str()).collect();
    assert_eq!(fields, ["login", "password"]);
    portal.server.create_agent(by(&fresh("administrator"), program)).await.unwrap();
    let listed = agents(&portal).await;
    assert_eq!((listed[0].service, listed[0].login.as_str()), (true, ""));
    let login = portal.try_login("", PASSWORD, SubjectKind::Agent).await;
    assert_eq!(reason(login).0, Code::Invalid);
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_and_groups_can_be_made_anew_from_the_log() {
    let portal = Portal::new().await;
    let night = define(&portal, role("Night desk", &["unlock"])).await;
    define(&portal, DefineRoleRequest { role_id: night.role_id.clone(), ..role("Night shift", &["restore"]) }).await;
    let gone = define(&portal, role("Gone", &[])).await;
    let request = DeleteRoleRequest { role_id: gone.role_id };
    portal.admin.delete_role(by(&fresh("administrator"), request)).await.unwrap();
    let group = DefineGroupRequest { name: "Second line".into(), ..DefineGroupRequest::default() };
    portal.admin.define_group(by(&fresh("administrator"), group)).await.unwrap();
    for name in ["roles_v1", "groups_v1"] {
        let grown = portal.rows(name).await;
        assert_eq!(grown.len(), 1, "{name}");
        portal.rebuild(name).await;
        assert_eq!(portal.rows(name).await, grown, "{name}");
    }
}
