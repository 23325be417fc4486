//! The modules that there are for somebody.

use super::answer;
use crate::http::{app::App, views::Views};
use kernel::Error;
use proto::records::v1::{FieldDefinition, ListModulesRequest, ListModulesResponse, ModuleView};
use std::sync::Arc;

/// The modules that the caller can see, each as the caller may use it. They come over the wire only when they are not kept
/// from a caller who sees the same.
pub(crate) async fn visible(app: &App) -> Result<Views, Error> {
    let mut told = list(app, app.views.tags()).await?;
    if let Some(views) = app.views.used(&told.tag) {
        return Ok(views);
    }
    if told.modules.is_empty() {
        // Nothing is visible, or what was kept a moment ago made room for others meanwhile.
        told = list(app, Vec::new()).await?;
    }
    let views = Arc::new(told.modules);
    app.views.keep(told.tag, Arc::clone(&views));
    Ok(views)
}

/// Lists of a module can be sorted and filtered by a field: it is a column that is ready, and its whole value shows.
pub(crate) fn sorts(view: &ModuleView, field: &FieldDefinition) -> bool {
    let ready = field.promoted && !view.being_prepared.contains(&field.name);
    ready && view.access.get(&field.name).is_none_or(|a| a != "masked")
}

async fn list(app: &App, known: Vec<Vec<u8>>) -> Result<ListModulesResponse, Error> {
    answer(app.clients.records().list_modules(ListModulesRequest { known }).await)
}
