//! Admission: which session a request belongs to and what it may reach, and that a state-changing one comes from our own
//! pages or from a program that can't be tricked. One layer over every route, so that no route can be without it.

mod csrf;
mod form;
mod gate;
#[cfg(test)]
mod tests;

use crate::http::{
    app::App,
    cookies::{self, cookie},
    hex::hex,
    kept,
    problem::Problem,
    request::{Admitted, Asked, Refused},
    sessions::{Session, Surface, support_cookie},
};
use axum::{
    extract::{ConnectInfo, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use csrf::text;
use http::{HeaderMap, Method, header};
use kernel::{Channel, Code, Error};
use ring::{hmac, rand::SecureRandom};
use runtime::{Call, with_call};
use std::net::{IpAddr, SocketAddr};

pub(crate) use gate::{missing, step_of, step_of_word, word_of};

/// Most bytes of all headers together.
const MAX_HEADERS: usize = 16 * 1024;
/// The cookie that binds a form to a browser before there is a session.
const PRE: &str = "portico_pre";

/// The layer.
pub(crate) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let asked = Asked::of(&parts);
    let is_api = asked.uri.path().starts_with("/api/");
    match admit(&app, Request::from_parts(parts, body)).await {
        Ok((request, admitted)) => {
            let call = call_of(&admitted, is_api);
            let pre = admitted.set_pre.clone();
            let mut response = with_call(call, next.run(request)).await;
            if let Some(value) = pre.filter(|_| !is_api) {
                cookies::put(&app, &mut response, PRE, &value, None);
            }
            response
        }
        Err(refused) => {
            let unread = changes(&asked.method) && refused.form.is_none();
            let mut response = if is_api {
                Problem::from(refused.error).into_response()
            } else {
                app.above.faces.refused(&app, &asked, *refused).await
            };
            if unread {
                // The body was not read: what follows on this connection would be taken for a request.
                response.headers_mut().insert(header::CONNECTION, http::HeaderValue::from_static("close"));
            }
            response
        }
    }
}

fn changes(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Forms that people send before there is a session. Their token is always the one of the browser, also while somebody is
/// signed in in another tab.
pub(crate) fn before_session(path: &str) -> bool {
    const FORMS: [&str; 6] =
        ["/sign-in", "/sign-in/passkey", "/forgot-password", "/reset", "/invitation", "/confirm-login"];
    let front = path.strip_prefix("/console").unwrap_or(path);
    FORMS.contains(&front) || front.starts_with("/link/")
}

fn call_of(admitted: &Admitted, is_api: bool) -> Call {
    let Some(session) = &admitted.session else { return Call::default() };
    let channel = match (is_api, session.surface) {
        (true, _) => Channel::Api,
        (false, Surface::Portal) => Channel::Portal,
        (false, Surface::Console) => Channel::Console,
    };
    Call { token: Some(session.answer.actor_token.clone()), channel: Some(channel), after: Vec::new() }
}

async fn admit(app: &App, mut request: Request) -> Result<(Request, Admitted), Box<Refused>> {
    let plain = |error: Error| Box::new(Refused::from(error));
    let headers = request.headers().clone();
    if headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum::<usize>() > MAX_HEADERS {
        let sentence = "The headers of a request have at most 16 KiB.";
        return Err(plain(Error::new(Code::Invalid, "headers_too_large", sentence)));
    }
    let path = request.uri().path().to_owned();
    let is_api = path.starts_with("/api/");
    let mut form = None;
    if changes(request.method()) && !is_api {
        let (read, found) = form::read(app, request).await.map_err(plain)?;
        (request, form) = (read, Some(found));
    }
    let refused =
        |error: Error, session: Option<Session>| Box::new(Refused { error, form: form.clone(), session, stale: false });
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|c| c.0.ip());
    let client = app.proxies.client(peer.unwrap_or(IpAddr::from([127, 0, 0, 1])), &headers);
    let session = session_of(app, &headers, &path).await.map_err(|e| refused(e, None))?;
    let surface = match &session {
        Some(session) if session.is_program() => session.surface,
        _ => surface_of(app, &path, &headers),
    };
    let (pre, set_pre) = match cookie(&headers, PRE).filter(|c| c.len() == 64) {
        Some(value) => (value, None),
        None => {
            let value = random_hex();
            (value.clone(), Some(value))
        }
    };
    let csrf_token = match &session {
        Some(session) if is_api => session.csrf_token(),
        Some(session) if !before_session(&path) => kept::token_of(app, session),
        _ => hex(hmac::sign(&app.key, pre.as_bytes()).as_ref()),
    };
    let admitted = Admitted {
        session,
        surface,
        client,
        user_agent: text(&headers, header::USER_AGENT.as_str()).chars().take(300).collect(),
        idempotency_key: match &form {
            Some(form) => form.text("form_id").to_owned(),
            None => text(&headers, "idempotency-key").to_owned(),
        },
        csrf_token,
        device: cookie(&headers, cookies::device_cookie(app.secure)).filter(|c| c.len() <= 200).unwrap_or_default(),
        set_pre,
    };
    if let Some(session) = admitted.session.clone() {
        let checked = gate::check(app, &session, request.method(), &path).await;
        checked.map_err(|e| refused(e, admitted.session.clone()))?;
    }
    if let Some(form) = &form
        && !csrf::fits(app, form, &admitted, &path)
    {
        return Err(Box::new(Refused { stale: true, ..*refused(csrf::stale(), admitted.session) }));
    }
    if is_api && changes(request.method()) {
        request = csrf::check_call(app, request, &admitted).await.map_err(|e| refused(e, None))?;
    }
    if admitted.idempotency_key.len() > 200 {
        let sentence = "An idempotency key has at most 200 characters.";
        return Err(refused(Error::invalid_field("Idempotency-Key", "too_long", sentence), admitted.session));
    }
    request.extensions_mut().insert(admitted.clone());
    Ok((request, admitted))
}

/// The session that a request belongs to: of a program's token, of support access, or of the front end's own cookie.
async fn session_of(app: &App, headers: &HeaderMap, path: &str) -> Result<Option<Session>, Error> {
    if let Some(authorization) = headers.get(header::AUTHORIZATION) {
        let token = authorization.to_str().ok().and_then(|a| bearer(a)).unwrap_or_default();
        // Cookies that come along mean nothing, and pages are for people.
        let program = if path.starts_with("/api/") { app.sessions.check_program(token).await? } else { None };
        let invalid = || Error::new(Code::Unauthenticated, "invalid_token", "This token is not valid.");
        return program.map(Some).ok_or_else(invalid);
    }
    let background = headers.contains_key("x-portal-background");
    let surface = surface_of(app, path, headers);
    if surface == Surface::Portal
        && let Some(token) = cookie(headers, support_cookie(app.secure))
        && let Some(session) = app.sessions.check(surface, &token, background).await?
        // Whose access it is, identity says; the name of a cookie is anybody's to choose.
        && session.support()
    {
        return Ok(Some(session));
    }
    match cookie(headers, surface.cookie(app.secure)) {
        Some(token) => app.sessions.check(surface, &token, background).await,
        None if path.starts_with("/api/v1/admin/") => not_here(app, headers).await,
        None => Ok(None),
    }
}

/// The token after `Bearer`, in whatever case the word is written.
fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// A customer asks for the console's part of the API: there is no such thing for them.
async fn not_here(app: &App, headers: &HeaderMap) -> Result<Option<Session>, Error> {
    let Some(token) = cookie(headers, Surface::Portal.cookie(app.secure)) else { return Ok(None) };
    match app.sessions.check(Surface::Portal, &token, true).await? {
        Some(_) => Err(Error::not_found()),
        None => Ok(None),
    }
}

/// Which front end a request is for.
fn surface_of(app: &App, path: &str, headers: &HeaderMap) -> Surface {
    let has = |name: &str| cookie(headers, name).is_some();
    let console = has(Surface::Console.cookie(app.secure));
    let portal = has(Surface::Portal.cookie(app.secure)) || has(support_cookie(app.secure));
    if path == "/console" || path.starts_with("/console/") || path.starts_with("/api/v1/admin/") {
        return Surface::Console;
    }
    let shared = path.starts_with("/api/") && !path.starts_with("/api/v1/portal/");
    let asked_for = match text(headers, "x-portico-surface") {
        "console" => true,
        "portal" => false,
        _ => console && !portal,
    };
    if shared && asked_for { Surface::Console } else { Surface::Portal }
}

fn random_hex() -> String {
    let mut bytes = [0; 32];
    ring::rand::SystemRandom::new().fill(&mut bytes).expect("the system gives randomness");
    hex(&bytes)
}
