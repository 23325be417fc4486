//! What was ordered before somebody took an account back, or gave it another address, leads nowhere afterwards.

use crate::portal::{Portal, agent, by, fresh, gateway, reason};
use kernel::{Actor, Right, Rights};
use proto::identity::v1::{
    administration_service_server::AdministrationService, identity_service_server::IdentityService, *,
};
use uuid::Uuid;

const OTHER: &str = "another long sentence nobody guesses";

fn login_of(contact: Uuid, login: &str) -> ChangeLoginRequest {
    ChangeLoginRequest { contact_id: contact.to_string(), login: login.into(), email: None }
}

/// The token of the mail that the latest request of a kind would send.
async fn token(portal: &Portal, request_id: String) -> String {
    let issue = IssueLinkRequest { request_id };
    let issued = portal.server.issue_link(by(&Actor::service("notification"), issue)).await.unwrap();
    issued.into_inner().link.split_once("token=").unwrap().1.to_owned()
}

async fn reset_link(portal: &Portal, user: Uuid) -> String {
    let request = SendResetLinkRequest { user_id: user.to_string() };
    portal.server.send_reset_link(by(&fresh("administrator"), request)).await.unwrap();
    token(portal, portal.events::<PasswordResetRequested>().await.pop().unwrap().request_id).await
}

async fn reset(portal: &Portal, token: &str) -> Result<(), (kernel::Code, String)> {
    let request = ResetPasswordRequest { token: token.into(), new_password: OTHER.into(), source: None };
    let answer = portal.server.reset_password(by(&gateway(), request)).await;
    if answer.is_ok() { Ok(()) } else { Err(reason(answer)) }
}

