//! Timelines: what happened around an account, and what its contact did with records.

use crate::{authority::Intent, error::database, identity::Identity, names, sessions::own::Own};
use kernel::{Actor, Cursor, CursorError, Error, Timestamp, page_size, parse_id};
use proto::identity::v1 as wire;
use sqlx::{PgPool, Row, postgres::PgRow};
use std::collections::HashMap;
use time::OffsetDateTime;
use uuid::Uuid;

/// How long entries are kept, in days.
pub(crate) const KEPT_DAYS: i32 = 400;
/// What entries are about; `record` is what a contact did with records.
const TOUCHPOINTS: [&str; 6] = ["sign_in", "lock", "security", "access", "support", "record"];

/// A place in a timeline: the time, then which log, then the position in it.
type Place = (OffsetDateTime, i32, i64);

impl Identity {
    /// What happened around an account, the newest first.
    pub(crate) async fn list_activity(
        &self,
        actor: &Actor,
        request: wire::ListActivityRequest,
    ) -> Result<wire::ListActivityResponse, Error> {
        let user = parse_id(&request.user_id)?;
        self.may_act_on(actor, &[user], Intent::Read).await?;
        if request.touchpoints.iter().any(|t| !TOUCHPOINTS.contains(&t.as_str())) {
            let message = "Either sign_in, lock, security, access, support or record.";
            return Err(Error::invalid_field("touchpoints", "unknown_touchpoint", message));
        }
        self.timeline(user, &request.touchpoints, request.limit, &request.cursor, true).await
    }

    /// What happened around one's own account.
    pub(crate) async fn list_own_activity(
        &self,
        own: Own,
        request: wire::ListOwnActivityRequest,
    ) -> Result<wire::ListActivityResponse, Error> {
        self.timeline(own.session.user, &[], request.limit, &request.cursor, false).await
    }

    /// A timeline's page. What agents noted about the user is for agents alone.
    pub(crate) async fn timeline(
        &self,
        user: Uuid,
        touchpoints: &[String],
        limit: i32,
        cursor: &str,
        notes: bool,
    ) -> Result<wire::ListActivityResponse, Error> {
        let size = page_size(limit)? as usize;
        let behind = if cursor.is_empty() { None } else { Some(place(cursor)?) };
        let asked = Page { user, touchpoints, behind, limit: size as i64 + 1 };
        let mut rows = entries(&self.pool, &asked).await.map_err(database)?;
        let more = rows.len() > size;
        rows.truncate(size);
        let next_cursor = match rows.last().filter(|_| more) {
            Some((at, source, entry)) => {
                let micros = Timestamp::from_offset(*at).micros();
                Cursor(vec![micros.to_string(), source.to_string(), entry.position.to_string()]).encode()
            }
            None => String::new(),
        };
        let mut entries: Vec<wire::ActivityEntry> = rows.into_iter().map(|(_, _, entry)| entry).collect();
        self.name_people(&mut entries).await?;
        for entry in entries.iter_mut().filter(|_| !notes) {
            entry.facts.remove("note");
        }
        Ok(wire::ListActivityResponse { entries, next_cursor })
    }

    /// Puts names to those who did something, and to agents among the facts.
    async fn name_people(&self, entries: &mut [wire::ActivityEntry]) -> Result<(), Error> {
        let mentioned = entries.iter().flat_map(|e| [Some(&e.actor_id), e.facts.get("agent_id")]).flatten();
        let mut ids: Vec<Uuid> = mentioned.filter_map(|id| Uuid::try_parse(id).ok()).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Ok(());
        }
        let names = names::names(&self.pool, &ids).await.map_err(database)?;
        let names: HashMap<String, String> = names.into_iter().map(|(id, name, _)| (id.to_string(), name)).collect();
        for entry in entries {
            if let Some(name) = names.get(&entry.actor_id) {
                entry.actor_name.clone_from(name);
            }
            if let Some(name) = entry.facts.get("agent_id").and_then(|id| names.get(id)).cloned() {
                entry.facts.insert("agent_name".into(), name);
            }
        }
        Ok(())
    }
}

struct Page<'a> {
    user: Uuid,
    /// Empty: all.
    touchpoints: &'a [String],
    behind: Option<Place>,
    limit: i64,
}

/// One page and one entry more. Each log is one ordered range of its index.
async fn entries(
    pool: &PgPool,
    asked: &Page<'_>,
) -> Result<Vec<(OffsetDateTime, i32, wire::ActivityEntry)>, sqlx::Error> {
    let rows = sqlx::query(
        "select * from (
             (select at, 0 as source, position, type, touchpoint, network, browser, session_id, actor_id, note, facts
              from activity_v1
              where user_id = $1 and (cardinality($2::text[]) = 0 or touchpoint = any ($2))
                and ($3::timestamptz is null or (at <= $3 and (at, 0, position) < ($3, $4, $5)))
              order by at desc, position desc limit $6)
             union all
             (select at, 1, position, type, 'record', '', '', session_id, actor_id, '',
                     jsonb_build_object('module', module, 'record_id', record_id)
              from contact_activity
              where user_id = $1 and (cardinality($2::text[]) = 0 or 'record' = any ($2))
                and ($3::timestamptz is null or (at <= $3 and (at, 1, position) < ($3, $4, $5)))
              order by at desc, position desc limit $6)) a
         order by at desc, source desc, position desc limit $6",
    )
    .bind(asked.user)
    .bind(asked.touchpoints)
    .bind(asked.behind.map(|b| b.0))
    .bind(asked.behind.map(|b| b.1))
    .bind(asked.behind.map(|b| b.2))
    .bind(asked.limit)
    .fetch_all(pool)
    .await?;
    rows.iter().map(entry).collect()
}

fn entry(row: &PgRow) -> Result<(OffsetDateTime, i32, wire::ActivityEntry), sqlx::Error> {
    let at: OffsetDateTime = row.try_get(0)?;
    let id = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    let (note, facts): (String, serde_json::Value) = (row.try_get(9)?, row.try_get(10)?);
    let mut facts: HashMap<String, String> =
        serde_json::from_value(facts).map_err(|e| sqlx::Error::Decode(Box::new(e)))?;
    if !note.is_empty() {
        facts.insert("note".into(), note);
    }
    let entry = wire::ActivityEntry {
        position: row.try_get(2)?,
        at_micros: Timestamp::from_offset(at).micros(),
        r#type: row.try_get(3)?,
        touchpoint: row.try_get(4)?,
        network: row.try_get(5)?,
        browser: row.try_get(6)?,
        session_id: id(row.try_get(7)?),
        facts,
        actor_id: id(row.try_get(8)?),
        actor_name: String::new(),
    };
    Ok((at, row.try_get(1)?, entry))
}

fn place(cursor: &str) -> Result<Place, Error> {
    let Cursor(parts) = Cursor::decode(cursor, 3)?;
    let number = |n: usize| parts[n].parse::<i64>().map_err(|_| CursorError);
    let source = i32::try_from(number(1)?).map_err(|_| CursorError)?;
    Ok((Timestamp::from_micros(number(0)?).to_offset(), source, number(2)?))
}

/// Deletes entries that are older than they are kept.
pub(crate) async fn sweep(pool: &PgPool) -> Result<(), sqlx::Error> {
    for statement in [
        "delete from activity_v1 where at < now() - make_interval(days => $1)",
        "delete from contact_activity where at < now() - make_interval(days => $1)",
    ] {
        sqlx::query(statement).bind(KEPT_DAYS).execute(pool).await?;
    }
    Ok(())
}
