//! Tokens for programs that act in one's name.

use crate::{
    api::{body::Body, values},
    backend::account,
    http::{
        app::App,
        problem::{Problem, ProblemBody},
        request::Admitted,
    },
};
use axum::{
    Json,
    extract::{Path, State},
};
use http::StatusCode;
use proto::identity::v1::ApiToken;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A token, without its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnApiToken)]
pub(crate) struct TokenBody {
    id: String,
    name: String,
    /// `read`, `write`, `admin`.
    scopes: Vec<String>,
    created_at: Option<String>,
    expires_at: Option<String>,
    last_used_at: Option<String>,
    /// Its last characters, to tell tokens apart.
    hint: String,
}

impl TokenBody {
    fn of(token: ApiToken) -> TokenBody {
        TokenBody {
            id: token.token_id,
            name: token.name,
            scopes: token.scopes,
            created_at: values::time(token.created_at_micros),
            expires_at: values::time(token.expires_at_micros),
            last_used_at: values::time(token.last_used_micros),
            hint: token.hint,
        }
    }
}

/// Tokens.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnApiTokens)]
pub(crate) struct Tokens {
    items: Vec<TokenBody>,
}

/// My tokens.
#[utoipa::path(get, path = "/auth/api-tokens", operation_id = "listApiTokens", responses((status = 200, description = "Tokens", body = Tokens)))]
pub(crate) async fn list(State(app): State<App>, admitted: Admitted) -> Result<Json<Tokens>, Problem> {
    let tokens = account::tokens(&app, &admitted).await?;
    Ok(Json(Tokens { items: tokens.into_iter().map(TokenBody::of).collect() }))
}

/// The token to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewOwnApiToken)]
pub(crate) struct NewToken {
    /// What it is for.
    name: String,
    /// `read` for GET, `write` for records and comments, `admin` for `/admin`.
    scopes: Vec<String>,
    /// 1 to 365.
    valid_days: i32,
}

/// A token with its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = MadeOwnApiToken)]
pub(crate) struct NewTokenBody {
    #[serde(flatten)]
    token: TokenBody,
    /// `pat_…`, shown this once; sent as `Authorization: Bearer`.
    secret: String,
}

/// Make a token for a program.
#[utoipa::path(post, path = "/auth/api-tokens", operation_id = "createApiToken", request_body = NewToken, responses(
    (status = 201, description = "Made; the secret is shown this once", body = NewTokenBody),
    (status = 403, description = "Prove again who you are (`step_up_required`)", body = ProblemBody),
    (status = 422, description = "A field is not right", body = ProblemBody)))]
pub(crate) async fn create(
    State(app): State<App>,
    admitted: Admitted,
    Body(body): Body<NewToken>,
) -> Result<(StatusCode, Json<NewTokenBody>), Problem> {
    let answer = account::create_token(&app, &admitted, body.name, body.scopes, body.valid_days).await?;
    let token = TokenBody::of(answer.token.unwrap_or_default());
    Ok((StatusCode::CREATED, Json(NewTokenBody { token, secret: answer.secret })))
}

/// Revoke a token. It is dead within five seconds.
#[utoipa::path(delete, path = "/auth/api-tokens/{id}", operation_id = "revokeApiToken", responses(
    (status = 204, description = "Revoked"),
    (status = 404, description = "There is none", body = ProblemBody)))]
pub(crate) async fn revoke(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    account::revoke_token(&app, &admitted, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
