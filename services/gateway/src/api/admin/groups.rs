//! Groups of agents.

use crate::{
    api::body::Body,
    backend::groups,
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
use proto::identity::v1::{DefineGroupRequest, Group};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A group.
#[derive(Serialize, ToSchema)]
pub(crate) struct GroupBody {
    id: String,
    name: String,
    description: String,
    member_ids: Vec<String>,
}

/// All groups.
#[derive(Serialize, ToSchema)]
pub(crate) struct GroupsBody {
    items: Vec<GroupBody>,
}

fn group_body(group: Group) -> GroupBody {
    GroupBody { id: group.group_id, name: group.name, description: group.description, member_ids: group.member_ids }
}

/// Groups.
#[utoipa::path(get, path = "/admin/groups", operation_id = "listGroups", responses((status = 200, description = "Groups", body = GroupsBody)))]
pub(crate) async fn groups(State(app): State<App>, admitted: Admitted) -> Result<Json<GroupsBody>, Problem> {
    admitted.signed_in()?;
    Ok(Json(GroupsBody { items: groups::all(&app).await?.into_iter().map(group_body).collect() }))
}

/// A group, whole.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupDefinition {
    name: String,
    #[serde(default)]
    description: String,
    /// Ids of agents.
    #[serde(default)]
    member_ids: Vec<String>,
}

impl GroupDefinition {
    fn request(self, id: String, idempotency_key: String) -> DefineGroupRequest {
        DefineGroupRequest {
            group_id: id,
            name: self.name,
            description: self.description,
            member_ids: self.member_ids,
            idempotency_key,
        }
    }
}

/// Make a group.
#[utoipa::path(post, path = "/admin/groups", operation_id = "createGroup", request_body = GroupDefinition,
    params(("Idempotency-Key" = Option<String>, Header, description = "Any text of up to 200 characters; repeating the request with it makes nothing twice")), responses(
    (status = 201, description = "Made", body = GroupBody),
    (status = 409, description = "The name is taken", body = ProblemBody)))]
pub(crate) async fn create_group(
    State(app): State<App>,
    admitted: Admitted,
    Body(body): Body<GroupDefinition>,
) -> Result<Response, Problem> {
    admitted.signed_in()?;
    let group = groups::define(&app, body.request(String::new(), admitted.creation_key())).await?;
    Ok((StatusCode::CREATED, Json(group_body(group))).into_response())
}

/// Change a group; the list of members is taken as a whole.
#[utoipa::path(put, path = "/admin/groups/{id}", operation_id = "changeGroup", request_body = GroupDefinition,
    responses((status = 200, description = "Changed", body = GroupBody)))]
pub(crate) async fn change_group(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    Body(body): Body<GroupDefinition>,
) -> Result<Json<GroupBody>, Problem> {
    admitted.signed_in()?;
    Ok(Json(group_body(groups::define(&app, body.request(id, admitted.idempotency_key.clone())).await?)))
}

/// Delete a group. Its members stay agents.
#[utoipa::path(delete, path = "/admin/groups/{id}", operation_id = "deleteGroup", responses((status = 204, description = "Deleted")))]
pub(crate) async fn delete_group(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    admitted.signed_in()?;
    groups::remove(&app, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
