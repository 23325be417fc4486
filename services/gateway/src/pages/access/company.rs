//! The forms of a company's way into the portal: its secure link, and a new portal user.

use crate::{
    backend::{
        access::{Enable, enable},
        companies::{access_of, enable_itself, issue, of_company, revoke},
        contacts::{company, text_of},
        records,
    },
    pages::{
        access::outcome::flash,
        answer::Answer,
        ask::{Ask, Posted, html},
        module::title_of,
        records::record::{self, Extra},
        refusal::Refusal,
        scene::Scene,
        sections::company::Refused,
    },
};
use axum::extract::Path;
use gateway_ui::vm::{Choice, Crumb, Faults, FieldFault, NewUserDraft, Once, new_user_form, secret_page};
use http::StatusCode;
use proto::records::v1::ListRecordsRequest;

const OFFERED: i32 = 200;

/// Makes a link, and shows it once.
pub(crate) async fn issue_link(ask: Ask, Path(id): Path<String>, body: String) -> Answer {
    ask.admitted.signed_in()?;
    let typed = Posted::parse(&body).text("valid_days").trim().to_owned();
    // A number that is none is out of range like one that is too large.
    let valid_days = if typed.is_empty() { 0 } else { typed.parse().unwrap_or(-1) };
    let page = ask.record_url(policy::COMPANIES, &id);
    match issue(&ask.app, &id, valid_days).await {
        Ok(issued) => {
            let record = company(&ask.app, &id).await?;
            let scene = Scene::open(&ask.clone().at(page.clone())).await?;
            let access = issued.access.unwrap_or_default();
            let once = Once::Link {
                name: title_of(&record),
                url: issued.link,
                until: scene.stamp_of(access.link_expires_micros),
                sign_in_only: access.portal_users > 0,
            };
            let back = Crumb { label: title_of(&record), url: page };
            html(StatusCode::OK, &secret_page(scene.chrome(), back, once))
        }
        Err(error) => {
            let refusal = Refusal::of(error, ask.lang(), &[("valid_days", "valid_days")])?;
            let refused = Refused { valid_days: typed, faults: refusal.faults };
            let extra = Extra { company: Some(refused), ..Extra::default() };
            record::show(ask.at(page), policy::COMPANIES, &id, extra, refusal.status).await
        }
    }
}

/// Takes the link back.
pub(crate) async fn revoke_link(ask: Ask, Path(id): Path<String>) -> Answer {
    ask.admitted.signed_in()?;
    revoke(&ask.app, &id).await?;
    ask.done(&ask.record_url(policy::COMPANIES, &id), "link_revoked")
}

/// The form of a new portal user.
pub(crate) async fn new_user(ask: Ask, Path(id): Path<String>) -> Answer {
    let scene = Scene::open(&ask).await?;
    form(&ask, &scene, &id, &Posted::parse(""), &Faults::default(), StatusCode::OK).await
}

async fn form(ask: &Ask, scene: &Scene, id: &str, posted: &Posted, faults: &Faults, status: StatusCode) -> Answer {
    let request = ListRecordsRequest {
        module: policy::CONTACTS.into(),
        limit: OFFERED,
        sort: "number".into(),
        filter: serde_json::json!({"field": "company_id", "op": "eq", "value": id}).to_string(),
        ..ListRecordsRequest::default()
    };
    let (company, access, contacts) =
        tokio::join!(company(&ask.app, id), access_of(&ask.app, id), records::list(&ask.app, request));
    let (company, access, contacts) = (company?, access?, contacts?.records());
    let who = posted.text("who");
    let offered = contacts.into_iter().filter(|c| !c.deleted && !access.contact_ids.contains(&c.id));
    let contacts = offered
        .map(|c| Choice { label: title_of(&c), detail: text_of(&c, "email"), selected: c.id == who, value: c.id })
        .collect();
    let draft = NewUserDraft {
        contacts,
        itself: who == "company",
        email: text_of(&company, "email"),
        support_start: posted.text("support_start"),
        support_end: posted.text("support_end"),
        mfa_required: posted.text("mfa_required") == "true",
    };
    let crumb = Crumb { label: title_of(&company), url: ask.record_url(policy::COMPANIES, id) };
    let action = ask.url(&format!("/companies/{id}/portal-users/new"));
    html(status, &new_user_form(scene.chrome(), crumb, action, &draft, faults))
}

/// Gives the company itself, or one of its contacts, portal access.
pub(crate) async fn add_user(ask: Ask, Path(id): Path<String>, body: String) -> Answer {
    let scene = Scene::open(&ask).await?;
    let posted = Posted::parse(&body);
    let who = posted.text("who");
    let wanted = Enable {
        support_start: posted.text("support_start").trim().to_owned(),
        support_end: posted.text("support_end").trim().to_owned(),
        mfa_required: posted.text("mfa_required") == "true",
        ..Enable::default()
    };
    let key = ask.admitted.idempotency_key.clone();
    let result = match who.as_str() {
        "" => {
            let refusal = Refusal::input("who", FieldFault::Required);
            return form(&ask, &scene, &id, &posted, &refusal.faults, refusal.status).await;
        }
        "company" => enable_itself(&ask.app, &scene.me.session, &id, wanted, key).await,
        contact => match of_company(&ask.app, contact, &id).await {
            Ok(()) => enable(&ask.app, contact, wanted, key).await,
            Err(error) => Err(error),
        },
    };
    match result {
        Ok(answer) => ask.done(&ask.record_url(policy::COMPANIES, &id), flash(&answer)),
        Err(error) => {
            let inputs = [
                ("support_start", "support_start"),
                ("support_end", "support_end"),
                ("contact_id", "who"),
                ("email", "who"),
                ("login", "who"),
            ];
            let refusal = Refusal::of(error, ask.lang(), &inputs)?;
            form(&ask, &scene, &id, &posted, &refusal.faults, refusal.status).await
        }
    }
}
