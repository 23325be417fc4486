//! What agents do with a contact's account beyond switching access on and off, on the contact's page.

use crate::{
    backend::{
        access::{self, Enable},
        contacts::contact,
        credentials::{require_mfa, reset_mfa, send_reset_link, set_one_time_password},
        records, support,
    },
    http::cookies::keep_support,
    pages::{
        access::{
            contact::{back, refuse},
            outcome::flash,
        },
        answer::Answer,
        ask::{Ask, Posted, html},
        module::title_of,
        records::record::{self, Extra},
        refusal::Refusal,
        scene::Scene,
        sections::access::Refused,
    },
};
use axum::extract::Path;
use gateway_ui::vm::{Crumb, Once, secret_page};
use http::StatusCode;
use kernel::Error;
use proto::{
    identity::v1::BeginImpersonationRequest,
    records::v1::{FieldValue, UpdateRecordRequest, Value, value::Kind},
};

/// Back to the contact's page, or the page with what was refused in one of its sections.
async fn finish(
    ask: Ask,
    id: &str,
    result: Result<(), Error>,
    message: &str,
    form: &'static str,
    inputs: &[(&str, &str)],
    posted: Posted,
) -> Answer {
    let error = match result {
        Ok(()) => return back(&ask, id, message),
        Err(error) => error,
    };
    let refusal = Refusal::of(error, ask.lang(), inputs)?;
    let refused = Refused { section: Some((form, refusal.faults, posted)), ..Refused::default() };
    let url = ask.record_url(policy::CONTACTS, id);
    let extra = Extra { access: Some(refused), ..Extra::default() };
    record::show(ask.at(url), policy::CONTACTS, id, extra, refusal.status).await
}

/// Access with a user name and a first password, for a contact without an address.
pub(crate) async fn manual(ask: Ask, Path(id): Path<String>, body: String) -> Answer {
    ask.admitted.signed_in()?;
    let posted = Posted::parse(&body);
    let text = |name: &str| posted.text(name).trim().to_owned();
    let wanted = Enable {
        support_start: text("support_start"),
        support_end: text("support_end"),
        login: text("login"),
        first_password: posted.text("first_password"),
        mfa_required: text("mfa_required") == "true",
        ..Enable::default()
    };
    let result = access::enable(&ask.app, &id, wanted, ask.admitted.idempotency_key.clone()).await;
    let message = match &result {
        Ok(answer) if answer.not_sent_reason == "already_enabled" => flash(answer),
        _ => "access_manual",
    };
    let inputs = [
        ("support_start", "support_start"),
        ("support_end", "support_end"),
        ("login", "login"),
        ("first_password", "first_password"),
        ("password", "first_password"),
    ];
    finish(ask, &id, result.map(|_| ()), message, "manual", &inputs, posted).await
}

/// Takes an open invitation back.
pub(crate) async fn revoke_invitation(ask: Ask, Path(id): Path<String>) -> Answer {
    ask.admitted.signed_in()?;
    match access::revoke_invitation(&ask.app, &id).await {
        Ok(_) => back(&ask, &id, "invitation_revoked"),
        Err(error) => refuse(ask, &id, None, error).await,
    }
}

/// Suspends access.
pub(crate) async fn suspend(ask: Ask, Path(id): Path<String>, body: String) -> Answer {
    ask.admitted.signed_in()?;
    match access::suspend(&ask.app, &id, Posted::parse(&body).text("note")).await {
        Ok(_) => back(&ask, &id, "access_suspended"),
        Err(error) => refuse(ask, &id, None, error).await,
    }
}

/// Resumes it.
pub(crate) async fn resume(ask: Ask, Path(id): Path<String>) -> Answer {
    ask.admitted.signed_in()?;
    match access::resume(&ask.app, &id).await {
        Ok(_) => back(&ask, &id, "access_resumed"),
        Err(error) => refuse(ask, &id, None, error).await,
    }
}

/// Gives the contact another login; an empty one is the e-mail address again.
pub(crate) async fn login(ask: Ask, Path(id): Path<String>, body: String) -> Answer {
    ask.admitted.signed_in()?;
    let posted = Posted::parse(&body);
    let record = contact(&ask.app, &id).await?;
    let result = access::give_login(&ask.app, &record, posted.text("login").trim().to_owned()).await;
    let waits = result.as_ref().is_ok_and(|a| a.as_ref().is_some_and(|a| !a.pending_email.is_empty()));
    let message = if waits { "login_change_sent" } else { "login_changed" };
    finish(ask, &id, result.map(|_| ()), message, "login", &[("login", "login")], posted).await
}

