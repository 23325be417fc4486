//! Comments and internal notes.

use super::{
    links::{links, person},
    update::judged,
    write::{ATTEMPTS, built, meta, overtaken, refusal, told},
};
use crate::{
    domain::{
        record::{Author, Command, NextStatus},
        value::Value,
    },
    queries::{
        history::RECORD,
        read::{Extent, Seen},
    },
    service::{Caller, Records},
};
use eventlog::{Append, Appended, Expected, LogError, Meta, SideWrite, StreamId, StreamWrite, Unwritten, Writing};
use kernel::{ActorKind, Aggregate, Error, parse_id};
use policy::Action;
use proto::records::v1::{
    AddCommentRequest, AddCommentResponse, Comment, EditCommentRequest, EditCommentResponse, RemoveCommentRequest,
};
use sqlx::{AssertSqlSafe, PgConnection};
use std::{collections::HashMap, sync::Arc};
use uuid::Uuid;

/// The reason of the refusal of a reply to what is closed, where the profile lets nobody open it again.
const CLOSED: &str = "record_closed";

impl Records {
    /// Adds a comment, or an internal note, to a record; with it perhaps a change of its status: the one that is asked for,
    /// or the one that a customer's reply brings.
    ///
    /// # Errors
    /// Not found; forbidden, also for internal notes by those who must not see any, and (`record_closed`) for a customer's
    /// reply to what is closed and must not be opened again; invalid when the text is empty or too long, or when the status
    /// that is asked for can't be set.
    pub async fn comment(&self, caller: &Caller, request: &AddCommentRequest) -> Result<AddCommentResponse, Error> {
        let id = parse_id(&request.id)?;
        let mut bytes = format!("{}\u{1f}{id}\u{1f}{}\u{1f}{}", request.module, request.internal, request.body);
        if !request.set_status.is_empty() {
            bytes.push('\u{1f}');
            bytes.push_str(&request.set_status);
        }
        let meta = meta(caller, &format!("comment/{id}"), &request.idempotency_key, bytes.as_bytes());
        let comment_id = kernel::new_id();
        let mut attempt = 1;
        let (appended, status) = loop {
            let (append, status) = match self.decide_comment(caller, request, meta.clone(), id, comment_id).await {
                Ok(decided) => decided,
                Err(refused) => {
                    let appended = self.refuse(meta, &request.idempotency_key, refused).await?;
                    let seen = self.seen(caller, &request.module, id, true, Extent::Row).await?;
                    break (appended, status_of(caller, &seen, None)?);
                }
            };
            match self.log.append(append).await {
                Err(LogError::WrongExpectedVersion { .. }) if attempt < ATTEMPTS => attempt += 1,
                Err(LogError::WrongExpectedVersion { .. }) => return Err(overtaken()),
                other => break (other.map_err(gone)?, status),
            }
        };
        let comment_id = Uuid::from_slice(&appended.result).unwrap_or(comment_id);
        let modules = self.catalogue.modules().await?;
        let mut comment = self.comment_of(&modules, id, comment_id, caller.plan.is_internal()).await?;
        self.mark_open(caller, comment.iter_mut());
        Ok(AddCommentResponse { comment, position: appended.last, status })
    }

