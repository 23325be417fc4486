//! proves: A01, A06, A07

use crate::portal::{PASSWORD, Portal, WRONG, by, day, gateway, login_request, reason, refused, wrong_field};
use identity::Cost;
use kernel::{ActorKind, Channel, Code};
use proto::identity::v1::{identity_service_server::IdentityService, *};
use std::time::{Duration, Instant};
use tonic::Status;

/// Everything that a status carries.
fn whole(status: &Status) -> (tonic::Code, String, Vec<u8>) {
    (status.code(), status.message().to_owned(), status.details().to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_with_a_password_logs_in() {
    let portal = Portal::new().await;
    let contact = portal.active_contact("emma@acme.test").await;
    let login = portal.login(" Emma@ACME.test ").await;
    assert!(login.session_token.starts_with("pses_"));
    assert_eq!(login.session_token.len(), 5 + 43);
    let subject = login.subject.unwrap();
    assert_eq!((subject.id, subject.kind, subject.role.as_str()), (contact.to_string(), 1, ""));

    let recorded = portal.identity.log().read(login.position, 1).await.unwrap().remove(0);
    assert_eq!(
        (recorded.actor_id, recorded.actor_kind, recorded.channel),
        (contact, ActorKind::Contact, Channel::Portal)
    );
    assert_eq!(recorded.session.unwrap().to_string(), login.session_id);
    let event = portal.events::<LoggedIn>().await.remove(0);
    assert_eq!((event.network.as_str(), event.browser.as_str()), ("203.0.113.0/24", "Firefox"));
    assert!(portal.access(contact).await.last_login_micros > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_unknown_invited_disabled_and_locked_logins_get_the_same_answer() {
    let portal = Portal::new().await;
    for email in ["emma@acme.test", "nina@globex.test", "marco@acme.test", "early@acme.test", "late@acme.test"] {
        portal.active_contact(email).await;
    }
    portal.contact("invited@acme.test").await;
    let gone = portal.active_contact("gone@acme.test").await;
    portal.disable(gone).await;
    portal.guess("marco@acme.test", 5).await;
    portal.sql("update accounts_v1 set support_start = '2999-01-01', support_end = '2999-02-01' where login = 'early@acme.test'").await;
    portal.sql("update accounts_v1 set support_start = '1999-01-01', support_end = '1999-02-01' where login = 'late@acme.test'").await;

    let wrong = whole(&portal.try_portal("emma@acme.test", WRONG).await.unwrap_err());
    assert_eq!(
        runtime::error_of(portal.try_portal("emma@acme.test", WRONG).await.unwrap_err()).reason,
        "invalid_credentials"
    );
    for (login, password) in [
        ("nobody@acme.test", WRONG),
        ("nobody@acme.test", PASSWORD),
        ("invited@acme.test", PASSWORD),
        ("gone@acme.test", PASSWORD),
        ("gone@acme.test", WRONG),
        ("marco@acme.test", PASSWORD),
        ("marco@acme.test", WRONG),
        ("early@acme.test", WRONG),
        ("late@acme.test", WRONG),
        ("nobody\u{0}@acme.test", WRONG.trim_end()),
        (&"x".repeat(300), WRONG),
        ("nina@globex.test", &"x".repeat(600)),
    ] {
        let answer = portal.try_portal(login, password).await.map(|_| ()).unwrap_err();
        assert_eq!(whole(&answer), wrong, "{login}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_fields_are_named() {
    let portal = Portal::new().await;
    assert_eq!(wrong_field(portal.try_portal("emma@acme.test", "").await), ("password".into(), "required".into()));
    assert_eq!(wrong_field(portal.try_portal("  ", PASSWORD).await), ("login".into(), "required".into()));
    let nowhere = portal.try_login("emma@acme.test", PASSWORD, SubjectKind::Unspecified).await;
    assert_eq!(wrong_field(nowhere), ("surface".into(), "required".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn five_failures_lock_and_then_the_right_password_does_not_help() {
    let portal = Portal::new().await;
    let contact = portal.active_contact("emma@acme.test").await;
    portal.guess("emma@acme.test", 5).await;
    let locked = portal.try_portal("emma@acme.test", PASSWORD).await;
    assert_eq!(reason(locked), (Code::Unauthenticated, "invalid_credentials".into()));
    let verified = portal.identity.passwords_verified();
    portal.guess("emma@acme.test", 3).await;
    assert_eq!(portal.identity.passwords_verified(), verified, "nothing is verified while locked");

    let event = portal.settled::<Locked>(1).await.remove(0);
    assert_eq!((event.user_id, event.ladder_step, event.kind), (contact.to_string(), 1, 1));
    let failures: Vec<i32> = portal.events::<LoginFailed>().await.iter().map(|f| f.failures).collect();
    assert_eq!(failures, [1, 2, 3, 4, 5]);
    let access = portal.access(contact).await;
    assert!(access.locked);
    assert_eq!(access.locked_until_micros, event.locked_until_micros);

    portal.sql("update attempt set locked_until = now() - interval '1 second'").await;
    portal.login("emma@acme.test").await;
    assert!(!portal.access(contact).await.locked);
}

#[tokio::test(flavor = "multi_thread")]
async fn parallel_guesses_over_two_processes_cost_at_most_five_verifications_and_lock() {
    let portal = Portal::new().await;
    let contact = portal.active_contact("emma@acme.test").await;
    let second = portal.second_process();
    let before = portal.identity.passwords_verified();
    let guesses = (0..60).map(|n| {
        let server = if n % 2 == 0 { portal.server.clone() } else { second.clone() };
        tokio::spawn(async move {
            server
                .login(by(&gateway(), login_request("emma@acme.test", WRONG, SubjectKind::Contact)))
                .await
                .unwrap_err()
        })
    });
    for answer in futures::future::join_all(guesses).await {
        assert_eq!(runtime::error_of(answer.unwrap()).reason, "invalid_credentials");
    }
    let verified = portal.identity.passwords_verified() - before + second.0.passwords_verified();
    assert!((1..=5).contains(&verified), "{verified} verifications");
    assert!(portal.access(contact).await.locked);
    assert_eq!(reason(portal.try_portal("emma@acme.test", PASSWORD).await).1, "invalid_credentials");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_login_costs_a_verification_and_locks_like_a_known_one() {
    let portal = Portal::new().await;
    portal.guess("nobody@acme.test", 8).await;
    assert_eq!(portal.identity.passwords_verified(), 5);
    assert_eq!(portal.count("select count(*) from attempt where user_id is null and locked_until > now()").await, 1);
    assert!(portal.events::<LoginFailed>().await.is_empty(), "nothing about unknown logins goes to the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_success_forgets_earlier_failures() {
    let portal = Portal::new().await;
    let contact = portal.active_contact("emma@acme.test").await;
    for _ in 0..2 {
        portal.guess("emma@acme.test", 4).await;
        portal.login("emma@acme.test").await;
    }
    assert!(!portal.access(contact).await.locked);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_failures_are_forgotten() {
    let portal = Portal::new().await;
    portal.active_contact("emma@acme.test").await;
    portal.guess("emma@acme.test", 4).await;
    portal.sql("update attempt set last_at = now() - interval '13 hours'").await;
    portal.guess("emma@acme.test", 4).await;
    portal.login("emma@acme.test").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_lock_lasts_twice_as_long_and_guesses_while_locked_do_not_extend_it() {
    let portal = Portal::new().await;
    portal.active_contact("emma@acme.test").await;
    let minutes = "select round(extract(epoch from locked_until - locked_at) / 60)::bigint from attempt";
    portal.guess("emma@acme.test", 5).await;
    assert_eq!(portal.count(minutes).await, 15);
    let until = portal.count("select (extract(epoch from locked_until) * 1000000)::bigint from attempt").await;
    portal.guess("emma@acme.test", 3).await;
    assert_eq!(portal.count("select (extract(epoch from locked_until) * 1000000)::bigint from attempt").await, until);

    portal.sql("update attempt set locked_until = now() - interval '1 second'").await;
    portal.guess("emma@acme.test", 4).await;
    assert_eq!(portal.count("select count(*) from attempt where locked_until is not null").await, 0);
    portal.guess("emma@acme.test", 1).await;
    assert_eq!(portal.count(minutes).await, 30);

    // A day without failure begins the ladder anew.
    portal
        .sql("update attempt set locked_until = now() - interval '1 second', last_at = now() - interval '25 hours'")
        .await;
    portal.guess("emma@acme.test", 5).await;
    assert_eq!(portal.count(minutes).await, 15);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_hundred_failures_only_an_agent_unlocks() {
    let portal = Portal::new().await;
    let contact = portal.active_contact("emma@acme.test").await;
    portal.guess("emma@acme.test", 4).await;
    portal.sql("update attempt set consecutive = 99").await;
    portal.guess("emma@acme.test", 1).await;
    portal
        .sql("update attempt set locked_at = now() - interval '20 hours', last_at = now() - interval '20 hours'")
        .await;
    assert_eq!(reason(portal.try_portal("emma@acme.test", PASSWORD).await).1, "invalid_credentials");
    let access = portal.access(contact).await;
    assert_eq!((access.locked, access.locked_until_micros), (true, 0));
    assert_eq!(portal.settled::<Locked>(1).await[0].locked_until_micros, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_of_the_other_surface_is_unknown() {
    let portal = Portal::new().await;
    portal.active_agent("ada@desk.example", "agent").await;
    portal.active_contact("emma@acme.test").await;
    portal.try_login("ada@desk.example", PASSWORD, SubjectKind::Agent).await.unwrap();
    assert_eq!(reason(portal.try_portal("ada@desk.example", PASSWORD).await).1, "invalid_credentials");
    let console = portal.try_login("emma@acme.test", PASSWORD, SubjectKind::Agent).await;
    assert_eq!(reason(console).1, "invalid_credentials");
    // Guesses at the portal do not lock the agent out of the console.
    portal.guess("ada@desk.example", 6).await;
    portal.try_login("ada@desk.example", PASSWORD, SubjectKind::Agent).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn support_dates_are_told_only_after_the_right_password() {
    let portal = Portal::new().await;
    let contact = portal.active_contact("emma@acme.test").await;
    let dates = async |start: String, end: String| {
        let (contact_id, support_start, support_end) = (contact.to_string(), start, end);
        let request = ChangeSupportDatesRequest { contact_id, support_start, support_end };
        portal.server.change_support_dates(by(&crate::portal::agent("agent"), request)).await.unwrap();
    };
    dates(day(2), day(9)).await;
    let error = refused(portal.try_portal("emma@acme.test", PASSWORD).await);
    assert_eq!(
        (error.code, &*error.reason, &error.facts["date"]),
        (Code::Precondition, "support_not_started", &day(2))
    );
    dates(day(-9), day(-2)).await;
    for _ in 0..6 {
        // A right password is no failure, however often.
        let error = refused(portal.try_portal("emma@acme.test", PASSWORD).await);
        assert_eq!((error.code, &*error.reason, &error.facts["date"]), (Code::Precondition, "support_ended", &day(-2)));
    }
    assert_eq!(reason(portal.try_portal("emma@acme.test", WRONG).await).1, "invalid_credentials");
    // Both days are inclusive.
    dates(day(0), day(0)).await;
    portal.login("emma@acme.test").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_password_works_only_while_demo_data_is_loaded() {
    let portal = Portal::with(Cost::Test, true).await;
    let contact = portal.contact("emma@acme.test").await;
    let demo = "portico-demo-2026";
    let set = SetPasswordRequest { user_id: contact.to_string(), password: demo.into(), via: "demo".into() };
    portal.server.set_password(by(&kernel::Actor::service("demo"), set.clone())).await.unwrap();
    portal.try_portal("emma@acme.test", demo).await.unwrap();

    let later = portal.second_process();
    let request = || by(&gateway(), login_request("emma@acme.test", demo, SubjectKind::Contact));
    assert_eq!(reason(later.login(request()).await).1, "invalid_credentials");
    let again = later.set_password(by(&kernel::Actor::service("demo"), set)).await;
    assert_eq!(reason(again), (Code::Precondition, "demo_is_off".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn access_switched_off_during_a_login_leaves_no_session() {
    let portal = Portal::new().await;
    for n in 0..8 {
        let email = format!("emma{n}@acme.test");
        let contact = portal.active_contact(&email).await;
        let server = portal.server.clone();
        let login = tokio::spawn(async move {
            server.login(by(&gateway(), login_request(&email, PASSWORD, SubjectKind::Contact))).await
        });
        tokio::time::sleep(Duration::from_millis(n)).await;
        portal.disable(contact).await;
        let logged_in = login.await.unwrap();
        if let Ok(answer) = logged_in {
            let token = answer.into_inner().session_token;
            assert_eq!(reason(portal.check(&token).await).1, "session_invalid");
        }
    }
    assert_eq!(portal.count("select count(*) from session").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_login_takes_as_long_as_a_wrong_one() {
    let portal = Portal::with(Cost::Production, false).await;
    portal.active_contact("emma@acme.test").await;
    let (mut wrong, mut unknown, mut locked) = (Vec::new(), Vec::new(), Vec::new());
    let timed = async |login: &str| {
        let started = Instant::now();
        portal.guess(login, 1).await;
        started.elapsed()
    };
    portal.guess("marco@acme.test", 5).await;
    for n in 0..12 {
        wrong.push(timed("emma@acme.test").await);
        portal.sql("update attempt set failures = 0 where user_id is not null").await;
        unknown.push(timed(&format!("nobody{n}@acme.test")).await);
        locked.push(timed("marco@acme.test").await);
    }
    let median = |times: &mut Vec<Duration>| {
        times.sort();
        times[times.len() / 2]
    };
    let (wrong, unknown, locked) = (median(&mut wrong), median(&mut unknown), median(&mut locked));
    for (class, time) in [("unknown", unknown), ("locked", locked)] {
        assert!(time * 10 >= wrong * 6 && wrong * 10 >= time * 6, "{class} {time:?}, wrong {wrong:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guess_that_was_cancelled_before_it_was_looked_at_does_not_count() {
    let portal = Portal::with(Cost::Production, false).await;
    portal.active_contact("emma@acme.test").await;
    let spawn = |login: String| {
        let server = portal.server.clone();
        tokio::spawn(
            async move { server.login(by(&gateway(), login_request(&login, WRONG, SubjectKind::Contact))).await },
        )
    };
    // These keep the hashing threads busy for a while.
    let busy: Vec<_> = (0..10).map(|n| spawn(format!("nobody{n}@acme.test"))).collect();
    let counted = "select count(*) from attempt where user_id is null";
    kit::until("ten attempts", async || portal.count(counted).await >= 10).await.unwrap();
    let cancelled = spawn("emma@acme.test".into());
    let failures = "select coalesce(max(failures), 0)::bigint from attempt where user_id is not null";
    kit::until("the attempt to be counted", async || portal.count(failures).await > 0).await.unwrap();
    cancelled.abort();
    for login in busy {
        assert_eq!(reason(login.await.unwrap()).1, "invalid_credentials");
    }
    kit::until("the attempt to be given back", async || portal.count(failures).await == 0).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn logins_beyond_the_queue_are_sent_away_and_not_counted() {
    let portal = Portal::with(Cost::Production, false).await;
    let storm = (0..700).map(|n| {
        let server = portal.server.clone();
        let request = login_request(&format!("nobody{n}@acme.test"), WRONG, SubjectKind::Contact);
        tokio::spawn(async move { refused(server.login(by(&gateway(), request)).await) })
    });
    let (mut failed, mut sent_away) = (0, 0);
    for answer in futures::future::join_all(storm).await {
        let error = answer.unwrap();
        match &*error.reason {
            "invalid_credentials" => failed += 1,
            "too_many_logins" => {
                assert_eq!((error.code, &*error.facts["retry_after_seconds"]), (Code::Unavailable, "2"));
                sent_away += 1;
            }
            other => panic!("{other}: {error}"),
        }
    }
    assert!(failed > 0 && sent_away > 0, "{failed} failed, {sent_away} sent away");
    assert_eq!(portal.count("select count(*) from attempt").await, failed);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_services_may_ask_for_strangers() {
    let portal = Portal::new().await;
    let request = login_request("emma@acme.test", PASSWORD, SubjectKind::Contact);
    let by_agent = portal.server.login(by(&crate::portal::agent("administrator"), request.clone())).await;
    assert_eq!(reason(by_agent).0, Code::Forbidden);
    let nobody = portal.server.login(tonic::Request::new(request)).await.unwrap_err();
    assert_eq!(nobody.code(), tonic::Code::Unauthenticated);
}