/// Puts the address of the account into the contact's record.
pub(crate) async fn email_from_login(ask: Ask, Path(id): Path<String>) -> Answer {
    ask.admitted.signed_in()?;
    let record = contact(&ask.app, &id).await?;
    let email = access::get(&ask.app, &id).await?.unwrap_or_default().email;
    if email.is_empty() {
        return Err(Error::invalid_field("email", "not_an_email", "The account has no e-mail address.").into());
    }
    let request = UpdateRecordRequest {
        occurred_at_micros: 0,
        module: policy::CONTACTS.into(),
        id: id.clone(),
        fields: vec![FieldValue { field: "email".into(), value: Some(Value { kind: Some(Kind::Text(email)) }) }],
        expected_version: record.visible_version,
        idempotency_key: ask.admitted.idempotency_key.clone(),
    };
    let result = records::update(&ask.app, request).await;
    finish(ask, &id, result.map(|_| ()), "email_taken_over", "login", &[], Posted::parse("")).await
}

/// Sends a link to choose a new password.
pub(crate) async fn reset_link(ask: Ask, Path(id): Path<String>) -> Answer {
    ask.admitted.signed_in()?;
    let result = send_reset_link(&ask.app, &id).await;
    finish(ask, &id, result, "reset_link_sent", "password", &[], Posted::parse("")).await
}

/// Sets a password that works once, and shows it once.
pub(crate) async fn one_time_password(ask: Ask, Path(id): Path<String>, body: String) -> Answer {
    ask.admitted.signed_in()?;
    let typed = Posted::parse(&body).text("one_time_password");
    match set_one_time_password(&ask.app, &id, typed).await {
        Ok(answer) => {
            let url = ask.record_url(policy::CONTACTS, &id);
            let scene = Scene::open(&ask.clone().at(url.clone())).await?;
            let name = title_of(&contact(&ask.app, &id).await?);
            let until = scene.stamp_of(answer.valid_until_micros);
            let once = Once::Password { name: name.clone(), password: answer.password, until };
            html(StatusCode::OK, &secret_page(scene.chrome(), Crumb { label: name, url }, once))
        }
        Err(error) => {
            let inputs = [("password", "one_time_password")];
            finish(ask, &id, Err(error), "", "password", &inputs, Posted::parse("")).await
        }
    }
}

/// Requires a second factor, or lifts the requirement.
pub(crate) async fn mfa(ask: Ask, Path(id): Path<String>, body: String) -> Answer {
    ask.admitted.signed_in()?;
    let posted = Posted::parse(&body);
    let result = require_mfa(&ask.app, &id, posted.text("mfa_required") == "true").await;
    finish(ask, &id, result, "mfa_saved", "mfa", &[], posted).await
}

/// Removes all second factors.
pub(crate) async fn mfa_reset(ask: Ask, Path(id): Path<String>, body: String) -> Answer {
    ask.admitted.signed_in()?;
    let posted = Posted::parse(&body);
    let result = reset_mfa(&ask.app, &id, posted.text("mfa_reason").trim().to_owned()).await;
    finish(ask, &id, result, "mfa_reset", "mfa", &[("reason", "mfa_reason")], posted).await
}

/// Opens the portal as the contact: the cookie of support access, beside the agent's own.
pub(crate) async fn impersonate(ask: Ask, Path(id): Path<String>, body: String) -> Answer {
    let posted = Posted::parse(&body);
    let wanted = BeginImpersonationRequest {
        contact_id: id.clone(),
        reason: posted.text("impersonate_reason").trim().to_owned(),
        ticket_id: posted.text("impersonate_ticket").trim().to_owned(),
        write: posted.text("impersonate_write") == "true",
        session: None,
    };
    match support::begin(&ask.app, &ask.admitted, wanted).await {
        Ok(login) => {
            let mut response = ask.on_to("/", "");
            keep_support(&ask.app, &mut response, &login.session_token);
            Ok(response)
        }
        Err(error) => {
            let inputs = [("reason", "impersonate_reason"), ("ticket_id", "impersonate_ticket")];
            finish(ask, &id, Err(error), "", "support", &inputs, posted).await
        }
    }
}
