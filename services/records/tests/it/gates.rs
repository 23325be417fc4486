//! All gates answer alike: whatever the conditions and rules of a profile read, a record that one gate hides is hidden by
//! every other, and so is each of its fields and its name.

use crate::world::{World, fields, number, value};
use anyhow::Result;
use kernel::Code;
use policy::{
    Access, Action, Condition, Effect, FieldGrant, Grant, Labels, ModuleGrant, Origin, PerAction, Profile, Rule, Scope,
};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use proto::records::v1::{DeleteRecordRequest, FieldType, ListRecordsRequest, Record, ResolveTitlesRequest};
use records::{
    Caller,
    domain::module::{Definition, FieldDefinition},
};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

const MODULES: [&str; 5] = ["contacts", "companies", "tickets", "visits", "faqs"];
const PROFILES: usize = 60;

/// A module of the installation's own whose records point to a ticket: names two hops away.
fn visits(tickets: &Definition) -> Definition {
    let mut definition = tickets.clone();
    (definition.name, definition.number, definition.prefix) = ("visits".into(), 0, "VI".into());
    let contact = definition.fields.iter().find(|f| f.name == "contact_id").unwrap().clone();
    definition.fields.push(FieldDefinition {
        name: "ticket_id".into(),
        number: 40,
        type_number: FieldType::Relation.into(),
        target_module: "tickets".into(),
        ..contact
    });
    definition
}

/// Contacts with a long text too.
async fn ground() -> Result<World> {
    let world = World::new().await?;
    let modules = world.records.catalogue().refresh().await?;
    let of = |name: &str| modules.iter().find(|d| d.module.name() == name).unwrap().clone();
    let (contacts, tickets) = (of("contacts"), of("tickets"));
    let mut definition = contacts.module.definition.clone();
    let description = tickets.module.definition.fields.iter().find(|f| f.name == "description").unwrap().clone();
    definition.fields.push(FieldDefinition { name: "notes".into(), number: 40, ..description });
    world.records.define(&world.administrator, definition, contacts.version).await?;
    world.records.define(&world.administrator, visits(&tickets.module.definition), 0).await?;
    Ok(world)
}

