//! What holds for every profile, rule and record, tried with random ones.

use crate::fixtures::*;
use crate::*;
use kernel::Timestamp;
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::json;

const FIELDS: [&str; 12] = [
    "title",
    "description",
    "status",
    "priority",
    "category",
    "severity",
    "amount",
    "hours",
    "due",
    "answered_at",
    "billable",
    "tags",
];

fn access() -> impl Strategy<Value = Access> {
    select(vec![Access::Hidden, Access::Masked, Access::Read, Access::Write])
}

/// Tests that fit the fixtures' fields, a few that don't, and a hop.
fn test() -> impl Strategy<Value = Condition> {
    let one = |field: &'static str, ops: Vec<&'static str>, values: Vec<serde_json::Value>| {
        (Just(field), select(ops), select(values))
            .prop_map(|(field, op, value)| json!({"field": field, "op": op, "value": value}))
    };
    prop_oneof![
        one("status", vec!["eq", "ne"], STATUS.map(|s| json!(s)).to_vec()),
        one("status", vec!["in", "not_in"], vec![json!([]), json!(["open"]), json!(["open", "closed"])]),
        one("priority", vec!["eq", "ne"], vec![json!("low"), json!("high")]),
        one("amount", vec!["eq", "ne", "lt", "le", "gt", "ge"], vec![json!("0"), json!("-1.50"), json!(10)]),
        one("amount", vec!["between"], vec![json!(["-2", "3"]), json!(["5", "1"])]),
        one("hours", vec!["eq", "ne", "lt", "ge"], vec![json!(0), json!("3")]),
        one("due", vec!["before", "after", "eq", "le"], vec![json!("2026-07-30"), json!("today")]),
        one("due", vec!["within_last", "within_next"], vec![json!(1), json!("2w")]),
        one("answered_at", vec!["before", "after"], vec![json!("now"), json!("today")]),
        one("answered_at", vec!["within_last", "within_next"], vec![json!("3h"), json!(2)]),
        one(
            "title",
            vec!["contains", "not_contains", "starts_with", "ends_with", "eq"],
            vec![json!("a"), json!("B"), json!("ab"), json!("ü")]
        ),
        one("billable", vec!["eq", "ne"], vec![json!(true), json!(false)]),
        one("tags", vec!["has_any", "has_all", "eq", "in"], vec![json!(["a"]), json!(["a", "b"])]),
        one("viewer.department", vec!["eq", "ne"], vec![json!("accounting"), json!("technical")]),
        one("company.country", vec!["eq"], vec![json!("IT")]),
        one("status", vec!["eq"], vec![json!("gone")]),
        one("colour", vec!["eq"], vec![json!("red")]),
        (select(FIELDS.to_vec()), select(vec!["is_empty", "is_not_empty"]))
            .prop_map(|(field, op)| json!({"field": field, "op": op})),
        (select(vec!["due", "answered_at"]), select(vec!["is_today", "in_past", "in_future"]))
            .prop_map(|(field, op)| json!({"field": field, "op": op})),
        (select(vec!["contact_id", "owner_id"])).prop_map(|f| json!({"field": f, "op": "is_viewer"})),
        Just(json!({"field": "company_id", "op": "is_viewers_company"})),
    ]
    .prop_map(|test| serde_json::from_value(test).unwrap())
}

fn condition() -> impl Strategy<Value = Condition> {
    test().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Condition::All),
            vec(inner.clone(), 0..3).prop_map(Condition::Any),
            inner.prop_map(|c| Condition::Not(Box::new(c))),
        ]
    })
}

fn effect() -> impl Strategy<Value = Effect> {
    let field = || select(FIELDS.to_vec());
    prop_oneof![
        4 => (field(), access()).prop_map(|(f, a)| cap(f, a)),
        2 => field().prop_map(demand),
        1 => (select(vec!["status", "priority"]), vec(select(vec!["open", "low", "high"]), 0..3))
            .prop_map(|(f, v)| allow(f, &v)),
        2 => prop_oneof![
            select(STATUS.to_vec()).prop_map(|s| set("status", s)),
            select(vec!["low", "high"]).prop_map(|s| set("priority", s)),
            select(vec!["1", "20"]).prop_map(|s| set("amount", s)),
        ],
        1 => Just(Effect::ReadOnlyRecord {}),
        1 => select(vec!["main", "money", "gone"]).prop_map(|b| Effect::HideBlock { block: b.to_owned() }),
        1 => Just(Effect::HideRelated { related: "documents".to_owned() }),
        1 => select(Action::ALL.to_vec()).prop_map(|action| Effect::ActionOff { action }),
    ]
}

