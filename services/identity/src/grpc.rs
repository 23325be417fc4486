//! The gRPC surface: each method takes the verified caller and the message to its command or query.

use crate::Identity;
use kernel::Error;
use proto::identity::v1::{identity_service_server::IdentityService, *};
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

            async fn request_password_reset(&self, _: Request<RequestPasswordResetRequest>) -> Result<Response<RequestPasswordResetResponse>, Status> {
                Err(Status::unimplemented("not yet"))
            }

            async fn inspect_link(&self, _: Request<InspectLinkRequest>) -> Result<Response<InspectLinkResponse>, Status> {
                Err(Status::unimplemented("not yet"))
            }

            async fn reset_password(&self, _: Request<ResetPasswordRequest>) -> Result<Response<ResetPasswordResponse>, Status> {
                Err(Status::unimplemented("not yet"))
            }

            async fn confirm_login_change(&self, _: Request<ConfirmLoginChangeRequest>) -> Result<Response<ConfirmLoginChangeResponse>, Status> {
                Err(Status::unimplemented("not yet"))
            }

            async fn issue_link(&self, _: Request<IssueLinkRequest>) -> Result<Response<IssueLinkResponse>, Status> {
                Err(Status::unimplemented("not yet"))
            }

            async fn begin_passkey_login(&self, _: Request<BeginPasskeyLoginRequest>) -> Result<Response<BeginPasskeyLoginResponse>, Status> {
                Err(Status::unimplemented("not yet"))
            }

            async fn finish_passkey_login(&self, _: Request<FinishPasskeyLoginRequest>) -> Result<Response<LoginResponse>, Status> {
                Err(Status::unimplemented("not yet"))
            }

            async fn get_public_policy(&self, _: Request<GetPublicPolicyRequest>) -> Result<Response<GetPublicPolicyResponse>, Status> {
                Err(Status::unimplemented("not yet"))
            }

            async fn revoke_invitation(&self, _: Request<RevokeInvitationRequest>) -> Result<Response<AccessResponse>, Status> {
                Err(Status::unimplemented("not yet"))
            }

            async fn suspend_access(&self, _: Request<SuspendAccessRequest>) -> Result<Response<AccessResponse>, Status> {
                Err(Status::unimplemented("not yet"))
            }

            async fn resume_access(&self, _: Request<ResumeAccessRequest>) -> Result<Response<AccessResponse>, Status> {
                Err(Status::unimplemented("not yet"))
            }

            async fn change_login(&self, _: Request<ChangeLoginRequest>) -> Result<Response<AccessResponse>, Status> {
                Err(Status::unimplemented("not yet"))
            }

            async fn send_reset_link(&self, _: Request<SendResetLinkRequest>) -> Result<Response<SendResetLinkResponse>, Status> {
                Err(Status::unimplemented("not yet"))
            }

            async fn set_one_time_password(&self, _: Request<SetOneTimePasswordRequest>) -> Result<Response<SetOneTimePasswordResponse>, Status> {
                Err(Status::unimplemented("not yet"))
            }

            async fn require_mfa(&self, _: Request<RequireMfaRequest>) -> Result<Response<RequireMfaResponse>, Status> {
                Err(Status::unimplemented("not yet"))
            }

            async fn reset_mfa(&self, _: Request<ResetMfaRequest>) -> Result<Response<ResetMfaResponse>, Status> {
                Err(Status::unimplemented("not yet"))
            }

            async fn list_user_sessions(&self, _: Request<ListUserSessionsRequest>) -> Result<Response<ListSessionsResponse>, Status> {
                Err(Status::unimplemented("not yet"))
            }

            async fn end_user_sessions(&self, _: Request<EndUserSessionsRequest>) -> Result<Response<EndSessionsResponse>, Status> {
                Err(Status::unimplemented("not yet"))
            }

            async fn list_trusts(&self, _: Request<ListTrustsRequest>) -> Result<Response<ListTrustsResponse>, Status> {
                Err(Status::unimplemented("not yet"))
            }

            async fn revoke_trust(&self, _: Request<RevokeTrustRequest>) -> Result<Response<RevokeTrustResponse>, Status> {
                Err(Status::unimplemented("not yet"))
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
}
