//! The history of a record: its stream, filtered by what the caller may see. No table can disagree with it.

use crate::{
    codec::{self, Stored, field_change},
    domain::{
        module::Module,
        record::{Change, Event},
        value::{FieldKind, Value},
    },
    projections::rows::doer_of,
    queries::{
        around::{Wanted, actor_name},
        present::cell,
        read::Extent,
    },
    service::{Caller, Records},
};
use eventlog::{Recorded, StreamId};
use kernel::{ActorKind, Error, page_size, parse_id};
use policy::{Access, Action, RecordAccess};
use proto::records::v1::{GetHistoryRequest, GetHistoryResponse, HistoryEntry};
use uuid::Uuid;

/// Category of the streams of records.
pub(crate) const RECORD: &str = "record";

impl Records {
    /// A page of a record's history, newest first.
    ///
    /// # Errors
    /// Not found when the caller doesn't see the record; forbidden when it doesn't see histories.
    pub async fn history(&self, caller: &Caller, request: &GetHistoryRequest) -> Result<GetHistoryResponse, Error> {
        let id = parse_id(&request.id)?;
        let limit = page_size(request.limit)?;
        let seen = self.seen(caller, &request.module, id, caller.plan.is_internal(), Extent::Row).await?;
        seen.require(caller, Action::ViewUpdates)?;
        let access = seen.access(caller)?;
        let below = if request.before_version > 0 { request.before_version } else { i64::MAX };
        let stream = StreamId::new(RECORD, id);
        let mut events = self.log.load_before(stream, below, i64::from(limit) + 1, true).await?;
        let more = events.len() > limit as usize;
        events.truncate(limit as usize);
        let next = if more { events.last().map_or(0, |e| e.version) } else { 0 };
        let mut wanted = Wanted::default();
        for event in &events {
            for (kind, id) in [Some(doer_of(event)), represented(event)].into_iter().flatten() {
                wanted.add_actor(&seen.modules, kind, id);
            }
        }
        let around = self.names(caller, &seen.modules, wanted).await?;
        let internal = caller.plan.is_internal();
        let mut entries = Vec::with_capacity(events.len());
        for recorded in &events {
            let stored = codec::decode(&recorded.stored_type, &recorded.payload).map_err(Error::internal)?;
            let Some(Stored::Record { event, .. }) = stored else { continue };
            let Some((changes, body)) = visible(&seen.module, &event, &access, internal) else { continue };
            let name = |(kind, id)| actor_name(&seen.modules, &around, kind, id);
            let (doer, for_whom) = (doer_of(recorded), represented(recorded));
            entries.push(HistoryEntry {
                version: recorded.version,
                at_micros: recorded.recorded_at.micros(),
                actor_id: doer.1.to_string(),
                actor_name: name(doer),
                actor_kind: kind_word(doer.0).to_owned(),
                on_behalf_of_id: for_whom.map(|(_, id)| id.to_string()).unwrap_or_default(),
                on_behalf_of_name: for_whom.map(name).unwrap_or_default(),
                channel: recorded.channel.as_str().to_owned(),
                r#type: event_word(&recorded.stored_type).to_owned(),
                changes: changes.iter().map(field_change).collect(),
                hash: recorded.hash.clone(),
                redacted: recorded.redacted,
                body,
            });
        }
        Ok(GetHistoryResponse { entries, next_before_version: next })
    }
}

/// The word of an event in histories and on the bus: the third part of its stored type.
pub(crate) fn event_word(stored_type: &str) -> &str {
    stored_type.split('.').nth(2).unwrap_or("unknown")
}

/// The contact for whom an agent did it.
fn represented(recorded: &Recorded) -> Option<(ActorKind, Uuid)> {
    recorded.on_behalf_of.map(|_| (recorded.actor_kind, recorded.actor_id))
}

/// The word of whose doing something was.
pub(crate) fn kind_word(kind: ActorKind) -> &'static str {
    match kind {
        ActorKind::Contact => "contact",
        ActorKind::Company => "company",
        ActorKind::Agent => "agent",
        ActorKind::Service => "system",
    }
}

/// The changes and the text of an event that may be shown; none when nothing of it may.
fn visible(module: &Module, event: &Event, access: &RecordAccess<'_>, internal: bool) -> Option<(Vec<Change>, String)> {
    let plain = Some((Vec::new(), String::new()));
    match event {
        Event::Created { fields, personal, .. } => {
            let set = fields.iter().chain(personal).map(|(field, value)| Change {
                field: field.clone(),
                old: None,
                new: Some(value.clone()),
            });
            Some((set.filter_map(|c| masked(module, access, &c)).collect(), String::new()))
        }
        Event::Updated { changes, personal, .. } => {
            let shown: Vec<Change> = changes.iter().chain(personal).filter_map(|c| masked(module, access, c)).collect();
            // An entry without changes would tell that something hidden changed.
            (!shown.is_empty()).then_some((shown, String::new()))
        }
        Event::StatusChanged(status) | Event::Closed(status) | Event::Reopened(status) => {
            if access.reveals_change(&status.field) { plain } else { None }
        }
        Event::Assigned { field, .. } => {
            if access.reveals_change(field) {
                plain
            } else {
                None
            }
        }
        Event::Commented { body, .. } => access.may(Action::ViewComments).then(|| (Vec::new(), body.clone())),
        Event::InternalNoted { body, .. } => {
            (internal && access.may(Action::ViewComments)).then(|| (Vec::new(), body.clone()))
        }
        Event::Deleted | Event::Restored => plain,
    }
}

fn masked(module: &Module, access: &RecordAccess<'_>, change: &Change) -> Option<Change> {
    let granted = access.field(&change.field);
    if granted == Access::Hidden || !access.reveals_change(&change.field) {
        return None;
    }
    // Of a field that the module no longer has, a mask shows nothing.
    let kind = module.field(&change.field).map_or(FieldKind::Checkbox, |f| f.kind);
    let show = |value: &Option<Value>| value.as_ref().and_then(|v| cell(granted, kind, Some(v)));
    Some(Change { field: change.field.clone(), old: show(&change.old), new: show(&change.new) })
}
