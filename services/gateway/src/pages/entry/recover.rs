//! Ways back in: forgotten passwords, and the links that come by mail. Opening a link changes nothing, only its form uses it
//! up; its address is kept from other pages by the layer around it.

use crate::{
    backend::{logins, settings},
    pages::{
        answer::{Answer, wait_of},
        ask::{Ask, Posted, html},
        detour::keep_login_name,
        entry::proofs::{password_fault, typed_fault, wait_a_moment},
    },
};
use gateway_ui::{
    query::encode,
    vm::{
        Chrome, ConfirmLoginPage, ForgotPasswordPage, ForgotState, PasswordFault, SetPasswordPage, SetPasswordPurpose,
        SetPasswordState,
    },
};
use http::StatusCode;
use kernel::{Code, Error};
use proto::identity::v1::{InspectLinkResponse, SubjectKind};

/// The page for forgotten passwords.
pub(crate) async fn forgot(ask: Ask) -> Answer {
    html(StatusCode::OK, &forgot_page(&ask, String::new(), ForgotState::Form).await)
}

async fn forgot_page(ask: &Ask, login: String, state: ForgotState) -> ForgotPasswordPage {
    // Whom to ask is a kindness: the page works without it.
    let help_contact = settings::public(&ask.app).await.map(|p| p.help_contact).unwrap_or_default();
    ForgotPasswordPage {
        chrome: ask.look.chrome(&ask.app, &ask.admitted.csrf_token),
        action: ask.url("/forgot-password"),
        sign_in_url: ask.look.sign_in_url(),
        login,
        help_contact,
        state,
    }
}

/// Asks for the link. The page is the same whether there is such a login or not.
pub(crate) async fn ask_for_link(ask: Ask, body: String) -> Answer {
    let login = Posted::parse(&body).text("login").trim().to_owned();
    if login.is_empty() {
        let page = forgot_page(&ask, login, ForgotState::Missing).await;
        return html(StatusCode::UNPROCESSABLE_ENTITY, &page);
    }
    match logins::ask_for_reset(&ask.app, &ask.admitted, login.clone()).await {
        Ok(()) => html(StatusCode::ACCEPTED, &forgot_page(&ask, String::new(), ForgotState::Sent).await),
        Err(error) => {
            let (state, status) = match error.code {
                Code::RateLimited => (ForgotState::RateLimited(wait_of(&error)), StatusCode::TOO_MANY_REQUESTS),
                Code::Unavailable | Code::Timeout => (ForgotState::Unavailable, StatusCode::SERVICE_UNAVAILABLE),
                _ => return Err(error.into()),
            };
            Ok(wait_a_moment(html(status, &forgot_page(&ask, login, state).await)?, &error))
        }
    }
}

/// What stands around a link's page: its language links must find it again.
fn chrome_of(ask: &Ask, path: &str, token: &str) -> Chrome {
    let mut chrome = ask.look.chrome(&ask.app, &ask.admitted.csrf_token);
    chrome.here = format!("{}?token={}", ask.url(path), encode(token));
    chrome
}

/// The sign-in page of the front end that a link's owner uses.
fn sign_in_of(kind: SubjectKind, ask: &Ask) -> String {
    match kind {
        SubjectKind::Agent => "/console/sign-in".to_owned(),
        SubjectKind::Contact => "/sign-in".to_owned(),
        _ => ask.look.sign_in_url(),
    }
}

/// A new password by a link: the form, or the reason why there is none.
pub(crate) async fn reset(ask: Ask) -> Answer {
    let token = Posted::parse(&ask.look.query).text("token");
    let link = logins::inspect_link(&ask.app, &ask.admitted, &token, "reset").await?;
    if !link.usable {
        return reset_unusable(&ask);
    }
    reset_form(&ask, token, &link, StatusCode::OK, None)
}

fn reset_form(
    ask: &Ask,
    token: String,
    link: &InspectLinkResponse,
    status: StatusCode,
    fault: Option<PasswordFault>,
) -> Answer {
    let chrome = chrome_of(ask, "/reset", &token);
    let (login, min_length) = (link.login.clone(), link.min_length.unsigned_abs());
    let state = SetPasswordState::Form { action: ask.url("/reset"), token, login, min_length, fault };
    html(status, &SetPasswordPage { chrome, purpose: SetPasswordPurpose::Reset, state })
}

