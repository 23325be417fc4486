//! Signing in and out, of portal and console.

use crate::{
    api::auth::{end, sign_in},
    guard::session_cookie,
    sessions::Surface,
    web::{
        ask::{Ask, Posted, add_header, html},
        fault::{Answer, wait_of},
    },
};
use axum::response::IntoResponse;
use gateway_ui::{
    fmt,
    vm::{SignInFault, SignInNotice, SignInPage},
};
use http::{HeaderName, HeaderValue, StatusCode, header};
use kernel::{Code, Error};

/// The page.
pub(crate) async fn page(ask: Ask) -> Answer {
    let next = Posted::parse(&ask.look.query).text("next");
    if ask.admitted.session.is_some() {
        return ask.done(&landing(&ask, &next), "");
    }
    let notice = match ask.flash() {
        Some("signed_out") => Some(SignInNotice::SignedOut),
        Some("session_ended") => Some(SignInNotice::SessionEnded),
        Some("password_set") => Some(SignInNotice::PasswordSet),
        _ => None,
    };
    html(StatusCode::OK, &view(&ask, next, String::new(), None, notice))
}

/// The old address of the page, which mails name.
pub(crate) async fn moved(ask: Ask) -> Answer {
    ask.done(&ask.look.sign_in_url(), "")
}

/// Checks the password; every failure before it was right looks the same.
pub(crate) async fn submit(ask: Ask, body: String) -> Answer {
    let posted = Posted::parse(&body);
    let (login, next) = (posted.text("login"), posted.text("next"));
    let surface = ask.admitted.surface;
    let answer = sign_in(&ask.app, &ask.admitted, surface, login.clone(), posted.text("password")).await;
    match answer {
        Ok(answer) => {
            let mut response = ask.on_to(&landing(&ask, &next), "");
            add_header(&mut response, header::SET_COOKIE, &session_cookie(&ask.app, surface, &answer.session_token));
            Ok(response)
        }
        Err(error) => {
            let Some((fault, status)) = fault_of(&ask, &error) else { return Err(error.into()) };
            let mut response = html(status, &view(&ask, next, login, Some(fault), None))?;
            if matches!(status.as_u16(), 429 | 503) {
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait_of(&error)));
            }
            Ok(response)
        }
    }
}

/// Ends the session; without one there is nothing to end.
pub(crate) async fn out(ask: Ask) -> Answer {
    let mut response = ask.on_to(&ask.look.sign_in_url(), "signed_out");
    if let Some(session) = &ask.admitted.session {
        end(&ask.app, &session.token).await;
    }
    add_header(&mut response, header::SET_COOKIE, &session_cookie(&ask.app, ask.admitted.surface, ""));
    add_header(&mut response, HeaderName::from_static("clear-site-data"), "\"cache\", \"storage\"");
    Ok(response.into_response())
}

fn view(
    ask: &Ask,
    next: String,
    login: String,
    fault: Option<SignInFault>,
    notice: Option<SignInNotice>,
) -> SignInPage {
    SignInPage {
        chrome: ask.look.chrome(&ask.app, &ask.admitted.csrf_token),
        action: ask.look.sign_in_url(),
        next: if is_local(&next) { next } else { String::new() },
        login,
        fault,
        notice,
    }
}

fn fault_of(ask: &Ask, error: &Error) -> Option<(SignInFault, StatusCode)> {
    let date = || fmt::date(error.facts.get("date").map(String::as_str).unwrap_or_default(), ask.lang());
    Some(match (error.code, &*error.reason) {
        // Empty fields are told like wrong ones: nothing is learnt from the difference, and nothing need be.
        (Code::Unauthenticated | Code::Invalid, _) => (SignInFault::InvalidCredentials, StatusCode::UNAUTHORIZED),
        (_, "support_not_started") => (SignInFault::SupportNotStarted(date()), StatusCode::FORBIDDEN),
        (_, "support_ended") => (SignInFault::SupportEnded(date()), StatusCode::FORBIDDEN),
        (Code::RateLimited, _) => (SignInFault::RateLimited(wait_of(error)), StatusCode::TOO_MANY_REQUESTS),
        (Code::Unavailable | Code::Timeout, _) => (SignInFault::Unavailable, StatusCode::SERVICE_UNAVAILABLE),
        _ => return None,
    })
}

/// Where somebody goes after signing in: where they wanted to, if that is a page of this front end.
fn landing(ask: &Ask, next: &str) -> String {
    let console = next == "/console" || next.starts_with("/console/") || next.starts_with("/console?");
    if is_local(next) && console == (ask.admitted.surface == Surface::Console) {
        next.to_owned()
    } else {
        ask.look.home_url().to_owned()
    }
}

/// An address on this host: one slash in front, and nothing that a browser reads as another host.
fn is_local(next: &str) -> bool {
    let mut characters = next.chars();
    characters.next() == Some('/')
        && !matches!(characters.next(), Some('/' | '\\'))
        && !next.contains('\\')
        && !next.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::is_local;

    #[test]
    fn only_addresses_on_this_host_are_opened_after_signing_in() {
        for good in ["/", "/modules/tickets?q=a%20b", "/console/modules/tickets"] {
            assert!(is_local(good), "{good}");
        }
        for bad in ["", "//evil.test", "/\\evil.test", "https://evil.test", "/a\\b", "/a\r\nSet-Cookie: x", "evil"] {
            assert!(!is_local(bad), "{bad}");
        }
    }
}
