//! Admission: which session a request belongs to, and that a state-changing one comes from our own pages or from a program
//! that can't be tricked. One layer over every route, so that no route can be without it.

use crate::{
    app::App,
    problem::Problem,
    sessions::{Session, Surface},
};
use axum::{
    body::{Body, to_bytes},
    extract::{ConnectInfo, FromRequestParts, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Method, header, request::Parts};
use kernel::{Channel, Code, Error};
use ring::{hmac, rand::SecureRandom};
use runtime::{Call, with_call};
use std::net::{IpAddr, SocketAddr};

const MAX_FORM: usize = 256 * 1024;
/// The cookie that binds a form to a browser before there is a session.
const PRE: &str = "portico_pre";

/// How a request was admitted; in the request's extensions.
#[derive(Clone)]
pub(crate) struct Admitted {
    pub(crate) session: Option<Session>,
    pub(crate) surface: Surface,
    pub(crate) client: IpAddr,
    pub(crate) user_agent: String,
    /// `Idempotency-Key` or the form's `form_id`; empty when there is none.
    pub(crate) idempotency_key: String,
    /// CSRF token for forms of this browser: of the session, or of the browser while there is none.
    pub(crate) csrf_token: String,
    /// To be set when the browser has no pre-session cookie yet.
    pub(crate) set_pre: Option<String>,
}

impl Admitted {
    /// The session, or 401.
    pub(crate) fn signed_in(&self) -> Result<&Session, Error> {
        self.session.as_ref().ok_or_else(|| Error::new(Code::Unauthenticated, "unauthenticated", "Please sign in."))
    }

    /// Where the request came from, for identity.
    pub(crate) fn source(&self) -> proto::identity::v1::Source {
        proto::identity::v1::Source { address: self.client.to_string(), user_agent: self.user_agent.clone() }
    }

    /// The key under which a creation is repeated safely; required where something comes into being.
    pub(crate) fn creation_key(&self) -> Result<String, Error> {
        if self.idempotency_key.is_empty() {
            return Err(Error::invalid_field(
                "Idempotency-Key",
                "required",
                "Please send an Idempotency-Key, so that a repeated request creates nothing twice.",
            ));
        }
        Ok(self.idempotency_key.clone())
    }
}

impl<S: Sync> FromRequestParts<S> for Admitted {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Admitted, Problem> {
        parts
            .extensions
            .get::<Admitted>()
            .cloned()
            .ok_or_else(|| Error::internal("a route outside of the guard").into())
    }
}

/// The layer.
pub(crate) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let is_api = path.starts_with("/api/");
    let (method, uri, headers) = (request.method().clone(), request.uri().clone(), request.headers().clone());
    match admit(&app, request).await {
        Ok((request, admitted)) => {
            let call = call_of(&admitted, is_api);
            let pre = admitted.set_pre.clone();
            let mut response = with_call(call, next.run(request)).await;
            if let Some(value) = pre.filter(|_| !is_api) {
                let secure = if app.secure { "; Secure" } else { "" };
                let cookie = format!("{PRE}={value}; Path=/; HttpOnly; SameSite=Lax{secure}");
                if let Ok(cookie) = cookie.parse() {
                    response.headers_mut().append(header::SET_COOKIE, cookie);
                }
            }
            response
        }
        Err(error) => {
            let changes = !matches!(method, Method::GET | Method::HEAD | Method::OPTIONS);
            let mut response = if is_api {
                Problem::from(error).into_response()
            } else {
                crate::web::refused(&app, method, &uri, &headers, error).await
            };
            if changes {
                // The body was not read: what follows on this connection would be taken for a request.
                response.headers_mut().insert(header::CONNECTION, http::HeaderValue::from_static("close"));
            }
            response
        }
    }
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

async fn admit(app: &App, mut request: Request) -> Result<(Request, Admitted), Error> {
    let headers = request.headers().clone();
    let path = request.uri().path().to_owned();
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|c| c.0.ip());
    let client = app.proxies.client(peer.unwrap_or(IpAddr::from([127, 0, 0, 1])), &headers);
    if headers.contains_key(header::AUTHORIZATION) {
        // Tokens for programs come with the identity of programs; until then none is valid.
        return Err(Error::new(Code::Unauthenticated, "invalid_token", "This token is not valid."));
    }
    let surface = surface_of(app, &path, &headers);
    let background = headers.contains_key("x-portal-background");
    let session = match cookie(&headers, surface.cookie(app.secure)) {
        Some(token) => app.sessions.check(surface, &token, background).await?,
        None => None,
    };
    let (pre, set_pre) = match cookie(&headers, PRE).filter(|c| c.len() == 64) {
        Some(value) => (value, None),
        None => {
            let value = random_hex();
            (value.clone(), Some(value))
        }
    };
    let csrf_token = match &session {
        Some(session) => session.csrf_token(),
        None => hex(hmac::sign(&app.key, pre.as_bytes()).as_ref()),
    };
    let mut admitted = Admitted {
        session,
        surface,
        client,
        user_agent: text(&headers, header::USER_AGENT.as_str()).chars().take(300).collect(),
        idempotency_key: text(&headers, "idempotency-key").to_owned(),
        csrf_token,
        set_pre,
    };
    if !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        request = check_change(app, request, &mut admitted).await?;
    }
    if admitted.idempotency_key.len() > 200 {
        return Err(Error::invalid_field(
            "Idempotency-Key",
            "too_long",
            "An idempotency key has at most 200 characters.",
        ));
    }
    request.extensions_mut().insert(admitted.clone());
    Ok((request, admitted))
}

