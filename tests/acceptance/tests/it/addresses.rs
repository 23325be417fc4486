//! A contact's address and the address of its account: what becomes of the one when the other changes.

use crate::support::{company_and_contact, dates, link_of, portal_user, token_of};
use anyhow::{Context, Result};
use kit::{Browser, PASSWORD, Portal, eventually};
use serde_json::{Value, json};

async fn correct(admin: &mut Browser, contact: &str, email: &str) -> Result<()> {
    let path = format!("/modules/contacts/records/{contact}");
    let record = admin.get(&path).await?.expect(200)?;
    let (tag, fields) = (record.header("etag").to_owned(), json!({"fields": {"email": email}}));
    admin.call_with("PATCH", &path, &[("if-match", &tag)], Some(fields)).await?.expect(200)?;
    Ok(())
}

async fn access(admin: &mut Browser, contact: &str) -> Result<Value> {
    Ok(admin.get(&format!("/admin/contacts/{contact}/portal-access")).await?.expect(200)?.json())
}

/// proves: A02, A04
#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_to_a_wrong_address_dies_when_it_is_corrected_and_the_next_one_is_right() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let (_, contact) = company_and_contact(&mut admin, "Acme", "emma@acme.tset").await?;
    let path = format!("/admin/contacts/{contact}/portal-access");
    admin.post(&path, dates()).await?.expect(200)?;
    let mail = portal.mail_to("emma@acme.tset", "").await?;
    let wrong = token_of(&link_of(&mail.text).context("a link")?);
    correct(&mut admin, &contact, "emma@acme.test").await?;

    let open = admin.page(&format!("/console/modules/contacts/{contact}")).await?.expect(200)?;
    assert!(open.text().contains("the invitation to emma@acme.tset no longer works"), "the console says so");
    // At once: the correction that was read a moment ago counts, whatever was heard by then.
    let sent = admin.submit(&open, &format!("/console/contacts/{contact}/invitation"), &[]).await?.expect(303)?;
    drop(sent);
    let mail = portal.mail_to("emma@acme.test", "").await?;
    let right = token_of(&link_of(&mail.text).context("a link")?);
    let accept = |token: &str| json!({"token": token, "new_password": PASSWORD});
    portal.settle().await?;
    portal.browser().post("/auth/invitations/accept", accept(&wrong)).await?.expect(400)?;
    portal.browser().post("/auth/invitations/accept", accept(&right)).await?.expect(204)?;
    portal.browser().sign_in("emma@acme.test", PASSWORD).await?;
    let now = access(&mut admin, &contact).await?;
    assert_eq!((&now["login"], &now["addresses_differ"]), (&json!("emma@acme.test"), &json!(false)));
    portal.stop().await
}

/// proves: A25, A12
#[tokio::test(flavor = "multi_thread")]
async fn where_the_two_differ_the_page_says_so_and_offers_both_ways() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let (_, contact) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    portal_user(&portal, &mut admin, &contact, "emma@acme.test").await?;
    correct(&mut admin, &contact, "emma@new.test").await?;
    let differ = access(&mut admin, &contact).await?;
    assert_eq!((&differ["login"], &differ["email"]), (&json!("emma@acme.test"), &json!("emma@acme.test")));
    assert_eq!((&differ["contact_email"], &differ["addresses_differ"]), (&json!("emma@new.test"), &json!(true)));
    portal.browser().sign_in("emma@acme.test", PASSWORD).await?;

    // One way: the sign-in address changes too. It is confirmed at the new one and announced at the old.
    let page = format!("/console/modules/contacts/{contact}");
    let open = admin.page(&page).await?.expect(200)?;
    assert!(open.text().contains("Have emma@new.test confirmed") && open.text().contains("Put emma@acme.test into"));
    portal.mail.clear().await?;
    let path = format!("/admin/contacts/{contact}/portal-access");
    let asked = admin.call("PUT", &format!("{path}/login"), Some(json!({"login": ""}))).await?.expect(200)?.json();
    assert_eq!((&asked["login"], &asked["pending_login"]), (&json!("emma@acme.test"), &json!("emma@new.test")));
    let told = portal.mail_to("emma@acme.test", "Another sign-in address was asked for").await?;
    assert!(told.text.contains("Your contact details have changed") && !told.text.contains("emma@new.test"));
    let mail = portal.mail_to("emma@new.test", "Confirm your new sign-in address").await?;
    let link = link_of(&mail.text).context("a link")?;
    let open = admin.page(&page).await?.expect(200)?;
    assert!(open.text().contains("emma@new.test waits to be confirmed"));
    let mut reader = portal.browser();
    let confirm = reader.page(&format!("/confirm-login?token={}", token_of(&link))).await?.expect(200)?;
    reader.submit(&confirm, "/confirm-login", &[]).await?.expect(303)?;
    portal.browser().sign_in("emma@new.test", PASSWORD).await?;
    let same = access(&mut admin, &contact).await?;
    assert_eq!((&same["addresses_differ"], &same["pending_login"]), (&json!(false), &json!(null)));

    // The other way: what the account has goes into the record.
    correct(&mut admin, &contact, "emma@third.test").await?;
    let open = admin.page(&page).await?.expect(200)?;
    let form = format!("/console/contacts/{contact}/email-from-login");
    admin.submit(&open, &form, &[]).await?.expect(303)?;
    let same = access(&mut admin, &contact).await?;
    assert_eq!((&same["contact_email"], &same["addresses_differ"]), (&json!("emma@new.test"), &json!(false)));
    portal.stop().await
}

/// Mail about the account goes to the account's address, whatever a writer of records put into the contact.
#[tokio::test(flavor = "multi_thread")]
async fn a_lock_is_told_to_the_login_not_to_what_the_record_says() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let (_, contact) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    portal_user(&portal, &mut admin, &contact, "emma@acme.test").await?;
    correct(&mut admin, &contact, "thief@elsewhere.test").await?;
    portal.settle().await?;
    for _ in 0..5 {
        let wrong = json!({"login": "emma@acme.test", "password": format!("not {PASSWORD}")});
        portal.browser().post("/auth/login", wrong).await?.expect(401)?;
    }
    portal.mail_to("emma@acme.test", "locked").await?;
    let all = portal.mail.messages().await?;
    assert!(all.iter().all(|m| !m.to.iter().any(|t| t.contains("thief"))));
    eventually("nothing waits", async || portal.settle().await).await?;
    portal.stop().await
}
