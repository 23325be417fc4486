//! Comments and internal notes.

use super::write::{built, meta};
use crate::{
    commands::links::person,
    domain::record::{Author, Command},
    queries::read::{Extent, Seen},
    service::{Caller, Records},
};
use eventlog::Expected;
use kernel::{ActorKind, Aggregate, Error, parse_id};
use policy::Action;
use proto::records::v1::{AddCommentRequest, AddCommentResponse};
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
        let seen = self.may_comment(caller, request, id).await?;
        let appended = match seen.row.record(&seen.module).decide(command(caller, request, comment_id)) {
            Err(rejection) => self.refuse(meta, &request.idempotency_key, rejection.into()).await?,
            Ok(events) => {
                let person = person(&seen.module, id, Some(&seen.row), &HashMap::new());
                let key = self.log.keys().key_for(person).await?;
                let name = seen.module.name().to_owned();
                let result = comment_id.as_bytes().to_vec();
                let build = move |_: &eventlog::Reserved| Ok(built(id, &name, &events, Some(&key), result.clone()));
                // What others say or change meanwhile takes nothing away from it: people talk at the same time.
                self.append(meta, id, Expected::Any, Vec::new(), build).await?
            }
        };
        let comment_id = Uuid::from_slice(&appended.result).unwrap_or(comment_id);
        let internal = caller.plan.is_internal();
        let comment = self.comment_of(&seen.modules, id, comment_id, internal).await?;
        Ok(AddCommentResponse { comment, position: appended.last })
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
