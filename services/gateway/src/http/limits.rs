//! Slow and numerous clients: how long a request may take to arrive, how many connections there may be, and pages for what
//! the layers below the handlers refuse.

mod connections;
mod serve;
#[cfg(test)]
mod tests;

pub use serve::serve;

use crate::http::{app::App, group::Limits, problem::Problem, request::Asked};
use axum::{
    body::{Body, HttpBody},
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use http::{HeaderValue, StatusCode, header};
use http_body_util::Limited;
use kernel::{Code, Error};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::time::{Instant, timeout, timeout_at};

/// How much of a body that is too large is read away.
const SWALLOWED: usize = 16 * 1024 * 1024;

/// A body that did not come in time, as an error of reading it.
#[derive(Debug, thiserror::Error)]
#[error("the body did not come in time")]
struct TooSlow;

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

/// The layer: a request has the limits of its group, bodies have a deadline, and whatever is refused without words gets a page, or a problem from the API.
pub(crate) async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let asked = Asked::of(&parts);
    let late = Arc::new(AtomicBool::new(false));
    let limits = (app.above.group)(&asked.route).limits();
    let arrival = limits.arrival.unwrap_or(Duration::from_secs(app.config.http_body_seconds));
    let body = within(body, arrival, Arc::clone(&late));
    let mut response = bounded(limits, Request::from_parts(parts, body), next).await;
    let path = asked.uri.path();
    let (api, ours) = (path.starts_with("/api/"), !path.starts_with("/assets/") && !path.starts_with("/csp-reports"));
    if late.load(Ordering::Relaxed) && response.status().is_client_error() {
        // Whatever a handler made of a body that broke off.
        response = match api {
            true => Problem(body_too_slow()).into_response(),
            false => app.above.faces.wordless(&app, &asked, StatusCode::REQUEST_TIMEOUT),
        };
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    let status = response.status();
    if !matches!(status, StatusCode::PAYLOAD_TOO_LARGE | StatusCode::SERVICE_UNAVAILABLE | StatusCode::BAD_REQUEST) {
        return response;
    }
    let background = asked.headers.contains_key("x-portal-background");
    let wordless = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_none_or(|v| !v.as_bytes().starts_with(b"text/html") && !v.as_bytes().starts_with(b"application/"));
    if api || !ours || background || !wordless {
        return response;
    }
    app.above.faces.wordless(&app, &asked, status)
}

/// Runs a request within the limits of its group.
async fn bounded(limits: Limits, request: Request, next: Next) -> Response {
    let run = async {
        let length = request.headers().get(header::CONTENT_LENGTH);
        let length = length.and_then(|l| l.to_str().ok()).and_then(|l| l.parse::<usize>().ok()).unwrap_or_default();
        if length > limits.body {
            swallow(length, request.into_body()).await;
            return StatusCode::PAYLOAD_TOO_LARGE.into_response();
        }
        next.run(request.map(|body| Body::new(Limited::new(body, limits.body)))).await
    };
    match limits.time {
        Some(time) => timeout(time, run).await.unwrap_or_else(|_| StatusCode::SERVICE_UNAVAILABLE.into_response()),
        None => run.await,
    }
}

/// Reads away a body that says to be too large. Who answers and closes while the other side still sends makes its system
/// reset the connection, and the client may never see the refusal. What says to be larger than [`SWALLOWED`] is cut off.
async fn swallow(length: usize, body: Body) {
    if length > SWALLOWED {
        return;
    }
    let mut body = body.into_data_stream();
    // However it ends, the answer is the same.
    let _ = timeout(Duration::from_secs(2), async { while let Some(Ok(_)) = body.next().await {} }).await;
}

/// A body that breaks off when it has not come as a whole within a time.
fn within(body: Body, time: Duration, late: Arc<AtomicBool>) -> Body {
    if body.is_end_stream() {
        return body;
    }
    let deadline = Instant::now() + time;
    let parts = futures::stream::unfold(Some(body.into_data_stream()), move |state| {
        let late = Arc::clone(&late);
        async move {
            let mut data = state?;
            match timeout_at(deadline, data.next()).await {
                Ok(Some(Ok(part))) => Some((Ok(part), Some(data))),
                Ok(Some(Err(error))) => Some((Err(error), None)),
                Ok(None) => None,
                Err(_) => {
                    late.store(true, Ordering::Relaxed);
                    Some((Err(axum::Error::new(TooSlow)), None))
                }
            }
        }
    });
    Body::from_stream(parts)
}
