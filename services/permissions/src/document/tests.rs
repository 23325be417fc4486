use super::*;
use policy::{Catalogue, FieldShape, FieldType, ModuleShape};
use proptest::prelude::*;
use proto::records::v1::{FieldDefinition, FieldType as Stored, ModuleDefinition};
use serde_json::json;
use std::collections::BTreeSet;

fn installation() -> Installation {
    let field = |name: &str, kind: Stored, personal| FieldDefinition {
        name: name.into(),
        r#type: kind.into(),
        personal,
        ..FieldDefinition::default()
    };
    let module = |name: &str, fields| ModuleDefinition { name: name.into(), fields, ..ModuleDefinition::default() };
    let agents = BTreeSet::from([uuid::Uuid::from_u128(5)]);
    Installation::new(
        &[
            module(
                "contacts",
                vec![
                    field("department", Stored::Text, false),
                    field("email", Stored::Email, true),
                    field("contract_end", Stored::Date, false),
                ],
            ),
            module("companies", vec![field("status", Stored::Text, false)]),
            module("tickets", vec![field("title", Stored::Text, false), field("owner_id", Stored::Owner, false)]),
        ],
        agents,
    )
}

fn refused(document: serde_json::Value) -> (String, String) {
    let error = parse(&document.to_string()).unwrap_err();
    assert_eq!(error.code, kernel::Code::Invalid);
    (error.fields[0].field.clone(), error.fields[0].code.to_string())
}

#[test]
fn an_unknown_field_is_refused_with_its_place() {
    let document = json!({"format": 1, "name": "A", "modules": {"tickets": {"enabled": true, "colour": "red"}}});
    assert_eq!(refused(document), ("/modules/tickets/colour".into(), "document_not_valid".into()));
    assert_eq!(refused(json!({"format": 1, "name": "A", "nmae": "B"})).0, "/nmae");
}

#[test]
fn a_value_that_can_not_be_is_refused_with_its_place() {
    let document = json!({"format": 1, "name": "A",
        "modules": {"tickets": {"enabled": true, "fields": {"title": {"access": "sometimes"}}}}});
    assert!(refused(document).0.starts_with("/modules/tickets/fields/title/access"));
    assert_eq!(refused(json!({"format": 2, "name": "A"})).0, "/format");
}

#[test]
fn what_is_no_json_or_too_large_is_refused() {
    assert_eq!(parse("{").unwrap_err().fields[0].code, "not_json");
    assert_eq!(parse("{\"format\":1,\"name\":\"A\"} x").unwrap_err().fields[0].code, "not_json");
    let large = format!("{{\"format\":1,\"name\":\"{}\"}}", "x".repeat(MAX_DOCUMENT));
    assert_eq!(parse(&large).unwrap_err().fields[0].code, "document_too_large");
}

fn profile(document: serde_json::Value) -> Profile {
    parse(&document.to_string()).unwrap()
}

#[test]
fn a_name_is_trimmed_and_must_be_one() {
    let repaired = repair(profile(json!({"format": 1, "name": "  Standard "})), &installation()).unwrap();
    assert_eq!(repaired.document.name, "Standard");
    for (name, code) in [("   ", "required"), (&*"x".repeat(101), "too_long"), ("a\u{0}b", "control_character")] {
        let error = repair(profile(json!({"format": 1, "name": name})), &installation()).err().unwrap();
        assert_eq!((&*error.fields[0].field, &*error.fields[0].code), ("/name", code));
    }
}

#[test]
fn a_column_of_a_hidden_field_is_taken_away_and_named() {
    let document = json!({"format": 1, "name": "A", "modules": {"tickets": {"enabled": true,
        "actions": {"view": "mine"},
        "fields": {"title": {"access": "read"}},
        "list": {"columns": ["title", "owner_id"], "sort": "owner_id"}}}});
    let repaired = repair(profile(document), &installation()).unwrap();
    assert_eq!(repaired.removed_columns, ["tickets.owner_id"]);
    let stored = parse(&repaired.document.json).unwrap();
    assert_eq!(stored.modules["tickets"].list.columns, ["title"]);
    assert_eq!(stored.modules["tickets"].list.sort, None);
    assert!(repaired.problems.iter().any(|p| p.code == "sort_removed"));
}

fn match_problems(when: serde_json::Value) -> Vec<(String, String)> {
    let document = json!({"format": 1, "name": "A", "matching": {"priority": 1, "when": when}});
    check(&profile(document), &installation())
        .into_iter()
        .filter(|p| p.severity == Severity::Error)
        .map(|p| (p.path, p.code))
        .collect()
}

#[test]
fn a_match_condition_asks_only_what_is_kept() {
    assert_eq!(match_problems(json!({"field": "contact.department", "op": "eq", "value": "x"})), []);
    assert_eq!(
        match_problems(json!({"all": [
            {"field": "company.status", "op": "eq", "value": "active"},
            {"not": {"field": "contact.email", "op": "ends_with", "value": "@x.test"}},
        ]})),
        [("/matching/when/all/1/not".to_owned(), "personal_field_in_match_condition".to_owned())]
    );
    let number = match_problems(json!({"field": "contact.number", "op": "is_empty"}));
    assert!(number.iter().any(|(_, code)| code == "field_not_in_match_conditions"));
}

#[test]
fn a_match_condition_does_not_ask_for_the_time() {
    for when in [
        json!({"field": "contact.contract_end", "op": "in_past"}),
        json!({"field": "contact.contract_end", "op": "before", "value": "today"}),
        json!({"field": "contact.contract_end", "op": "between", "value": ["2026-01-01", "today"]}),
    ] {
        assert_eq!(match_problems(when), [("/matching/when".to_owned(), "time_in_match_condition".to_owned())]);
    }
}

#[test]
fn an_owner_must_be_an_agent() {
    let owner = |owner: &str| profile(json!({"format": 1, "name": "A", "owner": owner}));
    let known = uuid::Uuid::from_u128(5).to_string();
    assert!(check(&owner(&known), &installation()).is_empty());
    for unknown in ["", "somebody", "00000000-0000-0000-0000-000000000006"] {
        let problems = check(&owner(unknown), &installation());
        assert_eq!((&*problems[0].path, &*problems[0].code), ("/owner", "unknown_agent"));
    }
}

#[test]
fn the_profiles_that_an_installation_begins_with_have_no_errors_while_no_module_is_known() {
    for built_in in crate::domain::profile::BuiltIn::ALL {
        let problems = check(&built_in.profile(), &Installation::default());
        assert!(problems.iter().all(|p| p.severity == Severity::Warning), "{problems:?}");
    }
}

#[test]
fn a_repaired_document_is_repaired_no_further() {
    let shape = ModuleShape {
        fields: [("title".to_owned(), FieldShape::new(FieldType::Text))].into(),
        ..ModuleShape::default()
    };
    let mut installation = Installation::default();
    installation.catalogue = Catalogue { modules: [("tickets".to_owned(), shape)].into() };
    for profile in [Profile::default_profile(), Profile::standard_demo(), Profile::technical_demo()] {
        let once = repair(profile, &installation).unwrap();
        let twice = repair(parse(&once.document.json).unwrap(), &installation).unwrap();
        assert_eq!(twice.document, once.document);
        assert!(twice.removed_columns.is_empty());
    }
}

proptest! {
    #[test]
    fn any_text_is_parsed_or_refused_without_a_panic(text in "\\PC{0,80}") {
        let _ = parse(&text);
    }
}
