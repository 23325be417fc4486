//! A contact's portal access.

use super::some;
use crate::{
    api::body::{Body, NoBody},
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
        Access, ChangeLoginRequest, ChangeSupportDatesRequest, DisableAccessRequest, EnableAccessRequest,
        EnableAccessResponse, GetAccessRequest, ResendInvitationRequest, ResumeAccessRequest, RevokeInvitationRequest,
        SuspendAccessRequest,
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
    /// Cannot sign in for now, by an agent's decision.
    suspended: bool,
    /// A second factor is required of this contact.
    mfa_required: bool,
    /// Second factors that are set up: `totp`, `passkey`.
    factors: Vec<String>,
    /// The login is an e-mail address: the user can reset the password alone.
    login_is_email: bool,
    /// A one-time password waits to be used.
    one_time_password: bool,
    /// End of a one-time password that was not used.
    one_time_password_until: Option<String>,
    /// It has ended: nobody signs in with it any more. Set another one, or send a link.
    one_time_password_expired: bool,
    /// Live sessions.
    sessions: i32,
    /// Where mails about the account go.
    email: Option<String>,
    /// The address in the contact's record. Mails about records go to the one of the two that was changed last.
    contact_email: Option<String>,
    /// The two are different addresses.
    addresses_differ: bool,
    /// Another address to sign in with, which waits to be confirmed there.
    pending_login: Option<String>,
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

/// True when mails about the account of a contact with access go elsewhere than its record says.
pub(crate) fn addresses_differ(access: &Access, contact_email: &str) -> bool {
    let same = |a: &str, b: &str| a.trim().to_lowercase() == b.trim().to_lowercase();
    access.enabled && !same(&access.email, contact_email)
}

pub(super) fn access_body(access: Option<Access>, contact: &Record) -> AccessBody {
    let access = access.unwrap_or_default();
    let contact_email = text_of(contact, "email");
    AccessBody {
        addresses_differ: addresses_differ(&access, &contact_email),
        contact_email: some(contact_email),
        pending_login: some(access.pending_email),
        one_time_password_until: values::time(access.one_time_until_micros),
        one_time_password_expired: access.one_time_expired,
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
        suspended: access.suspended,
        mfa_required: access.mfa_required,
        factors: access.factors,
        login_is_email: access.login_is_email,
        one_time_password: access.one_time_password,
        sessions: access.sessions,
        email: some(access.email),
    }
}

/// The contact itself, as its agent sees it: identity is told name and e-mail, and 404 is 404.
pub(crate) async fn contact(app: &App, id: &str) -> Result<Record, Error> {
    let request = GetRecordRequest { module: "contacts".into(), id: id.to_owned(), ..GetRecordRequest::default() };
    let answer = app.clients.records().get_record(request).await.map_err(runtime::error_of)?;
    answer.into_inner().record.ok_or_else(Error::not_found)
}

/// A text field of a record.
pub(crate) fn text_of(record: &Record, field: &str) -> String {
    let found = record.fields.iter().find(|f| f.field == field).and_then(|f| f.value.as_ref());
    values::to_json(found).as_str().unwrap_or_default().to_owned()
}

/// The portal access of a contact.
#[utoipa::path(get, path = "/admin/contacts/{id}/portal-access", operation_id = "getPortalAccess",
    responses((status = 200, description = "Access", body = AccessBody)))]
pub(crate) async fn get_access(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
) -> Result<Json<AccessBody>, Problem> {
    admitted.signed_in()?;
    let record = contact(&app, &id).await?;
    let answer = app.clients.identity().get_access(GetAccessRequest { contact_id: id }).await?.into_inner();
    Ok(Json(access_body(answer.access, &record)))
}

/// First and last day of support, both inclusive, in the installation's time zone.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Dates {
    /// YYYY-MM-DD
    support_start: String,
    /// YYYY-MM-DD
    support_end: String,
}

/// How a contact gets access. Both dates are inclusive, in the installation's time zone.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Enable {
    /// YYYY-MM-DD
    pub(crate) support_start: String,
    /// YYYY-MM-DD
    pub(crate) support_end: String,
    /// Language of the invitation: `en` or `it`; the installation's without it.
    #[serde(default)]
    pub(crate) locale: String,
    /// User name to sign in with instead of the e-mail address; then the user can't reset the password alone.
    #[serde(default)]
    pub(crate) login: String,
    /// For a contact without an e-mail address: works once and must be changed at the first login.
    #[serde(default)]
    pub(crate) first_password: String,
    #[serde(default)]
    pub(crate) mfa_required: bool,
    /// Profile to give by hand.
    #[serde(default)]
    pub(crate) profile_id: String,
}

