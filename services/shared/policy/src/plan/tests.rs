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
            stands_for_company: false,
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
    let agent = |role: AgentRole| {
        AccessPlan::for_agent(AgentGrant {
            id: "a1".to_owned(),
            role: role.into(),
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
        role: AgentRole::Agent.into(),
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

/// The plan of the link of a company with the number 3.
fn by_link(profile: &Profile) -> AccessPlan {
    let company = CompanyGrant {
        id: "acme".to_owned(),
        number: 3,
        profile: ChosenProfile { id: "p2".to_owned(), version: 1, chosen_because: ChosenBecause::SecureLink },
        policy_version: 11,
    };
    AccessPlan::for_company(profile, company, catalogue(), Scope::Mine)
}

#[test]
fn a_companys_link_shows_the_company_and_never_counts_as_a_contact() {
    let plan = by_link(&Profile::non_portal_users());
    assert_eq!(plan.subject, Subject { kind: ActorKind::Company, id: "acme".to_owned() });
    assert_eq!((plan.contact_number, plan.company_numbers.as_slice()), (None, &[3][..]));
    assert_eq!((plan.viewer.kind.as_str(), plan.viewer.companies.as_slice()), ("company", &["acme".to_owned()][..]));
    assert_eq!(plan.scope("tickets", Action::View), Scope::Company);
    assert_eq!(plan.scope("faqs", Action::View), Scope::All);
    assert_eq!(plan.scope("tickets", Action::Create), Scope::None);
    assert!(plan.module(CONTACTS).is_none());
    assert!(!plan.is_internal() && !plan.sees_all_modules() && plan.rights.is_empty());
    let text = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<AccessPlan>(&text).unwrap(), plan);
}

#[test]
fn whatever_the_profile_says_a_link_takes_nothing_out_and_has_nothing_of_its_own() {
    let mut profile = Profile { require_mfa: true, ..Profile::standard_demo() };
    let tickets = profile.modules.get_mut("tickets").unwrap();
    tickets.actions = PerAction::all(Grant::Company);
    tickets.actions.set(Action::Edit, Grant::Mine);
    let plan = by_link(&profile);
    let granted = |action: &Action| plan.scope("tickets", *action) != Scope::None;
    let left: Vec<&str> = Action::ALL.into_iter().filter(granted).map(Action::as_str).collect();
    assert_eq!(left, ["view", "create", "comment", "view_comments", "view_updates"]);
    // The own contact is nobody's, and a factor is nobody's to set up.
    assert!(plan.module(CONTACTS).is_none() && !plan.require_mfa);
    let visitor = kernel::Actor::new(ActorKind::Company, kernel::new_id(), kernel::Channel::Portal);
    assert!(!plan.lacks_factor(&visitor));
}

#[test]
fn a_contact_who_stands_for_the_company_reaches_it_whatever_the_profile_says() {
    let mut profile = Profile::non_portal_users();
    profile.default_scope = Scope::Mine;
    let reach = |stands_for_company| {
        let contact = ContactGrant {
            id: "emma".to_owned(),
            contact_number: Some(7),
            companies: vec![("acme".to_owned(), 3)],
            fields: Default::default(),
            stands_for_company,
            profile: plan_of(&profile).profile,
            policy_version: 1,
        };
        AccessPlan::for_contact(&profile, contact, catalogue(), Scope::Mine).scope("tickets", Action::View)
    };
    assert_eq!((reach(false), reach(true)), (Scope::Mine, Scope::Company));
}

#[test]
fn an_own_role_gives_what_it_says_and_an_unknown_one_nothing() {
    let plan = |role| {
        AccessPlan::for_agent(AgentGrant {
            id: "a1".to_owned(),
            role,
            groups: vec!["g1".to_owned()],
            fields: Default::default(),
            policy_version: 1,
        })
    };
    let rights = Rights::of(&[Right::Unlock]);
    let own = plan(Role { id: "r1".to_owned(), records: RecordsGrant::Read, rights: rights.clone() });
    assert_eq!((own.rights.clone(), own.viewer.roles.clone()), (rights, vec!["r1".to_owned()]));
    assert_eq!(own.viewer.groups, ["g1"]);
    assert_eq!(own.field("tickets", "title", false), Access::Read);
    assert_eq!(own.scope("tickets", Action::Edit), Scope::None);
    let unknown = plan(Role::unknown("r2"));
    assert!(unknown.module("tickets").is_none() && unknown.rights.is_empty() && unknown.is_internal());
    assert_eq!(RecordsGrant::of_word("write"), RecordsGrant::Write);
    assert_eq!(RecordsGrant::of_word("everything"), RecordsGrant::Nothing);
}
