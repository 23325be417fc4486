use super::*;
use proto::records::v1::{FieldType as Stored, PicklistValue};

fn definition(name: &str, fields: Vec<FieldDefinition>) -> ModuleDefinition {
    ModuleDefinition { name: name.into(), fields, ..ModuleDefinition::default() }
}

fn definition_field(name: &str, kind: Stored) -> FieldDefinition {
    FieldDefinition { name: name.into(), r#type: kind.into(), ..FieldDefinition::default() }
}

fn relation(name: &str, target: &str) -> FieldDefinition {
    FieldDefinition { target_module: target.into(), ..definition_field(name, Stored::Relation) }
}

#[test]
fn only_modules_that_point_at_nothing_are_without_customer_data() {
    let installation = Installation::new(
        &[
            definition("faqs", vec![definition_field("title", Stored::Text)]),
            definition("documents", vec![relation("ticket_id", "tickets")]),
            ModuleDefinition { contact_field: "contact_id".into(), ..definition("tickets", Vec::new()) },
            definition("contacts", Vec::new()),
            definition("companies", Vec::new()),
        ],
        BTreeSet::new(),
    );
    let without: Vec<&str> = (installation.catalogue.modules.iter())
        .filter(|(_, m)| m.without_customer_data)
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(without, ["faqs"]);
}

#[test]
fn a_module_shows_the_lists_of_those_that_point_at_it() {
    let installation = Installation::new(
        &[definition("tickets", Vec::new()), definition("documents", vec![relation("ticket_id", "tickets")])],
        BTreeSet::new(),
    );
    assert_eq!(installation.catalogue.module("tickets").unwrap().related, ["documents"]);
    assert!(installation.catalogue.module("documents").unwrap().related.is_empty());
}

#[test]
fn picklists_bring_their_keys_and_personal_fields_are_remembered() {
    let mut department = definition_field("department", Stored::Picklist);
    department.values = vec![PicklistValue { key: "accounting".into(), ..PicklistValue::default() }];
    let mut email = definition_field("email", Stored::Email);
    email.personal = true;
    let installation = Installation::new(&[definition("contacts", vec![department, email])], BTreeSet::new());
    assert_eq!(installation.catalogue.module("contacts").unwrap().fields["department"].values, ["accounting"]);
    assert!(installation.is_personal("contacts", "email"));
    assert!(!installation.is_personal("contacts", "department"));
}
