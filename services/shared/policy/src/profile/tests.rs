use crate::fixtures::{allow, cap, catalogue, demand, is, open_tickets, rule, set};
use crate::*;
use serde_json::json;

fn errors(profile: &Profile) -> Vec<(String, String)> {
    (profile.validate(catalogue()).into_iter())
        .filter(|p| p.severity == Severity::Error)
        .map(|p| (p.code, p.path))
        .collect()
}

fn codes(profile: &Profile) -> Vec<String> {
    errors(profile).into_iter().map(|(code, _)| code).collect()
}

#[test]
fn the_built_in_profiles_can_be_published_and_need_no_repair() {
    for profile in [
        Profile::default_profile(),
        Profile::non_portal_users(),
        Profile::standard_demo(),
        Profile::accounting_demo(),
        Profile::technical_demo(),
    ] {
        assert_eq!(errors(&profile), [], "{}", profile.name);
        let mut saved = profile.clone();
        assert_eq!(saved.normalise(catalogue()), [], "{}", profile.name);
        assert_eq!(saved, profile);
    }
}

#[test]
fn default_has_on_exactly_tickets_faqs_and_the_own_contact() {
    let profile = Profile::default_profile();
    assert_eq!(profile.name, "DEFAULT");
    assert_eq!(profile.modules.keys().collect::<Vec<_>>(), ["contacts", "faqs", "tickets"]);
    let granted = |module: &str| -> Vec<&str> {
        let actions = profile.modules[module].actions;
        let on = |a: &Action| actions.get(*a) != Grant::None;
        Action::ALL.into_iter().filter(on).map(Action::as_str).collect()
    };
    assert_eq!(granted("tickets"), ["view", "create", "comment", "view_comments", "view_updates"]);
    assert_eq!(granted("faqs"), ["view"]);
    assert_eq!(granted("contacts"), ["view"]);
    assert_eq!(profile.default_scope, Scope::Mine);
}

#[test]
fn a_profile_that_is_read_from_its_json_is_the_same() {
    for profile in [Profile::default_profile(), Profile::standard_demo(), Profile::technical_demo()] {
        let text = serde_json::to_string(&profile).unwrap();
        assert_eq!(serde_json::from_str::<Profile>(&text).unwrap(), profile);
        // A document of before the switch existed reads as "no".
        assert!(!text.contains("require_mfa") && !profile.require_mfa);
    }
    let strict = Profile { require_mfa: true, ..Profile::default_profile() };
    let text = serde_json::to_string(&strict).unwrap();
    assert!(serde_json::from_str::<Profile>(&text).unwrap().require_mfa);
}

#[test]
fn unknown_keys_and_other_formats_are_refused() {
    let document = serde_json::to_value(Profile::standard_demo()).unwrap();
    for (pointer, key) in [
        ("", "colour"),
        ("/modules/tickets", "colour"),
        ("/modules/tickets/fields/title", "colour"),
        ("/modules/tickets/actions", "fly"),
        ("/modules/companies/rules/0", "colour"),
        ("/modules/companies/rules/0/effects/0", "colour"),
        ("/modules/companies/rules/0/when", "colour"),
        ("/home", "colour"),
    ] {
        let mut changed = document.clone();
        changed.pointer_mut(pointer).unwrap()[key] = json!("mine");
        assert!(serde_json::from_value::<Profile>(changed).is_err(), "{pointer}/{key}");
    }
    for format in [json!(0), json!(2), json!("1"), json!(null)] {
        let mut changed = document.clone();
        changed["format"] = format;
        assert!(serde_json::from_value::<Profile>(changed).is_err());
    }
    let mut changed = document;
    changed.as_object_mut().unwrap().remove("format");
    assert!(serde_json::from_value::<Profile>(changed).is_err());
}

#[test]
fn a_column_whose_field_is_hidden_is_removed_and_reported() {
    let mut profile = Profile::default_profile();
    let tickets = profile.modules.get_mut("tickets").unwrap();
    tickets.fields.remove("priority");
    tickets.fields.insert("status".to_owned(), FieldGrant::new(Access::Hidden));
    tickets.list.sort = Some("-priority".to_owned());
    assert_eq!(codes(&profile), ["column_hidden", "column_hidden", "sort_not_readable"]);

    let taken = profile.normalise(catalogue());
    let said: Vec<_> = taken.iter().map(|p| (p.code.as_str(), p.args["field"].as_str())).collect();
    assert_eq!(said, [("column_removed", "status"), ("column_removed", "priority"), ("sort_removed", "priority")]);
    assert_eq!(profile.modules["tickets"].list.columns, ["title", "category", "modified_at"]);
    assert_eq!(profile.modules["tickets"].list.sort, None);
    assert_eq!(codes(&profile), [] as [&str; 0]);
    assert_eq!(taken[0].message(), "column removed (field status, module tickets)");
}

