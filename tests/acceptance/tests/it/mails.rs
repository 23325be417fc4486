//! Who hears by mail of what happens on a record, and who does not any more.

use super::support::{company_and_contact, contact_of, create, id, items, portal_user};
use anyhow::{Context, Result, ensure};
use kit::{Browser, Portal, PortalOptions, eventually};
use serde_json::{Value, json};

const DESK: &str = "desk@northwind.test";

async fn portal(more: &[(&str, &str)]) -> Result<Portal> {
    let mut settings = vec![("PORTICO_FALLBACK_EMAIL".to_owned(), DESK.to_owned())];
    settings.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    Portal::with(PortalOptions { settings, ..PortalOptions::default() }).await
}

/// The default profile, with tickets of the whole company to see and to comment on, as changed by the test.
async fn publish(admin: &mut Browser, change: impl Fn(&mut Value)) -> Result<()> {
    eventually("the profile to be published", async || {
        let mut admin = admin.clone();
        let profiles = admin.get("/admin/profiles").await?.expect(200)?.json();
        let default = profiles["items"].as_array().into_iter().flatten().find(|p| p["is_default"] == true);
        let path = format!("/admin/profiles/{}", default.and_then(|p| p["id"].as_str()).context("a default profile")?);
        let answer = admin.get(&path).await?.expect(200)?;
        let mut document = answer.json()["published"].clone();
        document["modules"]["tickets"]["actions"]["view"] = json!("company");
        document["modules"]["tickets"]["actions"]["comment"] = json!("company");
        document["modules"]["tickets"]["actions"]["view_comments"] = json!("company");
        change(&mut document);
        let tag = answer.header("etag").to_owned();
        let saved = admin.call_with("PUT", &path, &[("if-match", &tag)], Some(document)).await?.expect(204)?;
        let tag = saved.header("etag").to_owned();
        admin.call_with("POST", &format!("{path}/publish"), &[("if-match", &tag)], None).await?.expect(204)?;
        Ok(())
    })
    .await
}

/// Waits for the newest entry of the mail log that is about a record and was not sent, or went elsewhere.
async fn logged(admin: &Browser, record: &str, field: &str, reason: &str) -> Result<Value> {
    eventually(&format!("{field} {reason} in the mail log"), async || {
        let log = admin.clone().get("/admin/deliveries").await?.expect(200)?.json();
        let found = items(&log).into_iter().find(|d| d["subject_id"] == record && d[field] == reason);
        found.with_context(|| format!("{log}"))
    })
    .await
}

/// proves: R08, N05
#[tokio::test]
async fn a_disabled_agent_gets_nothing_of_customers_and_the_operator_is_told() -> Result<()> {
    let portal = portal(&[]).await?;
    let mut admin = portal.agent("boss@northwind.test", "administrator").await?;
    let ada = portal.make_agent("ada@northwind.test", "agent").await?;
    let (_, contact) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    let mut emma = portal_user(&portal, &mut admin, &contact, "emma@acme.test").await?;
    let ticket = create(&mut emma, "tickets", json!({"title": "Printer on fire"})).await?;
    let path = format!("/modules/tickets/records/{}", id(&ticket));
    let etag = admin.get(&path).await?.header("etag").to_owned();
    admin.post(&format!("/admin/agents/{ada}/disable"), json!({})).await?.expect(204)?;
    portal.settle().await?;

    // On assignment, and on an answer.
    admin.patch(&path, &etag, json!({"fields": {"owner_id": ada}})).await?.expect(200)?;
    let number = ticket["number"].as_str().unwrap_or_default();
    let told = portal.mail_to(DESK, number).await?;
    assert!(
        told.text.contains("can no longer sign in") && told.text.contains(&path.replace("/records", "")),
        "{}",
        told.text
    );
    emma.post(&format!("{path}/comments"), json!({"body": "The secret of the house"})).await?.expect(201)?;
    let entry = logged(&admin, &id(&ticket), "redirected", "disabled").await?;
    assert_eq!((&entry["recipient"], &entry["state"]), (&json!(DESK), &json!("sent")));
    eventually("both mails to the operator", async || {
        let desk = portal.mail.messages().await?.into_iter().filter(|m| m.to == [DESK]).count();
        ensure!(desk == 2, "{desk}");
        Ok(())
    })
    .await?;
    let mails = portal.mail.messages().await?;
    assert!(mails.iter().all(|m| m.to != ["ada@northwind.test"]));
    assert!(mails.iter().all(|m| !m.text.contains("The secret of the house")));
    let page = admin.page("/console/deliveries").await?.expect(200)?;
    assert!(page.text().contains("To the operator’s own address instead. The agent is disabled."));
    portal.stop().await
}

