//! Secure links of companies.
//!
//! proves: A18

use crate::{
    contacts::{contact_of, deleted, known},
    portal::{Portal, agent, by, fresh, gateway, reason, refused, wrong_field},
};
use kernel::{Code, new_id};
use proto::identity::v1::{
    administration_service_server::AdministrationService, identity_service_server::IdentityService, *,
};
use tonic::{Response, Status};
use uuid::Uuid;

async fn switch(portal: &Portal, on: bool) {
    let who = fresh("administrator");
    let now = portal.admin.get_settings(by(&who, GetSettingsRequest {})).await.unwrap().into_inner();
    let settings = SecuritySettings { company_links: on, ..now.settings.unwrap() };
    let request = ChangeSettingsRequest { settings: Some(settings), expected_version: now.version };
    portal.admin.change_settings(by(&who, request)).await.unwrap();
}

async fn with_links() -> Portal {
    let portal = Portal::new().await;
    switch(&portal, true).await;
    portal
}

async fn issue(portal: &Portal, company: Uuid) -> String {
    let request = IssueCompanyLinkRequest { company_id: company.to_string(), valid_days: 0 };
    let answer = portal.admin.issue_company_link(by(&agent("agent"), request)).await.unwrap().into_inner();
    let (front, token) = answer.link.rsplit_once('/').unwrap();
    assert_eq!(front, "https://portal.example/link");
    token.to_owned()
}

async fn inspect(portal: &Portal, token: &str) -> InspectCompanyLinkResponse {
    let request = InspectCompanyLinkRequest { token: token.into(), source: None };
    portal.server.inspect_company_link(by(&gateway(), request)).await.unwrap().into_inner()
}

async fn open(portal: &Portal, token: &str) -> Result<Response<LoginResponse>, Status> {
    let source = Source { address: "203.0.113.77".into(), user_agent: "Firefox/140.0".into() };
    let request = OpenCompanyLinkRequest { token: token.into(), source: Some(source) };
    portal.server.open_company_link(by(&gateway(), request)).await
}

async fn visit(portal: &Portal, session: &str) -> Result<Response<CheckSessionResponse>, Status> {
    portal.check_as(session, SubjectKind::Company, false).await
}

