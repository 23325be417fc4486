//! proves: A23

use crate::portal::{PASSWORD, Portal, agent, by, reason};
use eventlog::{Reaction, Recorded};
use kernel::{ActorKind, Channel, Timestamp, new_id};
use proto::{
    event::StoredEvent,
    identity::v1::{identity_service_server::IdentityService, *},
    records::v1::{FieldChange, FieldValue, RecordCreated, RecordDeleted, RecordUpdated, Value, value::Kind},
};
use std::sync::Arc;
use uuid::Uuid;

/// An event as the records service would have recorded it.
pub(crate) fn recorded<M: StoredEvent>(message: &M) -> Recorded {
    Recorded {
        position: 1,
        stream: new_id(),
        version: 1,
        event_id: new_id(),
        stored_type: Arc::from(M::STORED_TYPE),
        recorded_at: Timestamp::from_micros(1),
        actor_id: agent("agent").id,
        actor_kind: ActorKind::Agent,
        on_behalf_of: None,
        channel: Channel::Console,
        session: None,
        command_id: new_id(),
        correlation_id: new_id(),
        causation_id: None,
        traceparent: None,
        payload: message.encode_to_vec(),
        redacted: false,
        prev_hash: Vec::new(),
        hash: Vec::new(),
    }
}

/// Does what the consumer does: handles the event and appends the reaction. True when there was one.
pub(crate) async fn hear(portal: &Portal, event: &Recorded) -> bool {
    match portal.identity.contacts_handler().handle(event).await.unwrap() {
        Reaction::Nothing => false,
        Reaction::Append(append) | Reaction::Independent(append) => {
            portal.identity.log().append(append).await.unwrap();
            true
        }
    }
}

/// Does what the consumer of contacts' addresses and companies does.
pub(crate) async fn known(portal: &Portal, event: &Recorded) {
    if let Reaction::Append(append) | Reaction::Independent(append) =
        portal.identity.known_handler().handle(event).await.unwrap()
    {
        portal.identity.log().append(append).await.unwrap();
    }
}

/// A contact came into being.
pub(crate) fn contact_of(contact: Uuid, email: &str, company: Option<Uuid>) -> Recorded {
    let field = |name: &str, value: String| FieldValue { field: name.into(), value: text(&value) };
    let company = company.map(|c| field("company_id", c.to_string()));
    recorded(&RecordCreated {
        record_id: contact.to_string(),
        module: "contacts".into(),
        fields: company.into_iter().collect(),
        personal_fields: vec![field("email", email.to_owned())],
        ..RecordCreated::default()
    })
}

/// A contact went to a company.
pub(crate) fn moved(contact: Uuid, company: Uuid) -> Recorded {
    let change = FieldChange { field: "company_id".into(), old: None, new: text(&company.to_string()) };
    recorded(&RecordUpdated {
        record_id: contact.to_string(),
        module: "contacts".into(),
        changes: vec![change],
        ..RecordUpdated::default()
    })
}

pub(crate) fn deleted(contact: Uuid, module: &str) -> Recorded {
    recorded(&RecordDeleted { occurred_at_micros: 0, record_id: contact.to_string(), module: module.into() })
}

fn text(text: &str) -> Option<Value> {
    Some(Value { kind: Some(Kind::Text(text.into())) })
}