/// proves: N05, R10
#[tokio::test]
async fn whose_support_or_view_ended_gets_no_answer_and_the_mail_log_says_why() -> Result<()> {
    let portal = portal(&[]).await?;
    let mut admin = portal.agent("boss@northwind.test", "administrator").await?;
    let (_, contact) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    let mut emma = portal_user(&portal, &mut admin, &contact, "emma@acme.test").await?;
    let ticket = create(&mut emma, "tickets", json!({"title": "Printer on fire"})).await?;
    // Else this mail could be the one that the log gives a reason for.
    portal.mail_to("emma@acme.test", "We have received your request").await?;
    let comments = format!("/modules/tickets/records/{}/comments", id(&ticket));
    let access = format!("/admin/contacts/{contact}/portal-access");

    let ended = json!({"support_start": "2020-01-01", "support_end": "2020-12-31"});
    admin.call("PATCH", &access, Some(ended)).await?.expect(200)?;
    admin.post(&comments, json!({"body": "Too late"})).await?.expect(201)?;
    logged(&admin, &id(&ticket), "error", "support_ended").await?;
    admin.call("PATCH", &access, Some(super::support::dates())).await?.expect(200)?;
    admin.post(&format!("{access}/suspend"), json!({"note": "unpaid"})).await?.expect(200)?;
    admin.post(&comments, json!({"body": "Too late"})).await?.expect(201)?;
    logged(&admin, &id(&ticket), "error", "suspended").await?;
    admin.post(&format!("{access}/resume"), json!({})).await?.expect(200)?;
    publish(&mut admin, |document| document["modules"]["tickets"]["actions"]["view_comments"] = json!("none")).await?;
    portal.settle().await?;
    admin.post(&comments, json!({"body": "Too late"})).await?.expect(201)?;
    logged(&admin, &id(&ticket), "error", "comments_hidden").await?;
    publish(&mut admin, |document| document["modules"]["tickets"]["fields"]["title"]["access"] = json!("hidden"))
        .await?;
    portal.settle().await?;
    admin.post(&comments, json!({"body": "In time"})).await?.expect(201)?;
    let mail = portal.mail_to("emma@acme.test", "New answer").await?;
    assert!(mail.text.contains("In time"), "{}", mail.text);
    assert!(!mail.subject.contains("Printer") && !mail.text.contains("Printer"), "a hidden title is in the mail");
    assert!(portal.mail.messages().await?.iter().all(|m| !m.text.contains("Too late")));
    portal.stop().await
}

