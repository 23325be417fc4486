//! Golden files: what was ever stored must be read for ever, and its published form must not change by accident.
//! `tests/golden/<stored type>.hex` are stored bytes, `.json` the published form. A missing file is written when
//! WRITE_GOLDEN is set; one that is there is never changed by a test.

use super::*;
use crate::domain::module::{Amendment, Block, Description, FieldRef, Label as Words};
use proto::records::v1::{BlockDefinition, FieldDefinition, FieldType, Label, ModuleDefinition, PicklistValue};
use std::{fs, path::PathBuf};

fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + n)
}

fn records() -> Vec<Event> {
    let text = |field: &str, value: &str| (field.to_owned(), Value::text(value));
    let change = |field: &str, old: Option<&str>, new: Option<&str>| Change {
        field: field.to_owned(),
        old: old.map(Value::text),
        new: new.map(Value::text),
    };
    let status = |old: &str, new: &str| StatusChange {
        field: "status".into(),
        old: old.into(),
        new: new.into(),
        by_reply: None,
    };
    vec![
        Event::Created {
            id: id(1),
            module: "tickets".into(),
            number: 9_007_199_254_740_993,
            fields: vec![
                text("title", "Printer"),
                ("rating".to_owned(), Value::Integer(-9_007_199_254_740_993)),
                ("urgent".to_owned(), Value::Boolean(false)),
            ],
            personal: vec![text("description", "It smokes.")],
            ties: Ties { contact: 1001, company: 0 },
        },
        Event::Updated {
            changes: vec![change("priority", Some("normal"), Some("high")), change("category", Some("other"), None)],
            personal: vec![change("description", None, Some("It burns."))],
            ties: Ties { contact: 1001, company: 1002 },
        },
        Event::StatusChanged(status("open", "waiting")),
        Event::Closed(status("waiting", "closed")),
        Event::Reopened(status("closed", "open")),
        Event::Assigned { field: "owner_id".into(), old: None, new: Some(id(3)) },
        Event::Commented { comment_id: id(4), body: "Which printer?".into(), author: Author::Agent },
        Event::InternalNoted { comment_id: id(5), body: "Again.".into() },
        Event::CommentEdited { comment_id: id(4), body: "Which printer, and where?".into(), internal: false },
        Event::CommentRemoved { comment_id: id(5), internal: true },
        Event::Deleted,
        Event::Restored,
    ]
}

fn definition() -> ModuleDefinition {
    let labels = |text: &str| vec![Label { language: "en".into(), text: text.into() }];
    let field = |number: u32, kind: FieldType, name: &str| FieldDefinition {
        name: name.into(),
        number,
        r#type: kind.into(),
        labels: labels(name),
        block: "details".into(),
        ..FieldDefinition::default()
    };
    let status = PicklistValue {
        key: "open".into(),
        labels: labels("Open"),
        color: "blue".into(),
        number: 1,
        customer_labels: Vec::new(),
    };
    ModuleDefinition {
        name: "journeys".into(),
        number: 1001,
        singular: labels("Journey"),
        plural: labels("Journeys"),
        icon: "map".into(),
        prefix: "JO".into(),
        first_number: 9_007_199_254_740_993,
        blocks: vec![BlockDefinition { name: "details".into(), labels: labels("Details") }],
        fields: vec![
            FieldDefinition { mandatory: true, promoted: true, max_length: 80, ..field(1, FieldType::Text, "title") },
            FieldDefinition {
                promoted: true,
                values: vec![status],
                default_value: "open".into(),
                ..field(2, FieldType::Picklist, "status")
            },
            FieldDefinition { target_module: "contacts".into(), ..field(3, FieldType::Relation, "contact_id") },
            FieldDefinition { personal: true, help: labels("Help"), ..field(4, FieldType::LongText, "notes") },
        ],
        title_field: "title".into(),
        contact_field: "contact_id".into(),
        status_field: "status".into(),
        closed_values: vec!["open".into()],
        list_columns: vec!["number".into(), "title".into()],
        comments: true,
        ..ModuleDefinition::default()
    }
}