/// Records with every tie there is, long texts here and there, a contact that moved, one that is gone.
async fn populated() -> Result<(World, Vec<Record>)> {
    let world = ground().await?;
    let agent = &world.agent;
    world.change(agent, &world.acme, &[("description", "A secret plan")]).await?;
    world.change(agent, &world.globex, &[("country", "CH"), ("description", "Nothing special")]).await?;
    world.change(agent, &world.emma, &[("notes", "secret"), ("department", "accounting")]).await?;
    world.change(agent, &world.nina, &[("notes", "plain"), ("department", "technical")]).await?;
    let otto = world.make(agent, "contacts", fields(&[("first_name", "Otto"), ("last_name", "Free")])).await?;
    let given = fields(&[("first_name", "Gone"), ("last_name", "By"), ("company_id", &world.acme.id)]);
    let gone = world.make(agent, "contacts", given).await?;
    let contacts = [Some(&world.emma), Some(&world.marco), Some(&world.nina), Some(&otto), Some(&gone), None];
    let companies = [None, Some(&world.acme), Some(&world.globex)];
    let texts = ["", "It is a secret", "Plain words"];
    let mut made = Vec::new();
    for (n, contact) in contacts.iter().enumerate() {
        for (m, company) in companies.iter().enumerate() {
            let mut given = vec![
                ("title", ["Printer jam", "Router", "Secret printer"][(n + m) % 3]),
                ("priority", ["low", "high"][(n + m) % 2]),
            ];
            given.extend(contact.map(|c| ("contact_id", c.id.as_str())));
            given.extend(company.map(|c| ("company_id", c.id.as_str())));
            given.extend([("description", texts[(n * 2 + m) % 3])].into_iter().filter(|(_, t)| !t.is_empty()));
            given.extend([("category", "problem")].into_iter().filter(|_| n % 2 == 0));
            made.push(world.make(agent, "tickets", fields(&given)).await?);
        }
    }
    for (n, ticket) in made.clone().iter().enumerate().step_by(2) {
        let mut given = vec![("title", "Visit"), ("ticket_id", ticket.id.as_str())];
        given.extend(companies[n % 3].map(|c| ("company_id", c.id.as_str())));
        given.extend([("contact_id", world.emma.id.as_str())].into_iter().filter(|_| n % 4 == 0));
        given.extend([("description", texts[(n / 2) % 3])].into_iter().filter(|(_, t)| !t.is_empty()));
        made.push(world.make(agent, "visits", fields(&given)).await?);
    }
    for (title, answer, status) in [
        ("Printer on fire", "A secret answer", "published"),
        ("Printer off", "Plain", "draft"),
        ("Router", "", "published"),
    ] {
        let mut given = vec![("title", title), ("status", status)];
        given.extend([("answer", answer)].into_iter().filter(|(_, t)| !t.is_empty()));
        made.push(world.make(agent, "faqs", fields(&given)).await?);
    }
    world.change(agent, &world.marco, &[("company_id", &world.globex.id)]).await?;
    let expected_version = world.get(agent, &gone).await?.visible_version;
    let delete = DeleteRecordRequest {
        module: "contacts".into(),
        id: gone.id.clone(),
        expected_version,
        accept_dependents: false,
    };
    world.records.delete(agent, &delete).await?;
    // Emma takes part in a ticket of a stranger.
    let strangers = made.iter().find(|r| number(r) == 1_008).unwrap();
    let mut owner = world.database.owner().await?;
    sqlx::query("insert into records.participants_v1 values ($1, 3, $2::text::uuid)")
        .bind(i64::try_from(number(&world.emma))?)
        .bind(&strangers.id)
        .execute(&mut owner)
        .await?;
    made.extend([&world.acme, &world.globex, &world.emma, &world.marco, &world.nina, &otto, &gone].map(Clone::clone));
    Ok((world, made))
}

fn test(field: &'static str, ops: &[&'static str], values: Vec<Json>) -> BoxedStrategy<Condition> {
    (prop::sample::select(ops.to_vec()), prop::sample::select(values))
        .prop_map(move |(op, value)| {
            let test = if op.ends_with("empty") || op.starts_with("is_") {
                json!({"field": field, "op": op})
            } else {
                json!({"field": field, "op": op, "value": value})
            };
            serde_json::from_value(test).unwrap()
        })
        .boxed()
}

/// Tests that choose records of a module; with `long`, those of rules as well.
fn tests(module: &'static str, long: bool) -> BoxedStrategy<Condition> {
    let text = ["contains", "not_contains", "is_empty", "is_not_empty"];
    let country = || test("company.country", &["eq", "ne", "not_contains", "is_empty"], vec![json!("IT"), json!("CH")]);
    let status = || test("company.status", &["eq", "ne"], vec![json!("active"), json!("blocked")]);
    let department =
        || test("contact.department", &["eq", "ne", "is_empty"], vec![json!("accounting"), json!("sales")]);
    let name = || test("contact.last_name", &["contains", "not_contains"], vec![json!("ossi"), json!("eber")]);
    let secret = |field| test(field, &text, vec![json!("secret"), json!("plain")]);
    let mut choices = match module {
        "contacts" => vec![
            country(),
            status(),
            test("department", &["eq", "ne", "is_empty"], vec![json!("accounting"), json!("technical")]),
            test("company_id", &["is_viewers_company", "is_empty"], vec![json!(null)]),
        ],
        "companies" => vec![
            test("country", &["eq", "ne"], vec![json!("IT"), json!("CH")]),
            test("status", &["eq", "ne"], vec![json!("active")]),
        ],
        "faqs" => vec![test("status", &["eq", "ne"], vec![json!("published"), json!("draft")])],
        _ => vec![
            country(),
            status(),
            department(),
            name(),
            test("priority", &["eq", "ne"], vec![json!("low"), json!("high")]),
            test("category", &["is_empty", "is_not_empty"], vec![json!(null)]),
            test("contact_id", &["is_viewer", "is_empty"], vec![json!(null)]),
        ],
    };
    if long {
        choices.push(secret(match module {
            "contacts" => "notes",
            "faqs" => "answer",
            _ => "description",
        }));
        if module != "faqs" {
            choices.extend([secret("company.description"), secret("contact.notes")].into_iter().take(match module {
                "companies" => 0,
                "contacts" => 1,
                _ => 2,
            }));
        }
    }
    prop::strategy::Union::new(choices).boxed()
}

