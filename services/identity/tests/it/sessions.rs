//! proves: A15, A16, A23

use crate::portal::{PASSWORD, Portal, agent, by, day, gateway, reason};
use kernel::{ActorKind, Code, Timestamp};
use proto::identity::v1::{identity_service_server::IdentityService, *};
use std::collections::HashMap;

async fn logout(portal: &Portal, token: &str) {
    let request = LogoutRequest { session_token: token.into() };
    portal.server.logout(by(&gateway(), request)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_check_gives_the_subject_and_an_actor_token() {
    let portal = Portal::new().await;
    let contact = portal.active_contact("emma@acme.test").await;
    let login = portal.login("emma@acme.test").await;
    let checked = portal.check(&login.session_token).await.unwrap().into_inner();
    assert_eq!(checked.session_id, login.session_id);
    assert_eq!((checked.idle_timeout_seconds, checked.csrf_key.len()), (1800, 32));
    let subject = checked.subject.unwrap();
    assert_eq!((subject.id.as_str(), subject.name.as_str()), (contact.to_string().as_str(), "Emma Rossi"));
    assert_eq!(subject.locale, "en");

    let keys = portal.server.list_signing_keys(by(&gateway(), ListSigningKeysRequest {})).await.unwrap().into_inner();
    let keys: HashMap<String, Vec<u8>> = keys.keys.into_iter().map(|k| (k.kid, k.public_key)).collect();
    let now = portal.identity.log().now();
    let claims = runtime::token::verify(&keys, "test", &checked.actor_token, now).unwrap();
    assert_eq!((claims.sub, claims.kind, claims.role.as_str()), (contact, ActorKind::Contact, ""));
    assert_eq!(claims.sid.unwrap().to_string(), login.session_id);
    assert_eq!(claims.exp - claims.iat, 60);
    assert!(runtime::token::verify(&keys, "another", &checked.actor_token, now).is_err());
    assert!(runtime::token::verify(&keys, "test", &checked.actor_token, now.plus_seconds(70)).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agents_token_names_the_role() {
    let portal = Portal::new().await;
    portal.active_agent("ada@desk.example", "viewer").await;
    let login = portal.try_login("ada@desk.example", PASSWORD, SubjectKind::Agent).await.unwrap().into_inner();
    let checked = portal.check_as(&login.session_token, SubjectKind::Agent, false).await.unwrap().into_inner();
    assert_eq!((checked.idle_timeout_seconds, checked.subject.unwrap().role.as_str()), (900, "viewer"));
    let eight_hours = Timestamp::from_micros(checked.expires_at_micros).micros() - portal.identity.log().now().micros();
    assert!((8 * 3600 - 60..=8 * 3600).contains(&(eight_hours / 1_000_000)), "{eight_hours}");
    // The portal knows no such session.
    assert_eq!(reason(portal.check(&login.session_token).await), (Code::Unauthenticated, "session_invalid".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_session_token_is_no_session() {
    let portal = Portal::new().await;
    for token in ["", "pses_", "pses_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "x"] {
        assert_eq!(reason(portal.check(token).await), (Code::Unauthenticated, "session_invalid".into()), "{token}");
        logout(&portal, token).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_after_its_idle_time() {
    let portal = Portal::new().await;
    portal.active_contact("emma@acme.test").await;
    let token = portal.login("emma@acme.test").await.session_token;
    portal.sql("update session set last_seen_at = now() - interval '29 minutes'").await;
    portal.check(&token).await.unwrap();
    // That was activity, so the time begins anew.
    assert_eq!(portal.count("select count(*) from session where last_seen_at > now() - interval '5 seconds'").await, 1);
    portal.sql("update session set last_seen_at = now() - interval '30 minutes 1 second'").await;
    assert_eq!(reason(portal.check(&token).await).1, "session_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_own_requests_do_not_keep_a_session_alive() {
    let portal = Portal::new().await;
    portal.active_contact("emma@acme.test").await;
    let token = portal.login("emma@acme.test").await.session_token;
    portal.sql("update session set last_seen_at = now() - interval '29 minutes'").await;
    let checked = portal.check_as(&token, SubjectKind::Contact, true).await.unwrap().into_inner();
    assert_eq!(
        portal.count("select count(*) from session where last_seen_at > now() - interval '28 minutes'").await,
        0
    );
    let left = checked.idle_expires_at_micros - portal.identity.log().now().micros();
    assert!(left < 61_000_000, "{left}");
}

#[tokio::test(flavor = "multi_thread")]
async fn activity_is_written_down_at_most_once_a_minute() {
    let portal = Portal::new().await;
    portal.active_contact("emma@acme.test").await;
    let token = portal.login("emma@acme.test").await.session_token;
    portal.sql("update session set last_seen_at = now() - interval '50 seconds'").await;
    portal.check(&token).await.unwrap();
    assert_eq!(
        portal.count("select count(*) from session where last_seen_at > now() - interval '45 seconds'").await,
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_at_its_absolute_time_however_active() {
    let portal = Portal::new().await;
    portal.active_contact("emma@acme.test").await;
    let token = portal.login("emma@acme.test").await.session_token;
    portal.sql("update session set expires_at = now() - interval '1 second'").await;
    assert_eq!(reason(portal.check(&token).await).1, "session_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn logout_ends_the_session_at_once_and_gateways_hear_of_it() {
    let portal = Portal::new().await;
    let contact = portal.active_contact("emma@acme.test").await;
    let (first, second) = (portal.login("emma@acme.test").await, portal.login("emma@acme.test").await);
    let before = portal.revocations(0).await;
    assert!(before.all, "who knows nothing forgets everything");
    logout(&portal, &first.session_token).await;
    assert_eq!(reason(portal.check(&first.session_token).await).1, "session_invalid");
    portal.check(&second.session_token).await.unwrap();

    let since = portal.revocations(before.position).await;
    assert_eq!((since.all, since.session_ids), (false, vec![first.session_id.clone()]));
    let nothing = portal.revocations(since.position).await;
    assert_eq!((nothing.all, nothing.session_ids.len()), (false, 0));

    let event = portal.events::<LoggedOut>().await.remove(0);
    assert_eq!(
        (event.user_id, event.session_id, event.reason),
        (contact.to_string(), first.session_id, "logout".into())
    );
    logout(&portal, &first.session_token).await;
    assert_eq!(portal.events::<LoggedOut>().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn disabling_access_ends_all_sessions() {
    let portal = Portal::new().await;
    let contact = portal.active_contact("emma@acme.test").await;
    portal.active_contact("marco@acme.test").await;
    let tokens =
        [portal.login("emma@acme.test").await.session_token, portal.login("emma@acme.test").await.session_token];
    let other = portal.login("marco@acme.test").await.session_token;
    let before = portal.revocations(0).await.position;
    let disabled = portal.disable(contact).await;
    for token in &tokens {
        assert_eq!(reason(portal.check(token).await).1, "session_invalid");
    }
    portal.check(&other).await.unwrap();
    assert_eq!(portal.revocations(before).await.session_ids.len(), 2);
    assert_eq!(portal.revocations(before).await.position, disabled.position);
    let reasons: Vec<String> = portal.events::<LoggedOut>().await.into_iter().map(|e| e.reason).collect();
    assert_eq!(reasons, ["access_disabled", "access_disabled"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_all_sessions() {
    let portal = Portal::new().await;
    let contact = portal.active_contact("emma@acme.test").await;
    let token = portal.login("emma@acme.test").await.session_token;
    let password = "another lamp river ten";
    let request = SetPasswordRequest { user_id: contact.to_string(), password: password.into(), via: "console".into() };
    portal.server.set_password(by(&kernel::Actor::service("console"), request)).await.unwrap();
    assert_eq!(reason(portal.check(&token).await).1, "session_invalid");
    assert_eq!(reason(portal.try_portal("emma@acme.test", PASSWORD).await).1, "invalid_credentials");
    portal.try_portal("emma@acme.test", password).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_dates_reach_live_sessions() {
    let portal = Portal::new().await;
    let contact = portal.active_contact("emma@acme.test").await;
    let token = portal.login("emma@acme.test").await.session_token;
    let change = async |start: String, end: String| {
        let (contact_id, support_start, support_end) = (contact.to_string(), start, end);
        let request = ChangeSupportDatesRequest { contact_id, support_start, support_end };
        portal.server.change_support_dates(by(&agent("agent"), request)).await.unwrap().into_inner()
    };
    change(day(-1), day(0)).await;
    let checked = portal.check(&token).await.unwrap().into_inner();
    let (_, end) = kernel::support_day_bounds(&day(-1), &day(0), "UTC").unwrap();
    assert!(checked.expires_at_micros <= end.micros());
    let answer = change(day(-3), day(-1)).await;
    assert_eq!(reason(portal.check(&token).await).1, "session_invalid");
    assert_eq!(answer.access.unwrap().support_end, day(-1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_never_outlasts_the_support() {
    let portal = Portal::new().await;
    let contact = portal.active_contact("emma@acme.test").await;
    portal.sql("update accounts_v1 set support_end = (now() at time zone 'utc')::date::text").await;
    let login = portal.login("emma@acme.test").await;
    let (_, end) = kernel::support_day_bounds(&day(-1), &day(0), "UTC").unwrap();
    let checked = portal.check(&login.session_token).await.unwrap().into_inner();
    assert!(checked.expires_at_micros <= end.micros(), "{contact}");
}

#[tokio::test(flavor = "multi_thread")]
async fn expired_sessions_are_swept_with_an_event() {
    let portal = Portal::new().await;
    portal.active_contact("emma@acme.test").await;
    portal.login("emma@acme.test").await;
    portal.login("emma@acme.test").await;
    portal
        .sql(
            "update session set last_seen_at = now() - interval '2 hours'
              where session_id = (select min(session_id::text)::uuid from session)",
        )
        .await;
    portal.identity.sweep().await.unwrap();
    portal.identity.sweep().await.unwrap();
    assert_eq!(portal.count("select count(*) from session").await, 1);
    let ended = portal.events::<LoggedOut>().await;
    assert_eq!(ended.iter().map(|e| e.reason.as_str()).collect::<Vec<_>>(), ["expired"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_was_away_too_long_forgets_everything() {
    let portal = Portal::new().await;
    let contact = portal.active_contact("emma@acme.test").await;
    let before = portal.revocations(0).await.position;
    portal.login("emma@acme.test").await;
    portal.disable(contact).await;
    portal
        .sql("insert into revocation (session_id, position) select gen_random_uuid(), 100 + n from generate_series(1, 1001) n")
        .await;
    assert!(portal.revocations(before).await.all);
    portal.sql("delete from revocation where position > 110").await;
    assert!(!portal.revocations(before).await.all);
    portal.sql("update revocation set at = now() - interval '25 hours' where position < 105").await;
    portal.identity.sweep().await.unwrap();
    assert!(portal.revocations(before).await.all, "older ones were deleted in between");
    assert_eq!(portal.revocations(104).await.session_ids.len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_signing_key_is_known_before_it_signs_and_the_former_goes_later() {
    let portal = Portal::new().await;
    portal.active_contact("emma@acme.test").await;
    let token = portal.login("emma@acme.test").await.session_token;
    let kid = async |server: &identity::Server| {
        let (session_token, surface) = (token.clone(), SubjectKind::Contact.into());
        let request = CheckSessionRequest { session_token, surface, background: true };
        let checked = server.check_session(by(&gateway(), request)).await.unwrap().into_inner();
        runtime::token::kid_of(&checked.actor_token).unwrap()
    };
    let known = async || {
        let keys = portal.server.list_signing_keys(by(&gateway(), ListSigningKeysRequest {})).await.unwrap();
        keys.into_inner().keys.into_iter().map(|k| k.kid).collect::<Vec<_>>()
    };
    let first = kid(&portal.server).await;
    portal.identity.rotate_signing_keys().await.unwrap();
    assert_eq!(known().await, std::slice::from_ref(&first), "nothing is due on the first day");

    portal.sql("update signing_key set active_from = now() - interval '23 hours 30 minutes'").await;
    portal.identity.rotate_signing_keys().await.unwrap();
    portal.identity.rotate_signing_keys().await.unwrap();
    let both = known().await;
    assert_eq!((both.len(), &both[1]), (2, &first));
    assert_eq!(kid(&portal.second_process()).await, first, "published, but not signing yet");

    portal.sql("update signing_key set active_from = now() - interval '5 minutes' where active_from > now()").await;
    portal.identity.rotate_signing_keys().await.unwrap();
    assert_eq!(kid(&portal.second_process()).await, both[0]);
    assert_eq!(known().await.len(), 2, "tokens of the former key may still be valid");
    portal.sql("update signing_key set active_from = active_from - interval '2 minutes'").await;
    portal.identity.rotate_signing_keys().await.unwrap();
    assert_eq!(known().await, both[..1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_stands_in_any_table() {
    let portal = Portal::new().await;
    let contact = portal.contact("emma@acme.test").await;
    let invitation = portal.invitation_token(contact).await;
    portal.accept(&invitation, PASSWORD).await.unwrap();
    let session = portal.login("emma@acme.test").await.session_token;
    portal.check(&session).await.unwrap();
    let dump = tables(&portal).await;
    let hex = |text: &str| text.bytes().map(|b| format!("{b:02x}")).collect::<String>();
    for secret in [invitation.as_str(), &session, PASSWORD, "$argon2id$", &session[5..]] {
        assert!(!dump.contains(secret) && !dump.contains(&hex(secret)), "{secret} is in the database");
    }
    assert!(dump.contains("emma@acme.test"), "the dump sees the tables");
}

/// Every row of every table of both schemas, as text.
async fn tables(portal: &Portal) -> String {
    let mut owner = portal.owner().await;
    let names: Vec<String> = sqlx::query_scalar(
        "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname in ('identity', 'identity_log')",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    let mut dump = String::new();
    for name in names {
        let rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select t::text from {name} t")))
            .fetch_all(&mut owner)
            .await
            .unwrap();
        dump.extend(rows);
    }
    dump
}
