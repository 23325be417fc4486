//! Nothing that a caller makes up makes the service fail: filters, orders, cursors, searches, ids, values. What Rust takes
//! and Postgres refuses would show here. Everything once and two seconds more with a fixed seed in every run; by hand longer and with another one:
//! `PORTICO_TEST_FUZZ_SECONDS=300 PORTICO_TEST_FUZZ_SEED=7 cargo test -p records --test it fuzz`.

use crate::world::{World, fields, text};
use anyhow::Result;
use kernel::Code;
use proto::records::v1::{
    AddCommentRequest, CreateRecordRequest, FieldDefinition, FieldValue, GetHistoryRequest, GetRecordRequest,
    ListRecordsRequest, ResolveTitlesRequest, UpdateRecordRequest, Value, value::Kind,
};
use records::domain::value::FieldType;
use serde_json::{Value as Json, json};
use std::time::{Duration, Instant};

/// A small generator of numbers that are the same in every run.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % most as u64).unwrap()
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// A text of the list, perhaps bent.
    fn bent(&mut self) -> String {
        let mut text: Vec<char> = self.pick(TEXTS).chars().collect();
        for _ in 0..self.below(3) {
            let at = self.below(text.len() + 1);
            match self.below(4) {
                0 => text.insert(at, *self.pick(&CHARS)),
                1 if at < text.len() => drop(text.remove(at)),
                2 => text.truncate(at.max(1)),
                _ => text.extend(self.pick(TEXTS).chars()),
            }
        }
        text.into_iter().take(400).collect()
    }
}

const CHARS: [char; 16] =
    ['\0', '\u{202e}', '\u{2028}', 'é', '9', '-', '+', '.', ':', 'T', 'Z', '[', '\u{10ffff}', '~', '\'', '\\'];

/// What is of a kind and almost of it: at the ends of what a type holds, in forms that one side takes and the other not.
const TEXTS: &[&str] = &[
    "",
    " ",
    "a",
    "open",
    "9999-12-31",
    "0000-01-01",
    "0001-01-01",
    "-0001-01-01",
    "+002026-07-30",
    "2026-02-30",
    "20260730",
    "2026-W31-4",
    "infinity",
    "-infinity",
    "epoch",
    "now",
    "today",
    "2026-07-30T12:00:00Z",
    "2026-07-30T12:00:00Z[UTC]",
    "2026-07-30T12:00:00+02:00[Europe/Rome]",
    "9999-12-31T23:59:59.999999999Z",
    "0000-01-01T00:00:00Z",
    "-009999-01-02T01:59:59Z",
    "2026-07-30T24:00:00Z",
    "2026-06-30T23:59:60Z",
    "2026-07-30T12:00:00-25:59",
    "urn:uuid:01890a5d-ac96-774b-bcce-b302099a8057",
    "{01890a5d-ac96-774b-bcce-b302099a8057}",
    "01890a5dac96774bbcceb302099a8057",
    "01890A5D-AC96-774B-BCCE-B302099A8057",
    "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "NaN",
    "inf",
    "1e400",
    "1e-400",
    "-0",
    ".5",
    "5.",
    "1_000",
    "0x10",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "32767",
    "32768",
    "123456789012345678901234567890123456789012345678901234567890",
    "0.000000000000000000000000000000000000000000000000000000000001",
    "true",
    "false",
    "a\0b",
    "\u{10ffff}",
    "\u{202e}abc",
    "%_\\",
    "'; drop table x; --",
    "$1",
    "a~b",
    "\u{1f}",
    "ß",
    "İ",
    "ﬃ",
];

const OPERATORS: [&str; 31] = [
    "eq",
    "ne",
    "in",
    "not_in",
    "is_empty",
    "is_not_empty",
    "contains",
    "not_contains",
    "starts_with",
    "ends_with",
    "lt",
    "le",
    "gt",
    "ge",
    "between",
    "before",
    "after",
    "within_last",
    "within_next",
    "is_today",
    "in_past",
    "in_future",
    "has",
    "has_any",
    "has_all",
    "is_viewer",
    "is_viewers_company",
    "changed",
    "changed_from",
    "changed_to",
    "nonsense",
];

const SYSTEM: [&str; 9] = [
    "id",
    "number",
    "created_at",
    "modified_at",
    "version",
    "created_by",
    "company.country",
    "contact.email",
    "viewer.kind",
];

/// What the copied module has fields of: a title, a description and a status.
const OWN: [FieldType; 3] = [FieldType::Text, FieldType::LongText, FieldType::Picklist];

