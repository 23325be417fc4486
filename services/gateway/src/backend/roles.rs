//! Roles of agents.

use super::answer;
use crate::http::app::App;
use kernel::Error;
use proto::identity::v1::{DefineRoleRequest, DeleteRoleRequest, ListRolesRequest, Role};

/// All roles, built-in ones first.
pub(crate) async fn all(app: &App) -> Result<Vec<Role>, Error> {
    Ok(answer(app.clients.identity_administration().list_roles(ListRolesRequest {}).await)?.roles)
}

/// Makes a role, or changes the one whose id is given.
pub(crate) async fn define(app: &App, request: DefineRoleRequest) -> Result<Role, Error> {
    let role = answer(app.clients.identity_administration().define_role(request).await)?.role;
    role.ok_or_else(|| Error::internal("an answer without its role"))
}

/// Deletes an own role that no agent has.
pub(crate) async fn remove(app: &App, id: &str) -> Result<(), Error> {
    let request = DeleteRoleRequest { role_id: id.to_owned() };
    answer(app.clients.identity_administration().delete_role(request).await).map(drop)
}
