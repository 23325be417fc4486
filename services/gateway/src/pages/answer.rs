//! What handlers of pages answer: a response, or an error on its way to a page.

use crate::http::problem::{retry_after, status_of};
use axum::response::{IntoResponse, Response};
use gateway_ui::vm::ErrorKind;
use http::StatusCode;
use kernel::Error;
use std::sync::Arc;

/// What every handler of a page answers.
pub(crate) type Answer = Result<Response, Fault>;

/// Seconds after which somebody may try again.
pub(crate) const WAIT: u32 = 5;

/// An error on its way to a page.
#[derive(Clone)]
pub(crate) struct Fault(pub(crate) Arc<Error>);

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        Fault(Arc::new(error))
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Which page an error has, and its status.
pub(crate) fn kind_of(error: &Error) -> (ErrorKind, StatusCode) {
    let status = status_of(error);
    let why = error.facts.get("why").map(String::as_str).filter(|_| error.reason == "csrf_failed");
    let kind = match status.as_u16() {
        403 if why == Some("elsewhere") => ErrorKind::Elsewhere,
        403 if why == Some("no_origin") => ErrorKind::NoOrigin,
        403 if why.is_some() => ErrorKind::FormStale,
        401 | 403 => ErrorKind::Forbidden,
        404 => ErrorKind::NotFound,
        408 => ErrorKind::TooSlow,
        409 | 412 | 428 => ErrorKind::Conflict,
        410 => ErrorKind::Gone,
        413 => ErrorKind::TooLarge,
        429 => ErrorKind::TooManyRequests(wait_of(error)),
        503 => ErrorKind::Unavailable(wait_of(error)),
        500.. => ErrorKind::Internal,
        _ => ErrorKind::BadRequest,
    };
    // Preconditions are the API's words; a page speaks of a conflict.
    let status = if kind == ErrorKind::Conflict { StatusCode::CONFLICT } else { status };
    (kind, status)
}

/// Seconds that a service asked to wait.
pub(crate) fn wait_of(error: &Error) -> u32 {
    retry_after(error).unwrap_or(WAIT)
}
