//! The gRPC surface: each method takes the verified caller and the message to its command or query.

mod administration;

pub use administration::AdministrationServer;

use crate::identity::Identity;
use kernel::Error;
use proto::identity::v1::{account_service_server::AccountService, identity_service_server::IdentityService, *};
use runtime::{actor, status};
use std::sync::Arc;
use tonic::{Request, Response, Status};

/// Identity's server.
#[derive(Clone)]
pub struct Server(pub Arc<Identity>);

fn answer<T>(result: Result<T, Error>) -> Result<Response<T>, Status> {
    result.map(Response::new).map_err(status)
}

/// A method that is nothing but a call with the caller and the message, owned or borrowed.
macro_rules! methods {
    ($($name:ident($request:ty) -> $response:ty { $($borrow:tt)? };)*) => {
        #[tonic::async_trait]
        impl IdentityService for Server {
            $(
                async fn $name(&self, request: Request<$request>) -> Result<Response<$response>, Status> {
                    let caller = actor(&request)?;
                    let message = request.into_inner();
                    answer(self.0.$name(&caller, $($borrow)? message).await)
                }
            )*

            async fn list_agents(&self, request: Request<ListAgentsRequest>) -> Result<Response<ListAgentsResponse>, Status> {
                let caller = actor(&request)?;
                answer(self.0.list_agents(&caller).await)
            }

            async fn resolve_names(&self, request: Request<ResolveNamesRequest>) -> Result<Response<ResolveNamesResponse>, Status> {
                actor(&request)?;
                answer(self.0.resolve_names(request.get_ref()).await)
            }

            async fn request_password_reset(
                &self,
                request: Request<RequestPasswordResetRequest>,
            ) -> Result<Response<RequestPasswordResetResponse>, Status> {
                let caller = actor(&request)?;
                answer(self.0.request_password_reset(&caller, request.into_inner()).await)
            }

            /// Public keys are for everybody who has a token.
            async fn list_signing_keys(
                &self,
                _: Request<ListSigningKeysRequest>,
            ) -> Result<Response<ListSigningKeysResponse>, Status> {
                let keys = self.0.signing.public().await;
                answer(keys.map(|keys| ListSigningKeysResponse {
                    keys: keys.into_iter().map(|(kid, public_key)| SigningKey { kid, public_key }).collect(),
                }))
            }
        }
    };
}

methods! {
    login(LoginRequest) -> LoginResponse {};
    check_session(CheckSessionRequest) -> CheckSessionResponse { & };
    check_api_token(CheckApiTokenRequest) -> CheckApiTokenResponse { & };
    inspect_company_link(InspectCompanyLinkRequest) -> InspectCompanyLinkResponse { & };
    open_company_link(OpenCompanyLinkRequest) -> LoginResponse { & };
    begin_impersonation(BeginImpersonationRequest) -> LoginResponse { & };
    logout(LogoutRequest) -> LogoutResponse { & };
    inspect_invitation(InspectInvitationRequest) -> InspectInvitationResponse { & };
    accept_invitation(AcceptInvitationRequest) -> AcceptInvitationResponse {};
    issue_invitation_link(IssueInvitationLinkRequest) -> IssueInvitationLinkResponse { & };
    enable_access(EnableAccessRequest) -> EnableAccessResponse { & };
    change_support_dates(ChangeSupportDatesRequest) -> ChangeSupportDatesResponse { & };
    disable_access(DisableAccessRequest) -> DisableAccessResponse { & };
    resend_invitation(ResendInvitationRequest) -> ResendInvitationResponse { & };
    get_access(GetAccessRequest) -> GetAccessResponse { & };
    list_locked(ListLockedRequest) -> ListLockedResponse { & };
    unlock(UnlockRequest) -> UnlockResponse { & };
    create_agent(CreateAgentRequest) -> CreateAgentResponse {};
    list_revocations(ListRevocationsRequest) -> ListRevocationsResponse { & };
    set_password(SetPasswordRequest) -> SetPasswordResponse {};
    inspect_link(InspectLinkRequest) -> InspectLinkResponse { & };
    reset_password(ResetPasswordRequest) -> ResetPasswordResponse {};
    confirm_login_change(ConfirmLoginChangeRequest) -> ConfirmLoginChangeResponse {};
    issue_link(IssueLinkRequest) -> IssueLinkResponse { & };
    begin_passkey_login(BeginPasskeyLoginRequest) -> BeginPasskeyLoginResponse {};
    finish_passkey_login(FinishPasskeyLoginRequest) -> LoginResponse {};
    get_public_policy(GetPublicPolicyRequest) -> GetPublicPolicyResponse { & };
    revoke_invitation(RevokeInvitationRequest) -> AccessResponse { & };
    suspend_access(SuspendAccessRequest) -> AccessResponse { & };
    resume_access(ResumeAccessRequest) -> AccessResponse { & };
    change_login(ChangeLoginRequest) -> AccessResponse { & };
    send_reset_link(SendResetLinkRequest) -> SendResetLinkResponse { & };
    set_one_time_password(SetOneTimePasswordRequest) -> SetOneTimePasswordResponse {};
    require_mfa(RequireMfaRequest) -> RequireMfaResponse { & };
    reset_mfa(ResetMfaRequest) -> ResetMfaResponse { & };
    list_user_sessions(ListUserSessionsRequest) -> ListSessionsResponse { & };
    end_user_sessions(EndUserSessionsRequest) -> EndSessionsResponse { & };
    list_trusts(ListTrustsRequest) -> ListTrustsResponse { & };
    revoke_trust(RevokeTrustRequest) -> RevokeTrustResponse { & };
    check_entry(CheckEntryRequest) -> CheckEntryResponse { & };
    tell_end(TellEndRequest) -> TellEndResponse { & };
    keep_form(KeepFormRequest) -> KeepFormResponse { & };
    get_kept_form(GetKeptFormRequest) -> GetKeptFormResponse { & };
    drop_kept_form(DropKeptFormRequest) -> DropKeptFormResponse { & };
}

