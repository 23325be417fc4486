//! The bundled scripts, styles and icons: built by `services/gateway/web/build.mjs`, embedded, hashed names, kept for ever.

use crate::http::app::App;
use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{HeaderMap, StatusCode, header};
use rust_embed::RustEmbed;
use std::{collections::HashMap, sync::LazyLock};

#[derive(RustEmbed)]
#[folder = "web/dist/"]
struct Dist;

static MANIFEST: LazyLock<HashMap<String, String>> =
    LazyLock::new(|| Dist::get("manifest.json").and_then(|f| serde_json::from_slice(&f.data).ok()).unwrap_or_default());

/// The address of an asset by its plain name.
pub(crate) fn url(name: &str) -> String {
    format!("/assets/{}", MANIFEST.get(name).map_or(name, String::as_str))
}

pub(crate) fn router() -> Router<App> {
    Router::new().route("/assets/{name}", get(asset)).route("/favicon.ico", get(|| async { StatusCode::NO_CONTENT }))
}

async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let kind = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let brotli = headers.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains("br"));
    let packed = if brotli { Dist::get(&format!("{name}.br")) } else { None };
    let mut common = HeaderMap::new();
    common.insert(header::CONTENT_TYPE, kind.parse().expect("a plain header"));
    common.insert(header::CACHE_CONTROL, "public, max-age=31536000, immutable".parse().expect("a plain header"));
    common.insert(header::VARY, "Accept-Encoding".parse().expect("a plain header"));
    if let Some(file) = packed {
        common.insert(header::CONTENT_ENCODING, "br".parse().expect("a plain header"));
        return (common, file.data.into_owned()).into_response();
    }
    match Dist::get(&name) {
        Some(file) => (common, file.data.into_owned()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
