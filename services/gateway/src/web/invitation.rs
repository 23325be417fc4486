//! The page behind an invitation link: opening it changes nothing, only the form uses the link up. Its address is kept from
//! other pages by the layer around it.

use crate::web::{
    ask::{Ask, Posted, html},
    fault::Answer,
};
use gateway_ui::vm::{PasswordFault, SetPasswordPage, SetPasswordState};
use http::StatusCode;
use kernel::{Code, Error};
use proto::identity::v1::{AcceptInvitationRequest, InspectInvitationRequest};

/// Smallest length of a password, in characters, as identity asks for it.
const MIN_LENGTH: u32 = 15;

/// The form, or the reason why there is none.
pub(crate) async fn page(ask: Ask) -> Answer {
    let token = Posted::parse(&ask.look.query).text("token");
    let mut identity = ask.app.clients.as_service().identity();
    let request = InspectInvitationRequest { token: token.clone() };
    let usable = identity.inspect_invitation(request).await?.into_inner().usable;
    if usable { form(&ask, token, StatusCode::OK, None) } else { unusable(&ask) }
}

/// Sets the password.
pub(crate) async fn submit(ask: Ask, body: String) -> Answer {
    let ask = ask.at("/invitation".to_owned());
    let posted = Posted::parse(&body);
    let (token, password) = (posted.text("token"), posted.text("new_password"));
    let typed = match (password.is_empty(), password == posted.text("repeat_password")) {
        (true, _) => Some(PasswordFault::Missing),
        (false, false) => Some(PasswordFault::Mismatch),
        (false, true) => None,
    };
    if let Some(fault) = typed {
        return form(&ask, token, StatusCode::UNPROCESSABLE_ENTITY, Some(fault));
    }
    let request =
        AcceptInvitationRequest { token: token.clone(), new_password: password, source: Some(ask.admitted.source()) };
    match ask.app.clients.as_service().identity().accept_invitation(request).await.map_err(runtime::error_of) {
        Ok(_) => ask.done(&ask.look.sign_in_url(), "password_set"),
        Err(error) => match fault_of(&error) {
            Some(fault) => form(&ask, token, StatusCode::UNPROCESSABLE_ENTITY, Some(fault)),
            None if is_over(&error) => unusable(&ask),
            None => Err(error.into()),
        },
    }
}

fn form(ask: &Ask, token: String, status: StatusCode, fault: Option<PasswordFault>) -> Answer {
    let mut chrome = ask.look.chrome(&ask.app, &ask.admitted.csrf_token);
    // The language links of a refused form must find the link's page again.
    chrome.here = format!("/invitation?token={}", gateway_ui::query::encode(&token));
    let action = "/invitation".to_owned();
    let state = SetPasswordState::Form { action, token, min_length: MIN_LENGTH, fault };
    html(status, &SetPasswordPage { chrome, state })
}

fn unusable(ask: &Ask) -> Answer {
    let chrome = ask.look.chrome(&ask.app, &ask.admitted.csrf_token);
    let state = SetPasswordState::Unusable { sign_in_url: ask.look.sign_in_url() };
    html(StatusCode::GONE, &SetPasswordPage { chrome, state })
}

fn fault_of(error: &Error) -> Option<PasswordFault> {
    let field = error.fields.iter().find(|f| f.field == "new_password")?;
    Some(match &*field.code {
        "required" => PasswordFault::Missing,
        "password_too_short" => PasswordFault::TooShort(MIN_LENGTH),
        "password_too_long" => PasswordFault::TooLong,
        _ => PasswordFault::Common,
    })
}

/// Used, replaced, expired, of access that was switched off: all the same from outside.
fn is_over(error: &Error) -> bool {
    error.reason == "invitation_unusable" || matches!(error.code, Code::Precondition | Code::NotFound | Code::Conflict)
}
