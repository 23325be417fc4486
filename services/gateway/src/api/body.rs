//! JSON bodies and preconditions, with errors that name what is wrong.

use crate::problem::Problem;
use axum::{
    body::to_bytes,
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
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("application/json") {
            return Err(Error::new(Code::Invalid, "unsupported_media_type", "Please send application/json.").into());
        }
        let bytes = to_bytes(request.into_body(), 256 * 1024)
            .await
            .map_err(|_| Error::new(Code::Invalid, "too_large", "A body has at most 256 KiB."))?;
        let value: serde_json::Value = serde_json::from_slice(&bytes)
            .map_err(|e| Error::new(Code::Invalid, "malformed", format!("The body is no JSON: {e}.")))?;
        serde_json::from_value(value).map(Body).map_err(|e| explain(&e.to_string()).into())
    }
}

/// No body, or an empty object: anything else would be silently ignored.
pub(crate) struct NoBody;

impl<S: Sync> FromRequest<S> for NoBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<NoBody, Problem> {
        let bytes = to_bytes(request.into_body(), 64 * 1024)
            .await
            .map_err(|_| Error::new(Code::Invalid, "too_large", "There is nothing to send here."))?;
        if !matches!(bytes.trim_ascii(), b"" | b"{}") {
            return Err(Error::invalid_field("body", "unknown_field", "There is nothing to send here.").into());
        }
        Ok(NoBody)
    }
}

/// Turns serde's sentence into a field and a code.
fn explain(sentence: &str) -> Error {
    let quoted = sentence.split('`').nth(1).unwrap_or("body").to_owned();
    if sentence.starts_with("unknown field") {
        Error::invalid_field(quoted, "unknown_field", "There is no such field.")
    } else if sentence.starts_with("missing field") {
        Error::invalid_field(quoted, "required", "This field is needed.")
    } else {
        Error::invalid_field("body", "wrong_type", format!("The body does not fit: {sentence}."))
    }
}

/// The version of `If-Match`; 428 without one.
pub(crate) fn if_match(headers: &HeaderMap) -> Result<i64, Error> {
    let text = headers.get(header::IF_MATCH).and_then(|v| v.to_str().ok()).unwrap_or_default();
    if text.is_empty() {
        return Err(Error::new(
            Code::Precondition,
            "if_match_required",
            "Please send If-Match with the ETag of the version that you saw.",
        ));
    }
    text.trim_start_matches("W/")
        .trim_matches('"')
        .parse()
        .map_err(|_| Error::invalid_field("If-Match", "not_an_etag", "This is not an ETag that we gave."))
}

/// The `ETag` of a version.
pub(crate) fn etag(version: i64) -> [(http::HeaderName, String); 1] {
    [(header::ETAG, format!("\"{version}\""))]
}
