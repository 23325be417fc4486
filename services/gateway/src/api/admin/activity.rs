//! What happened around a contact's account, and what the contact did with records.

use crate::{
    api::{admin::some, query::Query, values},
    backend::{activity::activity_of, contacts::contact},
    http::{app::App, problem::Problem, request::Admitted},
};
use axum::{
    Json,
    extract::{Path, State},
};
use proto::identity::v1::ActivityEntry;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// Which part of an activity.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct ActivityQuery {
    /// Touchpoints, with commas between: `customer_portal`, `sign_in`, `lock`, `security`, `support`, `record`, `access`.
    touchpoint: Option<String>,
    /// 1 to 200.
    limit: Option<i32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Who did something, when it was not the user.
#[derive(Serialize, ToSchema)]
#[schema(as = ActivityActor)]
pub(crate) struct ActorBody {
    id: String,
    name: String,
}

/// Something that happened.
#[derive(Serialize, ToSchema)]
pub(crate) struct ActivityBody {
    at: Option<String>,
    /// Stable word, for example `logged_in` or `locked`.
    #[serde(rename = "type")]
    kind: String,
    touchpoint: String,
    network: Option<String>,
    browser: Option<String>,
    session_id: Option<String>,
    facts: BTreeMap<String, String>,
    actor: Option<ActorBody>,
}

/// A page of an activity.
#[derive(Serialize, ToSchema)]
pub(crate) struct ActivityListBody {
    items: Vec<ActivityBody>,
    next_cursor: Option<String>,
}

fn body(entry: ActivityEntry) -> ActivityBody {
    let actor = some(entry.actor_id).map(|id| ActorBody { id, name: entry.actor_name });
    ActivityBody {
        at: values::time(entry.at_micros),
        kind: entry.r#type,
        touchpoint: entry.touchpoint,
        network: some(entry.network),
        browser: some(entry.browser),
        session_id: some(entry.session_id),
        facts: entry.facts.into_iter().collect(),
        actor,
    }
}

/// The activity of a contact, the newest first.
#[utoipa::path(get, path = "/admin/contacts/{id}/activity", operation_id = "listContactActivity", params(ActivityQuery),
    responses((status = 200, description = "What happened", body = ActivityListBody)))]
pub(crate) async fn activity(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    Query(query): Query<ActivityQuery>,
) -> Result<Json<ActivityListBody>, Problem> {
    admitted.signed_in()?;
    contact(&app, &id).await?;
    let filter = query.touchpoint.unwrap_or_default();
    let page = activity_of(&app, &id, &filter, query.limit.unwrap_or(0), query.cursor.unwrap_or_default()).await?;
    let items = page.entries.into_iter().map(body).collect();
    Ok(Json(ActivityListBody { items, next_cursor: some(page.next_cursor) }))
}
