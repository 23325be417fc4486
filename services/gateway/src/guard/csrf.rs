//! State-changing requests: only from our own pages, or from programs that no foreign page can speak for.

use super::Admitted;
use crate::{app::App, web::shows_token};
use axum::{
    body::{Body, to_bytes},
    extract::Request,
};
use http::{HeaderMap, header};
use kernel::{Code, Error};
use ring::hmac;

const MAX_FORM: usize = 256 * 1024;
/// Most bytes of a login: it is read before anybody is known.
const MAX_LOGIN: usize = 4 * 1024;
const LOGINS: [&str; 3] = ["/sign-in", "/console/sign-in", "/api/v1/auth/login"];

/// Origin, content type and token of a state-changing request. Answers the request, its body still to be read.
pub(super) async fn check(app: &App, request: Request, admitted: &mut Admitted) -> Result<Request, Error> {
    let path = request.uri().path().to_owned();
    let is_api = path.starts_with("/api/");
    let headers = request.headers().clone();
    let kind = text(&headers, header::CONTENT_TYPE.as_str());
    let is_form = kind.starts_with("application/x-www-form-urlencoded");
    if !admitted.is_program() {
        check_origin(app, &headers, &path, is_api)?;
    }
    let request = if LOGINS.contains(&path.as_str()) { short(request).await? } else { request };
    if is_api {
        // Who is asked before what.
        if admitted.session.is_none() && !crate::api::is_open(request.method().as_str(), &path) {
            return Err(Error::new(Code::Unauthenticated, "unauthenticated", "Please sign in."));
        }
        if is_form || kind.starts_with("text/plain") {
            return Err(Error::new(Code::Invalid, "unsupported_media_type", "Please send application/json."));
        }
        // A login carries no session yet: there is nothing to ride on, and a page of another origin can't send JSON.
        let needs_token = admitted.session.is_some() && !admitted.is_program();
        if needs_token && !same(text(&headers, "x-csrf-token"), &admitted.csrf_token) {
            return Err(refused("no token in X-CSRF-Token"));
        }
        return Ok(request);
    }
    if !is_form {
        return Err(Error::new(Code::Invalid, "unsupported_media_type", "Please send a form."));
    }
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, MAX_FORM).await.map_err(|_| too_large("This form is too large."))?;
    let pairs = gateway_ui::query::pairs(std::str::from_utf8(&bytes).unwrap_or_default());
    let field = |name: &str| pairs.iter().rev().find(|(k, _)| k == name).map(|(_, v)| v.clone()).unwrap_or_default();
    if !same(&field("csrf_token"), &admitted.csrf_token) {
        return Err(refused("no token in the form"));
    }
    admitted.idempotency_key = field("form_id");
    if admitted.idempotency_key.is_empty() {
        return Err(refused("no id in the form"));
    }
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

fn check_origin(app: &App, headers: &HeaderMap, path: &str, is_api: bool) -> Result<(), Error> {
    let origin = text(headers, header::ORIGIN.as_str());
    match (text(headers, "sec-fetch-site"), origin) {
        ("same-origin" | "none", _) => Ok(()),
        // No browser: forms come from browsers only, which say where they were. A program's call carries JSON, and of a
        // live session the token in a header; a foreign page can send neither without being asked first.
        ("", "") if is_api => Ok(()),
        // A page whose address holds a token sends no referrer, and with it no origin; the form's token must do.
        ("", "null") if shows_token(path) => Ok(()),
        ("", o) if own_origin(app, headers, o) => Ok(()),
        _ => Err(refused("another origin")),
    }
}

/// The configured origin, or, on loopback, whichever of its names the browser used.
fn own_origin(app: &App, headers: &HeaderMap, origin: &str) -> bool {
    let Some((scheme, host)) = origin.split_once("://") else { return false };
    if origin == app.config.portal_url {
        return true;
    }
    let local = |h: &str| {
        let name = h.rsplit_once(':').map_or(h, |(n, _)| n);
        name == "localhost" || name == "127.0.0.1"
    };
    scheme == "http" && !app.secure && local(host) && host == text(headers, header::HOST.as_str())
}

/// The request, if its body is as short as a login is.
async fn short(request: Request) -> Result<Request, Error> {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, MAX_LOGIN).await.map_err(|_| too_large("A login has at most 4 KiB."))?;
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

fn too_large(sentence: &str) -> Error {
    Error::new(Code::Invalid, "too_large", sentence)
}

fn refused(why: &'static str) -> Error {
    tracing::debug!(event = "csrf.refused", why, "a request was refused");
    Error::new(Code::Forbidden, "csrf_failed", "This request did not come from one of our pages. Please reload.")
}

/// A header as text; empty when there is none.
pub(super) fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
}

fn same(a: &str, b: &str) -> bool {
    // Compares MACs of both, so that the time says nothing about where they differ.
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"compare");
    hmac::verify(&key, a.as_bytes(), hmac::sign(&key, b.as_bytes()).as_ref()).is_ok()
}