fn rules() -> impl Strategy<Value = Vec<Rule>> {
    vec((condition(), vec(effect(), 1..4), -1..2_i32), 0..6).prop_map(|rules| {
        rules
            .into_iter()
            .enumerate()
            .map(|(i, (when, effects, priority))| Rule {
                priority,
                public_reason: Labels::of([("en", if i % 2 == 0 { "Even." } else { "Odd." })]),
                ..rule(&format!("r{i}"), when, effects)
            })
            .collect()
    })
}

/// A profile that grants random access, with rules.
fn profile() -> impl Strategy<Value = Profile> {
    let grants = vec((access(), proptest::option::of(access()), any::<bool>()), FIELDS.len());
    let scopes = vec(select(vec![Grant::None, Grant::Mine, Grant::Company]), Action::ALL.len());
    (rules(), grants, scopes, proptest::option::weighted(0.3, condition())).prop_map(
        |(rules, grants, scopes, record_condition)| {
            let mut profile = open_tickets(rules);
            let tickets = profile.modules.get_mut("tickets").unwrap();
            for (field, (access, on_create, mandatory)) in FIELDS.iter().zip(grants) {
                let grant = FieldGrant { access, on_create, mandatory };
                tickets.fields.insert((*field).to_owned(), grant);
            }
            for (action, scope) in Action::ALL.into_iter().zip(scopes) {
                tickets.actions.set(action, scope);
            }
            // Most cases should see something.
            tickets.actions.set(Action::View, Grant::Company);
            tickets.record_condition = record_condition;
            profile
        },
    )
}

fn row() -> impl Strategy<Value = Row> {
    let maybe = |values: Vec<&'static str>| proptest::option::weighted(0.8, select(values));
    let texts = (
        maybe(vec!["ab", "Bar", "über", "printer a"]),
        maybe(STATUS.to_vec()),
        maybe(vec!["low", "high", "urgent"]),
        maybe(vec!["0", "-1.5", "10.00", "99999999999999999999.5"]),
        maybe(vec!["2026-07-30", "2026-07-29", "2026-08-05", "1999-01-01"]),
        maybe(vec!["2026-07-30T12:00:00Z", "2026-07-30T00:00:00Z", "2026-07-29T23:59:59Z"]),
        maybe(vec!["emma", "marco"]),
        maybe(vec!["acme", "globex"]),
        maybe(vec!["IT", "CH"]),
    );
    let others = (proptest::option::of(-1..5_i64), any::<bool>(), vec(select(vec!["a", "b", "c"]), 0..3));
    (texts, others, any::<bool>(), any::<bool>()).prop_map(|(t, (hours, billable, tags), mine, company)| {
        let mut row = Row::mine("tickets").tied(mine, company);
        for (field, value) in [
            ("title", t.0),
            ("status", t.1),
            ("priority", t.2),
            ("amount", t.3),
            ("due", t.4),
            ("answered_at", t.5),
            ("contact_id", t.6),
            ("company_id", t.7),
            ("company.country", t.8),
        ] {
            if let Some(value) = value {
                row = row.with(field, value);
            }
        }
        if let Some(hours) = hours {
            row = row.holding("hours", OwnedValue::Integer(hours));
        }
        row.holding("billable", OwnedValue::Boolean(billable))
            .holding("tags", OwnedValue::Texts(tags.into_iter().map(str::to_owned).collect()))
    })
}

/// Everything that can be seen of a decision, without the order in which rules are named.
fn seen(access: &RecordAccess<'_>) -> impl PartialEq + std::fmt::Debug {
    let of = |field: &&str| {
        let mut allowed = access.allowed_values(field);
        if let Some(values) = &mut allowed {
            values.sort_unstable();
            values.dedup();
        }
        (access.field(field), access.is_mandatory(field), allowed, access.public_reason(Some(field)).cloned())
    };
    let fields: Vec<_> = FIELDS.iter().map(of).collect();
    (access.is_visible(), access.actions(), fields, access.related().len(), access.hides_block("main"))
}

fn sorted(result: Result<Accepted, WriteRefusal>) -> Result<Accepted, WriteRefusal> {
    result.map_err(|refusal| match refusal {
        WriteRefusal::Fields(mut fields) => {
            fields.sort_by(|a, b| (&a.field, &a.code).cmp(&(&b.field, &b.code)));
            WriteRefusal::Fields(fields)
        }
        other => other,
    })
}

