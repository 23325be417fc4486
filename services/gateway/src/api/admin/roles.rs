//! Roles of agents: built-in ones, and own ones with named rights.

use crate::{
    api::body::Body,
    app::App,
    guard::Admitted,
    problem::{Problem, ProblemBody},
};
use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use kernel::Error;
use proto::identity::v1::{DefineRoleRequest, DeleteRoleRequest, ListRolesRequest, Role};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A role.
#[derive(Serialize, ToSchema)]
pub(crate) struct RoleBody {
    /// `administrator`, `agent`, `viewer`, or an id.
    id: String,
    name: String,
    description: String,
    built_in: bool,
    /// What agents of this role do with records: `write` or `read`.
    records: String,
    /// `manage_access`, `unlock`, `configure`, `manage_agents`, `impersonate`, `impersonate_write`, `read_audit`, `restore`.
    rights: Vec<String>,
    /// How many agents have it.
    agents: i32,
}

/// All roles, built-in ones first.
#[derive(Serialize, ToSchema)]
pub(crate) struct RolesBody {
    items: Vec<RoleBody>,
    next_cursor: Option<String>,
}

fn role_body(role: Role) -> RoleBody {
    RoleBody {
        id: role.role_id,
        name: role.name,
        description: role.description,
        built_in: role.built_in,
        records: role.records,
        rights: role.rights,
        agents: role.agents,
    }
}

/// All roles.
pub(crate) async fn all(app: &App) -> Result<Vec<Role>, Error> {
    let answer = app.clients.identity_administration().list_roles(ListRolesRequest {}).await;
    Ok(answer.map_err(runtime::error_of)?.into_inner().roles)
}

/// Roles.
#[utoipa::path(get, path = "/admin/roles", operation_id = "listRoles", responses((status = 200, description = "Roles", body = RolesBody)))]
pub(crate) async fn roles(State(app): State<App>, admitted: Admitted) -> Result<Json<RolesBody>, Problem> {
    admitted.signed_in()?;
    Ok(Json(RolesBody { items: all(&app).await?.into_iter().map(role_body).collect(), next_cursor: None }))
}

/// An own role, whole.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleDefinition {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: String,
    /// `write` or `read`.
    pub(crate) records: String,
    #[serde(default)]
    pub(crate) rights: Vec<String>,
}

/// Makes a role, or changes the one with this id.
pub(crate) async fn define(app: &App, id: &str, role: RoleDefinition, key: String) -> Result<Role, Error> {
    let request = DefineRoleRequest {
        role_id: id.to_owned(),
        name: role.name,
        description: role.description,
        records: role.records,
        rights: role.rights,
        idempotency_key: key,
    };
    let answer = app.clients.identity_administration().define_role(request).await.map_err(runtime::error_of)?;
    answer.into_inner().role.ok_or_else(|| Error::internal("an answer without its role"))
}

/// Deletes an own role.
pub(crate) async fn remove(app: &App, id: &str) -> Result<(), Error> {
    let request = DeleteRoleRequest { role_id: id.to_owned() };
    app.clients.identity_administration().delete_role(request).await.map_err(runtime::error_of)?;
    Ok(())
}

/// Make an own role.
#[utoipa::path(post, path = "/admin/roles", operation_id = "createRole", request_body = RoleDefinition,
    params(("Idempotency-Key" = Option<String>, Header, description = "Any text of up to 200 characters; repeating the request with it makes nothing twice")), responses(
    (status = 201, description = "Made", body = RoleBody),
    (status = 409, description = "The name is taken", body = ProblemBody)))]
pub(crate) async fn create_role(
    State(app): State<App>,
    admitted: Admitted,
    Body(body): Body<RoleDefinition>,
) -> Result<Response, Problem> {
    admitted.signed_in()?;
    let role = define(&app, "", body, admitted.creation_key()).await?;
    Ok((StatusCode::CREATED, Json(role_body(role))).into_response())
}

/// Change an own role. Its agents have the new rights within a second.
#[utoipa::path(put, path = "/admin/roles/{id}", operation_id = "changeRole", request_body = RoleDefinition,
    responses((status = 200, description = "Changed", body = RoleBody)))]
pub(crate) async fn change_role(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    Body(body): Body<RoleDefinition>,
) -> Result<Json<RoleBody>, Problem> {
    admitted.signed_in()?;
    Ok(Json(role_body(define(&app, &id, body, admitted.idempotency_key.clone()).await?)))
}

/// Delete an own role that no agent has.
#[utoipa::path(delete, path = "/admin/roles/{id}", operation_id = "deleteRole", responses(
    (status = 204, description = "Deleted"), (status = 409, description = "An agent has it", body = ProblemBody)))]
pub(crate) async fn delete_role(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    admitted.signed_in()?;
    remove(&app, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
