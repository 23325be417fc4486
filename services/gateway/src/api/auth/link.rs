//! The secure link of a company without portal users: looking changes nothing, only the call makes a session.

use crate::{
    api::{auth::LoginState, body::NoBody},
    backend::logins,
    http::{
        app::App,
        cookies::keep_login,
        problem::{Problem, ProblemBody},
        request::Admitted,
        sessions::Surface,
    },
};
use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

/// What a link leads to.
#[derive(Serialize, ToSchema)]
#[schema(as = LinkState)]
pub(crate) struct LinkBody {
    /// False for unknown, revoked, expired and switched off alike.
    usable: bool,
    /// The company has portal users: the link only leads to the login.
    sign_in_instead: bool,
}

/// What a company's link leads to. Changes nothing.
#[utoipa::path(get, path = "/auth/link/{token}", operation_id = "inspectCompanyLink",
    responses((status = 200, description = "Whether it can be used", body = LinkBody)))]
pub(crate) async fn look(
    State(app): State<App>,
    admitted: Admitted,
    Path(token): Path<String>,
) -> Result<Json<LinkBody>, Problem> {
    let answer = logins::inspect_company_link(&app, &admitted, token).await?;
    Ok(Json(LinkBody { usable: answer.usable, sign_in_instead: answer.sign_in_instead }))
}

/// Open the portal by a company's link.
#[utoipa::path(post, path = "/auth/link/{token}", operation_id = "openCompanyLink", responses(
    (status = 200, description = "A session of the portal, under the profile of non-portal users", body = LoginState),
    (status = 400, description = "The link does not work", body = ProblemBody),
    (status = 409, description = "Sign in instead: the company has portal users (`sign_in_instead`)",
        body = ProblemBody)))]
pub(crate) async fn open(
    State(app): State<App>,
    admitted: Admitted,
    Path(token): Path<String>,
    _: NoBody,
) -> Result<Response, Problem> {
    let answer = logins::open_company_link(&app, &admitted, token).await?;
    let mut response = Json(LoginState::of(&answer)).into_response();
    keep_login(&app, &mut response, Surface::Portal, &answer);
    Ok(response)
}