fn reset_unusable(ask: &Ask) -> Answer {
    let chrome = ask.look.chrome(&ask.app, &ask.admitted.csrf_token);
    let state = SetPasswordState::Unusable { sign_in_url: ask.url("/forgot-password") };
    html(StatusCode::GONE, &SetPasswordPage { chrome, purpose: SetPasswordPurpose::Reset, state })
}

/// Sets the new password. No session comes of it.
pub(crate) async fn set_new(ask: Ask, body: String) -> Answer {
    let ask = ask.clone().at(ask.url("/reset"));
    let posted = Posted::parse(&body);
    let token = posted.text("token");
    if let Some(fault) = typed_fault(&posted) {
        let link = logins::inspect_link(&ask.app, &ask.admitted, &token, "reset").await?;
        return reset_form(&ask, token, &link, StatusCode::UNPROCESSABLE_ENTITY, Some(fault));
    }
    let new_password = posted.text("new_password");
    match logins::reset_password(&ask.app, &ask.admitted, token.clone(), new_password).await {
        Ok(answer) => sign_in_as(&ask, &sign_in_of(answer.kind(), &ask), &answer.login, "password_reset"),
        Err(error) if error.fields.is_empty() && is_over(&error) => reset_unusable(&ask),
        Err(error) => {
            let link = match logins::inspect_link(&ask.app, &ask.admitted, &token, "reset").await {
                Ok(link) if link.usable => link,
                _ => return reset_unusable(&ask),
            };
            match password_fault(&error, link.min_length.unsigned_abs()) {
                Some(fault) => reset_form(&ask, token, &link, StatusCode::UNPROCESSABLE_ENTITY, Some(fault)),
                None => Err(error.into()),
            }
        }
    }
}

/// On to the sign-in page with the login filled in: nobody is signed in by a link.
pub(crate) fn sign_in_as(ask: &Ask, url: &str, login: &str, flash: &str) -> Answer {
    let mut response = ask.on_to(url, flash);
    if let Some(keeping) = keep_login_name(&ask.app, url, login).filter(|_| !login.is_empty()) {
        keeping.tell(&ask.app, &ask.headers, &mut response);
    }
    Ok(response)
}

/// Used, replaced, expired, of access that was switched off: all the same from outside.
pub(crate) fn is_over(error: &Error) -> bool {
    error.reason.ends_with("_unusable") || matches!(error.code, Code::Precondition | Code::NotFound | Code::Conflict)
}

/// Another address to sign in with: the question, or the reason why there is none.
pub(crate) async fn confirm_login(ask: Ask) -> Answer {
    let token = Posted::parse(&ask.look.query).text("token");
    let usable = logins::inspect_link(&ask.app, &ask.admitted, &token, "login_change").await?.usable;
    confirm_page(&ask, usable.then_some(token))
}

fn confirm_page(ask: &Ask, token: Option<String>) -> Answer {
    let chrome = match &token {
        Some(token) => chrome_of(ask, "/confirm-login", token),
        None => ask.look.chrome(&ask.app, &ask.admitted.csrf_token),
    };
    let status = if token.is_some() { StatusCode::OK } else { StatusCode::GONE };
    let page =
        ConfirmLoginPage { chrome, action: ask.url("/confirm-login"), token, sign_in_url: ask.look.sign_in_url() };
    html(status, &page)
}

/// Confirms it.
pub(crate) async fn confirmed(ask: Ask, body: String) -> Answer {
    let ask = ask.clone().at(ask.url("/confirm-login"));
    let token = Posted::parse(&body).text("token");
    match logins::confirm_login_change(&ask.app, &ask.admitted, token).await {
        Ok(answer) => ask.done(&sign_in_of(answer.kind(), &ask), "login_changed"),
        Err(error) if is_over(&error) => confirm_page(&ask, None),
        Err(error) => Err(error.into()),
    }
}
