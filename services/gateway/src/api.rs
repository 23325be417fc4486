//! The JSON API under `/api/v1`, described by the generated OpenAPI document.

pub(crate) mod admin;
pub(crate) mod auth;
mod body;
mod history;
pub(crate) mod modules;
mod records;

use crate::{app::App, problem::Problem};
use axum::{Json, Router, response::Html, routing::get};
use kernel::Error;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

#[derive(OpenApi)]
#[openapi(info(
    title = "Portico",
    version = "1",
    description = "Customer portal. Cookies with X-CSRF-Token for browsers; errors are application/problem+json."
))]
struct Document;

fn described() -> OpenApiRouter<App> {
    use admin::{
        access, activity, agents, bulk, company, credentials, deliveries, groups, impersonate, locked, moves, profiles,
        roles, settings, tokens,
    };
    OpenApiRouter::with_openapi(Document::openapi())
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
        .routes(routes!(records::comments, records::comment))
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
        .routes(routes!(bulk::jobs, bulk::bulk))
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
        .routes(routes!(deliveries::deliveries))
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
        .routes(routes!(profiles::profiles))
        .routes(routes!(profiles::profile, profiles::save_draft))
        .routes(routes!(profiles::publish))
        .routes(routes!(profiles::choose_profile))
}

/// The OpenAPI 3.1 document.
pub fn openapi() -> utoipa::openapi::OpenApi {
    described().split_for_parts().1
}

pub(crate) fn router() -> Router<App> {
    let (routes, document) = described().split_for_parts();
    Router::new()
        .nest("/api/v1", routes)
        .route("/api/openapi.json", get(async move || Json(prefixed(document))))
        .route("/api/docs", get(docs))
        .route("/api/{*rest}", axum::routing::any(unknown))
}

async fn unknown() -> Problem {
    Error::not_found().into()
}

/// Paths as clients use them.
fn prefixed(mut document: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    let paths = std::mem::take(&mut document.paths.paths);
    document.paths.paths = paths.into_iter().map(|(path, item)| (format!("/api/v1{path}"), item)).collect();
    document
}

/// A page that a person can read: every operation with what it takes and gives.
async fn docs() -> Html<String> {
    use std::fmt::Write;
    let document = serde_json::to_value(prefixed(openapi())).unwrap_or_default();
    let text = |v: &serde_json::Value, k: &str| escape(v.get(k).and_then(|s| s.as_str()).unwrap_or_default());
    let mut html = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>\
         <title>Portico API</title><link rel=stylesheet href='{}'><body><main class=prose><h1>Portico API</h1>\
         <p>The <a href='/api/openapi.json'>OpenAPI document</a> is the reference; this page is read from it.</p>",
        crate::assets::url("app.css")
    );
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let summary = text(operation, "summary");
            let _ = write!(
                html,
                "<h2><code>{} {}</code></h2><p>{summary}</p><p>{}</p><ul>",
                method.to_uppercase(),
                escape(path),
                text(operation, "description")
            );
            for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
                let _ = write!(html, "<li><code>{}</code> {}</li>", escape(status), text(answer, "description"));
            }
            html.push_str("</ul>");
        }
    }
    html.push_str("</main></body></html>");
    Html(html)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\'', "&#39;").replace('"', "&quot;")
}
