use super::*;
use eventlog::Recorded;
use kernel::{ActorKind, Channel, Timestamp};
use proto::records::v1::{FieldValue, ModuleDefined, ModuleDefinition, ModuleFieldRetired};
use serde_json::json;
use std::sync::Arc;

const CONTACT: Uuid = Uuid::from_u128(1);
const COMPANY: Uuid = Uuid::from_u128(2);

fn learned<M: StoredEvent>(message: &M) -> Option<Fact> {
    learned_or_not(message).unwrap()
}

fn learned_or_not<M: StoredEvent>(message: &M) -> Result<Option<Fact>, HandlerError> {
    fact(&Recorded {
        position: 1,
        stream: Uuid::nil(),
        version: 1,
        event_id: Uuid::nil(),
        stored_type: Arc::from(M::STORED_TYPE),
        recorded_at: Timestamp::default(),
        actor_id: Uuid::nil(),
        actor_kind: ActorKind::Agent,
        on_behalf_of: None,
        channel: Channel::Console,
        session: None,
        command_id: Uuid::nil(),
        correlation_id: Uuid::nil(),
        causation_id: None,
        traceparent: None,
        payload: message.encode_to_vec(),
        redacted: false,
        prev_hash: Vec::new(),
        hash: Vec::new(),
    })
}

fn text(text: &str) -> Option<Value> {
    Some(Value { kind: Some(Kind::Text(text.into())) })
}

fn value(field: &str, value: Option<Value>) -> FieldValue {
    FieldValue { field: field.into(), value }
}

fn change(field: &str, new: Option<Value>) -> FieldChange {
    FieldChange { field: field.into(), old: None, new }
}

#[test]
fn of_a_contact_its_company_and_values_are_kept_but_nothing_personal() {
    let created = RecordCreated {
        record_id: CONTACT.to_string(),
        module: "contacts".into(),
        number: 7,
        fields: vec![
            value("company_id", text(&COMPANY.to_string())),
            value("department", text("technical")),
            value("note", None),
            value("vip", Some(Value { kind: Some(Kind::Boolean(true)) })),
        ],
        personal_fields: vec![value("email", text("x@y.test"))],
        ..RecordCreated::default()
    };
    let expected = json!({"company_id": COMPANY.to_string(), "department": "technical", "vip": true});
    assert_eq!(
        learned(&created),
        Some(Fact::ContactCreated {
            contact: CONTACT,
            number: 7,
            company: Some(COMPANY),
            fields: expected.as_object().unwrap().clone(),
        })
    );
}

#[test]
fn a_contact_moves_to_another_company_only_when_the_change_says_so() {
    let updated = |changes| RecordUpdated {
        record_id: CONTACT.to_string(),
        module: "contacts".into(),
        changes,
        ..RecordUpdated::default()
    };
    let company = |fact| match fact {
        Some(Fact::ContactChanged { company, .. }) => company,
        other => panic!("{other:?}"),
    };
    assert_eq!(company(learned(&updated(vec![change("department", text("x"))]))), None);
    assert_eq!(company(learned(&updated(vec![change("company_id", None)]))), Some(None));
    let moved = updated(vec![change("company_id", text(&COMPANY.to_string()))]);
    assert_eq!(company(learned(&moved)), Some(Some(COMPANY)));
}

#[test]
fn an_emptied_field_is_cleared_and_a_change_of_personal_fields_alone_says_nothing() {
    let mut updated = RecordUpdated {
        record_id: COMPANY.to_string(),
        module: "companies".into(),
        changes: vec![change("status", text("")), change("country", None)],
        personal_changes: vec![change("email", text("x@y.test"))],
        ..RecordUpdated::default()
    };
    let cleared = vec!["status".to_owned(), "country".to_owned()];
    assert_eq!(learned(&updated), Some(Fact::CompanyChanged { company: COMPANY, set: Fields::new(), cleared }));
    updated.changes.clear();
    assert_eq!(learned(&updated), None);
}

#[test]
fn every_event_that_changes_a_status_or_an_owner_is_heard() {
    let (record_id, module, field) = (COMPANY.to_string(), "companies".to_owned(), "status".to_owned());
    let (old, new) = ("active".to_owned(), "blocked".to_owned());
    let facts = [
        learned(&RecordStatusChanged {
            occurred_at_micros: 0,
            record_id: record_id.clone(),
            module: module.clone(),
            field: field.clone(),
            old: old.clone(),
            new: new.clone(),
            by_reply: String::new(),
        }),
        learned(&RecordClosed {
            occurred_at_micros: 0,
            record_id: record_id.clone(),
            module: module.clone(),
            field: field.clone(),
            old: old.clone(),
            new: new.clone(),
            by_reply: String::new(),
        }),
        learned(&RecordReopened {
            occurred_at_micros: 0,
            record_id: record_id.clone(),
            module: module.clone(),
            field: field.clone(),
            old: old.clone(),
            new: new.clone(),
            by_reply: String::new(),
        }),
        learned(&RecordAssigned {
            occurred_at_micros: 0,
            record_id,
            module,
            field,
            old_owner_id: old,
            new_owner_id: new,
        }),
    ];
    for fact in facts {
        let set = json!({"status": "blocked"}).as_object().unwrap().clone();
        assert_eq!(fact, Some(Fact::CompanyChanged { company: COMPANY, set, cleared: Vec::new() }));
    }
}

#[test]
fn deleting_and_restoring_are_heard_for_contacts_and_companies_and_for_nothing_else() {
    let deleted =
        |module: &str| RecordDeleted { occurred_at_micros: 0, record_id: CONTACT.to_string(), module: module.into() };
    assert_eq!(learned(&deleted("contacts")), Some(Fact::ContactDeleted { contact: CONTACT, deleted: true }));
    assert_eq!(learned(&deleted("companies")), Some(Fact::CompanyDeleted { company: CONTACT, deleted: true }));
    assert_eq!(learned(&deleted("tickets")), None);
    let restored = RecordRestored { occurred_at_micros: 0, record_id: CONTACT.to_string(), module: "contacts".into() };
    assert_eq!(learned(&restored), Some(Fact::ContactDeleted { contact: CONTACT, deleted: false }));
}

#[test]
fn every_step_of_a_modules_definition_is_heard() {
    let definition = ModuleDefinition { name: "tickets".into(), prefix: "TT".into(), ..ModuleDefinition::default() };
    let defined = ModuleDefined { definition: Some(definition) };
    assert_eq!(learned(&defined), Some(Fact::Module(Box::new(ModuleChange::Defined(defined)))));
    let retired = ModuleFieldRetired { module: "tickets".into(), field: "severity".into(), number: 6 };
    assert_eq!(learned(&retired), Some(Fact::Module(Box::new(ModuleChange::FieldRetired(retired)))));
}

#[test]
fn an_event_whose_ids_are_none_is_poison() {
    let broken = RecordDeleted { occurred_at_micros: 0, record_id: "x".into(), module: "contacts".into() };
    assert!(matches!(learned_or_not(&broken), Err(HandlerError::Poison(_))));
}
