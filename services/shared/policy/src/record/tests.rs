use crate::fixtures::{Row, allow, cap, clock, demand, is, open_tickets, plan_of, rule, set};
use crate::*;

fn look<'p>(plan: &'p AccessPlan, row: &Row) -> RecordAccess<'p> {
    decide_record(plan, row.module, row, &clock()).unwrap()
}

/// Judges a change from one row to another of the fields that are sent.
fn change(plan: &AccessPlan, saved: &Row, proposed: &Row, sent: &[&str]) -> Result<Accepted, WriteRefusal> {
    let write = Write { saved: Some(saved), proposed, sent, clock: &clock() };
    check_write(plan, saved.module, &write)
}

fn create(plan: &AccessPlan, proposed: &Row, sent: &[&str]) -> Result<Accepted, WriteRefusal> {
    let write = Write { saved: None, proposed, sent, clock: &clock() };
    check_write(plan, proposed.module, &write)
}

fn codes(result: Result<Accepted, WriteRefusal>) -> Vec<(String, String)> {
    match result {
        Err(WriteRefusal::Fields(fields)) => fields.into_iter().map(|f| (f.field, f.code.into_owned())).collect(),
        other => panic!("expected refused fields, got {other:?}"),
    }
}

fn one(field: &str, code: &str) -> Vec<(String, String)> {
    vec![(field.to_owned(), code.to_owned())]
}

#[test]
fn scope_decides_row_by_row() {
    let default = plan_of(&Profile::default_profile());
    let standard = plan_of(&Profile::standard_demo());
    for (mine, company, by_default, by_standard, edits) in [
        (true, true, true, true, true),
        (true, false, true, true, true),
        (false, true, false, true, false),
        (false, false, false, false, false),
    ] {
        let row = Row::ticket().tied(mine, company);
        assert_eq!(look(&default, &row).is_visible(), by_default);
        assert_eq!(readable(&default, "tickets", &row, &clock()), by_default);
        let access = look(&standard, &row);
        assert_eq!(access.is_visible(), by_standard);
        assert_eq!(access.may(Action::Edit), edits);
        let title = match (by_standard, edits) {
            (false, _) => Access::Hidden,
            (true, false) => Access::Read,
            (true, true) => Access::Write,
        };
        assert_eq!(access.field("title"), title);
        assert_eq!(access.fields().count() > 0, by_standard);
    }
}

#[test]
fn what_is_not_visible_shows_nothing_at_all() {
    let plan = plan_of(&Profile::standard_demo());
    let access = look(&plan, &Row::ticket().tied(false, false));
    assert_eq!(access.actions().iter().count(), 0);
    assert_eq!(access.field("number"), Access::Hidden);
    assert_eq!(access.show("title", "Printer"), None);
    assert!(access.related().is_empty() && access.messages().is_empty());
    assert!(!access.reveals_change("title") && !access.exports("title"));
}

#[test]
fn a_record_condition_narrows_and_closes_when_it_is_broken() {
    let plan = plan_of(&Profile::default_profile());
    let faq = Row::mine("faqs").tied(false, false);
    assert!(look(&plan, &faq.clone().with("status", "published")).is_visible());
    assert!(!look(&plan, &faq.clone().with("status", "draft")).is_visible());
    assert!(!look(&plan, &faq.clone()).is_visible());

    let mut broken = Profile::default_profile();
    let condition = Condition::Not(Box::new(is("colour", "red")));
    broken.modules.get_mut("faqs").unwrap().record_condition = Some(condition);
    let plan = plan_of(&broken);
    let access = look(&plan, &faq.with("status", "published"));
    assert!(!access.is_visible());
    assert!(access.explain_action(Action::View).contains(&Reason::RecordCondition { holds: false, broken: true }));
}

