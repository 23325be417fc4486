//! Tokens for programs: all of the installation, and new ones for accounts of programs.

use crate::{
    api::body::Body,
    app::App,
    guard::Admitted,
    problem::{Problem, ProblemBody},
    values,
};
use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use kernel::Error;
use proto::identity::v1::{
    ApiToken, CreateApiTokenResponse, CreateServiceTokenRequest, ListAllApiTokensRequest, RevokeAnyApiTokenRequest,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A token, without its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiToken)]
pub(crate) struct TokenBody {
    id: String,
    owner_id: String,
    owner_name: String,
    name: String,
    /// `read`, `write`, `admin`.
    scopes: Vec<String>,
    created_at: Option<String>,
    expires_at: Option<String>,
    last_used_at: Option<String>,
    /// Last characters, to tell tokens apart.
    hint: String,
}

/// Tokens.
#[derive(Serialize, ToSchema)]
#[schema(as = ApiTokens)]
pub(crate) struct TokensBody {
    items: Vec<TokenBody>,
    next_cursor: Option<String>,
}

fn token_body(token: ApiToken) -> TokenBody {
    TokenBody {
        id: token.token_id,
        owner_id: token.user_id,
        owner_name: token.user_name,
        name: token.name,
        scopes: token.scopes,
        created_at: values::time(token.created_at_micros),
        expires_at: values::time(token.expires_at_micros),
        last_used_at: values::time(token.last_used_micros),
        hint: token.hint,
    }
}

/// Every live token.
pub(crate) async fn all(app: &App) -> Result<Vec<ApiToken>, Error> {
    let answer = app.clients.identity_administration().list_all_api_tokens(ListAllApiTokensRequest {}).await;
    Ok(answer.map_err(runtime::error_of)?.into_inner().tokens)
}

/// Every token of this installation, with who owns it.
#[utoipa::path(get, path = "/admin/api-tokens", operation_id = "listAllApiTokens", responses((status = 200, description = "Tokens", body = TokensBody)))]
pub(crate) async fn tokens(State(app): State<App>, admitted: Admitted) -> Result<Json<TokensBody>, Problem> {
    admitted.signed_in()?;
    Ok(Json(TokensBody { items: all(&app).await?.into_iter().map(token_body).collect(), next_cursor: None }))
}

/// Takes a token back.
pub(crate) async fn revoke(app: &App, id: &str) -> Result<(), Error> {
    let request = RevokeAnyApiTokenRequest { token_id: id.to_owned() };
    app.clients.identity_administration().revoke_any_api_token(request).await.map_err(runtime::error_of)?;
    Ok(())
}

/// Revoke any token; it is dead at once.
#[utoipa::path(delete, path = "/admin/api-tokens/{id}", operation_id = "revokeAnyApiToken", responses((status = 204, description = "Revoked")))]
pub(crate) async fn revoke_token(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    admitted.signed_in()?;
    revoke(&app, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A new token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewApiToken)]
pub(crate) struct NewToken {
    pub(crate) name: String,
    /// `read`, `write`, `admin`.
    pub(crate) scopes: Vec<String>,
    /// 1 to 365.
    pub(crate) valid_days: i32,
}

/// The token with its secret, shown this once.
#[derive(Serialize, ToSchema)]
#[schema(as = MadeApiToken)]
pub(crate) struct SecretBody {
    #[serde(flatten)]
    token: TokenBody,
    /// `Authorization: Bearer` takes this.
    secret: String,
}

/// Makes a token for an account of a program.
pub(crate) async fn create(app: &App, user_id: &str, new: NewToken) -> Result<CreateApiTokenResponse, Error> {
    let request = CreateServiceTokenRequest {
        user_id: user_id.to_owned(),
        name: new.name,
        scopes: new.scopes,
        valid_days: new.valid_days,
    };
    let answer = app.clients.identity_administration().create_service_token(request).await;
    Ok(answer.map_err(runtime::error_of)?.into_inner())
}

/// Make a token for an account of a program.
#[utoipa::path(post, path = "/admin/agents/{id}/api-tokens", operation_id = "createServiceToken", request_body = NewToken, responses(
    (status = 201, description = "Made; the secret is not shown again", body = SecretBody),
    (status = 422, description = "A scope or the number of days is not right", body = ProblemBody)))]
pub(crate) async fn create_token(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    Body(body): Body<NewToken>,
) -> Result<Response, Problem> {
    admitted.signed_in()?;
    let made = create(&app, &id, body).await?;
    let token = token_body(made.token.ok_or_else(|| Error::internal("an answer without its token"))?);
    let body = Json(SecretBody { token, secret: made.secret });
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], body).into_response())
}
