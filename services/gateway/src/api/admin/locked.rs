//! Locked users.

use super::{PageQuery, some};
use crate::{api::body::Body, app::App, guard::Admitted, problem::Problem, values};
use axum::{
    Json,
    extract::{Query, State},
};
use proto::identity::v1::{ListLockedRequest, SubjectKind, UnlockRequest};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A locked user.
#[derive(Serialize, ToSchema)]
pub(crate) struct LockedBody {
    user_id: String,
    login: String,
    name: String,
    /// `contact` or `agent`.
    kind: &'static str,
    since: Option<String>,
    /// Null: until an agent unlocks.
    locked_until: Option<String>,
    failures: i32,
    /// Networks from which the failures came.
    networks: Vec<String>,
}

/// A page of locked users.
#[derive(Serialize, ToSchema)]
pub(crate) struct LockedListBody {
    items: Vec<LockedBody>,
    next_cursor: Option<String>,
}

/// Users that failed logins have locked.
#[utoipa::path(get, path = "/admin/locked-users", params(PageQuery),
    responses((status = 200, description = "Locked users", body = LockedListBody)))]
pub(crate) async fn locked_users(
    State(app): State<App>,
    admitted: Admitted,
    Query(query): Query<PageQuery>,
) -> Result<Json<LockedListBody>, Problem> {
    admitted.signed_in()?;
    let request = ListLockedRequest { limit: query.limit.unwrap_or(0), cursor: query.cursor.unwrap_or_default() };
    let page = app.clients.identity().list_locked(request).await?.into_inner();
    let items = page.users.into_iter().map(|u| LockedBody {
        kind: if u.kind() == SubjectKind::Agent { "agent" } else { "contact" },
        since: values::time(u.since_micros),
        locked_until: values::time(u.locked_until_micros),
        user_id: u.user_id,
        login: u.login,
        name: u.name,
        failures: u.failures,
        networks: u.networks,
    });
    Ok(Json(LockedListBody { items: items.collect(), next_cursor: some(page.next_cursor) }))
}

/// Whom to unlock.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unlock {
    user_ids: Vec<String>,
    #[serde(default)]
    note: String,
}

/// Who was unlocked.
#[derive(Serialize, ToSchema)]
pub(crate) struct UnlockedBody {
    unlocked: Vec<String>,
}

/// Unlock one or many.
#[utoipa::path(post, path = "/admin/locked-users/unlock", request_body = Unlock,
    responses((status = 200, description = "Unlocked", body = UnlockedBody)))]
pub(crate) async fn unlock(
    State(app): State<App>,
    admitted: Admitted,
    Body(body): Body<Unlock>,
) -> Result<Json<UnlockedBody>, Problem> {
    admitted.signed_in()?;
    let request = UnlockRequest { user_ids: body.user_ids, note: body.note, ..UnlockRequest::default() };
    let answer = app.clients.identity().unlock(request).await?.into_inner();
    Ok(Json(UnlockedBody { unlocked: answer.unlocked }))
}
