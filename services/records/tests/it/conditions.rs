//! Postgres and the library must give the same answer to every condition.

use crate::world::{World, fields, value};
use anyhow::Result;
use policy::{Clock, CompiledCondition, Condition, Fact, Facts, Operator, Tie, Truth, ValueRef};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use proto::records::v1::{
    FieldDefinition, FieldType, Label, ListRecordsRequest, ModuleDefinition, PicklistValue, Record,
};
use records::domain::{module::Module, value::FieldType as Kind};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

const MODULE: &str = "probes";
const RECORDS: usize = 40;
const CONDITIONS: usize = 250;

/// Types without a field here. Lists keep no long texts; the others are kept and compared like `Text` and `Relation`.
const EXCEPT: [Kind; 5] = [Kind::LongText, Kind::Email, Kind::Phone, Kind::Url, Kind::Owner];

/// A module with a promoted field of every type that modules can have but [`EXCEPT`].
fn definition() -> ModuleDefinition {
    let labels = |text: &str| vec![Label { language: "en".into(), text: text.into() }];
    let kinds = [
        (FieldType::Text, "name"),
        (FieldType::Integer, "size"),
        (FieldType::Decimal, "price"),
        (FieldType::Percent, "share"),
        (FieldType::Checkbox, "ready"),
        (FieldType::Date, "day"),
        (FieldType::DateTime, "moment"),
        (FieldType::Picklist, "color"),
        (FieldType::Relation, "company_id"),
        (FieldType::Text, "plain"),
    ];
    let field = |(at, (kind, name)): (usize, &(FieldType, &str))| FieldDefinition {
        name: (*name).into(),
        number: u32::try_from(at + 1).unwrap(),
        r#type: (*kind).into(),
        labels: labels(name),
        // The last one has no column: what it is asked must be judged row by row.
        promoted: *name != "plain",
        target_module: if *kind == FieldType::Relation { "companies".into() } else { String::new() },
        values: if *kind == FieldType::Picklist {
            let value = |(at, key): (usize, &&str)| PicklistValue {
                key: (*key).into(),
                number: u32::try_from(at + 1).unwrap(),
                labels: labels(key),
                color: String::new(),
                customer_labels: Vec::new(),
            };
            ["red", "green", "blue"].iter().enumerate().map(value).collect()
        } else {
            Vec::new()
        },
        ..FieldDefinition::default()
    };
    ModuleDefinition {
        name: MODULE.into(),
        singular: labels("Probe"),
        plural: labels("Probes"),
        prefix: "PB".into(),
        fields: kinds.iter().enumerate().map(field).collect(),
        title_field: "name".into(),
        company_field: "company_id".into(),
        ..ModuleDefinition::default()
    }
}

#[test]
fn every_type_that_modules_can_have_is_asked_about_or_known_to_be_like_another() {
    let fields = definition().fields;
    for kind in Kind::ALL.iter().filter(|kind| kind.number().is_some()) {
        let asked = fields.iter().any(|field| Some(field.r#type) == kind.number());
        assert_ne!(asked, EXCEPT.contains(kind), "{kind:?}");
    }
}

/// Values that a field of a kind can hold: few, so that comparisons often meet their edge.
fn pool(kind: Kind, world: &World) -> Vec<String> {
    let texts: &[&str] = match kind {
        Kind::Integer => &["-3", "0", "7", "9007199254740993"],
        Kind::Decimal => &["-1.5", "0", "2.50", "10", "9.99"],
        Kind::Percent => &["0", "0.5", "7", "12.50", "100"],
        Kind::Checkbox => &["true", "false"],
        Kind::Date => &["1999-12-31", "2006-01-01", "2006-06-15", "9999-12-31"],
        Kind::DateTime => &["1999-12-31T23:59:59Z", "2006-01-01T00:00:00.000001Z", "2006-06-15T12:00:00+02:00"],
        Kind::Picklist => &["red", "green", "blue"],
        Kind::Relation => return vec![world.acme.id.clone(), world.globex.id.clone()],
        _ => &["alpha", "Alpha", "ALPHABET", "100%", "a_b", "è", "Zeta\\", "é"],
    };
    texts.iter().map(|t| (*t).to_owned()).collect()
}

fn operators(kind: Kind) -> Vec<Operator> {
    use Operator::*;
    let mut all = vec![Eq, Ne, In, NotIn, IsEmpty, IsNotEmpty];
    match kind {
        Kind::Text => all.extend([Contains, NotContains, StartsWith, EndsWith]),
        Kind::Integer | Kind::Decimal | Kind::Percent => all.extend([Lt, Le, Gt, Ge, Between]),
        Kind::Date | Kind::DateTime => all.extend([Before, After, Lt, Ge, Between, InPast, InFuture]),
        _ => {}
    }
    all
}

fn typed(kind: Kind, text: &str) -> Json {
    match kind {
        Kind::Integer => json!(text.parse::<i64>().unwrap()),
        Kind::Checkbox => json!(text == "true"),
        _ => json!(text),
    }
}

fn any_test(module: &Module, world: &World) -> BoxedStrategy<Condition> {
    let choices: Vec<(String, Kind, Vec<String>)> =
        module.fields.iter().map(|f| (f.name.clone(), f.kind, pool(f.kind, world))).collect();
    (
        prop::sample::select(choices),
        any::<prop::sample::Index>(),
        prop::collection::vec(any::<prop::sample::Index>(), 3),
    )
        .prop_map(|((field, kind, pool), op, values)| {
            let operators = operators(kind);
            let op = *op.get(&operators);
            let mut texts: Vec<&String> = values.iter().map(|v| v.get(&pool)).collect();
            let value = match op {
                o if o.without_value() => None,
                Operator::In | Operator::NotIn => Some(texts.iter().map(|t| typed(kind, t)).collect::<Json>()),
                Operator::Between => {
                    texts.truncate(2);
                    Some(texts.iter().map(|t| typed(kind, t)).collect())
                }
                Operator::Contains | Operator::NotContains => {
                    Some(json!(texts[0].to_uppercase().chars().take(3).collect::<String>()))
                }
                Operator::StartsWith => Some(json!(texts[0].to_lowercase().chars().take(2).collect::<String>())),
                Operator::EndsWith => Some(json!(
                    texts[0].chars().rev().take(2).collect::<Vec<_>>().into_iter().rev().collect::<String>()
                )),
                _ => Some(typed(kind, texts[0])),
            };
            Condition::Test { field, op, value }
        })
        .boxed()
}

fn any_condition(module: &Module, world: &World) -> BoxedStrategy<Condition> {
    any_test(module, world)
        .prop_recursive(3, 8, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3).prop_map(Condition::All),
                prop::collection::vec(inner.clone(), 0..3).prop_map(Condition::Any),
                inner.prop_map(|c| Condition::Not(Box::new(c))),
            ]
        })
        .boxed()
}

