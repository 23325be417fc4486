//! Beginning and ending sessions, and the links that come by mail. Asked in the gateway's own name: nobody is known yet.

use super::answer;
use crate::http::{app::App, request::Admitted, sessions::Surface};
use kernel::{Code, Error};
use proto::identity::v1::{
    AcceptInvitationRequest, AcceptInvitationResponse, BeginPasskeyLoginRequest, BeginPasskeyLoginResponse,
    ConfirmLoginChangeRequest, ConfirmLoginChangeResponse, FinishPasskeyLoginRequest, InspectCompanyLinkRequest,
    InspectCompanyLinkResponse, InspectInvitationRequest, InspectInvitationResponse, InspectLinkRequest,
    InspectLinkResponse, LoginRequest, LoginResponse, LogoutRequest, OpenCompanyLinkRequest,
    RequestPasswordResetRequest, ResetPasswordRequest, ResetPasswordResponse, TellEndRequest,
};

/// Signs in with a password.
pub(crate) async fn sign_in(
    app: &App,
    admitted: &Admitted,
    surface: Surface,
    login: String,
    password: String,
) -> Result<LoginResponse, Error> {
    let request = LoginRequest {
        login,
        password,
        surface: surface.kind().into(),
        source: Some(admitted.source()),
        device: admitted.device.clone(),
    };
    let login = answer(app.clients.as_service().identity().login(request).await)?;
    // Whatever session the browser had is over: a login always begins a new one.
    if let Some(old) = &admitted.session
        && old.surface == surface
    {
        end(app, &old.token).await;
    }
    Ok(login)
}

/// Ends a session; a session that is gone already is ended too.
pub(crate) async fn end(app: &App, token: &str) {
    app.sessions.forget(token);
    let request = LogoutRequest { session_token: token.to_owned() };
    if let Err(status) = app.clients.as_service().identity().logout(request).await {
        tracing::warn!(event = "logout.failed", code = %status.code(), "a session could not be ended");
    }
    app.sessions.forget(token);
}

/// Why a session has ended, in identity's word.
pub(crate) async fn why_ended(app: &App, session_token: String) -> Result<String, Error> {
    Ok(answer(app.clients.as_service().identity().tell_end(TellEndRequest { session_token }).await)?.reason)
}

/// The session that a passkey completes, or none where it begins one.
fn own_token(admitted: &Admitted) -> Result<String, Error> {
    match &admitted.session {
        Some(_) => Ok(admitted.own()?.token.clone()),
        None => Ok(String::new()),
    }
}

/// Begins a login with a passkey, or a step of one.
pub(crate) async fn begin_passkey(app: &App, admitted: &Admitted) -> Result<BeginPasskeyLoginResponse, Error> {
    let request = BeginPasskeyLoginRequest {
        surface: admitted.surface.kind().into(),
        source: Some(admitted.source()),
        session_token: own_token(admitted)?,
    };
    answer(app.clients.as_service().identity().begin_passkey_login(request).await)
}

/// Signs in with a passkey, or completes a login or a step-up with it.
pub(crate) async fn finish_passkey(
    app: &App,
    admitted: &Admitted,
    ceremony_id: String,
    credential: String,
) -> Result<LoginResponse, Error> {
    let request = FinishPasskeyLoginRequest {
        surface: admitted.surface.kind().into(),
        source: Some(admitted.source()),
        ceremony_id,
        credential,
        session_token: own_token(admitted)?,
        device: admitted.device.clone(),
    };
    answer(app.clients.as_service().identity().finish_passkey_login(request).await)
}

/// What an invitation leads to. Changes nothing.
pub(crate) async fn inspect_invitation(app: &App, token: &str) -> Result<InspectInvitationResponse, Error> {
    let request = InspectInvitationRequest { token: token.to_owned() };
    answer(app.clients.as_service().identity().inspect_invitation(request).await)
}

/// Sets the first password. The token works once.
pub(crate) async fn accept_invitation(
    app: &App,
    admitted: &Admitted,
    token: String,
    new_password: String,
) -> Result<AcceptInvitationResponse, Error> {
    let request = AcceptInvitationRequest { token, new_password, source: Some(admitted.source()) };
    answer(app.clients.as_service().identity().accept_invitation(request).await)
}

/// What a link leads to. Changes nothing.
pub(crate) async fn inspect_link(
    app: &App,
    admitted: &Admitted,
    token: &str,
    purpose: &str,
) -> Result<InspectLinkResponse, Error> {
    let request =
        InspectLinkRequest { token: token.to_owned(), purpose: purpose.to_owned(), source: Some(admitted.source()) };
    answer(app.clients.as_service().identity().inspect_link(request).await)
}

/// Asks for a link to choose a new password. Whatever is wrong with the login itself is told to nobody.
pub(crate) async fn ask_for_reset(app: &App, admitted: &Admitted, login: String) -> Result<(), Error> {
    let request =
        RequestPasswordResetRequest { login, surface: admitted.surface.kind().into(), source: Some(admitted.source()) };
    match answer(app.clients.as_service().identity().request_password_reset(request).await) {
        Ok(_) => Ok(()),
        Err(error) if matches!(error.code, Code::Invalid | Code::NotFound | Code::Precondition) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Sets a new password by a link. No session comes of it.
pub(crate) async fn reset_password(
    app: &App,
    admitted: &Admitted,
    token: String,
    new_password: String,
) -> Result<ResetPasswordResponse, Error> {
    let request = ResetPasswordRequest { token, new_password, source: Some(admitted.source()) };
    answer(app.clients.as_service().identity().reset_password(request).await)
}

/// Confirms another address to sign in with, by the link that was sent there.
pub(crate) async fn confirm_login_change(
    app: &App,
    admitted: &Admitted,
    token: String,
) -> Result<ConfirmLoginChangeResponse, Error> {
    let request = ConfirmLoginChangeRequest { token, source: Some(admitted.source()) };
    answer(app.clients.as_service().identity().confirm_login_change(request).await)
}

/// What a company's link leads to. Changes nothing.
pub(crate) async fn inspect_company_link(
    app: &App,
    admitted: &Admitted,
    token: String,
) -> Result<InspectCompanyLinkResponse, Error> {
    let request = InspectCompanyLinkRequest { token, source: Some(admitted.source()) };
    answer(app.clients.as_service().identity().inspect_company_link(request).await)
}

/// Begins a session by a company's link. Whoever had a session in this browser begins anew.
pub(crate) async fn open_company_link(app: &App, admitted: &Admitted, token: String) -> Result<LoginResponse, Error> {
    let request = OpenCompanyLinkRequest { token, source: Some(admitted.source()) };
    let opened = answer(app.clients.as_service().identity().open_company_link(request).await);
    let login = opened.map_err(|error| match error.code {
        Code::NotFound => Error::new(Code::Invalid, "link_unusable", "This link does not work any more."),
        _ => error,
    })?;
    if let Some(old) = admitted.session.as_ref().filter(|s| s.surface == Surface::Portal && !s.support()) {
        end(app, &old.token).await;
    }
    Ok(login)
}