async fn access(portal: &Portal, company: Uuid) -> CompanyAccessResponse {
    let request = GetCompanyAccessRequest { company_id: company.to_string() };
    portal.admin.get_company_access(by(&agent("viewer"), request)).await.unwrap().into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_opens_the_portal_as_the_company_and_looking_at_it_changes_nothing() {
    let portal = with_links().await;
    let company = new_id();
    let token = issue(&portal, company).await;
    assert_eq!((token.len(), &token[..5]), (48, "plnk_"));
    let events = portal.count("select count(*) from event").await;
    for _ in 0..3 {
        let seen = inspect(&portal, &token).await;
        assert_eq!((seen.usable, seen.sign_in_instead, seen.company_id), (true, false, company.to_string()));
    }
    assert_eq!(portal.count("select count(*) from event").await, events);
    let opened = open(&portal, &token).await.unwrap().into_inner();
    let subject = opened.subject.unwrap();
    assert_eq!((subject.kind(), subject.id), (SubjectKind::Company, company.to_string()));
    let session = visit(&portal, &opened.session_token).await.unwrap().into_inner();
    assert_eq!(session.idle_timeout_seconds, 15 * 60);
    // It is no agent's session, and stands for nobody who has proved anything.
    let console = portal.check_as(&opened.session_token, SubjectKind::Agent, false).await;
    assert_eq!(reason(console).1, "session_invalid");
    assert_eq!((session.assurance, session.auth_time), (0, 0));
    let row = "select count(*) from session where kind = 4 and assurance = 0 and method = 'link' and auth_at is null
               and absolute_until = created_at + interval '8 hours'";
    assert_eq!(portal.count(row).await, 1);
    let used = portal.events::<CompanyLinkUsed>().await.remove(0);
    assert_eq!((used.network.as_str(), used.browser.as_str()), ("203.0.113.0/24", "Firefox"));
    assert!(access(&portal, company).await.link_last_used_micros > 0);
    // A link works more than once.
    open(&portal, &token).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_revoked_replaced_expired_and_switched_off_links_look_alike() {
    let portal = with_links().await;
    let (revoked, replaced, expired, off) = (new_id(), new_id(), new_id(), new_id());
    let mut tokens = vec![format!("plnk_{}", "A".repeat(43)), "x".to_owned(), String::new()];
    tokens.push(issue(&portal, revoked).await);
    let revoke = RevokeCompanyLinkRequest { company_id: revoked.to_string() };
    let after = portal.admin.revoke_company_link(by(&agent("agent"), revoke.clone())).await.unwrap().into_inner();
    assert!(!after.link_open && after.position > 0);
    let again = portal.admin.revoke_company_link(by(&agent("agent"), revoke)).await.unwrap().into_inner();
    assert_eq!(again.position, 0);
    tokens.push(issue(&portal, replaced).await);
    let live = issue(&portal, replaced).await;
    tokens.push(issue(&portal, expired).await);
    let expire = "update company_link set expires_at = now() - interval '1 second'
                  where link_id in (select link_id from company_link order by issued_at desc limit 1)";
    portal.sql(expire).await;
    for token in &tokens {
        assert_eq!(inspect(&portal, token).await, InspectCompanyLinkResponse::default(), "{token}");
        assert_eq!(reason(open(&portal, token).await), (Code::Invalid, "link_unusable".into()));
    }
    open(&portal, &live).await.unwrap();
    let token = issue(&portal, off).await;
    switch(&portal, false).await;
    assert_eq!(inspect(&portal, &token).await, InspectCompanyLinkResponse::default());
    assert_eq!(reason(open(&portal, &token).await).1, "link_unusable");
    let request = IssueCompanyLinkRequest { company_id: off.to_string(), valid_days: 0 };
    let refused = portal.admin.issue_company_link(by(&agent("agent"), request)).await;
    assert_eq!(reason(refused), (Code::Precondition, "company_links_off".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_portal_user_of_a_company_ends_its_visits_and_the_link_leads_to_the_login() {
    let portal = with_links().await;
    let (company, other) = (new_id(), new_id());
    let token = issue(&portal, company).await;
    let session = open(&portal, &token).await.unwrap().into_inner();
    let elsewhere = open(&portal, &issue(&portal, other).await).await.unwrap().into_inner();
    let contact = new_id();
    let request = EnableAccessRequest { company_id: company.to_string(), ..portal.enabling(contact, "emma@acme.test") };
    portal.server.enable_access(by(&agent("agent"), request)).await.unwrap();
    assert_eq!(reason(visit(&portal, &session.session_token).await).1, "session_invalid");
    visit(&portal, &elsewhere.session_token).await.unwrap();
    let ended = portal.events::<LoggedOut>().await.remove(0);
    assert_eq!((ended.session_id, ended.reason.as_str()), (session.session_id.clone(), "portal_user_exists"));
    assert!(portal.revocations(1).await.session_ids.contains(&session.session_id));
    let seen = inspect(&portal, &token).await;
    assert_eq!((seen.usable, seen.sign_in_instead), (true, true));
    assert_eq!(reason(open(&portal, &token).await), (Code::Precondition, "sign_in_instead".into()));
    let shown = access(&portal, company).await;
    assert_eq!((shown.portal_users, shown.contact_ids), (1, vec![contact.to_string()]));
    // Without a portal user it works again.
    portal.disable(contact).await;
    open(&portal, &token).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_portal_user_who_moves_to_a_company_closes_its_link_too() {
    let portal = with_links().await;
    let company = new_id();
    let token = issue(&portal, company).await;
    let session = open(&portal, &token).await.unwrap().into_inner();
    let emma = portal.contact("emma@acme.test").await;
    known(&portal, &contact_of(emma, "emma@acme.test", None)).await;
    visit(&portal, &session.session_token).await.unwrap();
    known(&portal, &crate::contacts::moved(emma, company)).await;
    assert_eq!(reason(visit(&portal, &session.session_token).await).1, "session_invalid");
    assert!(inspect(&portal, &token).await.sign_in_instead);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_came_by_a_link_is_out_when_it_is_revoked_replaced_or_switched_off() {
    let portal = with_links().await;
    let (one, two, three) = (new_id(), new_id(), new_id());
    let mut sessions = Vec::new();
    for company in [one, two, three] {
        let token = issue(&portal, company).await;
        sessions.push(open(&portal, &token).await.unwrap().into_inner().session_token);
    }
    let revoke = RevokeCompanyLinkRequest { company_id: one.to_string() };
    portal.admin.revoke_company_link(by(&agent("agent"), revoke)).await.unwrap();
    issue(&portal, two).await;
    for session in &sessions[..2] {
        assert_eq!(reason(visit(&portal, session).await).1, "session_invalid");
    }
    visit(&portal, &sessions[2]).await.unwrap();
    switch(&portal, false).await;
    assert_eq!(reason(visit(&portal, &sessions[2]).await).1, "session_invalid");
    let reasons: Vec<String> = portal.events::<LoggedOut>().await.into_iter().map(|e| e.reason).collect();
    assert_eq!(reasons, ["link_revoked"; 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_manages_access_issues_links_with_bounded_dates() {
    let portal = with_links().await;
    let company = new_id();
    let request = |valid_days| IssueCompanyLinkRequest { company_id: company.to_string(), valid_days };
    for who in [agent("viewer"), gateway()] {
        assert_eq!(reason(portal.admin.issue_company_link(by(&who, request(0))).await).0, Code::Forbidden);
    }
    for days in [-1, 366] {
        let refused = portal.admin.issue_company_link(by(&agent("agent"), request(days))).await;
        assert_eq!(wrong_field(refused), ("valid_days".into(), "out_of_range".into()));
    }
    portal.admin.issue_company_link(by(&agent("agent"), request(365))).await.unwrap();
    let shown = access(&portal, company).await;
    let days = (shown.link_expires_micros - shown.link_issued_micros) / 86_400_000_000;
    assert!((364..=365).contains(&days), "{days}");
    let stranger = OpenCompanyLinkRequest::default();
    assert_eq!(refused(portal.server.open_company_link(by(&agent("agent"), stranger)).await).code, Code::Forbidden);
}

/// Before: nobody told identity that a company was deleted, and its link went on working.
#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_companys_link_dies_and_whoever_came_by_it_is_out() {
    let portal = with_links().await;
    let (company, other) = (new_id(), new_id());
    let (token, others) = (issue(&portal, company).await, issue(&portal, other).await);
    let session = open(&portal, &token).await.unwrap().into_inner().session_token;
    let event = deleted(company, "companies");
    known(&portal, &event).await;
    assert!(!inspect(&portal, &token).await.usable && inspect(&portal, &others).await.usable);
    assert_eq!(reason(visit(&portal, &session).await).1, "session_invalid");
    assert!(!access(&portal, company).await.link_open);
    assert_eq!(portal.events::<CompanyLinkRevoked>().await.len(), 1);
    known(&portal, &event).await;
    assert_eq!(portal.events::<CompanyLinkRevoked>().await.len(), 1, "heard twice is done once");
}
