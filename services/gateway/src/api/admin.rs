//! Administration: portal access, locked users, mails, agents, profiles, settings. The services check the rights.

pub(crate) mod access;
pub(crate) mod activity;
pub(crate) mod agents;
pub(crate) mod bulk;
pub(crate) mod company;
pub(crate) mod credentials;
pub(crate) mod deliveries;
pub(crate) mod groups;
pub(crate) mod impersonate;
pub(crate) mod locked;
pub(crate) mod moves;
pub(crate) mod profiles;
pub(crate) mod roles;
pub(crate) mod settings;
pub(crate) mod tokens;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which page.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuery {
    /// 1 to 200.
    limit: Option<i32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Which page, and only what is in one state.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct StateQuery {
    /// 1 to 200.
    limit: Option<i32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// One of the states that the items have.
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
