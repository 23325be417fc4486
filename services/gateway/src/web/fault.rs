//! What went wrong, as a page. Handlers answer errors; one layer turns them into pages, so that every page looks the same
//! and none is forgotten.

use crate::{
    app::App,
    guard::{Asked, Form},
    kept::{self, Kept},
    problem::{retry_after, status_of},
    sessions::Surface,
    web::{
        ask::{Ask, Look, forget_flash, preference},
        detour,
        scene::Scene,
        sign_in::with_next,
    },
};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use gateway_ui::{
    Lang, Template, refill, texts,
    vm::{Chrome, ErrorKind, ErrorPage},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use kernel::{Code, Error};
use std::{sync::Arc, time::Duration};

/// What every handler of a page answers.
pub(crate) type Answer = Result<Response, Fault>;

/// How long the menu of an error page may take.
const MENU: Duration = Duration::from_millis(500);
/// Seconds after which somebody may try again.
const WAIT: u32 = 5;

/// An error on its way to a page.
#[derive(Clone)]
pub(crate) struct Fault(Arc<Error>);

impl From<Error> for Fault {
    fn from(error: Error) -> Fault {
        Fault(Arc::new(error))
    }
}

impl From<tonic::Status> for Fault {
    fn from(status: tonic::Status) -> Fault {
        Fault::from(runtime::error_of(status))
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The layer around every page: language and theme links, the message after a redirect, errors, and what was typed before
/// a detour.
pub(crate) async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let asked = Asked::of(&parts);
    let form = parts.extensions.get::<Arc<Form>>().cloned();
    let mut ask = match Ask::of(&app, &parts) {
        Ok(ask) => ask,
        Err(error) => return Fault::from(error).into_response(),
    };
    if asked.method == Method::GET {
        if let Some(response) = preference(&app, &ask.look) {
            return response;
        }
        let session = ask.admitted.session.as_ref();
        // Without it the page is still the page.
        ask.kept = kept::find(&app, &asked.headers, &ask.look.path, session).await.unwrap_or_default().map(Arc::new);
        if let Some(kept) = &ask.kept {
            parts.extensions.insert(Arc::clone(kept));
        }
    }
    let response = next.run(Request::from_parts(parts, body)).await;
    let mut response = face(&app, &ask, &asked, form.as_deref(), response).await;
    if let Some(kept) = ask.kept.filter(|_| response.status() == StatusCode::OK) {
        response = filled(response, &kept, ask.look.lang).await;
    }
    hide_address(&ask.look, &mut response);
    response
}

/// The page with what was typed before.
async fn filled(response: Response, kept: &Kept, lang: Lang) -> Response {
    let is_page = response.headers().get(header::CONTENT_TYPE).is_some_and(|v| v.as_bytes().starts_with(b"text/html"));
    if !is_page {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = axum::body::to_bytes(body, usize::MAX).await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let html = String::from_utf8_lossy(&bytes);
    let sprite = (!kept.quietly()).then(|| crate::assets::url("icons.svg"));
    let html = refill(&html, &kept.action, &kept.typed, lang, sprite.as_deref());
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, axum::body::Body::from(html))
}

/// Pages whose address holds a token.
const TOKEN_PAGES: [&str; 3] = ["/invitation", "/reset", "/confirm-login"];

/// Whether the address of a page holds a token.
pub(crate) fn shows_token(path: &str) -> bool {
    let front = path.strip_prefix("/console").unwrap_or(path);
    TOKEN_PAGES.contains(&front) || front.starts_with("/link/")
}

/// An address that holds a token: no other page may learn it.
pub(super) fn hide_address(look: &Look, response: &mut Response) {
    if shows_token(&look.path) {
        response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    }
}

async fn face(app: &App, ask: &Ask, asked: &Asked, form: Option<&Form>, mut response: Response) -> Response {
    if let Some(Fault(error)) = response.extensions_mut().remove::<Fault>() {
        return answer(ask, asked, form, &error).await;
    }
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        return bare(app, &ask.look, ErrorKind::BadRequest, StatusCode::METHOD_NOT_ALLOWED, None, None);
    }
    if form.is_some() && response.status().is_redirection() {
        kept::forget(app, &asked.headers, &ask.look.path, &mut response);
    }
    forget_flash(&ask.look, app, &mut response);
    response
}

/// The page of an error that a handler answered.
async fn answer(ask: &Ask, asked: &Asked, form: Option<&Form>, error: &Error) -> Response {
    if error.code == Code::Internal {
        tracing::error!(event = "request.failed", error = %error, "a page failed");
    }
    let look = &ask.look;
    if error.code == Code::Unauthenticated {
        if look.background {
            return StatusCode::UNAUTHORIZED.into_response();
        }
        return detour::lead(ask, asked, form, |next| with_next(look.sign_in_url(), next, look.home_url())).await;
    }
    if error.reason == "step_up_required" && !look.background {
        return detour::lead(ask, asked, form, |next| with_next(ask.url("/step-up"), next, "")).await;
    }
    let (kind, status) = kind_of(error);
    if look.background {
        return status.into_response();
    }
    // The menu helps to go on where the services answer; where they don't, the page stands without it.
    let chrome = match (kind, &ask.admitted.session) {
        (ErrorKind::Unavailable(_) | ErrorKind::Internal, _) | (_, None) => {
            look.chrome(&ask.app, &ask.admitted.csrf_token)
        }
        (_, Some(_)) => match tokio::time::timeout(MENU, Scene::open(ask)).await {
            Ok(Ok(scene)) => scene.chrome(),
            _ => look.chrome(&ask.app, &ask.admitted.csrf_token),
        },
    };
    page(chrome, kind, status, back(look), form)
}

/// Where "go back" leads after a refused form: to the page that it stands on, as far as its address tells.
pub(super) fn back(look: &Look) -> Option<String> {
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
pub(crate) fn said(app: &App, asked: &Asked, kind: ErrorKind, status: StatusCode) -> Response {
    let path = asked.uri.path();
    let surface = if path == "/console" || path.starts_with("/console/") { Surface::Console } else { Surface::Portal };
    let look = Look::of(app, surface, asked.method.clone(), &asked.uri, &asked.headers, "");
    let mut response = bare(app, &look, kind, status, back(&look), None);
    hide_address(&look, &mut response);
    response
}

/// An error page that needs nobody and nothing, but what was typed.
pub(super) fn bare(
    app: &App,
    look: &Look,
    kind: ErrorKind,
    status: StatusCode,
    back: Option<String>,
    form: Option<&Form>,
) -> Response {
    page(look.chrome(app, ""), kind, status, back, form)
}

fn page(
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

/// Which page an error has, and its status.
pub(super) fn kind_of(error: &Error) -> (ErrorKind, StatusCode) {
    let status = status_of(error);
    let why = error.facts.get("why").map(String::as_str).filter(|_| error.reason == "csrf_failed");
    let kind = match status.as_u16() {
        403 if why == Some("elsewhere") => ErrorKind::Elsewhere,
        403 if why == Some("no_origin") => ErrorKind::NoOrigin,
        403 if why.is_some() => ErrorKind::FormStale,
        401 | 403 => ErrorKind::Forbidden,
        404 => ErrorKind::NotFound,
        408 => ErrorKind::TooSlow,
        409 | 412 | 428 => ErrorKind::Conflict,
        410 => ErrorKind::Gone,
        413 => ErrorKind::TooLarge,
        429 => ErrorKind::TooManyRequests(wait_of(error)),
        503 => ErrorKind::Unavailable(wait_of(error)),
        500.. => ErrorKind::Internal,
        _ => ErrorKind::BadRequest,
    };
    // Preconditions are the API's words; a page speaks of a conflict.
    let status = if kind == ErrorKind::Conflict { StatusCode::CONFLICT } else { status };
    (kind, status)
}

/// Seconds that a service asked to wait.
pub(crate) fn wait_of(error: &Error) -> u32 {
    retry_after(error).unwrap_or(WAIT)
}
