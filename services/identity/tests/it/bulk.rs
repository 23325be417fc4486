//! Giving access to many contacts.
//!
//! proves: A05

use crate::{
    contacts::{contact_of, deleted, hear, known},
    portal::{Portal, agent, by, day, gateway, reason, refused, wrong_field},
};
use kernel::{Code, new_id};
use proto::identity::v1::{
    administration_service_server::AdministrationService, identity_service_server::IdentityService, *,
};
use std::collections::HashMap;
use uuid::Uuid;

fn asked(contacts: &[Uuid]) -> BulkAccessRequest {
    BulkAccessRequest {
        contact_ids: contacts.iter().map(Uuid::to_string).collect(),
        support_start: day(-1),
        support_end: day(30),
        invite: true,
        locale: "it".into(),
        ..BulkAccessRequest::default()
    }
}

/// Contacts that the records service told of, made at once.
async fn many(portal: &Portal, count: i32, company: Option<Uuid>) -> Vec<Uuid> {
    sqlx::query_scalar(
        "insert into contact_known (contact_id, email, company_id)
         select gen_random_uuid(), 'c' || n || '@many.test', $2 from generate_series(1, $1) n returning contact_id",
    )
    .bind(count)
    .bind(company)
    .fetch_all(&mut portal.owner().await)
    .await
    .unwrap()
}

async fn start(portal: &Portal, request: BulkAccessRequest) -> BulkJob {
    let answer = portal.admin.start_bulk_access(by(&agent("agent"), request)).await;
    answer.unwrap().into_inner().job.unwrap()
}

async fn job(portal: &Portal, id: &str) -> BulkJob {
    let request = GetBulkAccessRequest { job_id: id.into() };
    portal.admin.get_bulk_access(by(&agent("viewer"), request)).await.unwrap().into_inner().job.unwrap()
}

async fn finished(portal: &Portal, id: &str) -> BulkJob {
    kit::until("the end of the job", async || job(portal, id).await.state != "running").await.unwrap();
    job(portal, id).await
}

async fn rows(portal: &Portal, id: &str, state: &str) -> Vec<BulkRow> {
    let request = ListBulkRowsRequest { job_id: id.into(), state: state.into(), limit: 200, cursor: String::new() };
    portal.admin.list_bulk_rows(by(&agent("viewer"), request)).await.unwrap().into_inner().rows
}

