//! Every page and form, declared once: its address, the front ends that it is on, the rights that lead to it, its entry in
//! the menu, and what answers. Routes, menu and rights come from here.

use super::{
    access, account, api_docs,
    declared::{Entry, Needs, Page, Pages, Surfaces},
    deliveries, entry, home, layer, records, settings, team,
};
use crate::http::{app::App, group::Group};
use axum::{
    Extension, Router, middleware,
    routing::{MethodRouter, get},
};
use policy::Right;

/// The pages, and what answers at each: neither can have what the other hasn't.
///
/// `needs` names the rights that lead to a page, `menu` the text and the icon of its entry in the console's menu, `within`
/// its group of limits where it isn't the default one. A form without a page of its own needs nothing here: the service
/// that it asks decides.
macro_rules! pages {
    (@entry) => { None };
    (@entry $label:literal $icon:literal) => { Some(Entry { label: $label, icon: $icon }) };
    (@group) => { Group::Default };
    (@group $group:ident) => { Group::$group };
    ($($surfaces:ident {$(
        $path:literal
            $(needs $($right:ident)|+)?
            $(menu $label:literal $icon:literal)?
            $(within $group:ident)?
            => $($method:ident $handler:path),+;
    )*})*) => {
        /// Every page, in the order of the menu.
        pub(crate) static PAGES: &[Page] = &[$($(Page {
            surfaces: Surfaces::$surfaces,
            path: $path,
            needs: &[$($(Right::$right),+)?],
            menu: pages!(@entry $($label $icon)?),
            group: pages!(@group $($group)?),
            methods: &[$(stringify!($method)),+],
        },)*)*];

        /// What answers at each page, in the same order.
        fn answers() -> Vec<MethodRouter<App>> {
            vec![$($(MethodRouter::new()$(.$method($handler))+,)*)*]
        }
    };
}

