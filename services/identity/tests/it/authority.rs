//! Nobody acts on an account, a role or a token of somebody who may do more: every method that names one, tried by roles
//! that may do less.
//!
//! proves: A20

use crate::portal::{PASSWORD, Portal, by, day, fresh, gateway, reason, refused};
use kernel::{Actor, Code, Right, new_id};
use proto::{
    identity::v1::{administration_service_server::AdministrationService, identity_service_server::IdentityService, *},
    method::{METHODS, Proof},
};
use std::collections::BTreeSet;
use uuid::Uuid;

/// Fields that name an account, or what belongs to one.
const NAMING: [&str; 11] = [
    "user_id",
    "user_ids",
    "contact_id",
    "contact_ids",
    "company_id",
    "company_ids",
    "trust_id",
    "token_id",
    "role_id",
    "role",
    "member_ids",
];

/// Methods that name an account and tell no more of it than every agent may know.
const FOR_EVERY_AGENT: [&str; 4] = ["GetAgent", "GetAccess", "GetCompanyAccess", "ResolveNames"];

/// Methods about customers alone: of an agent they say that it is none.
const FOR_CUSTOMERS: [&str; 11] = [
    "EnableAccess",
    "ChangeSupportDates",
    "DisableAccess",
    "ResendInvitation",
    "RevokeInvitation",
    "SuspendAccess",
    "ResumeAccess",
    "ChangeLogin",
    "BeginImpersonation",
    "IssueCompanyLink",
    "RevokeCompanyLink",
];

fn role(name: &str, records: &str, rights: &[Right]) -> DefineRoleRequest {
    DefineRoleRequest {
        name: name.into(),
        records: records.into(),
        rights: rights.iter().map(|r| r.as_str().to_owned()).collect(),
        ..DefineRoleRequest::default()
    }
}

async fn define(portal: &Portal, request: DefineRoleRequest) -> String {
    let made = portal.admin.define_role(by(&fresh("administrator"), request)).await.unwrap().into_inner();
    made.role.unwrap().role_id
}

/// Somebody who has just proved who they are, with an own role.
fn holder(role: &str, rights: &[Right]) -> Actor {
    Actor { rights: rights.iter().copied().collect(), ..fresh(role) }
}

/// Somebody with more, and what belongs to them.
struct Superior {
    user: Uuid,
    /// A role that allows more, which nobody has.
    role: String,
    /// What the superior's own role is.
    own_role: String,
    group: String,
    program: String,
    token: String,
    trust: String,
}

async fn superior(portal: &Portal, own_role: &str, more: DefineRoleRequest) -> Superior {
    let who = fresh("administrator");
    let user = portal.active_agent("boss", own_role).await;
    let role = define(portal, more).await;
    let group = DefineGroupRequest {
        name: "Board".into(),
        member_ids: vec![user.to_string()],
        ..DefineGroupRequest::default()
    };
    let group = portal.admin.define_group(by(&who, group)).await.unwrap().into_inner().group.unwrap().group_id;
    let program = CreateAgentRequest {
        name: "Sync".into(),
        role: own_role.into(),
        service: true,
        ..CreateAgentRequest::default()
    };
    let program = portal.server.create_agent(by(&who, program)).await.unwrap().into_inner().user_id;
    let wish = CreateServiceTokenRequest {
        user_id: program.clone(),
        name: "Nightly".into(),
        scopes: vec!["read".into()],
        valid_days: 30,
    };
    let token = portal.admin.create_service_token(by(&who, wish)).await.unwrap().into_inner().token.unwrap().token_id;
    // Locked from a network, unlocked with trust, locked again.
    for _ in 0..5 {
        portal.try_login("boss", "wrong lamp river nine", SubjectKind::Agent).await.expect_err("a wrong password");
    }
    let unlock = UnlockRequest {
        user_ids: vec![user.to_string()],
        note: String::new(),
        trust: true,
        trust_networks: vec![proto::identity::v1::UserNetwork {
            user_id: user.to_string(),
            network: "203.0.113.0/24".into(),
        }],
    };
    portal.server.unlock(by(&who, unlock)).await.unwrap();
    let trusts = ListTrustsRequest { user_id: user.to_string() };
    let trust = portal.server.list_trusts(by(&who, trusts)).await.unwrap().into_inner().trusts.remove(0).trust_id;
    Superior { user, role, own_role: own_role.to_owned(), group, program, token, trust }
}

