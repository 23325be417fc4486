//! proves: A01, A02, A04, A20

use crate::portal::{PASSWORD, Portal, agent, by, day, reason, refused, wrong_field};
use kernel::{Actor, ActorKind, Code, new_id};
use proto::identity::v1::{identity_service_server::IdentityService, *};

#[tokio::test(flavor = "multi_thread")]
async fn giving_access_invites_at_once_and_records_who_did_it() {
    let portal = Portal::new().await;
    let contact = new_id();
    let request = portal.enabling(contact, "Emma@acme.test");
    let answer = portal.server.enable_access(by(&agent("agent"), request)).await.unwrap().into_inner();
    assert!(answer.invitation_sent);
    let access = answer.access.unwrap();
    assert_eq!((access.enabled, access.state.as_str(), access.login.as_str()), (true, "invited", "Emma@acme.test"));
    assert!(access.invitation_expires_micros > 0);

    let issued = portal.events::<InvitationIssued>().await.remove(0);
    assert_eq!(
        (issued.user_id, issued.email.as_str(), issued.name.as_str()),
        (contact.to_string(), "Emma@acme.test", "Emma Rossi")
    );
    let recorded = portal.identity.log().read(answer.position, 1).await.unwrap().remove(0);
    assert_eq!((recorded.actor_id, recorded.session), (agent("agent").id, agent("agent").session));
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_addresses_are_sealed_in_the_log() {
    let portal = Portal::new().await;
    let contact = portal.active_contact("emma@acme.test").await;
    let clear = "select count(*) from event where position('emma@acme.test'::bytea in payload) > 0";
    assert_eq!(portal.count(clear).await, 0);
    portal.identity.log().keys().erase(contact).await.unwrap();
    assert_eq!(portal.events::<AccessEnabled>().await[0].email, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_named_field_by_field() {
    let portal = Portal::new().await;
    let good = portal.enabling(new_id(), "emma@acme.test");
    let with = |change: fn(&mut EnableAccessRequest)| {
        let mut request = good.clone();
        change(&mut request);
        portal.server.enable_access(by(&agent("agent"), request))
    };
    let expect = |field: &str, code: &str| (field.to_owned(), code.to_owned());
    assert_eq!(wrong_field(with(|r| r.email = "emma".into()).await), expect("email", "not_an_email"));
    assert_eq!(wrong_field(with(|r| r.email = String::new()).await), expect("email", "not_an_email"));
    assert_eq!(wrong_field(with(|r| r.support_start = String::new()).await), expect("support_start", "required"));
    assert_eq!(wrong_field(with(|r| r.support_end = String::new()).await), expect("support_end", "required"));
    assert_eq!(wrong_field(with(|r| r.support_end = "2026-02-30".into()).await), expect("support_end", "not_a_date"));
    assert_eq!(wrong_field(with(|r| r.support_end = "1999-01-01".into()).await), expect("support_end", "before_start"));
    assert_eq!(wrong_field(with(|r| r.locale = "klingon".into()).await), expect("locale", "not_a_language"));
    assert_eq!(wrong_field(with(|r| r.name = "x".repeat(202)).await), expect("name", "too_long"));
    assert_eq!(reason(with(|r| r.contact_id = "x".into()).await).0, Code::NotFound);
    let all = with(|r| {
        r.email = String::new();
        r.support_start = String::new();
        r.support_end = String::new();
    });
    let fields: Vec<String> = refused(all.await).fields.into_iter().map(|f| f.field).collect();
    assert_eq!(fields, ["email", "support_start", "support_end"]);
    assert_eq!(portal.count("select count(*) from event").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn past_support_is_stored_but_nobody_is_invited() {
    let portal = Portal::new().await;
    let contact = new_id();
    let dates = (day(-9), day(-1));
    let request =
        EnableAccessRequest { support_start: dates.0, support_end: dates.1, ..portal.enabling(contact, "e@acme.test") };
    let answer = portal.server.enable_access(by(&agent("agent"), request)).await.unwrap().into_inner();
    assert_eq!((answer.invitation_sent, answer.not_sent_reason.as_str()), (false, "support_ended"));
    assert!(answer.access.unwrap().enabled);
    assert!(portal.events::<InvitationIssued>().await.is_empty());
    let resend = ResendInvitationRequest { contact_id: contact.to_string(), email: None };
    let refused = portal.server.resend_invitation(by(&agent("agent"), resend.clone())).await;
    assert_eq!(reason(refused), (Code::Precondition, "support_ended".into()));

    let (contact_id, support_start, support_end) = (contact.to_string(), day(-9), day(9));
    let change = ChangeSupportDatesRequest { contact_id, support_start, support_end };
    portal.server.change_support_dates(by(&agent("agent"), change)).await.unwrap();
    portal.server.resend_invitation(by(&agent("agent"), resend)).await.unwrap();
    assert_eq!(portal.events::<InvitationIssued>().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn support_in_the_future_invites_now_and_the_password_may_be_chosen_before_it() {
    let portal = Portal::new().await;
    let contact = new_id();
    let dates = (day(5), day(9));
    let request =
        EnableAccessRequest { support_start: dates.0, support_end: dates.1, ..portal.enabling(contact, "e@acme.test") };
    let answer = portal.server.enable_access(by(&agent("agent"), request)).await.unwrap().into_inner();
    assert!(answer.invitation_sent);
    assert_eq!(portal.events::<InvitationIssued>().await[0].support_start, day(5));
    let token = portal.invitation_token(contact).await;
    portal.accept(&token, PASSWORD).await.unwrap();
    assert_eq!(portal.access(contact).await.state, "active");
    assert_eq!(reason(portal.try_portal("e@acme.test", PASSWORD).await).1, "support_not_started");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_is_answered_alike_and_invites_once() {
    let portal = Portal::new().await;
    let contact = new_id();
    let request = EnableAccessRequest { idempotency_key: "k1".into(), ..portal.enabling(contact, "emma@acme.test") };
    let call = || portal.server.enable_access(by(&agent("agent"), request.clone()));
    let first = call().await.unwrap().into_inner();
    let second = call().await.unwrap().into_inner();
    assert_eq!((second.invitation_sent, second.position), (true, first.position));
    assert_eq!(portal.events::<InvitationIssued>().await.len(), 1);

    // Also when the details have changed since, so that the command itself would be refused now.
    let (contact_id, support_start, support_end) = (contact.to_string(), day(-1), day(3));
    let change = ChangeSupportDatesRequest { contact_id, support_start, support_end };
    portal.server.change_support_dates(by(&agent("agent"), change)).await.unwrap();
    assert_eq!(call().await.unwrap().into_inner().position, first.position);

    let other = EnableAccessRequest { email: "other@acme.test".into(), ..request.clone() };
    let reused = portal.server.enable_access(by(&agent("agent"), other)).await;
    assert_eq!(reason(reused).1, "idempotency_key_reused");
    let unkeyed = EnableAccessRequest { idempotency_key: String::new(), ..request.clone() };
    let again = portal.server.enable_access(by(&agent("agent"), unkeyed)).await;
    assert_eq!(reason(again), (Code::Conflict, "access_already_enabled".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_never_share_a_login_however_it_is_written() {
    let portal = Portal::new().await;
    portal.contact("emma@acme.test").await;
    let request = portal.enabling(new_id(), "EMMA@Acme.test");
    let error = refused(portal.server.enable_access(by(&agent("agent"), request)).await);
    assert_eq!((error.code, &*error.reason, error.fields[0].field.as_str()), (Code::Conflict, "login_taken", "email"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_one_gets_the_login() {
    let portal = Portal::new().await;
    let attempts = (0..10).map(|_| {
        let (server, request) = (portal.server.clone(), portal.enabling(new_id(), "emma@acme.test"));
        tokio::spawn(async move { server.enable_access(by(&agent("agent"), request)).await.is_ok() })
    });
    let won = futures::future::join_all(attempts).await.into_iter().filter(|r| *r.as_ref().unwrap()).count();
    assert_eq!(won, 1);
    assert_eq!(portal.count("select count(*) from accounts_v1").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn disabled_access_is_given_again_with_a_new_invitation_and_password() {
    let portal = Portal::new().await;
    let contact = portal.active_contact("emma@acme.test").await;
    let access = portal.disable(contact).await.access.unwrap();
    assert_eq!((access.enabled, access.state.as_str()), (false, "none"));
    assert_eq!(portal.count("select count(*) from credential").await, 0);
    assert_eq!(portal.disable(contact).await.position, 0, "already so");

    let request = portal.enabling(contact, "emma@acme.test");
    let answer = portal.server.enable_access(by(&agent("agent"), request)).await.unwrap().into_inner();
    assert_eq!((answer.invitation_sent, answer.access.unwrap().state.as_str()), (true, "invited"));
    assert_eq!(reason(portal.try_portal("emma@acme.test", PASSWORD).await).1, "invalid_credentials");
    let token = portal.invitation_token(contact).await;
    portal.accept(&token, PASSWORD).await.unwrap();
    portal.login("emma@acme.test").await;
    let versions: Vec<i64> = portal.events::<PasswordSet>().await.iter().map(|p| p.credential_version).collect();
    assert_eq!(versions, [1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn access_given_again_under_another_address_frees_the_old_one() {
    let portal = Portal::new().await;
    let contact = portal.contact("emma@acme.test").await;
    portal.disable(contact).await;
    let taken = portal.enabling(new_id(), "emma@acme.test");
    assert_eq!(reason(portal.server.enable_access(by(&agent("agent"), taken)).await).1, "login_taken");
    let request = portal.enabling(contact, "emma.rossi@acme.test");
    portal.server.enable_access(by(&agent("agent"), request)).await.unwrap();
    portal.contact("emma@acme.test").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_without_access_has_state_none() {
    let portal = Portal::new().await;
    let contact = new_id();
    let access = portal.access(contact).await;
    assert_eq!((access.enabled, access.state.as_str(), access.contact_id), (false, "none", contact.to_string()));
    let (contact_id, support_start, support_end) = (contact.to_string(), day(0), day(1));
    let change = ChangeSupportDatesRequest { contact_id, support_start, support_end };
    let refused = portal.server.change_support_dates(by(&agent("agent"), change)).await;
    assert_eq!(reason(refused), (Code::Precondition, "access_not_enabled".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn viewers_look_and_contacts_see_nothing() {
    let portal = Portal::new().await;
    let contact = portal.contact("emma@acme.test").await;
    let contact_id = contact.to_string();
    let myself = Actor { kind: ActorKind::Contact, id: contact, role: String::new(), ..agent("viewer") };
    for (who, sees) in [(agent("viewer"), true), (myself, false)] {
        let server = &portal.server;
        let request = GetAccessRequest { contact_id: contact_id.clone() };
        assert_eq!(server.get_access(by(&who, request)).await.is_ok(), sees);
        let enable = portal.enabling(new_id(), "x@acme.test");
        assert_eq!(reason(server.enable_access(by(&who, enable)).await).0, Code::Forbidden);
        let disable = DisableAccessRequest { contact_id: contact_id.clone() };
        assert_eq!(reason(server.disable_access(by(&who, disable)).await).0, Code::Forbidden);
        let resend = ResendInvitationRequest { contact_id: contact_id.clone(), email: None };
        assert_eq!(reason(server.resend_invitation(by(&who, resend)).await).0, Code::Forbidden);
        let dates =
            ChangeSupportDatesRequest { contact_id: contact_id.clone(), support_start: day(0), support_end: day(1) };
        assert_eq!(reason(server.change_support_dates(by(&who, dates)).await).0, Code::Forbidden);
        assert_eq!(reason(server.list_locked(by(&who, ListLockedRequest::default())).await).0, Code::Forbidden);
        let unlock =
            UnlockRequest { user_ids: vec![contact_id.clone()], note: String::new(), ..UnlockRequest::default() };
        assert_eq!(reason(server.unlock(by(&who, unlock)).await).0, Code::Forbidden);
    }
}
