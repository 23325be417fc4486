//! A company's way into the portal: its secure link and its portal users.

use super::{
    access::{Enable, enable},
    answer,
    contacts::{company, contact, text_of},
    profiles, records,
};
use crate::http::{app::App, sessions::Session};
use kernel::Error;
use proto::{
    identity::v1::{
        CompanyAccessResponse, EnableAccessResponse, GetCompanyAccessRequest, IssueCompanyLinkRequest,
        IssueCompanyLinkResponse, RevokeCompanyLinkRequest,
    },
    records::v1::{CreateRecordRequest, FieldValue, ListRecordsRequest, Record, Value, value::Kind},
};

/// A company's way into the portal.
pub(crate) async fn access_of(app: &App, id: &str) -> Result<CompanyAccessResponse, Error> {
    let request = GetCompanyAccessRequest { company_id: id.to_owned() };
    answer(app.clients.identity_administration().get_company_access(request).await)
}

/// Makes a link; a former one dies.
pub(crate) async fn issue(app: &App, id: &str, valid_days: i32) -> Result<IssueCompanyLinkResponse, Error> {
    company(app, id).await?;
    let request = IssueCompanyLinkRequest { company_id: id.to_owned(), valid_days };
    answer(app.clients.identity_administration().issue_company_link(request).await)
}

/// Takes the link back.
pub(crate) async fn revoke(app: &App, id: &str) -> Result<CompanyAccessResponse, Error> {
    let request = RevokeCompanyLinkRequest { company_id: id.to_owned() };
    answer(app.clients.identity_administration().revoke_company_link(request).await)
}

/// The profile for whoever is no portal user.
async fn non_portal_users(app: &App) -> Result<String, Error> {
    let found = profiles::all(app).await?.into_iter().find(|p| p.built_in && p.name == policy::NON_PORTAL_USERS_NAME);
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
        let page = records::list(app, request.clone()).await?;
        if let Some(found) = page.records().into_iter().find(is_primary) {
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
                occurred_at_micros: 0,
                module: policy::CONTACTS.into(),
                fields,
                idempotency_key: format!("primary {company_id}"),
            };
            let made = records::create(app, request).await?;
            made.ok_or_else(|| Error::internal("an answer without its record"))?
        }
    };
    enable(app, &contact.id, wanted, idempotency_key).await
}

/// Whether a contact belongs to a company.
pub(crate) async fn of_company(app: &App, contact_id: &str, company_id: &str) -> Result<(), Error> {
    let contact = contact(app, contact_id).await?;
    if text_of(&contact, "company_id") == company_id {
        return Ok(());
    }
    Err(Error::invalid_field("contact_id", "unknown_record", "This is not a contact of the company."))
}
