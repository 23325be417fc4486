//! Steps that a login can lack beside a second factor: another password, the terms of use.

use crate::support::{login, operator, settings, somebody};
use anyhow::Result;
use kit::{PASSWORD, Portal, eventually};
use serde_json::json;

const BETTER: &str = "seven quiet lamps under water";

/// proves: A13, A14
#[tokio::test(flavor = "multi_thread")]
async fn a_password_for_one_use_opens_nothing_but_the_choice_of_another() -> Result<()> {
    let portal = Portal::start().await?;
    let (mut before, contact) = somebody(&portal, "emma@acme.test").await?;
    let request = proto::identity::v1::SetOneTimePasswordRequest { user_id: contact, password: String::new() };
    let made = operator(&portal)?.identity().set_one_time_password(request).await.map_err(runtime::error_of)?;
    let once = made.into_inner().password;
    eventually("the session to end", async || before.get("/auth/session").await?.expect(401).map(drop)).await?;

    let (mut emma, state) = login(&portal, "emma@acme.test", &once).await?;
    assert_eq!(state["status"], "password_change_required");
    assert_eq!(emma.get("/modules").await?.expect(403)?.code(), "password_change_required");
    assert_eq!(emma.page("/").await?.header("location"), "/change-password");
    let short = json!({"current_password": once, "new_password": "short"});
    let refused = emma.post("/auth/password/change", short).await?.expect(422)?;
    assert_eq!(refused.field_errors()[0].0, "new_password");
    let change = json!({"new_password": BETTER});
    let done = emma.post("/auth/password/change", change).await?.expect(200)?.json();
    assert_eq!(done["status"], "authenticated");
    emma.refresh_csrf().await?;
    emma.get("/modules").await?.expect(200)?;
    let used = portal.browser().post("/auth/login", json!({"login": "emma@acme.test", "password": once})).await?;
    assert_eq!(used.status.as_u16(), 401);
    portal.stop().await
}

/// proves: A26
#[tokio::test(flavor = "multi_thread")]
async fn terms_are_accepted_before_anything_else_and_again_when_they_change() -> Result<()> {
    let portal = Portal::start().await?;
    let (mut admitted, _) = somebody(&portal, "emma@acme.test").await?;
    settings(&portal, |s| {
        s.terms_required = true;
        s.terms = [("en".to_owned(), "Be **kind**.".to_owned()), ("it".to_owned(), "Sii gentile.".to_owned())].into();
    })
    .await?;
    admitted.get("/modules").await?.expect(200)?;

    let (mut emma, state) = login(&portal, "emma@acme.test", PASSWORD).await?;
    assert_eq!(state["status"], "terms_required");
    assert_eq!(emma.get("/modules").await?.expect(403)?.code(), "terms_required");
    let terms = emma.get("/auth/terms").await?.expect(200)?.json();
    assert_eq!(terms["text"]["en"], "Be **kind**.");
    let version = terms["version"].as_i64().unwrap_or_default();
    emma.post("/auth/terms", json!({"version": version + 1})).await?.expect(422)?;
    let state = emma.post("/auth/terms", json!({"version": version})).await?.expect(200)?.json();
    assert_eq!(state["status"], "authenticated");
    emma.refresh_csrf().await?;
    emma.get("/modules").await?.expect(200)?;
    let (_, state) = login(&portal, "emma@acme.test", PASSWORD).await?;
    assert_eq!(state["status"], "authenticated", "once is enough");

    settings(&portal, |s| s.terms = [("en".to_owned(), "Be kind, and brief.".to_owned())].into()).await?;
    // By a form this time, in another language: there is only the English text now.
    let mut page_reader = portal.browser();
    let page = page_reader.page("/sign-in?lang=it").await?;
    let page = page_reader.follow(page).await?;
    let fields = [("login", "emma@acme.test"), ("password", PASSWORD)];
    let sent = page_reader.submit(&page, "/sign-in", &fields).await?.expect(303)?;
    assert_eq!(sent.header("location"), "/terms");
    let terms = page_reader.follow(sent).await?.expect(200)?;
    assert!(terms.text().contains("<html lang=\"it\"") && terms.text().contains("Be kind, and brief."));
    let inside = page_reader.submit(&terms, "/terms", &[]).await?.expect(303)?;
    page_reader.follow(inside).await?.expect(200)?;
    // Agents have no terms of the portal.
    portal.agent("late@test.test", "viewer").await?;
    portal.stop().await
}
