//! Dependencies that go away and come back.

use crate::support::{create, items};
use anyhow::Result;
use kit::{Portal, eventually};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn work_goes_on_while_the_bus_is_away_and_catches_up() -> Result<()> {
    let mut portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    create(&mut admin, "tickets", json!({"title": "Before"})).await?;
    portal.settle().await?;
    portal.nats.kill().await;
    // Longer than plans are kept without the bus: they are asked for over gRPC.
    for n in 0..3 {
        let body = json!({"fields": {"title": format!("Without the bus {n}")}});
        admin.post("/modules/tickets/records", body).await?.expect(201)?;
    }
    let list = admin.get("/modules/tickets/records").await?.expect(200)?.json();
    assert_eq!(items(&list).len(), 4);
    portal.nats.start_again().await?;
    portal.settle().await?;
    portal.stop().await
}

/// proves: N05
#[tokio::test(flavor = "multi_thread")]
async fn mails_wait_while_the_mail_server_is_away_and_leave_when_it_is_back() -> Result<()> {
    let mut portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    portal.mail.kill().await;
    let (_, contact) = crate::support::company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    admin.post(&format!("/admin/contacts/{contact}/portal-access"), crate::support::dates()).await?.expect(200)?;
    eventually("the delivery to wait", async || {
        let all = admin.clone().get("/admin/deliveries").await?.expect(200)?.json();
        anyhow::ensure!(items(&all).iter().any(|d| d["state"] == "retrying" || d["state"] == "queued"), "{all}");
        Ok(())
    })
    .await?;
    portal.mail.start_again().await?;
    portal.mail_to("emma@acme.test", "").await?;
    let mails = portal.mail.messages().await?;
    assert_eq!(mails.iter().filter(|m| m.to.iter().any(|t| t.contains("emma@acme.test"))).count(), 1);
    portal.stop().await
}
