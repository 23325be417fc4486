//! The JSON API under `/api/v1`, described by the generated OpenAPI document.

pub(crate) mod admin;
pub(crate) mod auth;
mod body;
mod comments;
mod document;
mod examples;
mod history;
pub(crate) mod modules;
mod precondition;
mod query;
mod records;
mod shape;
mod values;

#[cfg(test)]
mod tests;

use crate::http::{app::App, problem::Problem};
use axum::{Json, Router, middleware, routing::get};
use document::Described;
use kernel::Error;
use serde_json::Value;
use std::sync::LazyLock;
use utoipa::OpenApi;
use utoipa_axum::routes;

#[derive(OpenApi)]
#[openapi(info(
    title = "Portico",
    version = "1",
    description = "Customer portal. Programs send `Authorization: Bearer` with an API token; browsers a session's cookie, \
        and X-CSRF-Token with what changes something. Every refusal is application/problem+json with a stable `code`; \
        bad input names each field in `errors`. Parameters and properties that are not declared are refused. \
        Any call can also answer 405 for another method and 431 for headers of more than 16 KiB.",
    license(name = "AGPL-3.0-only", identifier = "AGPL-3.0-only")
))]
struct Document;

fn described() -> Described {
    use admin::{
        access, activity, agents, bulk, company, credentials, deliveries, groups, impersonate, locked, moves, profiles,
        roles, settings, tokens,
    };
    Described::new(Document::openapi())
        .routes(routes!(auth::login))
        .routes(routes!(auth::session))
        .routes(routes!(auth::logout))
        .routes(routes!(auth::accept_invitation))
        .routes(routes!(auth::factors::verify))
        .routes(routes!(auth::factors::begin_totp, auth::factors::remove_totp))
        .routes(routes!(auth::factors::confirm_totp))
        .routes(routes!(auth::factors::recovery_codes))
        .routes(routes!(auth::factors::step_up))
        .routes(routes!(auth::passkeys::begin_register))
        .routes(routes!(auth::passkeys::finish_register))
        .routes(routes!(auth::passkeys::begin_login))
        .routes(routes!(auth::passkeys::finish_login))
        .routes(routes!(auth::passkeys::list))
        .routes(routes!(auth::passkeys::remove))
        .routes(routes!(auth::sessions::list, auth::sessions::end_others))
        .routes(routes!(auth::sessions::end_one))
        .routes(routes!(auth::sessions::activity))
        .routes(routes!(auth::sessions::end_impersonation))
        .routes(routes!(auth::passwords::forgot))
        .routes(routes!(auth::passwords::reset))
        .routes(routes!(auth::passwords::change))
        .routes(routes!(auth::passwords::terms, auth::passwords::accept_terms))
        .routes(routes!(auth::passwords::request_login_change))
        .routes(routes!(auth::passwords::confirm_login_change))
        .routes(routes!(auth::security::security))
        .routes(routes!(auth::tokens::list, auth::tokens::create))
        .routes(routes!(auth::tokens::revoke))
        .routes(routes!(auth::link::look, auth::link::open))
        .routes(routes!(modules::list))
        .routes(routes!(modules::one))
        .routes(routes!(modules::home))
        .routes(routes!(records::list, records::create))
        .routes(routes!(records::get, records::update, records::delete))
        .routes(routes!(records::restore))
        .routes(routes!(records::dependents))
        .routes(routes!(records::read))
        .routes(routes!(records::unread))
        .routes(routes!(comments::comments, comments::comment))
        .routes(routes!(comments::edit, comments::remove))
        .routes(routes!(history::history))
        .routes(routes!(access::get_access, access::enable_access, access::change_access, access::disable_access))
        .routes(routes!(access::resend_invitation, access::revoke_invitation))
        .routes(routes!(access::suspend))
        .routes(routes!(access::resume))
        .routes(routes!(access::change_login))
        .routes(routes!(credentials::contact_reset_link))
        .routes(routes!(credentials::contact_one_time_password))
        .routes(routes!(credentials::contact_mfa))
        .routes(routes!(credentials::contact_mfa_reset))
        .routes(routes!(credentials::contact_sessions, credentials::contact_sessions_end))
        .routes(routes!(credentials::contact_session_end))
        .routes(routes!(activity::activity))
        .routes(routes!(impersonate::impersonate))
        .routes(routes!(bulk::jobs, bulk::start))
        .routes(routes!(bulk::job))
        .routes(routes!(bulk::rows))
        .routes(routes!(bulk::cancel))
        .routes(routes!(moves::preview_move))
        .routes(routes!(moves::close_to_contact))
        .routes(routes!(company::access))
        .routes(routes!(company::issue_link, company::revoke_link))
        .routes(routes!(company::new_user))
        .routes(routes!(locked::locked_users))
        .routes(routes!(locked::unlock))
        .routes(routes!(locked::trusts))
        .routes(routes!(locked::revoke_trust))
        .routes(routes!(deliveries::list))
        .routes(routes!(deliveries::resend_delivery))
        .routes(routes!(agents::agents, agents::create_agent))
        .routes(routes!(agents::agent, agents::change_agent))
        .routes(routes!(agents::disable_agent))
        .routes(routes!(agents::enable_agent))
        .routes(routes!(credentials::agent_reset_link))
        .routes(routes!(credentials::agent_one_time_password))
        .routes(routes!(credentials::agent_mfa))
        .routes(routes!(credentials::agent_mfa_reset))
        .routes(routes!(credentials::agent_sessions, credentials::agent_sessions_end))
        .routes(routes!(credentials::agent_session_end))
        .routes(routes!(tokens::create_token))
        .routes(routes!(tokens::tokens))
        .routes(routes!(tokens::revoke_token))
        .routes(routes!(roles::roles, roles::create_role))
        .routes(routes!(roles::change_role, roles::delete_role))
        .routes(routes!(groups::groups, groups::create_group))
        .routes(routes!(groups::change_group, groups::delete_group))
        .routes(routes!(settings::settings, settings::change_settings))
        .routes(routes!(profiles::list))
        .routes(routes!(profiles::profile, profiles::save_draft))
        .routes(routes!(profiles::publish))
        .routes(routes!(profiles::choose_profile))
}

/// The routes and the document, made once: describing each call takes longer than everything else at the start.
static DESCRIBED: LazyLock<(Router<App>, Value)> = LazyLock::new(|| {
    let (routes, document, _) = described().finish();
    (routes, document)
});

/// The OpenAPI 3.1 document, with paths as they come after `/api/v1`.
pub fn openapi() -> Value {
    DESCRIBED.1.clone()
}

/// The same, with paths as clients use them.
pub(crate) fn served() -> &'static Value {
    static SERVED: LazyLock<Value> = LazyLock::new(|| document::prefixed(openapi()));
    &SERVED
}

/// Whether a call, by its whole path, needs nobody to have signed in.
pub(crate) fn is_open(method: &str, path: &str) -> bool {
    path.strip_prefix(document::BASE).is_some_and(|path| document::is_public(&method.to_lowercase(), path))
}

pub(crate) fn router() -> Router<App> {
    Router::new()
        .nest(document::BASE, DESCRIBED.0.clone())
        .layer(middleware::from_fn(query::only_declared))
        .route("/api/openapi.json", get(async || Json(served())))
        .route("/api/{*rest}", axum::routing::any(unknown))
}

async fn unknown() -> Problem {
    Error::not_found().into()
}