#[test]
fn the_page_of_a_blocked_company_is_read_only_and_says_why() {
    let mut profile = Profile::standard_demo();
    let companies = profile.modules.get_mut(COMPANIES).unwrap();
    companies.actions.set(Action::Edit, Grant::Company);
    companies.fields.insert("phone".to_owned(), FieldGrant::new(Access::Write));
    let plan = plan_of(&profile);
    let row = Row::mine("companies").with("name", "Acme").with("status", "active");
    assert_eq!(look(&plan, &row).field("phone"), Access::Write);
    assert!(look(&plan, &row).messages().is_empty());

    let blocked = row.with("status", "blocked");
    let access = look(&plan, &blocked);
    assert_eq!(access.field("phone"), Access::Read);
    assert!(!access.may(Action::Edit) && access.may(Action::View));
    assert_eq!(access.messages().len(), 1);
    let refused = change(&plan, &blocked, &blocked.clone().with("phone", "1"), &["phone"]).unwrap_err();
    let WriteRefusal::Fields(fields) = &refused else { panic!("{refused:?}") };
    assert_eq!((fields[0].field.as_str(), &*fields[0].code), ("phone", "read_only"));
    let error = refused.to_error("it");
    assert_eq!(error.code, kernel::Code::Invalid);
    assert_eq!(error.fields[0].message, "Questa azienda è bloccata.");
    assert_eq!(access.applied_rules().collect::<Vec<_>>(), ["read-only-while-blocked"]);
}

#[test]
fn a_hidden_field_is_refused_exactly_like_an_unknown_one() {
    let plan = plan_of(&Profile::standard_demo());
    let row = Row::ticket();
    let refusal = |field: &str| {
        let proposed = row.clone().with(field, "7");
        change(&plan, &row, &proposed, &[field]).unwrap_err().to_error("en").fields[0].clone()
    };
    let (hidden, unknown) = (refusal("amount"), refusal("no_such_field"));
    assert_eq!((hidden.code, hidden.message), (unknown.code, unknown.message));
}

#[test]
fn a_read_only_field_is_refused_even_when_it_would_not_change() {
    let plan = plan_of(&Profile::standard_demo());
    let row = Row::ticket().with("severity", "major");
    assert_eq!(codes(change(&plan, &row, &row, &["severity"])), one("severity", "read_only"));
    assert_eq!(codes(change(&plan, &row, &row, &["number"])), one("number", "read_only"));
}

#[test]
fn the_default_profile_creates_and_does_not_edit() {
    let plan = plan_of(&Profile::default_profile());
    assert_eq!(create(&plan, &Row::ticket(), &["title"]), Ok(Accepted { set: Vec::new() }));
    assert_eq!(codes(create(&plan, &Row::mine("tickets"), &[])), one("title", "mandatory"));
    assert_eq!(codes(create(&plan, &Row::ticket(), &["title", "status"])), one("status", "unknown_field"));
    let row = Row::ticket();
    assert_eq!(change(&plan, &row, &row, &["title"]), Err(WriteRefusal::Forbidden(None)));
    assert_eq!(WriteRefusal::Forbidden(None).to_error("en").code, kernel::Code::Forbidden);
}

#[test]
fn nobody_creates_where_nothing_is_seen_and_the_answer_does_not_tell() {
    let plan = plan_of(&Profile::standard_demo());
    let faq = Row::mine("faqs");
    assert_eq!(create(&plan, &faq, &[]), Err(WriteRefusal::Forbidden(None)));
    let company = Row::mine("companies").with("name", "New");
    assert_eq!(create(&plan, &company, &["name"]), Err(WriteRefusal::Forbidden(None)));
    let default = plan_of(&Profile::default_profile());
    assert_eq!(create(&default, &company, &["name"]), Err(WriteRefusal::NotFound));
    let foreign = Row::ticket().tied(false, false);
    assert_eq!(change(&plan, &foreign, &foreign, &["title"]), Err(WriteRefusal::NotFound));
}

