//! The history of a record, as far as the viewer's profile lets it through.

use crate::{
    backend::records,
    pages::{
        ask::Ask,
        module::{Module, label, raw},
        records::shown::{Long, Showing},
        scene::Scene,
    },
};
use gateway_ui::{
    markdown,
    vm::{Assigned, Change, History, HistoryEntry, Person},
};
use kernel::Error;
use proto::records::v1::{self, GetHistoryResponse, Record};
use std::collections::HashMap;

/// Most titles that records resolves at once.
const TITLES: usize = 500;

/// A part of the history, with the names of everything that it points to.
pub(crate) fn view(
    scene: &Scene,
    module: Module<'_>,
    record: &Record,
    past: GetHistoryResponse,
    before: i64,
) -> History {
    let mut titles = past.titles;
    titles.extend(record.titles.iter().map(|(id, title)| (id.clone(), title.clone())));
    let showing = Showing { scene, titles: &titles, gone: &record.deleted_titles, long: Long::Formatted };
    let url = scene.ask.record_url(module.name(), &record.id);
    let older = past.next_before_version;
    History {
        entries: past.entries.into_iter().map(|e| entry(&showing, module, record, e)).collect(),
        older_url: (older > 0).then(|| format!("{url}?before={older}")),
        newest_url: (before > 0).then_some(url),
    }
}

/// Titles by id: those that are known, and those of further ids in one call.
pub(crate) async fn titles(
    ask: &Ask,
    known: &HashMap<String, String>,
    ids: Vec<String>,
) -> Result<HashMap<String, String>, Error> {
    let mut titles = known.clone();
    let mut ids: Vec<String> = ids.into_iter().filter(|id| !id.is_empty() && !titles.contains_key(id)).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.truncate(TITLES);
    if !ids.is_empty() {
        titles.extend(records::titles(&ask.app, ids).await?);
    }
    Ok(titles)
}

fn entry(showing: &Showing<'_>, module: Module<'_>, record: &Record, entry: v1::HistoryEntry) -> HistoryEntry {
    let lang = showing.scene.lang();
    let change = |change: &v1::FieldChange| {
        // Fields that the viewer can't see are in no definition and in no answer.
        let field = module.field(&change.field)?;
        let masked = record.access(&change.field).is_some_and(|a| a == "masked");
        let show = |value: Option<&v1::Value>| match value {
            Some(value) if masked => gateway_ui::vm::Shown::Masked(raw(Some(value))),
            value => showing.value(field, value),
        };
        Some(Change { label: label(field, lang), old: show(change.old.as_ref()), new: show(change.new.as_ref()) })
    };
    let assigned = (entry.r#type == "assigned").then(|| assigned(showing, entry.changes.first()));
    // What is said in the sentence needs no second line.
    let changes = if assigned.is_some() { Vec::new() } else { entry.changes.iter().filter_map(change).collect() };
    let erased = matches!(entry.actor_kind.as_str(), "contact" | "company") && entry.actor_name.is_empty();
    HistoryEntry {
        // A customer has no use for numbers, and the more of them there are, the more there is to wonder about.
        version: showing.scene.console().then_some(entry.version),
        at: showing.scene.stamp(entry.at_micros),
        actor: Person { name: entry.actor_name, deleted: erased },
        on_behalf_of: (!entry.on_behalf_of_name.is_empty()).then_some(entry.on_behalf_of_name),
        channel: entry.channel,
        kind: entry.r#type,
        changes,
        assigned,
        body: (!entry.body.is_empty() && !entry.redacted).then(|| markdown::render(&entry.body)),
        redacted: entry.redacted,
    }
}

/// To whom; the name only where the viewer sees it.
fn assigned(showing: &Showing<'_>, change: Option<&v1::FieldChange>) -> Assigned {
    let id = raw(change.and_then(|c| c.new.as_ref()));
    match showing.titles.get(&id) {
        Some(name) => Assigned::To(name.clone()),
        None if change.is_some() && id.is_empty() => Assigned::Nobody,
        None => Assigned::Somebody,
    }
}
