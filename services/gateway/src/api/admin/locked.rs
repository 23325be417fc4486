//! Locked users, and logins that are trusted for a day.

use crate::{
    api::{
        admin::{PageQuery, some},
        body::Body,
        query::Query,
        values,
    },
    backend::locked,
    http::{app::App, problem::Problem, request::Admitted},
};
use axum::{
    Json,
    extract::{Path, State},
};
use http::StatusCode;
use proto::identity::v1::{SeenNetwork, SubjectKind, UnlockRequest, UserNetwork};
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
    /// The same networks, with what is known of each; those that the user has signed in from before stand first.
    seen: Vec<SeenBody>,
}

/// A network from which somebody tried to sign in as a user, and failed.
#[derive(Serialize, ToSchema)]
pub(crate) struct SeenBody {
    network: String,
    failures: i32,
    first_at: Option<String>,
    last_at: Option<String>,
    /// The user has signed in from there before. Such a network is what is trusted when none is named.
    succeeded_before: bool,
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
    let page = locked::list(&app, query.limit.unwrap_or(0), query.cursor.unwrap_or_default()).await?;
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
        seen: u.seen.into_iter().map(seen).collect(),
    });
    Ok(Json(LockedListBody { items: items.collect(), next_cursor: some(page.next_cursor) }))
}

fn seen(network: SeenNetwork) -> SeenBody {
    SeenBody {
        network: network.network,
        failures: network.failures,
        first_at: values::time(network.first_micros),
        last_at: values::time(network.last_micros),
        succeeded_before: network.succeeded_before,
    }
}

/// A network that a user is trusted from.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrustedNetwork {
    user_id: String,
    network: String,
}

/// Whom to unlock.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Unlock {
    user_ids: Vec<String>,
    #[serde(default)]
    note: String,
    /// Trust these logins for 24 hours from the networks of their failures that they have signed in from before; from
    /// none when there is none. From there five times as many failures lock.
    #[serde(default)]
    trust: bool,
    /// Trust exactly these networks instead.
    #[serde(default)]
    trust_networks: Vec<TrustedNetwork>,
}

/// Who was unlocked.
#[derive(Serialize, ToSchema)]
pub(crate) struct UnlockedBody {
    unlocked: Vec<String>,
    /// What is trusted for 24 hours from now on.
    trusted: Vec<TrustedNetwork>,
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
    let named = body.trust_networks.into_iter();
    let request = UnlockRequest {
        user_ids: body.user_ids,
        note: body.note,
        trust: body.trust,
        trust_networks: named.map(|t| UserNetwork { user_id: t.user_id, network: t.network }).collect(),
    };
    let answer = locked::unlock(&app, request).await?;
    let trusted = answer.trusted.into_iter().map(|t| TrustedNetwork { user_id: t.user_id, network: t.network });
    Ok(Json(UnlockedBody { unlocked: answer.unlocked, trusted: trusted.collect() }))
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
}

/// Whose trusts.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrustQuery {
    /// Only those of this user.
    user_id: Option<String>,
}

/// Logins that are trusted from a network for a day: five times as many failures lock them there.
#[utoipa::path(get, path = "/admin/trusts", operation_id = "listTrusts", params(TrustQuery),
    responses((status = 200, description = "Trusts", body = TrustsBody)))]
pub(crate) async fn trusts(
    State(app): State<App>,
    admitted: Admitted,
    Query(query): Query<TrustQuery>,
) -> Result<Json<TrustsBody>, Problem> {
    admitted.signed_in()?;
    let trusts = locked::trusts(&app, query.user_id.unwrap_or_default()).await?;
    let items = trusts.into_iter().map(|t| TrustBody {
        id: t.trust_id,
        user_id: t.user_id,
        name: t.name,
        login: t.login,
        network: t.network,
        until: values::time(t.until_micros),
    });
    Ok(Json(TrustsBody { items: items.collect() }))
}

/// Take a trust back.
#[utoipa::path(delete, path = "/admin/trusts/{id}", operation_id = "revokeTrust", responses((status = 204, description = "Taken back")))]
pub(crate) async fn revoke_trust(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    admitted.signed_in()?;
    locked::revoke_trust(&app, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
