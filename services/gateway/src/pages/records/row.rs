//! A record in a short list, and where another one is made.

use crate::{
    http::clock::now_micros,
    pages::{
        module::{Module, title_of},
        scene::Scene,
    },
};
use gateway_ui::{fmt, vm::WidgetRow};
use proto::records::v1::Record;

/// A record in a short list.
pub(crate) fn row(scene: &Scene, module: Module<'_>, record: &Record) -> WidgetRow {
    let talk = record.conversation.as_ref();
    let at = talk.map_or(record.modified_at_micros, |talk| talk.last_activity_at_micros);
    WidgetRow {
        detail: String::new(),
        unread: talk.is_some_and(|talk| talk.unread),
        number: record.number.clone(),
        title: title_of(record),
        url: scene.ask.record_url(module.name(), &record.id),
        status: scene.status(module, record),
        at: (at != 0).then(|| fmt::stamp_ago(at, now_micros(), scene.lang(), &scene.app().zone)),
    }
}

/// The form for a new record.
pub(crate) fn create_url(scene: &Scene, module: Module<'_>) -> String {
    format!("{}/new", scene.ask.list_url(module.name()))
}
