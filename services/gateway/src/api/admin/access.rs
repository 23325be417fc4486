//! A contact's portal access.

use crate::{
    api::{
        admin::some,
        body::{Body, NoBody},
        values,
    },
    backend::{
        access,
        contacts::{contact, text_of},
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
};
use proto::{
    identity::v1::{Access, EnableAccessResponse},
    records::v1::Record,
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

pub(super) fn access_body(found: Option<Access>, contact: &Record) -> AccessBody {
    let found = found.unwrap_or_default();
    let contact_email = text_of(contact, "email");
    AccessBody {
        addresses_differ: access::addresses_differ(&found, &contact_email),
        contact_email: some(contact_email),
        pending_login: some(found.pending_email),
        one_time_password_until: values::time(found.one_time_until_micros),
        one_time_password_expired: found.one_time_expired,
        contact_id: found.contact_id,
        enabled: found.enabled,
        login: some(found.login),
        support_start: some(found.support_start),
        support_end: some(found.support_end),
        state: found.state,
        last_login_at: values::time(found.last_login_micros),
        locked: found.locked,
        locked_until: values::time(found.locked_until_micros),
        invitation_expires_at: values::time(found.invitation_expires_micros),
        suspended: found.suspended,
        mfa_required: found.mfa_required,
        factors: found.factors,
        login_is_email: found.login_is_email,
        one_time_password: found.one_time_password,
        sessions: found.sessions,
        email: some(found.email),
    }
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
    Ok(Json(access_body(access::get(&app, &id).await?, &record)))
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
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Enable {
    /// YYYY-MM-DD
    support_start: String,
    /// YYYY-MM-DD
    support_end: String,
    /// Language of the invitation: `en` or `it`; the installation's without it.
    #[serde(default)]
    locale: String,
    /// User name to sign in with instead of the e-mail address; then the user can't reset the password alone.
    #[serde(default)]
    login: String,
    /// For a contact without an e-mail address: works once and must be changed at the first login.
    #[serde(default)]
    first_password: String,
    #[serde(default)]
    mfa_required: bool,
    /// Profile to give by hand.
    #[serde(default)]
    profile_id: String,
}

impl From<Enable> for access::Enable {
    fn from(body: Enable) -> access::Enable {
        access::Enable {
            support_start: body.support_start,
            support_end: body.support_end,
            locale: body.locale,
            login: body.login,
            first_password: body.first_password,
            mfa_required: body.mfa_required,
            profile_id: body.profile_id,
        }
    }
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
    let answer = access::enable_known(&app, &record, wanted.into(), admitted.idempotency_key.clone()).await?;
    Ok(Json(enabled_body(answer, &record)))
}

pub(super) fn enabled_body(answer: EnableAccessResponse, contact: &Record) -> EnabledBody {
    EnabledBody {
        access: access_body(answer.access, contact),
        invitation_sent: answer.invitation_sent,
        not_sent_reason: some(answer.not_sent_reason),
    }
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
    let changed = access::change_dates(&app, &id, dates.support_start, dates.support_end).await?;
    Ok(Json(access_body(changed, &record)))
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
    Ok(Json(access_body(access::disable(&app, &id).await?, &record)))
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
    Ok(Json(access_body(access::invite_again(&app, &record).await?, &record)))
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
    Ok(Json(access_body(access::revoke_invitation(&app, &id).await?, &record)))
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
    Ok(Json(access_body(access::suspend(&app, &id, body.note).await?, &record)))
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
    Ok(Json(access_body(access::resume(&app, &id).await?, &record)))
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
    Ok(Json(access_body(access::give_login(&app, &record, body.login).await?, &record)))
}