fn conditions(module: &'static str, long: bool) -> BoxedStrategy<Condition> {
    tests(module, long)
        .prop_recursive(2, 6, 2, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 1..3).prop_map(Condition::All),
                prop::collection::vec(inner.clone(), 1..3).prop_map(Condition::Any),
                inner.prop_map(|c| Condition::Not(Box::new(c))),
            ]
        })
        .boxed()
}

fn governed(module: &str) -> &'static [&'static str] {
    match module {
        "contacts" => &["first_name", "last_name", "email", "department", "notes", "company_id"],
        "companies" => &["name", "country", "status", "description"],
        "faqs" => &["title", "answer", "category", "status"],
        "visits" => &["title", "description", "priority", "category", "contact_id", "company_id", "ticket_id"],
        _ => &["title", "description", "priority", "category", "contact_id", "company_id"],
    }
}

fn rules(module: &'static str) -> BoxedStrategy<Vec<Rule>> {
    let hidden = (
        prop::sample::select(governed(module).to_vec()),
        prop::sample::select(vec![Access::Hidden, Access::Masked, Access::Read]),
    );
    let effect = prop_oneof![
        5 => hidden.prop_map(|(field, access)| Effect::Visibility { field: field.to_owned(), access }),
        1 => Just(Effect::ReadOnlyRecord {}),
        1 => Just(Effect::ActionOff { action: Action::ViewComments }),
    ];
    prop::collection::vec((conditions(module, true), prop::collection::vec(effect, 1..3)), 0..3)
        .prop_map(|rules| {
            let rule = |(at, (when, effects)): (usize, (Condition, Vec<Effect>))| Rule {
                id: format!("r{at}"),
                name: String::new(),
                enabled: true,
                priority: 0,
                when,
                effects,
                public_reason: Labels::default(),
                origin: Origin::Own,
            };
            rules.into_iter().enumerate().map(rule).collect()
        })
        .boxed()
}

fn granted(module: &'static str) -> BoxedStrategy<ModuleGrant> {
    let reach = if module == "faqs" { vec![Grant::All] } else { vec![Grant::Company, Grant::Company, Grant::Mine] };
    (prop::sample::select(reach), proptest::option::weighted(0.5, conditions(module, false)), rules(module))
        .prop_map(move |(reach, record_condition, rules)| ModuleGrant {
            enabled: true,
            actions: PerAction::of([
                (Action::View, reach),
                (Action::Edit, if module == "companies" { Grant::None } else { reach }),
                (Action::ViewComments, reach),
            ]),
            fields: governed(module).iter().map(|f| ((*f).to_owned(), FieldGrant::new(Access::Write))).collect(),
            record_condition,
            rules,
            ..ModuleGrant::default()
        })
        .boxed()
}

/// What the single GET says of every record: the answer that the others are held against.
async fn alone(world: &World, caller: &Caller, every: &[Record]) -> Result<BTreeMap<String, Record>> {
    let mut seen = BTreeMap::new();
    for record in every {
        match world.found(caller, record, false).await {
            Ok(found) => drop(seen.insert(record.id.clone(), found)),
            Err(error) => assert_eq!(error.code, Code::NotFound, "{error:?}"),
        }
    }
    Ok(seen)
}

fn is_gone(record: &Record) -> bool {
    value(record, "first_name").as_deref() == Some("Gone")
}

