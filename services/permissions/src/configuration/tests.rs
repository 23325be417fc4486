use super::*;
use crate::domain::profile::BuiltIn;
use proto::records::v1::{FieldDefinition, FieldType as Stored};
use serde_json::json;
use std::collections::BTreeSet;

const A: Uuid = Uuid::from_u128(1);
const B: Uuid = Uuid::from_u128(2);
const C: Uuid = Uuid::from_u128(3);

fn installation() -> Installation {
    let field = |name: &str, kind: Stored, personal| FieldDefinition {
        name: name.into(),
        r#type: kind.into(),
        personal,
        ..FieldDefinition::default()
    };
    let module = |name: &str, fields| ModuleDefinition { name: name.into(), fields, ..ModuleDefinition::default() };
    Installation::new(
        &[
            module(
                "contacts",
                vec![
                    field("department", Stored::Text, false),
                    field("email", Stored::Email, true),
                    field("level", Stored::Integer, false),
                    field("vip", Stored::Checkbox, false),
                ],
            ),
            module("companies", vec![field("status", Stored::Text, false)]),
        ],
        BTreeSet::new(),
    )
}

fn stored(id: Uuid, matching: Option<(i32, Json)>) -> StoredProfile {
    let matching = matching.map(|(priority, when)| json!({"priority": priority, "when": when}));
    let mut document = json!({"format": 1, "name": id.to_string()});
    if let Some(matching) = matching {
        document["matching"] = matching;
    }
    StoredProfile { id, number: 1, is_default: false, document: document.to_string() }
}

fn default(id: Uuid) -> StoredProfile {
    StoredProfile { is_default: true, ..stored(id, None) }
}

fn in_department(name: &str) -> Json {
    json!({"field": "contact.department", "op": "eq", "value": name})
}

fn contact(fields: Json) -> Contact {
    Contact { id: Uuid::from_u128(9), number: 4, fields: fields.as_object().unwrap().clone(), ..Contact::default() }
}

fn chosen(profiles: Vec<StoredProfile>, contact: &Contact) -> (String, ChosenBecause) {
    let configuration = Configuration::new(1, installation(), profiles);
    let (chosen, _) = configuration.choose(contact, Timestamp::default()).unwrap();
    (chosen.id, chosen.chosen_because)
}

#[test]
fn an_explicit_profile_wins_over_a_match_and_a_match_over_the_default() {
    let profiles = || vec![default(A), stored(B, Some((1, in_department("technical")))), stored(C, None)];
    let technical = contact(json!({"department": "technical"}));
    let given = Contact { explicit: Some(C), ..technical.clone() };
    assert_eq!(chosen(profiles(), &given), (C.to_string(), ChosenBecause::Explicit));
    assert_eq!(chosen(profiles(), &technical), (B.to_string(), ChosenBecause::Matched));
    assert_eq!(chosen(profiles(), &contact(json!({}))), (A.to_string(), ChosenBecause::Default));
}

#[test]
fn of_several_matches_the_smallest_priority_wins_then_the_smaller_id() {
    let always = || json!({"all": []});
    let profiles = vec![default(A), stored(B, Some((5, always()))), stored(C, Some((-2, always())))];
    assert_eq!(chosen(profiles, &contact(json!({}))).0, C.to_string());
    let profiles = vec![default(A), stored(C, Some((5, always()))), stored(B, Some((5, always())))];
    assert_eq!(chosen(profiles, &contact(json!({}))).0, B.to_string());
}

#[test]
fn conditions_see_the_company_unless_it_is_gone() {
    let blocked = json!({"field": "company.status", "op": "eq", "value": "blocked"});
    let profiles = || vec![default(A), stored(B, Some((1, blocked.clone())))];
    let mut known = contact(json!({}));
    assert_eq!(chosen(profiles(), &known).0, A.to_string());
    known.company =
        Some(Company { fields: json!({"status": "blocked"}).as_object().unwrap().clone(), ..Company::default() });
    assert_eq!(chosen(profiles(), &known).0, B.to_string());
}

#[test]
fn numbers_and_checkboxes_compare_as_such_and_empty_is_empty() {
    let when = json!({"all": [
        {"field": "contact.level", "op": "ge", "value": 3},
        {"field": "contact.vip", "op": "eq", "value": true},
        {"field": "contact.department", "op": "is_empty"},
    ]});
    let profiles = || vec![default(A), stored(B, Some((1, when.clone())))];
    assert_eq!(chosen(profiles(), &contact(json!({"level": 3, "vip": true}))).0, B.to_string());
    assert_eq!(chosen(profiles(), &contact(json!({"level": 2, "vip": true}))).0, A.to_string());
    assert_eq!(chosen(profiles(), &contact(json!({"level": 3, "vip": true, "department": "x"}))).0, A.to_string());
}

#[test]
fn a_condition_on_a_field_that_is_not_kept_matches_nobody() {
    for field in ["contact.email", "contact.vanished"] {
        for op in ["is_empty", "is_not_empty"] {
            let profiles = vec![default(A), stored(B, Some((1, json!({"field": field, "op": op}))))];
            assert_eq!(chosen(profiles, &contact(json!({}))).0, A.to_string(), "{field} {op}");
        }
    }
}

#[test]
fn a_profile_that_can_not_be_read_is_never_replaced_by_another() {
    let broken = StoredProfile { document: "{\"format\": 9}".into(), ..stored(B, None) };
    let configuration = Configuration::new(1, installation(), vec![default(A), broken]);
    let given = Contact { explicit: Some(B), ..contact(json!({})) };
    assert_eq!(configuration.choose(&given, Timestamp::default()).unwrap_err().code, kernel::Code::Internal);
}

#[test]
fn without_a_default_there_is_no_plan_yet() {
    let configuration = Configuration::new(1, installation(), Vec::new());
    let error = configuration.choose(&contact(json!({})), Timestamp::default()).unwrap_err();
    assert_eq!((error.code, &*error.reason), (kernel::Code::Unavailable, "no_default_profile_yet"));
}

#[test]
fn the_built_in_documents_are_readable_as_published_ones() {
    for built_in in BuiltIn::ALL {
        let document = serde_json::to_string(&built_in.profile()).unwrap();
        let stored = StoredProfile { id: built_in.id(), number: 1, is_default: true, document };
        let configuration = Configuration::new(1, installation(), vec![stored]);
        assert!(configuration.choose(&contact(json!({})), Timestamp::default()).is_ok());
    }
}
