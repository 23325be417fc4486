//! A company's way into the portal, on its page: portal users, secure link, a new portal user.

use crate::{
    api::admin::{
        access::{Enable, enable, text_of},
        company::{access_of, company, enable_itself, issue, of_company, revoke},
    },
    web::{
        ask::{Ask, Posted, html},
        fault::Answer,
        module::title_of,
        record::{self, Extra},
        refusal::Refusal,
        scene::Scene,
    },
};
use axum::extract::Path;
use gateway_ui::vm::{
    Choice, CompanyAccess, Crumb, Faults, FieldFault, LinkView, NewUserDraft, Once, Section, company_section,
    new_user_form, secret_page,
};
use http::StatusCode;
use policy::Right;
use proto::{
    identity::v1::{CompanyAccessResponse, EnableAccessResponse},
    records::v1::{ListRecordsRequest, Record, ResolveTitlesRequest},
};
use std::collections::HashMap;

/// Portal users on the company's page, and contacts that can become one.
const USERS: usize = 20;
const OFFERED: i32 = 200;

/// What identity knows of a company.
pub(crate) struct Known {
    access: CompanyAccessResponse,
    names: HashMap<String, String>,
}

/// What was refused of the form for a link.
#[derive(Default)]
pub(crate) struct Refused {
    valid_days: String,
    faults: Faults,
}

/// Only for companies, only in the console. The page is there without it, too.
pub(crate) async fn fetch(ask: &Ask, module: &str, id: &str) -> Option<Known> {
    if !ask.look.console() || module != policy::COMPANIES {
        return None;
    }
    let access = match access_of(&ask.app, id).await {
        Ok(access) => access,
        Err(error) => {
            tracing::warn!(event = "company_access.unavailable", reason = %error.reason, "a company's access can't be shown");
            return None;
        }
    };
    let ids: Vec<_> = access.contact_ids.iter().take(USERS).cloned().collect();
    let names = match ids.is_empty() {
        true => HashMap::new(),
        false => {
            let answer = ask.app.clients.records().resolve_titles(ResolveTitlesRequest { ids }).await;
            answer.map(|a| a.into_inner().titles).unwrap_or_default()
        }
    };
    Some(Known { access, names })
}

/// How many people and whether a link get in by the company.
pub(crate) fn ways_in(known: &Known) -> (i64, bool) {
    (known.access.portal_users.into(), known.access.link_open)
}

/// The section on the company's page.
pub(crate) fn section(scene: &Scene, record: &Record, known: Known, refused: Option<Refused>) -> Section {
    let access = known.access;
    let manages = scene.me.may(Right::ManageAccess) && !record.deleted;
    let url = |what: &str| manages.then(|| scene.ask.url(&format!("/companies/{}/{what}", record.id)));
    let refused = refused.unwrap_or_else(|| Refused { valid_days: "30".to_owned(), ..Refused::default() });
    let user = |id: &String| {
        let name = known.names.get(id).map(|n| n.trim()).filter(|n| !n.is_empty()).unwrap_or(id);
        (name.to_owned(), Some(scene.ask.record_url(policy::CONTACTS, id)))
    };
    let link = access.link_open.then(|| LinkView {
        issued: scene.stamp_of(access.link_issued_micros),
        expires: scene.stamp_of(access.link_expires_micros),
        used: scene.stamp_of(access.link_last_used_micros),
    });
    let vm = CompanyAccess {
        users: access.contact_ids.iter().take(USERS).map(user).collect(),
        count: access.portal_users.unsigned_abs(),
        link,
        links_enabled: access.links_enabled,
        profile_url: None,
        new_user_url: url("portal-users/new"),
        issue_url: url("link"),
        revoke_url: url("link/revoke"),
        valid_days: refused.valid_days,
        faults: refused.faults,
    };
    company_section(scene.lang(), vm)
}

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
    let scene = Scene::open_with(&ask, Right::ManageAccess).await?;
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
    let mut records = ask.app.clients.records();
    let (company, access, contacts) =
        tokio::join!(company(&ask.app, id), access_of(&ask.app, id), records.list_records(request));
    let (company, access, contacts) = (company?, access?, contacts?.into_inner().items);
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
    let scene = Scene::open_with(&ask, Right::ManageAccess).await?;
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

/// The message after switching access on.
pub(crate) fn flash(answer: &EnableAccessResponse) -> &'static str {
    match answer.not_sent_reason.as_str() {
        "" => "access_enabled",
        "already_enabled" => "unchanged",
        _ => "access_enabled_not_sent",
    }
}
