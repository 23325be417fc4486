//! Slow and numerous clients: how long a request may take to arrive.

use kernel::{Code, Error};

/// A body that did not come in time, as an error of reading it.
#[derive(Debug, thiserror::Error)]
#[error("the body did not come in time")]
pub(crate) struct TooSlow;

/// Whether a body could not be read because it came too slowly.
pub(crate) fn too_slow(error: &axum::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(at) = cause {
        if at.is::<TooSlow>() {
            return true;
        }
        cause = at.source();
    }
    false
}

/// The refusal of a body that came too slowly.
pub(crate) fn body_too_slow() -> Error {
    Error::new(Code::Invalid, "body_too_slow", "The body of the request did not come in time. Please send it again.")
}