#[test]
fn the_right_is_judged_on_the_saved_state_and_the_demand_on_the_proposed_one() {
    let plan = plan_of(&open_tickets(vec![
        rule("closed-is-final", is("status", "closed"), vec![Effect::ReadOnlyRecord {}]),
        rule("close-with-reason", is("status", "closed"), vec![demand("severity")]),
    ]));
    let open = Row::ticket();
    let closed = open.clone().with("status", "closed");
    assert_eq!(codes(change(&plan, &open, &closed, &["status"])), one("severity", "mandatory"));
    let done = closed.clone().with("severity", "minor");
    assert!(change(&plan, &open, &done, &["status", "severity"]).is_ok());
    // Opening and changing at once is no way around.
    let reopened = open.clone().with("title", "Other");
    let refused = codes(change(&plan, &closed, &reopened, &["status", "title"]));
    assert_eq!(refused, [one("status", "read_only"), one("title", "read_only")].concat());
}

#[test]
fn allowed_values_intersect_and_what_was_wrong_before_may_stay() {
    let plan = plan_of(&open_tickets(vec![
        rule("a", Condition::always(), vec![allow("priority", &["low", "normal", "high"])]),
        rule("b", is("status", "open"), vec![allow("priority", &["urgent", "normal", "low"])]),
    ]));
    let row = Row::ticket();
    assert_eq!(look(&plan, &row).allowed_values("priority"), Some(vec!["low", "normal"]));
    assert_eq!(look(&plan, &row).allowed_values("category"), None);
    for (priority, fine) in [("low", true), ("high", false), ("urgent", false)] {
        let result = change(&plan, &row, &row.clone().with("priority", priority), &["priority"]);
        assert_eq!(result.is_ok(), fine, "{priority}");
    }
    let old = row.clone().with("priority", "urgent");
    assert!(change(&plan, &old, &old.clone().with("title", "Other"), &["title"]).is_ok());
    // But a change of something else that makes a fine value wrong is refused.
    let high = row.with("status", "waiting").with("priority", "high");
    let opened = high.clone().with("status", "open");
    assert_eq!(codes(change(&plan, &high, &opened, &["status"])), one("priority", "not_allowed_value"));
}

#[test]
fn a_contact_of_the_standard_profile_closes_and_reopens_and_edits_the_description() {
    let plan = plan_of(&Profile::standard_demo());
    let row = Row::ticket().with("status", "in_progress");
    let fields = ["description", "status"];
    assert!(change(&plan, &row, &row.clone().with("description", "More"), &fields[..1]).is_ok());
    assert!(change(&plan, &row, &row.clone().with("status", "closed"), &fields[1..]).is_ok());
    let refused = change(&plan, &row, &row.clone().with("status", "waiting"), &fields[1..]);
    assert_eq!(codes(refused), one("status", "not_allowed_value"));
    let colleagues = row.clone().tied(false, true);
    let refused = change(&plan, &colleagues, &colleagues, &["description"]);
    assert_eq!(refused, Err(WriteRefusal::Forbidden(None)));
}

#[test]
fn rules_set_values_until_nothing_moves_and_priority_decides() {
    let mut loud = rule("z", is("category", "hardware"), vec![set("severity", "minor")]);
    loud.priority = 5;
    let plan = plan_of(&open_tickets(vec![
        rule("c", is("severity", "minor"), vec![set("amount", "3")]),
        rule("b", is("priority", "urgent"), vec![set("severity", "major")]),
        loud,
        rule("a", is("status", "open"), vec![set("priority", "urgent")]),
        rule("d", is("severity", "major"), vec![set("amount", "9")]),
    ]));
    let text = |t: &str| OwnedValue::Text(t.to_owned());
    let row = Row::ticket();
    let accepted = create(&plan, &row, &["title"]).unwrap();
    assert_eq!(
        accepted.set,
        [
            ("amount".to_owned(), text("9")),
            ("priority".to_owned(), text("urgent")),
            ("severity".to_owned(), text("major"))
        ]
    );
    let accepted = create(&plan, &row.with("category", "hardware"), &["title"]).unwrap();
    assert_eq!(accepted.set[0], ("amount".to_owned(), text("3")));
    assert_eq!(accepted.set[2], ("severity".to_owned(), text("minor")));
}

