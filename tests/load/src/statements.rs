//! Where Postgres spends its time, for those who look for what to make faster: `--statements`.

use crate::ground::Ground;
use anyhow::Result;
use sqlx::{Connection, Row};

/// The setting of the server that counts statements.
pub(crate) const PRELOAD: (&str, &str) = ("shared_preload_libraries", "pg_stat_statements");

/// Statements in the list.
const TOP: i64 = 15;

/// Begins to count anew.
pub(crate) async fn reset(ground: &Ground) -> Result<()> {
    ground.execute("postgres", "create extension if not exists pg_stat_statements").await?;
    ground.execute("postgres", "select pg_stat_statements_reset()").await
}

/// The statements that took the most time since.
pub(crate) async fn top(ground: &Ground) -> Result<String> {
    let mut owner = ground.owner("postgres").await?;
    let rows = sqlx::query(
        "select r.rolname::text, s.calls, s.total_exec_time + s.total_plan_time, s.shared_blks_hit,
                left(regexp_replace(s.query, '\\s+', ' ', 'g'), 110)
         from pg_stat_statements s join pg_roles r on r.oid = s.userid
         order by 3 desc limit $1",
    )
    .bind(TOP)
    .fetch_all(&mut owner)
    .await?;
    owner.close().await?;
    let mut text = String::from("total ms     calls   ms/call  buffers/call  role, statement\n");
    for row in rows {
        let (role, calls, total): (String, i64, f64) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let (buffers, query): (i64, String) = (row.try_get(3)?, row.try_get(4)?);
        let each = |amount: f64| amount / calls.max(1) as f64;
        text.push_str(&format!(
            "{total:8.0}  {calls:8}  {:8.3}  {:12.0}  {role}: {query}\n",
            each(total),
            each(buffers as f64)
        ));
    }
    Ok(text)
}
