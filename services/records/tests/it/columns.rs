//! Columns and indexes that come and go while a module is used.

use crate::{
    modules::history,
    world::{World, fields, value},
};
use anyhow::{Context, Result};
use eventlog::{Draft, Expected, Meta, StreamId};
use kernel::Code;
use proto::records::v1::{ListRecordsRequest, Record};
use records::{
    Records,
    domain::{
        module::Definition,
        record::{Event, Ties},
        value::{FieldType, Value},
    },
};
use sqlx::AssertSqlSafe;
use std::sync::atomic::{AtomicBool, Ordering};

/// Tickets whose `reference` (a text), `due` (a date) and `rank` (an integer) are in no column.
async fn world() -> Result<World> {
    let world = World::new().await?;
    change(&world, |d| {
        let like = d.fields[0].clone();
        for (number, name, kind) in
            [(40, "reference", FieldType::Text), (41, "due", FieldType::Date), (42, "rank", FieldType::Integer)]
        {
            let mut field = like.clone();
            (field.name, field.number, field.type_number) = (name.into(), number, kind.number().unwrap());
            (field.mandatory, field.promoted, field.max_length) = (false, false, 0);
            d.fields.push(field);
        }
    })
    .await?;
    Ok(world)
}

/// Changes the definition of tickets.
async fn change(world: &World, how: impl FnOnce(&mut Definition)) -> Result<()> {
    let modules = world.records.catalogue().refresh().await?;
    let tickets = modules.iter().find(|d| d.module.name() == "tickets").context("no tickets")?;
    let mut definition = tickets.module.definition.clone();
    how(&mut definition);
    world.records.define(&world.administrator, definition, tickets.version).await?;
    Ok(())
}

async fn promote(world: &World, names: &[&str], promoted: bool) -> Result<()> {
    change(world, |d| {
        d.fields.iter_mut().filter(|f| names.contains(&f.name.as_str())).for_each(|f| f.promoted = promoted);
    })
    .await
}

/// What a ticket has in the three fields; some have nothing in two.
fn values(at: u32) -> Vec<(&'static str, Value)> {
    let mut values = vec![("rank", Value::Integer(i64::from((at * 7_919) % 10_007)))];
    if !at.is_multiple_of(10) {
        values.push(("due", Value::text(format!("20{:02}-{:02}-{:02}", at % 90 + 10, at % 12 + 1, at % 28 + 1))));
        values.push(("reference", Value::text(format!("Réf {}", (at * 31) % 977))));
    }
    values
}

/// Many tickets, as events in a few appends; ids and modules of them.
async fn tickets(world: &World, count: u32) -> Result<Vec<Record>> {
    let mut made = Vec::new();
    for numbers in (0..count).collect::<Vec<_>>().chunks(250) {
        let mut draft = Draft::default();
        for at in numbers {
            let id = kernel::new_id();
            let title = ("title", Value::text("One of many"));
            let fields = values(*at).into_iter().chain([title]).map(|(name, value)| (name.to_owned(), value));
            let event = Event::Created {
                id,
                module: "tickets".into(),
                // Beyond all that are made one by one.
                number: u64::from(*at) + 1_000_000,
                fields: fields.collect(),
                personal: Vec::new(),
                ties: Ties::default(),
            };
            let stream = draft.stream(StreamId::new("record", id), Expected::Version(0));
            draft.event(stream, records::codec::encode(id, "tickets", &event, None), None);
            made.push(Record { id: id.to_string(), module: "tickets".into(), ..Record::default() });
        }
        let meta = Meta::new(world.agent.actor.clone(), kernel::new_id(), &[]);
        world.log().append(draft.append(meta)).await?;
    }
    Ok(made)
}

/// A ticket as somebody makes it.
async fn ticket(world: &World, at: u32) -> Result<Record> {
    let values = values(at);
    let texts: Vec<(&str, String)> = values.iter().map(|(name, value)| (*name, value.shown().into_owned())).collect();
    let mut given: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
    given.extend([("title", "Numbered"), ("contact_id", world.emma.id.as_str())]);
    world.make_unchecked(&world.agent, "tickets", fields(&given)).await
}

/// Ids and values of all tickets in the order of a field.
async fn sorted(records: &Records, world: &World, field: &str) -> Result<Vec<(String, Option<String>)>, kernel::Error> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let request = ListRecordsRequest {
            module: "tickets".into(),
            limit: 200,
            sort: field.into(),
            cursor,
            ..ListRecordsRequest::default()
        };
        let page = records.list(&world.agent, &request).await?;
        all.extend(page.records().iter().map(|r| (r.id.clone(), value(r, field))));
        if page.next_cursor.is_empty() {
            return Ok(all);
        }
        cursor = page.next_cursor;
    }
}

