//! `kernel::Error` → RFC 9457 `application/problem+json`.

use crate::http::current;
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use kernel::{Code, Error};
use serde::Serialize;
use utoipa::ToSchema;

/// A problem, as clients get it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody {
    /// `about:blank`, or a page that explains the code.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// Short and the same for every problem of the code.
    pub(crate) title: String,
    /// HTTP status.
    pub(crate) status: u16,
    /// What is wrong this time, in English.
    pub(crate) detail: String,
    /// The path that was asked for.
    pub(crate) instance: String,
    /// Stable, snake_case.
    pub(crate) code: String,
    /// The request's trace: tell it to support.
    pub(crate) trace_id: String,
    /// Bad fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) errors: Vec<ProblemField>,
    /// Further facts, for example the two versions of a conflict.
    #[serde(flatten)]
    pub(crate) facts: std::collections::BTreeMap<String, String>,
}

/// One bad field.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProblemField {
    /// As the caller named it.
    pub(crate) field: String,
    /// Stable, snake_case.
    pub(crate) code: String,
    /// In English.
    pub(crate) message: String,
}

/// An error on its way to a client.
#[derive(Debug)]
pub(crate) struct Problem(pub(crate) Error);

impl From<Error> for Problem {
    fn from(error: Error) -> Problem {
        Problem(error)
    }
}

/// The HTTP status of an error.
pub(crate) fn status_of(error: &Error) -> StatusCode {
    match (error.code, &*error.reason) {
        (Code::Invalid, "malformed") => StatusCode::BAD_REQUEST,
        (Code::Invalid, reason) if reason.ends_with("_unusable") => StatusCode::BAD_REQUEST,
        (Code::Invalid, "method_not_allowed") => StatusCode::METHOD_NOT_ALLOWED,
        (Code::Invalid, "unsupported_media_type") => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        (Code::Invalid, "headers_too_large") => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
        (Code::Invalid, "body_too_slow") => StatusCode::REQUEST_TIMEOUT,
        (Code::Invalid, "too_large" | "event_too_large") => StatusCode::PAYLOAD_TOO_LARGE,
        (Code::Invalid, _) => StatusCode::UNPROCESSABLE_ENTITY,
        (Code::Unauthenticated, _) => StatusCode::UNAUTHORIZED,
        (Code::Forbidden, _) => StatusCode::FORBIDDEN,
        (Code::NotFound, _) => StatusCode::NOT_FOUND,
        (Code::Conflict, _) => StatusCode::CONFLICT,
        (Code::Precondition, "if_match_required") => StatusCode::PRECONDITION_REQUIRED,
        (Code::Precondition, "support_not_started" | "support_ended") => StatusCode::FORBIDDEN,
        (Code::Precondition, "stale_version") => StatusCode::PRECONDITION_FAILED,
        (Code::Precondition, _) => StatusCode::CONFLICT,
        (Code::RateLimited, _) => StatusCode::TOO_MANY_REQUESTS,
        (Code::Timeout | Code::Unavailable, _) => StatusCode::SERVICE_UNAVAILABLE,
        (Code::Internal, _) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let error = self.0;
        let status = status_of(&error);
        if error.code == Code::Internal {
            tracing::error!(event = "request.failed", error = %error, "a request failed");
        }
        let wait = retry_after(&error).unwrap_or(2);
        // Gone for good by the observing layer, which knows the path.
        let body = ProblemBody {
            kind: "about:blank".into(),
            title: title(status).into(),
            status: status.as_u16(),
            detail: error.public,
            instance: current::path(),
            code: error.reason.into_owned(),
            trace_id: current::trace(),
            errors: error
                .fields
                .into_iter()
                .map(|f| ProblemField { field: f.field, code: f.code.into_owned(), message: f.message })
                .collect(),
            facts: error.facts.into_iter().collect(),
        };
        let mut response = (status, Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(wait));
        }
        response
    }
}

/// Seconds that a service asked to wait, at least one; None when it named none.
pub(crate) fn retry_after(error: &Error) -> Option<u32> {
    error.facts.get("retry_after_seconds").and_then(|s| s.parse().ok()).map(|seconds: u32| seconds.max(1))
}

/// Answers of the layers below handlers (a body that is too large, a path that is no text, a wrong method) as problems.
pub(crate) fn as_problem(response: Response) -> Response {
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    if status.as_u16() < 400 || kind.starts_with(b"application/") {
        return response;
    }
    let (code, reason, public) = match status {
        StatusCode::BAD_REQUEST => (Code::Invalid, "malformed", "The request does not fit."),
        StatusCode::PAYLOAD_TOO_LARGE => (Code::Invalid, "too_large", "A body has at most 256 KiB."),
        StatusCode::METHOD_NOT_ALLOWED => (Code::Invalid, "method_not_allowed", "This can't be done here."),
        StatusCode::NOT_FOUND => (Code::NotFound, "not_found", "There is nothing here that you can see."),
        StatusCode::SERVICE_UNAVAILABLE => (Code::Timeout, "timeout", "This took too long. Please try again."),
        _ => return response,
    };
    let allow = response.headers().get(header::ALLOW).cloned();
    let mut problem = Problem(Error::new(code, reason, public)).into_response();
    if let Some(allow) = allow {
        problem.headers_mut().insert(header::ALLOW, allow);
    }
    problem
}

fn title(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "The request is malformed",
        401 => "Not signed in",
        403 => "Not allowed",
        404 => "Not found",
        405 => "Not allowed here",
        408 => "Too slow",
        409 => "Conflict",
        412 => "Changed meanwhile",
        413 => "Too large",
        415 => "Unsupported media type",
        422 => "Not right",
        428 => "If-Match is missing",
        431 => "Headers too large",
        429 => "Too many requests",
        503 => "Temporarily unavailable",
        _ => "Failure",
    }
}