/// Switch portal access on; the invitation leaves at once, unless a first password is given.
#[utoipa::path(post, path = "/admin/contacts/{id}/portal-access", operation_id = "enablePortalAccess", request_body = Enable,
    params(("Idempotency-Key" = Option<String>, Header, description = "Any text of up to 200 characters; repeating the request with it makes nothing twice")), responses(
    (status = 200, description = "On", body = EnabledBody),
    (status = 422, description = "A date, the login or the contact's e-mail is not right", body = ProblemBody)))]
pub(crate) async fn enable_access(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    Body(wanted): Body<Enable>,
) -> Result<Json<EnabledBody>, Problem> {
    admitted.signed_in()?;
    let record = contact(&app, &id).await?;
    let answer = enable_known(&app, &record, wanted, admitted.idempotency_key.clone()).await?;
    Ok(Json(enabled_body(answer, &record)))
}

pub(super) fn enabled_body(answer: EnableAccessResponse, contact: &Record) -> EnabledBody {
    EnabledBody {
        access: access_body(answer.access, contact),
        invitation_sent: answer.invitation_sent,
        not_sent_reason: some(answer.not_sent_reason),
    }
}

/// What pages and API share.
pub(crate) async fn enable(
    app: &App,
    id: &str,
    wanted: Enable,
    idempotency_key: String,
) -> Result<EnableAccessResponse, Error> {
    enable_known(app, &contact(app, id).await?, wanted, idempotency_key).await
}

async fn enable_known(
    app: &App,
    record: &Record,
    wanted: Enable,
    idempotency_key: String,
) -> Result<EnableAccessResponse, Error> {
    let name = format!("{} {}", text_of(record, "first_name"), text_of(record, "last_name")).trim().to_owned();
    let locale = if wanted.locale.is_empty() { app.config.language.clone() } else { wanted.locale };
    let request = EnableAccessRequest {
        contact_id: record.id.clone(),
        email: text_of(record, "email"),
        name,
        support_start: wanted.support_start,
        support_end: wanted.support_end,
        locale,
        idempotency_key,
        login: wanted.login,
        first_password: wanted.first_password,
        mfa_required: wanted.mfa_required,
        profile_id: wanted.profile_id,
        company_id: text_of(record, "company_id"),
    };
    Ok(app.clients.identity().enable_access(request).await.map_err(runtime::error_of)?.into_inner())
}

/// Change the support dates.
#[utoipa::path(patch, path = "/admin/contacts/{id}/portal-access", operation_id = "changeSupportDates", request_body = Dates,
    responses((status = 200, description = "Changed", body = AccessBody)))]
pub(crate) async fn change_access(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    Body(dates): Body<Dates>,
) -> Result<Json<AccessBody>, Problem> {
    admitted.signed_in()?;
    let record = contact(&app, &id).await?;
    let request = ChangeSupportDatesRequest {
        contact_id: id,
        support_start: dates.support_start,
        support_end: dates.support_end,
    };
    let answer = app.clients.identity().change_support_dates(request).await?.into_inner();
    Ok(Json(access_body(answer.access, &record)))
}

/// Switch portal access off; live sessions end.
#[utoipa::path(delete, path = "/admin/contacts/{id}/portal-access", operation_id = "disablePortalAccess",
    responses((status = 200, description = "Off", body = AccessBody)))]
pub(crate) async fn disable_access(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
) -> Result<Json<AccessBody>, Problem> {
    admitted.signed_in()?;
    let record = contact(&app, &id).await?;
    let answer = app.clients.identity().disable_access(DisableAccessRequest { contact_id: id }).await?.into_inner();
    Ok(Json(access_body(answer.access, &record)))
}

