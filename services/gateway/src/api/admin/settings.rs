//! Security settings of the installation.

use crate::{
    api::{
        body::Body,
        precondition::{change, etag, if_match},
    },
    backend::settings,
    http::{
        app::App,
        problem::{Problem, ProblemBody},
        request::Admitted,
    },
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::HeaderMap;
use proto::identity::v1::{GetSettingsResponse, SecuritySettings};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Security settings, whole.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SettingsBody {
    /// Who must have a second factor: `nobody`, `agents`, `contacts` or `everybody`. Users and profiles may add to it.
    require_mfa: String,
    /// `timed`: a lock ends by itself. `manual`: an agent ends it.
    lock_mode: String,
    /// Failures in a row that lock, 3 to 10.
    lock_failures: i32,
    /// Minutes without activity after which a session of the portal ends, 5 to 60.
    portal_idle_minutes: i32,
    /// The same for the console, 5 to 60.
    console_idle_minutes: i32,
    /// Secure links of companies work at all.
    company_links: bool,
    terms_required: bool,
    /// Terms of use per language, in Markdown.
    terms: BTreeMap<String, String>,
    /// Whom to ask who can't reset the password alone.
    help_contact: String,
    /// Hours that a password works which somebody else has set, 1 to 168. Left out of a change: stays as it is.
    #[serde(default)]
    one_time_password_hours: Option<i32>,
}

/// Settings, and what follows from the configuration.
#[derive(Serialize, ToSchema)]
pub(crate) struct SettingsWholeBody {
    #[serde(flatten)]
    settings: SettingsBody,
    /// Goes up when a text of the terms changes; then everybody is asked again.
    terms_version: i32,
    /// The numbers in force that only the configuration changes, by name.
    effective: BTreeMap<String, String>,
}

fn answer(found: GetSettingsResponse) -> Response {
    let settings = found.settings.unwrap_or_default();
    let body = SettingsWholeBody {
        settings: SettingsBody {
            require_mfa: settings.require_mfa,
            lock_mode: settings.lock_mode,
            lock_failures: settings.lock_failures,
            portal_idle_minutes: settings.portal_idle_minutes,
            console_idle_minutes: settings.console_idle_minutes,
            company_links: settings.company_links,
            terms_required: settings.terms_required,
            terms: settings.terms.into_iter().collect(),
            help_contact: settings.help_contact,
            one_time_password_hours: settings.one_time_password_hours,
        },
        terms_version: found.terms_version,
        effective: found.effective.into_iter().collect(),
    };
    (etag(found.version), Json(body)).into_response()
}

/// Security settings; the ETag is what a change expects.
#[utoipa::path(get, path = "/admin/settings/security", operation_id = "getSecuritySettings",
    responses((status = 200, description = "Settings", body = SettingsWholeBody, headers(("ETag" = String, description = "The version, for If-Match")))))]
pub(crate) async fn settings(State(app): State<App>, admitted: Admitted) -> Result<Response, Problem> {
    admitted.signed_in()?;
    Ok(answer(settings::get(&app).await?))
}

/// Change the security settings, as a whole. Needs If-Match.
#[utoipa::path(put, path = "/admin/settings/security", operation_id = "changeSecuritySettings", request_body = SettingsBody,
    params(("If-Match" = String, Header, description = "The ETag of the settings, several of them, or *")), responses(
    (status = 200, description = "In force within a second", body = SettingsWholeBody, headers(("ETag" = String, description = "The version, for If-Match"))),
    (status = 412, description = "Somebody else changed them meanwhile", body = ProblemBody),
    (status = 428, description = "If-Match is missing", body = ProblemBody),
    (status = 422, description = "Bad fields, each named", body = ProblemBody)))]
pub(crate) async fn change_settings(
    State(app): State<App>,
    admitted: Admitted,
    headers: HeaderMap,
    Body(body): Body<SettingsBody>,
) -> Result<Response, Problem> {
    admitted.signed_in()?;
    let wanted = SecuritySettings {
        require_mfa: body.require_mfa,
        lock_mode: body.lock_mode,
        lock_failures: body.lock_failures,
        portal_idle_minutes: body.portal_idle_minutes,
        console_idle_minutes: body.console_idle_minutes,
        company_links: body.company_links,
        terms_required: body.terms_required,
        terms: body.terms.into_iter().collect(),
        help_contact: body.help_contact,
        one_time_password_hours: body.one_time_password_hours,
    };
    let current = async || Ok(settings::get(&app).await?.version);
    let act = |version| settings::change(&app, wanted.clone(), version);
    Ok(answer(change(if_match(&headers)?, current, act).await?))
}