async fn confirm(portal: &Portal, token: &str) -> Result<(), (kernel::Code, String)> {
    let request = ConfirmLoginChangeRequest { token: token.into(), source: None };
    let answer = portal.server.confirm_login_change(by(&gateway(), request)).await;
    if answer.is_ok() { Ok(()) } else { Err(reason(answer)) }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_to_a_wrong_address_dies_when_an_agent_gives_another_login() {
    let portal = Portal::new().await;
    let contact = portal.contact("wrong@evil.test").await;
    let sent = portal.invitation_token(contact).await;
    portal.server.change_login(by(&fresh("administrator"), login_of(contact, "right@good.test"))).await.unwrap();
    assert_eq!(reason(portal.accept(&sent, OTHER).await).1, "invitation_unusable");
    let revoked = portal.events::<InvitationRevoked>().await;
    assert_eq!((revoked.len(), revoked[0].reason.as_str()), (1, "address_changed"));
    // A user name is another name for the same mailbox: what was sent there is still good.
    let other = portal.contact("nina@acme.test").await;
    let sent = portal.invitation_token(other).await;
    portal.server.change_login(by(&fresh("administrator"), login_of(other, "nina.neri"))).await.unwrap();
    portal.accept(&sent, OTHER).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_withdraws_a_change_of_the_login_that_somebody_ordered() {
    let portal = Portal::new().await;
    let contact = portal.active_contact("emma@acme.test").await;
    portal.server.change_login(by(&fresh("administrator"), login_of(contact, "mole@evil.test"))).await.unwrap();
    let asked = portal.events::<LoginChangeRequested>().await.pop().unwrap();
    let moving = token(&portal, asked.request_id).await;
    let back = reset_link(&portal, contact).await;
    reset(&portal, &back).await.unwrap();
    assert_eq!(confirm(&portal, &moving).await.unwrap_err().1, "link_unusable");
    let access = portal.access(contact).await;
    assert_eq!((access.login.as_str(), access.pending_email.as_str()), ("emma@acme.test", ""));
    // Ordered anew it works.
    portal.server.change_login(by(&fresh("administrator"), login_of(contact, "emma@new.test"))).await.unwrap();
    let asked = portal.events::<LoginChangeRequested>().await.pop().unwrap();
    confirm(&portal, &token(&portal, asked.request_id).await).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_link_at_the_old_address_dies_with_the_old_login() {
    let portal = Portal::new().await;
    let contact = portal.active_contact("emma@acme.test").await;
    let old = reset_link(&portal, contact).await;
    portal.server.change_login(by(&fresh("administrator"), login_of(contact, "emma.rossi"))).await.unwrap();
    assert_eq!(reset(&portal, &old).await.unwrap_err().1, "link_unusable");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_unlocks_is_told_nothing_of_where_a_superior_signs_in() {
    let portal = Portal::new().await;
    portal.active_agent("boss", "administrator").await;
    for _ in 0..5 {
        portal.try_login("boss", "wrong lamp river nine", SubjectKind::Agent).await.expect_err("a wrong password");
    }
    let emma = portal.active_contact("emma@acme.test").await;
    portal.guess("emma@acme.test", 5).await;
    let listed = async |who: &Actor| -> Vec<String> {
        let request = ListLockedRequest::default();
        let answer = portal.server.list_locked(by(who, request)).await.unwrap().into_inner();
        answer.users.into_iter().map(|u| u.login).collect()
    };
    assert_eq!(listed(&agent("administrator")).await, ["emma@acme.test", "boss"]);
    let role = DefineRoleRequest {
        name: "First line".into(),
        records: "read".into(),
        rights: vec!["unlock".into()],
        ..Default::default()
    };
    let role = portal.admin.define_role(by(&fresh("administrator"), role)).await.unwrap().into_inner().role.unwrap();
    let first_line = Actor { rights: Rights::of(&[Right::Unlock]), ..agent(&role.role_id) };
    assert_eq!(listed(&first_line).await, ["emma@acme.test"]);
    let seen = async |who: &Actor| {
        let request = GetAccessRequest { contact_id: emma.to_string() };
        portal.server.get_access(by(who, request)).await.unwrap().into_inner().access.unwrap().seen.len()
    };
    assert_eq!((seen(&agent("administrator")).await, seen(&agent("viewer")).await), (1, 0));
}

/// Before: only disabling the agent ended it; a demoted agent went on writing as the customer for half an hour.
#[tokio::test(flavor = "multi_thread")]
async fn support_access_ends_with_the_sessions_of_its_agent_whatever_ends_them() {
    let portal = Portal::new().await;
    let emma = portal.active_contact("emma@acme.test").await;
    let ada = portal.active_agent("ada", "administrator").await;
    let begin = async || {
        let login = portal.try_login("ada", crate::portal::PASSWORD, SubjectKind::Agent).await.unwrap().into_inner();
        let request = BeginImpersonationRequest {
            session: Some(SessionProof {
                token: login.session_token,
                surface: SubjectKind::Agent.into(),
                source: Some(Source { address: "198.51.100.4".into(), user_agent: "Firefox/140.0".into() }),
            }),
            contact_id: emma.to_string(),
            reason: "The invoice is not shown".into(),
            ..BeginImpersonationRequest::default()
        };
        portal.server.begin_impersonation(by(&gateway(), request)).await.unwrap().into_inner().session_token
    };
    let id = ada.to_string();
    let who = fresh("administrator");

    let support = begin().await;
    portal.check(&support).await.unwrap();
    let all = EndUserSessionsRequest { user_id: id.clone(), ..Default::default() };
    portal.server.end_user_sessions(by(&who, all)).await.unwrap();
    assert_eq!(reason(portal.check(&support).await).1, "session_invalid", "all sessions ended");

    let support = begin().await;
    let by_hand = SetOneTimePasswordRequest { user_id: id.clone(), password: "amber wheel over dunes".into() };
    portal.server.set_one_time_password(by(&who, by_hand)).await.unwrap();
    assert_eq!(reason(portal.check(&support).await).1, "session_invalid", "another password");
    let login = portal.try_login("ada", "amber wheel over dunes", SubjectKind::Agent).await.unwrap().into_inner();
    assert_eq!(login.stage(), Stage::PasswordChangeRequired);
}

#[tokio::test(flavor = "multi_thread")]
async fn support_access_ends_when_its_agent_gets_another_role() {
    let portal = Portal::new().await;
    let emma = portal.active_contact("emma@acme.test").await;
    let ada = portal.active_agent("ada", "administrator").await;
    let login = portal.try_login("ada", crate::portal::PASSWORD, SubjectKind::Agent).await.unwrap().into_inner();
    let request = BeginImpersonationRequest {
        session: Some(SessionProof {
            token: login.session_token,
            surface: SubjectKind::Agent.into(),
            source: Some(Source { address: "198.51.100.4".into(), user_agent: "Firefox/140.0".into() }),
        }),
        contact_id: emma.to_string(),
        reason: "The invoice is not shown".into(),
        write: true,
        ..BeginImpersonationRequest::default()
    };
    let begun = portal.server.begin_impersonation(by(&gateway(), request)).await.unwrap().into_inner();
    portal.active_agent("eve", "administrator").await;
    let viewer = ChangeAgentRequest { user_id: ada.to_string(), role: "viewer".into(), ..Default::default() };
    portal.admin.change_agent(by(&fresh("administrator"), viewer)).await.unwrap();
    assert_eq!(reason(portal.check(&begun.session_token).await).1, "session_invalid");
    let ended: Vec<String> = portal.events::<LoggedOut>().await.into_iter().map(|e| e.reason).collect();
    assert!(ended.iter().all(|r| r == "role_changed") && ended.len() == 2, "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_lifts_a_second_factor_that_they_are_bound_to_themselves() {
    let portal = Portal::new().await;
    let ada = portal.active_agent("ada", "administrator").await;
    let herself = Actor { id: ada, ..fresh("administrator") };
    let wish = |required| RequireMfaRequest { user_id: ada.to_string(), required };
    portal.server.require_mfa(by(&fresh("administrator"), wish(true))).await.unwrap();
    assert_eq!(reason(portal.server.require_mfa(by(&herself, wish(false))).await).1, "not_yourself");
    portal.server.require_mfa(by(&fresh("administrator"), wish(false))).await.unwrap();
}