/// A row of columns as the database would judge it: sentinels for empty, two-valued comparisons.
fn sql_accepts(sql: &SqlCondition, row: &Row) -> bool {
    let instant = |v: &SqlValue| match v {
        SqlValue::Integer(i) => *i,
        SqlValue::Moment(at) => at.micros(),
        other => panic!("no instant: {other:?}"),
    };
    match sql {
        SqlCondition::Constant(holds) => *holds,
        SqlCondition::And(parts) => parts.iter().all(|p| sql_accepts(p, row)),
        SqlCondition::Or(parts) => parts.iter().any(|p| sql_accepts(p, row)),
        SqlCondition::Not(part) => {
            assert!(matches!(**part, SqlCondition::Compare { .. }), "only comparisons are denied");
            !sql_accepts(part, row)
        }
        SqlCondition::Compare { field, family, op, values } => {
            let held = row.fact(field).known().unwrap();
            if *op == SqlOperator::IsEmpty || held.is_empty() {
                return *op == SqlOperator::IsEmpty && held.is_empty();
            }
            let order = |with: &SqlValue| match (family, held, with) {
                (Family::Decimal, ValueRef::Text(a), SqlValue::Decimal(b)) => fields::decimals::compare(a, b).unwrap(),
                (Family::Boolean, ValueRef::Boolean(a), SqlValue::Boolean(b)) => a.cmp(b),
                (Family::Integer, ValueRef::Integer(a), with) => a.cmp(&instant(with)),
                (Family::Moment, ValueRef::Text(a), with) => Timestamp::parse(a).unwrap().micros().cmp(&instant(with)),
                (Family::Date, ValueRef::Text(a), SqlValue::Date(b)) => a.cmp(b),
                (_, ValueRef::Text(a), SqlValue::Text(b)) => a.cmp(b.as_str()),
                other => panic!("no comparison: {other:?}"),
            };
            let text = |v: &SqlValue| match (held, v) {
                (ValueRef::Text(a), SqlValue::Text(b)) => (a.to_ascii_lowercase(), b.to_ascii_lowercase()),
                other => panic!("no texts: {other:?}"),
            };
            match op {
                SqlOperator::Eq => order(&values[0]).is_eq(),
                SqlOperator::In => values.iter().any(|v| order(v).is_eq()),
                SqlOperator::Lt => order(&values[0]).is_lt(),
                SqlOperator::Le => order(&values[0]).is_le(),
                SqlOperator::Gt => order(&values[0]).is_gt(),
                SqlOperator::Ge => order(&values[0]).is_ge(),
                SqlOperator::Between => order(&values[0]).is_ge() && order(&values[1]).is_le(),
                SqlOperator::Contains => text(&values[0]).0.contains(&text(&values[0]).1),
                SqlOperator::StartsWith => text(&values[0]).0.starts_with(&text(&values[0]).1),
                SqlOperator::EndsWith => text(&values[0]).0.ends_with(&text(&values[0]).1),
                SqlOperator::IsEmpty => unreachable!("answered above"),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_rules_never_matters(
        profile in profile(), saved in row(), proposed in row(),
        sent in vec(select(FIELDS.to_vec()), 0..3), seed in any::<u64>(),
    ) {
        let mut shuffled = profile.clone();
        let rules = &mut shuffled.modules.get_mut("tickets").unwrap().rules;
        let key = |id: &str| id.bytes().fold(seed, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3).rotate_left(23));
        rules.sort_by_key(|r| key(&r.id));
        let (a, b) = (plan_of(&profile), plan_of(&shuffled));
        let look = |plan: &AccessPlan| format!("{:?}", seen(&decide_record(plan, "tickets", &saved, &clock()).unwrap()));
        prop_assert_eq!(look(&a), look(&b));
        for saved in [Some(&saved as &dyn Facts), None] {
            let clock = clock();
            let write = Write { saved, proposed: &proposed, sent: &sent, clock: &clock };
            prop_assert_eq!(sorted(check_write(&a, "tickets", &write)), sorted(check_write(&b, "tickets", &write)));
        }
    }

    #[test]
    fn a_rule_never_loosens(profile in profile(), row in row(), left_out in any::<prop::sample::Index>()) {
        let mut fewer = profile.clone();
        let rules = &mut fewer.modules.get_mut("tickets").unwrap().rules;
        if !rules.is_empty() {
            rules.remove(left_out.index(rules.len()));
        }
        let (more, fewer) = (plan_of(&profile), plan_of(&fewer));
        let tight = decide_record(&more, "tickets", &row, &clock()).unwrap();
        let loose = decide_record(&fewer, "tickets", &row, &clock()).unwrap();
        prop_assert!(loose.is_visible() || !tight.is_visible());
        for action in Action::ALL {
            prop_assert!(loose.may(action) || !tight.may(action));
        }
        for field in FIELDS {
            prop_assert!(tight.field(field) <= loose.field(field), "{}", field);
            prop_assert!(tight.field(field) <= more.field("tickets", field, false), "the profile is a ceiling: {}", field);
            if let (Some(t), Some(l)) = (tight.allowed_values(field), loose.allowed_values(field)) {
                prop_assert!(t.iter().all(|v| l.contains(v)));
            }
            prop_assert!(more.module("tickets").unwrap().searches(field) <= fewer.module("tickets").unwrap().searches(field));
        }
        prop_assert!(tight.related().len() <= loose.related().len());
    }

    #[test]
    fn looking_up_less_never_opens(
        profile in profile(), row in row(), left_out in vec(select(FIELDS.to_vec()), 1..4), hop in any::<bool>(),
        sent in vec(select(FIELDS.to_vec()), 0..3),
    ) {
        let plan = plan_of(&profile);
        let mut less = left_out.iter().fold(row.clone(), |row, field| row.without_reading(field));
        if hop {
            less = less.without_reading("company.country");
        }
        let all = decide_record(&plan, "tickets", &row, &clock()).unwrap();
        let tight = decide_record(&plan, "tickets", &less, &clock()).unwrap();
        prop_assert!(all.is_visible() || !tight.is_visible());
        for action in Action::ALL {
            prop_assert!(all.may(action) || !tight.may(action));
        }
        for field in FIELDS {
            prop_assert!(tight.field(field) <= all.field(field), "{}", field);
        }
        let clock = clock();
        let ask = |facts: &Row| {
            let write = Write { saved: Some(facts), proposed: facts, sent: &sent, clock: &clock };
            check_write(&plan, "tickets", &write)
        };
        // Rules that set values apply too, and may so fulfil what is mandatory: the right to write is what never opens.
        let unwritable = |r: Result<Accepted, WriteRefusal>| matches!(r, Err(WriteRefusal::NotFound | WriteRefusal::Forbidden(_)));
        prop_assert!(!unwritable(ask(&row)) || ask(&less).is_err());
    }

    #[test]
    fn no_gate_gives_away_what_another_hides(profile in profile(), row in row(), field in select(FIELDS.to_vec())) {
        let plan = plan_of(&profile);
        let access = decide_record(&plan, "tickets", &row, &clock()).unwrap();
        let filter = Condition::Test { field: field.to_owned(), op: Operator::IsEmpty, value: None };
        let list = |request| check_list(&plan, "tickets", request, catalogue());
        let filtered = list(ListRequest { sort: &[], filter: Some(&filter) });
        let sorted = list(ListRequest { sort: &[field], filter: None });
        let searched = plan.module("tickets").unwrap().searches(field);
        prop_assert_eq!(filtered.is_ok(), sorted.is_ok());
        if access.is_visible() && !access.field(field).is_readable() {
            prop_assert!(filtered.is_err() && sorted.is_err() && !searched && !access.exports(field));
        }
        let clock = clock();
        if access.field(field) == Access::Hidden {
            prop_assert_eq!(access.show(field, "secret"), None);
            prop_assert!(!access.reveals_change(field));
            prop_assert!(access.fields().all(|(name, _)| name != field));
            let refusal = |sent: &[&str]| {
                let write = Write { saved: Some(&row), proposed: &row, sent, clock: &clock };
                match check_write(&plan, "tickets", &write) {
                    Err(WriteRefusal::Fields(mut fields)) => { fields[0].field.clear(); Err(WriteRefusal::Fields(fields)) }
                    other => other,
                }
            };
            prop_assert_eq!(refusal(&[field]), refusal(&["no_such_field"]));
            prop_assert!(refusal(&[field]).is_err());
            let write = Write { saved: Some(&row), proposed: &row, sent: &[], clock: &clock };
            for shown in form(&plan, "tickets", &write).into_iter().flatten() {
                prop_assert_ne!(shown.field.as_str(), field);
            }
        }
        if plan.field("tickets", field, false) == Access::Hidden {
            let code = |r: Result<Option<CompiledCondition>, Vec<FieldRefusal>>| r.unwrap_err()[0].code.clone();
            prop_assert_eq!(code(filtered), "unknown_field");
            prop_assert_eq!(code(sorted), "unknown_field");
        }
    }

    #[test]
    fn the_value_of_a_hidden_field_changes_no_answer(profile in profile(), row in row(), field in select(FIELDS.to_vec())) {
        // Rules are the administrator's and may read what the user doesn't see; here there are none.
        let mut profile = profile;
        let tickets = profile.modules.get_mut("tickets").unwrap();
        tickets.rules.clear();
        tickets.record_condition = None;
        tickets.fields.insert(field.to_owned(), FieldGrant::default());
        let plan = plan_of(&profile);
        let mut other = row.clone();
        other.values.remove(field);
        let clock = clock();
        let answer = |row: &Row| {
            let write = Write { saved: Some(row), proposed: row, sent: &["title", field], clock: &clock };
            let access = decide_record(&plan, "tickets", row, &clock).unwrap();
            format!("{:?} {:?} {:?}", seen(&access), check_write(&plan, "tickets", &write), form(&plan, "tickets", &write))
        };
        prop_assert_eq!(answer(&row), answer(&other));
    }

    #[test]
    fn form_and_write_agree(profile in profile(), saved in row(), proposed in row(), field in select(FIELDS.to_vec())) {
        let plan = plan_of(&profile);
        let clock = clock();
        for saved in [Some(&saved as &dyn Facts), None] {
            let write = Write { saved, proposed: &proposed, sent: &[field], clock: &clock };
            let fields = form(&plan, "tickets", &write);
            let shown = fields.iter().flatten().find(|f| f.field == field);
            match check_write(&plan, "tickets", &write) {
                Ok(_) => {
                    prop_assert!(shown.is_some_and(|f| f.editable));
                    for f in fields.iter().flatten().filter(|f| f.mandatory) {
                        let set = f.value.as_ref().map_or_else(|| proposed.fact(&f.field).known().unwrap(), OwnedValue::as_value);
                        prop_assert!(!set.is_empty(), "{}", f.field);
                    }
                }
                Err(WriteRefusal::Fields(refusals)) => for r in refusals {
                    let shown = fields.iter().flatten().find(|f| f.field == r.field);
                    match &*r.code {
                        "unknown_field" => prop_assert!(shown.is_none()),
                        "read_only" => prop_assert!(shown.is_none_or(|f| !f.editable)),
                        "mandatory" => prop_assert!(shown.is_some_and(|f| f.mandatory && f.visible)),
                        "not_allowed_value" => prop_assert!(shown.is_some_and(|f| f.options.is_some())),
                        other => prop_assert!(false, "{}", other),
                    }
                },
                Err(WriteRefusal::NotFound) => prop_assert!(fields.is_none()),
                Err(WriteRefusal::Forbidden(_)) => prop_assert!(shown.is_none_or(|f| !f.editable)),
            }
        }
    }

    #[test]
    fn sql_and_library_answer_the_same(condition in condition(), row in row(), columns in vec(any::<bool>(), FIELDS.len())) {
        let compiled = CompiledCondition::lenient(&condition, "tickets", catalogue());
        let holds = compiled.evaluate(&row, &viewer(), &clock()) == Truth::True;
        let everywhere = compiled.push_down(&viewer(), &clock(), &|_| true);
        if everywhere.complete {
            prop_assert_eq!(sql_accepts(&everywhere.sql, &row), holds);
        }
        let has_column = |f: &str| FIELDS.iter().position(|name| *name == f).is_none_or(|at| columns[at]);
        let partly = compiled.push_down(&viewer(), &clock(), &has_column);
        prop_assert!(sql_accepts(&partly.sql, &row) || !holds, "SQL never loses a record");
        if partly.complete {
            prop_assert_eq!(sql_accepts(&partly.sql, &row), holds);
        }
    }

    #[test]
    fn documents_and_plans_survive_json(profile in profile(), condition in condition()) {
        let text = serde_json::to_string(&profile).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Profile>(&text).unwrap(), &profile);
        let plan = plan_of(&profile);
        let text = serde_json::to_string(&plan).unwrap();
        prop_assert_eq!(&serde_json::from_str::<AccessPlan>(&text).unwrap(), &plan);
        let text = serde_json::to_string(&condition).unwrap();
        prop_assert_eq!(Condition::parse(&text).unwrap(), condition);
    }

    #[test]
    fn what_normalising_repairs_is_not_reported_again(profile in profile()) {
        let mut profile = profile;
        profile.normalise(catalogue());
        prop_assert!(profile.normalise(catalogue()).is_empty());
        for problem in profile.validate(catalogue()) {
            prop_assert!(!["column_hidden", "companies_are_not_created_from_the_portal"].contains(&&*problem.code));
        }
    }
}

/// Any JSON, biased towards the words of the documents.
fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let words = vec![
        "all",
        "any",
        "not",
        "field",
        "op",
        "value",
        "eq",
        "in",
        "status",
        "tickets",
        "modules",
        "format",
        "name",
        "rules",
        "effects",
        "effect",
        "visibility",
        "access",
        "read",
        "fields",
        "when",
        "actions",
        "view",
        "mine",
        "today",
        "7d",
        "é",
        "",
    ];
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        select(words.clone()).prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(serde_json::Value::Array),
            vec((select(words.clone()), inner), 0..5)
                .prop_map(|pairs| pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect()),
        ]
    })
}

