//! Columns and indexes of a module's table that come and go after the module was made, and the values in new ones.
//!
//! The tables belong to a role as which the service acts for this alone. In a rebuild it happens within the events'
//! transaction, since nobody else uses these tables; in the live ones step by step, outside of appends (`preparation`).

use super::columns::{cell_text, is_keyed, numbers, sentinel, sort_column, sort_text, sql_type};
use crate::{
    document::{Document, Slot},
    domain::{
        module::Module,
        value::{Field, FieldType},
    },
};
use fields::Column;
use prost::Message;
use sqlx::{AssertSqlSafe, PgConnection, Row};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    time::Duration,
};
use uuid::Uuid;

/// Rows that get their values in one statement.
const BATCH: i64 = 500;
/// How long an attempt waits before it looks again at rows that somebody else is writing.
const PAUSE: Duration = Duration::from_millis(20);

/// Does something with a module's tables that only their owner may do.
pub(crate) async fn as_owner(connection: &mut PgConnection, sql: &str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql("set role portico_records_tables").execute(&mut *connection).await?;
    let done = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await;
    // In a transaction that failed this fails too, and the end of the transaction gives the role back.
    let back = sqlx::raw_sql("reset role").execute(connection).await;
    done.and(back).map(drop)
}

/// The statement that gives a module's table the columns of some fields.
pub(crate) fn add_columns(module: &Module, fields: &[&Field]) -> String {
    let mut parts = Vec::new();
    for field in fields {
        let (number, kind) = (field.number, sql_type(field.kind));
        let collate = if field.kind.column() == Column::Text { " collate \"C\"" } else { "" };
        let empty = sentinel(field.kind);
        parts.push(format!("add column if not exists f{number} {kind}{collate} not null default '{empty}'"));
        if is_keyed(field) {
            parts.push(format!("add column if not exists s{number} text collate \"C\" not null default ''"));
        }
    }
    format!("alter table m{}_v1 {}", module.number(), parts.join(", "))
}

/// The statement that takes the columns of some fields away, by their numbers.
pub(crate) fn drop_columns(module: &Module, fields: &BTreeSet<u32>) -> String {
    let parts: Vec<String> = fields
        .iter()
        .map(|number| format!("drop column if exists f{number}, drop column if exists s{number}"))
        .collect();
    format!("alter table m{}_v1 {}", module.number(), parts.join(", "))
}

/// The fields whose columns a module's table has, as the read model of modules keeps them.
pub(crate) async fn keep_columns(
    connection: &mut PgConnection,
    module: &Module,
    columns: &BTreeSet<u32>,
) -> Result<(), sqlx::Error> {
    sqlx::query("update modules_v1 set columns = $2 where name = $1")
        .bind(module.name())
        .bind(numbers(columns))
        .execute(connection)
        .await
        .map(drop)
}

