use crate::fixtures::{Row, catalogue, clock, is, viewer};
use crate::*;
use serde_json::json;

fn compiled(condition: serde_json::Value) -> CompiledCondition {
    let condition: Condition = serde_json::from_value(condition).unwrap();
    CompiledCondition::new(&condition, "tickets", catalogue()).unwrap()
}

fn ask(condition: serde_json::Value, row: &Row) -> Truth {
    compiled(condition).evaluate(row, &viewer(), &clock())
}

fn code_of(condition: serde_json::Value) -> &'static str {
    let condition: Condition = serde_json::from_value(condition).unwrap();
    CompiledCondition::new(&condition, "tickets", catalogue()).unwrap_err()[0].code
}

#[test]
fn the_example_of_the_specification_holds_where_it_should() {
    let condition = json!({"all": [
        {"field": "status", "op": "eq", "value": "open"},
        {"any": [
            {"field": "company.country", "op": "in", "value": ["IT", "CH"]},
            {"not": {"field": "amount", "op": "lt", "value": "1000"}}]}]});
    let row = Row::ticket();
    assert_eq!(ask(condition.clone(), &row.clone().with("company.country", "IT")), Truth::True);
    assert_eq!(ask(condition.clone(), &row.clone().with("amount", "1000.00")), Truth::True);
    assert_eq!(ask(condition.clone(), &row.clone().with("amount", "999.99")), Truth::False);
    assert_eq!(ask(condition, &row.with("status", "closed")), Truth::False);
}

#[test]
fn every_operator_answers_as_documented() {
    let row = Row::ticket()
        .with("title", "Paper Jam")
        .with("amount", "12.50")
        .holding("hours", OwnedValue::Integer(5))
        .with("due", "2026-07-28")
        .with("answered_at", "2026-07-30T11:00:00Z")
        .with("starts", "09:30")
        .holding("billable", OwnedValue::Boolean(true))
        .holding("tags", OwnedValue::Texts(vec!["a".into(), "b".into()]))
        .with("contact_id", "emma")
        .with("company_id", "acme")
        .with("created_at", "2026-07-29T23:00:00Z");
    for (field, op, value, expected) in [
        ("status", "eq", json!("open"), true),
        ("status", "ne", json!("open"), false),
        ("status", "in", json!(["closed", "open"]), true),
        ("status", "not_in", json!(["closed", "waiting"]), true),
        ("priority", "is_empty", json!(null), true),
        ("priority", "is_not_empty", json!(null), false),
        ("priority", "eq", json!("low"), false),
        ("priority", "ne", json!("low"), true),
        ("priority", "not_in", json!(["low"]), true),
        ("title", "contains", json!("JAM"), true),
        ("title", "not_contains", json!("ink"), true),
        ("title", "starts_with", json!("paper"), true),
        ("title", "starts_with", json!("paper jam today"), false),
        ("title", "ends_with", json!("jam"), true),
        ("amount", "eq", json!("12.5"), true),
        ("amount", "lt", json!(13), true),
        ("amount", "ge", json!("12.50"), true),
        ("amount", "between", json!(["12.5", "20"]), true),
        ("hours", "gt", json!(4), true),
        ("hours", "le", json!("4"), false),
        ("due", "before", json!("2026-07-29"), true),
        ("due", "after", json!("today"), false),
        ("due", "in_past", json!(null), true),
        ("due", "within_last", json!(2), true),
        ("due", "within_last", json!("1d"), false),
        ("due", "within_next", json!(7), false),
        ("due", "is_today", json!(null), false),
        ("answered_at", "within_last", json!("1h"), true),
        ("answered_at", "is_today", json!(null), true),
        ("answered_at", "in_future", json!(null), false),
        ("answered_at", "before", json!("now"), true),
        ("answered_at", "after", json!("today"), true),
        ("answered_at", "eq", json!("2026-07-30T13:00:00+02:00"), true),
        ("created_at", "is_today", json!(null), false),
        ("created_at", "within_last", json!("1w"), true),
        ("starts", "lt", json!("10:00"), true),
        ("starts", "eq", json!("09:30:00"), true),
        ("billable", "eq", json!(true), true),
        ("billable", "ne", json!(true), false),
        ("tags", "has", json!("a"), true),
        ("tags", "has_any", json!(["c", "b"]), true),
        ("tags", "has_all", json!(["a", "c"]), false),
        ("tags", "eq", json!(["b", "a"]), true),
        ("tags", "eq", json!(["a"]), false),
        ("contact_id", "is_viewer", json!(null), true),
        ("owner_id", "is_viewer", json!(null), false),
        ("company_id", "is_viewers_company", json!(null), true),
        ("viewer.kind", "eq", json!("contact"), true),
        ("viewer.department", "eq", json!("accounting"), true),
        ("viewer.roles", "has", json!("agent"), false),
        ("today", "after", json!("2026-07-01"), true),
        ("today", "in_future", json!(null), false),
        ("now", "before", json!("2026-08-01T00:00:00Z"), true),
        ("status", "changed", json!(null), false),
    ] {
        let mut test = json!({"field": field, "op": op});
        if !value.is_null() {
            test["value"] = value;
        }
        if op == "changed" {
            assert_eq!(code_of(test), "operator_does_not_fit", "a filter knows of no change");
            continue;
        }
        let expected = if expected { Truth::True } else { Truth::False };
        assert_eq!(ask(test.clone(), &row), expected, "{test}");
    }
}

