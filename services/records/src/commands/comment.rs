//! Comments and internal notes.

use super::write::{built, meta};
use crate::{
    commands::links::person,
    domain::record::{Author, Command},
    queries::{
        history::RECORD,
        read::{Extent, Seen},
    },
    service::{Caller, Records},
};
use eventlog::{Append, Appended, Expected, LogError, Meta, SideWrite, StreamId, StreamWrite, Unwritten, Writing};
use kernel::{ActorKind, Aggregate, Error, parse_id};
use policy::Action;
use proto::records::v1::{AddCommentRequest, AddCommentResponse};
use sqlx::{AssertSqlSafe, PgConnection};
use std::collections::HashMap;
use uuid::Uuid;

impl Records {
    /// Adds a comment, or an internal note, to a record.
    ///
    /// # Errors
    /// Not found; forbidden, also for internal notes by those who must not see any; invalid when the text is empty or
    /// too long.
    pub async fn comment(&self, caller: &Caller, request: &AddCommentRequest) -> Result<AddCommentResponse, Error> {
        let id = parse_id(&request.id)?;
        let bytes = format!("{}\u{1f}{id}\u{1f}{}\u{1f}{}", request.module, request.internal, request.body);
        let meta = meta(caller, &format!("comment/{id}"), &request.idempotency_key, bytes.as_bytes());
        let comment_id = kernel::new_id();
        let appended = match self.decide_comment(caller, request, meta.clone(), id, comment_id).await {
            Ok(append) => self.log.append(append).await.map_err(gone)?,
            Err(refused) => self.refuse(meta, &request.idempotency_key, refused).await?,
        };
        let comment_id = Uuid::from_slice(&appended.result).unwrap_or(comment_id);
        let internal = caller.plan.is_internal();
        let modules = self.catalogue.modules().await?;
        let comment = self.comment_of(&modules, id, comment_id, internal).await?;
        Ok(AddCommentResponse { comment, position: appended.last })
    }

    /// The append of a comment, unless it is refused.
    async fn decide_comment(
        &self,
        caller: &Caller,
        request: &AddCommentRequest,
        meta: Meta,
        id: Uuid,
        comment_id: Uuid,
    ) -> Result<Append, Error> {
        let seen = self.may_comment(caller, request, id).await?;
        let events = seen.row.record(&seen.module).decide(command(caller, request, comment_id))?;
        let person = person(&seen.module, id, Some(&seen.row), &HashMap::new());
        let key = self.log.keys().key_for(person).await?;
        let name = seen.module.name().to_owned();
        let result = comment_id.as_bytes().to_vec();
        // What others say or change meanwhile takes nothing away from it: people talk at the same time. Only a record that
        // was deleted meanwhile takes no more comments.
        Ok(Append {
            streams: vec![StreamWrite { stream: StreamId::new(RECORD, id), expected: Expected::Any }],
            build: Box::new(move |_| Ok(built(id, &name, &events, Some(&key), result.clone()))),
            side_writes: vec![Box::new(StillThere { module: seen.module.number(), id })],
            ..Append::side(meta, Vec::new())
        })
    }

    async fn may_comment(&self, caller: &Caller, request: &AddCommentRequest, id: Uuid) -> Result<Seen, Error> {
        let seen = self.seen(caller, &request.module, id, false, Extent::Row).await?;
        if !seen.module.definition.comments {
            return Err(Error::forbidden("no_comments"));
        }
        seen.require(caller, Action::Comment)?;
        if request.internal && !caller.plan.is_internal() {
            return Err(Error::forbidden("action_not_allowed"));
        }
        Ok(seen)
    }
}

/// The word with which a deleted record refuses.
const DELETED: &str = "record_deleted";

/// Writes nothing: refuses when the record is deleted by now. Asked under the head lock.
struct StillThere {
    module: i16,
    id: Uuid,
}

impl SideWrite for StillThere {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> Writing<'a> {
        Box::pin(async move {
            let sql = format!("select deleted from m{}_v1 where id = $1", self.module);
            let deleted: Option<bool> = sqlx::query_scalar(AssertSqlSafe(sql)).bind(self.id).fetch_optional(tx).await?;
            if deleted == Some(false) { Ok(()) } else { Err(Unwritten::Refused(DELETED)) }
        })
    }
}

/// A record that is gone looks as if it had never been.
fn gone(error: LogError) -> Error {
    if matches!(error, LogError::SideRefused(DELETED)) { Error::not_found() } else { error.into() }
}

fn command(caller: &Caller, request: &AddCommentRequest, comment_id: Uuid) -> Command {
    let body = request.body.clone();
    if request.internal {
        return Command::Note { comment_id, body };
    }
    // What an agent writes as a contact is the agent's word.
    let author = match caller.actor.doer().0 {
        ActorKind::Contact => Author::Contact,
        ActorKind::Company => Author::Company,
        ActorKind::Agent | ActorKind::Service => Author::Agent,
    };
    Command::Comment { comment_id, body, author }
}
