//! Comments of a record, with the names of their authors in the same statement.

use crate::{
    catalogue::Modules,
    error::database,
    projections::rows::kind_of,
    queries::read::Extent,
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
        self.read_comments(&seen.modules, id, None, internal).await
    }

    /// Comments of a record, or one of them.
    pub(crate) async fn read_comments(
        &self,
        modules: &Modules,
        record: Uuid,
        only: Option<Uuid>,
        internal: bool,
    ) -> Result<Vec<Comment>, Error> {
        let (name, gone, join) = match modules.contacts() {
            Some(contacts) => (
                "coalesce(a.name, k.title, '')",
                "c.author_kind = 1 and coalesce(k.deleted, true)",
                format!("left join m{}_v1 k on k.id = c.author and c.author_kind = 1", contacts.number()),
            ),
            None => ("coalesce(a.name, '')", "false", String::new()),
        };
        // What is internal is kept out by the statement itself.
        let shown = if internal { "" } else { " and not c.internal" };
        let sql = format!(
            "select c.id, c.body, c.internal, c.author, c.author_kind, c.at, c.redacted, {name}, {gone}
             from comments_v1 c left join agents_v1 a on a.id = c.author and c.author_kind = 2 {join}
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
                    author_kind: author_kind(kind_of(row.try_get(4)?)).to_owned(),
                    at_micros: Timestamp::from_offset(row.try_get(5)?).micros(),
                    author_deleted: row.try_get(8)?,
                    redacted: row.try_get(6)?,
                })
            })
            .collect::<Result<_, sqlx::Error>>()
            .map_err(database)
    }
}

fn author_kind(kind: ActorKind) -> &'static str {
    match kind {
        ActorKind::Contact => "contact",
        ActorKind::Company => "company",
        ActorKind::Agent => "agent",
        ActorKind::Service => "system",
    }
}
