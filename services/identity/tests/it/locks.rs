//! proves: A07, A08

use crate::portal::{PASSWORD, Portal, WRONG, agent, by, gateway, login_request, wrong_field};
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
    let answer = unlock(&portal, &[contact], "called in ").await;
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

/// The network of a user's own, where they have signed in before, and a stranger's.
const HOME: &str = "203.0.113.0/24";
const STRANGER: &str = "198.51.100.0/24";

async fn attempt(portal: &Portal, from: &str, password: &str) -> bool {
    let mut request = login_request("emma@acme.test", password, SubjectKind::Contact);
    request.source = Some(Source { address: from.into(), ..Source::default() });
    portal.server.login(by(&gateway(), request)).await.is_ok()
}

async fn guess_from(portal: &Portal, from: &str, times: usize) {
    for _ in 0..times {
        assert!(!attempt(portal, from, WRONG).await);
    }
}

fn network_of(user: Uuid, network: &str) -> UserNetwork {
    UserNetwork { user_id: user.to_string(), network: network.into() }
}

async fn unlock_with(portal: &Portal, user: Uuid, trust: bool, trust_networks: Vec<UserNetwork>) -> UnlockResponse {
    let request = UnlockRequest { user_ids: vec![user.to_string()], trust, trust_networks, ..UnlockRequest::default() };
    portal.server.unlock(by(&agent("administrator"), request)).await.unwrap().into_inner()
}

/// Before: unlocking with trust trusted every network of the failures, the attacker's among them.
#[tokio::test(flavor = "multi_thread")]
async fn the_attackers_network_is_not_trusted_by_default() {
    let portal = Portal::new().await;
    let contact = portal.active_contact("emma@acme.test").await;
    // Nobody ever signed in from where all failures come: nothing is trusted unasked.
    guess_from(&portal, "198.51.100.7", 5).await;
    assert!(unlock_with(&portal, contact, true, Vec::new()).await.trusted.is_empty());

    portal.login("emma@acme.test").await;
    guess_from(&portal, "203.0.113.77", 2).await;
    guess_from(&portal, "198.51.100.7", 3).await;
    let user = list(&portal, 0, "").await.users.remove(0);
    let seen: Vec<_> = user.seen.iter().map(|s| (s.network.as_str(), s.failures, s.succeeded_before)).collect();
    assert_eq!(seen, [(HOME, 2, true), (STRANGER, 3, false)]);
    assert!(user.seen.iter().all(|s| s.first_micros > 0 && s.first_micros <= s.last_micros));
    assert_eq!(portal.access(contact).await.seen, user.seen, "the contact's page offers the same");
    let answer = unlock_with(&portal, contact, true, Vec::new()).await;
    assert_eq!(answer.trusted, [network_of(contact, HOME)]);
    assert_eq!(portal.events::<Unlocked>().await.last().unwrap().networks, [HOME]);
    assert!(portal.access(contact).await.seen.is_empty(), "nothing is offered without a lock");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agent_chooses_among_the_networks_of_the_failures_and_no_others() {
    let portal = Portal::new().await;
    let contact = portal.active_contact("emma@acme.test").await;
    portal.login("emma@acme.test").await;
    guess_from(&portal, "203.0.113.77", 1).await;
    guess_from(&portal, "198.51.100.7", 4).await;
    let request = UnlockRequest {
        user_ids: vec![contact.to_string()],
        trust_networks: vec![network_of(contact, "192.0.2.0/24")],
        ..UnlockRequest::default()
    };
    let invented = portal.server.unlock(by(&agent("administrator"), request)).await;
    assert_eq!(wrong_field(invented), ("trust_networks".into(), "not_seen".into()));
    let chosen = vec![network_of(contact, STRANGER)];
    assert_eq!(unlock_with(&portal, contact, true, chosen.clone()).await.trusted, chosen);
    let trusts = portal.server.list_trusts(by(&agent("administrator"), ListTrustsRequest::default())).await;
    let trusts = trusts.unwrap().into_inner().trusts;
    assert_eq!(trusts.iter().map(|t| t.network.as_str()).collect::<Vec<_>>(), [STRANGER]);
}

/// Before: what was trusted had no budget at all, and its failures were counted nowhere.
#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_network_has_a_larger_budget_that_is_counted_and_told() {
    let portal = Portal::new().await;
    let contact = portal.active_contact("emma@acme.test").await;
    portal.login("emma@acme.test").await;
    guess_from(&portal, "203.0.113.77", 5).await;
    unlock_with(&portal, contact, true, Vec::new()).await;
    portal.settled::<LoginFailed>(5).await;
    // Strangers lock the login, not the place that is trusted.
    guess_from(&portal, "198.51.100.7", 5).await;
    assert!(attempt(&portal, "203.0.113.77", PASSWORD).await);
    assert!(!attempt(&portal, "192.0.2.1", PASSWORD).await);
    guess_from(&portal, "203.0.113.77", 24).await;
    assert!(attempt(&portal, "203.0.113.77", PASSWORD).await, "24 failures don't lock there");
    guess_from(&portal, "203.0.113.77", 25).await;
    assert!(!attempt(&portal, "203.0.113.77", PASSWORD).await, "25 do");
    let locked = portal.settled::<Locked>(3).await;
    assert_eq!(locked.len(), 3, "it is told like every lock");
    let failures: Vec<i32> = portal.events::<LoginFailed>().await.iter().map(|f| f.failures).collect();
    assert_eq!(failures.last(), Some(&25));
    let user = list(&portal, 0, "").await.users.remove(0);
    assert_eq!(user.user_id, contact.to_string());
    unlock_with(&portal, contact, false, Vec::new()).await;
    assert!(attempt(&portal, "203.0.113.77", PASSWORD).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_networks_the_ones_that_were_silent_for_longest_give_way() {
    let portal = Portal::new().await;
    let contact = portal.active_contact("emma@acme.test").await;
    for n in 0..24 {
        guess_from(&portal, &format!("198.51.{n}.1"), 1).await;
        portal.sql("update attempt set failures = 1, locked_until = null, locked_at = null, held = false").await;
    }
    portal.sql("update attempt set locked_at = now(), locked_until = now() + interval '1 hour'").await;
    let seen = portal.access(contact).await.seen;
    assert_eq!(seen.len(), 20);
    assert_eq!((seen[0].network.as_str(), seen[19].network.as_str()), ("198.51.23.0/24", "198.51.4.0/24"));
}
