//! The forms of a contact's portal access, on the contact's page.

use crate::{
    backend::{
        access::{self, Enable},
        contacts::contact,
        locked, profiles,
    },
    pages::{
        access::outcome::flash,
        answer::Answer,
        ask::{Ask, Posted},
        person::chosen,
        records::record::{self, Extra},
        sections::access::Refused,
    },
};
use axum::extract::Path;
use gateway_ui::vm::{AccessBlock, FieldFault};
use http::StatusCode;
use kernel::{Code, Error};
use proto::identity::v1::UnlockRequest;

/// Switches access on; the invitation leaves at once.
pub(crate) async fn enable(ask: Ask, Path(id): Path<String>, body: String) -> Answer {
    ask.admitted.signed_in()?;
    let (start, end) = dates(&body);
    let (app, key) = (&ask.app, ask.admitted.idempotency_key.clone());
    let wanted = Enable {
        support_start: start.clone(),
        support_end: end.clone(),
        mfa_required: Posted::parse(&body).text("mfa_required") == "true",
        ..Enable::default()
    };
    match access::enable(app, &id, wanted, key).await {
        Ok(answer) => {
            let flash = flash(&answer);
            back(&ask, &id, flash)
        }
        Err(error) => refuse(ask, &id, Some((start, end)), error).await,
    }
}

/// Changes the support dates.
pub(crate) async fn change_dates(ask: Ask, Path(id): Path<String>, body: String) -> Answer {
    ask.admitted.signed_in()?;
    let (start, end) = dates(&body);
    match access::change_dates(&ask.app, &id, start.clone(), end.clone()).await {
        Ok(_) => back(&ask, &id, "dates_changed"),
        Err(error) => refuse(ask, &id, Some((start, end)), error).await,
    }
}

/// Switches access off; sessions end.
pub(crate) async fn disable(ask: Ask, Path(id): Path<String>) -> Answer {
    ask.admitted.signed_in()?;
    match access::disable(&ask.app, &id).await {
        Ok(_) => back(&ask, &id, "access_disabled"),
        Err(error) => refuse(ask, &id, None, error).await,
    }
}

/// Sends the invitation again.
pub(crate) async fn resend(ask: Ask, Path(id): Path<String>) -> Answer {
    ask.admitted.signed_in()?;
    let record = contact(&ask.app, &id).await?;
    match access::invite_again(&ask.app, &record).await {
        Ok(_) => back(&ask, &id, "invitation_resent"),
        Err(error) => refuse(ask, &id, None, error).await,
    }
}

/// Takes a lock away.
pub(crate) async fn unlock(ask: Ask, Path(id): Path<String>, body: String) -> Answer {
    ask.admitted.signed_in()?;
    let posted = Posted::parse(&body);
    let trust_networks = chosen(&posted).into_iter().filter(|t| t.user_id == id).collect();
    let request = UnlockRequest { user_ids: vec![id.clone()], note: posted.text("note"), trust: false, trust_networks };
    locked::unlock(&ask.app, request).await?;
    back(&ask, &id, "unlocked")
}

/// Gives a profile by hand, or takes the choice back.
pub(crate) async fn choose_profile(ask: Ask, Path(id): Path<String>, body: String) -> Answer {
    ask.admitted.signed_in()?;
    let profile_id = Posted::parse(&body).text("profile_id");
    profiles::choose(&ask.app, id.clone(), profile_id).await?;
    back(&ask, &id, "profile_chosen")
}

fn dates(body: &str) -> (String, String) {
    let posted = Posted::parse(body);
    (posted.text("support_start").trim().to_owned(), posted.text("support_end").trim().to_owned())
}

pub(super) fn back(ask: &Ask, id: &str, flash: &str) -> Answer {
    ask.done(&ask.record_url(policy::CONTACTS, id), flash)
}

/// The contact's page again with what is wrong; the page of the error when that would not help.
pub(super) async fn refuse(ask: Ask, id: &str, dates: Option<(String, String)>, error: Error) -> Answer {
    let fault = |field: &str| {
        let found = error.fields.iter().find(|f| f.field == field);
        found.map(|f| FieldFault::of_console(&f.code))
    };
    let (start, end) = (fault("support_start"), fault("support_end"));
    let other = error.fields.iter().find(|f| !f.field.starts_with("support_"));
    let reason = other.map(|f| f.code.to_string()).unwrap_or_else(|| error.reason.to_string());
    let status = match error.code {
        Code::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Code::Conflict | Code::Precondition => StatusCode::CONFLICT,
        _ => return Err(error.into()),
    };
    let by_date = start.is_some() || end.is_some();
    let text = (!by_date || other.is_some()).then(|| AccessBlock::fault_text(&reason, ask.lang()));
    let url = ask.record_url(policy::CONTACTS, id);
    let extra = Extra { access: Some(Refused { dates, start, end, fault: text, section: None }), ..Extra::default() };
    record::show(ask.at(url), policy::CONTACTS, id, extra, status).await
}
