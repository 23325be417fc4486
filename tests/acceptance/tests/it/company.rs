//! A company's way into the portal: its secure link, and itself as a portal user.

use crate::support::{company_and_contact, create, dates, id};
use anyhow::{Context, Result};
use kit::Portal;
use serde_json::json;

/// proves: A18
#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_shown_once_and_only_leads_to_the_login_once_there_is_a_portal_user() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let (acme, emma) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    let path = format!("/admin/companies/{acme}");
    let off = admin.post(&format!("{path}/link"), json!({})).await?.expect(409)?;
    assert_eq!(off.code(), "company_links_off");
    let settings = admin.get("/admin/settings/security").await?.expect(200)?;
    let mut body = settings.json();
    for name in ["terms_version", "effective"] {
        body.as_object_mut().map(|b| b.remove(name));
    }
    body["company_links"] = json!(true);
    let tag = settings.header("etag").to_owned();
    admin.call_with("PUT", "/admin/settings/security", &[("if-match", &tag)], Some(body)).await?.expect(200)?;

    let page = format!("/console/modules/companies/{acme}");
    let form = format!("/console/companies/{acme}/link");
    // The settings are in force within a second.
    let open = kit::eventually("links to be on", async || {
        let open = admin.clone().page(&page).await?.expect(200)?;
        anyhow::ensure!(open.text().contains(&format!("action=\"{form}\"")), "no form yet");
        Ok(open)
    })
    .await?;
    let refused = admin.submit(&open, &form, &[("valid_days", "4000")]).await?.expect(422)?;
    assert!(refused.text().contains("id=\"f-valid_days-error\""));
    let shown = admin.submit(&refused, &form, &[("valid_days", "7")]).await?.expect(200)?.text();
    let link = shown.split("/link/").nth(1).and_then(|r| r.split('<').next()).context("the link")?.to_owned();
    assert!(!admin.page(&page).await?.text().contains(&link), "it is not shown again");
    let access = admin.get(&format!("{path}/access")).await?.expect(200)?.json();
    assert_eq!((&access["link"]["open"], &access["link"]["usable"]), (&json!(true), &json!(true)));

    admin.post(&format!("/admin/contacts/{emma}/portal-access"), dates()).await?.expect(200)?;
    kit::eventually("the company to have a portal user", async || {
        let access = admin.clone().get(&format!("{path}/access")).await?.expect(200)?.json();
        anyhow::ensure!(access["portal_users"] == 1 && access["link"]["usable"] == false, "{access}");
        Ok(())
    })
    .await?;
    assert!(admin.page(&page).await?.text().contains("Leads to sign-in"));
    let revoked = admin.call("DELETE", &format!("{path}/link"), None).await?.expect(200)?.json();
    assert_eq!(revoked["link"]["open"], false);
    portal.stop().await
}

/// proves: A27
#[tokio::test(flavor = "multi_thread")]
async fn the_company_itself_becomes_a_portal_user_by_a_primary_contact() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let fields = json!({"name": "Acme srl", "email": "info@acme.test", "country": "IT"});
    let acme = id(&create(&mut admin, "companies", fields).await?);
    let form = format!("/console/companies/{acme}/portal-users/new");
    let open = admin.page(&form).await?.expect(200)?;
    let refused =
        admin.submit(&open, &form, &[("who", "company"), ("support_start", "2020-01-01")]).await?.expect(422)?;
    assert!(refused.text().contains("id=\"f-support_end-error\""), "{}", refused.text());
    let right = [("who", "company"), ("support_start", "2020-01-01"), ("support_end", "2099-12-31")];
    admin.submit(&refused, &form, &right).await?.expect(303)?;
    let filter = format!("{{\"field\":\"company_id\",\"op\":\"eq\",\"value\":\"{acme}\"}}");
    let filter = filter.replace('{', "%7B").replace('}', "%7D").replace('"', "%22");
    let all = admin.get(&format!("/modules/contacts/records?filter={filter}")).await?.expect(200)?.json();
    let contacts = crate::support::items(&all);
    assert_eq!(contacts.len(), 1, "{all}");
    assert_eq!(
        (&contacts[0]["fields"]["primary"], &contacts[0]["fields"]["last_name"]),
        (&json!(true), &json!("Acme srl"))
    );
    portal.mail_to("info@acme.test", "").await?;
    portal.stop().await
}