async fn name(portal: &Portal, user: Uuid) -> String {
    let request = ResolveNamesRequest { user_ids: vec![user.to_string()] };
    portal.server.resolve_names(by(&agent("agent"), request)).await.unwrap().into_inner().names.remove(0).name
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_contact_loses_sessions_password_and_access_and_frees_its_login() {
    let portal = Portal::new().await;
    let contact = portal.active_contact("emma@acme.test").await;
    let token = portal.login("emma@acme.test").await.session_token;
    let event = deleted(contact, "contacts");
    assert!(hear(&portal, &event).await);
    assert_eq!(reason(portal.check(&token).await).1, "session_invalid");
    assert_eq!(reason(portal.try_portal("emma@acme.test", PASSWORD).await).1, "invalid_credentials");
    assert!(!portal.access(contact).await.enabled);
    assert_eq!(portal.events::<AccessDisabled>().await[0].reason, "contact_deleted");
    let caused = portal.identity.log().read(1, 100).await.unwrap().pop().unwrap();
    assert_eq!(caused.causation_id, Some(event.event_id));
    // Heard twice is done once.
    hear(&portal, &event).await;
    assert_eq!(portal.events::<AccessDisabled>().await.len(), 1);
    portal.active_contact("emma@acme.test").await;
    portal.login("emma@acme.test").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn other_records_and_contacts_without_access_are_nothing_to_identity() {
    let portal = Portal::new().await;
    let contact = portal.active_contact("emma@acme.test").await;
    assert!(!hear(&portal, &deleted(contact, "tickets")).await);
    hear(&portal, &deleted(new_id(), "contacts")).await;
    assert!(portal.access(contact).await.enabled);
    assert!(portal.events::<AccessDisabled>().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn shown_names_follow_the_contact() {
    let portal = Portal::new().await;
    let contact = portal.active_contact("emma@acme.test").await;
    assert_eq!(name(&portal, contact).await, "Emma Rossi");
    let field = |name: &str, value: &str| FieldValue { field: name.into(), value: text(value) };
    let created = RecordCreated {
        record_id: contact.to_string(),
        module: "contacts".into(),
        personal_fields: vec![field("first_name", "Emma"), field("last_name", "Bianchi")],
        ..RecordCreated::default()
    };
    assert!(hear(&portal, &recorded(&created)).await);
    assert_eq!(name(&portal, contact).await, "Emma Bianchi");
    let change = |field: &str, new: &str| FieldChange { field: field.into(), old: None, new: text(new) };
    let updated = |changes| RecordUpdated {
        record_id: contact.to_string(),
        module: "contacts".into(),
        personal_changes: changes,
        ..RecordUpdated::default()
    };
    assert!(hear(&portal, &recorded(&updated(vec![change("first_name", "Emilia")]))).await);
    assert!(!hear(&portal, &recorded(&updated(vec![change("phone", "1")]))).await);
    assert_eq!(name(&portal, contact).await, "Emilia Bianchi");
    assert_eq!(portal.login("emma@acme.test").await.subject.unwrap().name, "Emilia Bianchi");
}

/// A contact's address became another one, some seconds after now.
fn corrected(contact: Uuid, email: &str, after: i64) -> Recorded {
    let now = Timestamp::from_offset(time::OffsetDateTime::now_utc());
    let change = FieldChange { field: "email".into(), old: None, new: text(email) };
    let event = recorded(&RecordUpdated {
        record_id: contact.to_string(),
        module: "contacts".into(),
        personal_changes: vec![change],
        ..RecordUpdated::default()
    });
    Recorded { recorded_at: now.plus_seconds(after), ..event }
}

async fn resend(
    portal: &Portal,
    contact: Uuid,
    email: Option<&str>,
) -> Result<tonic::Response<ResendInvitationResponse>, tonic::Status> {
    let request = ResendInvitationRequest { contact_id: contact.to_string(), email: email.map(str::to_owned) };
    portal.server.resend_invitation(by(&agent("agent"), request)).await
}

/// Before: the invitation to the wrong address went on working, and *Resend* mailed the wrong address again.
#[tokio::test(flavor = "multi_thread")]
async fn an_open_invitation_dies_with_its_address_and_the_next_one_goes_to_the_new_one() {
    let portal = Portal::new().await;
    let contact = portal.contact("emma@acme.tset").await;
    let token = portal.invitation_token(contact).await;
    let event = corrected(contact, "emma@acme.test", 1);
    known(&portal, &event).await;
    assert_eq!(reason(portal.accept(&token, PASSWORD).await).1, "invitation_unusable");
    let revoked = portal.events::<InvitationRevoked>().await;
    assert_eq!((revoked.len(), revoked[0].reason.as_str()), (1, "address_changed"));
    let access = portal.access(contact).await;
    assert_eq!((access.state.as_str(), access.invitation_expires_micros), ("invited", 0));

    // What was heard is enough; what the caller read in the record is newer.
    resend(&portal, contact, None).await.unwrap();
    let access = portal.access(contact).await;
    assert_eq!((access.login.as_str(), access.email.as_str()), ("emma@acme.test", "emma@acme.test"));
    assert_eq!(portal.events::<InvitationIssued>().await.last().unwrap().email, "emma@acme.test");
    resend(&portal, contact, Some("emma@acme.example")).await.unwrap();
    assert_eq!(portal.events::<InvitationIssued>().await.last().unwrap().email, "emma@acme.example");
    assert_eq!(portal.events::<LoginChanged>().await.iter().filter(|e| e.via == "contact").count(), 2);
    // A correction of before that is heard late kills nothing that was sent since; nor does the same address.
    known(&portal, &corrected(contact, "emma@acme.test", -60)).await;
    known(&portal, &corrected(contact, "Emma@acme.example", 1)).await;
    let token = portal.invitation_token(contact).await;
    portal.accept(&token, PASSWORD).await.unwrap();
    portal.login("emma@acme.example").await;
    assert_eq!(reason(portal.try_portal("emma@acme.test", PASSWORD).await).1, "invalid_credentials");
    // The address that it had first is free for others.
    portal.active_contact("emma@acme.tset").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_needs_an_address_that_is_nobody_elses() {
    let portal = Portal::new().await;
    portal.active_contact("nina@acme.test").await;
    let contact = portal.contact("emma@acme.test").await;
    let taken = resend(&portal, contact, Some("nina@acme.test")).await;
    assert_eq!(reason(taken).1, "login_taken");
    assert_eq!(reason(resend(&portal, contact, Some("")).await).1, "login_is_no_email");
    let odd = resend(&portal, contact, Some("emma at acme")).await;
    assert_eq!(crate::portal::wrong_field(odd), ("email".into(), "not_an_email".into()));
    assert_eq!(portal.events::<InvitationIssued>().await.len(), 2);
}

/// Before: `login: ""`, "the contact's address again", kept the old one, and an agent changed the address of an active
/// account at once, to any mailbox.
#[tokio::test(flavor = "multi_thread")]
async fn an_active_accounts_address_changes_when_the_new_one_is_confirmed() {
    let portal = Portal::new().await;
    let contact = portal.active_contact("emma@acme.test").await;
    known(&portal, &corrected(contact, "emma@new.test", 1)).await;
    assert!(portal.events::<LoginChanged>().await.is_empty(), "a record is no proof of who reads a mailbox");
    portal.login("emma@acme.test").await;
    let change = |login: &str| ChangeLoginRequest { contact_id: contact.to_string(), login: login.into(), email: None };
    let answer = portal.server.change_login(by(&agent("agent"), change(""))).await.unwrap().into_inner();
    let access = answer.access.unwrap();
    assert_eq!((access.login.as_str(), access.pending_email.as_str()), ("emma@acme.test", "emma@new.test"));
    let asked = portal.events::<LoginChangeRequested>().await.remove(0);
    assert_eq!((asked.new_email.as_str(), asked.old_email.as_str()), ("emma@new.test", "emma@acme.test"));
    assert_eq!(asked.by, "agent");
    portal.login("emma@acme.test").await;
    let issue = IssueLinkRequest { request_id: asked.request_id };
    let issued = portal.server.issue_link(by(&kernel::Actor::service("notification"), issue)).await.unwrap();
    let token = issued.into_inner().link.split_once("token=").unwrap().1.to_owned();
    let confirm = ConfirmLoginChangeRequest { token, source: None };
    portal.server.confirm_login_change(by(&crate::portal::gateway(), confirm)).await.unwrap();
    portal.login("emma@new.test").await;
    assert_eq!(portal.access(contact).await.pending_email, "");
    // A user name needs nobody's mailbox, and the address that the account has is confirmed already.
    for (login, now) in [("emma.rossi", "emma.rossi"), ("", "emma@new.test")] {
        let answer = portal.server.change_login(by(&agent("agent"), change(login))).await.unwrap().into_inner();
        assert_eq!(answer.access.unwrap().login, now);
    }
}