/// One module with a field of each type that a list can be sorted and filtered by.
async fn everything(world: &World) -> Result<Vec<String>> {
    let mut definition = records::standard_modules().into_iter().find(|m| m.name == "requests").unwrap();
    (definition.name, definition.number, definition.prefix) = ("payments".into(), 0, "PAY".into());
    let like = definition.fields[0].clone();
    let first = definition.fields.iter().map(|f| f.number).max().unwrap_or_default() + 1;
    let kinds =
        FieldType::ALL.iter().filter(|kind| !OWN.contains(kind)).filter_map(|kind| Some((kind, kind.number()?)));
    for (number, (kind, r#type)) in (first..).zip(kinds) {
        definition.fields.push(FieldDefinition {
            name: format!("of_{}", kind.name()),
            number,
            r#type,
            promoted: true,
            mandatory: false,
            personal: false,
            max_length: 0,
            target_module: if *kind == FieldType::Relation { "contacts".into() } else { String::new() },
            ..like.clone()
        });
    }
    let names = definition.fields.iter().map(|f| f.name.clone()).collect();
    world.records.define(&world.administrator, definition, 0).await?;
    Ok(names)
}

fn cursor(chance: &mut Chance, sort: &str) -> String {
    match chance.below(6) {
        0 => String::new(),
        1 => chance.bent(),
        _ => {
            let (value, number) = (chance.bent(), chance.bent());
            let number = if chance.below(3) == 0 { number } else { chance.below(2_000).to_string() };
            kernel::Cursor(vec![sort.to_owned(), value, number]).encode()
        }
    }
}

fn condition(chance: &mut Chance, names: &[String]) -> Json {
    let field = match chance.below(8) {
        0 => (*chance.pick(&SYSTEM)).to_owned(),
        1 => chance.bent(),
        _ => chance.pick(names).clone(),
    };
    let (op, one, other) = (*chance.pick(&OPERATORS), chance.bent(), chance.bent());
    let value = match chance.below(8) {
        0 => json!(chance.next()),
        1 => json!(i64::from_ne_bytes(chance.next().to_ne_bytes())),
        2 => json!([one, other]),
        3 => Json::Null,
        4 => json!(true),
        5 => json!(0.1),
        _ => json!(one),
    };
    let test = json!({"field": field, "op": op, "value": value});
    match chance.below(6) {
        0 => json!({"not": test}),
        1 => json!({"all": [test, {"any": [condition(chance, names)]}]}),
        _ => test,
    }
}

/// True for an answer that names what is wrong with the question, and for one that has nothing against it.
fn is_calm<T>(answer: &Result<T, kernel::Error>) -> bool {
    answer.as_ref().err().is_none_or(|e| !matches!(e.code, Code::Internal | Code::Unavailable | Code::Timeout))
}

#[tokio::test]
async fn nothing_that_is_made_up_makes_the_service_fail() -> Result<()> {
    let setting = |name: &str, default: u64| std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default);
    let seconds = setting("PORTICO_TEST_FUZZ_SECONDS", 2);
    let seed = setting("PORTICO_TEST_FUZZ_SEED", 20_260_730);
    let world = World::new().await?;
    let names = everything(&world).await?;
    let emma = world.emma().await?;
    let mut made = Vec::new();
    for title in ["Öl", "zwei", "Three"] {
        made.push(world.make(&world.agent, "payments", fields(&[("title", title)])).await?);
    }

    // Each field and each value once, whatever the time: cursors of each order, and filters by an operator of each shape
    // (by hand by every one). What is refused before the database is asked costs nothing.
    let shapes: &[&str] = if seconds > 2 { &OPERATORS } else { &["eq", "in", "between", "contains"] };
    for field in names.iter().map(String::as_str).chain(SYSTEM) {
        for text in TEXTS {
            let list = ListRecordsRequest {
                module: "payments".into(),
                sort: field.to_owned(),
                cursor: kernel::Cursor(vec![field.to_owned(), (*text).to_owned(), "7".into()]).encode(),
                ..Default::default()
            };
            let answer = world.records.list(&world.agent, &list).await;
            assert!(is_calm(&answer), "cursor {text:?} of {field}: {answer:?}");
        }
        for op in shapes {
            for text in TEXTS {
                let value = match *op {
                    "in" => json!([text]),
                    "between" => json!([text, text]),
                    _ => json!(text),
                };
                let filter = json!({"field": field, "op": op, "value": value}).to_string();
                let list = ListRecordsRequest { module: "payments".into(), filter, ..Default::default() };
                let answer = world.records.list(&world.agent, &list).await;
                assert!(is_calm(&answer), "{list:?}: {answer:?}");
            }
        }
    }

    let mut chance = Chance(seed);
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut rounds = 0_u64;
    while Instant::now() < end {
        rounds += 1;
        let caller = if chance.below(2) == 0 { &world.agent } else { &emma };
        let module = if chance.below(3) == 0 { "tickets" } else { "payments" };
        let sort = match chance.below(8) {
            0 => chance.bent(),
            1 => "modified_at".to_owned(),
            2 => "-number".to_owned(),
            _ => format!("{}{}", if chance.below(2) == 0 { "-" } else { "" }, chance.pick(&names)),
        };
        let list = ListRecordsRequest {
            module: module.into(),
            limit: if chance.below(9) == 0 { i32::MIN } else { chance.below(202) as i32 },
            cursor: cursor(&mut chance, &sort),
            sort,
            filter: match chance.below(4) {
                0 => String::new(),
                1 => chance.bent(),
                _ => condition(&mut chance, &names).to_string(),
            },
            query: if chance.below(3) == 0 { chance.bent() } else { String::new() },
            narrow: (*chance.pick(&["", "", "", "mine", "x"])).into(),
            count: (*chance.pick(&["", "", "exact", "capped", "x"])).into(),
        };
        let answer = world.records.list(caller, &list).await;
        assert!(is_calm(&answer), "round {rounds} of seed {seed}: {list:?}: {answer:?}");

        let id = if chance.below(2) == 0 { made[0].id.clone() } else { chance.bent() };
        let typed = chance.bent();
        match chance.below(7) {
            0 => {
                let request = GetRecordRequest {
                    module: typed,
                    id: id.clone(),
                    with_deleted: true,
                    ..GetRecordRequest::default()
                };
                assert!(is_calm(&world.records.get(caller, &request).await), "seed {seed}: {request:?}");
            }
            1 => {
                let before_version = i64::from_ne_bytes(chance.next().to_ne_bytes());
                let request = GetHistoryRequest { module: module.into(), id: id.clone(), limit: 7, before_version };
                assert!(is_calm(&world.records.history(caller, &request).await), "seed {seed}: {request:?}");
            }
            2 => assert!(is_calm(&world.records.suggest(caller, module, &typed).await), "seed {seed}: {typed:?}"),
            3 => {
                let request = ResolveTitlesRequest { ids: vec![typed, id] };
                assert!(is_calm(&world.records.titles(caller, &request).await), "seed {seed}: {request:?}");
            }
            4 => {
                let request = AddCommentRequest {
                    occurred_at_micros: 0,
                    module: module.into(),
                    id,
                    body: typed,
                    internal: false,
                    idempotency_key: chance.bent(),
                    set_status: String::new(),
                };
                assert!(is_calm(&world.records.comment(caller, &request).await), "seed {seed}: {request:?}");
            }
            kind => {
                let kinds = [
                    Kind::Text(typed.clone()),
                    Kind::Integer(i64::from_ne_bytes(chance.next().to_ne_bytes())),
                    Kind::Boolean(true),
                ];
                let given = Value { kind: Some(chance.pick(&kinds).clone()) };
                let mut given = vec![FieldValue { field: chance.pick(&names).clone(), value: Some(given) }];
                let idempotency_key = chance.bent();
                if kind == 5 {
                    given.push(FieldValue { field: "title".into(), value: text(typed) });
                    let request = CreateRecordRequest {
                        occurred_at_micros: 0,
                        module: "payments".into(),
                        fields: given,
                        idempotency_key,
                    };
                    let answer = world.records.create(&world.agent, &request).await;
                    assert!(is_calm(&answer), "seed {seed}: {request:?}: {answer:?}");
                } else {
                    let expected_version = world.get(&world.agent, &made[1]).await?.visible_version;
                    let request = UpdateRecordRequest {
                        occurred_at_micros: 0,
                        module: "payments".into(),
                        id: made[1].id.clone(),
                        fields: given,
                        expected_version,
                        idempotency_key,
                    };
                    let answer = world.records.update(&world.agent, &request).await;
                    assert!(is_calm(&answer), "seed {seed}: {request:?}: {answer:?}");
                }
            }
        }
    }
    for record in &made {
        world.row_is_stream(record).await?;
    }
    assert!(rounds > 10, "the machine was too slow to try anything: {rounds} rounds");
    if seconds > 2 {
        // By hand somebody wants to know how far it came.
        anyhow::ensure!(rounds > 100, "{rounds} rounds in {seconds} s");
        tracing::info!(rounds, seconds, seed, "made up");
    }
    Ok(())
}