fn name_of(seen: &BTreeMap<String, Record>, id: &str) -> Option<String> {
    seen.get(id)?.titles.get(id).filter(|t| !t.is_empty()).cloned()
}

/// What a list shows of a record: everything but long texts.
fn shown(record: &Record) -> impl PartialEq + std::fmt::Debug {
    let long = ["description", "notes", "answer"];
    let fields: BTreeMap<String, Option<String>> = (record.fields.iter())
        .filter(|f| !long.contains(&f.field.as_str()))
        .map(|f| (f.field.clone(), value(record, &f.field)))
        .collect();
    let access: BTreeMap<_, _> = record.accesses().map(|(f, a)| (f.to_owned(), a.to_owned())).collect();
    let titles: BTreeMap<_, _> = record.titles.clone().into_iter().collect();
    (record.number.clone(), record.visible_version, fields, access, titles, record.actions.clone())
}

/// Counts comparisons.
struct Held {
    count: usize,
}

impl Held {
    fn equal<T: PartialEq + std::fmt::Debug>(&mut self, one: &T, other: &T, what: &dyn Fn() -> String) {
        self.count += 1;
        assert!(one == other, "{}\nalone: {one:?}\nthere: {other:?}", what());
    }
}

async fn lists(world: &World, caller: &Caller, seen: &BTreeMap<String, Record>, held: &mut Held) -> Result<()> {
    for module in MODULES {
        for (query, sort) in [("", ""), ("", "number"), ("printer", ""), ("secret", "")] {
            let request = ListRecordsRequest {
                module: module.into(),
                limit: 200,
                query: query.into(),
                sort: sort.into(),
                ..ListRecordsRequest::default()
            };
            let found = match world.records.list(caller, &request).await {
                Ok(page) => page.records(),
                Err(error) => {
                    assert_eq!((&*error.fields[0].field, query.is_empty()), ("q", false), "{error:?}");
                    continue;
                }
            };
            let found: BTreeMap<&str, &Record> = found.iter().map(|r| (r.id.as_str(), r)).collect();
            let matches =
                |r: &&Record| query.is_empty() || r.titles.get(&r.id).is_some_and(|t| t.to_lowercase().contains(query));
            let expected: BTreeSet<&str> =
                seen.values().filter(|r| r.module == module).filter(matches).map(|r| r.id.as_str()).collect();
            let listed: BTreeSet<&str> = found.keys().copied().collect();
            held.equal(&expected, &listed, &|| format!("{module} q={query} sort={sort}"));
            for (id, record) in &found {
                held.equal(&shown(&seen[*id]), &shown(record), &|| format!("{module} {} q={query}", record.number));
            }
        }
    }
    Ok(())
}

async fn titles(
    world: &World,
    caller: &Caller,
    every: &[Record],
    seen: &BTreeMap<String, Record>,
    held: &mut Held,
) -> Result<()> {
    let ids = every.iter().map(|r| r.id.clone()).collect();
    let resolved = world.records.titles(caller, &ResolveTitlesRequest { ids }).await?;
    // What points to a deleted record shows its name, struck through; alone it is not there.
    for record in every.iter().filter(|r| !is_gone(r)) {
        let what = || format!("the title of {} {}", record.module, record.number);
        held.equal(&name_of(seen, &record.id), &resolved.get(&record.id).cloned(), &what);
    }
    for record in seen.values() {
        for field in ["contact_id", "company_id", "ticket_id"] {
            let Some(id) = value(record, field).filter(|id| id.len() == 36) else { continue };
            if every.iter().any(|r| r.id == id && is_gone(r)) {
                continue;
            }
            let readable = matches!(record.access(field).unwrap_or_default(), "read" | "write");
            let expected = name_of(seen, &id).filter(|_| readable);
            let what = || format!("{field} of {} {}", record.module, record.number);
            held.equal(&expected, &record.titles.get(&id).cloned(), &what);
        }
    }
    Ok(())
}

