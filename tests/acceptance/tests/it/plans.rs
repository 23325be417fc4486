//! What a profile demands before anything is seen, and the mails that a lost password brings.

use crate::support::{company_and_contact, items, link_of, portal_user, token_of};
use anyhow::{Context, Result};
use kit::{Browser, Portal, eventually};
use serde_json::json;

/// Publishes the default profile with or without the wish for a second factor.
async fn want_second_factor(agent: &mut Browser, wanted: bool) -> Result<()> {
    let profiles = agent.get("/admin/profiles").await?.expect(200)?.json();
    let default = items(&profiles).into_iter().find(|p| p["is_default"] == true).context("a default profile")?;
    let path = format!("/admin/profiles/{}", default["id"].as_str().unwrap_or_default());
    let answer = agent.get(&path).await?.expect(200)?;
    let mut document = answer.json()["published"].clone();
    document["require_mfa"] = json!(wanted);
    let tag = answer.header("etag").to_owned();
    let saved = agent.call_with("PUT", &path, &[("if-match", &tag)], Some(document)).await?.expect(204)?;
    let tag = saved.header("etag").to_owned();
    agent.call_with("POST", &format!("{path}/publish"), &[("if-match", &tag)], None).await?.expect(204)?;
    Ok(())
}

/// proves: A10
#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_wants_a_second_factor_shuts_out_live_sessions_and_lets_them_in_again() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let (_, contact) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    let emma = portal_user(&portal, &mut admin, &contact, "emma@acme.test").await?;
    let list = "/modules/tickets/records";
    emma.clone().get(list).await?.expect(200)?;
    want_second_factor(&mut admin, true).await?;
    eventually("the wish to be in force", async || {
        let refused = emma.clone().get(list).await?.expect(403)?;
        anyhow::ensure!(refused.code() == "mfa_enrolment_required", "{}", refused.text());
        Ok(())
    })
    .await?;
    // The agent has no profile, and goes on.
    admin.get(list).await?.expect(200)?;
    want_second_factor(&mut admin, false).await?;
    eventually("the wish to be taken back", async || emma.clone().get(list).await?.expect(200)).await?;
    portal.stop().await
}

/// proves: A12
#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_brings_a_link_and_a_notice() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let (_, contact) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    portal_user(&portal, &mut admin, &contact, "emma@acme.test").await?;
    let mut browser = portal.browser();
    for login in ["emma@acme.test", "nobody@acme.test"] {
        browser.post("/auth/password/forgot", json!({"login": login})).await?.expect(202)?;
    }
    let mail = portal.mail_to("emma@acme.test", "Choose a new password").await?;
    assert!(mail.text.contains("30 minutes"), "{}", mail.text);
    let token = token_of(&link_of(&mail.text).context("a link in the mail")?);
    let new = "seven green bottles of rain";
    browser.post("/auth/password/reset", json!({"token": token, "new_password": new})).await?.expect(204)?;
    portal.mail_to("emma@acme.test", "Your password was changed").await?;
    browser.sign_in("emma@acme.test", new).await?;
    portal.stop().await
}