/// Sorting by a field gives every ticket once, in order of what its document says.
async fn sorts_right(world: &World, field: &str, total: usize) -> Result<()> {
    let found = sorted(&world.records, world, field).await?;
    assert_eq!(found.len(), total, "{field}: every ticket once");
    let key = |text: &Option<String>| match (field, text) {
        ("rank", Some(rank)) => format!("{:020}", rank.parse::<i64>().unwrap()),
        (_, text) => text.as_deref().map(kernel::text::folded).unwrap_or_default(),
    };
    let keys: Vec<String> = found.iter().map(|(_, value)| key(value)).collect();
    assert!(keys.is_sorted(), "{field}: {keys:?}");
    Ok(())
}

/// Does what is wanted; again while the table is in use.
async fn prepared(world: &World) -> Result<()> {
    kit::until("columns and indexes are as wanted", async || world.records.prepare().await.is_ok_and(|done| done)).await
}

async fn refused(world: &World, field: &str) -> (Code, String, Option<String>) {
    let error = sorted(&world.records, world, field).await.unwrap_err();
    (error.code, error.reason.into_owned(), error.facts.get("field").cloned())
}

/// Names of the table's valid and invalid indexes that hold a column.
async fn indexes(world: &World, column: &str, valid: bool) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar(
        "select c.relname::text from pg_index i join pg_class c on c.oid = i.indexrelid
         join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
         where i.indrelid = 'm3_v1'::regclass and a.attname = $1 and i.indisvalid = $2 order by 1",
    )
    .bind(column)
    .bind(valid)
    .fetch_all(world.log().pool())
    .await?)
}

async fn has_column(world: &World, column: &str) -> Result<bool> {
    let sql = "select exists (select from pg_attribute where attrelid = 'm3_v1'::regclass and attname = $1
               and not attisdropped)";
    Ok(sqlx::query_scalar(sql).bind(column).fetch_one(world.log().pool()).await?)
}

#[tokio::test]
async fn a_field_becomes_sortable_while_records_are_written() -> Result<()> {
    let world = world().await?;
    let (first, more) = (3_000_u32, 40_u32);
    let made = tickets(&world, first).await?;
    promote(&world, &["reference", "due", "rank"], true).await?;

    // Wanted, and not there yet: said with the field's name, in the list and in what a list is drawn from.
    for field in ["reference", "due", "rank"] {
        assert_eq!(refused(&world, field).await, (Code::Conflict, "being_prepared".into(), Some(field.into())));
    }
    let views = world.records.modules(&world.agent, &Default::default()).await?.modules;
    let tickets = views.iter().find(|v| v.definition.as_ref().unwrap().name == "tickets").unwrap();
    assert_eq!(tickets.being_prepared, ["reference", "due", "rank"]);
    assert!(!has_column(&world, "f42").await?, "not in the append");

    // Tickets are made and changed all the while.
    let over = AtomicBool::new(false);
    let writing = async {
        let mut at = first;
        while at < first + more || !over.load(Ordering::Relaxed) {
            let old = &made[usize::try_from(at * 13 % first)?];
            let rank = (at % 5_003).to_string();
            world.change_unchecked(&world.agent, old, &[("rank", &rank), ("reference", "Changed")]).await?;
            ticket(&world, at).await?;
            at += 1;
        }
        anyhow::Ok(usize::try_from(at)?)
    };
    let preparing = async {
        let done = kit::until("the columns are there", async || world.records.prepare().await.is_ok_and(|d| d)).await;
        over.store(true, Ordering::Relaxed);
        done
    };
    let (total, done) = tokio::join!(writing, preparing);
    done?;
    let total = total?;
    for field in ["reference", "due", "rank"] {
        sorts_right(&world, field, total).await?;
    }
    assert_eq!(indexes(&world, "f42", true).await?, ["m3_v1_company_f42", "m3_v1_f42"]);
    assert_eq!(indexes(&world, "s40", true).await?, ["m3_v1_company_s40", "m3_v1_s40"]);
    let told = history(&world, "tickets").await?;
    assert_eq!(
        told[4..],
        ["field_promoted", "field_promoted", "field_promoted", "field_sortable", "field_sortable", "field_sortable"]
    );
    let views = world.records.modules(&world.agent, &Default::default()).await?.modules;
    assert!(views.iter().all(|v| v.being_prepared.is_empty()));

    // Nothing is left to do, and nothing is told twice.
    let (before, _) = world.log().head().await?;
    prepared(&world).await?;
    assert_eq!(world.log().head().await?.0, before);
    Ok(())
}

#[tokio::test]
async fn what_a_crash_left_half_done_is_done_again() -> Result<()> {
    let world = world().await?;
    tickets(&world, 600).await?;
    promote(&world, &["rank"], true).await?;

    // Killed as soon as the column is there.
    let records = world.records.clone();
    let task = tokio::spawn(async move { records.prepare().await });
    kit::until("the column is there", async || has_column(&world, "f42").await.is_ok_and(|there| there)).await?;
    task.abort();
    let _ = task.await;
    if refused(&world, "rank").await.1 == "being_prepared" {
        // Values that never got in, or wrong ones, as after a column that was left behind.
        sqlx::query("update m3_v1 set f42 = 7").execute(world.log().pool()).await?;
        // An index that was being built: it can't become unique, and stays behind invalid.
        let mut owner = world.database.owner().await?;
        let half = "create unique index concurrently m3_v1_f42 on records.m3_v1 (f42)";
        assert!(sqlx::query(half).execute(&mut owner).await.is_err());
        assert_eq!(indexes(&world, "f42", false).await?, ["m3_v1_f42"]);
    }
    prepared(&world).await?;
    assert_eq!(indexes(&world, "f42", false).await?, [""; 0]);
    assert_eq!(indexes(&world, "f42", true).await?, ["m3_v1_company_f42", "m3_v1_f42"]);
    sorts_right(&world, "rank", 600).await?;
    let told = history(&world, "tickets").await?;
    assert_eq!(told.iter().filter(|word| *word == "field_sortable").count(), 1);
    Ok(())
}

