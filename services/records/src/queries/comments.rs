//! Comments of a record, with the names of their authors in the same statement.

use crate::{
    catalogue::Modules,
    error::database,
    queries::{
        history::kind_word,
        read::{Extent, Seen},
    },
    service::{Caller, Records},
};
use kernel::{ActorKind, Error, Timestamp, parse_id};
use policy::Action;
use proto::records::v1::{Comment, ListCommentsRequest};
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

/// Most comments of one record that are shown.
const MOST: i64 = 1_000;

impl Records {
    /// The comments that the caller may see, oldest first.
    ///
    /// # Errors
    /// Not found when the caller doesn't see the record; forbidden when it sees no comments.
    pub async fn comments(&self, caller: &Caller, request: &ListCommentsRequest) -> Result<Vec<Comment>, Error> {
        let id = parse_id(&request.id)?;
        let internal = caller.plan.is_internal();
        let seen = self.seen(caller, &request.module, id, internal, Extent::Row).await?;
        seen.require(caller, Action::ViewComments)?;
        self.comments_on(caller, &seen).await
    }

    /// The comments on a record whose comments the caller sees.
    pub(crate) async fn comments_on(&self, caller: &Caller, seen: &Seen) -> Result<Vec<Comment>, Error> {
        self.read_comments(&seen.modules, seen.row.id, None, caller.plan.is_internal()).await
    }

    /// Comments of a record, or one of them.
    pub(crate) async fn read_comments(
        &self,
        modules: &Modules,
        record: Uuid,
        only: Option<Uuid>,
        internal: bool,
    ) -> Result<Vec<Comment>, Error> {
        let (Some(contacts), Some(companies)) = (modules.contacts(), modules.get(policy::COMPANIES)) else {
            return Ok(Vec::new());
        };
        let (contacts, companies) = (contacts.number(), companies.number());
        // What is internal is kept out by the statement itself.
        let shown = if internal { "" } else { " and not c.internal" };
        let sql = format!(
            "select c.id, c.body, c.internal, c.author, c.author_kind, c.at, c.redacted,
                    coalesce(a.name, k.title, f.title, ''),
                    c.author_kind = 1 and coalesce(k.deleted, true) or c.author_kind = 4 and coalesce(f.deleted, true),
                    c.on_behalf_of, coalesce(b.title, '')
             from comments_v1 c
             left join agents_v1 a on a.id = c.author and c.author_kind = 2
             left join m{contacts}_v1 k on k.id = c.author and c.author_kind = 1
             left join m{companies}_v1 f on f.id = c.author and c.author_kind = 4
             left join m{contacts}_v1 b on b.id = c.on_behalf_of
             where c.record = $1 and ($2::uuid is null or c.id = $2){shown} order by c.version limit {MOST}"
        );
        let rows =
            sqlx::query(AssertSqlSafe(sql)).bind(record).bind(only).fetch_all(&self.lists).await.map_err(database)?;
        rows.iter()
            .map(|row| {
                let author: Uuid = row.try_get(3)?;
                Ok(Comment {
                    id: row.try_get::<Uuid, _>(0)?.to_string(),
                    body: row.try_get(1)?,
                    internal: row.try_get(2)?,
                    author_id: author.to_string(),
                    author_name: row.try_get(7)?,
                    author_kind: kind_word(ActorKind::from_number(row.try_get(4)?)).to_owned(),
                    at_micros: Timestamp::from_offset(row.try_get(5)?).micros(),
                    author_deleted: row.try_get(8)?,
                    redacted: row.try_get(6)?,
                    on_behalf_of_id: row.try_get::<Option<Uuid>, _>(9)?.map(|i| i.to_string()).unwrap_or_default(),
                    on_behalf_of_name: row.try_get(10)?,
                })
            })
            .collect::<Result<_, sqlx::Error>>()
            .map_err(database)
    }
}
