use crate::fixtures::{catalogue, is, open_tickets, plan_of, rule, set};
use crate::*;
use kernel::ActorKind;

#[test]
fn default_gives_the_menu_scopes_and_fields_that_it_promises() {
    let plan = plan_of(&Profile::default_profile());
    assert_eq!(plan.menu().iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["tickets", "faqs"]);
    assert_eq!(plan.scope("tickets", Action::View), Scope::Mine);
    assert_eq!(plan.scope("tickets", Action::Edit), Scope::None);
    assert_eq!(plan.scope("contacts", Action::View), Scope::Mine);
    assert_eq!(plan.scope("faqs", Action::View), Scope::All);
    assert!(plan.module("companies").is_none());
    for (field, on_create, later) in [
        ("title", Access::Write, Access::Read),
        ("description", Access::Write, Access::Read),
        ("priority", Access::Write, Access::Read),
        ("status", Access::Hidden, Access::Read),
        ("contact_id", Access::Hidden, Access::Read),
        ("owner_id", Access::Hidden, Access::Hidden),
        ("no_such_field", Access::Hidden, Access::Hidden),
        ("number", Access::Read, Access::Read),
    ] {
        assert_eq!(plan.field("tickets", field, true), on_create, "{field}");
        assert_eq!(plan.field("tickets", field, false), later, "{field}");
    }
    let tickets = plan.module("tickets").unwrap();
    assert!(tickets.mandatory_on_create("title"));
    assert!(!tickets.mandatory_on_create("description"));
    assert_eq!((plan.contact_number, plan.company_numbers.as_slice()), (Some(7), &[3][..]));
    assert!(!plan.is_internal() && !plan.may(Right::Unlock) && !plan.sees_all_modules());
}

#[test]
fn the_standard_profile_edits_its_own_and_views_the_companys() {
    let plan = plan_of(&Profile::standard_demo());
    assert_eq!(plan.scope("tickets", Action::View), Scope::Company);
    assert_eq!(plan.scope("tickets", Action::Edit), Scope::Mine);
    assert_eq!(plan.scope("tickets", Action::Delete), Scope::None);
    assert_eq!(plan.field("tickets", "description", false), Access::Write);
    assert_eq!(plan.field("tickets", "status", false), Access::Write);
    assert_eq!(plan.field("tickets", "status", true), Access::Hidden);
    assert_eq!(plan.field("contacts", "phone", false), Access::Write);
    assert_eq!(plan.field("companies", "name", false), Access::Read);
}

#[test]
fn a_plan_never_grants_more_than_a_contact_may_have() {
    let mut profile = Profile::standard_demo();
    profile.default_scope = Scope::All;
    profile.modules.get_mut(COMPANIES).unwrap().actions = PerAction::all(Grant::All);
    profile.modules.get_mut("tickets").unwrap().actions = PerAction::all(Grant::All);
    profile.modules.get_mut("tickets").unwrap().actions.set(Action::View, Grant::Mine);
    let plan = plan_of(&profile);
    assert_eq!(plan.scope(COMPANIES, Action::Create), Scope::None);
    assert_eq!(plan.scope(COMPANIES, Action::View), Scope::Company);
    for action in Action::ALL.into_iter().filter(|a| *a != Action::Create) {
        assert_eq!(plan.scope("tickets", action), Scope::Mine, "{action:?} goes no further than view");
    }
}

#[test]
fn scope_is_resolved_from_the_installation_down_to_the_action() {
    let mut profile = Profile::default_profile();
    profile.default_scope = Scope::None;
    let scope = |profile: &Profile, installation| {
        let contact = ContactGrant {
            id: "emma".to_owned(),
            contact_number: None,
            companies: Vec::new(),
            fields: Default::default(),
            profile: plan_of(profile).profile,
            policy_version: 1,
        };
        AccessPlan::for_contact(profile, contact, catalogue(), installation).scope("tickets", Action::View)
    };
    assert_eq!(scope(&profile, Scope::Company), Scope::Company);
    profile.default_scope = Scope::Mine;
    assert_eq!(scope(&profile, Scope::Company), Scope::Mine);
    profile.modules.get_mut("tickets").unwrap().scope = Some(Scope::Company);
    assert_eq!(scope(&profile, Scope::Mine), Scope::Company);
    profile.modules.get_mut("tickets").unwrap().actions.set(Action::View, Grant::Mine);
    assert_eq!(scope(&profile, Scope::Company), Scope::Mine);
}

#[test]
fn a_module_that_is_off_or_without_any_action_does_not_exist() {
    let mut profile = Profile::default_profile();
    profile.modules.get_mut("tickets").unwrap().enabled = false;
    profile.modules.get_mut("faqs").unwrap().actions = PerAction::default();
    let plan = plan_of(&profile);
    assert!(plan.module("tickets").is_none());
    assert!(plan.module("faqs").is_none());
}

