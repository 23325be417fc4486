//! The main job, end to end, over the API: with all services in one process, and with each in its own.

use crate::support::{company_and_contact, create, id, items, let_contacts_edit, portal_user};
use anyhow::Result;
use kit::{Portal, PortalOptions, eventually};
use serde_json::json;

/// proves: A01, A02, A06, P01, P02, P07, P08, P09, P10, R01, R05, R06, R08, R13, R14, O02
#[tokio::test(flavor = "multi_thread")]
async fn a_contact_opens_a_ticket_an_agent_answers_and_the_log_proves_it() -> Result<()> {
    flow(Portal::start().await?).await
}

/// proves: O02
#[tokio::test(flavor = "multi_thread")]
async fn the_same_happens_with_every_service_alone() -> Result<()> {
    flow(Portal::with(PortalOptions { split: true, ..PortalOptions::default() }).await?).await
}

async fn flow(portal: Portal) -> Result<()> {
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let_contacts_edit(&mut admin).await?;
    let (_, contact) = company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    let mut emma = portal_user(&portal, &mut admin, &contact, "emma@acme.test").await?;

    // The home has the menu that the profile gives.
    let home = emma.get("/portal/home").await?.expect(200)?.json();
    let menu: Vec<_> = home["menu"].as_array().into_iter().flatten().map(|m| m["module"].clone()).collect();
    assert!(menu.contains(&json!("tickets")) && !menu.contains(&json!("companies")), "{home}");

    let ticket =
        create(&mut emma, "tickets", json!({"title": "Printer is on fire", "description": "It *burns*."})).await?;
    let path = format!("/modules/tickets/records/{}", id(&ticket));
    assert_eq!(ticket["fields"]["status"], "open");
    assert_eq!(ticket["fields"]["contact_id"], json!(contact));
    assert_eq!(ticket["created_by_ext"]["name"], "emma Test");
    assert!(ticket["number"].as_str().is_some_and(|n| n.starts_with("TT")), "{ticket}");
    let list = emma.get("/modules/tickets/records?count=exact").await?.expect(200)?.json();
    assert_eq!((items(&list).len(), &list["total"]), (1, &json!(1)));

    // Companies can never be created from the portal; contacts' own company is not even there.
    let refused = emma.post("/modules/companies/records", json!({"fields": {"name": "Mine"}})).await?;
    assert!(matches!(refused.status.as_u16(), 403 | 404), "{}", refused.text());

    // The agent answers, and notes something among agents.
    let etag = admin.get(&path).await?.header("etag").to_owned();
    admin.patch(&path, &etag, json!({"fields": {"priority": "urgent"}})).await?.expect(200)?;
    admin.post(&format!("{path}/comments"), json!({"body": "Use the extinguisher."})).await?.expect(201)?;
    admin
        .post(&format!("{path}/comments"), json!({"body": "Customer is careless", "internal": true}))
        .await?
        .expect(201)?;
    let number = ticket["number"].as_str().unwrap_or_default();
    portal.mail_to("emma@acme.test", &format!("We have received your request: Ticket {number}")).await?;
    let mail = portal.mail_to("emma@acme.test", &format!("New answer: Ticket {number}")).await?;
    assert!(mail.text.contains("Use the extinguisher."), "{}", mail.text);
    assert!(!mail.text.contains("careless"));

    // The contact sees the answer, never the note, and edits the description.
    let comments = emma.get(&format!("{path}/comments")).await?.expect(200)?;
    assert!(comments.text().contains("Use the extinguisher.") && !comments.text().contains("careless"));
    let seen = emma.get(&path).await?.expect(200)?;
    let etag = seen.header("etag").to_owned();
    let edited = emma.patch(&path, &etag, json!({"fields": {"description": "It is out."}})).await?.expect(200)?.json();
    assert_eq!(edited["modified_by_ext"]["name"], "emma Test");

    // A lost update is refused with both versions.
    let stale = emma.patch(&path, &etag, json!({"fields": {"description": "Again."}})).await?.expect(412)?;
    assert_eq!(stale.code(), "stale_version");
    assert!(stale.json()["expected"].is_string() && stale.json()["actual"].is_string(), "{}", stale.text());

    // The whole history, old → new, in both front ends; the note only for agents.
    let history = emma.get(&format!("{path}/history")).await?.expect(200)?;
    assert!(!history.text().contains("internal_noted") && !history.text().contains("careless"), "{}", history.text());
    let change = items(&history.json())
        .into_iter()
        .flat_map(|e| e["changes"].as_array().cloned().unwrap_or_default())
        .find(|c| c["field"] == "description" && c["new"] == "It is out.");
    assert_eq!(change.map(|c| c["old"].clone()), Some(json!("It *burns*.")));
    let all = admin.get(&format!("{path}/history")).await?.expect(200)?.json();
    let types: Vec<_> = items(&all).iter().map(|e| e["type"].as_str().unwrap_or_default().to_owned()).collect();
    for kind in ["created", "assigned", "updated", "commented", "internal_noted"] {
        assert!(types.iter().any(|t| t == kind), "{kind} is missing in {types:?}");
    }
    // An agent's later edit leaves ModifiedByExt alone.
    let etag = admin.get(&path).await?.header("etag").to_owned();
    let again = admin.patch(&path, &etag, json!({"fields": {"status": "closed"}})).await?.expect(200)?.json();
    assert_eq!(again["modified_by_ext"]["name"], "emma Test");

    portal.settle().await?;
    for service in runtime::SERVICES {
        let verified = eventlog::verify(portal.log(service), None).await?;
        assert_eq!(verified.violation, None, "{service}");
        assert!(verified.events > 0, "{service}");
    }
    eventually("every mail to be sent", async || {
        let all = admin.clone().get("/admin/deliveries").await?.expect(200)?.json();
        let waiting: Vec<_> = items(&all).into_iter().filter(|d| d["state"] != "sent").collect();
        anyhow::ensure!(waiting.is_empty(), "{waiting:?}");
        Ok(())
    })
    .await?;
    portal.stop().await
}
