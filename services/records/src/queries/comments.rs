//! Comments of a record, with the names of their authors in the same statement.

use crate::{
    catalogue::Modules,
    error::database,
    queries::{
        history::kind_word,
        read::{Extent, Seen},
        versions::Versions,
    },
    service::{Caller, Records},
};
use kernel::{ActorKind, Error, Timestamp, page_size, parse_id};
use policy::Action;
use proto::records::v1::{Comment, ListCommentsRequest, ListCommentsResponse};
use sqlx::{AssertSqlSafe, Row};
use std::time::Duration;
use time::OffsetDateTime;
use uuid::Uuid;

/// For how long authors may write a comment anew or take it back: long enough for a slip, short enough that nobody answers
/// what is no longer there.
pub(crate) const OPEN_FOR: Duration = Duration::from_secs(15 * 60);

/// Which comments of a record are read.
enum Which {
    One(Uuid),
    /// The newest below a version of the record's stream, at most so many.
    Below {
        version: i64,
        limit: i64,
    },
}

impl Records {
    /// The newest of the comments that the caller may see, or of those before a place; oldest first.
    ///
    /// # Errors
    /// Not found when the caller doesn't see the record; forbidden when it sees no comments; invalid when more are asked
    /// for than a page holds.
    pub async fn comments(
        &self,
        caller: &Caller,
        request: &ListCommentsRequest,
    ) -> Result<ListCommentsResponse, Error> {
        let id = parse_id(&request.id)?;
        let limit = page_size(request.limit)?;
        let internal = caller.plan.is_internal();
        let seen = self.seen(caller, &request.module, id, internal, Extent::Row).await?;
        seen.require(caller, Action::ViewComments)?;
        self.comments_on(caller, &seen, limit, request.before_version).await
    }

    /// A part of the comments on a record whose comments the caller sees. Versions come and go as the caller counts them.
    pub(crate) async fn comments_on(
        &self,
        caller: &Caller,
        seen: &Seen,
        limit: u32,
        before_version: i64,
    ) -> Result<ListCommentsResponse, Error> {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let internal = caller.plan.is_internal();
        let access = seen.access(caller)?;
        let versions = Versions::new(&seen.module, &seen.row, &access, internal);
        let version = versions.below(before_version);
        let which = Which::Below { version, limit: i64::try_from(limit).unwrap_or(i64::MAX) + 1 };
        let mut found = self.read_comments(&seen.modules, seen.row.id, which, internal).await?;
        if !seen.row.deleted {
            self.mark_open(caller, found.iter_mut().map(|(_, comment)| comment));
        }
        // One more than was asked for says that there are more.
        let next_before_version = match found.len() > limit {
            true => {
                found.truncate(limit);
                found.last().map_or(0, |(version, _)| versions.shown(*version))
            }
            false => 0,
        };
        Ok(ListCommentsResponse { comments: found.into_iter().rev().map(|(_, c)| c).collect(), next_before_version })
    }

    /// One comment of a record; none when there is none, or it is internal and the reader is not.
    pub(crate) async fn comment_of(
        &self,
        modules: &Modules,
        record: Uuid,
        comment: Uuid,
        internal: bool,
    ) -> Result<Option<Comment>, Error> {
        let found = self.read_comments(modules, record, Which::One(comment), internal).await?;
        Ok(found.into_iter().next().map(|(_, comment)| comment))
    }

    /// Says of the caller's own comments until when they may be changed.
    pub(crate) fn mark_open<'c>(&self, caller: &Caller, comments: impl Iterator<Item = &'c mut Comment>) {
        let (now, me) = (self.clock().now.micros(), caller.actor.doer().1.to_string());
        for comment in comments.filter(|c| c.author_id == me && !c.removed && !c.redacted) {
            let until = comment.at_micros + OPEN_FOR.as_micros() as i64;
            comment.open_until_micros = if until > now && !caller.actor.read_only { until } else { 0 };
        }
    }

    /// Comments of a record with their versions, newest first.
    async fn read_comments(
        &self,
        modules: &Modules,
        record: Uuid,
        which: Which,
        internal: bool,
    ) -> Result<Vec<(i64, Comment)>, Error> {
        let (Some(contacts), Some(companies)) = (modules.contacts(), modules.get(policy::COMPANIES)) else {
            return Ok(Vec::new());
        };
        let (contacts, companies) = (contacts.number(), companies.number());
        // What is internal is kept out by the statement itself.
        let shown = if internal { "" } else { " and not c.internal" };
        let (condition, limit) = match which {
            Which::One(_) => ("c.id = $2", 1),
            Which::Below { limit, .. } => ("c.version < $2", limit),
        };
        let sql = format!(
            "select c.id, c.body, c.internal, c.author, c.author_kind, c.at, c.redacted,
                    coalesce(a.name, k.title, f.title, ''),
                    c.author_kind = 1 and coalesce(k.deleted, true) or c.author_kind = 4 and coalesce(f.deleted, true),
                    c.on_behalf_of, coalesce(b.title, ''), c.version, c.edited_at, c.removed
             from comments_v1 c
             left join agents_v1 a on a.id = c.author and c.author_kind = 2
             left join m{contacts}_v1 k on k.id = c.author and c.author_kind = 1
             left join m{companies}_v1 f on f.id = c.author and c.author_kind = 4
             left join m{contacts}_v1 b on b.id = c.on_behalf_of
             where c.record = $1 and {condition}{shown} order by c.version desc limit $3"
        );
        let query = sqlx::query(AssertSqlSafe(sql)).bind(record);
        let query = match which {
            Which::One(comment) => query.bind(comment),
            Which::Below { version, .. } => query.bind(version),
        };
        let rows = query.bind(limit).fetch_all(&self.lists).await.map_err(database)?;
        rows.iter()
            .map(|row| {
                let author: Uuid = row.try_get(3)?;
                let changed_at = row.try_get::<Option<OffsetDateTime>, _>(12)?.map(Timestamp::from_offset);
                let removed: bool = row.try_get(13)?;
                let comment = Comment {
                    edited_at_micros: changed_at.filter(|_| !removed).map_or(0, Timestamp::micros),
                    removed,
                    open_until_micros: 0,
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
                };
                Ok((row.try_get(11)?, comment))
            })
            .collect::<Result<_, sqlx::Error>>()
            .map_err(database)
    }
}
