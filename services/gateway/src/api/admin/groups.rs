//! Groups of agents.

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
use proto::identity::v1::{DefineGroupRequest, DeleteGroupRequest, Group, ListGroupsRequest};
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
    next_cursor: Option<String>,
}

fn group_body(group: Group) -> GroupBody {
    GroupBody { id: group.group_id, name: group.name, description: group.description, member_ids: group.member_ids }
}

/// All groups.
pub(crate) async fn all(app: &App) -> Result<Vec<Group>, Error> {
    let answer = app.clients.identity_administration().list_groups(ListGroupsRequest {}).await;
    Ok(answer.map_err(runtime::error_of)?.into_inner().groups)
}

/// Groups.
#[utoipa::path(get, path = "/admin/groups", operation_id = "listGroups", responses((status = 200, description = "Groups", body = GroupsBody)))]
pub(crate) async fn groups(State(app): State<App>, admitted: Admitted) -> Result<Json<GroupsBody>, Problem> {
    admitted.signed_in()?;
    Ok(Json(GroupsBody { items: all(&app).await?.into_iter().map(group_body).collect(), next_cursor: None }))
}

/// A group, whole.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GroupDefinition {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) description: String,
    /// Ids of agents.
    #[serde(default)]
    pub(crate) member_ids: Vec<String>,
}

/// Makes a group, or changes the one with this id.
pub(crate) async fn define(app: &App, id: &str, group: GroupDefinition, key: String) -> Result<Group, Error> {
    let request = DefineGroupRequest {
        group_id: id.to_owned(),
        name: group.name,
        description: group.description,
        member_ids: group.member_ids,
        idempotency_key: key,
    };
    let answer = app.clients.identity_administration().define_group(request).await.map_err(runtime::error_of)?;
    answer.into_inner().group.ok_or_else(|| Error::internal("an answer without its group"))
}

/// Deletes a group.
pub(crate) async fn remove(app: &App, id: &str) -> Result<(), Error> {
    let request = DeleteGroupRequest { group_id: id.to_owned() };
    app.clients.identity_administration().delete_group(request).await.map_err(runtime::error_of)?;
    Ok(())
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
    let group = define(&app, "", body, admitted.creation_key()).await?;
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
    Ok(Json(group_body(define(&app, &id, body, admitted.idempotency_key.clone()).await?)))
}

/// Delete a group. Its members stay agents.
#[utoipa::path(delete, path = "/admin/groups/{id}", operation_id = "deleteGroup", responses((status = 204, description = "Deleted")))]
pub(crate) async fn delete_group(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    admitted.signed_in()?;
    remove(&app, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
