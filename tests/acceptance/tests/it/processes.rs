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

/// A page of a process's admin port: status and text.
async fn admin_page(running: &kit::Process, path: &str) -> Result<(u16, String)> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(running.admin).await?;
    stream.write_all(format!("GET {path} HTTP/1.0\r\nHost: admin\r\n\r\n").as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let status = answer.get(9..12).and_then(|s| s.parse().ok()).unwrap_or_default();
    Ok((status, answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()))
}

/// Waits until a sample has a value that fits.
async fn sample(running: &kit::Process, series: &str, fits: impl Fn(f64) -> bool) -> Result<f64> {
    eventually(&format!("{series} to be as expected"), async || {
        let (_, text) = admin_page(running, "/metrics").await?;
        let line = text.lines().find(|l| l.starts_with(series));
        let value: Option<f64> = line.and_then(|l| l.rsplit(' ').next()).and_then(|v| v.parse().ok());
        match value.filter(|v| fits(*v)) {
            Some(value) => Ok(value),
            None => anyhow::bail!("{line:?}"),
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_stays_ready_and_answers_while_its_bus_is_away_or_has_another_history() -> Result<()> {
    let mut portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    create(&mut admin, "tickets", json!({"title": "Before"})).await?;
    portal.settle().await?;
    let ready = async |portal: &Portal| -> Result<()> {
        let (status, text) = admin_page(&portal.running()[0], "/readyz").await?;
        anyhow::ensure!(status == 200, "{status} {text}");
        Ok(())
    };
    ready(&portal).await?;
    let diverged = "portico_relay_diverged{service=\"records\"}";
    sample(&portal.running()[0], diverged, |v| v == 0.0).await?;

    // A stray message: the histories differ.
    let stray = async_nats::jetstream::new(portal.bus("records").await?);
    stray.publish("portico.v1.records.tickets.created", "{}".into()).await?.await?;
    sample(&portal.running()[0], diverged, |v| v == 1.0).await?;
    ready(&portal).await?;
    create(&mut admin, "tickets", json!({"title": "Diverged"})).await?;
    sample(&portal.running()[0], "portico_outbox_pending_events{service=\"records\"}", |v| v >= 1.0).await?;
    sample(&portal.running()[0], "portico_outbox_oldest_event_age_seconds{service=\"records\"}", |v| v > 0.0).await?;

    // Away altogether.
    portal.nats.kill().await;
    create(&mut admin, "tickets", json!({"title": "Away"})).await?;
    ready(&portal).await?;

    // Back, and the operator decides: everything is published and counted as such.
    portal.nats.start_again().await?;
    portal.new_epoch("records").await?;
    sample(&portal.running()[0], diverged, |v| v == 0.0).await?;
    portal.settle().await?;
    sample(&portal.running()[0], "portico_outbox_pending_events{service=\"records\"}", |v| v == 0.0).await?;
    sample(&portal.running()[0], "portico_outbox_oldest_event_age_seconds{service=\"records\"}", |v| v == 0.0).await?;
    portal.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_is_ready_only_while_its_database_answers() -> Result<()> {
    use sqlx::{Connection, Executor};
    let portal = Portal::start().await?;
    let status = async |expected: u16| {
        eventually(&format!("readiness to be {expected}"), async || {
            let (status, text) = admin_page(&portal.running()[0], "/readyz").await?;
            anyhow::ensure!(status == expected, "{status} {text}");
            Ok(text)
        })
        .await
    };
    status(200).await?;
    let mut owner = portal.database.owner().await?;
    let allow = |yes: bool| format!("update pg_database set datallowconn = {yes} where datname = current_database()");
    owner.execute(sqlx::AssertSqlSafe(allow(false))).await?;
    let others = "select pg_terminate_backend(pid) from pg_stat_activity
                  where datname = current_database() and pid <> pg_backend_pid()";
    owner.execute(others).await?;
    assert!(status(503).await?.contains(" database: does not answer"));
    owner.execute(sqlx::AssertSqlSafe(allow(true))).await?;
    status(200).await?;
    owner.close().await?;
    portal.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_process_of_a_split_installation_counts_what_its_consumers_have_still_to_handle() -> Result<()> {
    let portal = Portal::with(kit::PortalOptions { split: true, ..kit::PortalOptions::default() }).await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    create(&mut admin, "tickets", json!({"title": "Counted"})).await?;
    portal.settle().await?;
    let mut pairs = 0;
    for running in portal.running() {
        for (service, source, _) in running.waiters.positions() {
            let series = format!("portico_consumer_pending_messages{{service=\"{service}\",source=\"{source}\"}}");
            sample(running, &series, |v| v == 0.0).await?;
            pairs += 1;
        }
    }
    assert!(pairs >= 5, "{pairs} consumers");
    portal.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_mail_server_is_told_before_and_after_there_is_mail() -> Result<()> {
    let mut portal = Portal::start().await?;
    let up = "portico_mail_server_up";
    sample(&portal.running()[0], up, |v| v == 1.0).await?;
    portal.mail.kill().await;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let (_, contact) = crate::support::company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    admin.post(&format!("/admin/contacts/{contact}/portal-access"), crate::support::dates()).await?.expect(200)?;
    sample(&portal.running()[0], up, |v| v == 0.0).await?;
    sample(&portal.running()[0], "portico_notification_waiting_deliveries", |v| v >= 1.0).await?;
    portal.mail.start_again().await?;
    sample(&portal.running()[0], up, |v| v == 1.0).await?;
    sample(&portal.running()[0], "portico_notification_waiting_deliveries", |v| v == 0.0).await?;
    portal.stop().await
}
