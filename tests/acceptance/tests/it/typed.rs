//! Nothing typed is lost: forms that meet a dead session, another session, or a proof that is asked for.

use crate::support::{company_and_contact, create, id, portal_user};
use anyhow::{Context, Result, ensure};
use kit::{Answer, Browser, PASSWORD, Portal};
use serde_json::json;

const TEXT: &str = "The pump <b>\"rattles\"</b> & leaks";
/// As it stands in a page.
const SHOWN: &str = "The pump &lt;b&gt;&quot;rattles&quot;&lt;/b&gt; &amp; leaks";

async fn sign_in_on_page(browser: &mut Browser, page: &Answer, login: &str) -> Result<Answer> {
    let fields = [("login", login), ("password", PASSWORD)];
    let answer = browser.submit(page, "/sign-in", &fields).await?;
    browser.follow(answer).await
}

struct Scenery {
    portal: Portal,
    emma: Browser,
    ticket: String,
}

async fn scenery() -> Result<Scenery> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let (_, contact) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    let mut emma = portal_user(&portal, &mut admin, &contact, "emma@acme.test").await?;
    let ticket = id(&create(&mut emma, "tickets", json!({"title": "First"})).await?);
    Ok(Scenery { portal, emma, ticket })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_survives_a_session_that_ended_and_another_gateway_brings_it_back() -> Result<()> {
    let Scenery { mut portal, mut emma, ticket } = scenery().await?;
    let second = portal.another_gateway().await?;
    let url = format!("/modules/tickets/{ticket}");
    let comments = format!("{url}/comments");
    let record = emma.page(&url).await?.expect(200)?;
    let new = emma.page("/modules/tickets/new").await?.expect(200)?;
    // Signed out from another device.
    let mut elsewhere = portal.browser();
    elsewhere.sign_in("emma@acme.test", PASSWORD).await?;
    elsewhere.call("DELETE", "/auth/sessions", None).await?.expect(200)?;
    portal.settle().await?;

    let answer = emma.submit(&record, &comments, &[("body", TEXT)]).await?.expect(303)?;
    let sign_in = emma.follow(answer).await?.expect(200)?;
    ensure!(sign_in.text().contains("You ended this session yourself"), "{}", sign_in.text());
    ensure!(sign_in.text().contains("What you typed has not been sent, and is kept for you"), "{}", sign_in.text());
    let bare = portal.browser().page("/sign-in").await?.expect(200)?;
    ensure!(!bare.text().contains("is kept for you"), "who typed nothing is told of nothing");
    // The same at another process, which has never seen the form.
    let mut emma = emma.at(&second);
    let back = sign_in_on_page(&mut emma, &sign_in, "emma@acme.test").await?.expect(200)?;
    ensure!(back.text().contains(&format!(">{SHOWN}</textarea>")), "{}", back.text());
    ensure!(back.text().contains("Nothing has been sent yet"));
    // Looked at again it is still there; sent, it is gone, and there once.
    let again = emma.page(&url).await?.expect(200)?;
    ensure!(again.text().contains(&format!(">{SHOWN}</textarea>")));
    emma.submit(&again, &comments, &[("body", TEXT)]).await?.expect(303)?;
    let after = emma.page(&url).await?.expect(200)?;
    ensure!(!after.text().contains("Nothing has been sent yet"), "it is shown after it was sent");
    let list = emma.get(&format!("/modules/tickets/records/{ticket}/comments")).await?.expect(200)?.json();
    ensure!(list["items"].as_array().map(Vec::len) == Some(1), "{list}");

    // A form that was shown to the session before: the same person, so back to it at once.
    let answer = emma.submit(&new, "/modules/tickets/new", &[("title", TEXT)]).await?.expect(303)?;
    ensure!(answer.header("location") == "/modules/tickets/new", "{}", answer.header("location"));
    let form = emma.follow(answer).await?.expect(200)?;
    ensure!(form.text().contains(&format!("value=\"{SHOWN}\"")), "{}", form.text());
    portal.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_is_shown_to_nobody_else() -> Result<()> {
    let Scenery { portal, mut emma, ticket } = scenery().await?;
    let mut admin = portal.agent("boss@test.test", "administrator").await?;
    let (_, contact) = company_and_contact(&mut admin, "Acme too", "otto@acme.test").await?;
    portal_user(&portal, &mut admin, &contact, "otto@acme.test").await?;
    let new = emma.page("/modules/tickets/new").await?.expect(200)?;
    let record = emma.page(&format!("/modules/tickets/{ticket}")).await?.expect(200)?;
    // Emma leaves in another tab, Otto signs in in the same browser, and somebody presses the button in the old tab.
    let out = emma.submit(&new, "/sign-out", &[]).await?;
    let sign_in = emma.follow(out).await?.expect(200)?;
    let home = sign_in_on_page(&mut emma, &sign_in, "otto@acme.test").await?.expect(200)?;
    let refused = emma.submit(&new, "/modules/tickets/new", &[("title", TEXT)]).await?.expect(403)?;
    ensure!(refused.text().contains("somebody else now") && !refused.text().contains("rattles"));
    let form = emma.page("/modules/tickets/new").await?.expect(200)?;
    ensure!(!form.text().contains("rattles") && !form.text().contains("Nothing has been sent"), "Otto sees it");
    // A form that is too old in a browser where nobody is signed in, with the token of nobody: led away, nothing kept.
    let cookies = emma.cookies().clone();
    ensure!(cookies.get("portico_kept").is_some_and(|c| !c.contains("rattles")), "{cookies:?}");
    // Emma comes back and finds it.
    let out = emma.submit(&home, "/sign-out", &[]).await?;
    let sign_in = emma.follow(out).await?.expect(200)?;
    sign_in_on_page(&mut emma, &sign_in, "emma@acme.test").await?.expect(200)?;
    let form = emma.page("/modules/tickets/new").await?.expect(200)?;
    ensure!(form.text().contains(&format!("value=\"{SHOWN}\"")), "{}", form.text());
    // Another browser of hers doesn't: it has not the half of the key.
    let mut other = portal.browser();
    other.sign_in("emma@acme.test", PASSWORD).await?;
    ensure!(!other.page("/modules/tickets/new").await?.expect(200)?.text().contains("rattles"));
    drop(record);
    portal.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn another_sites_form_is_never_kept() -> Result<()> {
    let Scenery { portal, mut emma, .. } = scenery().await?;
    let new = emma.page("/modules/tickets/new").await?.expect(200)?;
    let token =
        new.text().split("name=\"csrf_token\" value=\"").nth(1).and_then(|t| t.split('"').next().map(str::to_owned));
    let token = token.context("a token")?;
    emma.set_cookie("portico_session", "pses_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    for headers in [
        vec![("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
        vec![("origin", "https://evil.example")],
        vec![("origin", "null")],
        vec![("referer", "https://evil.example/")],
        vec![],
    ] {
        let mut all = headers.clone();
        all.push(("content-type", "application/x-www-form-urlencoded"));
        let body = format!("csrf_token={token}&form_id=1&title=Planted");
        let path = "/modules/tickets/new";
        let answer = emma.send(http::Method::POST, path, &all, body.into_bytes()).await?.expect(403)?;
        ensure!(!answer.text().contains("Planted"), "{headers:?}");
        ensure!(!emma.cookies().contains_key("portico_kept"), "{headers:?}");
    }
    // Nor is a form that we never showed to anybody, even from our own origin.
    let headers = [("sec-fetch-site", "same-origin"), ("content-type", "application/x-www-form-urlencoded")];
    let forged = format!("csrf_token={}.{}&form_id=1&title=Planted", "0".repeat(64), "0".repeat(64));
    let path = "/modules/tickets/new";
    emma.send(http::Method::POST, path, &headers, forged.into_bytes()).await?.expect(303)?;
    ensure!(!emma.cookies().contains_key("portico_kept"));
    portal.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_agent_typed_survives_the_proof_that_is_asked_for() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let page = admin.page("/console/roles/new").await?;
    ensure!(page.status == 200, "{}: {}", page.status, page.header("location"));
    let pool = portal.database.pool("identity")?;
    sqlx::query("update session set auth_at = now() - interval '30 minutes'").execute(&pool).await?;
    // The gateway knows a session for five seconds at most.
    let asked = kit::eventually("a proof to be asked for", async || {
        let fields = [("name", TEXT), ("note", "kept too")];
        let answer = admin.clone().submit(&page, "/console/roles/new", &fields).await?;
        ensure!(answer.header("location").starts_with("/console/step-up"), "{} {}", answer.status, answer.text());
        Ok(())
    })
    .await;
    asked?;
    let answer = admin.submit(&page, "/console/roles/new", &[("name", TEXT)]).await?.expect(303)?;
    let proof = admin.follow(answer).await?.expect(200)?;
    ensure!(proof.text().contains("autocomplete=\"username\""), "{}", proof.text());
    let proved = admin.submit(&proof, "/console/step-up", &[("password", PASSWORD)]).await?.expect(303)?;
    let form = admin.follow(proved).await?.expect(200)?;
    ensure!(form.text().contains(&format!("value=\"{SHOWN}\"")), "{}", form.text());
    portal.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_password_was_chosen_by_a_link_the_login_is_filled_in() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let (_, contact) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    admin.post(&format!("/admin/contacts/{contact}/portal-access"), crate::support::dates()).await?.expect(200)?;
    let mail = portal.mail_to("emma@acme.test", "").await?;
    let token = crate::support::token_of(&crate::support::link_of(&mail.text).context("a link")?);
    let mut emma = portal.browser();
    let page = emma.page(&format!("/invitation?token={token}")).await?.expect(200)?;
    ensure!(page.text().contains("value=\"emma@acme.test\"") && page.text().contains("autocomplete=\"username\""));
    let passwords = [("new_password", PASSWORD), ("repeat_password", PASSWORD)];
    let answer = emma.submit(&page, "/invitation", &passwords).await?.expect(303)?;
    let sign_in = emma.follow(answer).await?.expect(200)?;
    ensure!(sign_in.text().contains("value=\"emma@acme.test\""), "{}", sign_in.text());
    ensure!(!sign_in.text().contains("Nothing has been sent"), "{}", sign_in.text());
    let unusable = emma.page(&format!("/invitation?token={token}")).await?.expect(410)?;
    ensure!(!unusable.text().contains("emma@acme.test"), "a used link names nobody");
    portal.stop().await
}