#[test]
fn a_rule_can_set_a_hidden_field_that_the_user_never_sees() {
    let mut profile = Profile::default_profile();
    profile.modules.get_mut("tickets").unwrap().rules =
        vec![rule("a", Condition::always(), vec![set("owner_id", "agent-7")])];
    let plan = plan_of(&profile);
    let accepted = create(&plan, &Row::ticket(), &["title"]).unwrap();
    assert_eq!(accepted.set, [("owner_id".to_owned(), OwnedValue::Text("agent-7".to_owned()))]);
    assert_eq!(look(&plan, &Row::ticket()).field("owner_id"), Access::Hidden);
    let row = Row::ticket();
    let write = Write { saved: None, proposed: &row, sent: &[], clock: &clock() };
    let form = form(&plan, "tickets", &write).unwrap();
    assert!(form.iter().all(|f| f.field != "owner_id"));
}

#[test]
fn a_set_value_satisfies_what_is_mandatory() {
    let plan = plan_of(&open_tickets(vec![
        rule("a", is("status", "closed"), vec![demand("severity")]),
        rule("b", is("category", "hardware"), vec![set("severity", "major")]),
    ]));
    let (open, closed) = (Row::ticket(), Row::ticket().with("status", "closed"));
    assert!(change(&plan, &open, &closed, &["status"]).is_err());
    let closed = closed.with("category", "hardware");
    assert!(change(&plan, &open, &closed, &["status", "category"]).is_ok());
}

#[test]
fn rules_about_changes_see_only_writes() {
    let when =
        |op, value: Option<&str>| Condition::Test { field: "status".to_owned(), op, value: value.map(Into::into) };
    let plan = plan_of(&open_tickets(vec![
        rule("a", when(Operator::ChangedTo, Some("closed")), vec![demand("severity")]),
        rule("b", when(Operator::ChangedFrom, Some("closed")), vec![demand("category")]),
        rule("c", when(Operator::Changed, None), vec![demand("description")]),
    ]));
    let open = Row::ticket();
    let closed = open.clone().with("status", "closed");
    assert_eq!(look(&plan, &closed).applied_rules().count(), 0);
    assert!(change(&plan, &closed, &closed, &["title"]).is_ok());
    let asked = |result| codes(result).into_iter().map(|(f, _)| f).collect::<Vec<_>>();
    assert_eq!(asked(change(&plan, &open, &closed, &["status"])), ["description", "severity"]);
    assert_eq!(asked(change(&plan, &closed, &open, &["status"])), ["category", "description"]);
    assert_eq!(asked(create(&plan, &closed, &["status"])), ["description", "severity"]);
}

#[test]
fn a_rule_that_names_what_is_gone_closes() {
    let plan = plan_of(&open_tickets(vec![
        rule("a", is("status", "gone"), vec![cap("amount", Access::Hidden), set("severity", "major")]),
        rule("b", Condition::Not(Box::new(is("colour", "red"))), vec![cap("hours", Access::Read)]),
    ]));
    let access = look(&plan, &Row::ticket());
    assert_eq!(access.field("amount"), Access::Hidden);
    assert_eq!(access.field("hours"), Access::Read);
    assert_eq!(create(&plan, &Row::ticket(), &["title"]).unwrap().set, [], "it never sets a value");
    assert!(access.explain_field("amount").contains(&Reason::Rule {
        rule: "a".to_owned(),
        effect: "visibility".to_owned(),
        broken: true
    }));
}

