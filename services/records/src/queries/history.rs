//! The history of a record: its stream, filtered by what the caller may see. No table can disagree with it.

use crate::{
    codec::{self, Stored, field_change},
    domain::{
        module::Module,
        record::{Change, Event},
        value::{FieldType, Value},
    },
    error::database,
    projections::rows::doer_of,
    queries::{
        around::{Wanted, actor_name},
        present::{cell, title_of},
        read::{Extent, Seen},
        versions::Versions,
    },
    service::{Caller, Records},
    trail::Step,
};
use eventlog::{Recorded, StreamId};
use kernel::{ActorKind, Error, Timestamp, page_size, parse_id};
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
        self.history_of(caller, &seen, limit, request.before_version).await
    }

    /// The newest `limit` entries below a version, of a record whose history the caller sees; 0 begins at the newest.
    pub(crate) async fn history_of(
        &self,
        caller: &Caller,
        seen: &Seen,
        limit: u32,
        before: i64,
    ) -> Result<GetHistoryResponse, Error> {
        let access = seen.access(caller)?;
        let internal = caller.plan.is_internal();
        let versions = Versions::new(&seen.module, &seen.row, &access, internal);
        let told = self.told(seen, &versions, seen.row.id, versions.below(before), limit as usize).await?;
        let mut wanted = Wanted::default();
        let mut pointed: Vec<(FieldType, Uuid)> = Vec::new();
        let mut parts = Vec::with_capacity(told.events.len());
        for (recorded, event, _) in &told.events {
            for (kind, id) in [Some(doer_of(recorded)), represented(recorded)].into_iter().flatten() {
                wanted.add_actor(&seen.modules, kind, id);
            }
            let (changes, body) = shown(&seen.module, event, &access);
            for change in &changes {
                let Some(field) = seen.module.field(&change.field) else { continue };
                for id in [&change.old, &change.new].into_iter().flatten().filter_map(Value::as_id) {
                    wanted.add_value(&seen.modules, &field.target, field.kind, id);
                    pointed.push((field.kind, id));
                }
            }
            parts.push((changes, body));
        }
        if !internal {
            self.leave_out_what_was_taken_back(&told.events, &mut parts).await?;
        }
        let around = self.around(caller, &seen.modules, wanted).await?;
        let title = |(kind, id): (FieldType, Uuid)| {
            Some((id.to_string(), title_of(caller, &seen.modules, &around, kind, id, &seen.clock)?))
        };
        let titles = pointed.into_iter().filter_map(title).collect();
        let mut entries = Vec::with_capacity(told.events.len());
        for ((recorded, event, occurred_at), (changes, body)) in told.events.iter().zip(parts) {
            let name = |(kind, id)| actor_name(&seen.modules, &around, kind, id);
            let (doer, for_whom) = (doer_of(recorded), represented(recorded));
            // Customers never choose an owner: what stands in their command is the profile's doing.
            let automatic = matches!(event, Event::Assigned { .. }) && recorded.actor_kind.is_customer();
            entries.push(HistoryEntry {
                version: versions.shown(recorded.version),
                at_micros: occurred_at.unwrap_or(recorded.recorded_at).micros(),
                recorded_at_micros: occurred_at.map_or(0, |_| recorded.recorded_at.micros()),
                actor_id: if automatic { String::new() } else { doer.1.to_string() },
                actor_name: if automatic { String::new() } else { name(doer) },
                actor_kind: kind_word(if automatic { ActorKind::Service } else { doer.0 }).to_owned(),
                on_behalf_of_id: for_whom.map(|(_, id)| id.to_string()).unwrap_or_default(),
                on_behalf_of_name: for_whom.map(name).unwrap_or_default(),
                channel: recorded.channel.as_str().to_owned(),
                r#type: event_word(&recorded.stored_type).to_owned(),
                changes: changes.iter().map(field_change).collect(),
                hash: recorded.hash.clone(),
                redacted: recorded.redacted,
                by_reply: event.by_reply().is_some(),
                body,
            });
        }
        let next = if told.more { entries.last().map_or(0, |e| e.version) } else { 0 };
        Ok(GetHistoryResponse { entries, next_before_version: next, titles })
    }

    /// Empties the texts of comments that no longer stand as an event has them: what somebody took back is history for the
    /// operator alone. One statement, where there are comments.
    async fn leave_out_what_was_taken_back(
        &self,
        events: &[(Recorded, Event, Option<Timestamp>)],
        parts: &mut [(Vec<Change>, String)],
    ) -> Result<(), Error> {
        let ids: Vec<Uuid> = events.iter().filter_map(|(_, event, _)| event.comment()).collect();
        if ids.is_empty() {
            return Ok(());
        }
        type Stands = (Uuid, String, bool);
        let stands: Vec<Stands> = sqlx::query_as("select id, body, removed from comments_v1 where id = any ($1)")
            .bind(ids)
            .fetch_all(&self.lists)
            .await
            .map_err(database)?;
        for ((_, event, _), (_, body)) in events.iter().zip(parts) {
            let Some(id) = event.comment() else { continue };
            let same = stands.iter().any(|(of, text, removed)| *of == id && !removed && text == body);
            if !same {
                body.clear();
            }
        }
        Ok(())
    }

    /// The newest events below a version that the viewer sees, at most `limit`. A page is full when there is enough: one
    /// that stopped short would tell how many lie between.
    async fn told(
        &self,
        seen: &Seen,
        versions: &Versions<'_>,
        id: Uuid,
        mut below: i64,
        limit: usize,
    ) -> Result<StreamPage, Error> {
        let stream = StreamId::new(RECORD, id);
        let mut events = Vec::with_capacity(limit);
        while below > 1 {
            let wanted = i64::try_from(limit + 1 - events.len()).unwrap_or(1).max(FEWEST);
            let read = self.log.load_before(stream, below, wanted, true).await?;
            let Some(last) = read.last() else { break };
            below = last.version;
            for recorded in read {
                let stored = codec::decode(&recorded.stored_type, &recorded.payload).map_err(Error::internal)?;
                let Some(Stored::Record { event, occurred_at, .. }) = stored else { continue };
                if !versions.sees(&Step::of(&seen.module, &event)) {
                    continue;
                }
                if events.len() == limit {
                    return Ok(StreamPage { events, more: true });
                }
                events.push((recorded, event, occurred_at));
            }
        }
        Ok(StreamPage { events, more: false })
    }
}

