//! Timelines of users.
//!
//! proves: A17

use crate::{
    contacts::{known, recorded},
    portal::{Portal, agent, by, day, gateway, reason, wrong_field},
};
use eventlog::Recorded;
use kernel::{Actor, ActorKind, Code, Right, Rights, Timestamp, new_id};
use proto::{
    event::StoredEvent,
    identity::v1::{administration_service_server::AdministrationService, identity_service_server::IdentityService, *},
    records::v1::{RecordCommented, RecordCreated, RecordDeleted, RecordUpdated},
};
use uuid::Uuid;

async fn timeline(portal: &Portal, request: ListActivityRequest) -> ListActivityResponse {
    portal.admin.list_activity(by(&agent("agent"), request)).await.unwrap().into_inner()
}

fn of(user: Uuid) -> ListActivityRequest {
    ListActivityRequest { user_id: user.to_string(), ..ListActivityRequest::default() }
}

fn words(answer: &ListActivityResponse) -> Vec<&str> {
    answer.entries.iter().map(|e| e.r#type.as_str()).collect()
}

/// A contact who was invited, came, failed, was locked and unlocked, and left.
async fn lived(portal: &Portal) -> Uuid {
    let emma = portal.active_contact("emma@acme.test").await;
    let session = portal.login("emma@acme.test").await.session_token;
    portal.server.logout(by(&gateway(), LogoutRequest { session_token: session })).await.unwrap();
    portal.guess("emma@acme.test", 5).await;
    portal.settled::<Locked>(1).await;
    let unlock =
        UnlockRequest { user_ids: vec![emma.to_string()], note: "she called".into(), ..UnlockRequest::default() };
    portal.server.unlock(by(&agent("administrator"), unlock)).await.unwrap();
    emma
}

/// What a contact did with a record, as the records service would tell it.
fn done<M: StoredEvent>(by: Uuid, position: i64, message: &M) -> Recorded {
    Recorded {
        position,
        actor_id: by,
        actor_kind: ActorKind::Contact,
        // After what this test does with identity.
        recorded_at: Timestamp::from_offset(time::OffsetDateTime::now_utc()).plus_seconds(60 + position),
        ..recorded(message)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeline_tells_what_happened_the_newest_first_with_time_network_and_session() {
    let portal = Portal::new().await;
    let emma = lived(&portal).await;
    let answer = timeline(&portal, of(emma)).await;
    assert_eq!(
        words(&answer),
        [
            "unlocked",
            "locked",
            "login_failed",
            "login_failed",
            "login_failed",
            "login_failed",
            "login_failed",
            "logged_out",
            "logged_in",
            "password_set",
            "invitation_issued",
            "access_enabled",
        ]
    );
    let unlocked = &answer.entries[0];
    assert_eq!((unlocked.touchpoint.as_str(), unlocked.facts["note"].as_str()), ("lock", "she called"));
    assert_eq!(unlocked.actor_id, agent("administrator").id.to_string());
    let came = &answer.entries[8];
    assert_eq!((came.network.as_str(), came.browser.as_str()), ("203.0.113.0/24", "Firefox"));
    assert!(!came.session_id.is_empty() && came.at_micros > 0 && came.actor_id.is_empty());
    assert_eq!(came.facts["method"], "password");
    assert_eq!(answer.entries[7].session_id, came.session_id);
    // Others' lives are not in it.
    let marco = portal.contact("marco@acme.test").await;
    assert_eq!(words(&timeline(&portal, of(marco)).await), ["invitation_issued", "access_enabled"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_contact_did_with_records_is_part_of_it_and_what_agents_did_is_not() {
    let portal = Portal::new().await;
    let emma = portal.contact("emma@acme.test").await;
    let (ticket, ada) = (new_id(), portal.active_agent("ada", "agent").await);
    let (record_id, module) = (ticket.to_string(), "tickets".to_owned());
    let created = RecordCreated { record_id: record_id.clone(), module: module.clone(), ..Default::default() };
    known(&portal, &done(emma, 11, &created)).await;
    let updated = RecordUpdated { record_id: record_id.clone(), module: module.clone(), ..Default::default() };
    known(&portal, &Recorded { on_behalf_of: Some(ada), ..done(emma, 12, &updated) }).await;
    let body = "A text that stays where it is".to_owned();
    let commented =
        RecordCommented { record_id: record_id.clone(), module: module.clone(), body, ..Default::default() };
    known(&portal, &done(emma, 13, &commented)).await;
    known(&portal, &Recorded { actor_kind: ActorKind::Agent, ..done(ada, 14, &updated) }).await;
    let deleted = RecordDeleted { occurred_at_micros: 0, record_id: record_id.clone(), module };
    known(&portal, &done(emma, 15, &deleted)).await;

    let answer = timeline(&portal, ListActivityRequest { touchpoints: vec!["record".into()], ..of(emma) }).await;
    assert_eq!(words(&answer), ["record_deleted", "record_commented", "record_updated", "record_created"]);
    let facts = &answer.entries[0].facts;
    assert_eq!((facts["module"].as_str(), facts["record_id"].as_str()), ("tickets", record_id.as_str()));
    let by_agent = &answer.entries[2];
    assert_eq!((by_agent.actor_id.clone(), by_agent.actor_name.as_str()), (ada.to_string(), "Ada Lovelace"));
    assert!(portal.rows("contact_activity").await.iter().all(|row| !row.contains("A text")));
    assert_eq!(timeline(&portal, of(emma)).await.entries.len(), 6);
    // What happened around a colleague's account is not every agent's to know.
    let colleague = portal.admin.list_activity(by(&agent("agent"), of(ada))).await;
    assert_eq!(reason(colleague), (Code::Forbidden, "administrators_only".into()));
    let theirs = portal.admin.list_activity(by(&agent("administrator"), of(ada))).await.unwrap().into_inner();
    assert_eq!(theirs.entries.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_without_gap_or_repetition_over_both_logs() {
    let portal = Portal::new().await;
    let emma = lived(&portal).await;
    let record = RecordUpdated { record_id: new_id().to_string(), module: "tickets".into(), ..Default::default() };
    for position in 1..=5 {
        known(&portal, &done(emma, position, &record)).await;
    }
    // As if both logs had recorded at the same moment.
    portal.sql("update contact_activity set at = (select max(at) from activity_v1)").await;
    let whole = timeline(&portal, of(emma)).await;
    assert_eq!((whole.entries.len(), whole.next_cursor.as_str()), (17, ""));
    for size in [1, 4, 16] {
        let (mut paged, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = timeline(&portal, ListActivityRequest { limit: size, cursor, ..of(emma) }).await;
            paged.extend(page.entries);
            cursor = page.next_cursor;
            if cursor.is_empty() {
                break;
            }
        }
        assert_eq!(paged, whole.entries, "{size}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_filtered_by_what_it_is_about() {
    let portal = Portal::new().await;
    let emma = lived(&portal).await;
    let filtered = |touchpoints: &[&str]| ListActivityRequest {
        touchpoints: touchpoints.iter().map(|&t| t.to_owned()).collect(),
        ..of(emma)
    };
    assert_eq!(words(&timeline(&portal, filtered(&["lock"])).await), ["unlocked", "locked"]);
    assert_eq!(timeline(&portal, filtered(&["sign_in", "security"])).await.entries.len(), 8);
    assert_eq!(timeline(&portal, filtered(&["record"])).await.entries.len(), 0);
    let odd = portal.admin.list_activity(by(&agent("agent"), filtered(&["weather"]))).await;
    assert_eq!(wrong_field(odd), ("touchpoints".into(), "unknown_touchpoint".into()));
    let cursor = ListActivityRequest { cursor: "00".into(), ..of(emma) };
    let odd = portal.admin.list_activity(by(&agent("agent"), cursor)).await;
    assert_eq!(wrong_field(odd).0, "cursor");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_manages_access_or_audits_sees_timelines_and_nobody_else() {
    let portal = Portal::new().await;
    let emma = portal.contact("emma@acme.test").await;
    let auditor = Actor { rights: Rights::of(&[Right::ReadAudit]), ..agent("own") };
    for who in [agent("administrator"), agent("agent"), auditor, Actor { read_only: true, ..agent("agent") }] {
        portal.admin.list_activity(by(&who, of(emma))).await.unwrap();
    }
    let contact = Actor { kind: ActorKind::Contact, ..agent("agent") };
    for who in [agent("viewer"), gateway(), contact] {
        assert_eq!(reason(portal.admin.list_activity(by(&who, of(emma))).await).0, Code::Forbidden);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rebuilt_is_as_it_grew_and_old_entries_go() {
    let portal = Portal::new().await;
    let emma = lived(&portal).await;
    let (contact_id, support_start, support_end) = (emma.to_string(), day(-2), day(40));
    let change = ChangeSupportDatesRequest { contact_id, support_start, support_end };
    portal.server.change_support_dates(by(&agent("agent"), change)).await.unwrap();
    portal.disable(emma).await;
    let grown = portal.rows("activity_v1").await;
    assert_eq!(grown.len(), 14);
    for _ in 0..2 {
        portal.rebuild("activity_v1").await;
        assert_eq!(portal.rows("activity_v1").await, grown);
    }
    portal.sql("update activity_v1 set at = now() - interval '401 days' where type = 'login_failed'").await;
    portal.identity.sweep().await.unwrap();
    assert_eq!(portal.rows("activity_v1").await.len(), 9);
}
