//! A form of a page as it was posted: read before anything is decided about it, so that what was typed can be kept
//! whatever is decided.

use crate::http::{
    app::App,
    group::MAX_BODY,
    guard::{before_session, csrf},
    request::Form,
};
use axum::{
    body::{Body, to_bytes},
    extract::Request,
};
use http::header;
use kernel::{Code, Error};
use std::sync::Arc;

/// Most bytes of a login: it is read before anybody is known.
const MAX_LOGIN: usize = 4 * 1024;

/// Reads a form of our own pages; of any other origin nothing is read. Answers the request with its body still to be read.
pub(super) async fn read(app: &App, request: Request) -> Result<(Request, Arc<Form>), Error> {
    let path = request.uri().path().to_owned();
    csrf::check_origin(app, request.headers(), &path)?;
    let kind = csrf::text(request.headers(), header::CONTENT_TYPE.as_str());
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return Err(Error::new(Code::Invalid, "unsupported_media_type", "Please send a form."));
    }
    let most = if before_session(&path) { MAX_LOGIN } else { MAX_BODY };
    let (mut parts, body) = request.into_parts();
    let bytes = to_bytes(body, most).await.map_err(|error| csrf::unreadable(&error, "This form is too large."))?;
    let form = Arc::new(Form(gateway_ui::query::pairs(std::str::from_utf8(&bytes).unwrap_or_default())));
    parts.extensions.insert(Arc::clone(&form));
    Ok((Request::from_parts(parts, Body::from(bytes)), form))
}
