//! What browsers keep for us: the session of each front end, support access, and what a device is known by.

use crate::http::{
    app::App,
    sessions::{Session, Surface, support_cookie},
};
use axum::response::Response;
use http::{HeaderMap, HeaderValue, header};
use proto::identity::v1::LoginResponse;

/// Half a year, in seconds.
const DEVICE_AGE: u32 = 15_552_000;

/// A cookie's value.
pub(crate) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(';')).find_map(|pair| {
        let (k, v) = pair.trim().split_once('=')?;
        (k == name).then(|| v.to_owned())
    })
}

/// Name of the cookie that a device is known by after a whole login.
pub(crate) fn device_cookie(secure: bool) -> &'static str {
    if secure { "__Host-portico_device" } else { "portico_device" }
}

/// Puts a session into its cookie; an empty token ends it.
pub(crate) fn keep_session(app: &App, response: &mut Response, surface: Surface, token: &str) {
    put(app, response, surface.cookie(app.secure), token, token.is_empty().then_some(0));
}

/// Forgets the cookie of a session, whichever it is.
pub(crate) fn drop_session(app: &App, response: &mut Response, session: &Session) {
    put(app, response, session.cookie(app.secure), "", Some(0));
}

/// Keeps what a login, or a step of one, answered: the session's token, and what the device is known by from now on.
pub(crate) fn keep_login(app: &App, response: &mut Response, surface: Surface, answer: &LoginResponse) {
    keep_session(app, response, surface, &answer.session_token);
    if !answer.device.is_empty() {
        put(app, response, device_cookie(app.secure), &answer.device, Some(DEVICE_AGE));
    }
}

/// Adds a cookie that no script reads.
pub(crate) fn put(app: &App, response: &mut Response, name: &str, value: &str, seconds: Option<u32>) {
    let secure = if app.secure { "; Secure" } else { "" };
    let age = seconds.map(|s| format!("; Max-Age={s}")).unwrap_or_default();
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// Keeps an agent's support access beside the agent's own session.
pub(crate) fn keep_support(app: &App, response: &mut Response, token: &str) {
    put(app, response, support_cookie(app.secure), token, None);
}
