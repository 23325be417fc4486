//! JSON bodies, with errors that name what is wrong.
//!
//! One rule for all of them: UTF-8 without a byte order mark, one value and nothing after it, at most 32 levels deep, no
//! key twice, whole numbers of 64 bits and no number that a double can't hold as it was written. What breaks it, and what
//! does not fit the type behind, is refused with the path of the place.

mod strict;
mod typed;

use crate::http::{group::MAX_BODY, problem::Problem};
use axum::{
    body::{Bytes, to_bytes},
    extract::{FromRequest, Request},
};
use http::{HeaderMap, header};
use kernel::{Code, Error};
use serde::de::DeserializeOwned;

/// A JSON body. Unknown fields are refused by the types themselves (`deny_unknown_fields`).
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Body<T>, Problem> {
        if !is_json(request.headers()) {
            return Err(Error::new(Code::Invalid, "unsupported_media_type", "Please send application/json.").into());
        }
        Ok(Body(read(&whole(request).await?)?))
    }
}

/// What a body says, as a type.
pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error> {
    typed::of(strict::value(bytes)?)
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}

async fn whole(request: Request) -> Result<Bytes, Error> {
    let large = |_| Error::new(Code::Invalid, "too_large", "A body has at most 256 KiB.");
    to_bytes(request.into_body(), MAX_BODY).await.map_err(large)
}

/// No body, or an empty object: anything else would be silently ignored.
pub(crate) struct NoBody;

impl<S: Sync> FromRequest<S> for NoBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<NoBody, Problem> {
        let json = is_json(request.headers());
        let bytes = whole(request).await?;
        match bytes.trim_ascii() {
            b"" => return Ok(NoBody),
            _ if !json => {
                let sentence = "There is nothing to send here but an empty object, as application/json.";
                return Err(Error::new(Code::Invalid, "unsupported_media_type", sentence).into());
            }
            _ => {}
        }
        match strict::value(&bytes)? {
            serde_json::Value::Object(fields) => match fields.into_iter().next() {
                None => Ok(NoBody),
                Some((name, _)) => {
                    Err(Error::invalid_field(name, "unknown_field", "There is nothing to send here.").into())
                }
            },
            _ => Err(Error::invalid_field("body", "wrong_type", "There is nothing to send here.").into()),
        }
    }
}
