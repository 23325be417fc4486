use super::*;
use crate::{codec, domain::module::Module, seeds::standard_modules};
use kernel::fold;
use proptest::prelude::*;
use std::{collections::BTreeSet, sync::Arc};

fn module(name: &str) -> Arc<Module> {
    Arc::new(Module::of(standard_modules().into_iter().find(|m| m.name == name).unwrap().into()))
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

const CONTACT: u128 = 10;
const OTHER_CONTACT: u128 = 11;
const COMPANY: u128 = 20;
const AGENT: u128 = 30;

fn links() -> Links {
    Links {
        records: BTreeMap::from([
            (id(CONTACT), ("contacts".to_owned(), 1001)),
            (id(OTHER_CONTACT), ("contacts".to_owned(), 1002)),
            (id(COMPANY), ("companies".to_owned(), 1003)),
        ]),
        agents: BTreeSet::from([id(AGENT), id(31)]),
    }
}

fn text(field: &str, value: impl ToString) -> (String, Value) {
    (field.to_owned(), Value::Text(value.to_string()))
}

fn create(fields: Vec<(String, Value)>) -> Command {
    Command::Create { id: id(1), number: 7, module: module("tickets"), fields, links: links() }
}

fn update(fields: Vec<(String, Value)>) -> Command {
    Command::Update { module: module("tickets"), fields, links: links() }
}

fn given(commands: Vec<Command>) -> Record {
    commands.into_iter().fold(Record::default(), |record, command| {
        let events = record.decide(command).unwrap();
        fold(record, &events)
    })
}

fn opened() -> Record {
    given(vec![create(vec![
        text("title", "Printer is on fire"),
        text("contact_id", id(CONTACT)),
        text("company_id", id(COMPANY)),
        text("owner_id", id(AGENT)),
    ])])
}

fn codes(result: Result<Vec<Event>, Rejection>) -> Vec<(String, String)> {
    match result {
        Err(Rejection::Invalid(errors)) => errors.into_iter().map(|e| (e.field, e.code.into_owned())).collect(),
        other => panic!("not refused for its fields: {other:?}"),
    }
}

fn code(field: &str, code: &str) -> (String, String) {
    (field.to_owned(), code.to_owned())
}

#[test]
fn a_new_record_gets_defaults_ties_and_its_owner() {
    let events = Record::default()
        .decide(create(vec![
            text("title", " Printer "),
            text("description", "It smokes."),
            text("contact_id", id(CONTACT)),
            text("company_id", id(COMPANY)),
            text("owner_id", id(AGENT)),
        ]))
        .unwrap();
    let [Event::Created { number: 7, fields, personal, ties, .. }, Event::Assigned { old: None, new, .. }] =
        events.as_slice()
    else {
        panic!("{events:?}")
    };
    assert_eq!(*ties, Ties { contact: 1001, company: 1003 });
    assert_eq!(*new, Some(id(AGENT)));
    assert_eq!(personal, &[text("description", "It smokes.")]);
    assert!(fields.contains(&text("title", "Printer")));
    assert!(fields.contains(&text("status", "open")));
    assert!(fields.contains(&text("priority", "normal")));
}

#[test]
fn a_contact_and_a_company_are_their_own_ties() {
    let contact = Command::Create {
        id: id(1),
        number: 9,
        module: module("contacts"),
        fields: vec![text("last_name", "Rossi"), text("company_id", id(COMPANY))],
        links: links(),
    };
    let company = Command::Create {
        id: id(2),
        number: 8,
        module: module("companies"),
        fields: vec![text("name", "Acme")],
        links: links(),
    };
    let ties = |command| match Record::default().decide(command).unwrap().remove(0) {
        Event::Created { ties, .. } => ties,
        other => panic!("{other:?}"),
    };
    assert_eq!(ties(contact), Ties { contact: 9, company: 1003 });
    assert_eq!(ties(company), Ties { contact: 0, company: 8 });
}

#[test]
fn every_bad_field_is_named_with_its_code() {
    let refused = Record::default().decide(create(vec![
        text("title", "x".repeat(201)),
        text("status", "done"),
        text("contact_id", id(99)),
        text("company_id", id(CONTACT)),
        text("owner_id", id(99)),
        text("colour", "red"),
    ]));
    assert_eq!(
        codes(refused),
        [
            code("title", "too_long"),
            code("status", "unknown_value"),
            code("contact_id", "unknown_record"),
            code("company_id", "unknown_record"),
            code("owner_id", "unknown_agent"),
            code("colour", "unknown_field"),
        ]
    );
    assert_eq!(codes(Record::default().decide(create(vec![]))), [code("title", "required")]);
    assert_eq!(
        codes(Record::default().decide(create(vec![text("title", "a"), text("title", "b")]))),
        [code("title", "given_twice")]
    );
}

#[test]
fn what_changes_is_told_from_old_to_new_and_the_rest_is_not() {
    let record = opened();
    let events = record
        .decide(update(vec![text("title", "Printer is on fire"), text("priority", "high"), text("category", "")]))
        .unwrap();
    let expected =
        Change { field: "priority".into(), old: Some(Value::text("normal")), new: Some(Value::text("high")) };
    assert_eq!(
        events,
        [Event::Updated { changes: vec![expected], personal: vec![], ties: Ties { contact: 1001, company: 1003 } }]
    );
}

#[test]
fn a_change_that_changes_nothing_is_no_event() {
    assert_eq!(opened().decide(update(vec![text("title", "Printer is on fire"), text("status", "open")])), Ok(vec![]));
    assert_eq!(opened().decide(update(vec![])), Ok(vec![]));
}

#[test]
fn the_status_tells_whether_a_record_closed_reopened_or_went_on() {
    let word = |from: &str, to: &str| {
        let record = given(vec![create(vec![text("title", "a"), text("status", from)])]);
        match record.decide(update(vec![text("status", to)])).unwrap().pop().unwrap() {
            Event::Closed(_) => "closed",
            Event::Reopened(_) => "reopened",
            Event::StatusChanged(_) => "status_changed",
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(word("open", "closed"), "closed");
    assert_eq!(word("closed", "open"), "reopened");
    assert_eq!(word("open", "waiting"), "status_changed");
}

#[test]
fn a_new_owner_is_told_with_the_old_one() {
    let events = opened().decide(update(vec![text("owner_id", id(31))])).unwrap();
    let assigned = Event::Assigned { field: "owner_id".into(), old: Some(id(AGENT)), new: Some(id(31)) };
    assert_eq!(events.last(), Some(&assigned));
    let events = opened().decide(update(vec![text("owner_id", "")])).unwrap();
    let unassigned = Event::Assigned { field: "owner_id".into(), old: Some(id(AGENT)), new: None };
    assert_eq!(events.last(), Some(&unassigned));
}

#[test]
fn a_record_follows_its_contact_relation() {
    let events = opened().decide(update(vec![text("contact_id", id(OTHER_CONTACT))])).unwrap();
    assert!(matches!(events[0], Event::Updated { ties: Ties { contact: 1002, company: 1003 }, .. }));
    let events = opened().decide(update(vec![text("company_id", "")])).unwrap();
    assert!(matches!(events[0], Event::Updated { ties: Ties { contact: 1001, company: 0 }, .. }));
}

#[test]
fn a_value_that_stays_may_point_to_what_is_gone() {
    let gone = Command::Update {
        module: module("tickets"),
        fields: vec![text("contact_id", id(CONTACT)), text("priority", "low")],
        links: Links::default(),
    };
    assert_eq!(opened().decide(gone).unwrap().len(), 1);
}

#[test]
fn a_mandatory_field_cannot_be_emptied() {
    assert_eq!(codes(opened().decide(update(vec![text("title", " ")]))), [code("title", "required")]);
}

#[test]
fn a_deleted_record_takes_nothing_but_its_restoration() {
    let deleted = fold(opened(), &[Event::Deleted]);
    let comment = Command::Comment { comment_id: id(5), body: "Hello".into(), author: Author::Agent, status: None };
    assert_eq!(deleted.decide(update(vec![text("title", "b")])), Err(Rejection::Absent));
    assert_eq!(deleted.decide(comment), Err(Rejection::Absent));
    assert_eq!(deleted.decide(Command::Delete), Ok(vec![]));
    assert_eq!(deleted.decide(Command::Restore), Ok(vec![Event::Restored]));
    assert_eq!(opened().decide(Command::Restore), Ok(vec![]));
    assert_eq!(fold(deleted, &[Event::Restored]), opened());
    assert_eq!(Record::Absent.decide(Command::Delete), Err(Rejection::Absent));
    assert_eq!(opened().decide(create(vec![])), Err(Rejection::Present));
}

#[test]
fn a_comment_needs_words_and_no_more_than_fit() {
    let comment = |body: &str| {
        opened().decide(Command::Comment {
            comment_id: id(5),
            body: body.to_owned(),
            author: Author::Contact,
            status: None,
        })
    };
    assert_eq!(
        comment("\r\n \n    Hello\r\nyou \n"),
        Ok(vec![Event::Commented { comment_id: id(5), body: "    Hello\nyou".into(), author: Author::Contact }])
    );
    assert_eq!(codes(comment(" \n ")), [code("body", "required")]);
    assert_eq!(codes(comment(&"x".repeat(MAX_COMMENT + 1))), [code("body", "too_long")]);
    assert_eq!(codes(comment("a\u{7}")), [code("body", "control_characters")]);
}

#[test]
fn personal_values_are_sealed_for_the_person_that_they_are_about() {
    let tickets = module("tickets");
    let of = |contact: Option<u128>, company: Option<u128>| {
        person_of(&tickets, id(1), |name| match name {
            "contact_id" => contact.map(id),
            "company_id" => company.map(id),
            _ => None,
        })
    };
    assert_eq!(of(Some(CONTACT), Some(COMPANY)), id(CONTACT));
    assert_eq!(of(None, Some(COMPANY)), id(COMPANY));
    assert_eq!(of(None, None), id(1));
    assert_eq!(person_of(&module("contacts"), id(1), |_| Some(id(COMPANY))), id(1));
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        ".{0,12}".prop_map(Value::Text),
        prop::sample::select(vec!["open", "closed", "waiting", "high", "low", "question", ""]).prop_map(Value::text),
        prop::sample::select(vec![CONTACT, OTHER_CONTACT, COMPANY, AGENT]).prop_map(|n| Value::Text(id(n).to_string())),
        any::<i64>().prop_map(Value::Integer),
        any::<bool>().prop_map(Value::Boolean),
    ]
}

fn any_fields() -> impl Strategy<Value = Vec<(String, Value)>> {
    let names = vec![
        "title",
        "description",
        "status",
        "priority",
        "category",
        "contact_id",
        "company_id",
        "owner_id",
        "nothing",
    ];
    prop::collection::vec((prop::sample::select(names).prop_map(str::to_owned), any_value()), 0..6)
}

fn any_command() -> impl Strategy<Value = Command> {
    prop_oneof![
        1 => any_fields().prop_map(create),
        2 => any_fields().prop_map(|mut fields| {
            fields.retain(|(n, _)| n != "title");
            fields.push(text("title", "Given"));
            create(fields)
        }),
        4 => any_fields().prop_map(update),
        1 => Just(Command::Delete),
        1 => Just(Command::Restore),
        1 => ".{0,20}".prop_map(|body| Command::Comment { comment_id: id(5), body, author: Author::Contact, status: None }),
        1 => ".{0,20}".prop_map(|body| Command::Note { comment_id: id(6), body }),
    ]
}

/// The events of a life, and what it came to.
fn live(commands: Vec<Command>) -> (Vec<Event>, Record) {
    let mut log = Vec::new();
    let mut record = Record::default();
    for command in commands {
        if let Ok(events) = record.decide(command) {
            record = fold(record, &events);
            log.extend(events);
        }
    }
    (log, record)
}

proptest! {
    #[test]
    fn no_command_makes_it_panic_and_a_repeated_change_changes_nothing(
        commands in prop::collection::vec(any_command(), 0..12),
        fields in any_fields(),
    ) {
        let (_, record) = live(commands);
        if let Ok(events) = record.decide(update(fields.clone())) {
            let after = fold(record, &events);
            prop_assert_eq!(after.decide(update(fields)), Ok(vec![]));
        }
    }

    #[test]
    fn a_life_folds_the_same_however_it_is_split(
        commands in prop::collection::vec(any_command(), 0..12),
        at in any::<prop::sample::Index>(),
    ) {
        let (log, record) = live(commands);
        let (first, second) = log.split_at(if log.is_empty() { 0 } else { at.index(log.len()) });
        prop_assert_eq!(fold(fold(Record::default(), first), second), record);
    }

    #[test]
    fn every_event_of_a_life_survives_its_stored_form(commands in prop::collection::vec(any_command(), 0..12)) {
        for event in live(commands).0 {
            let (stored_type, bytes) = codec::encode(id(1), "tickets", &event, None);
            let stored = codec::decode(stored_type, &bytes).unwrap();
            prop_assert_eq!(stored, Some(codec::Stored::Record { id: id(1), module: "tickets".into(), event, occurred_at: None }));
        }
    }

    #[test]
    fn an_update_tells_exactly_the_difference(
        commands in prop::collection::vec(any_command(), 0..8),
        fields in any_fields(),
    ) {
        let (_, record) = live(commands);
        if let Ok(events) = record.decide(update(fields)) {
            let after = fold(record.clone(), &events);
            let values = |r: &Record| r.content().map(|c| c.fields.clone()).unwrap_or_default();
            let mut told: BTreeMap<String, Value> = values(&record);
            for event in &events {
                if let Event::Updated { changes, personal, .. } = event {
                    for c in changes.iter().chain(personal) {
                        prop_assert_eq!(c.old.as_ref(), told.get(&c.field));
                        prop_assert_ne!(&c.old, &c.new);
                        match &c.new {
                            Some(v) => drop(told.insert(c.field.clone(), v.clone())),
                            None => drop(told.remove(&c.field)),
                        }
                    }
                }
            }
            prop_assert_eq!(told, values(&after));
        }
    }
}
