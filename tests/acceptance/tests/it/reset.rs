//! Ways back in: a forgotten password, and another address to sign in with.

use crate::support::{login, operator, somebody};
use anyhow::{Context, Result};
use kit::{PASSWORD, Portal, eventually};
use serde_json::json;

const BETTER: &str = "seven quiet lamps under water";

/// Forms and answers of the page for forgotten passwords.
async fn ask(portal: &Portal, login: &str) -> Result<(u16, String)> {
    let mut browser = portal.browser();
    let page = browser.page("/forgot-password").await?.expect(200)?;
    let answer = browser.submit(&page, "/forgot-password", &[("login", login)]).await?;
    let text = answer.text();
    // What is different in every answer: tokens, ids, traces.
    let main = text.split("<main").nth(1).and_then(|t| t.split("</main>").next()).context("a page")?;
    Ok((answer.status.as_u16(), main.to_owned()))
}

/// The link to a page, from the mail that brings it.
async fn link(portal: &Portal, address: &str, page: &str) -> Result<String> {
    eventually(&format!("a mail to {address} with a link to {page}"), async || {
        let mails = portal.mail.messages().await?;
        let to_them = mails.iter().filter(|mail| mail.to.iter().any(|to| to.contains(address)));
        let links = to_them.flat_map(|mail| mail.text.split_whitespace()).filter(|word| word.contains(page));
        links.map(|word| word.trim_matches(['<', '>']).to_owned()).next_back().context("no link yet")
    })
    .await
}

/// proves: A12
#[tokio::test(flavor = "multi_thread")]
async fn a_forgotten_password_is_replaced_by_a_link_and_nobody_learns_who_exists() -> Result<()> {
    let portal = Portal::start().await?;
    let (mut before, _) = somebody(&portal, "emma@acme.test").await?;
    let unknown = ask(&portal, "nobody@acme.test").await?;
    assert_eq!(unknown.0, 202);
    assert_eq!(ask(&portal, "emma@acme.test").await?, unknown);
    let link = link(&portal, "emma@acme.test", "/reset?token=").await?;
    let path = link.strip_prefix(&portal.url).context("the configured address, whatever the request said")?;
    assert!(path.starts_with("/reset?token="), "{path}");
    // Looking at it uses nothing up, however often and by whoever.
    for _ in 0..2 {
        let seen = portal.browser().page(path).await?.expect(200)?;
        assert_eq!((seen.header("referrer-policy"), seen.header("cache-control")), ("no-referrer", "no-store"));
    }
    let mut emma = portal.browser();
    let page = emma.page(path).await?.expect(200)?;
    let short = [("new_password", "short"), ("repeat_password", "short")];
    let refused = emma.submit(&page, "/reset", &short).await?.expect(422)?;
    assert!(refused.text().contains("id=\"new-password-error\""));
    let other = [("new_password", BETTER), ("repeat_password", "another")];
    emma.submit(&refused, "/reset", &other).await?.expect(422)?;
    let both = [("new_password", BETTER), ("repeat_password", BETTER)];
    let done = emma.submit(&refused, "/reset", &both).await?.expect(303)?;
    assert_eq!(done.header("location"), "/sign-in");
    assert!(!emma.cookies().contains_key("portico_session"), "a reset signs nobody in");
    assert!(emma.follow(done).await?.text().contains("sessions have ended"));

    eventually("the session to end", async || before.get("/auth/session").await?.expect(401).map(drop)).await?;
    emma.page(path).await?.expect(410)?;
    let token = path.split('=').nth(1).unwrap_or_default();
    let again = json!({"token": token, "new_password": "eight quiet lamps under water"});
    let used = portal.browser().post("/auth/password/reset", again).await?.expect(400)?;
    assert_eq!(used.code(), "link_unusable");
    portal
        .browser()
        .post("/auth/login", json!({"login": "emma@acme.test", "password": PASSWORD}))
        .await?
        .expect(401)?;
    let (_, state) = login(&portal, "emma@acme.test", BETTER).await?;
    assert_eq!(state["status"], "authenticated");
    // A newer link ends an older one, so programs ask only now.
    for login in ["emma@acme.test", "nobody@acme.test", "no address at all"] {
        let answer = portal.browser().post("/auth/password/forgot", json!({"login": login})).await?;
        assert_eq!((answer.status.as_u16(), answer.body.len()), (202, 0), "{login}");
    }
    portal.stop().await
}

/// proves: A12, A25
#[tokio::test(flavor = "multi_thread")]
async fn who_signs_in_with_a_name_is_told_whom_to_ask_and_gets_no_link() -> Result<()> {
    let portal = Portal::start().await?;
    let (_, contact) = somebody(&portal, "emma@acme.test").await?;
    let request =
        proto::identity::v1::ChangeLoginRequest { contact_id: contact, login: "warehouse".into(), email: None };
    operator(&portal)?.identity().change_login(request).await.map_err(runtime::error_of)?;
    crate::support::settings(&portal, |s| s.help_contact = "the desk, phone 12".to_owned()).await?;
    let unknown = ask(&portal, "nobody-knows").await?;
    assert!(unknown.1.contains("the desk, phone 12"), "{}", unknown.1);
    assert_eq!(ask(&portal, "warehouse").await?, unknown);
    let (mut emma, _) = login(&portal, "warehouse", PASSWORD).await?;
    let security = emma.page("/account/security").await?.expect(200)?.text();
    assert!(security.contains("warehouse") && !security.contains("/account/login-change"));
    emma.page("/account/login-change").await?.expect(404)?;
    let links: i64 =
        sqlx::query_scalar("select count(*) from one_time_link").fetch_one(&portal.database.pool("identity")?).await?;
    assert_eq!(links, 0);
    portal.stop().await
}

/// proves: A25
#[tokio::test(flavor = "multi_thread")]
async fn another_address_is_confirmed_where_it_leads_and_ends_every_session() -> Result<()> {
    let portal = Portal::start().await?;
    let (mut emma, _) = somebody(&portal, "emma@acme.test").await?;
    let page = emma.page("/account/login-change").await?.expect(200)?;
    let wrong = emma.submit(&page, "/account/login-change", &[("new_email", "no address")]).await?.expect(422)?;
    assert!(wrong.text().contains("id=\"new-email-error\"") && wrong.text().contains("no address"));
    let asked = emma.submit(&wrong, "/account/login-change", &[("new_email", "emma@new.test")]).await?.expect(303)?;
    assert!(emma.follow(asked).await?.text().contains("emma@new.test"), "the page says what it waits for");

    let link = link(&portal, "emma@new.test", "/confirm-login?token=").await?;
    let path = link.strip_prefix(&portal.url).context("the configured address")?;
    let mut reader = portal.browser();
    let page = reader.page(path).await?.expect(200)?;
    emma.get("/auth/session").await?.expect(200)?;
    let done = reader.submit(&page, "/confirm-login", &[]).await?.expect(303)?;
    assert_eq!(done.header("location"), "/sign-in");
    reader.page(path).await?.expect(410)?;
    eventually("the session to end", async || emma.get("/auth/session").await?.expect(401).map(drop)).await?;
    portal
        .browser()
        .post("/auth/login", json!({"login": "emma@acme.test", "password": PASSWORD}))
        .await?
        .expect(401)?;
    let (_, state) = login(&portal, "emma@new.test", PASSWORD).await?;
    assert_eq!(state["status"], "authenticated");
    portal.stop().await
}
