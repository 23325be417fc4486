//! Portal access for many contacts at once: choosing, the report, the jobs.

mod choice;
mod jobs;

pub(crate) use jobs::{cancel, csv, job, page};

use crate::{
    backend::{bulk, profiles},
    http::clock::now_micros,
    pages::{
        answer::Answer,
        ask::{Ask, Posted, html},
        refusal::Refusal,
        scene::Scene,
    },
};
use choice::{Chosen, Typed};
use gateway_ui::{
    fmt,
    vm::{BulkReport, BulkRowView, Choice, Crumb, Faults, bulk_form, bulk_report, no_profile},
};
use http::StatusCode;
use policy::NON_PORTAL_USERS_NAME;
use proto::identity::v1::{BulkAccessRequest, BulkRow};

const INPUTS: [(&str, &str); 5] = [
    ("support_start", "support_start"),
    ("support_end", "support_end"),
    ("profile_id", "profile_id"),
    ("contact_ids", "contacts"),
    ("company_ids", "company"),
];

pub(super) fn list_crumb(ask: &Ask) -> Crumb {
    Crumb { label: ask.lang().t("bulk-title"), url: ask.url("/bulk") }
}

/// The form; `?list=1&…` takes the contacts of a filtered list.
pub(crate) async fn new(ask: Ask) -> Answer {
    let scene = Scene::open(&ask).await?;
    let typed = Typed::fresh(&ask.look.query, today(&scene));
    form(&ask, &scene, &typed, Faults::default(), StatusCode::OK).await
}

fn today(scene: &Scene) -> String {
    let now = jiff::Timestamp::from_microsecond(now_micros()).unwrap_or_default();
    now.to_zoned(scene.app().zone.clone()).date().to_string()
}

async fn form(ask: &Ask, scene: &Scene, typed: &Typed, faults: Faults, status: StatusCode) -> Answer {
    let lang = ask.lang();
    let (companies, list_count, profiles) =
        tokio::join!(choice::companies(ask, typed), choice::count(ask, typed), profiles::all(&ask.app),);
    let offered = profiles?.into_iter();
    let offered = offered.filter(|p| p.published_number > 0 && p.name != NON_PORTAL_USERS_NAME);
    let mut profiles: Vec<_> = offered
        .map(|p| Choice {
            selected: p.profile_id == typed.profile_id,
            value: p.profile_id,
            label: p.name,
            detail: String::new(),
        })
        .collect();
    profiles.insert(
        0,
        Choice {
            value: String::new(),
            label: no_profile(lang),
            detail: String::new(),
            selected: typed.profile_id.is_empty(),
        },
    );
    let draft = typed.draft(companies?, list_count?, profiles);
    html(status, &bulk_form(scene.chrome(), list_crumb(ask), ask.url("/bulk/new"), &draft, &faults))
}

/// Searches for companies, reports what would happen, or starts it: as the button says that was pressed.
pub(crate) async fn submit(ask: Ask, body: String) -> Answer {
    let scene = Scene::open(&ask).await?;
    let posted = Posted::parse(&body);
    let typed = Typed::posted(&posted);
    let pressed = |name: &str| posted.get(name).is_some();
    if pressed("lookup") || pressed("back") {
        return form(&ask, &scene, &typed, Faults::default(), StatusCode::OK).await;
    }
    let chosen = match choice::gather(&ask, &typed).await? {
        Ok(chosen) => chosen,
        Err(refusal) => return form(&ask, &scene, &typed, refusal.faults, refusal.status).await,
    };
    let request = BulkAccessRequest {
        contact_ids: chosen.contact_ids.clone(),
        company_ids: typed.companies.clone(),
        support_start: typed.support_start.clone(),
        support_end: typed.support_end.clone(),
        profile_id: typed.profile_id.clone(),
        mfa_required: typed.mfa_required,
        invite: typed.invite,
        locale: ask.app.config.language.clone(),
        idempotency_key: ask.admitted.idempotency_key.clone(),
    };
    let refused = if pressed("confirm") {
        match bulk::start(&ask.app, request).await {
            Ok(job) => return ask.done(&ask.url(&format!("/bulk/{}", job.job_id)), "bulk_started"),
            Err(error) => error,
        }
    } else {
        match bulk::plan(&ask.app, request).await {
            Ok(plan) => return report(&ask, &scene, &typed, chosen, plan),
            Err(error) => error,
        }
    };
    let Refusal { faults, status } = Refusal::of(refused, ask.lang(), &INPUTS)?;
    form(&ask, &scene, &typed, faults, status).await
}

fn report(
    ask: &Ask,
    scene: &Scene,
    typed: &Typed,
    chosen: Chosen,
    plan: proto::identity::v1::PlanBulkAccessResponse,
) -> Answer {
    let mut outcomes: Vec<_> = plan.outcomes.into_iter().map(|(word, n)| (word, n.unsigned_abs())).collect();
    outcomes.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let row = |r: BulkRow| {
        // A report says what would happen: who isn't left out gets access.
        let state = match r.state.as_str() {
            "skipped" if !r.reason.is_empty() => r.reason.clone(),
            "waiting" => "enable".to_owned(),
            other => other.to_owned(),
        };
        BulkRowView { state, ..row_view(scene, r) }
    };
    let report = BulkReport {
        contacts: plan.contacts.unsigned_abs(),
        outcomes,
        rows: plan.rows.into_iter().map(row).collect(),
        not_sent_reason: plan.not_sent_reason,
        invite: typed.invite,
        hidden: typed.hidden(),
        not_found: chosen.not_found,
    };
    html(StatusCode::OK, &bulk_report(scene.chrome(), list_crumb(ask), ask.url("/bulk/new"), report))
}

/// A contact of a report or a job.
pub(super) fn row_view(scene: &Scene, row: BulkRow) -> BulkRowView {
    let contacts = scene.find(policy::CONTACTS).filter(|_| row.reason != "unknown");
    BulkRowView {
        url: contacts.map(|m| scene.ask.record_url(m.name(), &row.contact_id)),
        name: row.name,
        email: row.email,
        state: row.state,
        reason: row.reason,
    }
}

/// A day for people.
pub(super) fn day(scene: &Scene, iso: &str) -> String {
    fmt::date(iso, scene.lang())
}