#[test]
fn creating_companies_is_refused_and_taken_away() {
    let mut profile = Profile::standard_demo();
    profile.modules.get_mut(COMPANIES).unwrap().actions.set(Action::Create, Grant::Company);
    assert_eq!(codes(&profile), ["companies_are_not_created_from_the_portal"]);
    assert_eq!(profile.normalise(catalogue())[0].path, "/modules/companies/actions/create");
    assert_eq!(codes(&profile), [] as [&str; 0]);
}

#[test]
fn what_decides_what_a_contact_sees_is_never_written_from_the_portal() {
    let mut profile = Profile::default_profile();
    let contacts = profile.modules.get_mut(CONTACTS).unwrap();
    contacts.actions = PerAction::of([(Action::View, Grant::Mine), (Action::Edit, Grant::Mine)]);
    contacts.fields.insert("phone".to_owned(), FieldGrant::new(Access::Write));
    let written = FieldGrant { mandatory: true, ..FieldGrant::new(Access::Write) };
    contacts.fields.insert(PRIMARY.to_owned(), written);
    // Even out of a document that nobody repaired.
    let plan = crate::fixtures::plan_of(&profile);
    assert_eq!(plan.field(CONTACTS, "phone", false), Access::Write);
    assert_eq!(plan.field(CONTACTS, PRIMARY, false), Access::Read);
    let taken = profile.normalise(catalogue());
    assert_eq!(taken[0].code, "field_is_read_only_from_the_portal");
    assert_eq!(taken[0].path, "/modules/contacts/fields/primary");
    assert_eq!(profile.modules[CONTACTS].fields[PRIMARY], FieldGrant::new(Access::Read));
    assert_eq!(profile.normalise(catalogue()), []);
}

#[test]
fn a_second_factor_on_the_profile_for_links_is_worth_a_word() {
    let strict = |profile: Profile| Profile { require_mfa: true, ..profile };
    let found = strict(Profile::non_portal_users()).validate(catalogue());
    assert_eq!((found[0].code.as_str(), found[0].severity), ("links_have_no_second_factor", Severity::Warning));
    assert_eq!(strict(Profile::default_profile()).validate(catalogue()), []);
}

#[test]
fn scope_all_is_refused_where_there_is_customer_data() {
    let mut profile = Profile::default_profile();
    profile.default_scope = Scope::All;
    profile.modules.get_mut("tickets").unwrap().scope = Some(Scope::All);
    profile.modules.get_mut("tickets").unwrap().actions.set(Action::View, Grant::All);
    let found = errors(&profile);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found.iter().all(|(code, _)| code == "scope_all_refused"));
    assert!(!found.iter().any(|(_, path)| path.contains("faqs")));
}

#[test]
fn broken_parts_are_named_by_place() {
    let mut profile = open_tickets(vec![
        rule("a", is("status", "gone"), vec![cap("colour", Access::Read)]),
        rule("a", Condition::always(), vec![]),
        rule("c", is("colour", "red"), vec![allow("title", &["x"]), allow("status", &["gone"])]),
        rule("d", Condition::always(), vec![set("amount", "much"), cap("number", Access::Hidden)]),
        rule("e", Condition::always(), vec![Effect::ActionOff { action: Action::View }]),
    ]);
    profile.name = " ".to_owned();
    profile.modules.get_mut("tickets").unwrap().record_condition = Some(is("owner_id", ""));
    profile.matching = Some(Matching { priority: 1, when: is("status", "open") });
    let found = errors(&profile);
    let has = |code: &str, path: &str| {
        assert!(found.contains(&(code.to_owned(), path.to_owned())), "{code} {path} in {found:#?}");
    };
    has("name_missing", "/name");
    has("bad_value", "/modules/tickets/record_condition");
    has("unknown_value", "/modules/tickets/rules/0/when");
    has("unknown_field", "/modules/tickets/rules/0/effects/0");
    has("rule_id_not_unique", "/modules/tickets/rules/1/id");
    has("rule_without_effect", "/modules/tickets/rules/1/effects");
    has("unknown_field", "/modules/tickets/rules/2/when");
    has("not_a_picklist", "/modules/tickets/rules/2/effects/0");
    has("unknown_value", "/modules/tickets/rules/2/effects/1");
    has("bad_value", "/modules/tickets/rules/3/effects/0");
    has("field_not_governed", "/modules/tickets/rules/3/effects/1");
    has("view_is_not_switched_by_rules", "/modules/tickets/rules/4/effects/0");
    has("not_a_contact_or_company_field", "/matching/when");
}

