//! The SQL of the projection. Tables are named without a schema: the search path says whether the live ones or those of
//! a rebuild are meant.

use super::{
    columns::{cell_text, field_numbers, is_keyed, numbers, sort_column, sort_text, sql_type},
    rows::{Columns, Row},
};
use crate::{
    codec,
    conversation::Side,
    document::Slot,
    domain::{module::Module, value::Field},
    moment::MaybeMoment,
    trail::Trail,
};
use kernel::Timestamp;
use prost::Message;
use sqlx::{AssertSqlSafe, PgConnection, Row as _, postgres::PgArguments, query::Query};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    sync::Arc,
};
use time::OffsetDateTime;
use uuid::Uuid;

/// A comment's row.
pub(super) struct CommentRow {
    pub(super) id: Uuid,
    pub(super) record: Uuid,
    pub(super) version: i64,
    pub(super) internal: bool,
    pub(super) author: Uuid,
    pub(super) author_kind: i16,
    /// The contact for whom an agent wrote it.
    pub(super) on_behalf_of: Option<Uuid>,
    pub(super) at: Timestamp,
    pub(super) body: String,
    pub(super) redacted: bool,
}

/// What became of a comment later.
pub(super) struct CommentChange {
    pub(super) id: Uuid,
    pub(super) at: Timestamp,
    /// None when it was taken back.
    pub(super) body: Option<String>,
    pub(super) redacted: bool,
}

pub(super) fn broken(what: impl std::fmt::Display) -> sqlx::Error {
    sqlx::Error::Decode(what.to_string().into())
}

/// A module as the read model keeps it.
pub(super) struct Kept {
    pub(super) name: String,
    pub(super) version: i64,
    pub(super) definition: Vec<u8>,
    pub(super) columns: Vec<i32>,
    pub(super) sortable: Vec<i32>,
}

/// Modules by name, or all of them.
pub(super) async fn modules(connection: &mut PgConnection, names: Option<&[&str]>) -> Result<Vec<Kept>, sqlx::Error> {
    type Row = (String, i64, Vec<u8>, Vec<i32>, Vec<i32>);
    let found: Vec<Row> = sqlx::query_as(
        "select name, version, definition, columns, sortable from modules_v1
         where $1::text[] is null or name = any ($1)",
    )
    .bind(names)
    .fetch_all(connection)
    .await?;
    let kept = |(name, version, definition, columns, sortable)| Kept { name, version, definition, columns, sortable };
    Ok(found.into_iter().map(kept).collect())
}

/// True in the tables of a rebuild, which nobody else uses.
pub(super) async fn is_beside(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar("select current_schema() like '%\\_rebuild'").fetch_one(connection).await
}

/// Makes the tables of a module that was just defined, with all columns and indexes that it wants: there are no rows, so it
/// costs next to nothing, and nobody waits for a table that was not there.
pub(super) async fn make(connection: &mut PgConnection, module: &Module) -> Result<(), sqlx::Error> {
    let number = |f: &Field| i32::try_from(f.number).unwrap_or_default();
    let (numbers, kinds): (Vec<i32>, Vec<&str>) =
        module.with_column().filter(|f| !is_keyed(f)).map(|f| (number(f), f.kind.column().name())).unzip();
    let texts: Vec<i32> = module.with_column().filter(|f| is_keyed(f)).map(number).collect();
    sqlx::query("select module_table(current_schema(), $1, $2, $3, $4, $5, $6)")
        .bind(i32::from(module.number()))
        .bind(numbers)
        .bind(kinds)
        .bind(module.status_field().map_or(0, |f| i32::try_from(f.number).unwrap_or_default()))
        .bind(false)
        .bind(true)
        .execute(&mut *connection)
        .await?;
    sqlx::query("select module_texts(current_schema(), $1, $2, $3)")
        .bind(i32::from(module.number()))
        .bind(texts)
        // What is tied to a contact is found in lists; what others are tied to is picked by its title.
        .bind(module.contact_field().is_none())
        .execute(&mut *connection)
        .await?;
    sqlx::query("select module_conversation(current_schema(), $1)")
        .bind(i32::from(module.number()))
        .execute(&mut *connection)
        .await?;
    sqlx::query("select module_owned(current_schema(), $1)")
        .bind(i32::from(module.number()))
        .execute(connection)
        .await
        .map(drop)
}

