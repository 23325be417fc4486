//! proves: A07, A08

use crate::portal::{PASSWORD, Portal, WRONG, agent, by, wrong_field};
use kernel::{Actor, Right, Rights};
use proto::identity::v1::{identity_service_server::IdentityService, *};
use uuid::Uuid;

async fn list(portal: &Portal, limit: i32, cursor: &str) -> ListLockedResponse {
    let request = ListLockedRequest { limit, cursor: cursor.into() };
    portal.server.list_locked(by(&agent("administrator"), request)).await.unwrap().into_inner()
}

async fn unlock(portal: &Portal, users: &[Uuid], note: &str) -> UnlockResponse {
    let request = UnlockRequest {
        user_ids: users.iter().map(Uuid::to_string).collect(),
        note: note.into(),
        ..UnlockRequest::default()
    };
    portal.server.unlock(by(&agent("administrator"), request)).await.unwrap().into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn locked_users_are_listed_with_the_networks_of_the_failures() {
    let portal = Portal::new().await;
    let contact = portal.active_contact("emma@acme.test").await;
    portal.active_contact("marco@acme.test").await;
    assert!(list(&portal, 0, "").await.users.is_empty());
    portal.guess("emma@acme.test", 5).await;
    portal.guess("marco@acme.test", 4).await;
    portal.guess("nobody@acme.test", 5).await;
    let users = list(&portal, 0, "").await.users;
    assert_eq!(users.len(), 1);
    let user = &users[0];
    assert_eq!((user.user_id.as_str(), user.login.as_str()), (contact.to_string().as_str(), "emma@acme.test"));
    assert_eq!((user.name.as_str(), user.failures, user.ladder_step, user.kind), ("Emma Rossi", 5, 1, 1));
    assert_eq!(user.networks, ["203.0.113.0/24"]);
    assert!(user.since_micros > 0 && user.locked_until_micros - user.since_micros == 15 * 60 * 1_000_000);
    portal.sql("update attempt set locked_until = now() - interval '1 second'").await;
    assert!(list(&portal, 0, "").await.users.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unlocked_user_logs_in_at_once_and_the_event_names_the_agent() {
    let portal = Portal::new().await;
    let contact = portal.active_contact("emma@acme.test").await;
    portal.guess("emma@acme.test", 6).await;
    let answer = unlock(&portal, &[contact], " called in ").await;
    assert_eq!(answer.unlocked, [contact.to_string()]);
    portal.login("emma@acme.test").await;
    let recorded = portal.identity.log().read(answer.position, 1).await.unwrap().remove(0);
    assert_eq!(recorded.actor_id, agent("administrator").id);
    let event = portal.events::<Unlocked>().await.remove(0);
    assert_eq!((event.user_id, event.note.as_str()), (contact.to_string(), "called in"));
    // Nothing to unlock: already so.
    let again = unlock(&portal, &[contact], "").await;
    assert_eq!((again.unlocked.len(), again.position), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_unlocked_in_one_go_and_the_list_has_pages() {
    let portal = Portal::new().await;
    let mut contacts = Vec::new();
    for n in 0..5 {
        let email = format!("emma{n}@acme.test");
        contacts.push(portal.active_contact(&email).await);
        portal.guess(&email, 5).await;
    }
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = list(&portal, 2, &cursor).await;
        assert!(page.users.len() <= 2);
        seen.extend(page.users.into_iter().map(|u| u.user_id));
        if page.next_cursor.is_empty() {
            break;
        }
        cursor = page.next_cursor;
    }
    let newest_first: Vec<String> = contacts.iter().rev().map(Uuid::to_string).collect();
    assert_eq!(seen, newest_first);

    let mut chosen = contacts[..3].to_vec();
    chosen.push(Uuid::from_u128(99));
    assert_eq!(unlock(&portal, &chosen, "").await.unlocked.len(), 3);
    assert_eq!(list(&portal, 0, "").await.users.len(), 2);
    assert_eq!(portal.events::<Unlocked>().await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn locked_agents_are_listed_too() {
    let portal = Portal::new().await;
    let ada = portal.active_agent("ada@desk.example", "agent").await;
    for _ in 0..5 {
        portal.try_login("ada@desk.example", WRONG, SubjectKind::Agent).await.unwrap_err();
    }
    let users = list(&portal, 0, "").await.users;
    assert_eq!((users[0].user_id.as_str(), users[0].kind), (ada.to_string().as_str(), 2));
    unlock(&portal, &[ada], "").await;
    portal.try_login("ada@desk.example", PASSWORD, SubjectKind::Agent).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_named() {
    let portal = Portal::new().await;
    let call = |request: UnlockRequest| portal.server.unlock(by(&agent("administrator"), request));
    let nobody = call(UnlockRequest { user_ids: vec![], note: String::new(), ..UnlockRequest::default() }).await;
    assert_eq!(wrong_field(nobody), ("user_ids".into(), "out_of_range".into()));
    let id = Uuid::from_u128(1).to_string();
    let long =
        call(UnlockRequest { user_ids: vec![id.clone()], note: "x".repeat(501), ..UnlockRequest::default() }).await;
    assert_eq!(wrong_field(long), ("note".into(), "too_long".into()));
    let many = call(UnlockRequest { user_ids: vec![id; 201], note: String::new(), ..UnlockRequest::default() }).await;
    assert_eq!(wrong_field(many), ("user_ids".into(), "out_of_range".into()));
    let limit = ListLockedRequest { limit: 201, cursor: String::new() };
    let page = portal.server.list_locked(by(&agent("administrator"), limit)).await;
    assert_eq!(wrong_field(page), ("limit".into(), "out_of_range".into()));
    for cursor in ["zz", "61", "c3a9"] {
        let request = ListLockedRequest { limit: 0, cursor: cursor.into() };
        let page = portal.server.list_locked(by(&agent("administrator"), request)).await;
        assert_eq!(wrong_field(page), ("cursor".into(), "not_a_cursor".into()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_has_the_right_sees_and_unlocks() {
    let portal = Portal::new().await;
    let contact = portal.active_contact("emma@acme.test").await;
    portal.guess("emma@acme.test", 5).await;
    let locks = Actor { rights: Rights::of(&[Right::Unlock]), ..agent("own") };
    for (who, may) in [(agent("agent"), false), (agent("viewer"), false), (locks, true)] {
        let listed = portal.server.list_locked(by(&who, ListLockedRequest::default())).await;
        assert_eq!(listed.is_ok(), may, "{who:?}");
        let request = UnlockRequest { user_ids: vec![contact.to_string()], ..UnlockRequest::default() };
        assert_eq!(portal.server.unlock(by(&who, request)).await.is_ok(), may, "{who:?}");
    }
    portal.login("emma@acme.test").await;
}
