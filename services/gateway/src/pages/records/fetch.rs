//! A record as its pages need it.

use crate::{
    backend::records,
    pages::{ask::Ask, module::Module, scene::Scene},
};
use kernel::Error;
use proto::records::v1::{GetRecordRequest, GetRecordResponse, Record};

/// Entries of one part of a history.
const HISTORY: i32 = 20;

/// A record; agents see deleted ones too.
pub(crate) async fn get(ask: &Ask, module: &str, id: &str) -> Result<Record, Error> {
    records::get(&ask.app, module, id, ask.look.console()).await
}

/// A record with its conversation and a part of its history, as far as the viewer sees them, in one call.
pub(crate) async fn whole(ask: &Ask, module: &str, id: &str, before: i64) -> Result<GetRecordResponse, Error> {
    let request = GetRecordRequest {
        module: module.to_owned(),
        id: id.to_owned(),
        with_deleted: ask.look.console(),
        with_comments: true,
        history_limit: HISTORY,
        before_version: before.max(0),
    };
    records::whole(&ask.app, request).await
}

pub(crate) fn edit_url(scene: &Scene, module: Module<'_>, record: &Record) -> String {
    format!("{}/edit", scene.ask.record_url(module.name(), &record.id))
}