/// proves: R10
#[tokio::test]
async fn who_asks_is_told_at_once_that_it_came_in_under_which_number_and_what_happens_next() -> Result<()> {
    let portal = portal(&[]).await?;
    let mut admin = portal.agent("boss@northwind.test", "administrator").await?;
    let (_, contact) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    let mut emma = portal_user(&portal, &mut admin, &contact, "emma@acme.test").await?;
    let ticket = create(&mut emma, "tickets", json!({"title": "Printer on fire"})).await?;
    let number = ticket["number"].as_str().unwrap_or_default();
    let mail = portal.mail_to("emma@acme.test", "We have received your request").await?;
    assert_eq!(mail.subject, format!("We have received your request: Ticket {number} – Printer on fire"));
    assert!(mail.text.contains(&format!("Your number for it is {number}.")), "{}", mail.text);
    assert!(mail.text.contains(&format!("{}/modules/tickets/{}", portal.url, id(&ticket))), "{}", mail.text);
    // An answer stands below it in a mail program.
    let comments = format!("/modules/tickets/records/{}/comments", id(&ticket));
    admin.post(&comments, json!({"body": "Help is on the way."})).await?.expect(201)?;
    let answer = portal.mail_to("emma@acme.test", "New answer").await?;
    let threads = |m: &kit::CaughtMail| m.headers.get("References").or_else(|| m.headers.get("references")).cloned();
    assert!(threads(&mail).is_some() && threads(&mail) == threads(&answer), "{:?} {:?}", mail.headers, answer.headers);
    // What an agent takes down for a customer is no request that came in.
    let fields = json!({"title": "Taken down by telephone", "contact_id": contact});
    create(&mut admin, "tickets", fields).await?;
    portal.settle().await?;
    let all = portal.mail.messages().await?;
    let received = all.iter().filter(|m| m.subject.starts_with("We have received")).count();
    assert_eq!(received, 1, "{:?}", all.iter().map(|m| &m.subject).collect::<Vec<_>>());
    portal.stop().await
}

/// proves: R10
#[tokio::test]
async fn whoever_made_a_ticket_hears_of_a_colleagues_comment_and_the_colleague_does_not() -> Result<()> {
    let portal = portal(&[]).await?;
    let mut admin = portal.agent("boss@northwind.test", "administrator").await?;
    publish(&mut admin, |_| ()).await?;
    let (company, contact) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    let mut emma = portal_user(&portal, &mut admin, &contact, "emma@acme.test").await?;
    let other = contact_of(&mut admin, &company, "pat@acme.test").await?;
    let mut pat = portal_user(&portal, &mut admin, &other, "pat@acme.test").await?;
    let ticket = create(&mut emma, "tickets", json!({"title": "Printer on fire"})).await?;
    let path = format!("/modules/tickets/records/{}", id(&ticket));
    pat.post(&format!("{path}/comments"), json!({"body": "Mine too"})).await?.expect(201)?;
    let number = ticket["number"].as_str().unwrap_or_default();
    let mail = portal.mail_to("emma@acme.test", "New comment").await?;
    assert!(mail.subject.contains(number), "{}", mail.subject);
    assert!(mail.text.contains("pat Test wrote:") && mail.text.contains("> Mine too"), "{}", mail.text);
    assert!(mail.subject.starts_with("New comment: "), "{}", mail.subject);
    portal.mail_to("boss@northwind.test", number).await?;
    portal.settle().await?;
    let to_pat = portal.mail.messages().await?.into_iter().filter(|m| m.to == ["pat@acme.test"]);
    assert!(!to_pat.into_iter().any(|m| m.subject.contains(number)), "the author was told");
    portal.stop().await
}

/// proves: R10
#[tokio::test]
async fn a_contact_without_a_portal_gets_a_text_that_stands_alone_where_the_operator_allows_it() -> Result<()> {
    for allowed in ["false", "true"] {
        let portal = portal(&[("PORTICO_MAIL_WITHOUT_ACCESS", allowed)]).await?;
        let mut admin = portal.agent("boss@northwind.test", "administrator").await?;
        let (_, contact) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
        let fields = json!({"title": "Printer on fire", "contact_id": contact});
        let ticket = create(&mut admin, "tickets", fields).await?;
        portal.settle().await?;
        let comments = format!("/modules/tickets/records/{}/comments", id(&ticket));
        admin.post(&comments, json!({"body": "Use the **extinguisher**."})).await?.expect(201)?;
        if allowed == "true" {
            let mail = portal.mail_to("emma@acme.test", ticket["number"].as_str().unwrap_or_default()).await?;
            assert!(mail.text.contains("> Use the extinguisher."), "{}", mail.text);
            assert!(!mail.text.contains(&portal.url) && !mail.html.contains(&portal.url), "there is a link");
        } else {
            logged(&admin, &id(&ticket), "error", "no_access").await?;
        }
        portal.stop().await?;
    }
    Ok(())
}
