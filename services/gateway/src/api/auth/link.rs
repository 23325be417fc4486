//! The secure link of a company without portal users: looking changes nothing, only the call makes a session.

use super::LoginState;
use crate::{
    api::body::NoBody,
    app::App,
    guard::{Admitted, keep_login},
    problem::{Problem, ProblemBody},
    sessions::Surface,
};
use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use kernel::{Code, Error};
use proto::identity::v1::{
    InspectCompanyLinkRequest, InspectCompanyLinkResponse, LoginResponse, OpenCompanyLinkRequest,
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
    let answer = inspected(&app, &admitted, token).await?;
    Ok(Json(LinkBody { usable: answer.usable, sign_in_instead: answer.sign_in_instead }))
}

/// What pages and API share.
pub(crate) async fn inspected(
    app: &App,
    admitted: &Admitted,
    token: String,
) -> Result<InspectCompanyLinkResponse, Error> {
    let request = InspectCompanyLinkRequest { token, source: Some(admitted.source()) };
    let mut identity = app.clients.as_service().identity();
    Ok(identity.inspect_company_link(request).await.map_err(runtime::error_of)?.into_inner())
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
    let answer = opened(&app, &admitted, token).await?;
    let mut response = Json(LoginState::of(&answer)).into_response();
    keep_login(&app, &mut response, Surface::Portal, &answer);
    Ok(response)
}

/// What pages and API share. Whoever had a session in this browser begins anew.
pub(crate) async fn opened(app: &App, admitted: &Admitted, token: String) -> Result<LoginResponse, Error> {
    let request = OpenCompanyLinkRequest { token, source: Some(admitted.source()) };
    let opened = app.clients.as_service().identity().open_company_link(request).await.map_err(runtime::error_of);
    let answer = opened
        .map_err(|error| match error.code {
            Code::NotFound => Error::new(Code::Invalid, "link_unusable", "This link does not work any more."),
            _ => error,
        })?
        .into_inner();
    if let Some(old) = admitted.session.as_ref().filter(|s| s.surface == Surface::Portal && !s.support()) {
        super::end(app, &old.token).await;
    }
    Ok(answer)
}
