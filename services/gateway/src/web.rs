//! The pages: session → gRPC calls → view-model → template. Same calls as the API, other clothes.
//!
//! Portal and console have the same handlers; which front end a request is for follows from its address.

mod access;
mod account;
mod activity;
mod agents;
mod api_docs;
mod api_tokens;
mod ask;
mod bulk;
mod comments;
mod company;
mod conflict;
mod credentials;
mod deliveries;
mod detour;
mod entry;
mod fault;
mod form;
mod history;
mod home;
mod invitation;
mod list;
mod live;
mod locked;
mod module;
mod moves;
mod places;
mod proofs;
mod record;
mod recover;
mod refusal;
mod rules;
mod save;
mod scene;
mod settings;
mod shown;
mod sign_in;
mod steps;
mod team;

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

pub(crate) use ask::{Look, now_micros};
pub(crate) use detour::refused;
pub(crate) use fault::{said, shows_token};

/// Seconds since 1970.
pub(crate) fn now_seconds() -> i64 {
    ask::now_micros() / 1_000_000
}

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
    post "/console/contacts/{id}/manual" => credentials::manual;
    post "/console/contacts/{id}/invitation/revoke" => credentials::revoke_invitation;
    post "/console/contacts/{id}/suspend" => credentials::suspend;
    post "/console/contacts/{id}/resume" => credentials::resume;
    post "/console/contacts/{id}/login" => credentials::login;
    post "/console/contacts/{id}/email-from-login" => credentials::email_from_login;
    post "/console/contacts/{id}/reset-link" => credentials::reset_link;
    post "/console/contacts/{id}/one-time-password" => credentials::one_time_password;
    post "/console/contacts/{id}/mfa" => credentials::mfa;
    post "/console/contacts/{id}/mfa/reset" => credentials::mfa_reset;
    post "/console/contacts/{id}/impersonate" => credentials::impersonate;
    get "/console/contacts/{id}/sessions" => live::of_contact;
    post "/console/contacts/{id}/sessions/end" => live::end_of_contact;
    get "/console/contacts/{id}/activity" => activity::page;
    post "/console/contacts/{id}/close-records" => moves::submit;
    post "/console/companies/{id}/link" => company::issue_link;
    post "/console/companies/{id}/link/revoke" => company::revoke_link;
    get "/console/companies/{id}/portal-users/new" => company::new_user;
    post "/console/companies/{id}/portal-users/new" => company::add_user;
    get "/console/trusts" => live::trusts;
    post "/console/trusts/revoke" => live::revoke_trust;
    get "/console/agents" => agents::page;
    get "/console/agents/new" => agents::new;
    post "/console/agents/new" => agents::submit;
    get "/console/agents/{id}" => agents::one;
    post "/console/agents/{id}/change" => agents::save;
    post "/console/agents/{id}/disable" => agents::disable;
    post "/console/agents/{id}/enable" => agents::enable;
    post "/console/agents/{id}/reset-link" => agents::reset_link;
    post "/console/agents/{id}/one-time-password" => agents::one_time_password;
    post "/console/agents/{id}/mfa" => agents::mfa;
    post "/console/agents/{id}/mfa/reset" => agents::mfa_reset;
    post "/console/agents/{id}/sessions/end" => agents::sessions_end;
    get "/console/agents/{id}/tokens" => api_tokens::new;
    post "/console/agents/{id}/tokens" => api_tokens::submit;
    get "/console/roles" => team::roles;
    get "/console/roles/new" => team::new_role;
    post "/console/roles/new" => team::create_role;
    get "/console/roles/{id}" => team::role;
    post "/console/roles/{id}" => team::change_role;
    post "/console/roles/{id}/delete" => team::delete_role;
    get "/console/groups" => team::groups;
    get "/console/groups/new" => team::new_group;
    post "/console/groups/new" => team::create_group;
    get "/console/groups/{id}" => team::group;
    post "/console/groups/{id}" => team::change_group;
    post "/console/groups/{id}/delete" => team::delete_group;
    get "/console/api-tokens" => api_tokens::page;
    post "/console/api-tokens/{id}/revoke" => api_tokens::revoke_one;
    get "/console/settings/security" => settings::page;
    post "/console/settings/security" => settings::submit;
    get "/console/bulk" => bulk::page;
    get "/console/bulk/new" => bulk::new;
    post "/console/bulk/new" => bulk::submit;
    get "/console/bulk/{id}" => bulk::job;
    get "/console/bulk/{id}/rows.csv" => bulk::csv;
    post "/console/bulk/{id}/cancel" => bulk::cancel;
    get "/console/locked-users" => locked::page;
    post "/console/locked-users" => locked::unlock;
    get "/console/deliveries" => deliveries::page;
    post "/console/deliveries/{id}/resend" => deliveries::resend;
}

/// The router of all pages. The one about the API lies beside the API, and is a page of no front end.
pub(crate) fn router(app: App) -> Router<App> {
    table().route("/api/docs", get(api_docs::page)).layer(middleware::from_fn_with_state(app, fault::layer))
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
pub(crate) fn menu_order<'v>(
    plan: &AccessPlan,
    views: &'v [ModuleView],
) -> Vec<(&'v ModuleView, BTreeMap<String, String>)> {
    let name = |v: &ModuleView| v.definition.as_ref().map(|d| d.name.clone()).unwrap_or_default();
    if plan.sees_all_modules() {
        return views.iter().map(|v| (v, BTreeMap::new())).collect();
    }
    plan.menu()
        .into_iter()
        .filter_map(|(module, menu)| {
            let view = views.iter().find(|v| name(v) == module)?;
            Some((view, menu.label.0.clone()))
        })
        .collect()
}