/// A state-changing request: from our own origin, and with the token that only our own pages know.
async fn check_change(app: &App, request: Request, admitted: &mut Admitted) -> Result<Request, Error> {
    let refused = |why: &'static str| {
        tracing::debug!(event = "csrf.refused", why, "a request was refused");
        Error::new(Code::Forbidden, "csrf_failed", "This request did not come from one of our pages. Please reload.")
    };
    let headers = request.headers().clone();
    let fetch_site = text(&headers, "sec-fetch-site");
    let origin = text(&headers, header::ORIGIN.as_str());
    match (fetch_site, origin) {
        ("same-origin" | "none", _) => {}
        ("", "") => {}
        // The page behind an invitation link sends no referrer, and with it no origin; its token must do.
        ("", "null") if request.uri().path() == "/invitation" => {}
        ("", o) if own_origin(app, &headers, o) => {}
        _ => return Err(refused("another origin")),
    }
    let kind = text(&headers, header::CONTENT_TYPE.as_str());
    let is_form = kind.starts_with("application/x-www-form-urlencoded");
    let is_api = request.uri().path().starts_with("/api/");
    if is_api {
        if admitted.session.is_none() && !request.uri().path().starts_with("/api/v1/auth/") {
            return Err(Error::new(Code::Unauthenticated, "unauthenticated", "Please sign in."));
        }
        if is_form || kind.starts_with("text/plain") {
            return Err(Error::new(Code::Invalid, "unsupported_media_type", "Please send application/json."));
        }
        // A login carries no session yet: there is nothing to ride on, and a page of another origin can't send JSON.
        if admitted.session.is_some() && !same(text(&headers, "x-csrf-token"), &admitted.csrf_token) {
            return Err(refused("no token in X-CSRF-Token"));
        }
        return Ok(request);
    }
    if !is_form {
        return Err(Error::new(Code::Invalid, "unsupported_media_type", "Please send a form."));
    }
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, MAX_FORM)
        .await
        .map_err(|_| Error::new(Code::Invalid, "too_large", "This form is too large."))?;
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

/// Which front end a request is for.
fn surface_of(app: &App, path: &str, headers: &HeaderMap) -> Surface {
    let console = cookie(headers, Surface::Console.cookie(app.secure)).is_some();
    let portal = cookie(headers, Surface::Portal.cookie(app.secure)).is_some();
    let its_pages = path == "/console" || path.starts_with("/console/") || path.starts_with("/api/v1/admin/");
    let asked_for = text(headers, "x-portico-surface") == "console" || (console && !portal);
    if its_pages || (path.starts_with("/api/") && asked_for) { Surface::Console } else { Surface::Portal }
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

/// A cookie's value.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(';')).find_map(|pair| {
        let (k, v) = pair.trim().split_once('=')?;
        (k == name).then(|| v.to_owned())
    })
}

/// The `Set-Cookie` of a session; an empty token ends it.
pub(crate) fn session_cookie(app: &App, surface: Surface, token: &str) -> String {
    let name = surface.cookie(app.secure);
    let secure = if app.secure { "; Secure" } else { "" };
    let age = if token.is_empty() { "; Max-Age=0" } else { "" };
    format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax{secure}{age}")
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
}

fn same(a: &str, b: &str) -> bool {
    // Compares MACs of both, so that the time says nothing about where they differ.
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"compare");
    hmac::verify(&key, a.as_bytes(), hmac::sign(&key, b.as_bytes()).as_ref()).is_ok()
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, b| {
        let _ = write!(text, "{b:02x}");
        text
    })
}

fn random_hex() -> String {
    let mut bytes = [0; 32];
    ring::rand::SystemRandom::new().fill(&mut bytes).expect("the system gives randomness");
    hex(&bytes)
}
