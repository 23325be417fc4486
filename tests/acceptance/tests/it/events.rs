//! Events on NATS, as other services get them.

use crate::support::{create, id};
use anyhow::{Context, Result};
use async_nats::jetstream::{self, consumer::pull};
use futures::StreamExt;
use kit::{Portal, ProgramClient};
use serde_json::json;
use std::time::Duration;

/// proves: E01, E03
#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_consumer_gets_a_tickets_life_in_order_as_cloud_events() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let ticket = create(&mut admin, "tickets", json!({"title": "Events", "description": "<b>"})).await?;
    let path = format!("/modules/tickets/records/{}", id(&ticket));
    admin.post(&format!("{path}/comments"), json!({"body": "hello"})).await?.expect(201)?;
    let etag = admin.get(&path).await?.header("etag").to_owned();
    admin.patch(&path, &etag, json!({"fields": {"status": "closed"}})).await?.expect(200)?;
    portal.settle().await?;

    let access = portal.grant("life", &["portico.v1.records.tickets.>"], 1).await?;
    let program = ProgramClient::connect(&access).await?;
    let consumer = jetstream::with_domain(program.client.clone(), "portico")
        .get_consumer_from_stream::<pull::Config, _, _>("life", "PORTICO_RECORDS")
        .await?;
    let mut messages = consumer.messages().await?;
    let (mut subjects, mut sequence) = (Vec::new(), 0);
    while let Ok(Some(message)) = tokio::time::timeout(Duration::from_secs(3), messages.next()).await {
        let message = message?;
        let headers = message.headers.clone().context("headers")?;
        let get = |name: &str| headers.get(name).map(|v| v.as_str().to_owned()).unwrap_or_default();
        assert_eq!(get("ce-specversion"), "1.0");
        assert_eq!(get("ce-subject"), id(&ticket));
        assert_eq!(get("ce-partitionkey"), id(&ticket));
        assert_eq!(get("ce-id"), get("Nats-Msg-Id"));
        assert!(
            get("ce-type").starts_with("dev.portico.tickets.") && get("ce-type").ends_with(".v1"),
            "{}",
            get("ce-type")
        );
        assert!(get("ce-source").ends_with(":records"));
        assert_eq!((get("content-type").as_str(), get("ce-time").len()), ("application/json", 27));
        let next: i64 = get("ce-sequence").parse()?;
        assert_eq!(next, sequence + 1, "the record's versions follow on");
        sequence = next;
        let data: serde_json::Value = serde_json::from_slice(&message.payload)?;
        assert_eq!(data["module"], "tickets");
        // The stream sequence is the position in the log.
        let position = i64::try_from(message.info().map_err(anyhow::Error::msg)?.stream_sequence)?;
        assert_eq!(portal.log("records").read(position, 1).await?[0].event_id.to_string(), get("ce-id"));
        subjects.push(message.subject.to_string());
        message.double_ack().await.map_err(anyhow::Error::msg)?;
    }
    for event in ["created", "commented", "updated", "closed"] {
        assert!(
            subjects.contains(&format!("portico.v1.records.tickets.{event}")),
            "{event} is missing in {subjects:?}"
        );
    }
    portal.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_contact_is_handled_by_everybody_without_a_dead_letter() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    let contact = create(&mut admin, "contacts", json!({"last_name": "Poison", "email": "poison@acme.test"})).await?;
    assert_eq!(contact["module"], "contacts");
    portal.settle().await?;
    portal.no_dead_letters().await?;
    portal.stop().await
}