/// A record as the caller got it.
struct Seen<'a>(&'a Record);

impl Facts for Seen<'_> {
    fn fact(&self, field: &str) -> Fact<'_> {
        use proto::records::v1::value::Kind as Wire;
        let Some(found) = self.0.fields.iter().find(|f| f.field == field) else { return Fact::NoSuchField };
        Fact::Known(match found.value.as_ref().and_then(|v| v.kind.as_ref()) {
            None => ValueRef::Empty,
            Some(Wire::Text(text)) => ValueRef::Text(text),
            Some(Wire::Integer(i)) => ValueRef::Integer(*i),
            Some(Wire::Boolean(b)) => ValueRef::Boolean(*b),
        })
    }

    fn tie(&self) -> Tie {
        Tie::default()
    }
}

async fn listed(world: &World, filter: &str) -> Result<Vec<Record>> {
    let mut request =
        ListRecordsRequest { module: MODULE.into(), filter: filter.into(), limit: 9, ..ListRecordsRequest::default() };
    let mut items = Vec::new();
    loop {
        let page = world.records.list(&world.agent, &request).await?;
        items.extend(page.records());
        if page.next_cursor.is_empty() {
            return Ok(items);
        }
        request.cursor = page.next_cursor;
    }
}

#[tokio::test]
async fn the_database_and_the_library_agree_on_every_condition() -> Result<()> {
    let world = World::new().await?;
    world.records.define(&world.administrator, definition(), 0).await?;
    let (modules, module) = world.records.catalogue().module(MODULE).await?;
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut draw = |limit: usize| (0..limit).new_tree(&mut runner).unwrap().current();
    for _ in 0..RECORDS {
        let mut given = Vec::new();
        for field in &module.fields {
            let pool = pool(field.kind, &world);
            let at = draw(pool.len() + 2);
            if let Some(text) = pool.get(at) {
                given.push((field.name.as_str(), text.clone()));
            }
        }
        let given: Vec<(&str, &str)> = given.iter().map(|(n, t)| (*n, t.as_str())).collect();
        world.make(&world.agent, MODULE, fields(&given)).await?;
    }
    let every = listed(&world, "").await?;
    assert_eq!(every.len(), RECORDS);
    let strategy = any_condition(&module, &world);
    let clock = Clock::utc(world.log().now());
    let viewer = &world.agent.plan.viewer;
    let mut some = 0;
    for _ in 0..CONDITIONS {
        let condition = strategy.new_tree(&mut runner).unwrap().current();
        let compiled = CompiledCondition::new(&condition, MODULE, &modules.shapes)
            .unwrap_or_else(|e| panic!("{condition:?}: {e:?}"));
        let expected: BTreeSet<&str> = every
            .iter()
            .filter(|r| compiled.evaluate(&Seen(r), viewer, &clock) == Truth::True)
            .map(|r| r.id.as_str())
            .collect();
        let text = serde_json::to_string(&condition)?;
        let found = listed(&world, &text).await?;
        let found: BTreeSet<&str> = found.iter().map(|r| r.id.as_str()).collect();
        let show = |ids: &BTreeSet<&str>| -> Vec<Vec<String>> {
            let row = |id: &&str| {
                let record = every.iter().find(|r| r.id == *id).unwrap();
                module.fields.iter().map(|f| value(record, &f.name).unwrap_or_default()).collect()
            };
            ids.iter().map(row).collect()
        };
        let (missing, extra) = (&expected - &found, &found - &expected);
        assert!(
            missing.is_empty() && extra.is_empty(),
            "{text}\nmissing {:?}\nextra {:?}",
            show(&missing),
            show(&extra)
        );
        some += usize::from(!found.is_empty() && found.len() < RECORDS);
    }
    assert!(some > CONDITIONS / 3, "most conditions tell records apart: {some}");
    Ok(())
}
