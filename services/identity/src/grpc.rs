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