/// One of each step of a module.
fn amendments() -> Vec<Amendment> {
    let whole = super::definition(definition());
    let words = |text: &str| vec![Words { language: "en".into(), text: text.into() }];
    let block = |name: &str| Block { name: name.into(), labels: words("Block") };
    let [title, status, contact, notes] = whole.fields.clone().try_into().unwrap();
    let (field, value) = (FieldRef::of(&status), status.values[0].clone());
    let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    vec![
        Amendment::Described(Description { plural: words("Trips"), ..Description::of(&whole) }),
        Amendment::BlockAdded(block("more")),
        Amendment::BlockChanged(block("details")),
        Amendment::BlockRemoved("more".into()),
        Amendment::BlocksOrdered(names(&["more", "details"])),
        Amendment::FieldAdded(status.clone()),
        Amendment::RelationAdded(contact.clone()),
        Amendment::FieldChanged(notes.clone()),
        Amendment::FieldRetired(FieldRef::of(&notes)),
        Amendment::FieldsOrdered(names(&["status", "title"])),
        Amendment::FieldPromoted(FieldRef::of(&title)),
        Amendment::FieldDemoted(FieldRef::of(&title)),
        Amendment::FieldSortable(FieldRef::of(&title)),
        Amendment::ColumnDropped(FieldRef::of(&title)),
        Amendment::ValueAdded { field: field.clone(), value: value.clone() },
        Amendment::ValueChanged { field: field.clone(), value: value.clone() },
        Amendment::ValueRetired { field: field.clone(), key: value.key.clone(), number: value.number },
        Amendment::ValuesOrdered { field, keys: names(&["open", "closed"]) },
        Amendment::TitleChosen("title notes".into()),
        Amendment::TiesChosen { contact: contact.name, company: "company_id".into(), owner: String::new() },
        Amendment::StatusChosen {
            field: "status".into(),
            closed: names(&["open"]),
            awaiting: String::new(),
            active: String::new(),
        },
        Amendment::ListColumnsChosen(names(&["title", "number"])),
        Amendment::Defined(whole),
    ]
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn golden(name: &str, extension: &str, made: &str) -> String {
    let path: PathBuf =
        [env!("CARGO_MANIFEST_DIR"), "tests", "golden", &format!("{name}.{extension}")].iter().collect();
    if !path.exists() && std::env::var_os("WRITE_GOLDEN").is_some() {
        fs::write(&path, format!("{made}\n")).unwrap();
    }
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())).trim_end().to_owned()
}

fn check(stored_type: &'static str, bytes: &[u8], meant: &Stored) {
    let stored = golden(stored_type, "hex", &hex(bytes));
    let stored: Vec<u8> =
        (0..stored.len()).step_by(2).map(|i| u8::from_str_radix(&stored[i..i + 2], 16).unwrap()).collect();
    assert_eq!(decode(stored_type, &stored).unwrap().as_ref(), Some(meant), "{stored_type}: what was stored is read");
    let json = proto::event::to_json(stored_type, &stored).unwrap();
    let json = serde_json::to_string_pretty(&json).unwrap();
    let published: serde_json::Value = serde_json::from_str(&golden(stored_type, "json", &json)).unwrap();
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&json).unwrap(),
        published,
        "{stored_type}: what is published"
    );
    assert_eq!(proto::event::from_json(stored_type, json.as_bytes()).unwrap(), bytes, "{stored_type}: both are one");
}

#[test]
fn every_event_is_read_from_its_golden_file() {
    let mut seen = Vec::new();
    for event in records() {
        let (stored_type, bytes) = encode(id(1), "tickets", &event, None);
        check(stored_type, &bytes, &Stored::Record { id: id(1), module: "tickets".into(), event, occurred_at: None });
        seen.push(stored_type);
    }
    for amendment in amendments() {
        let event = modules::Event { module: "journeys".into(), amendment };
        let (stored_type, bytes) = encode_module(&event);
        check(stored_type, &bytes, &Stored::Module(event));
        seen.push(stored_type);
    }
    let all = proto::event::EVENT_TYPES.iter().map(|t| t.stored).filter(|t| t.starts_with("records."));
    for stored in all {
        assert!(seen.contains(&stored), "{stored} has no golden file");
    }
}

#[test]
fn an_unknown_type_is_passed_by() {
    assert_eq!(decode("records.record.teleported.v1", &[1, 2, 3]), Ok(None));
}

#[test]
fn fields_of_a_later_version_are_passed_by() {
    let (stored_type, mut bytes) = encode(id(1), "tickets", &Event::Deleted, None);
    // Field 900, a varint.
    bytes.extend_from_slice(&[0xa0, 0x38, 0x01]);
    let stored = decode(stored_type, &bytes).unwrap();
    assert_eq!(
        stored,
        Some(Stored::Record { id: id(1), module: "tickets".into(), event: Event::Deleted, occurred_at: None })
    );
}
