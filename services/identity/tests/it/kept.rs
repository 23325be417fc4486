//! What is kept of forms, and why sessions ended.

use crate::portal::{Portal, agent, by, gateway, reason};
use kernel::{Actor, Code};
use proto::identity::v1::{identity_service_server::IdentityService, *};

async fn end_of(portal: &Portal, token: &str) -> String {
    let request = TellEndRequest { session_token: token.to_owned() };
    portal.server.tell_end(by(&gateway(), request)).await.unwrap().into_inner().reason
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_back_with_a_dead_session_is_told_why_it_ended() {
    let portal = Portal::idle().await;
    let contact = portal.active_contact("emma@acme.test").await.to_string();
    let login = async || portal.login("emma@acme.test").await.session_token;

    let alive = login().await;
    assert_eq!(end_of(&portal, &alive).await, "");
    portal.sql("update session set last_seen_at = now() - interval '31 minutes'").await;
    assert_eq!(end_of(&portal, &alive).await, "idle", "before anybody has written it down");
    portal.identity.sweep().await.unwrap();
    assert_eq!(end_of(&portal, &alive).await, "idle");

    let long = login().await;
    portal.sql("update session set expires_at = now() - interval '1 second'").await;
    assert_eq!(end_of(&portal, &long).await, "expired");
    portal.identity.sweep().await.unwrap();
    assert_eq!(end_of(&portal, &long).await, "expired");

    let left = login().await;
    portal.server.logout(by(&gateway(), LogoutRequest { session_token: left.clone() })).await.unwrap();
    assert_eq!(end_of(&portal, &left).await, "logout");

    let by_agent = login().await;
    let request = EndUserSessionsRequest { user_id: contact.clone(), session_id: String::new() };
    portal.server.end_user_sessions(by(&crate::portal::fresh("administrator"), request)).await.unwrap();
    assert_eq!(end_of(&portal, &by_agent).await, "ended_by_agent");

    // Whoever is shut out is told nothing more than everybody.
    let shut_out = login().await;
    let request = SuspendAccessRequest { contact_id: contact, ..SuspendAccessRequest::default() };
    portal.server.suspend_access(by(&crate::portal::fresh("administrator"), request)).await.unwrap();
    assert_eq!(end_of(&portal, &shut_out).await, "");
    let unknown = "pses_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    assert_eq!(end_of(&portal, unknown).await, "");

    portal.sql("update ended_session set at = now() - interval '25 hours'").await;
    portal.identity.sweep().await.unwrap();
    assert_eq!(portal.count("select count(*) from ended_session").await, 0);
    let nobody = TellEndRequest { session_token: left };
    assert_eq!(reason(portal.server.tell_end(by(&agent("administrator"), nobody)).await).0, Code::Forbidden);
}

async fn keep(portal: &Portal, actor: &Actor, owner: u8, key: u8, bytes: usize) -> Result<(), (Code, String)> {
    let request = KeepFormRequest { key_hash: vec![key; 32], owner: vec![owner; 16], sealed: vec![key; bytes] };
    let kept = portal.server.keep_form(by(actor, request)).await;
    if kept.is_ok() { Ok(()) } else { Err(reason(kept)) }
}

async fn get(portal: &Portal, key: u8) -> usize {
    let request = GetKeptFormRequest { key_hash: vec![key; 32] };
    portal.server.get_kept_form(by(&gateway(), request)).await.unwrap().into_inner().sealed.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_kept_for_a_quarter_of_an_hour_and_a_few_for_each_person() {
    let portal = Portal::idle().await;
    for key in 1..=6 {
        keep(&portal, &gateway(), 1, key, 100).await.unwrap();
        // So that their order is sure.
        portal.sql("update kept_form set expires_at = expires_at - interval '1 second'").await;
    }
    keep(&portal, &gateway(), 2, 9, 100).await.unwrap();
    assert_eq!(get(&portal, 1).await, 0, "the oldest made room");
    for key in [2, 3, 4, 5, 6, 9] {
        assert_eq!(get(&portal, key).await, 100, "{key}");
    }
    let request = DropKeptFormRequest { key_hash: vec![9; 32] };
    portal.server.drop_kept_form(by(&gateway(), request)).await.unwrap();
    assert_eq!(get(&portal, 9).await, 0);
    let soon = "select count(*) from kept_form where expires_at > now() + interval '16 minutes'";
    assert_eq!(portal.count(soon).await, 0);
    portal.sql("update kept_form set expires_at = now() - interval '1 second' where key_hash = decode(repeat('06', 32), 'hex')").await;
    assert_eq!(get(&portal, 6).await, 0, "its time is over");
    portal.identity.sweep().await.unwrap();
    assert_eq!(portal.count("select count(*) from kept_form").await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_services_keep_forms_and_only_of_a_forms_size() {
    let portal = Portal::idle().await;
    assert_eq!(keep(&portal, &agent("administrator"), 1, 1, 1).await.unwrap_err().0, Code::Forbidden);
    assert_eq!(keep(&portal, &gateway(), 1, 1, 261 * 1024).await.unwrap_err().0, Code::Invalid);
    let request = KeepFormRequest { key_hash: vec![1; 31], owner: vec![1], sealed: vec![1] };
    assert_eq!(reason(portal.server.keep_form(by(&gateway(), request)).await).0, Code::Invalid);
    let request = KeepFormRequest { key_hash: vec![1; 32], owner: Vec::new(), sealed: vec![1] };
    assert_eq!(reason(portal.server.keep_form(by(&gateway(), request)).await).0, Code::Invalid);
}