/// Keeps a module's definition; answers which columns its table has. Those of a new module and of a rebuild are what the
/// module says (`made`). Others are changed outside of appends, perhaps at this moment: what stands in the row holds.
pub(super) async fn keep(
    connection: &mut PgConnection,
    module: &Module,
    (version, position): (i64, i64),
    sortable: &BTreeSet<u32>,
    made: bool,
) -> Result<BTreeSet<u32>, sqlx::Error> {
    let columns: Vec<i32> = sqlx::query_scalar(
        "insert into modules_v1 as m (name, number, version, pos, definition, columns, sortable)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (name) do update set version = excluded.version, pos = excluded.pos,
             definition = excluded.definition, sortable = excluded.sortable,
             columns = case when $8 then excluded.columns else m.columns end
         returning columns",
    )
    .bind(module.name())
    .bind(module.number())
    .bind(version)
    .bind(position)
    .bind(codec::definition_message(&module.definition).encode_to_vec())
    .bind(numbers(&module.columns))
    .bind(numbers(sortable))
    .bind(made)
    .fetch_one(connection)
    .await?;
    Ok(field_numbers(&columns))
}

/// The rows of some records, with their long texts.
pub(super) async fn load(
    connection: &mut PgConnection,
    module: &Module,
    ids: &[Uuid],
) -> Result<Vec<Row>, sqlx::Error> {
    let m = module.number();
    let sql = format!(
        "select r.id, r.number, r.scope_company, r.contact, r.company, r.created_at, r.modified_at,
                r.version, r.deleted, r.created_kind, r.created_by, r.modified_by_ext, r.doc, t.body,
                r.activity_at, r.agent_activity_at, r.last_word, r.waiting_since, r.closed_at
         from m{m}_v1 r left join m{m}_text_v1 t on t.id = r.id where r.id = any ($1)"
    );
    let found = sqlx::query(AssertSqlSafe(sql)).bind(ids).fetch_all(connection).await?;
    found
        .iter()
        .map(|r| {
            let mut row = Row {
                id: r.try_get(0)?,
                number: r.try_get(1)?,
                scope_company: r.try_get(2)?,
                contact: r.try_get(3)?,
                company: r.try_get(4)?,
                created_at: Timestamp::from_offset(r.try_get(5)?),
                modified_at: Timestamp::from_offset(r.try_get(6)?),
                version: r.try_get::<i32, _>(7)?.into(),
                deleted: r.try_get(8)?,
                created_kind: r.try_get(9)?,
                created_by: r.try_get(10)?,
                modified_by_ext: r.try_get(11)?,
                conversation: Columns {
                    activity_at: Timestamp::from_offset(r.try_get(14)?),
                    agent_activity_at: Timestamp::from_offset(r.try_get(15)?),
                    last_word: r.try_get(16)?,
                    waiting_since: r.try_get::<MaybeMoment, _>(17)?.0,
                    closed_at: r.try_get::<MaybeMoment, _>(18)?.0,
                }
                .into(),
                slots: BTreeMap::<u32, Slot>::new(),
                trail: Trail::default(),
                dirty: false,
                text_dirty: false,
            };
            row.read(r.try_get(12)?).map_err(broken)?;
            if let Some(text) = r.try_get::<Option<&[u8]>, _>(13)? {
                row.read(text).map_err(broken)?;
            }
            Ok(row)
        })
        .collect()
}

/// Number, company and deletion of some contacts, by number.
pub(super) async fn contacts(
    connection: &mut PgConnection,
    module: &Module,
    numbers: &[i64],
) -> Result<Vec<(i64, Option<i64>, bool)>, sqlx::Error> {
    let sql = format!("select number, company, deleted from m{}_v1 where number = any ($1)", module.number());
    sqlx::query_as(AssertSqlSafe(sql)).bind(numbers).fetch_all(connection).await
}

/// A contact has another company now, or none: whose lists the records are in that are tied to it and name no company.
pub(super) async fn move_contact(
    connection: &mut PgConnection,
    module: &Module,
    contact: i64,
    company: Option<i64>,
) -> Result<(), sqlx::Error> {
    let sql = format!("update m{}_v1 set scope_company = $2 where contact = $1 and company is null", module.number());
    sqlx::query(AssertSqlSafe(sql)).bind(contact).bind(company).execute(connection).await?;
    Ok(())
}

