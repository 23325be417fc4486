//! Programs of other people on the bus: what they are granted works, and everything else is out of their reach.

use crate::support::{create, id};
use anyhow::{Context, Result, ensure};
use async_nats::jetstream::{
    self,
    consumer::{Info, pull},
};
use futures::{StreamExt, TryStreamExt};
use kit::{Portal, ProgramClient, eventually};
use serde_json::json;
use std::{collections::BTreeMap, time::Duration};

const TICKETS: &str = "portico.v1.records.tickets.>";
const CASES: &str = "portico.v1.records.cases.>";
const MADE: [&str; 3] =
    ["portico.v1.records.tickets.created", "portico.v1.records.contacts.created", "portico.v1.records.cases.created"];
const STREAMS: [&str; 4] = ["PORTICO_IDENTITY", "PORTICO_PERMISSIONS", "PORTICO_RECORDS", "PORTICO_NOTIFICATION"];

type Consumer = jetstream::consumer::Consumer<pull::Config>;

async fn own_consumer(program: &ProgramClient, name: &str, stream: &str) -> Result<Consumer> {
    let context = jetstream::with_domain(program.client.clone(), "portico");
    Ok(context.get_consumer_from_stream(name, stream).await?)
}

async fn fetch(consumer: &Consumer, most: usize, within: Duration) -> Result<Vec<jetstream::Message>> {
    let batch = consumer.fetch().max_messages(most).expires(within).messages().await?;
    batch.map(|m| m.map_err(anyhow::Error::msg)).try_collect().await
}

/// What an operator sees of the bus that nobody else may change: configurations, and consumers that are not ours to lose.
async fn seen(portal: &Portal) -> Result<BTreeMap<String, serde_json::Value>> {
    let context = jetstream::new(portal.bus("operator").await?);
    let mut all = BTreeMap::new();
    for name in STREAMS {
        let mut stream = context.get_stream(name).await?;
        let info = stream.info().await?;
        let state = (&info.config, info.state.messages, info.state.first_sequence, info.state.last_sequence);
        all.insert(name.to_owned(), serde_json::to_value(state)?);
        let consumers: Vec<Info> = stream.consumers().try_collect().await?;
        for info in consumers.into_iter().filter(|c| c.config.durable_name.is_some()) {
            let ends = (info.ack_floor.stream_sequence, info.delivered.stream_sequence);
            let place = (&info.config, info.num_pending, info.num_ack_pending, ends);
            all.insert(format!("{name}/{}", info.name), serde_json::to_value(place)?);
        }
    }
    Ok(all)
}

