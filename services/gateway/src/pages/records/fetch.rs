//! A record as its pages need it.

use crate::{
    backend::records,
    pages::{
        ask::{Ask, Posted},
        module::Module,
        scene::Scene,
    },
};
use kernel::Error;
use proto::records::v1::{GetRecordRequest, GetRecordResponse, Record};

/// Entries of one part of a history.
const HISTORY: i32 = 20;

/// A record; agents see deleted ones too.
pub(crate) async fn get(ask: &Ask, module: &str, id: &str) -> Result<Record, Error> {
    records::get(&ask.app, module, id, ask.look.console()).await
}

/// Which parts a page shows of what has an end and a beginning: those below a version, 0 for the newest.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Parts {
    pub(crate) history: i64,
    pub(crate) comments: i64,
}

impl Parts {
    /// As the page's address says.
    pub(crate) fn of(query: &str) -> Parts {
        let query = Posted::parse(query);
        let version = |name: &str| query.get(name).and_then(|v| v.parse().ok()).unwrap_or(0).max(0);
        Parts { history: version("before"), comments: version("earlier") }
    }
}

/// A record with a part of its conversation and of its history, as far as the viewer sees them, in one call.
pub(crate) async fn whole(ask: &Ask, module: &str, id: &str, parts: Parts) -> Result<GetRecordResponse, Error> {
    let request = GetRecordRequest {
        module: module.to_owned(),
        id: id.to_owned(),
        with_deleted: ask.look.console(),
        with_comments: true,
        history_limit: HISTORY,
        before_version: parts.history,
        comments_before_version: parts.comments,
    };
    records::whole(&ask.app, request).await
}

pub(crate) fn edit_url(scene: &Scene, module: Module<'_>, record: &Record) -> String {
    format!("{}/edit", scene.ask.record_url(module.name(), &record.id))
}
