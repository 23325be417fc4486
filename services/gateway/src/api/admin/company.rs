//! A company's secure link and its portal users.

use super::{
    access::{Enable, EnabledBody, contact, enable, enabled_body, text_of},
    some,
};
use crate::{
    api::body::Body,
    app::App,
    guard::Admitted,
    problem::{Problem, ProblemBody},
    sessions::Session,
    values,
};
use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use kernel::Error;
use proto::{
    identity::v1::{
        CompanyAccessResponse, EnableAccessResponse, GetCompanyAccessRequest, IssueCompanyLinkRequest,
        IssueCompanyLinkResponse, RevokeCompanyLinkRequest,
    },
    permissions::v1::ListProfilesRequest,
    records::v1::{CreateRecordRequest, FieldValue, GetRecordRequest, ListRecordsRequest, Record, Value, value::Kind},
};
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

/// The company as its agent sees it; 404 is 404.
pub(crate) async fn company(app: &App, id: &str) -> Result<Record, Error> {
    let request =
        GetRecordRequest { module: policy::COMPANIES.into(), id: id.to_owned(), ..GetRecordRequest::default() };
    let answer = app.clients.records().get_record(request).await.map_err(runtime::error_of)?;
    answer.into_inner().record.ok_or_else(Error::not_found)
}

/// A company's way into the portal.
pub(crate) async fn access_of(app: &App, id: &str) -> Result<CompanyAccessResponse, Error> {
    let request = GetCompanyAccessRequest { company_id: id.to_owned() };
    let answer = app.clients.identity_administration().get_company_access(request).await;
    Ok(answer.map_err(runtime::error_of)?.into_inner())
}

/// Makes a link; a former one dies.
pub(crate) async fn issue(app: &App, id: &str, valid_days: i32) -> Result<IssueCompanyLinkResponse, Error> {
    company(app, id).await?;
    let request = IssueCompanyLinkRequest { company_id: id.to_owned(), valid_days };
    let answer = app.clients.identity_administration().issue_company_link(request).await;
    Ok(answer.map_err(runtime::error_of)?.into_inner())
}

/// Takes the link back.
pub(crate) async fn revoke(app: &App, id: &str) -> Result<CompanyAccessResponse, Error> {
    let request = RevokeCompanyLinkRequest { company_id: id.to_owned() };
    let answer = app.clients.identity_administration().revoke_company_link(request).await;
    Ok(answer.map_err(runtime::error_of)?.into_inner())
}

/// The profile for whoever is no portal user.
pub(crate) async fn non_portal_users(app: &App) -> Result<String, Error> {
    let answer = app.clients.permissions().list_profiles(ListProfilesRequest {}).await.map_err(runtime::error_of)?;
    let profiles = answer.into_inner().profiles;
    let found = profiles.into_iter().find(|p| p.built_in && p.name == policy::NON_PORTAL_USERS_NAME);
    found.map(|p| p.profile_id).ok_or_else(|| Error::internal("the profile for non-portal users is not there"))
}

/// The contact that stands for the company itself, if there is one already.
async fn primary_contact(app: &App, company_id: &str) -> Result<Option<Record>, Error> {
    let filter = serde_json::json!({"field": "company_id", "op": "eq", "value": company_id});
    let mut request = ListRecordsRequest {
        module: policy::CONTACTS.into(),
        limit: 200,
        sort: "number".into(),
        filter: filter.to_string(),
        ..ListRecordsRequest::default()
    };
    let is_primary = |record: &Record| {
        let value = record.fields.iter().find(|f| f.field == "primary").and_then(|f| f.value.as_ref());
        matches!(value.and_then(|v| v.kind.as_ref()), Some(Kind::Boolean(true)))
    };
    loop {
        let answer = app.clients.records().list_records(request.clone()).await.map_err(runtime::error_of)?;
        let page = answer.into_inner();
        if let Some(found) = page.items.into_iter().find(is_primary) {
            return Ok(Some(found));
        }
        if page.next_cursor.is_empty() {
            return Ok(None);
        }
        request.cursor = page.next_cursor;
    }
}

/// The dates, before anything is made that would be left behind.
fn check_dates(start: &str, end: &str) -> Result<(), Error> {
    let day = |field: &'static str, text: &str| {
        let message = "Please give a day as YYYY-MM-DD.";
        text.parse::<jiff::civil::Date>().map_err(|_| Error::invalid_field(field, "not_a_date", message))
    };
    let (first, last) = (day("support_start", start)?, day("support_end", end)?);
    if last < first {
        return Err(Error::invalid_field("support_end", "before_start", "The last day lies before the first."));
    }
    Ok(())
}

/// Makes the company itself a portal user: a contact that stands for it, with the profile for non-portal users, so that it
/// sees what the secure link showed before. Trying again uses the contact that is there already.
pub(crate) async fn enable_itself(
    app: &App,
    session: &Session,
    company_id: &str,
    wanted: Enable,
    idempotency_key: String,
) -> Result<EnableAccessResponse, Error> {
    // Before a contact is made that then gets no access.
    session.must_be_fresh(0)?;
    let company = company(app, company_id).await?;
    check_dates(&wanted.support_start, &wanted.support_end)?;
    let email = text_of(&company, "email");
    if email.is_empty() && wanted.login.is_empty() {
        return Err(Error::invalid_field("email", "required", "The company has no e-mail address."));
    }
    let wanted = Enable { profile_id: non_portal_users(app).await?, ..wanted };
    let contact = match primary_contact(app, company_id).await? {
        Some(found) => found,
        None => {
            let text = |field: &str, text: String| FieldValue {
                field: field.into(),
                value: Some(Value { kind: (!text.is_empty()).then_some(Kind::Text(text)) }),
            };
            let primary =
                FieldValue { field: "primary".into(), value: Some(Value { kind: Some(Kind::Boolean(true)) }) };
            let fields = vec![
                text("last_name", text_of(&company, "name").chars().take(100).collect()),
                text("email", email),
                text("company_id", company_id.to_owned()),
                primary,
            ];
            let request = CreateRecordRequest {
                module: policy::CONTACTS.into(),
                fields,
                idempotency_key: format!("primary {company_id}"),
            };
            let made = app.clients.records().create_record(request).await.map_err(runtime::error_of)?;
            made.into_inner().record.ok_or_else(|| Error::internal("an answer without its record"))?
        }
    };
    enable(app, &contact.id, wanted, idempotency_key).await
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

/// Whether a contact belongs to a company.
pub(crate) async fn of_company(app: &App, contact_id: &str, company_id: &str) -> Result<(), Error> {
    let contact = super::access::contact(app, contact_id).await?;
    if text_of(&contact, "company_id") == company_id {
        return Ok(());
    }
    Err(Error::invalid_field("contact_id", "unknown_record", "This is not a contact of the company."))
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
