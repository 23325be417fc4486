//! The sessions of an account, and what happened around it.

use crate::{
    api::{body::NoBody, query::Query, values},
    backend::{account, logins},
    http::{
        app::App,
        cookies::drop_session,
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
use kernel::Error;
use proto::identity::v1::{ActivityEntry, SessionView};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

/// A live session.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionItem {
    id: String,
    created_at: Option<String>,
    last_seen_at: Option<String>,
    /// Where from: the network, never the whole address.
    network: String,
    browser: String,
    /// The one that asks.
    current: bool,
    /// `password`, `passkey`, `totp`, …
    method: String,
    /// An agent's look at the portal.
    support_access: bool,
}

/// Sessions.
#[derive(Serialize, ToSchema)]
pub(crate) struct SessionItems {
    items: Vec<SessionItem>,
}

impl SessionItem {
    fn of(session: SessionView) -> SessionItem {
        SessionItem {
            id: session.session_id,
            created_at: values::time(session.created_at_micros),
            last_seen_at: values::time(session.last_seen_micros),
            network: session.network,
            browser: session.browser,
            current: session.current,
            method: session.method,
            support_access: session.support_access,
        }
    }
}

/// My live sessions.
#[utoipa::path(get, path = "/auth/sessions", operation_id = "listSessions",
    responses((status = 200, description = "Sessions", body = SessionItems)))]
pub(crate) async fn list(State(app): State<App>, admitted: Admitted) -> Result<Json<SessionItems>, Problem> {
    let sessions = account::sessions(&app, &admitted).await?;
    Ok(Json(SessionItems { items: sessions.into_iter().map(SessionItem::of).collect() }))
}

/// How many sessions ended.
#[derive(Serialize, ToSchema)]
pub(crate) struct Ended {
    ended: i32,
}

/// End one of my sessions.
#[utoipa::path(delete, path = "/auth/sessions/{id}", operation_id = "endSession", responses(
    (status = 204, description = "Ended"),
    (status = 403, description = "Prove again who you are (`step_up_required`)", body = ProblemBody),
    (status = 404, description = "There is none", body = ProblemBody)))]
pub(crate) async fn end_one(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    account::end_session(&app, &admitted, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End all my sessions but this one.
#[utoipa::path(delete, path = "/auth/sessions", operation_id = "endOtherSessions", responses(
    (status = 200, description = "How many ended", body = Ended),
    (status = 403, description = "Prove again who you are (`step_up_required`)", body = ProblemBody)))]
pub(crate) async fn end_others(State(app): State<App>, admitted: Admitted) -> Result<Json<Ended>, Problem> {
    Ok(Json(Ended { ended: account::end_session(&app, &admitted, String::new()).await? }))
}

/// Where in a list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Page {
    /// 1 to 200; 50 without it.
    limit: Option<i32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Something that happened around the account.
#[derive(Serialize, ToSchema)]
pub(crate) struct ActivityItem {
    at: Option<String>,
    /// Stable word: `logged_in`, `login_failed`, `locked`, …
    #[serde(rename = "type")]
    kind: String,
    /// `sign_in`, `lock`, `security`, `access`, `support` or `record`.
    touchpoint: String,
    network: String,
    browser: String,
    session_id: Option<String>,
    /// Who did it, when it was not the user.
    actor: Option<String>,
    /// Further facts by name.
    facts: BTreeMap<String, String>,
}

/// A page of activity, newest first.
#[derive(Serialize, ToSchema)]
pub(crate) struct Activity {
    items: Vec<ActivityItem>,
    next_cursor: Option<String>,
}

impl ActivityItem {
    fn of(entry: ActivityEntry) -> ActivityItem {
        let some = |text: String| (!text.is_empty()).then_some(text);
        ActivityItem {
            at: values::time(entry.at_micros),
            kind: entry.r#type,
            touchpoint: entry.touchpoint,
            network: entry.network,
            browser: entry.browser,
            session_id: some(entry.session_id),
            actor: some(entry.actor_name),
            facts: entry.facts.into_iter().collect(),
        }
    }
}

/// What happened around my account: logins, failures, changes of passwords and second factors.
#[utoipa::path(get, path = "/auth/activity", operation_id = "listActivity", params(Page),
    responses((status = 200, description = "Newest first", body = Activity)))]
pub(crate) async fn activity(
    State(app): State<App>,
    admitted: Admitted,
    Query(page): Query<Page>,
) -> Result<Json<Activity>, Problem> {
    let limit = page.limit.unwrap_or(50);
    if !(1..=200).contains(&limit) {
        return Err(Error::invalid_field("limit", "out_of_range", "A page has 1 to 200 entries.").into());
    }
    let answer = account::activity(&app, &admitted, limit, page.cursor.unwrap_or_default()).await?;
    Ok(Json(Activity {
        items: answer.entries.into_iter().map(ActivityItem::of).collect(),
        next_cursor: (!answer.next_cursor.is_empty()).then_some(answer.next_cursor),
    }))
}

/// Stop looking at the portal as somebody else.
#[utoipa::path(post, path = "/auth/impersonation/end", operation_id = "endSupportAccess", responses(
    (status = 204, description = "Ended; the agent's own session goes on"),
    (status = 404, description = "There is none", body = ProblemBody)))]
pub(crate) async fn end_impersonation(
    State(app): State<App>,
    admitted: Admitted,
    _: NoBody,
) -> Result<Response, Problem> {
    let session = admitted.signed_in()?;
    if !session.support() {
        return Err(Error::not_found().into());
    }
    logins::end(&app, &session.token).await;
    let mut response = StatusCode::NO_CONTENT.into_response();
    drop_session(&app, &mut response, session);
    Ok(response)
}
