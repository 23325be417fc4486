//! One's own account: sessions, passwords, how long a session lasts.

use crate::support::{items, let_proofs_age, login, somebody};
use anyhow::{Context, Result};
use kit::{PASSWORD, Portal, eventually};
use serde_json::json;

const BETTER: &str = "seven quiet lamps under water";

/// proves: A16
#[tokio::test(flavor = "multi_thread")]
async fn people_see_their_sessions_and_end_any_of_them() -> Result<()> {
    let portal = Portal::start().await?;
    let (mut emma, _) = somebody(&portal, "emma@acme.test").await?;
    let (mut second, _) = login(&portal, "emma@acme.test", PASSWORD).await?;
    let (mut third, _) = login(&portal, "emma@acme.test", PASSWORD).await?;
    let (mut nina, _) = somebody(&portal, "nina@globex.test").await?;

    let sessions = items(&emma.get("/auth/sessions").await?.expect(200)?.json());
    assert!(sessions.len() >= 3, "{sessions:?}");
    assert_eq!(sessions.iter().filter(|s| s["current"] == true).count(), 1);
    assert!(sessions.iter().all(|s| s["network"].as_str().is_some_and(|n| n.starts_with("127.0.0."))));
    let of_second = items(&second.get("/auth/sessions").await?.expect(200)?.json());
    let id = of_second.iter().find(|s| s["current"] == true).and_then(|s| s["id"].as_str()).context("its own")?;

    let foreign = nina.call("DELETE", &format!("/auth/sessions/{id}"), None).await?.expect(404)?;
    let random = nina.call("DELETE", &format!("/auth/sessions/{}", kernel::new_id()), None).await?.expect(404)?;
    assert_eq!(foreign.code(), random.code());
    let_proofs_age(&portal).await?;
    let stale = emma.call("DELETE", &format!("/auth/sessions/{id}"), None).await?.expect(403)?;
    assert_eq!(stale.code(), "step_up_required");
    emma.post("/auth/step-up", json!({"password": "wrong wrong wrong wrong"})).await?;
    emma.post("/auth/step-up", json!({"password": PASSWORD})).await?.expect(200)?;
    emma.refresh_csrf().await?;
    emma.call("DELETE", &format!("/auth/sessions/{id}"), None).await?.expect(204)?;
    eventually("the session to end", async || second.get("/auth/session").await?.expect(401).map(drop)).await?;
    third.get("/auth/session").await?.expect(200)?;

    let page = emma.page("/account/security").await?.expect(200)?;
    let done = emma.submit(&page, "/account/sessions/end-others", &[]).await?.expect(303)?;
    assert_eq!(done.header("location"), "/account/security");
    eventually("the last other to end", async || third.get("/auth/session").await?.expect(401).map(drop)).await?;
    emma.get("/auth/session").await?.expect(200)?;
    portal.stop().await
}

/// proves: A14
#[tokio::test(flavor = "multi_thread")]
async fn a_changed_password_ends_the_other_sessions_and_the_old_token() -> Result<()> {
    let portal = Portal::start().await?;
    let (mut emma, _) = somebody(&portal, "emma@acme.test").await?;
    let (mut other, _) = login(&portal, "emma@acme.test", PASSWORD).await?;
    let page = emma.page("/change-password").await?.expect(200)?;
    let fields = |current: &'static str, new: &'static str, again: &'static str| {
        [("current_password", current), ("new_password", new), ("repeat_password", again)]
    };
    let wrong = emma.submit(&page, "/change-password", &fields("wrong", BETTER, BETTER)).await?.expect(422)?;
    assert!(wrong.text().contains("id=\"current-password-error\""), "{}", wrong.text());
    let differ = emma.submit(&wrong, "/change-password", &fields(PASSWORD, BETTER, "else")).await?.expect(422)?;
    assert!(differ.text().contains("id=\"repeat-password-error\""));
    let common = emma.submit(&differ, "/change-password", &fields(PASSWORD, "short", "short")).await?.expect(422)?;
    assert!(common.text().contains("id=\"new-password-error\""));
    let before = emma.cookies()["portico_session"].clone();
    let done = emma.submit(&common, "/change-password", &fields(PASSWORD, BETTER, BETTER)).await?.expect(303)?;
    assert_eq!(done.header("location"), "/account/security");
    assert_ne!(emma.cookies()["portico_session"], before);
    emma.follow(done).await?.expect(200)?;
    eventually("the other to end", async || other.get("/auth/session").await?.expect(401).map(drop)).await?;
    let (_, state) = login(&portal, "emma@acme.test", BETTER).await?;
    assert_eq!(state["status"], "authenticated");
    portal.stop().await
}

/// proves: A15
#[tokio::test(flavor = "multi_thread")]
async fn a_page_in_the_background_keeps_no_session_alive_and_staying_does() -> Result<()> {
    let portal = Portal::start().await?;
    let (mut emma, _) = somebody(&portal, "emma@acme.test").await?;
    let pool = portal.database.pool("identity")?;
    let age = async || -> Result<()> {
        sqlx::query("update session set last_seen_at = last_seen_at - interval '25 minutes' where kind = 1")
            .execute(&pool)
            .await?;
        Ok(())
    };
    let background = [("x-portal-background", "1"), ("accept", "application/json")];
    let left = async |emma: &mut kit::Browser| -> Result<i64> {
        let answer = emma.send("GET".parse()?, "/session/state", &background, Vec::new()).await?.expect(200)?;
        answer.json()["seconds"].as_i64().context("seconds")
    };
    age().await?;
    // What is known of the session is at most five seconds old.
    eventually("the session to look old", async || {
        let seconds = left(&mut emma).await?;
        anyhow::ensure!(seconds < 600, "{seconds}");
        Ok(())
    })
    .await?;
    let page = emma.page("/account/security").await?.expect(200)?;
    assert!(page.text().contains("data-session-seconds=") && page.text().contains("id=\"session-dialog\""));
    age().await?;
    let kept = emma.submit(&page, "/session/extend", &[]).await?.expect(303)?;
    assert_eq!(kept.header("location"), "/");
    let seconds = left(&mut emma).await?;
    assert!(seconds > 1_700, "{seconds}");
    for _ in 0..2 {
        age().await?;
    }
    eventually("the session to end", async || {
        let answer = emma.send("GET".parse()?, "/session/state", &background, Vec::new()).await?;
        answer.expect(401).map(drop)
    })
    .await?;
    let page = emma.page("/modules/tickets").await?.expect(303)?;
    assert_eq!(page.header("location"), "/sign-in?next=%2Fmodules%2Ftickets");
    portal.stop().await
}