#[test]
fn an_empty_operand_satisfies_only_what_denies() {
    let row = Row::ticket();
    for (op, value) in [
        ("lt", json!("1")),
        ("ge", json!("1")),
        ("eq", json!("1")),
        ("in", json!(["1"])),
        ("between", json!(["0", "9"])),
    ] {
        assert_eq!(ask(json!({"field": "amount", "op": op, "value": value}), &row), Truth::False, "{op}");
    }
    assert_eq!(ask(json!({"not": {"field": "amount", "op": "lt", "value": "1"}}), &row), Truth::True);
}

#[test]
fn what_can_not_be_known_is_neither_true_nor_false_even_when_denied() {
    let row = Row::ticket().with("amount", "a lot");
    let test = json!({"field": "amount", "op": "lt", "value": "1"});
    assert_eq!(ask(test.clone(), &row), Truth::Unknown);
    assert_eq!(ask(json!({"not": test}), &row), Truth::Unknown);
    assert_eq!(ask(json!({"any": [test, {"field": "status", "op": "eq", "value": "open"}]}), &row), Truth::True);
    assert_eq!(ask(json!({"all": [test, {"field": "status", "op": "eq", "value": "open"}]}), &row), Truth::Unknown);
    assert_eq!(ask(json!({"all": [test, {"field": "status", "op": "eq", "value": "closed"}]}), &row), Truth::False);
}

#[test]
fn what_was_not_looked_up_is_not_empty() {
    let row = Row::ticket().with("amount", "5").without_reading("amount").without_reading("company.country");
    for test in [
        json!({"field": "amount", "op": "is_empty"}),
        json!({"field": "amount", "op": "is_not_empty"}),
        json!({"field": "amount", "op": "ne", "value": "1"}),
        json!({"field": "company.country", "op": "not_in", "value": ["IT"]}),
        json!({"field": "company.country", "op": "not_contains", "value": "IT"}),
    ] {
        assert_eq!(ask(test.clone(), &row), Truth::Unknown, "{test}");
        assert_eq!(ask(json!({"not": test}), &row), Truth::Unknown, "not {test}");
    }
}