#[test]
fn the_roles_of_agents_open_every_module() {
    let agent = |role| {
        AccessPlan::for_agent(AgentGrant {
            id: "a1".to_owned(),
            role,
            groups: vec!["support".to_owned()],
            fields: Default::default(),
            policy_version: 1,
        })
    };
    let administrator = agent(AgentRole::Administrator);
    assert!(Right::ALL.into_iter().all(|r| administrator.may(r)));
    assert_eq!(administrator.scope("companies", Action::Create), Scope::All);
    assert_eq!(administrator.field("anything", "any_field", false), Access::Write);
    let worker = agent(AgentRole::Agent);
    assert!(worker.may(Right::ManageAccess) && !worker.may(Right::Unlock) && !worker.may(Right::Configure));
    assert!(worker.is_internal());
    let viewer = agent(AgentRole::Viewer);
    assert_eq!(viewer.scope("tickets", Action::Edit), Scope::None);
    assert_eq!(viewer.field("tickets", "title", false), Access::Read);
    assert_eq!(viewer.rights, Rights::default());
    let service = AccessPlan::for_service("notification", 3);
    assert_eq!(service.field("tickets", "title", false), Access::Read);
    assert_eq!(service.scope("tickets", Action::Create), Scope::None);
}

#[test]
fn a_plan_that_is_read_from_its_json_is_the_same() {
    let agent = AgentGrant {
        id: "a1".to_owned(),
        role: AgentRole::Agent,
        groups: Vec::new(),
        fields: Default::default(),
        policy_version: 1,
    };
    let rules = vec![rule("a", is("due", "2026-01-01"), vec![set("severity", "major")])];
    for plan in [
        plan_of(&Profile::default_profile()),
        plan_of(&Profile::standard_demo()),
        plan_of(&open_tickets(rules)),
        AccessPlan::for_agent(agent),
        AccessPlan::for_service("notification", 3),
    ] {
        let text = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<AccessPlan>(&text).unwrap(), plan);
    }
}

#[test]
fn plans_of_one_profile_and_version_share_their_modules() {
    let first = plan_of(&Profile::standard_demo());
    let mut second: AccessPlan = serde_json::from_slice(&serde_json::to_vec(&first).unwrap()).unwrap();
    assert!(!std::ptr::eq(first.module("tickets").unwrap(), second.module("tickets").unwrap()));
    second.share_modules(&first);
    assert!(std::ptr::eq(first.module("tickets").unwrap(), second.module("tickets").unwrap()));
    let mut other = plan_of(&Profile::default_profile());
    let before = other.clone();
    other.share_modules(&first);
    assert_eq!(other, before);
}

#[test]
fn a_list_of_a_plan_shows_no_hidden_column_whatever_the_document_says() {
    let mut profile = Profile::default_profile();
    let tickets = profile.modules.get_mut("tickets").unwrap();
    tickets.list.columns = ["owner_id", "number", "title", "colour"].map(str::to_owned).to_vec();
    tickets.list.sort = Some("-owner_id".to_owned());
    let plan = plan_of(&profile);
    let list = &plan.module("tickets").unwrap().list;
    assert_eq!((list.columns.as_slice(), &list.sort), (&["number".to_owned(), "title".to_owned()][..], &None));
}

#[test]
fn broken_rules_are_named() {
    let plan = plan_of(&open_tickets(vec![
        rule("fine", is("status", "open"), vec![set("severity", "major")]),
        rule("broken", is("status", "gone"), vec![Effect::ReadOnlyRecord {}]),
    ]));
    let broken: Vec<&str> = plan.module("tickets").unwrap().broken_rules().collect();
    assert_eq!(broken, ["broken"]);
}

#[test]
fn no_field_is_writable_where_the_action_that_writes_is_off() {
    let mut profile = open_tickets(Vec::new());
    let tickets = profile.modules.get_mut("tickets").unwrap();
    tickets.actions.set(Action::Edit, Grant::None);
    let plan = plan_of(&profile);
    assert_eq!(plan.field("tickets", "title", false), Access::Read);
    assert_eq!(plan.field("tickets", "title", true), Access::Write);
    profile.modules.get_mut("tickets").unwrap().actions.set(Action::Create, Grant::None);
    let plan = plan_of(&profile);
    assert_eq!(plan.field("tickets", "title", true), Access::Read);
    assert!(!plan.module("tickets").unwrap().mandatory_on_create("title"));
}

#[test]
fn a_profile_that_wants_a_second_factor_shuts_out_whoever_has_not_proved_one() {
    let mut profile = Profile::default_profile();
    let caller = |assurance| kernel::Actor {
        assurance,
        ..kernel::Actor::new(ActorKind::Contact, kernel::new_id(), kernel::Channel::Portal)
    };
    assert!(!plan_of(&profile).lacks_factor(&caller(1)));
    profile.require_mfa = true;
    let plan = plan_of(&profile);
    assert!(plan.lacks_factor(&caller(0)) && plan.lacks_factor(&caller(1)));
    assert!(!plan.lacks_factor(&caller(2)));
    // The agent who looks at the portal as the contact proved another factor, and can't have this one.
    assert!(!plan.lacks_factor(&kernel::Actor { on_behalf_of: Some(kernel::new_id()), ..caller(1) }));
    let json = serde_json::to_value(&plan).unwrap();
    assert_eq!(json["require_mfa"], true);
    assert_eq!(serde_json::from_value::<AccessPlan>(json).unwrap(), plan);
}
