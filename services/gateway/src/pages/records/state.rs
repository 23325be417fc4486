//! How the conversation on a record stands, in a sentence.

use crate::{
    http::clock::now_micros,
    pages::{
        module::{Module, raw, value_of},
        scene::Scene,
    },
};
use gateway_ui::fmt;
use proto::records::v1::Record;

/// The sentence under a record's title; none where there is no conversation or it says nothing.
pub(crate) fn sentence(scene: &Scene, module: Module<'_>, record: &Record) -> Option<String> {
    let talk = record.conversation.as_ref().filter(|_| module.definition.comments && !record.deleted)?;
    let lang = scene.lang();
    let ago = |micros: i64| {
        let stamp = fmt::stamp_ago(micros, now_micros(), lang, &scene.app().zone);
        if stamp.ago.is_empty() { stamp.text } else { stamp.ago }
    };
    if talk.closed_at_micros != 0 {
        return Some(lang.t1("state-closed", "when", ago(talk.closed_at_micros)));
    }
    let status = module.status_field().map(|f| raw(value_of(record, &f.name))).unwrap_or_default();
    let awaits = !status.is_empty() && status == module.definition.awaiting_value;
    if scene.console() {
        return match talk.waiting_since_micros {
            0 if awaits => Some(lang.t1("state-awaiting-customer", "when", ago(talk.last_activity_at_micros))),
            0 => None,
            since => Some(lang.t1("state-customer-waits", "when", ago(since))),
        };
    }
    let owner = raw(value_of(record, &module.definition.owner_field));
    let owner = record.titles.get(&owner).filter(|name| !name.is_empty());
    let last = ago(talk.last_activity_at_micros);
    Some(match (awaits, talk.last_word.as_str(), owner) {
        (true, ..) => lang.t("state-awaiting-you"),
        (false, "support", Some(owner)) => lang.t2("state-answered-by", "name", owner.as_str(), "when", last),
        (false, "support", None) => lang.t1("state-answered", "when", last),
        (false, _, Some(owner)) => lang.t1("state-in-hands", "name", owner.as_str()),
        (false, _, None) => lang.t("state-received"),
    })
}
