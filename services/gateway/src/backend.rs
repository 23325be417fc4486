//! Requests to the services, and their answers as Rust values: nothing of HTML, nothing of JSON. Pages and the API ask the
//! same questions through the same functions. Who may have an answer, the services decide.
//!
//! Only these modules, and what every request meets (`http/sessions`, `http/kept`), hold a client of a service.

pub(crate) mod access;
pub(crate) mod account;
pub(crate) mod activity;
pub(crate) mod agents;
pub(crate) mod bulk;
pub(crate) mod catalogue;
pub(crate) mod companies;
pub(crate) mod contacts;
pub(crate) mod credentials;
pub(crate) mod deliveries;
pub(crate) mod groups;
pub(crate) mod locked;
pub(crate) mod logins;
pub(crate) mod moves;
pub(crate) mod profiles;
pub(crate) mod records;
pub(crate) mod requests;
pub(crate) mod roles;
pub(crate) mod settings;
pub(crate) mod support;
pub(crate) mod tokens;

use kernel::Error;
use tonic::{Response, Status};

/// What a service answered, or why it refused.
fn answer<T>(called: Result<Response<T>, Status>) -> Result<T, Error> {
    called.map(Response::into_inner).map_err(runtime::error_of)
}