async fn suggestions(world: &World, caller: &Caller, seen: &BTreeMap<String, Record>, held: &mut Held) -> Result<()> {
    for module in MODULES {
        for text in ["", "pri", "printer", "ac", "em", "secret", "visit"] {
            for suggestion in world.records.suggest(caller, module, text).await? {
                let what = || format!("suggestion {text:?} of {module}: {}", suggestion.number);
                held.equal(&true, &seen.contains_key(&suggestion.id), &what);
                let title = seen[&suggestion.id].titles.get(&suggestion.id).cloned().unwrap_or_default();
                held.equal(&title, &suggestion.title, &what);
            }
        }
    }
    Ok(())
}

/// Writes that change nothing, or that are refused: their answers say no more than the record alone.
async fn writes(
    world: &World,
    caller: &Caller,
    every: &[Record],
    seen: &BTreeMap<String, Record>,
    held: &mut Held,
) -> Result<()> {
    for record in every.iter().filter(|r| matches!(r.module.as_str(), "tickets" | "visits")) {
        let Some(before) = seen.get(&record.id) else {
            let refused = world.change_at(caller, record, 1, &[("priority", "low")]).await.unwrap_err();
            held.equal(&Code::NotFound, &refused.code, &|| format!("a write on {}", record.number));
            continue;
        };
        if !before.actions.contains(&"edit".to_owned()) {
            continue;
        }
        let Some(field) = ["priority", "category", "title"]
            .into_iter()
            .find(|f| before.access(f) == Some("write") && value(before, f).is_some())
        else {
            continue;
        };
        let same = value(before, field).unwrap();
        let after = world.change_at(caller, record, before.visible_version, &[(field, &same)]).await?;
        held.equal(&shown(before), &shown(&after), &|| format!("the answer to a write on {}", record.number));
        if before.access("contact_id") != Some("write") {
            continue;
        }
        for contact in every.iter().filter(|r| r.module == "contacts") {
            if value(before, "contact_id").as_deref() == Some(contact.id.as_str()) {
                continue;
            }
            // The second field is never right, so nothing is written.
            let pairs = [("contact_id", contact.id.as_str()), ("no_such_field", "x")];
            let refused = world.change_at(caller, record, before.visible_version, &pairs).await.unwrap_err();
            let tied = refused.fields.iter().all(|f| f.field != "contact_id");
            held.equal(&seen.contains_key(&contact.id), &tied, &|| {
                format!("{} tied to {}: {refused:?}", record.number, contact.number)
            });
        }
    }
    Ok(())
}

#[tokio::test]
async fn no_gate_shows_what_the_record_alone_hides() -> Result<()> {
    let (world, every) = populated().await?;
    let modules = world.records.catalogue().refresh().await?;
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let grants: Vec<_> = MODULES.iter().map(|m| granted(m)).collect();
    let mut held = Held { count: 0 };
    let (mut some, mut hidden) = (0, 0);
    for _ in 0..PROFILES {
        let mut profile = Profile::standard_demo();
        profile.default_scope = Scope::Company;
        profile.modules.clear();
        for (module, grant) in MODULES.iter().zip(&grants) {
            profile.modules.insert((*module).to_owned(), grant.new_tree(&mut runner).unwrap().current());
        }
        let wrong: Vec<_> =
            (profile.validate(&modules.shapes).into_iter()).filter(|p| p.severity == policy::Severity::Error).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        let caller = world.contact(&world.emma, &world.acme, &profile).await?;
        let seen = alone(&world, &caller, &every).await?;
        some += usize::from(!seen.is_empty() && seen.len() < every.len());
        hidden += seen.values().filter(|r| r.accesses().count() < governed(&r.module).len()).count();
        lists(&world, &caller, &seen, &mut held).await?;
        titles(&world, &caller, &every, &seen, &mut held).await?;
        suggestions(&world, &caller, &seen, &mut held).await?;
        writes(&world, &caller, &every, &seen, &mut held).await?;
    }
    assert!(held.count > 4_000, "{} comparisons", held.count);
    assert!(some > PROFILES / 2 && hidden > 100, "{some} profiles tell records apart, {hidden} records hide a field");
    Ok(())
}
