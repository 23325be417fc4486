//! Every page and form with its address. Portal and console have the same handlers; which front end a request is for
//! follows from its address.

use super::{access, account, api_docs, deliveries, entry, home, layer, records, settings, team};
use crate::http::app::App;
use axum::{
    Router, middleware,
    routing::{get, post},
};

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
    get "/sign-in" => entry::sign_in::page;
    post "/sign-in" => entry::sign_in::submit;
    post "/sign-out" => entry::sign_in::out;
    get "/login" => entry::sign_in::moved;
    get "/invitation" => entry::invitation::page;
    post "/invitation" => entry::invitation::submit;
    post "/sign-in/passkey" => entry::sign_in::passkey;
    get "/forgot-password" => entry::recover::forgot;
    post "/forgot-password" => entry::recover::ask_for_link;
    get "/reset" => entry::recover::reset;
    post "/reset" => entry::recover::set_new;
    get "/confirm-login" => entry::recover::confirm_login;
    post "/confirm-login" => entry::recover::confirmed;
    get "/second-factor" => account::steps::factor;
    post "/second-factor" => account::steps::verify;
    get "/set-up-mfa" => account::steps::set_up;
    post "/set-up-mfa" => account::steps::set_up_step;
    get "/change-password" => account::steps::password;
    post "/change-password" => account::steps::change_password;
    get "/terms" => account::steps::terms;
    post "/terms" => account::steps::accept_terms;
    get "/step-up" => account::steps::step_up;
    post "/step-up" => account::steps::prove;
    get "/account/security" => account::security::security;
    get "/account/activity" => account::security::activity;
    post "/account/sessions/end-others" => account::security::end_others;
    post "/account/sessions/{id}/end" => account::security::end_session;
    post "/account/totp/remove" => account::security::remove_totp;
    post "/account/passkeys" => account::security::add_passkey;
    post "/account/passkeys/{id}/remove" => account::security::remove_passkey;
    get "/account/recovery-codes" => account::recovery::recovery;
    post "/account/recovery-codes" => account::recovery::make_codes;
    post "/account/recovery-codes/saved" => account::recovery::codes_saved;
    get "/account/login-change" => account::security::login_change;
    post "/account/login-change" => account::security::request_login_change;
    get "/account/api-tokens" => account::tokens::tokens;
    post "/account/api-tokens" => account::tokens::make_token;
    post "/account/api-tokens/{id}/revoke" => account::tokens::revoke_token;
    post "/session/extend" => entry::session::extend;
    get "/session/state" => entry::session::state;
    get "/link/{token}" => entry::link::link;
    post "/link/{token}" => entry::link::open_link;
    post "/impersonation/end" => entry::session::stop;
    get "/m/{module}/{id}" => home::record_moved;
    get "/modules/{module}" => records::list::page;
    get "/modules/{module}/new" => records::form::create;
    post "/modules/{module}/new" => records::save::create;
    get "/modules/{module}/suggest/{field}" => records::form::suggest;
    get "/modules/{module}/{id}" => records::record::page;
    get "/modules/{module}/{id}/edit" => records::form::edit;
    post "/modules/{module}/{id}/edit" => records::save::edit;
    get "/modules/{module}/{id}/comments" => records::comments::fragment;
    post "/modules/{module}/{id}/comments" => records::save::comment;
    post "/modules/{module}/{id}/delete" => records::save::delete;
    post "/modules/{module}/{id}/restore" => records::save::restore;

    get "/console" => home::console;
    get "/console/" => home::console;
    get "/console/sign-in" => entry::sign_in::page;
    post "/console/sign-in" => entry::sign_in::submit;
    post "/console/sign-out" => entry::sign_in::out;
    get "/console/login" => entry::sign_in::moved;
    post "/console/sign-in/passkey" => entry::sign_in::passkey;
    get "/console/forgot-password" => entry::recover::forgot;
    post "/console/forgot-password" => entry::recover::ask_for_link;
    get "/console/reset" => entry::recover::reset;
    post "/console/reset" => entry::recover::set_new;
    get "/console/confirm-login" => entry::recover::confirm_login;
    post "/console/confirm-login" => entry::recover::confirmed;
    get "/console/second-factor" => account::steps::factor;
    post "/console/second-factor" => account::steps::verify;
    get "/console/set-up-mfa" => account::steps::set_up;
    post "/console/set-up-mfa" => account::steps::set_up_step;
    get "/console/change-password" => account::steps::password;
    post "/console/change-password" => account::steps::change_password;
    get "/console/terms" => account::steps::terms;
    post "/console/terms" => account::steps::accept_terms;
    get "/console/step-up" => account::steps::step_up;
    post "/console/step-up" => account::steps::prove;
    get "/console/account/security" => account::security::security;
    get "/console/account/activity" => account::security::activity;
    post "/console/account/sessions/end-others" => account::security::end_others;
    post "/console/account/sessions/{id}/end" => account::security::end_session;
    post "/console/account/totp/remove" => account::security::remove_totp;
    post "/console/account/passkeys" => account::security::add_passkey;
    post "/console/account/passkeys/{id}/remove" => account::security::remove_passkey;
    get "/console/account/recovery-codes" => account::recovery::recovery;
    post "/console/account/recovery-codes" => account::recovery::make_codes;
    post "/console/account/recovery-codes/saved" => account::recovery::codes_saved;
    get "/console/account/login-change" => account::security::login_change;
    post "/console/account/login-change" => account::security::request_login_change;
    get "/console/account/api-tokens" => account::tokens::tokens;
    post "/console/account/api-tokens" => account::tokens::make_token;
    post "/console/account/api-tokens/{id}/revoke" => account::tokens::revoke_token;
    post "/console/session/extend" => entry::session::extend;
    get "/console/session/state" => entry::session::state;
    get "/console/m/{module}/{id}" => home::record_moved;
    get "/console/modules/{module}" => records::list::page;
    get "/console/modules/{module}/new" => records::form::create;
    post "/console/modules/{module}/new" => records::save::create;
    get "/console/modules/{module}/suggest/{field}" => records::form::suggest;
    get "/console/modules/{module}/{id}" => records::record::page;
    get "/console/modules/{module}/{id}/edit" => records::form::edit;
    post "/console/modules/{module}/{id}/edit" => records::save::edit;
    get "/console/modules/{module}/{id}/comments" => records::comments::fragment;
    post "/console/modules/{module}/{id}/comments" => records::save::comment;
    post "/console/modules/{module}/{id}/delete" => records::save::delete;
    post "/console/modules/{module}/{id}/restore" => records::save::restore;
    post "/console/contacts/{id}/access" => access::contact::enable;
    post "/console/contacts/{id}/dates" => access::contact::change_dates;
    post "/console/contacts/{id}/disable" => access::contact::disable;
    post "/console/contacts/{id}/invitation" => access::contact::resend;
    post "/console/contacts/{id}/unlock" => access::contact::unlock;
    post "/console/contacts/{id}/profile" => access::contact::choose_profile;
    post "/console/contacts/{id}/manual" => access::credentials::manual;
    post "/console/contacts/{id}/invitation/revoke" => access::credentials::revoke_invitation;
    post "/console/contacts/{id}/suspend" => access::credentials::suspend;
    post "/console/contacts/{id}/resume" => access::credentials::resume;
    post "/console/contacts/{id}/login" => access::credentials::login;
    post "/console/contacts/{id}/email-from-login" => access::credentials::email_from_login;
    post "/console/contacts/{id}/reset-link" => access::credentials::reset_link;
    post "/console/contacts/{id}/one-time-password" => access::credentials::one_time_password;
    post "/console/contacts/{id}/mfa" => access::credentials::mfa;
    post "/console/contacts/{id}/mfa/reset" => access::credentials::mfa_reset;
    post "/console/contacts/{id}/impersonate" => access::credentials::impersonate;
    get "/console/contacts/{id}/sessions" => access::live::of_contact;
    post "/console/contacts/{id}/sessions/end" => access::live::end_of_contact;
    get "/console/contacts/{id}/activity" => access::activity::page;
    post "/console/contacts/{id}/close-records" => records::moves::submit;
    post "/console/companies/{id}/link" => access::company::issue_link;
    post "/console/companies/{id}/link/revoke" => access::company::revoke_link;
    get "/console/companies/{id}/portal-users/new" => access::company::new_user;
    post "/console/companies/{id}/portal-users/new" => access::company::add_user;
    get "/console/trusts" => access::live::trusts;
    post "/console/trusts/revoke" => access::live::revoke_trust;
    get "/console/agents" => team::agents::page;
    get "/console/agents/new" => team::agents::new;
    post "/console/agents/new" => team::agents::submit;
    get "/console/agents/{id}" => team::agents::one;
    post "/console/agents/{id}/change" => team::agents::save;
    post "/console/agents/{id}/disable" => team::agents::disable;
    post "/console/agents/{id}/enable" => team::agents::enable;
    post "/console/agents/{id}/reset-link" => team::agents::reset_link;
    post "/console/agents/{id}/one-time-password" => team::agents::one_time_password;
    post "/console/agents/{id}/mfa" => team::agents::mfa;
    post "/console/agents/{id}/mfa/reset" => team::agents::mfa_reset;
    post "/console/agents/{id}/sessions/end" => team::agents::sessions_end;
    get "/console/agents/{id}/tokens" => team::tokens::new;
    post "/console/agents/{id}/tokens" => team::tokens::submit;
    get "/console/roles" => team::roles::roles;
    get "/console/roles/new" => team::roles::new_role;
    post "/console/roles/new" => team::roles::create_role;
    get "/console/roles/{id}" => team::roles::role;
    post "/console/roles/{id}" => team::roles::change_role;
    post "/console/roles/{id}/delete" => team::roles::delete_role;
    get "/console/groups" => team::roles::groups;
    get "/console/groups/new" => team::roles::new_group;
    post "/console/groups/new" => team::roles::create_group;
    get "/console/groups/{id}" => team::roles::group;
    post "/console/groups/{id}" => team::roles::change_group;
    post "/console/groups/{id}/delete" => team::roles::delete_group;
    get "/console/api-tokens" => team::tokens::page;
    post "/console/api-tokens/{id}/revoke" => team::tokens::revoke_one;
    get "/console/settings/security" => settings::page;
    post "/console/settings/security" => settings::submit;
    get "/console/bulk" => access::bulk::page;
    get "/console/bulk/new" => access::bulk::new;
    post "/console/bulk/new" => access::bulk::submit;
    get "/console/bulk/{id}" => access::bulk::job;
    get "/console/bulk/{id}/rows.csv" => access::bulk::csv;
    post "/console/bulk/{id}/cancel" => access::bulk::cancel;
    get "/console/locked-users" => access::locked::page;
    post "/console/locked-users" => access::locked::unlock;
    get "/console/deliveries" => deliveries::page;
    post "/console/deliveries/{id}/resend" => deliveries::resend;
}

/// The router of all pages. The one about the API lies beside the API, and is a page of no front end.
pub(crate) fn router(app: App) -> Router<App> {
    table().route("/api/docs", get(api_docs::page)).layer(middleware::from_fn_with_state(app, layer::layer))
}
