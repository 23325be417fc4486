//! The page behind an invitation link: opening it changes nothing, only the form uses the link up. Its address is kept from
//! other pages by the layer around it.

use crate::{
    backend::logins,
    pages::{
        answer::Answer,
        ask::{Ask, Posted, html},
        entry::{
            proofs::{password_fault, typed_fault},
            recover::{is_over, sign_in_as},
        },
    },
};
use gateway_ui::vm::{PasswordFault, SetPasswordPage, SetPasswordPurpose, SetPasswordState};
use http::StatusCode;
use kernel::Error;

/// Smallest length of a password, in characters, as identity asks for it.
const MIN_LENGTH: u32 = 15;

/// What its owner will sign in with; none when the link can't be used.
async fn login_of(ask: &Ask, token: &str) -> Result<Option<String>, Error> {
    let answer = logins::inspect_invitation(&ask.app, token).await?;
    Ok(answer.usable.then_some(answer.login))
}

/// The form, or the reason why there is none.
pub(crate) async fn page(ask: Ask) -> Answer {
    let token = Posted::parse(&ask.look.query).text("token");
    match login_of(&ask, &token).await? {
        Some(login) => form(&ask, token, login, StatusCode::OK, None),
        None => unusable(&ask),
    }
}

/// The form again with what is wrong.
async fn again(ask: &Ask, token: String, fault: PasswordFault) -> Answer {
    // The name of the login is a kindness: the form works without it.
    let login = login_of(ask, &token).await.ok().flatten().unwrap_or_default();
    form(ask, token, login, StatusCode::UNPROCESSABLE_ENTITY, Some(fault))
}

/// Sets the password.
pub(crate) async fn submit(ask: Ask, body: String) -> Answer {
    let ask = ask.at("/invitation".to_owned());
    let posted = Posted::parse(&body);
    let (token, password) = (posted.text("token"), posted.text("new_password"));
    if let Some(fault) = typed_fault(&posted) {
        return again(&ask, token, fault).await;
    }
    match logins::accept_invitation(&ask.app, &ask.admitted, token.clone(), password).await {
        Ok(answer) => sign_in_as(&ask, &ask.look.sign_in_url(), &answer.login, "password_set"),
        Err(error) => match password_fault(&error, MIN_LENGTH) {
            Some(fault) => again(&ask, token, fault).await,
            None if is_over(&error) => unusable(&ask),
            None => Err(error.into()),
        },
    }
}

fn form(ask: &Ask, token: String, login: String, status: StatusCode, fault: Option<PasswordFault>) -> Answer {
    let mut chrome = ask.look.chrome(&ask.app, &ask.admitted.csrf_token);
    // The language links of a refused form must find the link's page again.
    chrome.here = format!("/invitation?token={}", gateway_ui::query::encode(&token));
    let action = "/invitation".to_owned();
    let state = SetPasswordState::Form { action, token, login, min_length: MIN_LENGTH, fault };
    html(status, &SetPasswordPage { chrome, purpose: SetPasswordPurpose::First, state })
}

fn unusable(ask: &Ask) -> Answer {
    let chrome = ask.look.chrome(&ask.app, &ask.admitted.csrf_token);
    let state = SetPasswordState::Unusable { sign_in_url: ask.look.sign_in_url() };
    html(StatusCode::GONE, &SetPasswordPage { chrome, purpose: SetPasswordPurpose::First, state })
}
