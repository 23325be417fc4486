//! Guessing passwords: locks, and ways around them.

use crate::{
    NO_LIMITS, WRONG, at, attempt, portal, status,
    support::{company_and_contact, contact_of, dates, items, link_of, portal_user, somebody, token_of},
};
use anyhow::{Context, Result, ensure};
use futures::future::join_all;
use kit::{Browser, PASSWORD, Portal, eventually};
use serde_json::{Value, json};

/// The entry of a user on the page of locked users.
async fn locked(admin: &mut Browser, login: &str) -> Result<Value> {
    let list = admin.get("/admin/locked-users").await?.expect(200)?.json();
    items(&list).into_iter().find(|u| u["login"] == login).context("not locked")
}

/// proves: A06, A24
#[tokio::test(flavor = "multi_thread")]
async fn every_failure_before_the_password_is_proved_answers_the_same() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let (company, emma) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    portal_user(&portal, &mut admin, &emma, "emma@acme.test").await?;
    let mut others = Vec::new();
    for (n, name) in ["suspended", "disabled", "late"].into_iter().enumerate() {
        let email = format!("{name}@acme.test");
        let contact = contact_of(&mut admin, &company, &email).await?;
        portal_user(&portal, &mut admin, &contact, &email).await?;
        others.push((n, contact));
    }
    let path = |contact: &str| format!("/admin/contacts/{contact}/portal-access");
    admin.post(&format!("{}/suspend", path(&others[0].1)), json!({"note": "unpaid"})).await?.expect(200)?;
    admin.call("DELETE", &path(&others[1].1), None).await?.expect(200)?;
    let over = json!({"support_start": "2020-01-01", "support_end": "2020-12-31"});
    admin.call("PATCH", &path(&others[2].1), Some(over)).await?.expect(200)?;

    let unknown = attempt(&at(&portal, 2), "nobody@acme.test", WRONG).await?;
    assert_eq!(unknown.0, 401);
    assert!(unknown.1.contains("invalid_credentials"), "{}", unknown.1);
    for login in ["emma@acme.test", "suspended@acme.test", "disabled@acme.test", "late@acme.test"] {
        assert_eq!(attempt(&at(&portal, 3), login, WRONG).await?, unknown, "{login} with a wrong password");
    }
    for login in ["suspended@acme.test", "disabled@acme.test"] {
        assert_eq!(attempt(&at(&portal, 4), login, PASSWORD).await?, unknown, "{login} with the right password");
    }
    // Only who knows the password is told of dates.
    assert_eq!(status(&at(&portal, 4), "late@acme.test", PASSWORD).await?, 403);
    admin.post(&format!("{}/resume", path(&others[0].1)), json!({})).await?.expect(200)?;
    assert_eq!(status(&at(&portal, 4), "suspended@acme.test", PASSWORD).await?, 200, "credentials were kept");
    portal.stop().await
}

/// proves: A07
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_guesses_at_once_on_two_gateways_count_as_five_and_success_starts_anew() -> Result<()> {
    let mut portal = portal(&NO_LIMITS).await?;
    let second = portal.another_gateway().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let (_, emma) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    portal_user(&portal, &mut admin, &emma, "emma@acme.test").await?;

    for round in 0..2 {
        for _ in 0..4 {
            assert_eq!(status(&at(&portal, 2), "emma@acme.test", WRONG).await?, 401);
        }
        assert_eq!(status(&at(&portal, 2), "emma@acme.test", PASSWORD).await?, 200, "round {round}");
    }

    let guesses = (0..100_u8).map(|n| {
        let browser = at(&portal, 2 + n % 20);
        let browser = if n % 2 == 0 { browser } else { browser.at(&second) };
        async move { status(&browser, "emma@acme.test", &format!("guess number {n} of many")).await }
    });
    for answer in join_all(guesses).await {
        // A full queue of hashes answers 503 and counts nothing.
        assert!(matches!(answer?, 401 | 503));
    }
    assert_eq!(status(&at(&portal, 2), "emma@acme.test", PASSWORD).await?, 401, "locked, whoever asks");
    let entry = locked(&mut admin, "emma@acme.test").await?;
    assert_eq!(entry["failures"], 5, "{entry}");
    portal.stop().await
}

/// proves: A07
#[tokio::test(flavor = "multi_thread")]
async fn the_second_lock_lasts_twice_as_long_and_asking_does_not_prolong_it() -> Result<()> {
    let settings: Vec<_> = NO_LIMITS.into_iter().chain([("PORTICO_LOCK_SECONDS", "3")]).collect();
    let portal = portal(&settings).await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let (_, emma) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    portal_user(&portal, &mut admin, &emma, "emma@acme.test").await?;
    let seconds = |entry: &Value| -> Result<i64> {
        let at = |name: &str| -> Result<jiff::Timestamp> { Ok(entry[name].as_str().context("a time")?.parse()?) };
        Ok((at("locked_until")?.as_millisecond() - at("since")?.as_millisecond() + 500) / 1000)
    };
    for expected in [3, 6] {
        for _ in 0..5 {
            assert_eq!(status(&at(&portal, 2), "emma@acme.test", WRONG).await?, 401);
        }
        let first = locked(&mut admin, "emma@acme.test").await?;
        assert_eq!(seconds(&first)?, expected, "{first}");
        assert_eq!(status(&at(&portal, 3), "emma@acme.test", PASSWORD).await?, 401);
        let asked = locked(&mut admin, "emma@acme.test").await?;
        assert_eq!(asked["locked_until"], first["locked_until"], "a request while locked prolongs nothing");
        eventually("the lock to run out", async || {
            ensure!(status(&at(&portal, 4), "emma@acme.test", PASSWORD).await? == 200);
            Ok(())
        })
        .await?;
    }
    portal.stop().await
}

