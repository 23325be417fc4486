//! Second factors: set up, used, lost, removed.

use crate::{
    support::{let_proofs_age, login, require_mfa, set_up_app, somebody},
    totp::{code, room},
};
use anyhow::{Context, Result};
use kit::{PASSWORD, Portal, eventually};
use serde_json::json;

/// proves: A09, A10
#[tokio::test(flavor = "multi_thread")]
async fn whoever_must_have_a_second_factor_sets_it_up_before_anything_else() -> Result<()> {
    let portal = Portal::start().await?;
    let (mut before, contact) = somebody(&portal, "emma@acme.test").await?;
    require_mfa(&portal, &contact).await?;
    // Sessions without the factor end.
    eventually("the session to end", async || before.get("/auth/session").await?.expect(401).map(drop)).await?;

    let (mut emma, state) = login(&portal, "emma@acme.test", PASSWORD).await?;
    assert_eq!(state["status"], "mfa_enrolment_required");
    for path in ["/modules", "/modules/tickets/records", "/auth/sessions", "/auth/security", "/portal/home"] {
        let refused = emma.get(path).await?.expect(403)?;
        assert_eq!(refused.code(), "mfa_enrolment_required", "{path}");
    }
    let page = emma.page("/modules/tickets").await?;
    assert_eq!((page.status.as_u16(), page.header("location")), (303, "/set-up-mfa?next=%2Fmodules%2Ftickets"));

    room(10).await?;
    let begun = emma.post("/auth/mfa/totp", json!({})).await?.expect(200)?.json();
    let secret = begun["secret"].as_str().context("a secret")?.to_owned();
    assert!(begun["otpauth_uri"].as_str().is_some_and(|u| u.starts_with("otpauth://totp/") && u.contains(&secret)));
    assert!(begun["qr_svg"].as_str().is_some_and(|svg| svg.starts_with("<svg") && !svg.contains("style")));
    let wrong = emma.post("/auth/mfa/totp/confirm", json!({"code": "000000"})).await?.expect(422)?;
    assert_eq!(wrong.field_errors()[0].0, "code");
    let waiting = emma.cookies()["portico_session"].clone();
    let first = code(&secret, -1);
    let done = emma.post("/auth/mfa/totp/confirm", json!({"code": first})).await?.expect(200)?.json();
    assert_eq!(done["status"], "authenticated");
    let codes = done["recovery_codes"].as_array().cloned().unwrap_or_default();
    assert_eq!(codes.len(), 10);
    // Each step makes a new token, and the former one is dead.
    assert_ne!(emma.cookies()["portico_session"], waiting);
    let old = format!("portico_session={waiting}");
    let replayed =
        portal.browser().send("GET".parse()?, "/api/v1/auth/session", &[("cookie", &old)], Vec::new()).await?;
    assert_eq!(replayed.status.as_u16(), 401);
    emma.refresh_csrf().await?;
    emma.get("/modules").await?.expect(200)?;

    // The next login asks for a code, and takes none twice.
    let (mut again, state) = login(&portal, "emma@acme.test", PASSWORD).await?;
    assert_eq!((&state["status"], &state["factors"][0]), (&json!("mfa_required"), &json!("totp")));
    assert_eq!(again.get("/modules").await?.expect(403)?.code(), "mfa_required");
    let used = again.post("/auth/mfa/verify", json!({"code": first})).await?.expect(401)?;
    assert_eq!(used.code(), "invalid_credentials");
    let state = again.post("/auth/mfa/verify", json!({"code": code(&secret, 0)})).await?.expect(200)?.json();
    assert_eq!(state["status"], "authenticated");
    again.refresh_csrf().await?;
    again.get("/modules").await?.expect(200)?;

    // A lost phone: a recovery code works, once.
    let recovery = json!({"recovery_code": codes[0]});
    let (mut third, _) = login(&portal, "emma@acme.test", PASSWORD).await?;
    third.post("/auth/mfa/verify", recovery.clone()).await?.expect(200)?;
    let (mut fourth, _) = login(&portal, "emma@acme.test", PASSWORD).await?;
    fourth.post("/auth/mfa/verify", recovery).await?.expect(401)?;
    third.refresh_csrf().await?;
    let security = third.get("/auth/security").await?.expect(200)?.json();
    assert_eq!((&security["totp"], &security["recovery_codes_left"]), (&json!(true), &json!(9)));
    assert!(!security.to_string().contains(&secret), "the secret is shown during the set-up only");
    // What is required can't be removed.
    let kept = third.call("DELETE", "/auth/mfa/totp", None).await?;
    assert_eq!((kept.status.as_u16(), &*kept.code()), (409, "factor_required"));
    portal.stop().await
}

