//! A contact's portal access.

use super::some;
use crate::{
    api::body::Body,
    app::App,
    guard::Admitted,
    problem::{Problem, ProblemBody},
    values,
};
use axum::{
    Json,
    extract::{Path, State},
};
use kernel::Error;
use proto::{
    identity::v1::{
        Access, ChangeSupportDatesRequest, DisableAccessRequest, EnableAccessRequest, GetAccessRequest,
        ResendInvitationRequest,
    },
    records::v1::{GetRecordRequest, Record},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A contact's portal access.
#[derive(Serialize, ToSchema)]
pub(crate) struct AccessBody {
    contact_id: String,
    enabled: bool,
    login: Option<String>,
    support_start: Option<String>,
    support_end: Option<String>,
    /// `none`, `invited` or `active`.
    state: String,
    last_login_at: Option<String>,
    locked: bool,
    locked_until: Option<String>,
    invitation_expires_at: Option<String>,
}

/// Access, and whether the invitation left.
#[derive(Serialize, ToSchema)]
pub(crate) struct EnabledBody {
    #[serde(flatten)]
    access: AccessBody,
    invitation_sent: bool,
    /// Why not, for example `support_ended`.
    not_sent_reason: Option<String>,
}

fn access_body(access: Option<Access>) -> AccessBody {
    let access = access.unwrap_or_default();
    AccessBody {
        contact_id: access.contact_id,
        enabled: access.enabled,
        login: some(access.login),
        support_start: some(access.support_start),
        support_end: some(access.support_end),
        state: access.state,
        last_login_at: values::time(access.last_login_micros),
        locked: access.locked,
        locked_until: values::time(access.locked_until_micros),
        invitation_expires_at: values::time(access.invitation_expires_micros),
    }
}

/// The contact itself, as its agent sees it: identity is told name and e-mail, and 404 is 404.
pub(crate) async fn contact(app: &App, id: &str) -> Result<Record, Error> {
    let request = GetRecordRequest { module: "contacts".into(), id: id.to_owned(), with_deleted: false };
    let answer = app.clients.records().get_record(request).await.map_err(runtime::error_of)?;
    answer.into_inner().record.ok_or_else(Error::not_found)
}

/// A text field of a record.
pub(crate) fn text_of(record: &Record, field: &str) -> String {
    let found = record.fields.iter().find(|f| f.field == field).and_then(|f| f.value.as_ref());
    values::to_json(found).as_str().unwrap_or_default().to_owned()
}

/// The portal access of a contact.
#[utoipa::path(get, path = "/admin/contacts/{id}/portal-access",
    responses((status = 200, description = "Access", body = AccessBody)))]
pub(crate) async fn get_access(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
) -> Result<Json<AccessBody>, Problem> {
    admitted.signed_in()?;
    contact(&app, &id).await?;
    let answer = app.clients.identity().get_access(GetAccessRequest { contact_id: id }).await?.into_inner();
    Ok(Json(access_body(answer.access)))
}

/// First and last day of support, both inclusive, in the installation's time zone.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dates {
    /// YYYY-MM-DD
    support_start: String,
    /// YYYY-MM-DD
    support_end: String,
    /// Language of the invitation: `en` or `it`; the installation's without it.
    #[serde(default)]
    locale: Option<String>,
}

/// Switch portal access on; the invitation leaves at once.
#[utoipa::path(post, path = "/admin/contacts/{id}/portal-access", request_body = Dates, responses(
    (status = 200, description = "On", body = EnabledBody),
    (status = 422, description = "A date or the contact's e-mail is not right", body = ProblemBody)))]
pub(crate) async fn enable_access(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    Body(dates): Body<Dates>,
) -> Result<Json<EnabledBody>, Problem> {
    admitted.signed_in()?;
    let locale = dates.locale.unwrap_or_else(|| app.config.language.clone());
    let answer =
        enable(&app, &id, dates.support_start, dates.support_end, locale, admitted.idempotency_key.clone()).await?;
    Ok(Json(EnabledBody {
        access: access_body(answer.access),
        invitation_sent: answer.invitation_sent,
        not_sent_reason: some(answer.not_sent_reason),
    }))
}

/// What pages and API share.
pub(crate) async fn enable(
    app: &App,
    id: &str,
    support_start: String,
    support_end: String,
    locale: String,
    idempotency_key: String,
) -> Result<proto::identity::v1::EnableAccessResponse, Error> {
    let record = contact(app, id).await?;
    let name = format!("{} {}", text_of(&record, "first_name"), text_of(&record, "last_name")).trim().to_owned();
    let request = EnableAccessRequest {
        contact_id: id.to_owned(),
        email: text_of(&record, "email"),
        name,
        support_start,
        support_end,
        locale,
        idempotency_key,
        ..EnableAccessRequest::default()
    };
    Ok(app.clients.identity().enable_access(request).await.map_err(runtime::error_of)?.into_inner())
}

/// Change the support dates.
#[utoipa::path(patch, path = "/admin/contacts/{id}/portal-access", request_body = Dates,
    responses((status = 200, description = "Changed", body = AccessBody)))]
pub(crate) async fn change_access(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    Body(dates): Body<Dates>,
) -> Result<Json<AccessBody>, Problem> {
    admitted.signed_in()?;
    contact(&app, &id).await?;
    let request = ChangeSupportDatesRequest {
        contact_id: id,
        support_start: dates.support_start,
        support_end: dates.support_end,
    };
    let answer = app.clients.identity().change_support_dates(request).await?.into_inner();
    Ok(Json(access_body(answer.access)))
}

/// Switch portal access off; live sessions end.
#[utoipa::path(delete, path = "/admin/contacts/{id}/portal-access",
    responses((status = 200, description = "Off", body = AccessBody)))]
pub(crate) async fn disable_access(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
) -> Result<Json<AccessBody>, Problem> {
    admitted.signed_in()?;
    contact(&app, &id).await?;
    let answer = app.clients.identity().disable_access(DisableAccessRequest { contact_id: id }).await?.into_inner();
    Ok(Json(access_body(answer.access)))
}

/// Send the invitation again; the old link dies.
#[utoipa::path(post, path = "/admin/contacts/{id}/portal-access/invitation",
    responses((status = 200, description = "Sent again", body = AccessBody)))]
pub(crate) async fn resend_invitation(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
) -> Result<Json<AccessBody>, Problem> {
    admitted.signed_in()?;
    contact(&app, &id).await?;
    let request = ResendInvitationRequest { contact_id: id };
    let answer = app.clients.identity().resend_invitation(request).await?.into_inner();
    Ok(Json(access_body(answer.access)))
}