/// proves: A07
#[tokio::test(flavor = "multi_thread")]
async fn who_signed_in_here_before_is_not_locked_out_by_a_stranger() -> Result<()> {
    let portal = Portal::start().await?;
    let (emma, _) = somebody(&portal, "emma@acme.test").await?;
    let mut emma = emma;
    emma.post("/auth/logout", json!({})).await?.expect(204)?;
    assert!(emma.cookies().keys().any(|name| name.contains("portico_device")), "{:?}", emma.cookies());
    for _ in 0..5 {
        assert_eq!(status(&at(&portal, 9), "emma@acme.test", WRONG).await?, 401);
    }
    assert_eq!(status(&at(&portal, 3), "emma@acme.test", PASSWORD).await?, 401, "locked for everybody else");
    // The browser has a budget of its own, and it is five too.
    assert_eq!(status(&emma, "emma@acme.test", PASSWORD).await?, 200);
    for _ in 0..5 {
        assert_eq!(status(&emma, "emma@acme.test", WRONG).await?, 401);
    }
    assert_eq!(status(&emma, "emma@acme.test", PASSWORD).await?, 401);
    // What it kept is worth nothing for another login, or changed.
    let (nina, _) = somebody(&portal, "nina@globex.test").await?;
    let mut thief = at(&portal, 5);
    for (name, value) in nina.cookies().iter().filter(|(name, _)| name.contains("portico_device")) {
        thief.set_cookie(name, value);
    }
    assert_eq!(status(&thief, "emma@acme.test", PASSWORD).await?, 401);
    portal.stop().await
}

/// proves: A08, A12
#[tokio::test(flavor = "multi_thread")]
async fn a_locked_user_gets_in_again_by_a_link_or_by_an_agent_who_may_trust_the_place() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let (_, emma) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    portal_user(&portal, &mut admin, &emma, "emma@acme.test").await?;
    let lock = async || -> Result<()> {
        for _ in 0..5 {
            assert_eq!(status(&at(&portal, 9), "emma@acme.test", WRONG).await?, 401);
        }
        assert_eq!(status(&at(&portal, 2), "emma@acme.test", PASSWORD).await?, 401);
        Ok(())
    };
    lock().await?;
    let mut agent = portal.agent("agent@test.test", "agent").await?;
    let body = json!({"user_ids": [emma], "note": "called in", "trust": true});
    agent.post("/admin/locked-users/unlock", body.clone()).await?.expect(403)?;
    admin.post("/admin/locked-users/unlock", body).await?.expect(200)?;
    assert_eq!(status(&at(&portal, 2), "emma@acme.test", PASSWORD).await?, 200);
    // From the trusted network more failures are needed to lock; the source's own limits still hold.
    for _ in 0..8 {
        assert_eq!(status(&at(&portal, 9), "emma@acme.test", WRONG).await?, 401);
    }
    assert_eq!(status(&at(&portal, 9), "emma@acme.test", PASSWORD).await?, 200);
    let trusts = admin.get("/admin/trusts").await?.expect(200)?.json();
    let trust = items(&trusts).into_iter().find(|t| t["login"] == "emma@acme.test").context("a trust")?;
    assert_eq!(trust["network"], "127.0.0.0/24");
    let id = trust["id"].as_str().or(trust["trust_id"].as_str()).context("an id")?.to_owned();
    admin.call("DELETE", &format!("/admin/trusts/{id}"), None).await?.expect(204)?;
    assert!(items(&admin.get("/admin/trusts").await?.json()).is_empty());
    lock().await?;

    portal.mail.clear().await?;
    portal.browser().post("/auth/password/forgot", json!({"login": "emma@acme.test"})).await?.expect(202)?;
    let mail = portal.mail_to("emma@acme.test", "Choose a new password").await?;
    let token = token_of(&link_of(&mail.text).context("a link")?);
    let better = "seven quiet lamps under water";
    let reset = json!({"token": token, "new_password": better});
    let answer = portal.browser().post("/auth/password/reset", reset).await?.expect(204)?;
    assert!(answer.headers.get("set-cookie").is_none_or(|c| !c.to_str().unwrap_or("").contains("pses_")), "no session");
    assert_eq!(status(&at(&portal, 2), "emma@acme.test", better).await?, 200);
    let other = dates();
    admin.call("PATCH", &format!("/admin/contacts/{emma}/portal-access"), Some(other)).await?.expect(200)?;
    portal.stop().await
}
