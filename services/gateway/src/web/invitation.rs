//! The page behind an invitation link: opening it changes nothing, only the form uses the link up. Its address is kept from
//! other pages by the layer around it.

use crate::web::{
    ask::{Ask, Posted, html},
    fault::Answer,
    proofs::{password_fault, typed_fault},
    recover::is_over,
};
use gateway_ui::vm::{PasswordFault, SetPasswordPage, SetPasswordPurpose, SetPasswordState};
use http::StatusCode;
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
    if let Some(fault) = typed_fault(&posted) {
        return form(&ask, token, StatusCode::UNPROCESSABLE_ENTITY, Some(fault));
    }
    let request =
        AcceptInvitationRequest { token: token.clone(), new_password: password, source: Some(ask.admitted.source()) };
    match ask.app.clients.as_service().identity().accept_invitation(request).await.map_err(runtime::error_of) {
        Ok(_) => ask.done(&ask.look.sign_in_url(), "password_set"),
        Err(error) => match password_fault(&error, MIN_LENGTH) {
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
    html(status, &SetPasswordPage { chrome, purpose: SetPasswordPurpose::First, state })
}

fn unusable(ask: &Ask) -> Answer {
    let chrome = ask.look.chrome(&ask.app, &ask.admitted.csrf_token);
    let state = SetPasswordState::Unusable { sign_in_url: ask.look.sign_in_url() };
    html(StatusCode::GONE, &SetPasswordPage { chrome, purpose: SetPasswordPurpose::First, state })
}
