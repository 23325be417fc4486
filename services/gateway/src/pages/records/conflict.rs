//! Two people changed the same record: nothing is saved, both versions are shown, and the second one chooses.

use crate::pages::{
    answer::Answer,
    ask::{Posted, html},
    module::{Module, label, points, raw, title_of, value_of},
    records::{
        fetch,
        form::{as_input, from_input},
        history,
        shown::{Long, Showing},
    },
    scene::Scene,
};
use gateway_ui::vm::{ConflictPage, ConflictRow};
use http::StatusCode;
use kernel::Error;
use proto::records::v1::{FieldDefinition, GetHistoryResponse, Record, Value};
use std::collections::HashMap;

/// What happened since the viewer opened the form.
struct Since<'h> {
    /// The values that the viewer saw, of the fields that changed since.
    before: HashMap<&'h str, Option<&'h Value>>,
    who: Option<String>,
    at: i64,
}

/// The page; what was typed is in it.
pub(crate) async fn show(scene: &Scene, module: Module<'_>, id: &str, posted: &Posted, expected: i64) -> Answer {
    let found = fetch::whole(&scene.ask, module.name(), id, fetch::Parts::default()).await?;
    let (record, past) = (found.record.ok_or_else(Error::not_found)?, found.history);
    let since = past.as_ref().map(|past| since(past, expected));
    let rows: Vec<Row<'_>> = module
        .definition
        .fields
        .iter()
        .filter_map(|field| row(scene, &record, field, posted.get(&field.name)?, since.as_ref()))
        .collect();
    let url = scene.ask.record_url(module.name(), id);
    if rows.is_empty() {
        // Both wrote the same, or the viewer changed nothing of what the other did.
        return scene.ask.done(&url, "unchanged");
    }
    let pointing = rows.iter().filter(|r| points(r.field));
    let ids = pointing.flat_map(|r| [r.yours.clone(), r.original.clone().unwrap_or_default()]).collect();
    let titles = history::titles(&scene.ask, &record.titles, ids).await?;
    let showing = Showing { scene, titles: &titles, gone: &record.deleted_titles, long: Long::Source };
    let chrome = scene.chrome();
    let page = ConflictPage {
        module: module.vm(scene.lang()),
        crumbs: vec![scene.list_crumb(module), scene.record_crumb(module, id, &record.number)],
        number: record.number.clone(),
        title: title_of(&record),
        action: fetch::edit_url(scene, module, &record),
        record_url: url,
        form_id: chrome.form_id("conflict").to_string(),
        expected_version: record.visible_version,
        changed_by: since.as_ref().and_then(|s| s.who.clone()),
        changed_at: since.as_ref().and_then(|s| scene.stamp_of(s.at)),
        rows: rows.into_iter().map(|row| row.view(&showing, &record)).collect(),
        chrome,
    };
    html(StatusCode::CONFLICT, &page)
}

/// Entries are newest first, so the oldest change of a field has the last word on what it was before.
fn since(past: &GetHistoryResponse, expected: i64) -> Since<'_> {
    let later = || past.entries.iter().filter(|e| e.version > expected && !e.changes.is_empty());
    let mut before = HashMap::new();
    for change in later().flat_map(|e| &e.changes) {
        before.insert(change.field.as_str(), change.old.as_ref().filter(|v| v.kind.is_some()));
    }
    let last = later().next();
    Since {
        before,
        who: last.map(|e| e.actor_name.clone()).filter(|name| !name.is_empty()),
        at: last.map_or(0, |e| e.at_micros),
    }
}

/// A field of the viewer's attempt that differs from the record now. Values are those of the service.
struct Row<'a> {
    field: &'a FieldDefinition,
    typed: String,
    yours: String,
    original: Option<String>,
    clash: bool,
}

fn row<'a>(
    scene: &Scene,
    record: &Record,
    field: &'a FieldDefinition,
    typed: &str,
    since: Option<&Since<'_>>,
) -> Option<Row<'a>> {
    let now = raw(value_of(record, &field.name));
    let same = |a: &str, b: &str| {
        tidy(a) == tidy(&as_input(scene, field, b.to_owned())) || tidy(&from_input(scene, field, a)) == tidy(b)
    };
    if same(typed, &now) {
        return None;
    }
    // A history that shows no change of the field tells that it stands as the viewer saw it.
    let original = since.map(|s| s.before.get(field.name.as_str()).map_or(now.clone(), |old| raw(*old)));
    if original.as_deref().is_some_and(|original| same(typed, original)) {
        return None;
    }
    Some(Row {
        field,
        yours: from_input(scene, field, typed),
        typed: typed.to_owned(),
        clash: original.as_deref().is_none_or(|original| tidy(original) != tidy(&now)),
        original,
    })
}

/// As the service keeps it.
fn tidy(text: &str) -> String {
    text.trim().replace("\r\n", "\n")
}

impl Row<'_> {
    fn view(self, showing: &Showing<'_>, record: &Record) -> ConflictRow {
        ConflictRow {
            name: self.field.name.clone(),
            label: label(self.field, showing.scene.lang()),
            original: self.original.filter(|_| self.clash).map(|text| showing.text(self.field, text)),
            yours: showing.text(self.field, self.yours),
            theirs: showing.of_record(record, self.field),
            yours_raw: self.typed,
            clash: self.clash,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::records::v1::{FieldChange, HistoryEntry, value::Kind};

    fn text(text: &str) -> Option<Value> {
        Some(Value { kind: Some(Kind::Text(text.to_owned())) })
    }

    fn entry(version: i64, who: &str, field: &str, old: &str, new: &str) -> HistoryEntry {
        let change = FieldChange { field: field.to_owned(), old: text(old), new: text(new) };
        HistoryEntry {
            version,
            at_micros: version * 10,
            actor_name: who.to_owned(),
            changes: vec![change],
            ..HistoryEntry::default()
        }
    }

    #[test]
    fn what_the_viewer_saw_is_the_oldest_value_since_and_the_last_to_change_is_named() {
        let comment = HistoryEntry { version: 6, actor_name: "Emma".into(), ..HistoryEntry::default() };
        let entries = vec![
            comment,
            entry(5, "Alex", "title", "second", "third"),
            entry(4, "Ada", "title", "first", "second"),
            entry(2, "Emma", "description", "older", "old"),
        ];
        let past = GetHistoryResponse { entries, ..GetHistoryResponse::default() };
        let since = since(&past, 3);
        assert_eq!(since.before.get("title").map(|v| raw(*v)).as_deref(), Some("first"));
        assert!(!since.before.contains_key("description"), "it changed before the viewer looked");
        assert_eq!((since.who.as_deref(), since.at), (Some("Alex"), 50));
    }
}
