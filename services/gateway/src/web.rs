//! The pages: session → gRPC calls → view-model → template. Same calls as the API, other clothes.
//!
//! Portal and console have the same handlers; which front end a request is for follows from its address.

mod access;
mod ask;
mod comments;
mod conflict;
mod deliveries;
mod fault;
mod form;
mod history;
mod home;
mod invitation;
mod list;
mod locked;
mod module;
mod record;
mod rules;
mod save;
mod scene;
mod shown;
mod sign_in;

#[cfg(test)]
mod tests;

use crate::{app::App, sessions::Session};
use axum::{
    Router,
    extract::State,
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::{HeaderMap, Method, Uri};
use kernel::{Actor, Channel, Error};
use policy::AccessPlan;
use proto::records::v1::ModuleView;
use std::collections::BTreeMap;
use uuid::Uuid;

pub(crate) use fault::refused;

/// The routes, and the router that is made of them: neither can have what the other hasn't.
macro_rules! routes {
    ($($method:ident $path:literal => $handler:path;)*) => {
        /// Method and path of every page and form.
        #[cfg_attr(not(test), expect(dead_code, reason = "tests walk it"))]
        pub(crate) const ROUTES: &[(&str, &str)] = &[$((stringify!($method), $path)),*];

        fn table() -> Router<App> {
            Router::new()$(.route($path, $method($handler)))*
        }
    };
}

routes! {
    get "/" => home::page;
    get "/sign-in" => sign_in::page;
    post "/sign-in" => sign_in::submit;
    post "/sign-out" => sign_in::out;
    get "/login" => sign_in::moved;
    get "/invitation" => invitation::page;
    post "/invitation" => invitation::submit;
    get "/m/{module}/{id}" => home::record_moved;
    get "/modules/{module}" => list::page;
    get "/modules/{module}/new" => form::create;
    post "/modules/{module}/new" => save::create;
    get "/modules/{module}/suggest/{field}" => form::suggest;
    get "/modules/{module}/{id}" => record::page;
    get "/modules/{module}/{id}/edit" => form::edit;
    post "/modules/{module}/{id}/edit" => save::edit;
    get "/modules/{module}/{id}/comments" => comments::fragment;
    post "/modules/{module}/{id}/comments" => comments::add;
    post "/modules/{module}/{id}/delete" => save::delete;
    post "/modules/{module}/{id}/restore" => save::restore;

    get "/console" => home::console;
    get "/console/" => home::console;
    get "/console/sign-in" => sign_in::page;
    post "/console/sign-in" => sign_in::submit;
    post "/console/sign-out" => sign_in::out;
    get "/console/login" => sign_in::moved;
    get "/console/m/{module}/{id}" => home::record_moved;
    get "/console/modules/{module}" => list::page;
    get "/console/modules/{module}/new" => form::create;
    post "/console/modules/{module}/new" => save::create;
    get "/console/modules/{module}/suggest/{field}" => form::suggest;
    get "/console/modules/{module}/{id}" => record::page;
    get "/console/modules/{module}/{id}/edit" => form::edit;
    post "/console/modules/{module}/{id}/edit" => save::edit;
    get "/console/modules/{module}/{id}/comments" => comments::fragment;
    post "/console/modules/{module}/{id}/comments" => comments::add;
    post "/console/modules/{module}/{id}/delete" => save::delete;
    post "/console/modules/{module}/{id}/restore" => save::restore;
    post "/console/contacts/{id}/access" => access::enable;
    post "/console/contacts/{id}/dates" => access::change_dates;
    post "/console/contacts/{id}/disable" => access::disable;
    post "/console/contacts/{id}/invitation" => access::resend;
    post "/console/contacts/{id}/unlock" => access::unlock;
    post "/console/contacts/{id}/profile" => access::choose_profile;
    get "/console/locked-users" => locked::page;
    post "/console/locked-users" => locked::unlock;
    get "/console/deliveries" => deliveries::page;
    post "/console/deliveries/{id}/resend" => deliveries::resend;
}

/// The router of all pages.
pub(crate) fn router(app: App) -> Router<App> {
    table().layer(middleware::from_fn_with_state(app, fault::layer))
}

/// An address that nothing is at.
pub(crate) async fn not_found(State(app): State<App>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    fault::nothing_here(&app, method, &uri, &headers).into_response()
}

/// The actor of a session, for the plan cache.
pub(crate) fn actor(session: &Session) -> Result<Actor, Error> {
    let subject = session.subject();
    let id = Uuid::try_parse(&subject.id).map_err(Error::internal)?;
    Ok(Actor {
        role: subject.role,
        session: Uuid::try_parse(&session.answer.session_id).ok(),
        ..Actor::new(session.kind(), id, Channel::Portal)
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