/// One contact for each outcome, in this order.
async fn one_of_each(portal: &Portal) -> Vec<(Uuid, &'static str)> {
    let (good, double, none, taken, gone, there, stranger) =
        (new_id(), new_id(), new_id(), new_id(), new_id(), new_id(), new_id());
    portal.contact("other@acme.test").await;
    known(portal, &contact_of(good, "good@acme.test", None)).await;
    known(portal, &contact_of(double, "GOOD@acme.test", None)).await;
    known(portal, &contact_of(none, "", None)).await;
    known(portal, &contact_of(taken, "other@acme.test", None)).await;
    known(portal, &contact_of(gone, "gone@acme.test", None)).await;
    known(portal, &deleted(gone, "contacts")).await;
    known(portal, &contact_of(there, "there@acme.test", None)).await;
    portal.server.enable_access(by(&agent("agent"), portal.enabling(there, "there@acme.test"))).await.unwrap();
    vec![
        (good, "enable"),
        (double, "duplicate_email"),
        (none, "no_email"),
        (taken, "login_taken"),
        (gone, "deleted"),
        (there, "already_enabled"),
        (stranger, "unknown"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_tells_contact_by_contact_what_would_happen_and_changes_nothing() {
    let portal = Portal::new().await;
    let each = one_of_each(&portal).await;
    let contacts: Vec<Uuid> = each.iter().map(|(contact, _)| *contact).collect();
    let before = portal.count("select count(*) from event").await;
    let plan = portal.admin.plan_bulk_access(by(&agent("agent"), asked(&contacts))).await.unwrap().into_inner();
    assert_eq!((plan.contacts, plan.not_sent_reason.as_str()), (7, ""));
    let expected: HashMap<String, i32> = each.iter().map(|(_, word)| ((*word).to_owned(), 1)).collect();
    assert_eq!(plan.outcomes, expected);
    for ((contact, word), row) in each.iter().zip(&plan.rows) {
        let (state, reason) = if *word == "enable" { ("waiting", "") } else { ("skipped", *word) };
        let shown = (row.contact_id.as_str(), row.state.as_str(), row.reason.as_str());
        assert_eq!(shown, (contact.to_string().as_str(), state, reason));
    }
    assert_eq!(portal.count("select count(*) from event").await, before);
    assert_eq!(portal.count("select count(*) from bulk_job").await, 0);
    let over = BulkAccessRequest { support_end: day(-1), ..asked(&contacts) };
    let plan = portal.admin.plan_bulk_access(by(&agent("agent"), over)).await.unwrap().into_inner();
    assert_eq!(plan.not_sent_reason, "support_ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_does_what_the_plan_said_and_says_why_where_it_did_not() {
    let portal = Portal::new().await;
    let each = one_of_each(&portal).await;
    let contacts: Vec<Uuid> = each.iter().map(|(contact, _)| *contact).collect();
    let profile = new_id().to_string();
    let request = BulkAccessRequest { mfa_required: true, profile_id: profile.clone(), ..asked(&contacts) };
    let started = start(&portal, request).await;
    assert_eq!((started.state.as_str(), started.contacts), ("running", 7));
    let ended = finished(&portal, &started.job_id).await;
    assert_eq!((ended.state.as_str(), ended.done, ended.enabled, ended.skipped), ("finished", 7, 1, 6));
    assert!(ended.finished_at_micros >= ended.started_at_micros);
    for ((contact, word), row) in each.iter().zip(rows(&portal, &started.job_id, "").await) {
        let (state, reason) = if *word == "enable" { ("enabled", "") } else { ("skipped", *word) };
        let shown = (row.contact_id.as_str(), row.state.as_str(), row.reason.as_str());
        assert_eq!(shown, (contact.to_string().as_str(), state, reason));
    }
    assert_eq!(rows(&portal, &started.job_id, "enabled").await.len(), 1);
    let enabled = portal.events::<AccessEnabled>().await.pop().unwrap();
    assert_eq!((enabled.user_id, enabled.email.as_str()), (contacts[0].to_string(), "good@acme.test"));
    assert_eq!((enabled.mfa_required, enabled.profile_id, enabled.locale.as_str()), (true, profile, "it"));
    let access = portal.access(contacts[0]).await;
    assert_eq!((access.state.as_str(), access.login.as_str()), ("invited", "good@acme.test"));
    portal.invitation_token(contacts[0]).await;
    // Who started it did it.
    let log = portal.identity.log().read(1, 100).await.unwrap();
    let last = log.iter().rfind(|e| e.stored_type.ends_with("access.enabled.v1")).unwrap();
    assert_eq!(last.actor_id, agent("agent").id);
    let over = portal.events::<BulkAccessFinished>().await;
    assert_eq!((over.len(), over[0].enabled, over[0].skipped, over[0].cancelled), (1, 1, 6, false));
    assert_eq!(eventlog::verify(portal.identity.log(), None).await.unwrap().violation, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_invitations_or_with_support_over_nobody_is_written_to() {
    let portal = Portal::new().await;
    let contacts = many(&portal, 2, None).await;
    let quiet = start(&portal, BulkAccessRequest { invite: false, ..asked(&contacts[..1]) }).await;
    let late = BulkAccessRequest { support_start: day(-9), support_end: day(-2), ..asked(&contacts[1..]) };
    let late = start(&portal, late).await;
    for started in [quiet, late] {
        assert_eq!(finished(&portal, &started.job_id).await.enabled, 1);
        assert_eq!(rows(&portal, &started.job_id, "enabled_not_invited").await.len(), 1);
    }
    assert!(portal.events::<InvitationIssued>().await.is_empty());
    // They can be invited later.
    let resend = ResendInvitationRequest { contact_id: contacts[0].to_string(), email: None };
    portal.server.resend_invitation(by(&agent("agent"), resend)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn all_contacts_of_companies_are_chosen_each_once_and_their_links_close() {
    let portal = Portal::new().await;
    let company = new_id();
    let contacts = many(&portal, 450, Some(company)).await;
    let request =
        BulkAccessRequest { company_ids: vec![company.to_string(), company.to_string()], ..asked(&contacts[..3]) };
    let started = start(&portal, request).await;
    assert_eq!(started.contacts, 450);
    assert_eq!(finished(&portal, &started.job_id).await.enabled, 450);
    assert_eq!(portal.count("select count(*) from accounts_v1 where enabled").await, 450);
    let access = GetCompanyAccessRequest { company_id: company.to_string() };
    let access = portal.admin.get_company_access(by(&agent("agent"), access)).await.unwrap().into_inner();
    assert_eq!(access.portal_users, 450);
    // Pages of rows follow each other.
    let (mut seen, mut cursor) = (0, String::new());
    loop {
        let request = ListBulkRowsRequest { job_id: started.job_id.clone(), limit: 200, cursor, ..Default::default() };
        let page = portal.admin.list_bulk_rows(by(&agent("viewer"), request)).await.unwrap().into_inner();
        seen += page.rows.len();
        cursor = page.next_cursor;
        if cursor.is_empty() {
            break;
        }
    }
    assert_eq!(seen, 450);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_is_the_same_job() {
    let portal = Portal::new().await;
    let contacts = many(&portal, 3, None).await;
    let request = BulkAccessRequest { idempotency_key: "k1".into(), ..asked(&contacts) };
    let first = start(&portal, request.clone()).await;
    finished(&portal, &first.job_id).await;
    assert_eq!(start(&portal, request.clone()).await.job_id, first.job_id);
    assert_eq!(portal.events::<BulkAccessStarted>().await.len(), 1);
    assert_eq!(portal.events::<AccessEnabled>().await.len(), 3);
    let other = BulkAccessRequest { invite: false, ..request };
    let reused = portal.admin.start_bulk_access(by(&agent("agent"), other)).await;
    assert_eq!(reason(reused).1, "idempotency_key_reused");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_and_a_lost_lease_do_nobody_twice() {
    let portal = Portal::new().await;
    let contacts = many(&portal, 600, None).await;
    let others = portal.working_process();
    let started = start(&portal, asked(&contacts)).await;
    // As if the process that works had been frozen: another takes over again and again.
    for _ in 0..20 {
        portal.sql("update bulk_job set lease_by = null, lease_until = null").await;
        tokio::task::yield_now().await;
    }
    let ended = finished(&portal, &started.job_id).await;
    assert_eq!((ended.enabled, ended.skipped), (600, 0));
    assert_eq!(portal.events::<AccessEnabled>().await.len(), 600);
    assert_eq!(portal.events::<InvitationIssued>().await.len(), 600);
    assert_eq!(portal.count("select count(*) from invitation").await, 600);
    drop(others);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_job_does_nothing_more_and_a_job_left_behind_is_taken_up() {
    let portal = Portal::idle().await;
    let contacts = many(&portal, 250, None).await;
    let (stopped, left) = (start(&portal, asked(&contacts[..50])).await, start(&portal, asked(&contacts[50..])).await);
    let request = CancelBulkAccessRequest { job_id: stopped.job_id.clone() };
    let cancel = || portal.admin.cancel_bulk_access(by(&agent("agent"), request.clone()));
    let cancelled = cancel().await.unwrap().into_inner().job.unwrap();
    assert_eq!((cancelled.state.as_str(), cancelled.done), ("cancelled", 0));
    assert_eq!(cancel().await.unwrap().into_inner().job.unwrap().state, "cancelled");
    // Nobody has worked so far; a process that starts takes up what is there.
    let worker = portal.working_process();
    assert_eq!(finished(&portal, &left.job_id).await.enabled, 200);
    assert_eq!(portal.events::<AccessEnabled>().await.len(), 200);
    assert_eq!(rows(&portal, &stopped.job_id, "waiting").await.len(), 50);
    assert!(portal.events::<BulkAccessFinished>().await[0].cancelled);
    let request = ListBulkAccessRequest { limit: 1, cursor: String::new() };
    let page = portal.admin.list_bulk_access(by(&agent("viewer"), request)).await.unwrap().into_inner();
    assert_eq!(page.jobs[0].job_id, left.job_id);
    let request = ListBulkAccessRequest { limit: 1, cursor: page.next_cursor };
    let page = portal.admin.list_bulk_access(by(&agent("viewer"), request)).await.unwrap().into_inner();
    assert_eq!((page.jobs[0].job_id.as_str(), page.next_cursor.as_str()), (stopped.job_id.as_str(), ""));
    drop(worker);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changed_since_the_plan_is_seen_when_it_is_done() {
    let portal = Portal::idle().await;
    let contacts = many(&portal, 4, None).await;
    let started = start(&portal, asked(&contacts)).await;
    hear(&portal, &deleted(contacts[0], "contacts")).await;
    portal.server.enable_access(by(&agent("agent"), portal.enabling(contacts[1], "x@acme.test"))).await.unwrap();
    portal.identity.log().keys().erase(contacts[2]).await.unwrap();
    let worker = portal.working_process();
    let ended = finished(&portal, &started.job_id).await;
    assert_eq!((ended.enabled, ended.skipped), (1, 3));
    let reasons: Vec<String> = rows(&portal, &started.job_id, "skipped").await.into_iter().map(|r| r.reason).collect();
    assert_eq!(reasons, ["deleted", "already_enabled", "deleted"]);
    drop(worker);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_requests_are_named_field_by_field() {
    let portal = Portal::new().await;
    let bad = BulkAccessRequest {
        profile_id: "x".into(),
        support_start: String::new(),
        locale: "klingon".into(),
        contact_ids: vec!["x".into()],
        ..asked(&[])
    };
    let error = refused(portal.admin.start_bulk_access(by(&agent("agent"), bad)).await);
    let fields: Vec<&str> = error.fields.iter().map(|f| f.field.as_str()).collect();
    assert_eq!(fields, ["locale", "profile_id", "contact_ids.0", "support_start"]);
    let none = portal.admin.start_bulk_access(by(&agent("agent"), asked(&[]))).await;
    assert_eq!(wrong_field(none), ("contact_ids".into(), "required".into()));
    let many = BulkAccessRequest { contact_ids: vec![new_id().to_string(); 20_001], ..asked(&[]) };
    let many = portal.admin.start_bulk_access(by(&agent("agent"), many)).await;
    assert_eq!(wrong_field(many), ("contact_ids".into(), "out_of_range".into()));
    let empty = BulkAccessRequest { company_ids: vec![new_id().to_string()], ..asked(&[]) };
    let empty = portal.admin.start_bulk_access(by(&agent("agent"), empty)).await;
    assert_eq!(wrong_field(empty), ("company_ids".into(), "no_contacts".into()));
    for who in [agent("viewer"), gateway()] {
        assert_eq!(reason(portal.admin.start_bulk_access(by(&who, asked(&[new_id()]))).await).0, Code::Forbidden);
        assert_eq!(reason(portal.admin.plan_bulk_access(by(&who, asked(&[new_id()]))).await).0, Code::Forbidden);
    }
    let unknown = GetBulkAccessRequest { job_id: new_id().to_string() };
    assert_eq!(reason(portal.admin.get_bulk_access(by(&agent("agent"), unknown)).await).0, Code::NotFound);
    let odd = ListBulkRowsRequest { job_id: new_id().to_string(), state: "lost".into(), ..Default::default() };
    let odd = portal.admin.list_bulk_rows(by(&agent("agent"), odd)).await;
    assert_eq!(wrong_field(odd), ("state".into(), "unknown_state".into()));
}
