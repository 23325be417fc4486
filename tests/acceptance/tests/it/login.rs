//! Signing in, locks and invitations.

use crate::support::{company_and_contact, dates, items, link_of, portal_user, token_of};
use anyhow::{Context, Result};
use kit::{PASSWORD, Portal};
use serde_json::json;

async fn attempt(portal: &Portal, login: &str, password: &str) -> Result<(u16, String)> {
    let answer = portal.browser().post("/auth/login", json!({"login": login, "password": password})).await?;
    let mut body = answer.json();
    if let Some(problem) = body.as_object_mut() {
        problem.remove("trace_id");
    }
    Ok((answer.status.as_u16(), body.to_string()))
}

/// proves: A06, A07, A08
#[tokio::test(flavor = "multi_thread")]
async fn five_failures_lock_and_a_locked_user_looks_like_a_wrong_password() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let (_, contact) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    portal_user(&portal, &mut admin, &contact, "emma@acme.test").await?;

    let unknown = attempt(&portal, "nobody@acme.test", "wrong wrong wrong wrong").await?;
    assert_eq!(unknown.0, 401);
    for _ in 0..5 {
        assert_eq!(attempt(&portal, "emma@acme.test", "wrong wrong wrong wrong").await?, unknown);
    }
    assert_eq!(attempt(&portal, "emma@acme.test", PASSWORD).await?, unknown, "locked looks the same");
    // An agent's account is no account of the portal, and the other way round.
    assert_eq!(attempt(&portal, "admin@test.test", PASSWORD).await?, unknown);

    let locked = admin.get("/admin/locked-users").await?.expect(200)?.json();
    let emma = items(&locked).into_iter().find(|u| u["login"] == "emma@acme.test").context("emma is locked")?;
    assert_eq!((&emma["failures"], &emma["kind"]), (&json!(5), &json!("contact")));
    assert!(emma["networks"].as_array().is_some_and(|n| !n.is_empty()), "{emma}");
    let viewer = &mut portal.agent("viewer@test.test", "viewer").await?;
    viewer.post("/admin/locked-users/unlock", json!({"user_ids": [emma["user_id"]]})).await?.expect(403)?;
    let body = json!({"user_ids": [emma["user_id"]], "note": "called in"});
    let unlocked = admin.post("/admin/locked-users/unlock", body).await?.expect(200)?.json();
    assert_eq!(unlocked["unlocked"], json!([emma["user_id"]]));
    assert_eq!(attempt(&portal, "emma@acme.test", PASSWORD).await?.0, 200);
    assert!(items(&admin.get("/admin/locked-users").await?.json()).is_empty());
    portal.stop().await
}

/// proves: A01, A02
#[tokio::test(flavor = "multi_thread")]
async fn support_dates_decide_and_are_told_only_to_who_knows_the_password() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let (_, contact) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    portal_user(&portal, &mut admin, &contact, "emma@acme.test").await?;
    let path = format!("/admin/contacts/{contact}/portal-access");

    let ended = json!({"support_start": "2020-01-01", "support_end": "2020-12-31"});
    admin.call("PATCH", &path, Some(ended)).await?.expect(200)?;
    let (status, body) = attempt(&portal, "emma@acme.test", PASSWORD).await?;
    assert_eq!(status, 403, "{body}");
    assert!(body.contains("support_ended") && body.contains("2020-12-31"), "{body}");
    assert_eq!(attempt(&portal, "emma@acme.test", "wrong wrong wrong wrong").await?.0, 401);

    let later = json!({"support_start": "2090-01-01", "support_end": "2099-12-31"});
    admin.call("PATCH", &path, Some(later)).await?.expect(200)?;
    let (status, body) = attempt(&portal, "emma@acme.test", PASSWORD).await?;
    assert_eq!(status, 403, "{body}");
    assert!(body.contains("support_not_started") && body.contains("2090-01-01"), "{body}");

    let wrong = json!({"support_start": "2026-02-02", "support_end": "2026-02-01"});
    let refused = admin.call("PATCH", &path, Some(wrong)).await?.expect(422)?;
    assert_eq!(refused.field_errors(), [("support_end".into(), "before_start".into())]);
    portal.stop().await
}

/// proves: A02
#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_works_once_and_a_newer_one_ends_it() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let (_, contact) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    let path = format!("/admin/contacts/{contact}/portal-access");
    let enabled = admin.post(&path, dates()).await?.expect(200)?.json();
    assert_eq!((&enabled["invitation_sent"], &enabled["state"]), (&json!(true), &json!("invited")));
    let first = portal.mail_to("emma@acme.test", "").await?;
    let first = token_of(&link_of(&first.text).context("a link")?);

    portal.mail.clear().await?;
    admin.post(&format!("{path}/invitation"), json!({})).await?.expect(200)?;
    let second = portal.mail_to("emma@acme.test", "").await?;
    let second = token_of(&link_of(&second.text).context("a link")?);
    assert_ne!(first, second);

    let accept = async |token: &str, password: &str| {
        portal.browser().post("/auth/invitations/accept", json!({"token": token, "new_password": password})).await
    };
    let old = accept(&first, PASSWORD).await?;
    assert!(old.status.is_client_error(), "{}", old.text());
    let short = accept(&second, "short").await?.expect(422)?;
    assert!(short.field_errors().iter().any(|(f, _)| f == "password" || f == "new_password"), "{}", short.text());
    accept(&second, PASSWORD).await?.expect(204)?;
    let used = accept(&second, PASSWORD).await?;
    assert!(used.status.is_client_error(), "{}", used.text());
    let access = admin.get(&path).await?.expect(200)?.json();
    assert_eq!(access["state"], "active");
    portal.stop().await
}

/// proves: A02
#[tokio::test(flavor = "multi_thread")]
async fn access_without_an_address_is_refused_and_with_a_past_end_nothing_is_sent() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let contact = crate::support::create(&mut admin, "contacts", json!({"last_name": "Nomail"})).await?;
    let path = format!("/admin/contacts/{}/portal-access", crate::support::id(&contact));
    let refused = admin.post(&path, dates()).await?.expect(422)?;
    assert!(refused.field_errors().iter().any(|(f, _)| f == "email"), "{}", refused.text());

    let (_, contact) = company_and_contact(&mut admin, "Acme", "late@acme.test").await?;
    let past = json!({"support_start": "2020-01-01", "support_end": "2020-12-31"});
    let answer = admin.post(&format!("/admin/contacts/{contact}/portal-access"), past).await?.expect(200)?.json();
    assert_eq!((&answer["invitation_sent"], &answer["not_sent_reason"]), (&json!(false), &json!("support_ended")));
    portal.settle().await?;
    assert!(portal.mail.messages().await?.iter().all(|m| !m.to.iter().any(|t| t.contains("late@acme.test"))));
    portal.stop().await
}

/// proves: A06
#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_with_logout_and_with_the_access() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let (_, contact) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    let mut emma = portal_user(&portal, &mut admin, &contact, "emma@acme.test").await?;
    let mut other = portal.browser();
    other.sign_in("emma@acme.test", PASSWORD).await?;
    emma.post("/auth/logout", json!({})).await?.expect(204)?;
    emma.get("/auth/session").await?.expect(401)?;
    other.get("/auth/session").await?.expect(200)?;
    admin.call("DELETE", &format!("/admin/contacts/{contact}/portal-access"), None).await?.expect(200)?;
    kit::eventually("the session to end", async || other.clone().get("/auth/session").await?.expect(401)).await?;
    assert_eq!(attempt(&portal, "emma@acme.test", PASSWORD).await?.0, 401);
    portal.stop().await
}