#[test]
fn rules_hide_blocks_related_lists_and_switch_actions_off() {
    let mut off = rule(
        "a",
        is("status", "closed"),
        vec![
            Effect::HideBlock { block: "money".to_owned() },
            Effect::HideRelated { related: "documents".to_owned() },
            Effect::ActionOff { action: Action::Comment },
            Effect::ActionOff { action: Action::Edit },
        ],
    );
    off.public_reason = Labels::of([("en", "It is closed.")]);
    let mut profile = open_tickets(vec![off]);
    profile.modules.get_mut("tickets").unwrap().related = vec!["documents".to_owned()];
    let plan = plan_of(&profile);
    let open = look(&plan, &Row::ticket());
    assert_eq!((open.field("amount"), open.related()), (Access::Write, vec!["documents"]));
    assert!(open.may(Action::Comment) && !open.hides_block("money"));
    let row = Row::ticket().with("status", "closed");
    let closed = look(&plan, &row);
    assert_eq!((closed.field("amount"), closed.field("hours")), (Access::Hidden, Access::Hidden));
    assert_eq!(closed.field("title"), Access::Read);
    assert!(closed.related().is_empty() && closed.hides_block("money"));
    assert!(!closed.may(Action::Comment) && closed.may(Action::Delete));
    let error = change(&plan, &row, &row, &["title"]).unwrap_err().to_error("it");
    assert_eq!((error.code, error.public.as_str()), (kernel::Code::Forbidden, "It is closed."));
}

#[test]
fn a_masked_field_shows_its_end_and_is_neither_exported_nor_written() {
    let mut profile = open_tickets(Vec::new());
    let masked = FieldGrant::new(Access::Masked);
    profile.modules.get_mut("tickets").unwrap().fields.insert("description".to_owned(), masked);
    let plan = plan_of(&profile);
    let row = Row::ticket();
    let access = look(&plan, &row);
    assert_eq!(access.show("description", "4111111111111111").unwrap(), "••••1111");
    assert_eq!(access.show("title", "Printer").unwrap(), "Printer");
    assert!(!access.exports("description") && access.exports("title"));
    assert_eq!(codes(change(&plan, &row, &row, &["description"])), one("description", "read_only"));
}

#[test]
fn what_was_not_looked_up_closes_records_and_applies_rules() {
    let hidden = rule(
        "secret",
        Condition::test("description", Operator::Contains, "secret"),
        vec![cap("category", Access::Hidden), cap("title", Access::Masked)],
    );
    let plan = plan_of(&open_tickets(vec![hidden]));
    let read = Row::ticket().with("description", "nothing special");
    assert_eq!(look(&plan, &read).field("category"), Access::Write);
    let unread = look(&plan, &read.clone().without_reading("description"));
    assert_eq!((unread.field("category"), unread.field("title")), (Access::Hidden, Access::Masked));

    let mut profile = open_tickets(Vec::new());
    let abroad = Condition::test("company.country", Operator::Ne, "IT");
    profile.modules.get_mut("tickets").unwrap().record_condition = Some(abroad);
    let plan = plan_of(&profile);
    assert!(look(&plan, &Row::ticket()).is_visible(), "known to have no company");
    assert!(!look(&plan, &Row::ticket().without_reading("company.country")).is_visible());
    let reads: Vec<&str> = plan.module("tickets").unwrap().reads().collect();
    assert_eq!(reads, ["company.country"]);
}

#[test]
fn the_owner_of_a_record_is_never_the_customers_to_choose() {
    let mut profile = open_tickets(Vec::new());
    let taken = profile.normalise(crate::fixtures::catalogue());
    assert!(
        taken
            .iter()
            .any(|p| p.code == "field_is_read_only_from_the_portal" && p.path == "/modules/tickets/fields/owner_id")
    );
    let plan = plan_of(&open_tickets(Vec::new()));
    assert_eq!(plan.field("tickets", "owner_id", false), Access::Read);
    assert_eq!(plan.field("tickets", "owner_id", true), Access::Read);
}

