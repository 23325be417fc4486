//! The page of an error, with nothing around it that a service would have to tell.

use crate::{
    http::{
        app::App,
        request::{Asked, Form},
        sessions::Surface,
    },
    pages::{answer::WAIT, ask::Look},
};
use axum::response::{Html, IntoResponse, Response};
use gateway_ui::{
    Template, texts,
    vm::{Chrome, ErrorKind, ErrorPage},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

/// Pages whose address holds a token.
const TOKEN_PAGES: [&str; 3] = ["/invitation", "/reset", "/confirm-login"];

/// Whether the address of a page holds a token.
pub(crate) fn shows_token(path: &str) -> bool {
    let front = path.strip_prefix("/console").unwrap_or(path);
    TOKEN_PAGES.contains(&front) || front.starts_with("/link/")
}

/// An address that holds a token: no other page may learn it.
pub(crate) fn hide_address(look: &Look, response: &mut Response) {
    if shows_token(&look.path) {
        response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    }
}

/// Where "go back" leads after a refused form: to the page that it stands on, as far as its address tells.
pub(crate) fn back(look: &Look) -> Option<String> {
    if look.method == Method::GET {
        return None;
    }
    let (parent, last) = look.path.rsplit_once('/')?;
    match last {
        "edit" | "new" | "comments" | "delete" | "restore" => Some(parent.to_owned()),
        "sign-in" | "invitation" | "locked-users" => Some(look.path.clone()),
        _ => look.referer.clone(),
    }
}

/// An address that nothing is at.
pub(crate) fn nothing_here(app: &App, method: Method, uri: &http::Uri, headers: &HeaderMap) -> Response {
    let console = uri.path().starts_with("/console/");
    let surface = if console { Surface::Console } else { Surface::Portal };
    let look = Look::of(app, surface, method, uri, headers, "");
    bare(app, &look, ErrorKind::NotFound, StatusCode::NOT_FOUND, None, None)
}

/// The page of what a layer below the handlers refused without a word.
pub(crate) fn wordless(app: &App, asked: &Asked, status: StatusCode) -> Response {
    let kind = match status {
        StatusCode::REQUEST_TIMEOUT => ErrorKind::TooSlow,
        StatusCode::PAYLOAD_TOO_LARGE => ErrorKind::TooLarge,
        StatusCode::SERVICE_UNAVAILABLE => ErrorKind::Unavailable(WAIT),
        _ => ErrorKind::BadRequest,
    };
    let path = asked.uri.path();
    let surface = if path == "/console" || path.starts_with("/console/") { Surface::Console } else { Surface::Portal };
    let look = Look::of(app, surface, asked.method.clone(), &asked.uri, &asked.headers, "");
    let mut response = bare(app, &look, kind, status, back(&look), None);
    hide_address(&look, &mut response);
    response
}

/// An error page that needs nobody and nothing, but what was typed.
pub(crate) fn bare(
    app: &App,
    look: &Look,
    kind: ErrorKind,
    status: StatusCode,
    back: Option<String>,
    form: Option<&Form>,
) -> Response {
    page(look.chrome(app, ""), kind, status, back, form)
}

pub(crate) fn page(
    chrome: Chrome,
    kind: ErrorKind,
    status: StatusCode,
    back_url: Option<String>,
    form: Option<&Form>,
) -> Response {
    let chrome = Chrome { flash: None, ..chrome };
    let typed = form.map(|form| texts(&form.keepable())).unwrap_or_default();
    let html = ErrorPage { chrome, kind, back_url, typed }.render().unwrap_or_default();
    let mut response = (status, Html(html)).into_response();
    if let ErrorKind::Unavailable(seconds) | ErrorKind::TooManyRequests(seconds) = kind {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