/// Fewest events that are read at once.
const FEWEST: i64 = 20;

/// A page of a stream.
struct StreamPage {
    /// With the time at which each happened, where it was told later.
    events: Vec<(Recorded, Event, Option<Timestamp>)>,
    /// There are older ones that the viewer sees.
    more: bool,
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

/// The changes and the text of an event that the viewer sees.
fn shown(module: &Module, event: &Event, access: &RecordAccess<'_>) -> (Vec<Change>, String) {
    let changes =
        |changes: &mut dyn Iterator<Item = Change>| changes.filter_map(|c| masked(module, access, &c)).collect();
    let id = |id: &Option<Uuid>| id.map(|i| Value::Text(i.to_string()));
    match event {
        Event::Created { fields, personal, .. } => {
            let set = fields.iter().chain(personal).map(|(field, value)| Change {
                field: field.clone(),
                old: None,
                new: Some(value.clone()),
            });
            (changes(&mut { set }), String::new())
        }
        Event::Updated { changes: some, personal, .. } => {
            (changes(&mut some.iter().chain(personal).cloned()), String::new())
        }
        // Who was assigned is what the entry is about.
        Event::Assigned { field, old, new } => {
            let change = Change { field: field.clone(), old: id(old), new: id(new) };
            (changes(&mut std::iter::once(change)), String::new())
        }
        Event::Commented { body, .. } | Event::InternalNoted { body, .. } | Event::CommentEdited { body, .. } => {
            (Vec::new(), body.clone())
        }
        Event::StatusChanged(_)
        | Event::Closed(_)
        | Event::Reopened(_)
        | Event::CommentRemoved { .. }
        | Event::Deleted
        | Event::Restored => (Vec::new(), String::new()),
    }
}

fn masked(module: &Module, access: &RecordAccess<'_>, change: &Change) -> Option<Change> {
    let granted = access.field(&change.field);
    if granted == Access::Hidden || !access.reveals_change(&change.field) {
        return None;
    }
    // Of a field that the module no longer has, a mask shows nothing.
    let kind = module.field(&change.field).map_or(FieldType::Checkbox, |f| f.kind);
    let show = |value: &Option<Value>| value.as_ref().and_then(|v| cell(granted, kind, Some(v)));
    Some(Change { field: change.field.clone(), old: show(&change.old), new: show(&change.new) })
}