#[test]
fn no_record_is_chosen_by_a_long_text() {
    for field in ["description", "company.description"] {
        let mut catalogue = catalogue().clone();
        let long = FieldShape::new(FieldType::LongText);
        catalogue.modules.get_mut("companies").unwrap().fields.insert("description".to_owned(), long);
        let condition = Condition::Not(Box::new(Condition::test(field, Operator::Contains, "secret")));
        let refused = CompiledCondition::new(&condition, "tickets", &catalogue).unwrap_err();
        assert_eq!((refused[0].code, &*refused[0].path, &*refused[0].field), ("not_filterable", "/not", field));
        // One that was published before it was refused closes.
        let kept = CompiledCondition::lenient(&condition, "tickets", &catalogue);
        assert_eq!(kept.evaluate(&Row::ticket(), &viewer(), &clock()), Truth::Unknown);
        // Contacts and companies are known whole where profiles are matched.
        let path = if field.contains('.') { field } else { "contact.phone" };
        assert!(CompiledCondition::matching(&is(path, "x"), &catalogue).is_ok());
    }
}

#[test]
fn empty_groups_are_true_for_all_and_false_for_any() {
    assert_eq!(ask(json!({"all": []}), &Row::ticket()), Truth::True);
    assert_eq!(ask(json!({"any": []}), &Row::ticket()), Truth::False);
}

#[test]
fn a_condition_that_does_not_fit_names_why() {
    for (test, code) in [
        (json!({"field": "colour", "op": "eq", "value": "red"}), "unknown_field"),
        (json!({"field": "owner.name", "op": "eq", "value": "red"}), "unknown_field"),
        (json!({"field": "company.colour", "op": "eq", "value": "red"}), "unknown_field"),
        (json!({"field": "viewer.password", "op": "eq", "value": "x"}), "unknown_field"),
        (json!({"field": "title", "op": "lt", "value": "a"}), "operator_does_not_fit"),
        (json!({"field": "amount", "op": "contains", "value": "1"}), "operator_does_not_fit"),
        (json!({"field": "file", "op": "eq", "value": "1"}), "operator_does_not_fit"),
        (json!({"field": "status", "op": "has", "value": "open"}), "operator_does_not_fit"),
        (json!({"field": "title", "op": "is_viewer"}), "operator_does_not_fit"),
        (json!({"field": "status", "op": "eq"}), "value_missing"),
        (json!({"field": "status", "op": "is_empty", "value": true}), "value_not_expected"),
        (json!({"field": "status", "op": "eq", "value": "Open"}), "unknown_value"),
        (json!({"field": "status", "op": "in", "value": ["open", "gone"]}), "unknown_value"),
        (json!({"field": "status", "op": "in", "value": "open"}), "bad_value"),
        (json!({"field": "title", "op": "eq", "value": ""}), "bad_value"),
        (json!({"field": "amount", "op": "eq", "value": 1.5}), "bad_value"),
        (json!({"field": "hours", "op": "eq", "value": "1.5"}), "bad_value"),
        (json!({"field": "due", "op": "before", "value": "2026-02-30"}), "bad_value"),
        (json!({"field": "due", "op": "within_last", "value": "3h"}), "bad_value"),
        (json!({"field": "due", "op": "within_last", "value": -3}), "bad_value"),
        (json!({"field": "starts", "op": "lt", "value": "24:00"}), "bad_value"),
        (json!({"field": "amount", "op": "between", "value": ["1"]}), "bad_value"),
        (json!({"field": "billable", "op": "eq", "value": "true"}), "bad_value"),
    ] {
        assert_eq!(code_of(test.clone()), code, "{test}");
    }
}

#[test]
fn a_problem_says_where_it_is() {
    let condition: Condition = serde_json::from_value(json!({"all": [
        {"field": "status", "op": "eq", "value": "open"},
        {"not": {"any": [{"field": "colour", "op": "eq", "value": "red"}]}}]}))
    .unwrap();
    let problems = CompiledCondition::new(&condition, "tickets", catalogue()).unwrap_err();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].path, "/all/1/not/any/0");
    assert_eq!(problems[0].field, "colour");
}

#[test]
fn malformed_json_is_refused() {
    for text in [
        "[]",
        "{}",
        r#"{"all": {}}"#,
        r#"{"all": [], "any": []}"#,
        r#"{"all": [], "field": "status", "op": "eq"}"#,
        r#"{"field": "status"}"#,
        r#"{"op": "eq", "value": 1}"#,
        r#"{"field": "status", "op": "equals", "value": 1}"#,
        r#"{"field": "status", "op": "eq", "value": 1, "case": true}"#,
        r#"{"field": "status", "field": "title", "op": "eq", "value": 1}"#,
        r#"{"value": 1}"#,
    ] {
        assert!(Condition::parse(text).is_err(), "{text}");
    }
}