/// Columns of every module's table, with their types and whether a later event can change them.
const COLUMNS: [(&str, &str, bool); 21] = [
    ("id", "uuid", false),
    ("number", "bigint", false),
    ("scope_company", "bigint", true),
    ("contact", "bigint", true),
    ("company", "bigint", true),
    ("owner_id", "uuid", true),
    ("created_at", "timestamptz", false),
    ("modified_at", "timestamptz", true),
    ("version", "int", true),
    ("deleted", "boolean", true),
    ("created_kind", "smallint", false),
    ("created_by", "uuid", false),
    ("modified_by_ext", "uuid", true),
    ("title", "text", true),
    ("title_key", "text", true),
    ("doc", "bytea", true),
    ("activity_at", "timestamptz", true),
    ("agent_activity_at", "timestamptz", true),
    ("last_word", "smallint", true),
    ("waiting_since", "timestamptz", true),
    ("closed_at", "timestamptz", true),
];

/// The columns of moments that may not have come: empty is a sentinel there and never null.
const MAYBE: [&str; 2] = ["waiting_since", "closed_at"];

fn upsert_sql(module: &Module) -> String {
    let m = module.number();
    let mut names: Vec<String> = COLUMNS.iter().map(|(name, ..)| (*name).to_owned()).collect();
    let value = |name: &String| match MAYBE.contains(&name.as_str()) {
        true => format!("coalesce(u.{name}, '-infinity')"),
        false => format!("u.{name}"),
    };
    let mut values: Vec<String> = names.iter().map(value).collect();
    let mut arrays: Vec<String> =
        COLUMNS.iter().enumerate().map(|(i, (_, kind, _))| format!("${}::{kind}[]", i + 1)).collect();
    let mut set: Vec<String> = COLUMNS.iter().filter(|c| c.2).map(|(n, ..)| format!("{n} = excluded.{n}")).collect();
    for field in module.with_column() {
        let name = format!("f{}", field.number);
        values.push(format!("u.{name}::{}", sql_type(field.kind)));
        arrays.push(format!("${}::text[]", arrays.len() + 1));
        set.push(format!("{name} = excluded.{name}"));
        names.push(name);
    }
    for field in module.with_column().filter(|f| is_keyed(f)) {
        let name = sort_column(field.number, field.kind);
        values.push(format!("u.{name}"));
        arrays.push(format!("${}::text[]", arrays.len() + 1));
        set.push(format!("{name} = excluded.{name}"));
        names.push(name);
    }
    let names = names.join(", ");
    format!(
        "insert into m{m}_v1 as r ({names}) select {} from unnest({}) u({names})
         on conflict (id) do update set {} where r.version <= excluded.version",
        values.join(", "),
        arrays.join(", "),
        set.join(", ")
    )
}

fn column<'r, T>(rows: &[&'r Row], of: impl Fn(&'r Row) -> T) -> Vec<T> {
    rows.iter().map(|r| of(r)).collect()
}

/// Writes rows; one statement for the table, and at most two for the long texts.
pub(super) async fn save(
    connection: &mut PgConnection,
    module: &Arc<Module>,
    rows: &[&Row],
) -> Result<(), sqlx::Error> {
    let (mut documents, mut texts) = (Vec::with_capacity(rows.len()), Vec::new());
    for row in rows {
        let (document, text) = row.documents(module);
        documents.push(document);
        if row.text_dirty {
            texts.push((row.id, text));
        }
    }
    let at = |t: Timestamp| -> OffsetDateTime { t.to_offset() };
    let mut query: Query<'_, sqlx::Postgres, PgArguments> = sqlx::query(AssertSqlSafe(upsert_sql(module)))
        .bind(column(rows, |r| r.id))
        .bind(column(rows, |r| r.number))
        .bind(column(rows, |r| r.scope_company))
        .bind(column(rows, |r| r.contact))
        .bind(column(rows, |r| r.company))
        .bind(column(rows, |r| r.owner(module)))
        .bind(column(rows, |r| at(r.created_at)))
        .bind(column(rows, |r| at(r.modified_at)))
        .bind(column(rows, |r| i32::try_from(r.version).unwrap_or(i32::MAX)))
        .bind(column(rows, |r| r.deleted))
        .bind(column(rows, |r| r.created_kind))
        .bind(column(rows, |r| r.created_by))
        .bind(column(rows, |r| r.modified_by_ext))
        .bind(column(rows, |r| module.title_of(|f| r.value(f.number))))
        .bind(column(rows, |r| kernel::text::folded(&module.title_of(|f| r.value(f.number)))))
        .bind(documents)
        .bind(column(rows, |r| at(r.conversation.activity)))
        .bind(column(rows, |r| at(r.conversation.agents_activity)))
        .bind(column(rows, |r| r.conversation.last_word.map_or(0, Side::number)))
        .bind(column(rows, |r| r.conversation.waiting_since.map(at)))
        .bind(column(rows, |r| r.conversation.closed_at.map(at)));
    for field in module.with_column() {
        query = query.bind(column(rows, |r| cell_text(field, r.value(field.number))));
    }
    for field in module.with_column().filter(|f| is_keyed(f)) {
        query = query.bind(column(rows, |r| sort_text(field, r.value(field.number))));
    }
    query.execute(&mut *connection).await?;
    save_texts(connection, module, texts).await
}

