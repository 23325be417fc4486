//! What the notifier asks: who has to do with a record, and what of it somebody may see at this moment.
//!
//! A mail is content that leaves the house, so its recipient is judged like a caller who opens the record now: by the
//! same plan, the same gates and the same presentation.

use crate::{
    catalogue::Modules,
    domain::value::{Field, Value},
    error::database,
    queries::read::Extent,
    service::{Caller, Records},
};
use kernel::{Actor, ActorKind, Channel, Code, Error, parse_id};
use policy::{AccessPlan, Action};
use proto::records::v1::{ListInvolvedRequest, ListInvolvedResponse, ShowToRequest, ShowToResponse};
use sqlx::AssertSqlSafe;
use std::sync::Arc;
use uuid::Uuid;

/// There is no such record any more.
pub(crate) const GONE: &str = "record_gone";
/// The subject may not see it.
pub(crate) const HIDDEN: &str = "record_hidden";

/// Somebody for whom a service asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) kind: ActorKind,
    pub(crate) id: Uuid,
}

impl Subject {
    /// The subject of a request.
    ///
    /// # Errors
    /// Invalid when it is neither a contact nor an agent, or has no id.
    pub(crate) fn of(request: &ShowToRequest) -> Result<Subject, Error> {
        let kind = match request.subject_kind.as_str() {
            "contact" => ActorKind::Contact,
            "agent" => ActorKind::Agent,
            _ => {
                return Err(Error::invalid_field(
                    "subject_kind",
                    "unknown_kind",
                    "A subject is a contact or an agent.",
                ));
            }
        };
        Ok(Subject { kind, id: parse_id(&request.subject_id)? })
    }
}

/// What can be said of a subject's plan.
pub(crate) enum SubjectPlan {
    /// This is the plan.
    Known(Arc<AccessPlan>),
    /// The subject is gone and sees nothing any more.
    None,
}

impl SubjectPlan {
    /// From permissions' answer. Of whom nothing is known there yet, nothing is decided: the question waits.
    ///
    /// # Errors
    /// Unavailable while permissions is away or has not heard of the subject.
    pub(crate) fn of(answer: Result<Arc<AccessPlan>, Error>) -> Result<SubjectPlan, Error> {
        match answer {
            Ok(plan) => Ok(SubjectPlan::Known(plan)),
            Err(e) if e.reason == "contact_deleted" => Ok(SubjectPlan::None),
            Err(e) if e.code == Code::NotFound => Err(Error::unavailable("permissions does not know the subject yet")),
            Err(e) => Err(e),
        }
    }
}

impl Records {
    /// Who has to do with a record: its owner, its contact, the contact who made it and those who take part.
    ///
    /// # Errors
    /// Not found when there is no such record, or it is deleted.
    pub(crate) async fn involved(
        &self,
        caller: &Caller,
        request: &ListInvolvedRequest,
    ) -> Result<ListInvolvedResponse, Error> {
        let id = parse_id(&request.id)?;
        let seen = self.seen(caller, &request.module, id, false, Extent::Row).await?;
        let (module, row) = (&seen.module, &seen.row);
        let value = |field: Option<&Field>| {
            let id = field.and_then(|f| row.value(module, &f.name)).and_then(Value::as_id);
            id.map(|i| i.to_string()).unwrap_or_default()
        };
        let creator = (row.created_kind == ActorKind::Contact).then(|| row.created_by.to_string());
        Ok(ListInvolvedResponse {
            owner_id: value(module.owner_field()),
            contact_id: value(module.contact_field()),
            creator_id: creator.unwrap_or_default(),
            participant_ids: self.participants(&seen.modules, module.number(), id).await?,
            has_owners: module.owner_field().is_some(),
            has_contacts: module.contact_field().is_some(),
        })
    }

    async fn participants(&self, modules: &Modules, module: i16, record: Uuid) -> Result<Vec<String>, Error> {
        let Some(contacts) = modules.contacts() else { return Ok(Vec::new()) };
        let contacts = contacts.number();
        let sql = format!(
            "select k.id from participants_v1 p join m{contacts}_v1 k on k.number = p.contact and not k.deleted
             where p.record = $1 and p.module = $2 order by k.id"
        );
        let found: Vec<Uuid> = sqlx::query_scalar(AssertSqlSafe(sql))
            .bind(record)
            .bind(module)
            .fetch_all(&self.lists)
            .await
            .map_err(database)?;
        Ok(found.iter().map(Uuid::to_string).collect())
    }

    /// A record as a subject sees it now. `caller` is the service that asks and sees everything, so that *gone* and *not
    /// for this subject* can be told apart.
    ///
    /// A second factor that the subject's profile wants is not asked for: it guards sessions, and a mail has none.
    ///
    /// # Errors
    /// Those of reading a record, except that not finding it is an answer.
    pub(crate) async fn show_to(
        &self,
        caller: &Caller,
        subject: Subject,
        plan: SubjectPlan,
        request: &ShowToRequest,
    ) -> Result<ShowToResponse, Error> {
        let id = parse_id(&request.id)?;
        let hidden = |why: &str| ShowToResponse { hidden: why.to_owned(), ..ShowToResponse::default() };
        let (modules, module) = match self.module_for(caller, &request.module).await {
            Err(e) if e.code == Code::NotFound => return Ok(hidden(GONE)),
            found => found?,
        };
        let SubjectPlan::Known(plan) = plan else {
            let found = self.find(caller, &module, id).await?;
            return Ok(hidden(if found.is_some_and(|(row, _)| !row.deleted) { HIDDEN } else { GONE }));
        };
        let viewer = Caller { actor: Actor::new(subject.kind, subject.id, Channel::System), plan };
        let Some(found) = self.find(&viewer, &module, id).await?.filter(|(row, _)| !row.deleted) else {
            return Ok(hidden(GONE));
        };
        let seen = match self.judged(&viewer, modules, module, found, Extent::Whole).await {
            Err(e) if e.code == Code::NotFound => return Ok(hidden(HIDDEN)),
            seen => seen?,
        };
        let record = Some(seen.shown_to(&viewer)?);
        let mut shown = ShowToResponse { record, ..ShowToResponse::default() };
        if !request.comment_id.is_empty() {
            let comment = parse_id(&request.comment_id)?;
            shown.comments_hidden = !seen.access(&viewer)?.may(Action::ViewComments);
            if !shown.comments_hidden {
                let internal = viewer.plan.is_internal();
                let comment = self.comment_of(&seen.modules, id, comment, internal).await?;
                // What its author has taken back is told to nobody.
                shown.comment = comment.filter(|c| !c.removed);
            }
        }
        Ok(shown)
    }
}
