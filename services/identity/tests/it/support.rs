//! Support access: agents who open the portal as a contact.
//!
//! proves: A19

use crate::portal::{PASSWORD, Portal, by, fresh, gateway, reason, refused, wrong_field};
use kernel::{Code, new_id};
use proto::identity::v1::{
    administration_service_server::AdministrationService, identity_service_server::IdentityService, *,
};
use tonic::{Response, Status};
use uuid::Uuid;

async fn signed_in(portal: &Portal, login: &str) -> String {
    portal.try_login(login, PASSWORD, SubjectKind::Agent).await.unwrap().into_inner().session_token
}

fn request(session: &str, contact: Uuid) -> BeginImpersonationRequest {
    let source = Source { address: "198.51.100.4".into(), user_agent: "Firefox/140.0".into() };
    BeginImpersonationRequest {
        session: Some(SessionProof { token: session.into(), surface: SubjectKind::Agent.into(), source: Some(source) }),
        contact_id: contact.to_string(),
        reason: "The invoice is not shown".into(),
        ..BeginImpersonationRequest::default()
    }
}

async fn begin(portal: &Portal, request: BeginImpersonationRequest) -> Result<Response<LoginResponse>, Status> {
    portal.server.begin_impersonation(by(&gateway(), request)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_sees_the_portal_as_the_contact_for_half_an_hour_and_the_log_says_why() {
    let portal = Portal::new().await;
    let ada = portal.active_agent("ada", "administrator").await;
    let emma = portal.active_contact("emma@acme.test").await;
    let session = signed_in(&portal, "ada").await;
    let ticket = new_id();
    let asked = BeginImpersonationRequest { ticket_id: ticket.to_string(), ..request(&session, emma) };
    let begun = begin(&portal, asked).await.unwrap().into_inner();
    let subject = begun.subject.unwrap();
    assert_eq!(
        (subject.kind(), subject.id, subject.name.as_str()),
        (SubjectKind::Contact, emma.to_string(), "Emma Rossi")
    );
    assert_eq!(begun.stage, i32::from(Stage::Complete));
    let row = "select count(*) from session where kind = 1 and read_only and method = 'support_access'
               and agent_id is not null and absolute_until = created_at + interval '30 minutes'";
    assert_eq!(portal.count(row).await, 1);
    portal.check(&begun.session_token).await.unwrap();
    let started = portal.events::<SupportAccessStarted>().await.remove(0);
    assert_eq!((started.user_id, started.agent_id), (emma.to_string(), ada.to_string()));
    assert_eq!((started.reason.as_str(), started.ticket_id), ("The invoice is not shown", ticket.to_string()));
    assert!(!started.write);
    let recorded = portal.identity.log().read(begun.position, 1).await.unwrap().remove(0);
    assert_eq!(recorded.actor_id, ada);
    // It is not the customer's own login, and the reason is sealed.
    assert_eq!(portal.access(emma).await.last_login_micros, 0);
    let clear = "select count(*) from event where position('The invoice'::bytea in payload) > 0";
    assert_eq!(portal.count(clear).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_needs_the_right_a_fresh_proof_and_a_reason() {
    let portal = Portal::new().await;
    portal.active_agent("ada", "administrator").await;
    portal.active_agent("bob", "agent").await;
    let emma = portal.active_contact("emma@acme.test").await;
    let (ada, bob) = (signed_in(&portal, "ada").await, signed_in(&portal, "bob").await);
    assert_eq!(reason(begin(&portal, request(&bob, emma)).await), (Code::Forbidden, "impersonation".into()));
    let short = BeginImpersonationRequest { reason: "  because ".into(), ..request(&ada, emma) };
    assert_eq!(wrong_field(begin(&portal, short).await), ("reason".into(), "too_short".into()));
    let odd = BeginImpersonationRequest { ticket_id: "x".into(), reason: "x".repeat(501), ..request(&ada, emma) };
    let error = refused(begin(&portal, odd).await);
    let fields: Vec<&str> = error.fields.iter().map(|f| f.field.as_str()).collect();
    assert_eq!(fields, ["reason", "ticket_id"]);
    let nobody = begin(&portal, request("pses_x", emma)).await;
    assert_eq!(reason(nobody), (Code::Unauthenticated, "session_invalid".into()));
    // The token of a contact is no agent's.
    let contact = portal.login("emma@acme.test").await.session_token;
    assert_eq!(reason(begin(&portal, request(&contact, emma)).await).1, "session_invalid");
    portal
        .sql(
            "update session set created_at = now() - interval '11 minutes',
                auth_at = now() - interval '11 minutes'",
        )
        .await;
    assert_eq!(reason(begin(&portal, request(&ada, emma)).await), (Code::Forbidden, "step_up_required".into()));
    assert!(portal.events::<SupportAccessStarted>().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn changing_things_as_a_contact_is_a_right_of_its_own() {
    let portal = Portal::new().await;
    let role = DefineRoleRequest {
        name: "Looks".into(),
        records: "read".into(),
        rights: vec!["impersonate".into()],
        ..DefineRoleRequest::default()
    };
    let role = portal.admin.define_role(by(&fresh("administrator"), role)).await.unwrap().into_inner().role.unwrap();
    portal.active_agent("lou", &role.role_id).await;
    portal.active_agent("ada", "administrator").await;
    let emma = portal.active_contact("emma@acme.test").await;
    let lou = signed_in(&portal, "lou").await;
    let write = BeginImpersonationRequest { write: true, ..request(&lou, emma) };
    assert_eq!(reason(begin(&portal, write).await), (Code::Forbidden, "impersonation_write".into()));
    begin(&portal, request(&lou, emma)).await.unwrap();
    let ada = signed_in(&portal, "ada").await;
    begin(&portal, BeginImpersonationRequest { write: true, ..request(&ada, emma) }).await.unwrap();
    assert_eq!(portal.count("select count(*) from session where agent_id is not null and not read_only").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_contacts_with_access_are_looked_at_from_inside() {
    let portal = Portal::new().await;
    portal.active_agent("ada", "administrator").await;
    let bob = portal.active_agent("bob", "agent").await;
    let ada = signed_in(&portal, "ada").await;
    assert_eq!(reason(begin(&portal, request(&ada, bob)).await).1, "is_an_agent");
    assert_eq!(reason(begin(&portal, request(&ada, new_id())).await).1, "access_not_enabled");
    let emma = portal.active_contact("emma@acme.test").await;
    portal.disable(emma).await;
    assert_eq!(reason(begin(&portal, request(&ada, emma)).await).1, "access_not_enabled");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_has_one_support_access_at_a_time() {
    let portal = Portal::new().await;
    let ada = portal.active_agent("ada", "administrator").await;
    let emma = portal.active_contact("emma@acme.test").await;
    let marco = portal.active_contact("marco@acme.test").await;
    let session = signed_in(&portal, "ada").await;
    let first = begin(&portal, request(&session, emma)).await.unwrap().into_inner();
    let second = begin(&portal, request(&session, marco)).await.unwrap().into_inner();
    assert_eq!(reason(portal.check(&first.session_token).await).1, "session_invalid");
    portal.check(&second.session_token).await.unwrap();
    let ended = portal.events::<LoggedOut>().await.remove(0);
    assert_eq!((ended.session_id, ended.agent_id), (first.session_id, ada.to_string()));
    // The same contact again is no exception.
    let third = begin(&portal, request(&session, marco)).await.unwrap().into_inner();
    assert_eq!(reason(portal.check(&second.session_token).await).1, "session_invalid");
    portal.check(&third.session_token).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_with_the_agents_own_session_account_and_with_the_contacts_access() {
    let portal = Portal::new().await;
    portal.active_agent("root", "administrator").await;
    let ada = portal.active_agent("ada", "administrator").await;
    let emma = portal.active_contact("emma@acme.test").await;
    let session = signed_in(&portal, "ada").await;
    let one = begin(&portal, request(&session, emma)).await.unwrap().into_inner().session_token;
    portal.server.logout(by(&gateway(), LogoutRequest { session_token: session })).await.unwrap();
    assert_eq!(reason(portal.check(&one).await).1, "session_invalid");

    let session = signed_in(&portal, "ada").await;
    let two = begin(&portal, request(&session, emma)).await.unwrap().into_inner().session_token;
    let disable = DisableAgentRequest { user_id: ada.to_string() };
    portal.admin.disable_agent(by(&fresh("administrator"), disable)).await.unwrap();
    assert_eq!(reason(portal.check(&two).await).1, "session_invalid");
    let agents: Vec<String> = portal.events::<LoggedOut>().await.into_iter().map(|e| e.agent_id).collect();
    assert_eq!(agents.iter().filter(|a| **a == ada.to_string()).count(), 2);

    let session = signed_in(&portal, "root").await;
    let three = begin(&portal, request(&session, emma)).await.unwrap().into_inner().session_token;
    portal.disable(emma).await;
    assert_eq!(reason(portal.check(&three).await).1, "session_invalid");
}
