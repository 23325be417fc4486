//! Administration: portal access, locked users, mails, agents, profiles. The services check the rights.

pub(crate) mod access;
pub(crate) mod agents;
pub(crate) mod deliveries;
pub(crate) mod locked;
pub(crate) mod profiles;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which page.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuery {
    /// 1 to 200.
    limit: Option<i32>,
    cursor: Option<String>,
    /// Only for deliveries: one state.
    state: Option<String>,
}

/// The id of what was made.
#[derive(Serialize, ToSchema)]
pub(crate) struct Made {
    id: String,
}

/// Empty is null.
fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