#[test]
fn the_form_shows_the_saved_rights_and_the_typed_demands() {
    let plan = plan_of(&open_tickets(vec![
        rule("hide", is("category", "software"), vec![cap("severity", Access::Hidden)]),
        rule("need", is("priority", "urgent"), vec![demand("due"), demand("severity")]),
        rule("lock", is("status", "closed"), vec![cap("hours", Access::Read)]),
        rule("limit", is("status", "closed"), vec![allow("priority", &["low"])]),
        rule("fill", is("priority", "urgent"), vec![set("amount", "100")]),
    ]));
    let saved = Row::ticket().with("status", "closed").with("priority", "high");
    let typed = Row::ticket().with("status", "closed").with("category", "software").with("priority", "urgent");
    let write = Write { saved: Some(&saved), proposed: &typed, sent: &[], clock: &clock() };
    let fields = form(&plan, "tickets", &write).unwrap();
    let field = |name: &str| fields.iter().find(|f| f.field == name).unwrap();
    assert!(!field("severity").visible && !field("severity").mandatory);
    assert!(field("due").mandatory && field("due").editable);
    assert!(!field("hours").editable && field("hours").visible);
    assert_eq!(field("priority").options, Some(vec!["low".to_owned(), "high".to_owned()]));
    assert_eq!(field("amount").value, Some(OwnedValue::Text("100".to_owned())));
    assert_eq!(field("hours").because, ["lock"]);
    assert_eq!(field("severity").because, ["hide", "need"]);
    // The write agrees: what the form took away is not asked for.
    let result = change(&plan, &saved, &typed, &["category", "priority"]);
    let refused = codes(result);
    assert_eq!(refused, [one("due", "mandatory"), one("priority", "not_allowed_value")].concat());

    let default = plan_of(&Profile::default_profile());
    let foreign = Row::ticket().tied(false, false);
    let write = Write { saved: Some(&foreign), proposed: &foreign, sent: &[], clock: &clock() };
    assert!(form(&default, "tickets", &write).is_none());
    assert!(form(&default, "companies", &write).is_none());
    let row = Row::mine("tickets");
    let write = Write { saved: None, proposed: &row, sent: &[], clock: &clock() };
    let fields = form(&default, "tickets", &write).unwrap();
    let names: Vec<&str> = fields.iter().map(|f| f.field.as_str()).collect();
    assert_eq!(names, ["category", "description", "priority", "title"]);
    assert!(fields.iter().all(|f| f.editable && f.mandatory == (f.field == "title")));
}

#[test]
fn explaining_names_profile_scope_field_and_rule() {
    let profile = open_tickets(vec![rule("r3", is("status", "open"), vec![cap("amount", Access::Read)])]);
    let plan = plan_of(&profile);
    let access = look(&plan, &Row::ticket().tied(false, true));
    let reasons = serde_json::to_value(access.explain_field("amount")).unwrap();
    assert_eq!(
        reasons,
        serde_json::json!([
            {"reason": "profile", "id": "p1", "version": 4, "because": "default"},
            {"reason": "scope", "action": "view", "scope": "company", "mine": false, "company": true,
             "reached": true},
            {"reason": "field", "access": "write"},
            {"reason": "rule", "rule": "r3", "effect": "visibility", "broken": false},
        ])
    );
    let default = plan_of(&Profile::default_profile());
    let access = look(&default, &Row::ticket().tied(false, true));
    assert!(access.explain_action(Action::Comment).contains(&Reason::Scope {
        action: Action::Comment,
        scope: Scope::Mine,
        mine: false,
        company: true,
        reached: false,
    }));
    let own = look(&default, &Row::ticket());
    assert_eq!(own.field("owner_id"), Access::Hidden);
    assert!(own.explain_field("owner_id").contains(&Reason::Field { access: Access::Hidden }));
}

#[test]
fn an_agent_writes_everything_and_a_service_only_reads() {
    let agent = AccessPlan::for_agent(AgentGrant {
        id: "a1".to_owned(),
        role: AgentRole::Agent.into(),
        groups: Vec::new(),
        fields: Default::default(),
        policy_version: 1,
    });
    let row = Row::ticket().tied(false, false);
    let access = look(&agent, &row);
    assert_eq!((access.field("owner_id"), access.field("number")), (Access::Write, Access::Read));
    assert!(access.may(Action::Delete) && access.exports("amount"));
    assert!(change(&agent, &row, &row, &["owner_id", "status"]).is_ok());
    assert!(create(&agent, &Row::mine("companies"), &["name"]).is_ok());

    let service = AccessPlan::for_service("notification", 1);
    assert_eq!(look(&service, &row).field("owner_id"), Access::Read);
    assert_eq!(change(&service, &row, &row, &["title"]), Err(WriteRefusal::Forbidden(None)));
}