async fn save_texts(
    connection: &mut PgConnection,
    module: &Module,
    texts: Vec<(Uuid, Option<Vec<u8>>)>,
) -> Result<(), sqlx::Error> {
    let m = module.number();
    let gone: Vec<Uuid> = texts.iter().filter(|(_, t)| t.is_none()).map(|(id, _)| *id).collect();
    let (ids, bodies): (Vec<Uuid>, Vec<Vec<u8>>) = texts.into_iter().filter_map(|(id, t)| Some((id, t?))).unzip();
    if !ids.is_empty() {
        let sql = format!(
            "insert into m{m}_text_v1 (id, body) select * from unnest($1::uuid[], $2::bytea[])
             on conflict (id) do update set body = excluded.body"
        );
        sqlx::query(AssertSqlSafe(sql)).bind(ids).bind(bodies).execute(&mut *connection).await?;
    }
    if !gone.is_empty() {
        let sql = format!("delete from m{m}_text_v1 where id = any ($1)");
        sqlx::query(AssertSqlSafe(sql)).bind(gone).execute(connection).await?;
    }
    Ok(())
}

/// Writes comments.
pub(super) async fn save_comments(connection: &mut PgConnection, rows: &[CommentRow]) -> Result<(), sqlx::Error> {
    let mut sql = String::from(
        "insert into comments_v1 (id, record, version, internal, author, author_kind, on_behalf_of, at, body, redacted)
         select * from unnest(",
    );
    let kinds = ["uuid", "uuid", "bigint", "boolean", "uuid", "smallint", "uuid", "timestamptz", "text", "boolean"];
    for (i, kind) in kinds.iter().enumerate() {
        let _ = write!(sql, "{}${}::{kind}[]", if i == 0 { "" } else { ", " }, i + 1);
    }
    sql.push_str(") on conflict (id) do update set body = excluded.body, redacted = excluded.redacted");
    sqlx::query(AssertSqlSafe(sql))
        .bind(rows.iter().map(|c| c.id).collect::<Vec<_>>())
        .bind(rows.iter().map(|c| c.record).collect::<Vec<_>>())
        .bind(rows.iter().map(|c| c.version).collect::<Vec<_>>())
        .bind(rows.iter().map(|c| c.internal).collect::<Vec<_>>())
        .bind(rows.iter().map(|c| c.author).collect::<Vec<_>>())
        .bind(rows.iter().map(|c| c.author_kind).collect::<Vec<_>>())
        .bind(rows.iter().map(|c| c.on_behalf_of).collect::<Vec<_>>())
        .bind(rows.iter().map(|c| c.at.to_offset()).collect::<Vec<_>>())
        .bind(rows.iter().map(|c| c.body.as_str()).collect::<Vec<_>>())
        .bind(rows.iter().map(|c| c.redacted).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes what became of comments.
pub(super) async fn change_comments(
    connection: &mut PgConnection,
    changes: &[CommentChange],
) -> Result<(), sqlx::Error> {
    // One comment may have been changed more than once in a batch: the last one counts. What was taken back stays so,
    // though an edit that was decided in the same moment came after it.
    let mut last: BTreeMap<Uuid, &CommentChange> = BTreeMap::new();
    for change in changes {
        if last.get(&change.id).is_none_or(|before| before.body.is_some()) {
            last.insert(change.id, change);
        }
    }
    sqlx::query(
        "update comments_v1 c set body = u.body, redacted = u.redacted, edited_at = u.at, removed = u.removed
         from unnest($1::uuid[], $2::text[], $3::boolean[], $4::timestamptz[], $5::boolean[])
              u(id, body, redacted, at, removed)
         where c.id = u.id and not c.removed",
    )
    .bind(last.keys().copied().collect::<Vec<_>>())
    .bind(last.values().map(|c| c.body.clone().unwrap_or_default()).collect::<Vec<_>>())
    .bind(last.values().map(|c| c.redacted).collect::<Vec<_>>())
    .bind(last.values().map(|c| c.at.to_offset()).collect::<Vec<_>>())
    .bind(last.values().map(|c| c.body.is_none()).collect::<Vec<_>>())
    .execute(connection)
    .await
    .map(drop)
}
