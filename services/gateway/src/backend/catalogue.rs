//! The modules that there are for somebody.

use super::answer;
use crate::http::app::App;
use kernel::Error;
use proto::records::v1::{ListModulesRequest, ModuleView};

/// The modules that the caller can see, each as the caller may use it.
pub(crate) async fn visible(app: &App) -> Result<Vec<ModuleView>, Error> {
    Ok(answer(app.clients.records().list_modules(ListModulesRequest {}).await)?.modules)
}