pages! {
    Both {
        "/sign-in" => get entry::sign_in::page, post entry::sign_in::submit;
        "/sign-out" => post entry::sign_in::out;
        "/login" => get entry::sign_in::moved;
        "/sign-in/passkey" => post entry::sign_in::passkey;
        "/forgot-password" => get entry::recover::forgot, post entry::recover::ask_for_link;
        "/reset" => get entry::recover::reset, post entry::recover::set_new;
        "/confirm-login" => get entry::recover::confirm_login, post entry::recover::confirmed;
        "/second-factor" => get account::steps::factor, post account::steps::verify;
        "/set-up-mfa" => get account::steps::set_up, post account::steps::set_up_step;
        "/change-password" => get account::steps::password, post account::steps::change_password;
        "/terms" => get account::steps::terms, post account::steps::accept_terms;
        "/step-up" => get account::steps::step_up, post account::steps::prove;
        "/account/security" => get account::security::security;
        "/account/activity" => get account::security::activity;
        "/account/sessions/end-others" => post account::security::end_others;
        "/account/sessions/{id}/end" => post account::security::end_session;
        "/account/totp/remove" => post account::security::remove_totp;
        "/account/passkeys" => post account::security::add_passkey;
        "/account/passkeys/{id}/remove" => post account::security::remove_passkey;
        "/account/recovery-codes" => get account::recovery::recovery, post account::recovery::make_codes;
        "/account/recovery-codes/saved" => post account::recovery::codes_saved;
        "/account/login-change" => get account::security::login_change, post account::security::request_login_change;
        "/account/api-tokens" => get account::tokens::tokens, post account::tokens::make_token;
        "/account/api-tokens/{id}/revoke" => post account::tokens::revoke_token;
        "/session/extend" => post entry::session::extend;
        "/session/state" => get entry::session::state;
        "/m/{module}/{id}" => get home::record_moved;
        "/modules/{module}" => get records::list::page;
        "/modules/{module}/new" => get records::form::create, post records::save::create;
        "/modules/{module}/suggest/{field}" => get records::form::suggest;
        "/modules/{module}/{id}" => get records::record::page;
        "/modules/{module}/{id}/edit" => get records::form::edit, post records::save::edit;
        "/modules/{module}/{id}/comments" => get records::comments::fragment, post records::save::comment;
        "/modules/{module}/{id}/comments/{comment}" => post records::save::edit_comment;
        "/modules/{module}/{id}/comments/{comment}/remove" => post records::save::remove_comment;
        "/modules/{module}/{id}/unread" => post records::save::unread;
        "/modules/{module}/{id}/delete" => post records::save::delete;
        "/modules/{module}/{id}/restore" => post records::save::restore;
    }
    Portal {
        "/" => get home::page;
        "/invitation" => get entry::invitation::page, post entry::invitation::submit;
        "/link/{token}" => get entry::link::link, post entry::link::open_link;
        "/impersonation/end" => post entry::session::stop;
    }
    Console {
        "/" => get home::console;
        "" => get home::console;
        "/modules/{module}/change" => get records::selection::nothing_here, post records::selection::change;
        "/modules/{module}/change/undo" => get records::selection::nothing_here, post records::selection::undo;
        "/contacts/{id}/access" => post access::contact::enable;
        "/contacts/{id}/dates" => post access::contact::change_dates;
        "/contacts/{id}/disable" => post access::contact::disable;
        "/contacts/{id}/invitation" => post access::contact::resend;
        "/contacts/{id}/unlock" => post access::contact::unlock;
        "/contacts/{id}/profile" => post access::contact::choose_profile;
        "/contacts/{id}/manual" => post access::credentials::manual;
        "/contacts/{id}/invitation/revoke" => post access::credentials::revoke_invitation;
        "/contacts/{id}/suspend" => post access::credentials::suspend;
        "/contacts/{id}/resume" => post access::credentials::resume;
        "/contacts/{id}/login" => post access::credentials::login;
        "/contacts/{id}/email-from-login" => post access::credentials::email_from_login;
        "/contacts/{id}/reset-link" => post access::credentials::reset_link;
        "/contacts/{id}/one-time-password" => post access::credentials::one_time_password;
        "/contacts/{id}/mfa" => post access::credentials::mfa;
        "/contacts/{id}/mfa/reset" => post access::credentials::mfa_reset;
        "/contacts/{id}/impersonate" => post access::credentials::impersonate;
        "/contacts/{id}/sessions" => get access::live::of_contact;
        "/contacts/{id}/sessions/end" => post access::live::end_of_contact;
        "/contacts/{id}/activity" needs ManageAccess | ReadAudit => get access::activity::page;
        "/contacts/{id}/close-records" => post records::moves::submit;
        "/companies/{id}/link" => post access::company::issue_link;
        "/companies/{id}/link/revoke" => post access::company::revoke_link;
        "/companies/{id}/portal-users/new" needs ManageAccess => get access::company::new_user, post access::company::add_user;
        "/bulk" needs ManageAccess menu "bulk-title" "list-checks" => get access::bulk::page;
        "/bulk/new" needs ManageAccess => get access::bulk::new, post access::bulk::submit;
        "/bulk/{id}" needs ManageAccess => get access::bulk::job;
        "/bulk/{id}/rows.csv" needs ManageAccess within Export => get access::bulk::csv;
        "/bulk/{id}/cancel" => post access::bulk::cancel;
        "/locked-users" needs Unlock menu "locked-title" "lock" => get access::locked::page, post access::locked::unlock;
        "/trusts" needs Unlock => get access::live::trusts;
        "/trusts/revoke" => post access::live::revoke_trust;
        "/deliveries" needs ManageAccess menu "deliveries-title" "mail" => get deliveries::page;
        "/deliveries/{id}/resend" => post deliveries::resend;
        "/agents" needs ManageAgents menu "agents-title" "users" => get team::agents::page;
        "/agents/new" needs ManageAgents => get team::agents::new, post team::agents::submit;
        "/agents/{id}" needs ManageAgents => get team::agents::one;
        "/agents/{id}/change" needs ManageAgents => post team::agents::save;
        "/agents/{id}/disable" needs ManageAgents => post team::agents::disable;
        "/agents/{id}/enable" needs ManageAgents => post team::agents::enable;
        "/agents/{id}/reset-link" needs ManageAgents => post team::agents::reset_link;
        "/agents/{id}/one-time-password" needs ManageAgents => post team::agents::one_time_password;
        "/agents/{id}/mfa" needs ManageAgents => post team::agents::mfa;
        "/agents/{id}/mfa/reset" needs ManageAgents => post team::agents::mfa_reset;
        "/agents/{id}/sessions/end" needs ManageAgents => post team::agents::sessions_end;
        "/agents/{id}/tokens" needs ManageAgents => get team::tokens::new, post team::tokens::submit;
        "/roles" needs ManageAgents => get team::roles::roles;
        "/roles/new" needs ManageAgents => get team::roles::new_role, post team::roles::create_role;
        "/roles/{id}" needs ManageAgents => get team::roles::role, post team::roles::change_role;
        "/roles/{id}/delete" needs ManageAgents => post team::roles::delete_role;
        "/groups" needs ManageAgents => get team::roles::groups;
        "/groups/new" needs ManageAgents => get team::roles::new_group, post team::roles::create_group;
        "/groups/{id}" needs ManageAgents => get team::roles::group, post team::roles::change_group;
        "/groups/{id}/delete" needs ManageAgents => post team::roles::delete_group;
        "/api-tokens" needs ManageAgents menu "api-tokens-title" "key-round" => get team::tokens::page;
        "/api-tokens/{id}/revoke" => post team::tokens::revoke_one;
        "/settings/security" needs Configure menu "settings-title" "settings" => get settings::page, post settings::submit;
    }
}

/// The router of all pages. The one about the API lies beside the API, and is a page of no front end.
pub(crate) fn router(app: App) -> Router<App> {
    let router = PAGES.iter().zip(answers()).fold(Router::new(), |router, (page, answers)| {
        let answers = answers.route_layer(Extension(Needs(page.needs)));
        page.paths().fold(router, |router, path| router.route(&path, answers.clone()))
    });
    router
        .route("/api/docs", get(api_docs::page))
        .layer(middleware::from_fn_with_state(app, layer::layer))
        .layer(Extension(Pages(PAGES)))
}

/// The group of limits of a page, by its route; none where no page is.
pub(crate) fn group_of(route: &str) -> Option<Group> {
    PAGES.iter().find(|page| page.is_at(route)).map(|page| page.group)
}

/// Method and pattern of every page and form.
#[cfg(test)]
pub(crate) fn all() -> Vec<(&'static str, String)> {
    let of = |page: &'static Page| {
        page.paths().flat_map(|path| page.methods.iter().map(move |method| (*method, path.clone())))
    };
    PAGES.iter().flat_map(of).collect()
}
