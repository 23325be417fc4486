//! Roles of agents: built-in ones, and own ones with named rights.

use crate::{
    api::body::Body,
    backend::roles,
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
use http::StatusCode;
use proto::identity::v1::{DefineRoleRequest, Role};
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

/// Roles.
#[utoipa::path(get, path = "/admin/roles", operation_id = "listRoles", responses((status = 200, description = "Roles", body = RolesBody)))]
pub(crate) async fn roles(State(app): State<App>, admitted: Admitted) -> Result<Json<RolesBody>, Problem> {
    admitted.signed_in()?;
    Ok(Json(RolesBody { items: roles::all(&app).await?.into_iter().map(role_body).collect() }))
}

/// An own role, whole.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RoleDefinition {
    name: String,
    #[serde(default)]
    description: String,
    /// `write` or `read`.
    records: String,
    #[serde(default)]
    rights: Vec<String>,
}

impl RoleDefinition {
    fn request(self, id: String, idempotency_key: String) -> DefineRoleRequest {
        DefineRoleRequest {
            role_id: id,
            name: self.name,
            description: self.description,
            records: self.records,
            rights: self.rights,
            idempotency_key,
        }
    }
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
    let role = roles::define(&app, body.request(String::new(), admitted.creation_key())).await?;
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
    Ok(Json(role_body(roles::define(&app, body.request(id, admitted.idempotency_key.clone())).await?)))
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
    roles::remove(&app, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
