//! The pages: session → gRPC calls → view-model → template. Same calls as the API, other clothes.

use crate::{app::App, problem::Problem, sessions::Session};
use axum::{
    Router,
    response::{IntoResponse, Response},
};
use kernel::{Actor, Channel, Error};
use policy::AccessPlan;
use proto::records::v1::ModuleView;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The routes of all pages.
pub(crate) fn router() -> Router<App> {
    Router::new()
}

/// An address that nothing is at.
pub(crate) async fn not_found() -> Response {
    Problem::from(Error::not_found()).into_response()
}

/// A page request that was not admitted.
pub(crate) async fn refused(_app: &App, _path: &str, error: Error) -> Response {
    Problem::from(error).into_response()
}

/// The actor of a session, for the plan cache.
pub(crate) fn actor(session: &Session) -> Result<Actor, Error> {
    let subject = session.subject();
    Ok(Actor {
        kind: session.kind(),
        id: Uuid::try_parse(&subject.id).map_err(Error::internal)?,
        role: subject.role,
        on_behalf_of: None,
        session: Uuid::try_parse(&session.answer.session_id).ok(),
        channel: Channel::Portal,
    })
}

/// The modules of a menu in the plan's order, with the plan's own labels.
pub(crate) fn menu_order(plan: &AccessPlan, views: Vec<ModuleView>) -> Vec<(ModuleView, BTreeMap<String, String>)> {
    let name = |v: &ModuleView| v.definition.as_ref().map(|d| d.name.clone()).unwrap_or_default();
    if plan.sees_all_modules() {
        return views.into_iter().map(|v| (v, BTreeMap::new())).collect();
    }
    plan.menu()
        .into_iter()
        .filter_map(|(module, menu)| {
            let view = views.iter().find(|v| name(v) == module)?.clone();
            Some((view, menu.label.0.clone()))
        })
        .collect()
}
