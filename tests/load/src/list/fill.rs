//! Fills the read-model table of tickets by SQL, with a skewed distribution.

use crate::ground::{Ground, copied};
use anyhow::{Context, Result};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// Records tied to each of the two portal users.
pub(super) const OWN_RECORDS: i64 = 50;
/// Records of Emma's company, hers included.
pub(super) const COMPANY_RECORDS: i64 = 1_946;
/// Companies that are not in the demo; they have numbers and nothing else.
const OTHER_COMPANIES: i64 = 20_000;
const OTHER_CONTACTS: i64 = 100_000;

/// Records of Nina's company, hers included: a tenth.
pub(super) fn large_company(records: i64) -> i64 {
    records / 10
}

/// Replaces the demo's tickets by `records` rows that are copies of them, but for what `given` says of columns beside those
/// that every copy has of its own.
///
/// - Each copy has a number, an id, times and ties of its own; document, title, owner and picklists are the model's.
///   The models of a company's rows are that company's tickets, so that titles and rules find what they point to.
/// - Emma: [`OWN_RECORDS`] in a company of [`COMPANY_RECORDS`]. Nina: as many in a company of a tenth of all.
/// - The rest: random ones of 20,000 companies and 100,000 contacts; 3 % without a company, 2 % of another company than
///   their contact's, 1 % deleted; 2 % of all records have a participant.
/// - Numbers and times are in an order that has nothing to do with companies.
pub(crate) async fn fill(ground: &Ground, database: &str, records: i64, given: &[(&str, String)]) -> Result<()> {
    let mut owner = ground.owner(database).await?;
    run(&mut owner, "set search_path = records, records_log; set synchronous_commit = off").await?;
    let module = module_number(&mut owner, "tickets").await?;
    let contacts = format!("m{}_v1", module_number(&mut owner, "contacts").await?);
    let table = format!("m{module}_v1");
    run(&mut owner, &models(&table, &contacts)).await.context("models")?;
    // Indexes are made again afterwards, which takes a fraction of the time.
    let indexes: Vec<(String, String)> = sqlx::query_as(
        "select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) from pg_index i
         where i.indrelid = $1::text::regclass and not exists (select from pg_constraint c where c.conindid = i.indexrelid)",
    )
    .bind(&table)
    .fetch_all(&mut owner)
    .await?;
    for (name, _) in &indexes {
        run(&mut owner, &format!("drop index {name}")).await?;
    }
    run(&mut owner, &format!("truncate {table}, participants_v1")).await?;
    let all: Vec<(&str, &str)> = GIVEN.into_iter().chain(given.iter().map(|(name, e)| (*name, e.as_str()))).collect();
    let (columns, expressions) = copied(&mut owner, "records", &table, &all).await?;
    run(&mut owner, &rows(&table, &columns, &expressions, records)).await.context("rows")?;
    for (_, definition) in &indexes {
        run(&mut owner, definition).await?;
    }
    let participants = format!(
        "insert into participants_v1 (contact, module, record)
         select 1000000 + (random() * {OTHER_CONTACTS})::bigint, {module}, id from {table} where number % 50 = 7"
    );
    run(&mut owner, &participants).await.context("participants")?;
    run(&mut owner, &format!("vacuum (analyze) {table}")).await?;
    run(&mut owner, "vacuum (analyze) participants_v1").await?;
    owner.close().await?;
    Ok(())
}

/// What a copy has of its own; everything else is the model's.
const GIVEN: [(&str, &str); 7] = [
    ("number", "g.number"),
    ("contact", "g.contact"),
    ("company", "g.of_company"),
    ("scope_company", "g.of_company"),
    ("created_at", "g.modified_at - interval '1 day'"),
    ("modified_at", "g.modified_at"),
    ("deleted", "g.kind = 'rest' and g.n % 100 = 3"),
];

async fn run(owner: &mut PgConnection, statements: &str) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).execute(owner).await?;
    Ok(())
}

async fn module_number(owner: &mut PgConnection, name: &str) -> Result<i16> {
    let found = sqlx::query_scalar("select number from modules_v1 where name = $1").bind(name).fetch_one(owner).await;
    found.with_context(|| format!("the module {name}"))
}

/// The demo's tickets in five groups, numbered within each: the two users' own, the others of their companies, the rest.
fn models(table: &str, contacts: &str) -> String {
    format!(
        "create temp table emma as select number, company from {contacts} where title = 'Emma Bianchi';
         create temp table nina as select number, company from {contacts} where title = 'Nina Keller';
         create temp table model as
             select k.kind, row_number() over (partition by k.kind order by t.number) - 1 as slot, t.*
             from {table} t cross join emma cross join nina cross join lateral (select case
                 when t.contact = emma.number then 'own small'
                 when t.scope_company = emma.company then 'small'
                 when t.contact = nina.number then 'own large'
                 when t.scope_company = nina.company then 'large'
                 else 'rest' end as kind) k
             where not t.deleted;"
    )
}

/// The statement that writes the copies `t` of models to the places `g`.
fn rows(table: &str, columns: &str, expressions: &str, records: i64) -> String {
    let small = COMPANY_RECORDS;
    let large = large_company(records);
    format!(
        "insert into {table} ({columns}) select {expressions}
         from (
             select p.*,
                    case when p.moved then p.stranger else p.company end as of_company
             from (
                 select k.n, k.kind,
                        -- 7919 is prime: every number from 1 to {records} once, in no order
                        k.n * 7919 % {records} + 1 as number,
                        now() - random() * interval '1 year' as modified_at,
                        1000000 + (random() * {OTHER_COMPANIES})::bigint as stranger,
                        k.kind = 'rest' and k.n % 50 = 9 as moved,
                        case when k.kind like '%small' then emma.company
                             when k.kind like '%large' then nina.company
                             when k.n % 33 <> 5 then 1000000 + (random() * {OTHER_COMPANIES})::bigint end as company,
                        case when k.kind = 'own small' then emma.number
                             when k.kind = 'own large' then nina.number
                             when k.kind = 'rest' then 1000000 + (random() * {OTHER_CONTACTS})::bigint
                             else 2000000 + k.n % 40 end as contact
                 from (
                     select n, case when n <= {OWN_RECORDS} then 'own small'
                                    when n <= {small} then 'small'
                                    when n <= {small} + {OWN_RECORDS} then 'own large'
                                    when n <= {small} + {large} then 'large'
                                    else 'rest' end as kind
                     from generate_series(1, {records}::bigint) n
                 ) k cross join emma cross join nina
             ) p
         ) g
         join (select kind, count(*) as models from model group by kind) c on c.kind = g.kind
         join model t on t.kind = g.kind and t.slot = g.n % c.models"
    )
}
