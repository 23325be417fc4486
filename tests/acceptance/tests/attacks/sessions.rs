//! Sessions: fixing, keeping, outliving them.

use crate::{
    NO_LIMITS, portal,
    support::{company_and_contact, dates, login, portal_user, set_up_app, somebody},
    totp,
};
use anyhow::{Context, Result, ensure};
use kit::{Browser, PASSWORD, Portal, eventually};
use serde_json::json;
use std::time::{Duration, Instant};

/// A revoked session is dead within this, whatever happens to the bus.
const BOUND: Duration = Duration::from_secs(5);

fn token(browser: &Browser) -> String {
    browser
        .cookies()
        .iter()
        .find(|(name, _)| name.ends_with("portico_session"))
        .map_or_else(String::new, |(_, v)| v.clone())
}

/// The same browser as it was: with an older token.
fn with_token(browser: &Browser, token: &str) -> Browser {
    let mut browser = browser.clone();
    browser.set_cookie("portico_session", token);
    browser
}

async fn is_dead(browser: &Browser) -> Result<bool> {
    Ok(browser.clone().get("/auth/session").await?.status.as_u16() == 401)
}

/// How long a session lives on after something ended it.
async fn lives_on(browser: &Browser) -> Result<Duration> {
    let began = Instant::now();
    eventually("the session to be dead", async || {
        ensure!(is_dead(browser).await?, "alive after {:?}", began.elapsed());
        Ok(())
    })
    .await?;
    Ok(began.elapsed())
}

/// proves: A09, A14
#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_never_kept_over_a_proof_and_none_can_be_given_in_advance() -> Result<()> {
    let portal = Portal::start().await?;
    let (mut emma, _) = somebody(&portal, "emma@acme.test").await?;
    // Fixation: what the browser had before the login is worth nothing after it.
    let planted = format!("pses_{}", "A".repeat(43));
    let mut victim = with_token(&portal.browser(), &planted);
    victim.sign_in("emma@acme.test", PASSWORD).await?;
    ensure!(token(&victim) != planted && is_dead(&with_token(&victim, &planted)).await?);

    let before = token(&emma);
    ensure!(before.starts_with("pses_") && before.len() == 48, "{before}");
    emma.post("/auth/step-up", json!({"password": PASSWORD})).await?.expect(200)?;
    ensure!(token(&emma) != before && is_dead(&with_token(&emma, &before)).await?, "a step-up makes a new token");
    emma.refresh_csrf().await?;

    let before = token(&emma);
    let (secret, _) = set_up_app(&mut emma).await?;
    ensure!(token(&emma) != before && is_dead(&with_token(&emma, &before)).await?, "so does a new factor");

    let (mut waiting, state) = login(&portal, "emma@acme.test", PASSWORD).await?;
    assert_eq!(state["status"], "mfa_required");
    let before = token(&waiting);
    waiting.post("/auth/mfa/verify", json!({"code": totp::code(&secret, 0)})).await?.expect(200)?;
    ensure!(token(&waiting) != before && is_dead(&with_token(&waiting, &before)).await?, "so does the second step");
    portal.stop().await
}

/// proves: A15, A16
#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ended_at_one_gateway_is_dead_at_the_other_within_the_bounds() -> Result<()> {
    let mut portal = portal(&NO_LIMITS).await?;
    let second = portal.another_gateway().await?;
    somebody(&portal, "emma@acme.test").await?;
    let mut slow = Vec::new();
    for _ in 0..40 {
        let (mut emma, _) = login(&portal, "emma@acme.test", PASSWORD).await?;
        let elsewhere = emma.clone().at(&second);
        elsewhere.clone().get("/auth/session").await?.expect(200)?;
        let stale = emma.clone();
        emma.post("/auth/logout", json!({})).await?.expect(204)?;
        ensure!(is_dead(&stale).await?, "at once where it ended");
        slow.push(lives_on(&elsewhere).await?);
    }
    slow.sort();
    assert!(slow[38] <= Duration::from_secs(1), "{slow:?}");
    assert!(slow[39] <= BOUND, "{slow:?}");

    // Without the bus the hard bound holds.
    let (mut emma, _) = login(&portal, "emma@acme.test", PASSWORD).await?;
    let elsewhere = emma.clone().at(&second);
    portal.nats.kill().await;
    elsewhere.clone().get("/auth/session").await?.expect(200)?;
    emma.post("/auth/logout", json!({})).await?.expect(204)?;
    let lived = lives_on(&elsewhere).await?;
    assert!(lived <= BOUND + Duration::from_millis(500), "{lived:?}");
    portal.nats.start_again().await?;
    portal.stop().await
}

