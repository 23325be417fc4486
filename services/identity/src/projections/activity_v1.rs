//! What happened around accounts, for the timelines of agents and of users themselves.
//!
//! It reads the stored messages and not the domain's events: what is shown is what was stored, and nothing is decided.

use eventlog::{Projection, Recorded};
use futures::future::BoxFuture;
use kernel::ActorKind;
use sqlx::PgConnection;
use std::collections::BTreeMap;
use uuid::Uuid;

mod rows;
#[cfg(test)]
mod tests;

pub(crate) use rows::row;

/// Fills `activity_v1`.
pub(crate) struct ActivityV1;

/// One entry of a timeline.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Row {
    pub(crate) user: Uuid,
    /// Stable word.
    pub(crate) word: &'static str,
    /// `sign_in`, `lock`, `security`, `access` or `support`.
    pub(crate) touchpoint: &'static str,
    pub(crate) network: String,
    pub(crate) browser: String,
    pub(crate) session: Option<Uuid>,
    /// Free text about the person.
    pub(crate) note: String,
    pub(crate) facts: BTreeMap<&'static str, String>,
}

impl Row {
    fn new(user: &str, touchpoint: &'static str, word: &'static str) -> Option<Row> {
        Some(Row { user: Uuid::try_parse(user).ok()?, word, touchpoint, ..Row::default() })
    }

    /// Adds a fact; an empty one is none.
    fn fact(mut self, name: &'static str, value: impl ToString) -> Row {
        let value = value.to_string();
        if !value.is_empty() {
            self.facts.insert(name, value);
        }
        self
    }

    fn from(mut self, network: String, browser: String, session: &str) -> Row {
        (self.network, self.browser, self.session) = (network, browser, Uuid::try_parse(session).ok());
        self
    }
}

impl Projection for ActivityV1 {
    fn name(&self) -> &'static str {
        "activity_v1"
    }

    fn tables<'a>(&'a self, _: &'a mut PgConnection) -> BoxFuture<'a, Result<Vec<String>, sqlx::Error>> {
        Box::pin(async { Ok(vec!["activity_v1".to_owned()]) })
    }

    fn apply<'a>(
        &'a self,
        events: &'a [Recorded],
        connection: &'a mut PgConnection,
    ) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Box::pin(async move {
            let mut shown = Vec::new();
            for recorded in events {
                let row =
                    row(&recorded.stored_type, &recorded.payload).map_err(|e| sqlx::Error::Decode(Box::new(e)))?;
                shown.extend(row.map(|row| (recorded, row)));
            }
            if shown.is_empty() { Ok(()) } else { insert(&shown, connection).await }
        })
    }
}

/// All rows of a batch in one statement.
async fn insert(shown: &[(&Recorded, Row)], connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    // Services act by themselves; only people are named as those who did it.
    let actor = |r: &Recorded, row: &Row| {
        let person = r.on_behalf_of.or(Some(r.actor_id).filter(|_| r.actor_kind != ActorKind::Service));
        person.filter(|id| *id != row.user)
    };
    let facts = shown.iter().map(|(_, row)| serde_json::to_value(&row.facts)).collect::<Result<Vec<_>, _>>();
    sqlx::query(
        "insert into activity_v1 (position, user_id, at, type, touchpoint, network, browser, session_id, actor_id, note,
                                  facts)
         select * from unnest($1::bigint[], $2::uuid[], $3::timestamptz[], $4::text[], $5::text[], $6::text[],
                              $7::text[], $8::uuid[], $9::uuid[], $10::text[], $11::jsonb[])
         on conflict (position) do nothing",
    )
    .bind(shown.iter().map(|(r, _)| r.position).collect::<Vec<_>>())
    .bind(shown.iter().map(|(_, row)| row.user).collect::<Vec<_>>())
    .bind(shown.iter().map(|(r, _)| r.recorded_at.to_offset()).collect::<Vec<_>>())
    .bind(shown.iter().map(|(_, row)| row.word).collect::<Vec<_>>())
    .bind(shown.iter().map(|(_, row)| row.touchpoint).collect::<Vec<_>>())
    .bind(shown.iter().map(|(_, row)| row.network.as_str()).collect::<Vec<_>>())
    .bind(shown.iter().map(|(_, row)| row.browser.as_str()).collect::<Vec<_>>())
    .bind(shown.iter().map(|(_, row)| row.session).collect::<Vec<_>>())
    .bind(shown.iter().map(|(r, row)| actor(r, row)).collect::<Vec<_>>())
    .bind(shown.iter().map(|(_, row)| row.note.as_str()).collect::<Vec<_>>())
    .bind(facts.map_err(|e| sqlx::Error::Encode(Box::new(e)))?)
    .execute(connection)
    .await?;
    Ok(())
}
