//! The JSON Schemas of events, at the addresses that `ce-dataschema` names. Public and the same for everybody: they say
//! what an event looks like, not what happened.

use crate::http::app::App;
use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};

pub(crate) fn router() -> Router<App> {
    Router::new().route("/schemas/events/{name}/{file}", get(schema))
}

async fn schema(Path((name, file)): Path<(String, String)>) -> Response {
    let stored = file.strip_suffix(".json").map(|version| format!("{name}.{version}"));
    let Some(event) = stored.and_then(|s| proto::event::event_type(&s)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/schema+json"));
    // Within a version fields are added, with a new version of the program.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    (headers, event.schema).into_response()
}

#[cfg(test)]
mod tests;