/// Writes the values of some fields into their columns, in every row that has others there. Rows that are changed
/// meanwhile are left to whoever changes them. The columns have to be there, and known to all who write.
pub(crate) async fn fill(connection: &mut PgConnection, module: &Module, fields: &[&Field]) -> Result<(), sqlx::Error> {
    if fields.is_empty() {
        return Ok(());
    }
    let page = format!("select id from m{}_v1 where id > $1 order by id limit {BATCH}", module.number());
    let mut last = Uuid::nil();
    loop {
        let ids: Vec<Uuid> =
            sqlx::query_scalar(AssertSqlSafe(page.as_str())).bind(last).fetch_all(&mut *connection).await?;
        let Some(end) = ids.last() else { return Ok(()) };
        last = *end;
        while fill_rows(connection, module, fields, &ids).await? > 0 {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// The same for some rows; how many of them somebody else held.
async fn fill_rows(
    connection: &mut PgConnection,
    module: &Module,
    fields: &[&Field],
    ids: &[Uuid],
) -> Result<i64, sqlx::Error> {
    let m = module.number();
    let sql = format!("select id, version, doc from m{m}_v1 where id = any ($1)");
    let found = sqlx::query(AssertSqlSafe(sql)).bind(ids).fetch_all(&mut *connection).await?;
    let (mut ids, mut versions) = (Vec::with_capacity(found.len()), Vec::with_capacity(found.len()));
    let mut cells: Vec<Vec<String>> = Vec::new();
    let mut columns: Vec<(String, &'static str)> = Vec::new();
    for field in fields {
        columns.push((format!("f{}", field.number), sql_type(field.kind)));
        if is_keyed(field) {
            columns.push((sort_column(field.number, field.kind), "text"));
        }
    }
    cells.resize(columns.len(), Vec::with_capacity(found.len()));
    for row in &found {
        ids.push(row.try_get::<Uuid, _>(0)?);
        versions.push(row.try_get::<i32, _>(1)?);
        let mut slots = BTreeMap::<u32, Slot>::new();
        Document::decode(row.try_get::<&[u8], _>(2)?).map_err(|e| sqlx::Error::Decode(Box::new(e)))?.fill(&mut slots);
        let mut at = 0;
        for field in fields {
            let value = slots.get(&field.number).and_then(|slot| slot.value.as_ref());
            cells[at].push(cell_text(field, value));
            at += 1;
            if is_keyed(field) {
                cells[at].push(sort_text(field, value));
                at += 1;
            }
        }
    }
    let (mut names, mut arrays) = (String::new(), String::new());
    let (mut differs, mut set) = (Vec::new(), Vec::new());
    for (at, (name, kind)) in columns.iter().enumerate() {
        let _ = write!(names, ", {name}");
        let _ = write!(arrays, ", ${}::text[]", at + 3);
        differs.push(format!("r.{name} is distinct from u.{name}::{kind}"));
        set.push(format!("{name} = u.{name}::{kind}"));
    }
    let given = format!("select * from unnest($1::uuid[], $2::int[]{arrays}) u(id, version{names})");
    let other = format!("r.id = u.id and r.version = u.version and ({})", differs.join(" or "));
    // Nobody is waited for while rows are held, so that this never stands in the way of an append.
    let update = format!(
        "with u as ({given}),
              free as (select r.id from m{m}_v1 r join u on {other} for no key update of r skip locked)
         update m{m}_v1 r set {} from u join free using (id) where r.id = u.id",
        set.join(", ")
    );
    let left = format!("with u as ({given}) select count(*) from m{m}_v1 r join u on {other}");
    let mut query = sqlx::query(AssertSqlSafe(update)).bind(&ids).bind(&versions);
    for cells in &cells {
        query = query.bind(cells);
    }
    query.execute(&mut *connection).await?;
    let mut query = sqlx::query_scalar(AssertSqlSafe(left)).bind(&ids).bind(&versions);
    for cells in &cells {
        query = query.bind(cells);
    }
    query.fetch_one(connection).await
}

/// An index that a module's table is to have.
struct Index {
    name: String,
    /// What it is ordered by.
    keys: Vec<String>,
    /// It also holds picklists, so that filters need not look at the rows.
    covers: bool,
}

/// An index that is there.
struct There {
    valid: bool,
    keys: Vec<String>,
    included: Vec<String>,
}

impl There {
    fn serves(&self, index: &Index, wanted: &[String]) -> bool {
        self.valid && self.keys == index.keys && self.included.iter().all(|column| wanted.contains(column))
    }
}

/// The indexes that follow from the definition. Those that every table has alike are made with it and never change.
fn wanted(module: &Module) -> Vec<Index> {
    let table = format!("m{}_v1", module.number());
    let index = |name: &str, keys: &[&str], covers: bool| Index {
        name: format!("{table}_{name}"),
        keys: keys.iter().map(|k| (*k).to_owned()).collect(),
        covers,
    };
    let mut indexes = vec![
        index("company_modified", &["scope_company", "modified_at", "number"], true),
        index("modified", &["modified_at", "number"], true),
    ];
    for field in module.with_column() {
        let column = sort_column(field.number, field.kind);
        indexes.push(index(&format!("company_{column}"), &["scope_company", &column, "number"], false));
        indexes.push(index(&column, &[&column, "number"], false));
    }
    if let Some(status) = module.status_field().filter(|f| f.has_column) {
        let column = format!("f{}", status.number);
        indexes.push(index("company_status", &["scope_company", &column, "modified_at", "number"], false));
    }
    indexes
}

/// Brings the indexes of a module's table to what its columns need: builds what lacks or was left half built, and takes
/// away what serves nothing any more. An index that has to be replaced goes only when the other one is there.
pub(crate) async fn bring_indexes(
    connection: &mut PgConnection,
    module: &Module,
    concurrently: bool,
) -> Result<(), sqlx::Error> {
    let how = if concurrently { "concurrently" } else { "" };
    let table = format!("m{}_v1", module.number());
    let mut there = indexes(connection, &table).await?;
    let picklists: Vec<String> = module
        .with_column()
        .filter(|f| f.kind.column() == FieldType::Picklist.column())
        .map(|f| format!("f{}", f.number))
        .collect();
    let half_built: Vec<String> = there.iter().filter(|(_, i)| !i.valid).map(|(name, _)| name.clone()).collect();
    for name in half_built {
        as_owner(connection, &format!("drop index {how} if exists {name}")).await?;
        there.remove(&name);
    }
    let wanted = wanted(module);
    for index in &wanted {
        let name = &index.name;
        let next = format!("{name}_next");
        if there.get(name).is_some_and(|i| i.serves(index, &picklists)) {
            continue;
        }
        let made = if there.contains_key(name) { &next } else { name };
        if !there.get(made).is_some_and(|i| i.serves(index, &picklists)) {
            let include = match picklists.as_slice() {
                columns if index.covers && !columns.is_empty() => format!(" include ({})", columns.join(", ")),
                _ => String::new(),
            };
            let keys = index.keys.join(", ");
            let sql = format!("create index {how} if not exists {made} on {table} ({keys}){include} where not deleted");
            as_owner(connection, &sql).await?;
        }
        if made == &next {
            as_owner(connection, &format!("drop index {how} if exists {name}")).await?;
            as_owner(connection, &format!("alter index {next} rename to {name}")).await?;
        }
    }
    for name in there.keys().filter(|name| is_of_a_field(&table, name)) {
        if !wanted.iter().any(|index| index.name == *name) {
            as_owner(connection, &format!("drop index {how} if exists {name}")).await?;
        }
    }
    Ok(())
}

/// True for the indexes that follow from fields, by their names.
fn is_of_a_field(table: &str, name: &str) -> bool {
    let Some(rest) = name.strip_prefix(table).and_then(|rest| rest.strip_prefix('_')) else { return false };
    let rest = rest.strip_suffix("_next").unwrap_or(rest);
    let rest = rest.strip_prefix("company_").unwrap_or(rest);
    let numbered = rest.strip_prefix(['f', 's']).is_some_and(|n| n.parse::<u32>().is_ok());
    numbered || rest == "status"
}

async fn indexes(connection: &mut PgConnection, table: &str) -> Result<BTreeMap<String, There>, sqlx::Error> {
    let rows: Vec<(String, bool, Vec<String>, i16)> = sqlx::query_as(
        "select c.relname::text, i.indisvalid,
                array(select coalesce(a.attname::text, '') from unnest(i.indkey) with ordinality k(number, at)
                      left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number order by k.at),
                i.indnkeyatts
         from pg_index i join pg_class c on c.oid = i.indexrelid
         where i.indrelid = to_regclass($1)",
    )
    .bind(table)
    .fetch_all(connection)
    .await?;
    let there = |(name, valid, mut keys, count): (String, bool, Vec<String>, i16)| {
        let included = keys.split_off(usize::try_from(count).unwrap_or_default().min(keys.len()));
        (name, There { valid, keys, included })
    };
    Ok(rows.into_iter().map(there).collect())
}
