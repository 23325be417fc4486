//! What went wrong, as a page. Handlers answer errors; one layer turns them into pages, so that every page looks the same
//! and none is forgotten.

use crate::{
    app::App,
    guard::{cookie, step_of_word},
    problem::{retry_after, status_of},
    sessions::Surface,
    web::{
        ask::{Ask, Look, forget_flash, preference, see_other},
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
    Template,
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

/// The layer around every page: language and theme links, the message after a redirect, errors.
pub(crate) async fn layer(State(app): State<App>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let ask = match Ask::of(&app, &parts) {
        Ok(ask) => ask,
        Err(error) => return Fault::from(error).into_response(),
    };
    if ask.look.method == Method::GET
        && let Some(response) = preference(&app, &ask.look)
    {
        return response;
    }
    let mut response = face(&app, &ask, next.run(Request::from_parts(parts, body)).await).await;
    hide_address(&ask.look, &mut response);
    response
}

/// Pages whose address holds a token.
const TOKEN_PAGES: [&str; 3] = ["/invitation", "/reset", "/confirm-login"];

/// Whether the address of a page holds a token.
pub(crate) fn shows_token(path: &str) -> bool {
    let front = path.strip_prefix("/console").unwrap_or(path);
    TOKEN_PAGES.contains(&front) || front.starts_with("/link/")
}

/// An address that holds a token: no other page may learn it.
fn hide_address(look: &Look, response: &mut Response) {
    if shows_token(&look.path) {
        response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    }
}

async fn face(app: &App, ask: &Ask, mut response: Response) -> Response {
    if let Some(Fault(error)) = response.extensions_mut().remove::<Fault>() {
        return answer(ask, &error).await;
    }
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        return bare(app, &ask.look, ErrorKind::BadRequest, StatusCode::METHOD_NOT_ALLOWED, None);
    }
    forget_flash(&ask.look, app, &mut response);
    response
}

/// The page of an error that a handler answered.
async fn answer(ask: &Ask, error: &Error) -> Response {
    if error.code == Code::Internal {
        tracing::error!(event = "request.failed", error = %error, "a page failed");
    }
    if error.code == Code::Unauthenticated {
        return to_sign_in(ask);
    }
    if error.reason == "step_up_required" && !ask.look.background {
        let next = ask.look.come_back();
        return ask.on_to(&with_next(ask.url("/step-up"), &next, ""), "");
    }
    let (kind, status) = kind_of(error);
    if ask.look.background {
        return status.into_response();
    }
    // The menu helps to go on where the services answer; where they don't, the page stands without it.
    let chrome = match (kind, &ask.admitted.session) {
        (ErrorKind::Unavailable(_) | ErrorKind::Internal, _) | (_, None) => {
            ask.look.chrome(&ask.app, &ask.admitted.csrf_token)
        }
        (_, Some(_)) => match tokio::time::timeout(MENU, Scene::open(ask)).await {
            Ok(Ok(scene)) => scene.chrome(),
            _ => ask.look.chrome(&ask.app, &ask.admitted.csrf_token),
        },
    };
    page(chrome, kind, status, back(&ask.look))
}

/// Whoever is not signed in is asked to, and comes back afterwards.
fn to_sign_in(ask: &Ask) -> Response {
    if ask.look.background {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    sign_in_first(&ask.look, |url| ask.on_to(url, if ask.had_session { "session_ended" } else { "" }))
}

fn sign_in_first(look: &Look, on_to: impl Fn(&str) -> Response) -> Response {
    on_to(&with_next(look.sign_in_url(), &look.come_back(), look.home_url()))
}

/// Where "go back" leads after a refused form: to the page that it stands on, as far as its address tells.
fn back(look: &Look) -> Option<String> {
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

/// A page request that the guard did not admit.
pub(crate) async fn refused(app: &App, method: Method, uri: &http::Uri, headers: &HeaderMap, error: Error) -> Response {
    let path = uri.path();
    let surface = if path == "/console" || path.starts_with("/console/") { Surface::Console } else { Surface::Portal };
    let look = Look::of(app, surface, method, uri, headers, "");
    // A form of a session that has ended carries a token that fits no more: it is not somebody else's form.
    let session = cookie(headers, surface.cookie(app.secure)).filter(|c| !c.is_empty());
    if error.reason == "csrf_failed"
        && let Some(token) = session
        && matches!(app.sessions.check(surface, &token, true).await, Ok(None))
    {
        return sign_in_first(&look, see_other);
    }
    if let Some(step) = step_of_word(&error.reason) {
        if look.background {
            return StatusCode::FORBIDDEN.into_response();
        }
        let url = format!("{}{}", look.base(), step.page);
        // The sign-in page itself is nothing to come back to.
        let next = if look.path == look.sign_in_url() { String::new() } else { look.come_back() };
        return see_other(&with_next(url, &next, look.home_url()));
    }
    if error.code == Code::Unauthenticated {
        return bare(app, &look, ErrorKind::Forbidden, StatusCode::UNAUTHORIZED, None);
    }
    let (kind, status) = kind_of(&error);
    let mut response = bare(app, &look, kind, status, back(&look));
    hide_address(&look, &mut response);
    response
}

/// An address that nothing is at.
pub(crate) fn nothing_here(app: &App, method: Method, uri: &http::Uri, headers: &HeaderMap) -> Response {
    let console = uri.path().starts_with("/console/");
    let surface = if console { Surface::Console } else { Surface::Portal };
    let look = Look::of(app, surface, method, uri, headers, "");
    bare(app, &look, ErrorKind::NotFound, StatusCode::NOT_FOUND, None)
}

/// An error page that needs nobody and nothing.
fn bare(app: &App, look: &Look, kind: ErrorKind, status: StatusCode, back: Option<String>) -> Response {
    page(look.chrome(app, ""), kind, status, back)
}

fn page(chrome: Chrome, kind: ErrorKind, status: StatusCode, back_url: Option<String>) -> Response {
    let chrome = Chrome { flash: None, ..chrome };
    let html = ErrorPage { chrome, kind, back_url }.render().unwrap_or_default();
    let mut response = (status, Html(html)).into_response();
    if let ErrorKind::Unavailable(seconds) | ErrorKind::TooManyRequests(seconds) = kind {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// Which page an error has, and its status.
fn kind_of(error: &Error) -> (ErrorKind, StatusCode) {
    let status = status_of(error);
    let kind = match status.as_u16() {
        401 | 403 => ErrorKind::Forbidden,
        404 => ErrorKind::NotFound,
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
