//! Tokens for programs: all of the installation, and new ones for accounts of programs.

use crate::{
    api::{body::Body, values},
    backend::tokens,
    http::{
        app::App,
        problem::{Problem, ProblemBody},
        request::Admitted,
    },
};
use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use kernel::Error;
use proto::identity::v1::{ApiToken, CreateServiceTokenRequest};
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

/// Every token of this installation, with who owns it.
#[utoipa::path(get, path = "/admin/api-tokens", operation_id = "listAllApiTokens", responses((status = 200, description = "Tokens", body = TokensBody)))]
pub(crate) async fn tokens(State(app): State<App>, admitted: Admitted) -> Result<Json<TokensBody>, Problem> {
    admitted.signed_in()?;
    Ok(Json(TokensBody { items: tokens::all(&app).await?.into_iter().map(token_body).collect() }))
}

/// Revoke any token; it is dead at once.
#[utoipa::path(delete, path = "/admin/api-tokens/{id}", operation_id = "revokeAnyApiToken", responses((status = 204, description = "Revoked")))]
pub(crate) async fn revoke_token(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    admitted.signed_in()?;
    tokens::revoke(&app, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A new token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewApiToken)]
pub(crate) struct NewToken {
    name: String,
    /// `read`, `write`, `admin`.
    scopes: Vec<String>,
    /// 1 to 365.
    valid_days: i32,
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
    let request =
        CreateServiceTokenRequest { user_id: id, name: body.name, scopes: body.scopes, valid_days: body.valid_days };
    let made = tokens::create(&app, request).await?;
    let token = token_body(made.token.ok_or_else(|| Error::internal("an answer without its token"))?);
    let body = Json(SecretBody { token, secret: made.secret });
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], body).into_response())
}
