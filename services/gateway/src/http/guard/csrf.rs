//! State-changing requests: only from our own pages, or from programs that no foreign page can speak for.

use crate::http::{
    app::App,
    kept, limits,
    request::{Admitted, Form},
};
use axum::{
    body::{Body, to_bytes},
    extract::Request,
};
use http::{HeaderMap, header};
use kernel::{Code, Error};
use ring::hmac;

/// Most bytes of a login: it is read before anybody is known.
const MAX_LOGIN: usize = 4 * 1024;

/// Origin, content type and token of a state-changing call of the API. Answers the request, its body still to be read.
pub(super) async fn check_call(app: &App, request: Request, admitted: &Admitted) -> Result<Request, Error> {
    let path = request.uri().path().to_owned();
    let headers = request.headers().clone();
    let kind = text(&headers, header::CONTENT_TYPE.as_str());
    if !admitted.is_program() {
        check_origin(app, &headers, &path)?;
    }
    let request = if path == "/api/v1/auth/login" { short(request).await? } else { request };
    // Who is asked before what.
    if admitted.session.is_none() && !(app.above.is_open)(request.method().as_str(), &path) {
        return Err(Error::new(Code::Unauthenticated, "unauthenticated", "Please sign in."));
    }
    if kind.starts_with("application/x-www-form-urlencoded") || kind.starts_with("text/plain") {
        return Err(Error::new(Code::Invalid, "unsupported_media_type", "Please send application/json."));
    }
    // A login carries no session yet: there is nothing to ride on, and a page of another origin can't send JSON.
    let needs_token = admitted.session.is_some() && !admitted.is_program();
    if needs_token && !same(kept::mac_in(text(&headers, "x-csrf-token")), kept::mac_in(&admitted.csrf_token)) {
        let sentence = "X-CSRF-Token is missing, or it is not the token of this session.";
        return Err(refused("no_token", sentence));
    }
    Ok(request)
}

/// Whether a form carries the token of this session, or of this browser where there is none yet, and its own id.
pub(super) fn fits(app: &App, form: &Form, admitted: &Admitted, path: &str) -> bool {
    let token = form.text("csrf_token");
    let own = same(kept::mac_in(token), kept::mac_in(&admitted.csrf_token));
    // Whoever wants to leave in a tab from before the last sign-in is still the same person, and wants to leave.
    let leaves = path.strip_prefix("/console").unwrap_or(path) == "/sign-out"
        && admitted.session.as_ref().is_some_and(|s| kept::owner_in(app, token) == Some(kept::owner_of(app, s)));
    (own || leaves) && !form.text("form_id").is_empty()
}

/// Whether a request comes from our own pages, as far as browsers say.
pub(super) fn check_origin(app: &App, headers: &HeaderMap, path: &str) -> Result<(), Error> {
    let origin = text(headers, header::ORIGIN.as_str());
    match (text(headers, "sec-fetch-site"), origin) {
        ("same-origin" | "none", _) => Ok(()),
        // No browser: forms come from browsers only. A program's call carries JSON, and of a live session the token in a
        // header; a foreign page can send neither without being asked first.
        ("", "") if path.starts_with("/api/") => Ok(()),
        // Text browsers send neither. A page of ours as the referrer does for them, beside the token: a browser that shows
        // foreign pages names its origin, and what such a page can do about the referrer is to leave it out.
        ("", "") => match text(headers, header::REFERER.as_str()) {
            "" => Err(refused("no_origin", "Your browser doesn't say which page this form is from.")),
            page if own_origin(app, headers, origin_of(page)) => Ok(()),
            _ => Err(refused("elsewhere", "This form is from a page of another site.")),
        },
        // A page whose address holds a token sends no referrer, and with it no origin; the form's token must do.
        ("", "null") if app.above.faces.shows_token(path) => Ok(()),
        ("", o) if own_origin(app, headers, o) => Ok(()),
        _ => Err(refused("elsewhere", "This request comes from a page of another site.")),
    }
}

/// Scheme and host of an address.
fn origin_of(address: &str) -> &str {
    let host = address.find("://").map_or(0, |at| at + 3);
    address[host..].find(['/', '?', '#']).map_or(address, |end| &address[..host + end])
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
    let bytes = to_bytes(body, MAX_LOGIN).await.map_err(|error| unreadable(&error, "A login has at most 4 KiB."))?;
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

/// A body that could not be read: too large, or it came too slowly.
pub(super) fn unreadable(error: &axum::Error, too_large: &str) -> Error {
    if limits::too_slow(error) {
        return limits::body_too_slow();
    }
    Error::new(Code::Invalid, "too_large", too_large.to_owned())
}

fn refused(why: &'static str, sentence: &'static str) -> Error {
    tracing::debug!(event = "csrf.refused", why, "a request was refused");
    Error::new(Code::Forbidden, "csrf_failed", sentence).with("why", why)
}

/// A form that doesn't belong to the session it came with.
pub(super) fn stale() -> Error {
    refused("no_token", "This form doesn't belong to your session. Please reload the page.")
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
