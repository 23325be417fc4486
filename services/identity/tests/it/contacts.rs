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
        Reaction::Append(append) => {
            portal.identity.log().append(append).await.unwrap();
            true
        }
    }
}

/// Does what the consumer of contacts' addresses and companies does.
pub(crate) async fn known(portal: &Portal, event: &Recorded) {
    if let Reaction::Append(append) = portal.identity.known_handler().handle(event).await.unwrap() {
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
    recorded(&RecordDeleted { record_id: contact.to_string(), module: module.into() })
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
