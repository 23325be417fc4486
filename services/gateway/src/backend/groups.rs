//! Groups of agents.

use super::answer;
use crate::http::app::App;
use kernel::Error;
use proto::identity::v1::{DefineGroupRequest, DeleteGroupRequest, Group, ListGroupsRequest};

/// All groups.
pub(crate) async fn all(app: &App) -> Result<Vec<Group>, Error> {
    Ok(answer(app.clients.identity_administration().list_groups(ListGroupsRequest {}).await)?.groups)
}

/// Makes a group, or changes the one whose id is given.
pub(crate) async fn define(app: &App, request: DefineGroupRequest) -> Result<Group, Error> {
    let group = answer(app.clients.identity_administration().define_group(request).await)?.group;
    group.ok_or_else(|| Error::internal("an answer without its group"))
}

/// Deletes a group.
pub(crate) async fn remove(app: &App, id: &str) -> Result<(), Error> {
    let request = DeleteGroupRequest { group_id: id.to_owned() };
    answer(app.clients.identity_administration().delete_group(request).await).map(drop)
}