/// Sends the invitation again, to the address that the contact's record has now.
pub(crate) async fn invite_again(app: &App, record: &Record) -> Result<Option<Access>, Error> {
    let request = ResendInvitationRequest { contact_id: record.id.clone(), email: Some(text_of(record, "email")) };
    let answer = app.clients.identity().resend_invitation(request).await.map_err(runtime::error_of)?;
    Ok(answer.into_inner().access)
}

/// Gives a contact another login; an empty one is the address that its record has now.
pub(crate) async fn give_login(app: &App, record: &Record, login: String) -> Result<Option<Access>, Error> {
    let request = ChangeLoginRequest { contact_id: record.id.clone(), login, email: Some(text_of(record, "email")) };
    let answer = app.clients.identity().change_login(request).await.map_err(runtime::error_of)?;
    Ok(answer.into_inner().access)
}

/// Send the invitation again, to the address that the contact's record has now; the old link dies.
#[utoipa::path(post, path = "/admin/contacts/{id}/portal-access/invitation", operation_id = "resendInvitation",
    responses((status = 200, description = "Sent again", body = AccessBody)))]
pub(crate) async fn resend_invitation(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    _: NoBody,
) -> Result<Json<AccessBody>, Problem> {
    admitted.signed_in()?;
    let record = contact(&app, &id).await?;
    Ok(Json(access_body(invite_again(&app, &record).await?, &record)))
}

/// Revoke an open invitation: its link dies.
#[utoipa::path(delete, path = "/admin/contacts/{id}/portal-access/invitation", operation_id = "revokeInvitation",
    responses((status = 200, description = "Revoked", body = AccessBody)))]
pub(crate) async fn revoke_invitation(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
) -> Result<Json<AccessBody>, Problem> {
    admitted.signed_in()?;
    let record = contact(&app, &id).await?;
    let request = RevokeInvitationRequest { contact_id: id };
    let answer = app.clients.identity().revoke_invitation(request).await?.into_inner();
    Ok(Json(access_body(answer.access, &record)))
}

/// Why access is suspended.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Suspend {
    #[serde(default)]
    note: String,
}

/// Suspend access: sessions end, password and profile stay. From outside it looks like a wrong password.
#[utoipa::path(post, path = "/admin/contacts/{id}/portal-access/suspend", operation_id = "suspendPortalAccess", request_body = Suspend,
    responses((status = 200, description = "Suspended", body = AccessBody)))]
pub(crate) async fn suspend(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    Body(body): Body<Suspend>,
) -> Result<Json<AccessBody>, Problem> {
    admitted.signed_in()?;
    let record = contact(&app, &id).await?;
    let request = SuspendAccessRequest { contact_id: id, note: body.note };
    let answer = app.clients.identity().suspend_access(request).await?.into_inner();
    Ok(Json(access_body(answer.access, &record)))
}

/// Resume suspended access.
#[utoipa::path(post, path = "/admin/contacts/{id}/portal-access/resume", operation_id = "resumePortalAccess",
    responses((status = 200, description = "Resumed", body = AccessBody)))]
pub(crate) async fn resume(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    _: NoBody,
) -> Result<Json<AccessBody>, Problem> {
    admitted.signed_in()?;
    let record = contact(&app, &id).await?;
    let answer = app.clients.identity().resume_access(ResumeAccessRequest { contact_id: id }).await?.into_inner();
    Ok(Json(access_body(answer.access, &record)))
}

/// What a contact signs in with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LoginName)]
pub(crate) struct Login {
    /// A user name or an e-mail address; empty: the contact's e-mail address as its record has it now.
    login: String,
}

/// Change what a contact signs in with. Only who signs in with an e-mail address can reset the password alone. Where a
/// password was chosen, another address is `pending_login` until it is confirmed there; the present one is told.
#[utoipa::path(put, path = "/admin/contacts/{id}/portal-access/login", operation_id = "changeContactLogin", request_body = Login, responses(
    (status = 200, description = "Changed, or waiting for its confirmation", body = AccessBody),
    (status = 409, description = "Somebody else signs in with it", body = ProblemBody)))]
pub(crate) async fn change_login(
    State(app): State<App>,
    admitted: Admitted,
    Path(id): Path<String>,
    Body(body): Body<Login>,
) -> Result<Json<AccessBody>, Problem> {
    admitted.signed_in()?;
    let record = contact(&app, &id).await?;
    Ok(Json(access_body(give_login(&app, &record, body.login).await?, &record)))
}
