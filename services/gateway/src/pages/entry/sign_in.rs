//! Signing in and out, of portal and console.

use crate::{
    backend::logins,
    http::{
        cookies::{drop_session, keep_login, keep_session},
        guard::step_of,
        kept,
        sessions::Surface,
    },
    pages::{
        answer::{Answer, wait_of},
        ask::{Ask, Posted, add_header, html},
        entry::proofs::{passkey_login, passkey_of},
        links::{is_local, with_next},
    },
};
use axum::response::IntoResponse;
use gateway_ui::{
    fmt,
    vm::{Ended, SignInFault, SignInNotice, SignInPage},
};
use http::{HeaderName, HeaderValue, StatusCode, header};
use kernel::{Code, Error};
use proto::identity::v1::Stage;
use std::time::Duration;

/// How long it may take to say why a session ended; the page does without.
const WHY: Duration = Duration::from_millis(500);

/// The page.
pub(crate) async fn page(ask: Ask) -> Answer {
    let query = Posted::parse(&ask.look.query);
    let next = query.text("next");
    if ask.admitted.session.is_some() {
        return ask.done(&landing(&ask, &next), "");
    }
    let fault = match query.get("reason") {
        Some("form") => Some(SignInFault::FormExpired),
        Some("cookies") => Some(SignInFault::NoCookie),
        _ => None,
    };
    let notice = match ask.flash() {
        Some("signed_out") => Some(SignInNotice::SignedOut),
        Some("password_set") => Some(SignInNotice::PasswordSet),
        Some("password_reset") => Some(SignInNotice::PasswordReset),
        Some("login_changed") => Some(SignInNotice::LoginChanged),
        _ => why_ended(&ask).await,
    };
    html(StatusCode::OK, &view(&ask, next, String::new(), fault, notice))
}

/// Why the session that the browser still names has ended; without a word from identity only that it has.
async fn why_ended(ask: &Ask) -> Option<SignInNotice> {
    let told = tokio::time::timeout(WHY, logins::why_ended(&ask.app, ask.dead_token.clone()?)).await;
    let reason = told.ok().and_then(Result::ok).unwrap_or_default();
    Some(Ended::of(&reason).map_or(SignInNotice::SessionEnded, SignInNotice::Ended))
}

/// The old address of the page, which mails name.
pub(crate) async fn moved(ask: Ask) -> Answer {
    ask.done(&ask.look.sign_in_url(), "")
}

/// Checks the password; every failure before it was right looks the same.
pub(crate) async fn submit(ask: Ask, body: String) -> Answer {
    let posted = Posted::parse(&body);
    let (login, next) = (posted.text("login"), posted.text("next"));
    if ask.admitted.session.is_some() {
        // In another tab, since this one was opened.
        return ask.done(&landing(&ask, &next), "already_signed_in");
    }
    let surface = ask.admitted.surface;
    let answer = logins::sign_in(&ask.app, &ask.admitted, surface, login.clone(), posted.text("password")).await;
    match answer {
        Ok(answer) => {
            let mut response = ask.on_to(&onwards(&ask, answer.stage(), &next), "");
            keep_login(&ask.app, &mut response, surface, &answer);
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

/// Signs in with a passkey alone.
pub(crate) async fn passkey(ask: Ask, body: String) -> Answer {
    let posted = Posted::parse(&body);
    let next = posted.text("next");
    if ask.admitted.session.is_some() {
        return ask.done(&landing(&ask, &next), "already_signed_in");
    }
    let sign_in = with_next(ask.look.sign_in_url(), if is_local(&next) { &next } else { "" }, ask.look.home_url());
    let Some(passkey) = passkey_of(&posted) else { return ask.done(&sign_in, "passkey_failed") };
    match passkey_login(&ask, passkey).await {
        Ok(answer) => {
            let mut response = ask.on_to(&onwards(&ask, answer.stage(), &next), "");
            keep_login(&ask.app, &mut response, ask.admitted.surface, &answer);
            Ok(response)
        }
        Err(error) if matches!(error.code, Code::Unauthenticated | Code::Invalid | Code::NotFound) => {
            ask.done(&sign_in, "passkey_failed")
        }
        Err(error) => {
            let Some((fault, status)) = fault_of(&ask, &error) else { return Err(error.into()) };
            html(status, &view(&ask.clone().at(ask.look.sign_in_url()), next, String::new(), Some(fault), None))
        }
    }
}

/// Ends the session; without one there is nothing to end. Of a look at the portal as somebody else only the look ends.
pub(crate) async fn out(ask: Ask) -> Answer {
    let support = ask.admitted.session.as_ref().is_some_and(|s| s.support());
    let (url, flash) = if support { ("/console".to_owned(), "") } else { (ask.look.sign_in_url(), "signed_out") };
    let mut response = ask.on_to(&url, flash);
    match &ask.admitted.session {
        Some(session) => {
            logins::end(&ask.app, &session.token).await;
            drop_session(&ask.app, &mut response, session);
        }
        None => keep_session(&ask.app, &mut response, ask.admitted.surface, ""),
    }
    if !support {
        add_header(&mut response, HeaderName::from_static("clear-site-data"), "\"cache\", \"storage\"");
    }
    Ok(response.into_response())
}

/// Where a step of a login leads: to the next step, or to where the person wanted to go.
pub(crate) fn onwards(ask: &Ask, stage: Stage, next: &str) -> String {
    let landing = landing(ask, next);
    match step_of(stage) {
        None => landing,
        Some(step) => with_next(ask.url(step.page), &landing, ask.look.home_url()),
    }
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
        typed_kept: kept::is_waiting(&ask.app, &ask.headers, &next),
        next: if is_local(&next) { next } else { String::new() },
        login,
        forgot_url: ask.url("/forgot-password"),
        passkey_url: ask.url("/sign-in/passkey"),
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
pub(crate) fn landing(ask: &Ask, next: &str) -> String {
    let console = next == "/console" || next.starts_with("/console/") || next.starts_with("/console?");
    if is_local(next) && console == (ask.admitted.surface == Surface::Console) {
        next.to_owned()
    } else {
        ask.look.home_url().to_owned()
    }
}
