//! What happened around a contact's account, and what the contact did with records.

use super::{access::contact, some};
use crate::{api::query::Query, app::App, guard::Admitted, problem::Problem, values};
use axum::{
    Json,
    extract::{Path, State},
};
use kernel::Error;
use proto::identity::v1::{ActivityEntry, ListActivityRequest, ListActivityResponse};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// Everything that a contact has to do with the portal: its own word, so that nobody has to name them all.
const CUSTOMER_PORTAL: &str = "customer_portal";
const OF_THE_PORTAL: [&str; 5] = ["sign_in", "lock", "security", "support", "record"];
const ACCESS: &str = "access";

/// The touchpoints of a filter; none for all.
pub(crate) fn touchpoints(filter: &str) -> Result<Vec<String>, Error> {
    let mut chosen = Vec::new();
    for word in filter.split(',').map(str::trim).filter(|w| !w.is_empty()) {
        match word {
            CUSTOMER_PORTAL => chosen.extend(OF_THE_PORTAL.map(str::to_owned)),
            word if word == ACCESS || OF_THE_PORTAL.contains(&word) => chosen.push(word.to_owned()),
            _ => {
                let message = "One of customer_portal, sign_in, lock, security, support, record, access.";
                return Err(Error::invalid_field("touchpoint", "unknown_value", message));
            }
        }
    }
    chosen.sort();
    chosen.dedup();
    Ok(chosen)
}

/// A page of a user's activity, the newest first.
pub(crate) async fn activity_of(
    app: &App,
    user_id: &str,
    filter: &str,
    limit: i32,
    cursor: String,
) -> Result<ListActivityResponse, Error> {
    let request = ListActivityRequest { user_id: user_id.to_owned(), touchpoints: touchpoints(filter)?, limit, cursor };
    let answer = app.clients.identity_administration().list_activity(request).await.map_err(runtime::error_of)?;
    Ok(answer.into_inner())
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_customer_portal_is_all_that_a_contact_does_there() {
        assert_eq!(touchpoints("").unwrap(), Vec::<String>::new());
        assert_eq!(touchpoints("customer_portal").unwrap(), ["lock", "record", "security", "sign_in", "support"]);
        assert_eq!(touchpoints("sign_in, sign_in,access").unwrap(), ["access", "sign_in"]);
        assert_eq!(touchpoints("phone").unwrap_err().fields[0].field, "touchpoint");
    }
}