/// Identity's server for people's own accounts.
#[derive(Clone)]
pub struct AccountServer(pub Arc<Identity>);

/// A method of an own account is a call with the session that asks, which may do it, and the message.
macro_rules! own_methods {
    ($($name:ident => $handler:ident($request:ty) -> $response:ty;)*) => {
        #[tonic::async_trait]
        impl AccountService for AccountServer {
            $(
                async fn $name(&self, request: Request<$request>) -> Result<Response<$response>, Status> {
                    let caller = actor(&request)?;
                    let message = request.into_inner();
                    let own = self.0.own_for(&caller, &message).await.map_err(status)?;
                    answer(self.0.$handler(own, message).await)
                }
            )*
        }
    };
}

own_methods! {
    list_own_activity => list_own_activity(ListOwnActivityRequest) -> ListActivityResponse;
    create_api_token => create_own_token(CreateApiTokenRequest) -> CreateApiTokenResponse;
    list_api_tokens => list_own_tokens(ListApiTokensRequest) -> ListApiTokensResponse;
    revoke_api_token => revoke_own_token(RevokeApiTokenRequest) -> RevokeApiTokenResponse;
    verify_factor => verify_factor(VerifyFactorRequest) -> LoginResponse;
    step_up => step_up(StepUpRequest) -> LoginResponse;
    change_password => change_password(ChangePasswordRequest) -> LoginResponse;
    accept_terms => accept_terms(AcceptTermsRequest) -> LoginResponse;
    begin_totp => begin_totp(BeginTotpRequest) -> BeginTotpResponse;
    confirm_totp => confirm_totp(ConfirmTotpRequest) -> FactorAddedResponse;
    remove_totp => remove_totp(RemoveTotpRequest) -> LoginResponse;
    begin_passkey => begin_passkey(BeginPasskeyRequest) -> BeginPasskeyResponse;
    finish_passkey => finish_passkey(FinishPasskeyRequest) -> FactorAddedResponse;
    remove_passkey => remove_passkey(RemovePasskeyRequest) -> LoginResponse;
    make_recovery_codes => make_recovery_codes(MakeRecoveryCodesRequest) -> MakeRecoveryCodesResponse;
    get_security => get_security(GetSecurityRequest) -> GetSecurityResponse;
    list_sessions => list_sessions(ListSessionsRequest) -> ListSessionsResponse;
    end_session => end_session_of_own(EndSessionRequest) -> EndSessionsResponse;
    request_login_change => request_login_change(RequestLoginChangeRequest) -> RequestLoginChangeResponse;
}
