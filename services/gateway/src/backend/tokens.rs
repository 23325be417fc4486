//! Tokens for programs: all of the installation, and new ones for accounts of programs.

use super::answer;
use crate::http::app::App;
use kernel::Error;
use proto::identity::v1::{
    ApiToken, CreateApiTokenResponse, CreateServiceTokenRequest, ListAllApiTokensRequest, RevokeAnyApiTokenRequest,
};

/// Every live token.
pub(crate) async fn all(app: &App) -> Result<Vec<ApiToken>, Error> {
    Ok(answer(app.clients.identity_administration().list_all_api_tokens(ListAllApiTokensRequest {}).await)?.tokens)
}

/// Makes a token for an account of a program.
pub(crate) async fn create(app: &App, request: CreateServiceTokenRequest) -> Result<CreateApiTokenResponse, Error> {
    answer(app.clients.identity_administration().create_service_token(request).await)
}

/// Takes a token back.
pub(crate) async fn revoke(app: &App, id: &str) -> Result<(), Error> {
    let request = RevokeAnyApiTokenRequest { token_id: id.to_owned() };
    answer(app.clients.identity_administration().revoke_any_api_token(request).await).map(drop)
}