/// proves: A01, A16, A24
#[tokio::test(flavor = "multi_thread")]
async fn what_an_agent_takes_away_ends_live_sessions_everywhere() -> Result<()> {
    let mut portal = portal(&NO_LIMITS).await?;
    let second = portal.another_gateway().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let (_, contact) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    portal_user(&portal, &mut admin, &contact, "emma@acme.test").await?;
    let path = format!("/admin/contacts/{contact}/portal-access");
    let live = async || -> Result<Browser> {
        let (emma, _) = login(&portal, "emma@acme.test", PASSWORD).await?;
        let emma = emma.at(&second);
        emma.clone().get("/auth/session").await?.expect(200)?;
        Ok(emma)
    };

    let emma = live().await?;
    admin.post(&format!("{path}/suspend"), json!({"note": ""})).await?.expect(200)?;
    assert!(lives_on(&emma).await? <= BOUND);
    admin.post(&format!("{path}/resume"), json!({})).await?.expect(200)?;

    let emma = live().await?;
    let over = json!({"support_start": "2020-01-01", "support_end": "2020-12-31"});
    admin.call("PATCH", &path, Some(over)).await?.expect(200)?;
    assert!(lives_on(&emma).await? <= BOUND);
    admin.call("PATCH", &path, Some(dates())).await?.expect(200)?;

    let emma = live().await?;
    crate::support::require_mfa(&portal, &contact).await?;
    assert!(lives_on(&emma).await? <= BOUND, "it was begun without the factor that is required now");
    portal.stop().await
}

/// proves: A16
#[tokio::test(flavor = "multi_thread")]
async fn the_eleventh_session_ends_the_oldest() -> Result<()> {
    let portal = portal(&NO_LIMITS).await?;
    let (first, _) = somebody(&portal, "emma@acme.test").await?;
    let mut later = Vec::new();
    for _ in 0..10 {
        later.push(login(&portal, "emma@acme.test", PASSWORD).await?.0);
    }
    eventually("the oldest to end", async || {
        ensure!(is_dead(&first).await?);
        Ok(())
    })
    .await?;
    let last = later.last_mut().context("a session")?;
    let list = last.get("/auth/sessions").await?.expect(200)?.json();
    assert_eq!(crate::support::items(&list).len(), 10);
    portal.stop().await
}

/// proves: A15
#[tokio::test(flavor = "multi_thread")]
async fn cookies_are_hidden_bound_to_the_host_and_secure_where_the_portal_is() -> Result<()> {
    let portal = portal(&[("PORTICO_PORTAL_URL", "https://portal.example")]).await?;
    portal.make_agent("agent@test.test", "agent").await?;
    let mut browser = portal.browser().console();
    let body = json!({"login": "agent@test.test", "password": PASSWORD});
    let answer = browser.post("/auth/login", body).await?.expect(200)?;
    let cookies: Vec<&str> = answer.headers.get_all("set-cookie").iter().filter_map(|c| c.to_str().ok()).collect();
    let session = cookies.iter().find(|c| c.starts_with("__Host-portico_console=pses_")).context("a session cookie")?;
    for part in ["; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
        assert!(session.contains(part), "{session}");
    }
    assert!(cookies.iter().all(|c| !c.contains("Domain")), "{cookies:?}");
    assert!(
        cookies.iter().any(|c| c.starts_with("__Host-portico_device=pdev_") && c.contains("HttpOnly")),
        "{cookies:?}"
    );
    assert!(!answer.text().contains("pses_"), "no token in a body");
    portal.stop().await
}