/// One random change somewhere in a document.
fn disturb(document: &mut serde_json::Value, path: &[prop::sample::Index], with: &serde_json::Value) {
    let (Some(step), size) = (path.first(), document.as_object().map(|m| m.len())) else {
        *document = with.clone();
        return;
    };
    let inner = match (document, size) {
        (serde_json::Value::Object(map), Some(n)) if n > 0 => map.values_mut().nth(step.index(n)),
        (serde_json::Value::Array(items), _) if !items.is_empty() => {
            let n = step.index(items.len());
            items.get_mut(n)
        }
        (leaf, _) => {
            *leaf = with.clone();
            None
        }
    };
    if let Some(inner) = inner {
        disturb(inner, &path[1..], with);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_document_stops_the_library(value in any_json(), path in vec(any::<prop::sample::Index>(), 1..8), row in row()) {
        let _ = Condition::parse(&value.to_string());
        let _ = serde_json::from_value::<AccessPlan>(value.clone());
        let mut document = serde_json::to_value(Profile::standard_demo()).unwrap();
        disturb(&mut document, &path, &value);
        if let Ok(mut profile) = serde_json::from_value::<Profile>(document) {
            profile.validate(catalogue());
            profile.normalise(catalogue());
            exercise(&plan_of(&profile), &row);
        }
        let rules = vec![rule("a", is("status", "open"), vec![set("severity", "major"), cap("title", Access::Read)])];
        let mut document = serde_json::to_value(plan_of(&open_tickets(rules))).unwrap();
        disturb(&mut document, &path, &value);
        if let Ok(plan) = serde_json::from_value::<AccessPlan>(document) {
            exercise(&plan, &row);
        }
    }

    #[test]
    fn a_plan_with_wrong_places_stops_nothing(place in any::<u16>(), operand in any::<u16>(), row in row()) {
        let rules = vec![rule("a", is("status", "open"), vec![set("severity", "major"), cap("title", Access::Read)])];
        let mut document = serde_json::to_value(plan_of(&open_tickets(rules))).unwrap();
        let rule = &mut document["modules"]["tickets"]["rules"][0];
        rule["effects"][0]["set_value"][0] = place.into();
        rule["effects"][1]["visibility"][0] = place.into();
        rule["when"]["test"]["operand"] = operand.into();
        exercise(&serde_json::from_value(document).unwrap(), &row);
    }
}

/// Asks everything that can be asked of a plan.
fn exercise(plan: &AccessPlan, row: &Row) {
    let clock = clock();
    plan.menu();
    for saved in [Some(row as &dyn Facts), None] {
        let write = Write { saved, proposed: row, sent: &["title", "status"], clock: &clock };
        let _ = check_write(plan, "tickets", &write);
        let _ = form(plan, "tickets", &write);
    }
    for access in [decide_record(plan, "tickets", row, &clock), decide_new(plan, "tickets", row, &clock)] {
        let Some(access) = access else { continue };
        for field in FIELDS {
            access.explain_field(field);
            access.allowed_values(field);
        }
        access.explain_action(Action::Edit);
    }
    let filter = is("status", "open");
    let request = ListRequest { sort: &["title"], filter: Some(&filter) };
    let _ = check_list(plan, "tickets", request, catalogue());
}
