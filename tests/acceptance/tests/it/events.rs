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

/// The headers that README.md lists.
fn documented() -> std::collections::BTreeSet<String> {
    let readme = include_str!("../../../../README.md");
    let (_, section) = readme.split_once("## Listen to events").unwrap_or_default();
    let (section, _) = section.split_once("## Operate").unwrap_or((section, ""));
    let rows = section.lines().filter(|l| l.starts_with("| `"));
    let cells = rows.filter_map(|l| l.split('|').nth(1));
    cells.flat_map(|c| c.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// proves: E02
#[tokio::test(flavor = "multi_thread")]
async fn every_message_says_the_truth_about_itself_and_nothing_that_is_not_documented() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    portal.agent("other@test.test", "agent").await?;
    let (_, contact) = crate::support::company_and_contact(&mut admin, "Acme", "emma@acme.test").await?;
    admin.post(&format!("/admin/contacts/{contact}/portal-access"), crate::support::dates()).await?.expect(200)?;
    admin.post("/auth/api-tokens", json!({"name": "mine", "scopes": ["records:read"]})).await?;
    admin.post("/admin/groups", json!({"name": "Support", "member_ids": []})).await?;
    let roles = json!({"name": "Helper", "description": "", "records": "read", "rights": []});
    admin.post("/admin/roles", roles).await?;
    let ticket = create(&mut admin, "tickets", json!({"title": "Truth"})).await?;
    admin
        .post(&format!("/modules/tickets/records/{}/comments", id(&ticket)), json!({"body": "x"}))
        .await?
        .expect(201)?;
    portal.mail_to("emma@acme.test", "").await?;
    portal.settle().await?;

    let documented = documented();
    let context = jetstream::new(portal.bus("operator").await?);
    let mut types = std::collections::BTreeSet::new();
    for service in runtime::SERVICES {
        let stream = context.get_stream(format!("PORTICO_{}", service.to_uppercase())).await?;
        let (head, _) = portal.log(service).head().await?;
        let (mut streams, mut subjects) = (std::collections::HashMap::new(), std::collections::HashMap::new());
        for position in 1..=head {
            let message = stream.get_raw_message(u64::try_from(position)?).await?;
            let get = |name: &str| message.headers.get(name).map(|v| v.as_str().to_owned()).unwrap_or_default();
            let stored = get("portico-type");
            let at = format!("{service} {position} {stored}");
            for (name, _) in message.headers.iter().filter(|(n, _)| !n.to_string().starts_with("Nats-Expected")) {
                anyhow::ensure!(documented.contains(&name.to_string()), "{at}: README.md does not list {name}");
            }
            // One subject is one stream, and the sequence counts its events without holes.
            let (subject, stream) = (get("ce-subject"), get("portico-stream"));
            anyhow::ensure!(!subject.is_empty() && subject == get("ce-partitionkey"), "{at}: subject {subject:?}");
            let known = streams.entry(subject.clone()).or_insert_with(|| stream.clone());
            anyhow::ensure!(*known == stream, "{at}: {subject} is the subject of two streams");
            let last = subjects.entry(subject.clone()).or_insert(0_i64);
            *last += 1;
            anyhow::ensure!(get("ce-sequence").parse::<i64>()? == *last, "{at}: {subject} {}", get("ce-sequence"));
            // The schema is there, and knows every field of the data.
            let address = get("ce-dataschema");
            let path = address.strip_prefix(&portal.url).with_context(|| format!("{at}: {address}"))?;
            let event = proto::event::event_type(&stored).with_context(|| at.clone())?;
            anyhow::ensure!(path == proto::event::EventType::schema_path(&stored), "{at}: {address}");
            let schema: serde_json::Value = serde_json::from_str(event.schema)?;
            let data: serde_json::Value = serde_json::from_slice(&message.payload)?;
            for field in data.as_object().context("an object")?.keys() {
                anyhow::ensure!(schema["properties"].get(field).is_some(), "{at}: the schema does not know {field}");
            }
            types.insert(stored);
        }
    }
    assert!(types.len() >= 12, "the story is too short: {types:?}");
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
