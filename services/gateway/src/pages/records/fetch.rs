//! A record as its pages need it.

use crate::{
    backend::records,
    pages::{ask::Ask, module::Module, scene::Scene},
};
use kernel::Error;
use proto::records::v1::Record;

/// A record; agents see deleted ones too.
pub(crate) async fn get(ask: &Ask, module: &str, id: &str) -> Result<Record, Error> {
    records::get(&ask.app, module, id, ask.look.console()).await
}

pub(crate) fn edit_url(scene: &Scene, module: Module<'_>, record: &Record) -> String {
    format!("{}/edit", scene.ask.record_url(module.name(), &record.id))
}