/// proves: A09
#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_codes_end_the_login_and_a_new_one_does_not_count_anew() -> Result<()> {
    let portal = Portal::start().await?;
    let (mut emma, _) = somebody(&portal, "emma@acme.test").await?;
    let (secret, _) = set_up_app(&mut emma).await?;
    let (mut guesser, state) = login(&portal, "emma@acme.test", PASSWORD).await?;
    assert_eq!(state["status"], "mfa_required");
    for _ in 0..5 {
        guesser.post("/auth/mfa/verify", json!({"code": "000000"})).await?.expect(401)?;
    }
    let right = guesser.post("/auth/mfa/verify", json!({"code": code(&secret, 0)})).await?.expect(401)?;
    assert_ne!(right.code(), "invalid_credentials", "the waiting login is gone: {}", right.text());
    // The right password now looks like a wrong one: it must not tell that it was right.
    let locked = portal.browser().post("/auth/login", json!({"login": "emma@acme.test", "password": PASSWORD})).await?;
    assert_eq!((locked.status.as_u16(), &*locked.code()), (401, "invalid_credentials"));
    portal.stop().await
}

/// proves: A09
#[tokio::test(flavor = "multi_thread")]
async fn a_factor_is_changed_only_with_a_fresh_proof_of_that_factor() -> Result<()> {
    let portal = Portal::start().await?;
    let (mut emma, _) = somebody(&portal, "emma@acme.test").await?;
    let (secret, codes) = set_up_app(&mut emma).await?;
    assert_eq!(codes.len(), 10);
    let mut other = portal.browser();
    other.post("/auth/login", json!({"login": "emma@acme.test", "password": PASSWORD})).await?.expect(200)?;
    other.refresh_csrf().await?;
    other.post("/auth/mfa/verify", json!({"recovery_code": codes[1]})).await?.expect(200)?;
    other.refresh_csrf().await?;

    let_proofs_age(&portal).await?;
    for (method, path) in [
        ("DELETE", "/auth/mfa/totp"),
        ("POST", "/auth/mfa/totp"),
        ("POST", "/auth/mfa/recovery-codes"),
        ("DELETE", "/auth/sessions"),
    ] {
        let refused = emma.call(method, path, None).await?;
        assert_eq!((refused.status.as_u16(), &*refused.code()), (403, "step_up_required"), "{method} {path}");
    }
    // The page for it sends the person to the proof and back.
    let page = emma.page("/account/recovery-codes").await?;
    let asked = emma.submit(&page, "/account/recovery-codes", &[]).await?;
    assert_eq!(asked.status.as_u16(), 303);
    assert!(asked.header("location").starts_with("/step-up"), "{}", asked.header("location"));

    // The password alone is less than what the login asked for.
    let weak = emma.post("/auth/step-up", json!({"password": PASSWORD})).await?.expect(422)?;
    assert_eq!(weak.field_errors()[0].0, "code");
    let before = emma.cookies()["portico_session"].clone();
    emma.post("/auth/step-up", json!({"code": code(&secret, 0)})).await?.expect(200)?;
    assert_ne!(emma.cookies()["portico_session"], before, "a proof makes a new token");
    emma.refresh_csrf().await?;
    let new = emma.post("/auth/mfa/recovery-codes", json!({})).await?.expect(200)?.json();
    assert_eq!(new["recovery_codes"].as_array().map(Vec::len), Some(10));
    assert!(!new.to_string().contains(&codes[2]));
    emma.call("DELETE", "/auth/mfa/totp", None).await?.expect(204)?;
    eventually("the other session to end", async || other.get("/auth/session").await?.expect(401).map(drop)).await?;
    let (_, state) = login(&portal, "emma@acme.test", PASSWORD).await?;
    assert_eq!(state["status"], "authenticated");
    portal.stop().await
}

