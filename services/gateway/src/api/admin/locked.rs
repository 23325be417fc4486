//! Locked users, and logins that are trusted for a day.

use super::{PageQuery, some};
use crate::{
    api::{body::Body, query::Query},
    app::App,
    guard::Admitted,
    problem::Problem,
    values,
};
use axum::{
    Json,
    extract::{Path, State},
};
use http::StatusCode;
use proto::identity::v1::{ListLockedRequest, ListTrustsRequest, RevokeTrustRequest, SubjectKind, UnlockRequest};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

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
    /// How often in a row the lock grew longer.
    ladder_step: i32,
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
#[utoipa::path(get, path = "/admin/locked-users", operation_id = "listLockedUsers", params(PageQuery),
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
        ladder_step: u.ladder_step,
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
    /// Trust these logins from the networks of their failures for 24 hours: exempt from the lock, never from other limits.
    #[serde(default)]
    trust: bool,
}

/// Who was unlocked.
#[derive(Serialize, ToSchema)]
pub(crate) struct UnlockedBody {
    unlocked: Vec<String>,
}

/// Unlock one or many.
#[utoipa::path(post, path = "/admin/locked-users/unlock", operation_id = "unlockUsers", request_body = Unlock,
    responses((status = 200, description = "Unlocked", body = UnlockedBody)))]
pub(crate) async fn unlock(
    State(app): State<App>,
    admitted: Admitted,
    Body(body): Body<Unlock>,
) -> Result<Json<UnlockedBody>, Problem> {
    admitted.signed_in()?;
    let request = UnlockRequest { user_ids: body.user_ids, note: body.note, trust: body.trust };
    let answer = app.clients.identity().unlock(request).await?.into_inner();
    Ok(Json(UnlockedBody { unlocked: answer.unlocked }))
}

/// A login that is trusted from a network for a day.
#[derive(Serialize, ToSchema)]
pub(crate) struct TrustBody {
    id: String,
    user_id: String,
    name: String,
    login: String,
    network: String,
    until: Option<String>,
}

/// Trusts.
#[derive(Serialize, ToSchema)]
pub(crate) struct TrustsBody {
    items: Vec<TrustBody>,
    next_cursor: Option<String>,
}

/// Whose trusts.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrustQuery {
    /// Only those of this user.
    user_id: Option<String>,
}

/// Logins that are trusted from a network: exempt from the lock for a day, never from other limits.
#[utoipa::path(get, path = "/admin/trusts", operation_id = "listTrusts", params(TrustQuery),
    responses((status = 200, description = "Trusts", body = TrustsBody)))]
pub(crate) async fn trusts(
    State(app): State<App>,
    admitted: Admitted,
    Query(query): Query<TrustQuery>,
) -> Result<Json<TrustsBody>, Problem> {
    admitted.signed_in()?;
    let request = ListTrustsRequest { user_id: query.user_id.unwrap_or_default() };
    let trusts = app.clients.identity().list_trusts(request).await?.into_inner().trusts;
    let items = trusts.into_iter().map(|t| TrustBody {
        id: t.trust_id,
        user_id: t.user_id,
        name: t.name,
        login: t.login,
        network: t.network,
        until: values::time(t.until_micros),
    });
    Ok(Json(TrustsBody { items: items.collect(), next_cursor: None }))
}

/// Take a trust back.
#[utoipa::path(delete, path = "/admin/trusts/{id}", operation_id = "revokeTrust", responses((status = 204, description = "Taken back")))]
pub(crate) async fn revoke_trust(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    admitted.signed_in()?;
    app.clients.identity().revoke_trust(RevokeTrustRequest { trust_id: id }).await?;
    Ok(StatusCode::NO_CONTENT)
}