/// Everything that somebody could try on a superior, by method; some methods more than once.
async fn attempts(portal: &Portal, who: &Actor, of: &Superior) -> Vec<(&'static str, Result<(), kernel::Error>)> {
    let mut tried: Vec<(&'static str, Result<(), kernel::Error>)> = Vec::new();
    macro_rules! attempt {
        ($($server:ident.$call:ident($request:expr) is $name:literal;)*) => {
            $(let answer = portal.$server.$call(by(who, $request)).await;
              tried.push(($name, answer.map(drop).map_err(runtime::error_of)));)*
        };
    }
    let (user_id, contact_id) = (of.user.to_string(), of.user.to_string());
    let dates = (day(-1), day(10));
    attempt! {
        server.set_one_time_password(SetOneTimePasswordRequest { user_id: user_id.clone(), password: String::new() }) is "SetOneTimePassword";
        server.send_reset_link(SendResetLinkRequest { user_id: user_id.clone() }) is "SendResetLink";
        server.require_mfa(RequireMfaRequest { user_id: user_id.clone(), required: true }) is "RequireMfa";
        server.require_mfa(RequireMfaRequest { user_id: user_id.clone(), required: false }) is "RequireMfa";
        server.reset_mfa(ResetMfaRequest { user_id: user_id.clone(), reason: "lost the telephone".into() }) is "ResetMfa";
        server.list_user_sessions(ListUserSessionsRequest { user_id: user_id.clone() }) is "ListUserSessions";
        server.end_user_sessions(EndUserSessionsRequest { user_id: user_id.clone(), session_id: String::new() }) is "EndUserSessions";
        server.unlock(UnlockRequest { user_ids: vec![user_id.clone()], note: String::new(), trust: true, trust_networks: Vec::new() }) is "Unlock";
        server.revoke_trust(RevokeTrustRequest { trust_id: of.trust.clone() }) is "RevokeTrust";
        server.set_password(SetPasswordRequest { user_id: user_id.clone(), password: PASSWORD.into(), via: "console".into() }) is "SetPassword";
        server.create_agent(CreateAgentRequest { login: "mole".into(), name: "Mole".into(), email: "mole@desk.example".into(), password: PASSWORD.into(), role: of.own_role.clone(), ..Default::default() }) is "CreateAgent";
        server.create_agent(CreateAgentRequest { login: "mole".into(), name: "Mole".into(), email: "mole@desk.example".into(), password: PASSWORD.into(), role: of.role.clone(), ..Default::default() }) is "CreateAgent";
        admin.change_agent(ChangeAgentRequest { user_id: user_id.clone(), email: "mole@desk.example".into(), ..Default::default() }) is "ChangeAgent";
        admin.change_agent(ChangeAgentRequest { user_id: user_id.clone(), role: "viewer".into(), ..Default::default() }) is "ChangeAgent";
        admin.disable_agent(DisableAgentRequest { user_id: user_id.clone() }) is "DisableAgent";
        admin.enable_agent(EnableAgentRequest { user_id: user_id.clone() }) is "EnableAgent";
        admin.define_role(DefineRoleRequest { role_id: of.role.clone(), ..role("Less", "read", &[]) }) is "DefineRole";
        admin.delete_role(DeleteRoleRequest { role_id: of.role.clone() }) is "DeleteRole";
        admin.define_group(DefineGroupRequest { name: "Mine".into(), member_ids: vec![user_id.clone()], ..Default::default() }) is "DefineGroup";
        admin.define_group(DefineGroupRequest { group_id: of.group.clone(), name: "Board".into(), ..Default::default() }) is "DefineGroup";
        admin.delete_group(DeleteGroupRequest { group_id: of.group.clone() }) is "DeleteGroup";
        admin.create_service_token(CreateServiceTokenRequest { user_id: of.program.clone(), name: "Mine".into(), scopes: vec!["admin".into()], valid_days: 1 }) is "CreateServiceToken";
        admin.revoke_any_api_token(RevokeAnyApiTokenRequest { token_id: of.token.clone() }) is "RevokeAnyApiToken";
        admin.list_activity(ListActivityRequest { user_id: user_id.clone(), ..Default::default() }) is "ListActivity";
        server.enable_access(EnableAccessRequest { contact_id: contact_id.clone(), ..portal.enabling(of.user, "mole@desk.example") }) is "EnableAccess";
        server.change_support_dates(ChangeSupportDatesRequest { contact_id: contact_id.clone(), support_start: dates.0.clone(), support_end: dates.1.clone() }) is "ChangeSupportDates";
        server.disable_access(DisableAccessRequest { contact_id: contact_id.clone() }) is "DisableAccess";
        server.resend_invitation(ResendInvitationRequest { contact_id: contact_id.clone(), ..Default::default() }) is "ResendInvitation";
        server.revoke_invitation(RevokeInvitationRequest { contact_id: contact_id.clone() }) is "RevokeInvitation";
        server.suspend_access(SuspendAccessRequest { contact_id: contact_id.clone(), note: String::new() }) is "SuspendAccess";
        server.resume_access(ResumeAccessRequest { contact_id: contact_id.clone() }) is "ResumeAccess";
        server.change_login(ChangeLoginRequest { contact_id: contact_id.clone(), login: "mole".into(), ..Default::default() }) is "ChangeLogin";
        admin.issue_company_link(IssueCompanyLinkRequest { company_id: contact_id.clone(), valid_days: 1 }) is "IssueCompanyLink";
        admin.revoke_company_link(RevokeCompanyLinkRequest { company_id: contact_id.clone() }) is "RevokeCompanyLink";
    }
    tried
}

/// How many events there are.
async fn events(portal: &Portal) -> i64 {
    // Wrong passwords of the preparation reach the log after their answers.
    portal.settled::<LoginFailed>(5).await;
    portal.count("select count(*) from event").await
}

/// Tries everything, and expects one refusal wherever the superior's side is meant.
async fn all_refused(portal: &Portal, who: &Actor, of: &Superior, refusal: &str) {
    let before = events(portal).await;
    let tried = attempts(portal, who, of).await;
    for (name, answer) in &tried {
        let error = answer.as_ref().expect_err(name);
        if *name == "SetPassword" {
            assert_eq!(error.reason, "services_only");
        } else if FOR_CUSTOMERS.contains(name) {
            assert!(["is_an_agent", "access_management"].contains(&&*error.reason), "{name}: {error}");
        } else {
            assert_eq!((error.code, &*error.reason), (Code::Forbidden, refusal), "{name}");
        }
    }
    assert_eq!(events(portal).await, before, "nothing happened");
    // What lists tell leaves the superior's side out.
    let trusts = portal.server.list_trusts(by(who, ListTrustsRequest::default())).await.unwrap().into_inner().trusts;
    assert!(trusts.is_empty(), "{trusts:?}");
    let tokens = portal.admin.list_all_api_tokens(by(who, ListAllApiTokensRequest {})).await.unwrap().into_inner();
    assert!(tokens.tokens.is_empty(), "{:?}", tokens.tokens);
}

/// The attack: a role that may manage agents took administrators over.
#[tokio::test(flavor = "multi_thread")]
async fn who_manages_agents_does_nothing_to_an_administrator() {
    let portal = Portal::new().await;
    let rights = [Right::ManageAgents, Right::Unlock];
    let own = define(&portal, role("Team lead", "write", &rights)).await;
    let lead = holder(&own, &rights);
    let boss =
        superior(&portal, "administrator", role("Chief", "write", &[Right::ManageAgents, Right::Configure])).await;
    all_refused(&portal, &lead, &boss, "rights_beyond_own").await;
    // Nor by giving away more than they have.
    let more = portal.admin.define_role(by(&lead, role("Mine", "write", &[Right::Configure]))).await;
    assert_eq!(reason(more).1, "rights_beyond_own");
    // The same with accounts that may do less: that is what the right is for.
    let made = portal.admin.define_role(by(&lead, role("Second line", "write", &[Right::Unlock]))).await;
    let below = made.unwrap().into_inner().role.unwrap().role_id;
    let bob = portal.active_agent("bob", &below).await.to_string();
    let mail = ChangeAgentRequest { user_id: bob.clone(), email: "bob@desk.example".into(), ..Default::default() };
    portal.admin.change_agent(by(&lead, mail)).await.unwrap();
    let once = SetOneTimePasswordRequest { user_id: bob, password: String::new() };
    portal.server.set_one_time_password(by(&lead, once)).await.unwrap();
}

/// With every right, but only reading records: whoever writes them may do more.
#[tokio::test(flavor = "multi_thread")]
async fn who_only_reads_records_does_nothing_to_who_writes_them() {
    let portal = Portal::new().await;
    let own = define(&portal, role("Auditor", "read", &Right::ALL)).await;
    let reader = holder(&own, &Right::ALL);
    let boss = superior(&portal, "agent", role("Writer", "write", &[])).await;
    let before = events(&portal).await;
    for (name, answer) in attempts(&portal, &reader, &boss).await {
        // The audit is theirs to read.
        if name == "ListActivity" {
            answer.unwrap();
            continue;
        }
        let error = answer.expect_err(name);
        let customers = ["is_an_agent", "records_beyond_own"];
        match name {
            "SetPassword" => assert_eq!(error.reason, "services_only"),
            // There is no such company, or links are off.
            "IssueCompanyLink" | "RevokeCompanyLink" => {
                assert!(["records_beyond_own", "is_an_agent"].contains(&&*error.reason), "{name}: {error}");
            }
            name if FOR_CUSTOMERS.contains(&name) => assert!(customers.contains(&&*error.reason), "{name}: {error}"),
            name => assert_eq!(error.reason, "records_beyond_own", "{name}"),
        }
    }
    assert_eq!(events(&portal).await, before, "nothing happened");
    let more = portal.admin.define_role(by(&reader, role("Mine", "write", &[]))).await;
    assert_eq!(reason(more).1, "records_beyond_own");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_only_reads_records_gets_hold_of_no_contact_either() {
    let portal = Portal::new().await;
    let rights = [Right::ManageAccess, Right::Impersonate, Right::ImpersonateWrite];
    let own = define(&portal, role("Reads", "read", &rights)).await;
    let reader = holder(&own, &rights);
    let emma = portal.active_contact("emma@acme.test").await;
    let user_id = emma.to_string();
    let once = SetOneTimePasswordRequest { user_id: user_id.clone(), password: String::new() };
    let login =
        ChangeLoginRequest { contact_id: user_id.clone(), login: "mole@evil.test".into(), ..Default::default() };
    let reset = ResetMfaRequest { user_id: user_id.clone(), reason: "lost the telephone".into() };
    let by_hand =
        EnableAccessRequest { login: "marco".into(), first_password: PASSWORD.into(), ..portal.enabling(new_id(), "") };
    let refusals = [
        reason(portal.server.set_one_time_password(by(&reader, once)).await).1,
        reason(portal.server.change_login(by(&reader, login)).await).1,
        reason(portal.server.reset_mfa(by(&reader, reset)).await).1,
        reason(portal.server.enable_access(by(&reader, by_hand)).await).1,
    ];
    assert!(refusals.iter().all(|r| r == "records_beyond_own"), "{refusals:?}");
    portal.active_agent("lou", &own).await;
    let session = portal.try_login("lou", PASSWORD, SubjectKind::Agent).await.unwrap().into_inner().session_token;
    let open = |write| BeginImpersonationRequest {
        session: Some(SessionProof { token: session.clone(), surface: SubjectKind::Agent.into(), source: None }),
        contact_id: emma.to_string(),
        reason: "The invoice is not shown".into(),
        write,
        ..BeginImpersonationRequest::default()
    };
    let write = portal.server.begin_impersonation(by(&gateway(), open(true))).await;
    assert_eq!(reason(write).1, "records_beyond_own");
    portal.server.begin_impersonation(by(&gateway(), open(false))).await.unwrap();
    // Access itself is theirs to give and to take.
    portal.server.enable_access(by(&reader, portal.enabling(new_id(), "ugo@acme.test"))).await.unwrap();
    let note = String::new();
    portal.server.suspend_access(by(&reader, SuspendAccessRequest { contact_id: user_id, note })).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_sets_their_own_password_from_the_administration() {
    let portal = Portal::new().await;
    let ada = portal.active_agent("ada", "administrator").await;
    let acting = Actor { id: ada, ..fresh("administrator") };
    let once = SetOneTimePasswordRequest { user_id: ada.to_string(), password: String::new() };
    assert_eq!(reason(portal.server.set_one_time_password(by(&acting, once)).await).1, "not_yourself");
    let reset = ResetMfaRequest { user_id: ada.to_string(), reason: "lost the telephone".into() };
    assert_eq!(refused(portal.server.reset_mfa(by(&acting, reset)).await).reason, "not_yourself");
}

/// A new method that names an account needs an entry here.
#[tokio::test(flavor = "multi_thread")]
async fn every_method_that_names_an_account_is_tried() {
    let portal = Portal::new().await;
    let boss = superior(&portal, "administrator", role("Chief", "write", &[Right::Configure])).await;
    let tried = attempts(&portal, &fresh("viewer"), &boss).await;
    let tried: BTreeSet<&str> = tried.iter().map(|(name, _)| *name).collect();
    // Bulk access takes contacts alone, and skips whoever is none; support access is tried in `support.rs`.
    let elsewhere = ["PlanBulkAccess", "StartBulkAccess", "BeginImpersonation", "ListTrusts"];
    for method in METHODS.iter().filter(|m| m.path.starts_with("portico.identity.")) {
        let names = method.fields.iter().any(|f| NAMING.contains(f));
        let about_others = matches!(method.proof, Proof::Session | Proof::Fresh);
        let own = method.by_session && method.name() != "BeginImpersonation";
        if !names
            || !about_others
            || own
            || FOR_EVERY_AGENT.contains(&method.name())
            || elsewhere.contains(&method.name())
        {
            continue;
        }
        assert!(tried.contains(method.name()), "{} names an account and is not tried", method.path);
    }
}
