//! A company's secure link and its portal users.

use crate::{
    api::{
        admin::{
            access::{EnabledBody, enabled_body},
            some,
        },
        body::Body,
        values,
    },
    backend::{
        access::{Enable, enable},
        companies::{access_of, enable_itself, issue, of_company, revoke},
        contacts::{company, contact},
    },
    http::{
        app::App,
        problem::{Problem, ProblemBody},
        request::Admitted,
    },
};
use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use proto::identity::v1::CompanyAccessResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A company's way into the portal.
#[derive(Serialize, ToSchema)]
pub(crate) struct CompanyBody {
    company_id: String,
    /// Contacts with portal access.
    portal_users: i32,
    contact_ids: Vec<String>,
    link: LinkBody,
    /// Secure links are switched on for the installation.
    links_enabled: bool,
}

/// A secure link.
#[derive(Serialize, ToSchema)]
#[schema(as = CompanyLink)]
pub(crate) struct LinkBody {
    /// One was issued and has not run out.
    open: bool,
    /// The link opens the portal; else it leads to the login, or nowhere.
    usable: bool,
    issued_at: Option<String>,
    expires_at: Option<String>,
    last_used_at: Option<String>,
}

/// A new link, shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct IssuedBody {
    url: String,
    #[serde(flatten)]
    company: CompanyBody,
}

fn company_body(access: CompanyAccessResponse) -> CompanyBody {
    CompanyBody {
        link: LinkBody {
            open: access.link_open,
            usable: access.link_open && access.links_enabled && access.portal_users == 0,
            issued_at: values::time(access.link_issued_micros),
            expires_at: values::time(access.link_expires_micros),
            last_used_at: values::time(access.link_last_used_micros),
        },
        company_id: access.company_id,
        portal_users: access.portal_users,
        contact_ids: access.contact_ids,
        links_enabled: access.links_enabled,
    }
}

/// A company's secure link, its portal users, and whether the link opens the portal.
#[utoipa::path(get, path = "/admin/companies/{id}/access", operation_id = "getCompanyAccess",
    responses((status = 200, description = "The way in", body = CompanyBody)))]
pub(crate) async fn access(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
) -> Result<Json<CompanyBody>, Problem> {
    admitted.signed_in()?;
    company(&app, &id).await?;
    Ok(Json(company_body(access_of(&app, &id).await?)))
}

/// For how long a link is good.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Issue {
    /// 1 to 365; 30 without it.
    #[serde(default)]
    valid_days: i32,
}

/// Issue a company's secure link; a former one dies.
#[utoipa::path(post, path = "/admin/companies/{id}/link", operation_id = "issueCompanyLink", request_body = Issue, responses(
    (status = 201, description = "Issued; the link is not shown again", body = IssuedBody),
    (status = 409, description = "Links are switched off", body = ProblemBody)))]
pub(crate) async fn issue_link(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    Body(body): Body<Issue>,
) -> Result<Response, Problem> {
    admitted.signed_in()?;
    let issued = issue(&app, &id, body.valid_days).await?;
    let body = IssuedBody { url: issued.link, company: company_body(issued.access.unwrap_or_default()) };
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response())
}

/// Revoke a company's secure link; sessions that came by it end.
#[utoipa::path(delete, path = "/admin/companies/{id}/link", operation_id = "revokeCompanyLink",
    responses((status = 200, description = "Revoked", body = CompanyBody)))]
pub(crate) async fn revoke_link(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
) -> Result<Json<CompanyBody>, Problem> {
    admitted.signed_in()?;
    company(&app, &id).await?;
    Ok(Json(company_body(revoke(&app, &id).await?)))
}

/// A new portal user of a company: one of its contacts, or the company itself.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUser {
    /// One of its contacts; left out: the company itself, by a contact marked primary.
    #[serde(default)]
    contact_id: String,
    /// YYYY-MM-DD
    support_start: String,
    /// YYYY-MM-DD
    support_end: String,
    #[serde(default)]
    locale: String,
    #[serde(default)]
    mfa_required: bool,
}

/// Give one of a company's contacts portal access, or the company itself.
#[utoipa::path(post, path = "/admin/companies/{id}/portal-users", operation_id = "addCompanyPortalUser", request_body = NewUser,
    params(("Idempotency-Key" = Option<String>, Header, description = "Any text of up to 200 characters; repeating the request with it makes nothing twice")), responses(
    (status = 200, description = "On", body = EnabledBody),
    (status = 422, description = "A date or the e-mail address is not right", body = ProblemBody)))]
pub(crate) async fn new_user(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    Body(body): Body<NewUser>,
) -> Result<Json<EnabledBody>, Problem> {
    let session = admitted.signed_in()?;
    let wanted = Enable {
        support_start: body.support_start,
        support_end: body.support_end,
        locale: body.locale,
        mfa_required: body.mfa_required,
        ..Enable::default()
    };
    let key = admitted.idempotency_key.clone();
    let answer = match some(body.contact_id) {
        Some(contact) => {
            company(&app, &id).await?;
            of_company(&app, &contact, &id).await?;
            enable(&app, &contact, wanted, key).await?
        }
        None => enable_itself(&app, session, &id, wanted, key).await?,
    };
    let made = answer.access.as_ref().map(|a| a.contact_id.clone()).unwrap_or_default();
    Ok(Json(enabled_body(answer, &contact(&app, &made).await?)))
}