#[tokio::test]
async fn a_field_can_be_demoted_and_promoted_again() -> Result<()> {
    let world = world().await?;
    tickets(&world, 50).await?;
    // Another process, which knows the modules as they are now.
    let other = Records::new(world.log().clone(), "UTC");
    assert_eq!(sorted(&other, &world, "priority").await?.len(), 50);
    let covering = ["m3_v1_company_modified", "m3_v1_modified"];
    let held: Vec<String> = indexes(&world, "f4", true).await?;
    assert!(covering.iter().all(|name| held.iter().any(|h| h == name)), "{held:?}");

    promote(&world, &["priority"], false).await?;
    assert_eq!(refused(&world, "priority").await.0, Code::Invalid);
    prepared(&world).await?;
    assert!(!has_column(&world, "f4").await?);
    // The indexes that every list needs are there without it.
    let modified = indexes(&world, "modified_at", true).await?;
    assert!(covering.iter().all(|name| modified.iter().any(|m| m == name)), "{modified:?}");
    assert!(modified.iter().all(|name| !name.ends_with("_next")), "{modified:?}");
    assert_eq!(history(&world, "tickets").await?[4..], ["field_demoted", "column_dropped"]);
    // The other process has not heard of it yet.
    let late = sorted(&other, &world, "priority").await.unwrap_err();
    assert_eq!((late.code, late.fields[0].code.as_ref()), (Code::Invalid, "not_sortable"));
    assert_eq!(sorted(&other, &world, "number").await?.len(), 50);
    let changed = ticket(&world, 50).await?;
    world.change(&world.agent, &changed, &[("priority", "high")]).await?;

    promote(&world, &["priority"], true).await?;
    prepared(&world).await?;
    assert_eq!(sorted(&world.records, &world, "priority").await?.len(), 51);
    assert_eq!(history(&world, "tickets").await?[6..], ["field_promoted", "field_sortable"]);
    Ok(())
}

#[tokio::test]
async fn a_retired_field_loses_its_column_and_the_status_can_move() -> Result<()> {
    let world = world().await?;
    tickets(&world, 20).await?;
    change(&world, |d| {
        d.fields.retain(|f| f.name != "severity");
        (d.status_field, d.closed_values) = ("priority".into(), Vec::new());
        (d.awaiting_value, d.active_value) = (String::new(), String::new());
    })
    .await?;
    prepared(&world).await?;
    assert!(!has_column(&world, "f6").await?);
    assert!(indexes(&world, "f4", true).await?.iter().any(|name| name == "m3_v1_company_status"));
    let told = history(&world, "tickets").await?;
    assert_eq!(told[4..], ["status_chosen", "field_retired", "column_dropped"]);
    Ok(())
}

#[tokio::test]
async fn a_rebuild_gives_tables_the_columns_that_came_and_went() -> Result<()> {
    let world = world().await?;
    tickets(&world, 120).await?;
    promote(&world, &["rank", "reference"], true).await?;
    promote(&world, &["priority"], false).await?;
    prepared(&world).await?;
    promote(&world, &["due"], true).await?;
    for at in 120..150 {
        ticket(&world, at).await?;
    }
    prepared(&world).await?;
    let dump = async || {
        let mut rows = Vec::new();
        for table in ["m3_v1", "modules_v1"] {
            let sql = format!("select to_jsonb(t)::text from {table} t order by 1");
            rows.extend(sqlx::query_scalar::<_, String>(AssertSqlSafe(sql)).fetch_all(world.log().pool()).await?);
        }
        anyhow::Ok(rows)
    };
    let shape = "select replace(indexdef, 'records_rebuild.', 'records.') from pg_indexes
                 where schemaname = 'records' and tablename = 'm3_v1' order by indexname";
    let shape = async || sqlx::query_scalar::<_, String>(shape).fetch_all(world.log().pool()).await;
    let (rows, indexes) = (dump().await?, shape().await?);
    eventlog::rebuild(world.log(), &world.projection).await?;
    assert_eq!(dump().await?, rows);
    assert_eq!(shape().await?, indexes);
    for field in ["rank", "reference", "due"] {
        sorts_right(&world, field, 150).await?;
    }
    // Rebuilt tables are as good to change as those before.
    promote(&world, &["due"], false).await?;
    prepared(&world).await?;
    assert!(!has_column(&world, "f41").await?);
    Ok(())
}
