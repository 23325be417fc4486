//! The pages: session → gRPC calls → view-model → template. Same calls as the API, other clothes.
//!
//! Portal and console have the same handlers; which front end a request is for follows from its address.

mod access;
mod account;
mod ask;
mod comments;
mod conflict;
mod deliveries;
mod entry;
mod fault;
mod form;
mod history;
mod home;
mod invitation;
mod list;
mod locked;
mod module;
mod proofs;
mod record;
mod recover;
mod rules;
mod save;
mod scene;
mod shown;
mod sign_in;
mod steps;

#[cfg(test)]
pub(crate) mod tests;

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

pub(crate) use fault::{refused, shows_token};

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
    post "/sign-in/passkey" => sign_in::passkey;
    get "/forgot-password" => recover::forgot;
    post "/forgot-password" => recover::ask_for_link;
    get "/reset" => recover::reset;
    post "/reset" => recover::set_new;
    get "/confirm-login" => recover::confirm_login;
    post "/confirm-login" => recover::confirmed;
    get "/second-factor" => steps::factor;
    post "/second-factor" => steps::verify;
    get "/set-up-mfa" => steps::set_up;
    post "/set-up-mfa" => steps::set_up_step;
    get "/change-password" => steps::password;
    post "/change-password" => steps::change_password;
    get "/terms" => steps::terms;
    post "/terms" => steps::accept_terms;
    get "/step-up" => steps::step_up;
    post "/step-up" => steps::prove;
    get "/account/security" => account::security;
    get "/account/activity" => account::activity;
    post "/account/sessions/end-others" => account::end_others;
    post "/account/sessions/{id}/end" => account::end_session;
    post "/account/totp/remove" => account::remove_totp;
    post "/account/passkeys" => account::add_passkey;
    post "/account/passkeys/{id}/remove" => account::remove_passkey;
    get "/account/recovery-codes" => account::recovery;
    post "/account/recovery-codes" => account::make_codes;
    post "/account/recovery-codes/saved" => account::codes_saved;
    get "/account/login-change" => account::login_change;
    post "/account/login-change" => account::request_login_change;
    get "/account/api-tokens" => account::tokens;
    post "/account/api-tokens" => account::make_token;
    post "/account/api-tokens/{id}/revoke" => account::revoke_token;
    post "/session/extend" => entry::extend;
    get "/session/state" => entry::state;
    get "/link/{token}" => entry::link;
    post "/link/{token}" => entry::open_link;
    post "/impersonation/end" => entry::stop;
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
    post "/console/sign-in/passkey" => sign_in::passkey;
    get "/console/forgot-password" => recover::forgot;
    post "/console/forgot-password" => recover::ask_for_link;
    get "/console/reset" => recover::reset;
    post "/console/reset" => recover::set_new;
    get "/console/confirm-login" => recover::confirm_login;
    post "/console/confirm-login" => recover::confirmed;
    get "/console/second-factor" => steps::factor;
    post "/console/second-factor" => steps::verify;
    get "/console/set-up-mfa" => steps::set_up;
    post "/console/set-up-mfa" => steps::set_up_step;
    get "/console/change-password" => steps::password;
    post "/console/change-password" => steps::change_password;
    get "/console/terms" => steps::terms;
    post "/console/terms" => steps::accept_terms;
    get "/console/step-up" => steps::step_up;
    post "/console/step-up" => steps::prove;
    get "/console/account/security" => account::security;
    get "/console/account/activity" => account::activity;
    post "/console/account/sessions/end-others" => account::end_others;
    post "/console/account/sessions/{id}/end" => account::end_session;
    post "/console/account/totp/remove" => account::remove_totp;
    post "/console/account/passkeys" => account::add_passkey;
    post "/console/account/passkeys/{id}/remove" => account::remove_passkey;
    get "/console/account/recovery-codes" => account::recovery;
    post "/console/account/recovery-codes" => account::make_codes;
    post "/console/account/recovery-codes/saved" => account::codes_saved;
    get "/console/account/login-change" => account::login_change;
    post "/console/account/login-change" => account::request_login_change;
    get "/console/account/api-tokens" => account::tokens;
    post "/console/account/api-tokens" => account::make_token;
    post "/console/account/api-tokens/{id}/revoke" => account::revoke_token;
    post "/console/session/extend" => entry::extend;
    get "/console/session/state" => entry::state;
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
