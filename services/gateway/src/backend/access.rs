//! A contact's portal access.

use super::{
    answer,
    contacts::{contact, text_of},
};
use crate::http::app::App;
use kernel::Error;
use proto::{
    identity::v1::{
        Access, ChangeLoginRequest, ChangeSupportDatesRequest, DisableAccessRequest, EnableAccessRequest,
        EnableAccessResponse, GetAccessRequest, ResendInvitationRequest, ResumeAccessRequest, RevokeInvitationRequest,
        SuspendAccessRequest,
    },
    records::v1::Record,
};

/// How a contact gets access. Both dates are inclusive, in the installation's time zone.
#[derive(Default)]
pub(crate) struct Enable {
    /// YYYY-MM-DD
    pub(crate) support_start: String,
    /// YYYY-MM-DD
    pub(crate) support_end: String,
    /// Language of the invitation; the installation's where it is empty.
    pub(crate) locale: String,
    /// User name to sign in with instead of the e-mail address.
    pub(crate) login: String,
    /// Works once; then no invitation leaves.
    pub(crate) first_password: String,
    pub(crate) mfa_required: bool,
    /// Profile to give by hand.
    pub(crate) profile_id: String,
}

/// True when mails about the account of a contact with access go elsewhere than its record says.
pub(crate) fn addresses_differ(access: &Access, contact_email: &str) -> bool {
    let same = |a: &str, b: &str| a.trim().to_lowercase() == b.trim().to_lowercase();
    access.enabled && !same(&access.email, contact_email)
}

/// What identity knows of a contact's access.
pub(crate) async fn get(app: &App, id: &str) -> Result<Option<Access>, Error> {
    let request = GetAccessRequest { contact_id: id.to_owned() };
    Ok(answer(app.clients.identity().get_access(request).await)?.access)
}

/// Switches access on; the invitation leaves at once, unless a first password is given.
pub(crate) async fn enable(
    app: &App,
    id: &str,
    wanted: Enable,
    idempotency_key: String,
) -> Result<EnableAccessResponse, Error> {
    enable_known(app, &contact(app, id).await?, wanted, idempotency_key).await
}

/// The same, of a contact that was fetched already.
pub(crate) async fn enable_known(
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
    answer(app.clients.identity().enable_access(request).await)
}

/// Changes the support dates.
pub(crate) async fn change_dates(
    app: &App,
    id: &str,
    support_start: String,
    support_end: String,
) -> Result<Option<Access>, Error> {
    let request = ChangeSupportDatesRequest { contact_id: id.to_owned(), support_start, support_end };
    Ok(answer(app.clients.identity().change_support_dates(request).await)?.access)
}

/// Switches access off; sessions end.
pub(crate) async fn disable(app: &App, id: &str) -> Result<Option<Access>, Error> {
    let request = DisableAccessRequest { contact_id: id.to_owned() };
    Ok(answer(app.clients.identity().disable_access(request).await)?.access)
}

/// Sends the invitation again, to the address that the contact's record has now.
pub(crate) async fn invite_again(app: &App, record: &Record) -> Result<Option<Access>, Error> {
    let request = ResendInvitationRequest { contact_id: record.id.clone(), email: Some(text_of(record, "email")) };
    Ok(answer(app.clients.identity().resend_invitation(request).await)?.access)
}

/// Revokes an open invitation: its link dies.
pub(crate) async fn revoke_invitation(app: &App, id: &str) -> Result<Option<Access>, Error> {
    let request = RevokeInvitationRequest { contact_id: id.to_owned() };
    Ok(answer(app.clients.identity().revoke_invitation(request).await)?.access)
}

/// Suspends access: sessions end, password and profile stay.
pub(crate) async fn suspend(app: &App, id: &str, note: String) -> Result<Option<Access>, Error> {
    let request = SuspendAccessRequest { contact_id: id.to_owned(), note };
    Ok(answer(app.clients.identity().suspend_access(request).await)?.access)
}

/// Resumes suspended access.
pub(crate) async fn resume(app: &App, id: &str) -> Result<Option<Access>, Error> {
    let request = ResumeAccessRequest { contact_id: id.to_owned() };
    Ok(answer(app.clients.identity().resume_access(request).await)?.access)
}

/// Gives a contact another login; an empty one is the address that its record has now.
pub(crate) async fn give_login(app: &App, record: &Record, login: String) -> Result<Option<Access>, Error> {
    let request = ChangeLoginRequest { contact_id: record.id.clone(), login, email: Some(text_of(record, "email")) };
    Ok(answer(app.clients.identity().change_login(request).await)?.access)
}
