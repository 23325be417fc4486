//! What became of a record between what was said on it: closed, opened again, waiting, in somebody's hands.

use crate::pages::{
    module::{Module, raw},
    records::shown::pill,
    scene::Scene,
};
use gateway_ui::{fmt, vm::Turn};
use proto::records::v1::{FieldChange, GetHistoryResponse, HistoryEntry, Record};

/// The changes of a record's state in a part of its history, each with its moment. Values of a status are told where the
/// viewer reads the status.
pub(crate) fn of(scene: &Scene, module: Module<'_>, record: &Record, history: &GetHistoryResponse) -> Vec<(i64, Turn)> {
    let entries = history.entries.iter();
    entries.filter_map(|entry| Some((entry.at_micros, turn(scene, module, record, history, entry)?))).collect()
}

fn turn(
    scene: &Scene,
    module: Module<'_>,
    record: &Record,
    history: &GetHistoryResponse,
    entry: &HistoryEntry,
) -> Option<Turn> {
    let lang = scene.lang();
    let (who, me) = (entry.actor_name.as_str(), entry.actor_id == scene.me.subject.id);
    // [nobody, oneself, oneself by a reply, somebody, somebody by a reply]
    let by = |keys: [&str; 5]| match (me, who.is_empty(), entry.by_reply) {
        (true, _, false) => lang.t(keys[1]),
        (true, _, true) => lang.t(keys[2]),
        (false, true, _) => lang.t(keys[0]),
        (false, false, false) => lang.t1(keys[3], "name", who),
        (false, false, true) => lang.t1(keys[4], "name", who),
    };
    const CLOSED: [&str; 5] =
        ["turn-closed", "turn-closed-you", "turn-closed-your-reply", "turn-closed-by", "turn-closed-by-reply"];
    const REOPENED: [&str; 5] = [
        "turn-reopened",
        "turn-reopened-you",
        "turn-reopened-your-reply",
        "turn-reopened-by",
        "turn-reopened-by-reply",
    ];
    let (icon, text) = match entry.r#type.as_str() {
        "closed" => ("circle-check", by(CLOSED)),
        "reopened" => ("rotate-ccw", by(REOPENED)),
        "status_changed" => {
            // The change itself is told by the update that came with it.
            let field = module.status_field()?;
            let at = history.entries.iter().position(|e| std::ptr::eq(e, entry))?;
            // Newest first: the update comes right behind.
            let change = history.entries.iter().skip(at).find_map(|e| change_of(e, &field.name))?;
            let key = raw(change.new.as_ref());
            let label = pill(field, &key, lang).label;
            let text = match (me, who.is_empty()) {
                (true, _) => lang.t1("turn-status-you", "status", label),
                (false, true) => lang.t1("turn-status", "status", label),
                (false, false) => lang.t2("turn-status-by", "status", label, "name", who),
            };
            ("arrow-right", text)
        }
        "assigned" => {
            let id = raw(entry.changes.first().and_then(|c| c.new.as_ref()));
            let to = history.titles.get(&id).or_else(|| record.titles.get(&id));
            match to {
                _ if id.is_empty() => ("user-round", lang.t("turn-unassigned")),
                Some(name) => ("user-round-check", lang.t1("turn-assigned", "name", name.as_str())),
                None => return None,
            }
        }
        _ => return None,
    };
    let at = fmt::stamp_ago(entry.at_micros, crate::http::clock::now_micros(), lang, &scene.app().zone);
    Some(Turn { icon, text, at })
}

fn change_of<'e>(entry: &'e HistoryEntry, field: &str) -> Option<&'e FieldChange> {
    entry.changes.iter().find(|change| change.field == field).filter(|_| entry.r#type == "updated")
}