/// A consumer of a service itself, unfiltered; it hears what is internal.
async fn internal_consumer(portal: &Portal) -> Result<String> {
    let context = jetstream::new(portal.bus("operator").await?);
    let consumers: Vec<Info> = context.get_stream("PORTICO_IDENTITY").await?.consumers().try_collect().await?;
    let found = consumers.into_iter().find(|c| c.config.durable_name.is_none());
    Ok(found.context("services consume identity's events")?.name)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_can_do_nothing_but_fetch_and_acknowledge_its_own() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    for n in 0..3 {
        create(&mut admin, "tickets", json!({"title": format!("Ticket {n}")})).await?;
        create(&mut admin, "cases", json!({"title": format!("Case {n}")})).await?;
    }
    portal.settle().await?;
    let crm = portal.grant("crm", &[TICKETS], 4).await?;
    let erp = portal.grant("erp", &[CASES], 4).await?;
    let internal = internal_consumer(&portal).await?;
    // The other program has a message out, whose acknowledgement somebody could want to forge.
    let other = ProgramClient::connect(&erp).await?;
    let theirs = fetch(&own_consumer(&other, "erp", "PORTICO_RECORDS").await?, 1, Duration::from_secs(1)).await?;
    let forged = theirs[0].reply.clone().context("an address for the acknowledgement")?.to_string();
    let mut hints = portal.bus("identity").await?.subscribe("portico.hint.*").await?;
    let before = seen(&portal).await?;

    let mut program = ProgramClient::connect(&crm).await?;
    let push = |to: &str| {
        json!({"stream_name": "PORTICO_RECORDS", "action": "", "config":
            {"name": "x", "durable_name": "x", "deliver_subject": to, "deliver_policy": "all", "ack_policy": "none",
             "filter_subject": TICKETS}})
        .to_string()
    };
    let mut attacks: Vec<(String, String)> = Vec::new();
    let mut attack = |subject: &str, body: &str| attacks.push((subject.to_owned(), body.to_owned()));
    for api in ["$JS.API", "$JS.portico.API"] {
        // Consumers of its own making: pushing to others, unfiltered, over its own name.
        for to in ["portico.hint.identity", "$JS.API.CONSUMER.DELETE.PORTICO_RECORDS.erp", "_INBOX.x", &forged] {
            attack(&format!("{api}.CONSUMER.CREATE.PORTICO_RECORDS"), &push(to));
            attack(&format!("{api}.CONSUMER.CREATE.PORTICO_RECORDS.x"), &push(to));
            attack(&format!("{api}.CONSUMER.CREATE.PORTICO_RECORDS.x.{TICKETS}"), &push(to));
            attack(&format!("{api}.CONSUMER.CREATE.PORTICO_RECORDS.crm.{TICKETS}"), &push(to));
            attack(&format!("{api}.CONSUMER.DURABLE.CREATE.PORTICO_RECORDS.x"), &push(to));
        }
        for verb in ["DELETE", "INFO", "MSG.NEXT", "PAUSE", "UNPIN", "LEADER.STEPDOWN"] {
            attack(&format!("{api}.CONSUMER.{verb}.PORTICO_RECORDS.erp"), "{}");
            attack(&format!("{api}.CONSUMER.{verb}.PORTICO_IDENTITY.{internal}"), "{}");
            attack(&format!("{api}.CONSUMER.{verb}.PORTICO_IDENTITY.crm"), "{}");
        }
        for verb in ["DELETE", "PAUSE", "UNPIN"] {
            attack(&format!("{api}.CONSUMER.{verb}.PORTICO_RECORDS.crm"), "{}");
        }
        for stream in STREAMS {
            for verb in ["INFO", "CREATE", "UPDATE", "DELETE", "PURGE", "MSG.GET", "MSG.DELETE", "SNAPSHOT", "RESTORE"]
            {
                attack(&format!("{api}.STREAM.{verb}.{stream}"), r#"{"seq":1}"#);
            }
            attack(&format!("{api}.DIRECT.GET.{stream}"), r#"{"seq":1}"#);
            attack(&format!("{api}.DIRECT.GET.{stream}.portico.v1.records.internal.x"), "");
            attack(&format!("{api}.CONSUMER.NAMES.{stream}"), "");
            attack(&format!("{api}.CONSUMER.LIST.{stream}"), "");
        }
        for subject in ["INFO", "STREAM.NAMES", "STREAM.LIST", "STREAM.CREATE.MINE", "ACCOUNT.PURGE.PORTICO"] {
            attack(&format!("{api}.{subject}"), r#"{"name":"MINE","subjects":["mine"]}"#);
        }
    }
    attack(&forged, "+ACK");
    attack(&forged, "+TERM");
    attack("$JS.ACK.PORTICO_RECORDS.erp.1.2.2.1.0", "");
    attack(&format!("$JS.ACK.PORTICO_IDENTITY.{internal}.1.1.1.1.0"), "");
    attack("$JS.ACK.portico.x.PORTICO_RECORDS.erp.1.2.2.1.0", "");
    attack("$JS.FC.PORTICO_RECORDS.erp.x", "");
    for subject in
        ["portico.v1.records.tickets.created", "portico.v1.records.internal.x", "portico.v1.identity.account.locked"]
    {
        attack(subject, "{}");
    }
    for service in ["identity", "records", "gateway"] {
        attack(&format!("portico.hint.{service}"), "");
    }
    for subject in ["ACCOUNT.PORTICO.CONNZ", "SERVER.PING", "SERVER.PING.VARZ", "USER.INFO", "ACCOUNT.PING.CONNZ"] {
        attack(&format!("$SYS.REQ.{subject}"), "");
    }
    attack("_INBOX_records.x", "{}");
    attack("anything.else", "{}");
    for (subject, body) in &attacks {
        program.client.publish_with_reply(subject.clone(), "_INBOX.answer", body.clone().into()).await?;
        program.client.flush().await?;
        program.refused(subject).await.with_context(|| format!("publishing to {subject}"))?;
    }
    for n in 0..300 {
        let subject = format!("$JS.API.CONSUMER.CREATE.PORTICO_RECORDS.flood{n}.{TICKETS}");
        let body = json!({"stream_name": "PORTICO_RECORDS", "config": {"durable_name": format!("flood{n}"),
                          "filter_subject": TICKETS, "ack_policy": "explicit"}});
        program.client.publish(subject, body.to_string().into()).await?;
        // The client keeps only so many of the server's words, and drops what comes faster than they are read.
        if n % 50 == 49 {
            program.refused(&format!("flood{n}.")).await?;
        }
    }

    for subject in
        [">", "portico.>", "portico.v1.>", "portico.hint.*", "$JS.>", "$SYS.>", "_INBOX_records.>", "_INBOX_erp.>", "*"]
    {
        let _subscription = program.client.subscribe(subject).await?;
        program.client.flush().await?;
        program.refused(&format!("\"{subject}\"")).await.with_context(|| format!("subscribing to {subject}"))?;
    }
    // The answers to others pass elsewhere: what it may subscribe to is its own account's.
    let mut answers = program.client.subscribe("_INBOX.>").await?;
    program.client.flush().await?;

    // Its own consumer, told to answer where it has no business: the server delivers nowhere but in its own account.
    for reply in [
        "portico.hint.identity",
        "portico.v1.records.tickets.created",
        "_INBOX_erp.x",
        "$JS.API.STREAM.PURGE.PORTICO_RECORDS",
        &forged,
    ] {
        let next = "$JS.portico.API.CONSUMER.MSG.NEXT.PORTICO_RECORDS.crm";
        program.client.publish_with_reply(next, reply.to_owned(), r#"{"no_wait":true,"batch":1}"#.into()).await?;
        program.client.flush().await?;
    }
    portal.settle().await?;

    let mut after = seen(&portal).await?;
    let (mut before, own) = (before, "PORTICO_RECORDS/crm");
    before.remove(own);
    after.remove(own);
    assert_eq!(before, after, "a program changed what is not its own");
    assert!(!format!("{after:?}").contains("flood"));
    assert!(tokio::time::timeout(Duration::from_millis(300), hints.next()).await.is_err(), "a hint was forged");
    assert!(
        tokio::time::timeout(Duration::from_millis(300), answers.next()).await.is_err(),
        "somebody's answers are heard"
    );
    // And its own way still works after all of that.
    let consumer = own_consumer(&program, "crm", "PORTICO_RECORDS").await?;
    let found = eventually("the messages that went nowhere to come again", async || {
        let found = fetch(&consumer, 4, Duration::from_secs(2)).await?;
        ensure!(!found.is_empty(), "nothing came");
        Ok(found)
    })
    .await?;
    found[0].double_ack().await.map_err(anyhow::Error::msg)?;
    theirs[0].double_ack().await.map_err(anyhow::Error::msg)?;
    portal.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_program_may_use_of_the_server_is_limited() -> Result<()> {
    let portal = Portal::start().await?;
    let access = portal.grant("crm", &[TICKETS], 1).await?;
    let mut connections = Vec::new();
    for _ in 0..16 {
        connections.push(ProgramClient::connect(&access).await?);
    }
    assert!(ProgramClient::connect(&access).await.is_err(), "a program has as many connections as it likes");
    let mut program = connections.remove(0);
    drop(connections);
    for _ in 0..65 {
        std::mem::forget(program.client.subscribe("_INBOX.x.*").await?);
    }
    program.client.flush().await?;
    eventually("the server to refuse subscriptions", async || {
        let text = program.complaint().await?.to_lowercase();
        ensure!(text.contains("subscriptions exceeded"), "{text}");
        Ok(())
    })
    .await?;
    drop(program);

    let program = eventually("a connection to be free", async || ProgramClient::connect(&access).await).await?;
    let next = "$JS.portico.API.CONSUMER.MSG.NEXT.PORTICO_RECORDS.crm";
    let greedy = program.client.request(next, r#"{"batch":1000000,"no_wait":true}"#.into()).await?;
    assert_eq!(greedy.status.map(|s| s.as_u16()), Some(409), "{greedy:?}");
    let mut waiting = program.client.subscribe("_INBOX.many.*").await?;
    for n in 0..40 {
        program
            .client
            .publish_with_reply(next, format!("_INBOX.many.{n}"), r#"{"batch":1,"expires":60000000000}"#.into())
            .await?;
    }
    program.client.flush().await?;
    let refused = tokio::time::timeout(Duration::from_secs(5), waiting.next()).await?.context("an answer")?;
    assert_eq!(refused.status.map(|s| s.as_u16()), Some(409), "requests wait without end");
    let mut program = program;
    let large = "x".repeat(5000);
    // The client may know the limit, or the server hangs up.
    if program.client.publish("$JS.ACK.PORTICO_RECORDS.crm.1.1.1.1.0", large.into()).await.is_ok() {
        eventually("the server to refuse the payload", async || {
            let text = program.complaint().await?.to_lowercase();
            ensure!(text.contains("payload") || text.contains("disconnected"), "{text}");
            Ok(())
        })
        .await?;
    }
    portal.stop().await
}

/// proves: E01
#[tokio::test(flavor = "multi_thread")]
async fn a_program_catches_up_goes_on_live_and_survives_a_lost_stream_and_a_new_epoch() -> Result<()> {
    let portal = Portal::start().await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    create(&mut admin, "tickets", json!({"title": "Before the grant"})).await?;
    let contact = create(&mut admin, "contacts", json!({"last_name": "Forgotten", "email": "gone@acme.test"})).await?;
    portal.settle().await?;
    let access = portal.grant("crm", &[MADE[0], MADE[1]], 1).await?;
    let program = ProgramClient::connect(&access).await?;
    let consumer = own_consumer(&program, "crm", "PORTICO_RECORDS").await?;

    // Catch-up, then live.
    let mut heard = Vec::new();
    let take = async |many: usize| -> Result<Vec<(String, String, bool)>> {
        let mut found = Vec::new();
        let mut rounds = 0..20;
        while found.len() < many {
            rounds.next().with_context(|| format!("only {found:?} came"))?;
            for message in fetch(&consumer, 1, Duration::from_secs(1)).await? {
                let headers = message.headers.clone().context("headers")?;
                let get = |name: &str| headers.get(name).map(|v| v.as_str().to_owned()).unwrap_or_default();
                found.push((message.subject.to_string(), get("ce-epoch"), get("portico-redacted") == "true"));
                message.double_ack().await.map_err(anyhow::Error::msg)?;
            }
        }
        Ok(found)
    };
    heard.extend(take(2).await?);
    create(&mut admin, "tickets", json!({"title": "Live"})).await?;
    create(&mut admin, "cases", json!({"title": "Not granted"})).await?;
    create(&mut admin, "tickets", json!({"title": "Live too"})).await?;
    heard.extend(take(2).await?);
    let subjects: Vec<&str> = heard.iter().map(|(s, ..)| s.as_str()).collect();
    let created = MADE[0];
    assert_eq!(subjects, [created, MADE[1], created, created]);
    assert!(heard.iter().all(|(_, epoch, redacted)| epoch == "1" && !redacted));

    // A message that was not acknowledged comes again, and nothing overtakes it.
    create(&mut admin, "tickets", json!({"title": "Twice"})).await?;
    create(&mut admin, "tickets", json!({"title": "After it"})).await?;
    let first = fetch(&consumer, 1, Duration::from_secs(5)).await?.remove(0);
    let again = fetch(&consumer, 1, Duration::from_secs(5)).await?.remove(0);
    let place = |m: &jetstream::Message| Ok::<_, anyhow::Error>(m.info().map_err(anyhow::Error::msg)?.stream_sequence);
    assert_eq!(place(&first)?, place(&again)?);
    assert_eq!(again.info().map_err(anyhow::Error::msg)?.delivered, 2);
    again.double_ack().await.map_err(anyhow::Error::msg)?;
    take(1).await?;

    // Changed: it goes on where it stood, with the same login.
    let changed = portal.grant("crm", &MADE, 1).await?;
    assert_eq!(changed.password, access.password);
    create(&mut admin, "cases", json!({"title": "Granted now"})).await?;
    assert_eq!(take(1).await?[0].0, MADE[2]);

    // The stream is lost: the relay makes it again, and with it what was granted.
    eventlog::forget_stream(&portal.bus("records").await?, "records").await?;
    let from_the_start = eventually("the consumer to be there again", async || take(1).await).await?;
    assert_eq!((from_the_start[0].0.as_str(), from_the_start[0].1.as_str()), (created, "1"));

    // After a restore the operator begins a new epoch: the same, and each message says so. Whose key is gone by then is gone.
    portal.log("records").keys().erase(id(&contact).parse()?).await?;
    portal.new_epoch("records").await?;
    let anew = eventually("the second epoch", async || {
        let found = take(1).await?;
        ensure!(found[0].1 == "2", "{found:?}");
        Ok(found)
    })
    .await?;
    assert_eq!(anew[0].0, created);
    let contact = take(1).await?;
    assert_eq!(contact[0], (MADE[1].to_owned(), "2".to_owned(), true));

    // Revoked: nothing more comes, and the login is gone.
    create(&mut admin, "tickets", json!({"title": "Too late"})).await?;
    portal.settle().await?;
    portal.revoke("crm").await?;
    assert!(ProgramClient::connect(&access).await.is_err());
    assert!(portal.revoke("crm").await.is_err(), "revoked twice");
    assert!(seen(&portal).await?.keys().all(|k| !k.ends_with("/crm")));
    portal.stop().await
}
