use crate::fixtures::{cap, catalogue, is, open_tickets, plan_of, rule};
use crate::*;

fn ask(plan: &AccessPlan, sort: &[&str], filter: Option<&Condition>) -> Vec<(String, String)> {
    match check_list(plan, "tickets", ListRequest { sort, filter }, catalogue()) {
        Ok(_) => Vec::new(),
        Err(refusals) => refusals.into_iter().map(|r| (r.field, r.code.into_owned())).collect(),
    }
}

fn refused(field: &str, code: &str) -> Vec<(String, String)> {
    vec![(field.to_owned(), code.to_owned())]
}

#[test]
fn a_hidden_field_answers_exactly_like_an_unknown_one() {
    let plan = plan_of(&Profile::default_profile());
    for field in ["owner_id", "no_such_field"] {
        assert_eq!(ask(&plan, &[field], None), refused(field, "unknown_field"));
        // Also when operator and value would not fit: nothing of them is judged.
        for op in [Operator::Eq, Operator::Has, Operator::Lt] {
            let filter = Condition::test(field, op, 7);
            assert_eq!(ask(&plan, &[], Some(&filter)), refused(field, "unknown_field"));
        }
    }
}

#[test]
fn what_is_read_can_be_sorted_and_filtered() {
    let plan = plan_of(&Profile::default_profile());
    let filter = Condition::All(vec![is("status", "open"), is("priority", "low")]);
    assert_eq!(ask(&plan, &["modified_at", "title"], Some(&filter)), []);
    let request = ListRequest { sort: &[], filter: Some(&filter) };
    let compiled = check_list(&plan, "tickets", request, catalogue()).unwrap().unwrap();
    let pushed = compiled.push_down(&plan.viewer, &crate::fixtures::clock(), &|_| true);
    assert!(pushed.complete);
    let request = ListRequest::default();
    assert_eq!(check_list(&plan, "tickets", request, catalogue()), Ok(None));
}

#[test]
fn masked_fields_and_those_that_a_rule_may_hide_are_not_filterable() {
    let mut profile = open_tickets(vec![
        rule("a", is("status", "open"), vec![cap("amount", Access::Masked)]),
        rule("b", is("status", "open"), vec![Effect::HideBlock { block: "main".to_owned() }]),
        rule("c", is("status", "open"), vec![cap("due", Access::Read)]),
    ]);
    let masked = FieldGrant::new(Access::Masked);
    profile.modules.get_mut("tickets").unwrap().fields.insert("owner_id".to_owned(), masked);
    let plan = plan_of(&profile);
    for field in ["owner_id", "amount", "title", "description"] {
        assert_eq!(ask(&plan, &[field], None), refused(field, "not_filterable"));
        assert!(!plan.module("tickets").unwrap().searches(field));
    }
    assert_eq!(ask(&plan, &["due", "hours"], None), []);
    assert!(plan.module("tickets").unwrap().searches("due"));
}

#[test]
fn a_contact_can_not_ask_through_the_contact_or_company_of_a_record() {
    let plan = plan_of(&Profile::standard_demo());
    let filter = is("company.country", "IT");
    assert_eq!(ask(&plan, &[], Some(&filter)), refused("company.country", "unknown_field"));
    let filter = is("contact.email", "x@acme.test");
    assert_eq!(ask(&plan, &[], Some(&filter)), refused("contact.email", "unknown_field"));
}

#[test]
fn an_agent_asks_everything_that_exists() {
    let plan = AccessPlan::for_agent(AgentGrant {
        id: "a1".to_owned(),
        role: AgentRole::Agent.into(),
        groups: Vec::new(),
        fields: Default::default(),
        policy_version: 1,
    });
    let filter = Condition::All(vec![is("company.country", "IT"), is("viewer.kind", "agent")]);
    assert_eq!(ask(&plan, &["owner_id"], Some(&filter)), []);
    assert_eq!(ask(&plan, &["colour"], None), refused("colour", "unknown_field"));
    assert_eq!(ask(&plan, &["company.country"], None), refused("company.country", "unknown_field"));
}

#[test]
fn a_filter_that_does_not_fit_is_refused_by_name() {
    let plan = plan_of(&Profile::default_profile());
    assert_eq!(ask(&plan, &[], Some(&is("status", "gone"))), refused("status", "unknown_value"));
    let filter = Condition::test("title", Operator::Lt, "a");
    assert_eq!(ask(&plan, &[], Some(&filter)), refused("title", "operator_does_not_fit"));
}

#[test]
fn nobody_asks_for_a_version_which_each_viewer_counts_in_its_own_way() {
    let plan = plan_of(&open_tickets(Vec::new()));
    assert_eq!(ask(&plan, &["version"], None), refused("version", "not_filterable"));
    for condition in [Condition::test("version", Operator::Gt, 3), Condition::test("company.version", Operator::Eq, 3)]
    {
        assert_eq!(ask(&plan, &[], Some(&condition)).len(), 1);
        assert!(CompiledCondition::new(&condition, "tickets", catalogue()).is_err(), "nor does a profile");
    }
}