/// proves: A09, A10, H09
#[tokio::test(flavor = "multi_thread")]
async fn everything_about_a_second_factor_works_by_plain_forms() -> Result<()> {
    let portal = Portal::start().await?;
    let (_, contact) = somebody(&portal, "emma@acme.test").await?;
    require_mfa(&portal, &contact).await?;
    let mut emma = portal.browser();
    let page = emma.page("/sign-in?next=%2Fmodules%2Ftickets").await?.expect(200)?;
    let fields = [("login", "emma@acme.test"), ("password", PASSWORD)];
    let sent = emma.submit(&page, "/sign-in", &fields).await?.expect(303)?;
    assert_eq!(sent.header("location"), "/set-up-mfa?next=%2Fmodules%2Ftickets");
    let why = emma.follow(sent).await?.expect(200)?;
    assert!(!why.text().contains("id=\"menu\""), "nothing of the portal stands around it");
    room(10).await?;
    let scan = emma.submit(&why, "/set-up-mfa", &[]).await?.expect(200)?;
    let text = scan.text();
    let secret = text.split("id=\"secret\">").nth(1).and_then(|t| t.split('<').next()).context("a secret")?.to_owned();
    assert!(text.contains("<svg class=\"qr\""));
    let wrong = emma.submit(&scan, "/set-up-mfa", &[("code", "000000"), ("step", "confirm")]).await?.expect(422)?;
    assert!(wrong.text().contains(&secret) && wrong.text().contains("id=\"error-summary\""), "no new scan is needed");
    let code_now = code(&secret, -1);
    let codes = emma.submit(&wrong, "/set-up-mfa", &[("code", &code_now)]).await?.expect(200)?;
    assert_eq!(codes.text().matches("<li class=\"code\">").count(), 10);
    let unticked = emma.submit(&codes, "/account/recovery-codes/saved", &[]).await?.expect(422)?;
    assert_eq!(unticked.text().matches("<li class=\"code\">").count(), 10, "the codes are not lost by it");
    let on = emma.submit(&unticked, "/account/recovery-codes/saved", &[("saved", "yes")]).await?.expect(303)?;
    assert_eq!(on.header("location"), "/modules/tickets");
    emma.follow(on).await?.expect(200)?;

    let mut again = portal.browser();
    let page = again.page("/sign-in").await?;
    let asked = again.submit(&page, "/sign-in", &fields).await?;
    let asked = again.follow(asked).await?.expect(200)?;
    let wrong = again.submit(&asked, "/second-factor", &[("code", &code_now)]).await?.expect(422)?;
    assert!(wrong.text().contains("id=\"code-error\""));
    let spaced = code(&secret, 0);
    let spaced = format!("{} {}", &spaced[..3], &spaced[3..]);
    let inside = again.submit(&wrong, "/second-factor", &[("code", &spaced)]).await?.expect(303)?;
    assert_eq!(inside.header("location"), "/");
    let home = again.follow(inside).await?.expect(200)?;
    assert!(home.text().contains("/account/security"));
    let security = again.page("/account/security").await?.expect(200)?;
    assert!(security.text().contains("emma@acme.test"));
    portal.stop().await
}
