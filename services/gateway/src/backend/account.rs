//! What people do with accounts of their own. The session that asks is proof of who does; see [`App::account`].

use super::answer;
use crate::http::{app::App, request::Admitted};
use kernel::Error;
use proto::identity::v1::{
    AcceptTermsRequest, ApiToken, BeginPasskeyRequest, BeginPasskeyResponse, BeginTotpRequest, BeginTotpResponse,
    ChangePasswordRequest, ConfirmTotpRequest, CreateApiTokenRequest, CreateApiTokenResponse, EndSessionRequest,
    FactorAddedResponse, FinishPasskeyRequest, GetSecurityRequest, GetSecurityResponse, ListActivityResponse,
    ListApiTokensRequest, ListOwnActivityRequest, ListSessionsRequest, LoginResponse, MakeRecoveryCodesRequest,
    RemovePasskeyRequest, RemoveTotpRequest, RequestLoginChangeRequest, RevokeApiTokenRequest, SessionProof,
    SessionView, StepUpRequest, VerifyFactorRequest,
};

/// The session of somebody who has an account here, as identity is shown it.
fn proof(admitted: &Admitted) -> Result<Option<SessionProof>, Error> {
    Ok(Some(admitted.proof(admitted.own()?)))
}

/// What the account is secured with.
pub(crate) async fn security(app: &App, admitted: &Admitted) -> Result<GetSecurityResponse, Error> {
    answer(app.account().get_security(GetSecurityRequest { session: proof(admitted)? }).await)
}

/// Where the account is signed in.
pub(crate) async fn sessions(app: &App, admitted: &Admitted) -> Result<Vec<SessionView>, Error> {
    Ok(answer(app.account().list_sessions(ListSessionsRequest { session: proof(admitted)? }).await)?.sessions)
}

/// Ends another session, or all others where none is named; answers how many ended.
pub(crate) async fn end_session(app: &App, admitted: &Admitted, session_id: String) -> Result<i32, Error> {
    let session = admitted.own()?;
    let request = EndSessionRequest { session: Some(admitted.proof(session)), session_id };
    let ended = answer(app.account().end_session(request).await)?.ended;
    app.sessions.forget_subject(&session.subject().id);
    Ok(ended)
}

/// A page of what happened around the account, the newest first.
pub(crate) async fn activity(
    app: &App,
    admitted: &Admitted,
    limit: i32,
    cursor: String,
) -> Result<ListActivityResponse, Error> {
    let request = ListOwnActivityRequest { session: proof(admitted)?, limit, cursor };
    answer(app.account().list_own_activity(request).await)
}

/// Completes a login with a code of the authenticator app, or with a recovery code.
pub(crate) async fn verify_factor(
    app: &App,
    admitted: &Admitted,
    code: String,
    recovery_code: String,
) -> Result<LoginResponse, Error> {
    if code.is_empty() == recovery_code.is_empty() {
        return Err(Error::invalid_field("code", "required", "Please send a code or a recovery code."));
    }
    let request = VerifyFactorRequest { session: proof(admitted)?, code, recovery_code };
    answer(app.account().verify_factor(request).await)
}

/// Proves again who is there, with the password or a code.
pub(crate) async fn step_up(
    app: &App,
    admitted: &Admitted,
    password: String,
    code: String,
) -> Result<LoginResponse, Error> {
    if password.is_empty() && code.is_empty() {
        return Err(Error::invalid_field("password", "required", "Please send the password or a code."));
    }
    answer(app.account().step_up(StepUpRequest { session: proof(admitted)?, password, code }).await)
}

/// A new secret for an authenticator app. Nothing changes until a first code confirms it.
pub(crate) async fn begin_totp(app: &App, admitted: &Admitted) -> Result<BeginTotpResponse, Error> {
    answer(app.account().begin_totp(BeginTotpRequest { session: proof(admitted)? }).await)
}