#[test]
fn a_mandatory_field_that_can_not_be_written_is_refused_with_both_rules_named() {
    let profile = open_tickets(vec![
        rule("needs", is("status", "closed"), vec![demand("severity")]),
        rule("closes", is("priority", "low"), vec![cap("severity", Access::Read)]),
    ]);
    let problems = profile.validate(catalogue());
    let problem = problems.iter().find(|p| p.code == "mandatory_not_writable").unwrap();
    assert_eq!((&*problem.args["rule"], &*problem.args["other_rule"]), ("needs", "closes"));
    assert_eq!(problem.args["field"], "severity");

    let apart = open_tickets(vec![
        rule("needs", is("status", "closed"), vec![demand("severity")]),
        rule("closes", is("status", "open"), vec![cap("severity", Access::Read)]),
    ]);
    assert_eq!(codes(&apart), [] as [&str; 0], "they never hold together");

    let mut read = Profile::default_profile();
    read.modules.get_mut("tickets").unwrap().rules = vec![rule("needs", Condition::always(), vec![demand("status")])];
    assert_eq!(codes(&read), ["mandatory_not_writable"]);
}

#[test]
fn two_rules_that_set_different_values_are_a_conflict_unless_priority_decides() {
    let rules = |priority: i32| {
        let mut second = rule("b", is("priority", "low"), vec![set("severity", "minor")]);
        second.priority = priority;
        vec![rule("a", is("status", "open"), vec![set("severity", "major")]), second]
    };
    assert_eq!(codes(&open_tickets(rules(0))), ["set_value_conflict"]);
    assert_eq!(codes(&open_tickets(rules(1))), [] as [&str; 0]);
    let mut off = rules(0);
    off[1].enabled = false;
    assert_eq!(codes(&open_tickets(off)), [] as [&str; 0]);
}

#[test]
fn rules_that_feed_each_other_in_a_circle_are_refused() {
    let chain = vec![
        rule("a", is("status", "open"), vec![set("priority", "low")]),
        rule("b", is("priority", "low"), vec![set("severity", "minor")]),
        rule("c", is("severity", "minor"), vec![demand("title")]),
    ];
    assert_eq!(codes(&open_tickets(chain.clone())), [] as [&str; 0]);
    let mut circle = chain;
    circle[2].effects.push(set("status", "waiting"));
    assert_eq!(codes(&open_tickets(circle)), ["rules_in_a_circle"; 3]);
    let alone = vec![rule("a", is("status", "open"), vec![set("status", "waiting")])];
    assert_eq!(codes(&open_tickets(alone)), ["rules_in_a_circle"]);
}

#[test]
fn what_does_nothing_is_a_warning() {
    let mut profile = Profile::default_profile();
    profile.modules.insert("rockets".to_owned(), ModuleGrant::default());
    let tickets = profile.modules.get_mut("tickets").unwrap();
    tickets.fields.insert("colour".to_owned(), FieldGrant::new(Access::Read));
    tickets.actions.set(Action::View, Grant::None);
    tickets.related = vec!["rockets".to_owned()];
    profile.home.buttons = vec![Button {
        title: Labels::of([("en", "Fly")]),
        description: Labels::default(),
        color: String::new(),
        icon: String::new(),
        action: ButtonAction::Open("rockets".to_owned()),
    }];
    assert_eq!(codes(&profile), [] as [&str; 0]);
    let found: Vec<String> = profile.validate(catalogue()).into_iter().map(|p| p.code).collect();
    for code in ["unknown_module", "unknown_field", "action_without_view", "unknown_related_list", "button_never_shown"]
    {
        assert!(found.iter().any(|c| c == code), "{code} in {found:?}");
    }
}

#[test]
fn the_demo_profiles_match_on_the_department() {
    for (profile, department) in [(Profile::accounting_demo(), "accounting"), (Profile::technical_demo(), "technical")]
    {
        let condition = profile.matching.unwrap().compile(catalogue());
        for asked in ["accounting", "technical"] {
            let contact = crate::fixtures::Row::mine("contacts").with("contact.department", asked);
            let matched = condition.evaluate(&contact, &crate::fixtures::viewer(), &crate::fixtures::clock());
            assert_eq!(matched == Truth::True, asked == department);
        }
    }
}