    /// The append of a comment, and the status that the caller sees after it; unless it is refused.
    async fn decide_comment(
        &self,
        caller: &Caller,
        request: &AddCommentRequest,
        meta: Meta,
        id: Uuid,
        comment_id: Uuid,
    ) -> Result<(Append, String), Error> {
        let seen = self.may_comment(caller, request, id).await?;
        let occurred_at = self.occurred(request.occurred_at_micros)?;
        let next = self.next_status(caller, request, &seen).await?;
        let replies = author(caller) != Author::Agent && !request.internal && seen.module.moves_by_replies();
        let expected = match next.is_some() || replies {
            // A status is decided on what the record is; and what waits for the customer must not go on waiting because it
            // began to in that moment.
            true => Expected::Version(seen.row.version),
            // What others say or change meanwhile takes nothing away from it: people talk at the same time.
            false => Expected::Any,
        };
        let status = status_of(caller, &seen, next.as_ref())?;
        let command = command(caller, request, comment_id, next);
        let events = seen.row.record(&seen.module).decide(command)?;
        let person = person(&seen.module, id, Some(&seen.row), &HashMap::new());
        let key = self.log.keys().key_for(person).await?;
        let name = seen.module.name().to_owned();
        let result = comment_id.as_bytes().to_vec();
        let append = Append {
            streams: vec![StreamWrite { stream: StreamId::new(RECORD, id), expected }],
            build: Box::new(move |_| Ok(told(id, &name, &events, occurred_at, Some(&key), result.clone()))),
            // Only a record that was deleted meanwhile takes no more comments.
            side_writes: vec![Box::new(StillThere { module: seen.module.number(), id })],
            ..Append::side(meta, Vec::new())
        };
        Ok((append, status))
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

    /// The status that the record gets with a comment; none when it keeps its own.
    async fn next_status(
        &self,
        caller: &Caller,
        request: &AddCommentRequest,
        seen: &Seen,
    ) -> Result<Option<NextStatus>, Error> {
        let next = |key: &str| Some(NextStatus { module: Arc::clone(&seen.module), key: key.to_owned() });
        let Some(field) = seen.module.status_field() else {
            return match request.set_status.is_empty() {
                true => Ok(None),
                false => Err(Error::invalid_field("set_status", "unknown_field", "These records have no status.")),
            };
        };
        let status = seen.row.value(&seen.module, &field.name);
        let now = status.and_then(Value::as_text).unwrap_or_default();
        // To ask for what is there is to ask for nothing: a customer's reply moves on what it would without.
        let asks = author(caller) == Author::Agent || request.set_status != now;
        if !request.set_status.is_empty() && asks {
            if request.internal {
                let public = "A note changes no status.";
                return Err(Error::invalid_field("set_status", "not_allowed", public));
            }
            if let Some(refused) = self.refuses(caller, seen, &field.name, &request.set_status).await? {
                return Err(refused);
            }
            return Ok(next(&request.set_status));
        }
        if request.internal || author(caller) == Author::Agent {
            return Ok(None);
        }
        let keys = seen.module.after_customers_reply(status);
        if keys.is_empty() {
            return Ok(None);
        }
        // To go on with what waited for the customer is no right of a profile: it is what the reply means.
        if !seen.module.is_closed(status) {
            return Ok(next(keys[0]));
        }
        for key in keys {
            if self.refuses(caller, seen, &field.name, key).await?.is_none() {
                return Ok(next(key));
            }
        }
        Err(Error::forbidden(CLOSED))
    }

    /// Why the caller may not give the record a status; none when it may. What the form asks for with it is asked here too.
    async fn refuses(&self, caller: &Caller, seen: &Seen, field: &str, key: &str) -> Result<Option<Error>, Error> {
        let sent = vec![(field.to_owned(), Value::text(key))];
        let around = self.around_values(caller, &seen.modules, &seen.module, Some(&seen.row), &sent).await?;
        let (values, judged) = judged(caller, seen, &around, &sent);
        if values != sent && judged.is_none() {
            // A rule puts more on top: that is a change of the form, not of a reply.
            let public = "This status changes more than itself: it is set in the form.";
            return Ok(Some(Error::invalid_field("set_status", "not_allowed", public)));
        }
        let links = links(caller, &seen.modules, &around, &[], &seen.clock);
        let command = Command::Update { module: Arc::clone(&seen.module), fields: values, links };
        let own = seen.row.record(&seen.module).decide(command).err();
        Ok(refusal(judged.as_ref(), own, caller.language()))
    }

    /// Writes a comment anew. Within fifteen minutes, by its author, on a record that still takes comments. It
    /// stays what was said then: nobody is told anew, and no status moves.
    ///
    /// # Errors
    /// Not found; forbidden (`not_your_comment`, `comment_settled`); invalid when the text is empty or too long.
    pub async fn edit_comment(
        &self,
        caller: &Caller,
        request: &EditCommentRequest,
    ) -> Result<EditCommentResponse, Error> {
        let (id, comment_id) = (parse_id(&request.id)?, parse_id(&request.comment_id)?);
        let (seen, comment) = self.own_comment(caller, &request.module, id, comment_id).await?;
        let edit = Command::EditComment { comment_id, body: request.body.clone(), internal: comment.internal };
        let position = self.change_comment(caller, &seen, edit).await?;
        let internal = caller.plan.is_internal();
        let mut comment = self.comment_of(&seen.modules, id, comment_id, internal).await?;
        self.mark_open(caller, comment.iter_mut());
        Ok(EditCommentResponse { comment, position })
    }

    /// Takes a comment back; like [`Records::edit_comment`]. One that is taken back already stays so.
    ///
    /// # Errors
    /// As there.
    pub async fn remove_comment(&self, caller: &Caller, request: &RemoveCommentRequest) -> Result<i64, Error> {
        let (id, comment_id) = (parse_id(&request.id)?, parse_id(&request.comment_id)?);
        let (seen, comment) = self.own_comment(caller, &request.module, id, comment_id).await?;
        self.change_comment(caller, &seen, Command::RemoveComment { comment_id, internal: comment.internal }).await
    }

    /// A comment that the caller may change now.
    async fn own_comment(
        &self,
        caller: &Caller,
        module: &str,
        id: Uuid,
        comment_id: Uuid,
    ) -> Result<(Seen, Comment), Error> {
        let seen = self.seen(caller, module, id, false, Extent::Row).await?;
        seen.require(caller, Action::ViewComments)?;
        let internal = caller.plan.is_internal();
        let comment = self.comment_of(&seen.modules, id, comment_id, internal).await?;
        let mut comment = comment.filter(|c| !c.removed).ok_or_else(Error::not_found)?;
        if comment.author_id != caller.actor.doer().1.to_string() {
            return Err(Error::forbidden("not_your_comment"));
        }
        seen.require(caller, Action::Comment)?;
        self.mark_open(caller, std::iter::once(&mut comment));
        match comment.open_until_micros {
            0 => Err(Error::forbidden("comment_settled")),
            _ => Ok((seen, comment)),
        }
    }

    async fn change_comment(&self, caller: &Caller, seen: &Seen, command: Command) -> Result<i64, Error> {
        let id = seen.row.id;
        let events = seen.row.record(&seen.module).decide(command)?;
        let person = person(&seen.module, id, Some(&seen.row), &HashMap::new());
        let key = self.log.keys().key_for(person).await?;
        let name = seen.module.name().to_owned();
        let append = Append {
            streams: vec![StreamWrite { stream: StreamId::new(RECORD, id), expected: Expected::Any }],
            build: Box::new(move |_| Ok(built(id, &name, &events, Some(&key), Vec::new()))),
            side_writes: vec![Box::new(StillThere { module: seen.module.number(), id })],
            ..Append::side(meta(caller, "comment", "", b""), Vec::new())
        };
        Ok(self.log.append(append).await.map_err(gone)?.last)
    }
}

/// The key of the record's status, or the one that comes, where the caller reads it.
fn status_of(caller: &Caller, seen: &Seen, next: Option<&NextStatus>) -> Result<String, Error> {
    let access = seen.access(caller)?;
    let Some(field) = seen.module.status_field().filter(|f| access.field(&f.name).is_readable()) else {
        return Ok(String::new());
    };
    let now = || seen.row.value(&seen.module, &field.name).and_then(Value::as_text).unwrap_or_default();
    Ok(next.map_or_else(now, |next| &next.key).to_owned())
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

/// Whose word it is. What an agent writes as a contact is the agent's.
fn author(caller: &Caller) -> Author {
    match caller.actor.doer().0 {
        ActorKind::Contact => Author::Contact,
        ActorKind::Company => Author::Company,
        ActorKind::Agent | ActorKind::Service => Author::Agent,
    }
}

fn command(caller: &Caller, request: &AddCommentRequest, comment_id: Uuid, status: Option<NextStatus>) -> Command {
    let body = request.body.clone();
    match request.internal {
        true => Command::Note { comment_id, body },
        false => Command::Comment { comment_id, body, author: author(caller), status },
    }
}