/// Confirms the authenticator app with a first code.
pub(crate) async fn confirm_totp(app: &App, admitted: &Admitted, code: String) -> Result<FactorAddedResponse, Error> {
    answer(app.account().confirm_totp(ConfirmTotpRequest { session: proof(admitted)?, code }).await)
}

/// Removes the authenticator app.
pub(crate) async fn remove_totp(app: &App, admitted: &Admitted) -> Result<LoginResponse, Error> {
    answer(app.account().remove_totp(RemoveTotpRequest { session: proof(admitted)? }).await)
}

/// New recovery codes; the old ones are dead.
pub(crate) async fn make_recovery_codes(app: &App, admitted: &Admitted) -> Result<Vec<String>, Error> {
    let request = MakeRecoveryCodesRequest { session: proof(admitted)? };
    Ok(answer(app.account().make_recovery_codes(request).await)?.recovery_codes)
}

/// Begins to register a passkey.
pub(crate) async fn begin_passkey(app: &App, admitted: &Admitted) -> Result<BeginPasskeyResponse, Error> {
    answer(app.account().begin_passkey(BeginPasskeyRequest { session: proof(admitted)? }).await)
}

/// Adds the passkey that a browser made.
pub(crate) async fn finish_passkey(
    app: &App,
    admitted: &Admitted,
    ceremony_id: String,
    credential: String,
    name: String,
) -> Result<FactorAddedResponse, Error> {
    let request = FinishPasskeyRequest { session: proof(admitted)?, ceremony_id, credential, name };
    answer(app.account().finish_passkey(request).await)
}

/// Removes a passkey.
pub(crate) async fn remove_passkey(app: &App, admitted: &Admitted, passkey_id: String) -> Result<LoginResponse, Error> {
    answer(app.account().remove_passkey(RemovePasskeyRequest { session: proof(admitted)?, passkey_id }).await)
}

/// Changes the password. Other sessions end.
pub(crate) async fn change_password(
    app: &App,
    admitted: &Admitted,
    current_password: String,
    new_password: String,
) -> Result<LoginResponse, Error> {
    let request = ChangePasswordRequest { session: proof(admitted)?, current_password, new_password };
    answer(app.account().change_password(request).await)
}

/// Accepts the terms of use in the version that was read.
pub(crate) async fn accept_terms(app: &App, admitted: &Admitted, version: i32) -> Result<LoginResponse, Error> {
    let request = AcceptTermsRequest { session: proof(admitted)?, terms_version: version };
    answer(app.account().accept_terms(request).await)
}

/// Sends a link to the address that shall be signed in with.
pub(crate) async fn request_login_change(app: &App, admitted: &Admitted, new_email: String) -> Result<(), Error> {
    let request = RequestLoginChangeRequest { session: proof(admitted)?, new_email };
    answer(app.account().request_login_change(request).await).map(drop)
}

/// The account's tokens for programs.
pub(crate) async fn tokens(app: &App, admitted: &Admitted) -> Result<Vec<ApiToken>, Error> {
    Ok(answer(app.account().list_api_tokens(ListApiTokensRequest { session: proof(admitted)? }).await)?.tokens)
}

/// Makes a token; its secret is told this once.
pub(crate) async fn create_token(
    app: &App,
    admitted: &Admitted,
    name: String,
    scopes: Vec<String>,
    valid_days: i32,
) -> Result<CreateApiTokenResponse, Error> {
    let request = CreateApiTokenRequest { session: proof(admitted)?, name, scopes, valid_days };
    answer(app.account().create_api_token(request).await)
}

/// Revokes a token.
pub(crate) async fn revoke_token(app: &App, admitted: &Admitted, token_id: String) -> Result<(), Error> {
    let session = admitted.own()?;
    let request = RevokeApiTokenRequest { session: Some(admitted.proof(session)), token_id };
    answer(app.account().revoke_api_token(request).await)?;
    app.sessions.forget_subject(&session.subject().id);
    Ok(())
}