#[test]
fn large_and_deep_conditions_are_refused() {
    let test = r#"{"field": "status", "op": "is_empty"}"#;
    let many = |n: usize| format!(r#"{{"all": [{}]}}"#, vec![test; n].join(","));
    let deep = |n: usize| format!("{}{test}{}", r#"{"not": "#.repeat(n), "}".repeat(n));
    let values = |n: usize| json!({"field": "status", "op": "in", "value": vec!["open"; n]}).to_string();
    assert!(Condition::parse(&many(MAX_TESTS)).is_ok());
    assert_eq!(Condition::parse(&many(MAX_TESTS + 1)).unwrap_err(), "condition_too_large");
    assert!(Condition::parse(&deep(MAX_DEPTH)).is_ok());
    assert_eq!(Condition::parse(&deep(MAX_DEPTH + 1)).unwrap_err(), "condition_too_deep");
    assert!(Condition::parse(&values(MAX_VALUES)).is_ok());
    assert_eq!(Condition::parse(&values(MAX_VALUES + 1)).unwrap_err(), "condition_too_large");
    assert!(Condition::parse(&deep(100_000)).is_err());
}

#[test]
fn columns_take_what_they_can_and_the_rest_is_left_to_evaluate() {
    let everything = |_: &str| true;
    let only_status = |field: &str| field == "status";
    let condition = json!({"all": [
        {"field": "status", "op": "eq", "value": "open"},
        {"field": "viewer.kind", "op": "eq", "value": "contact"},
        {"field": "amount", "op": "ge", "value": "10"}]});
    let whole = compiled(condition.clone()).push_down(&viewer(), &clock(), &everything);
    assert!(whole.complete);
    assert!(matches!(&whole.sql, SqlCondition::And(parts) if parts.len() == 2), "{:?}", whole.sql);

    let part = compiled(condition).push_down(&viewer(), &clock(), &only_status);
    assert!(!part.complete);
    assert_eq!(
        part.sql,
        SqlCondition::Compare {
            field: "status".to_owned(),
            family: Family::Key,
            op: SqlOperator::Eq,
            values: vec![SqlValue::Text("open".to_owned())],
        }
    );

    let hop = json!({"any": [
        {"field": "status", "op": "eq", "value": "open"},
        {"field": "company.country", "op": "eq", "value": "IT"}]});
    let weak = compiled(hop).push_down(&viewer(), &clock(), &everything);
    assert_eq!(weak, PushDown { sql: SqlCondition::Constant(true), complete: false });
}

#[test]
fn a_broken_part_is_refused_on_either_side_of_a_not() {
    let condition = Condition::Not(Box::new(is("status", "gone")));
    let broken = CompiledCondition::lenient(&condition, "tickets", catalogue());
    let pushed = broken.push_down(&viewer(), &clock(), &|_| true);
    assert_eq!(pushed, PushDown { sql: SqlCondition::Constant(false), complete: true });
    assert_eq!(broken.evaluate(&Row::ticket(), &viewer(), &clock()), Truth::Unknown);
}

#[test]
fn conditions_exclude_each_other_only_when_that_is_certain() {
    let one = |field: &str| field != "tags";
    assert!(is("status", "open").excludes(&is("status", "closed"), &one));
    assert!(!is("status", "open").excludes(&is("status", "open"), &one));
    assert!(!is("status", "open").excludes(&is("priority", "low"), &one));
    assert!(!is("tags", "a").excludes(&is("tags", "b"), &one));
    let among = Condition::test("status", Operator::In, json!(["open", "waiting"]));
    assert!(among.excludes(&is("status", "closed"), &one));
    assert!(!among.excludes(&is("status", "waiting"), &one));
    assert!(!Condition::Not(Box::new(is("status", "open"))).excludes(&is("status", "closed"), &one));
}
