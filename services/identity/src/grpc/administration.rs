//! The gRPC surface of administration: each method takes the verified caller and the message to its command or query.

use crate::identity::Identity;
use proto::identity::v1::{administration_service_server::AdministrationService, *};
use runtime::{actor, status};
use std::sync::Arc;
use tonic::{Request, Response, Status};

/// Identity's server for agents and administrators.
#[derive(Clone)]
pub struct AdministrationServer(pub Arc<Identity>);

/// A method that is nothing but a call with the caller and the message.
macro_rules! methods {
    ($($name:ident($request:ty) -> $response:ty;)*) => {
        #[tonic::async_trait]
        impl AdministrationService for AdministrationServer {
            $(
                async fn $name(&self, request: Request<$request>) -> Result<Response<$response>, Status> {
                    let caller = actor(&request)?;
                    self.0.$name(&caller, request.into_inner()).await.map(Response::new).map_err(status)
                }
            )*
        }
    };
}

methods! {
    get_settings(GetSettingsRequest) -> GetSettingsResponse;
    change_settings(ChangeSettingsRequest) -> GetSettingsResponse;
    list_roles(ListRolesRequest) -> ListRolesResponse;
    define_role(DefineRoleRequest) -> DefineRoleResponse;
    delete_role(DeleteRoleRequest) -> DeleteRoleResponse;
    list_groups(ListGroupsRequest) -> ListGroupsResponse;
    define_group(DefineGroupRequest) -> DefineGroupResponse;
    delete_group(DeleteGroupRequest) -> DeleteGroupResponse;
    list_all_api_tokens(ListAllApiTokensRequest) -> ListApiTokensResponse;
    create_service_token(CreateServiceTokenRequest) -> CreateApiTokenResponse;
    revoke_any_api_token(RevokeAnyApiTokenRequest) -> RevokeApiTokenResponse;
    get_agent(GetAgentRequest) -> GetAgentResponse;
    change_agent(ChangeAgentRequest) -> ChangeAgentResponse;
    disable_agent(DisableAgentRequest) -> DisableAgentResponse;
    enable_agent(EnableAgentRequest) -> EnableAgentResponse;
    list_activity(ListActivityRequest) -> ListActivityResponse;
    plan_bulk_access(BulkAccessRequest) -> PlanBulkAccessResponse;
    start_bulk_access(BulkAccessRequest) -> BulkJobResponse;
    get_bulk_access(GetBulkAccessRequest) -> BulkJobResponse;
    list_bulk_access(ListBulkAccessRequest) -> ListBulkAccessResponse;
    list_bulk_rows(ListBulkRowsRequest) -> ListBulkRowsResponse;
    cancel_bulk_access(CancelBulkAccessRequest) -> BulkJobResponse;
    get_company_access(GetCompanyAccessRequest) -> CompanyAccessResponse;
    issue_company_link(IssueCompanyLinkRequest) -> IssueCompanyLinkResponse;
    revoke_company_link(RevokeCompanyLinkRequest) -> CompanyAccessResponse;
}
