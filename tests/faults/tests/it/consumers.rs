//! What a consumer does with events that it can't handle, and with those that the bus no longer has.

use crate::world::{
    Effects, append_surely, connect, consumer, effects_are_log, log_of, make_effects, relay, stream_is_log, write,
};
use anyhow::{Result, ensure};
use async_nats::jetstream;
use eventlog::{Consumer, ConsumerOptions, Handler, HandlerError, Reaction, Recorded, list_dead, request_replay};
use futures::future::BoxFuture;
use kit::{Database, eventually, nats, temporary};
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// proves: E05
#[tokio::test(flavor = "multi_thread")]
async fn a_failing_event_is_parked_its_stream_waits_and_all_others_go_on() -> Result<()> {
    let database = Database::new().await?;
    make_effects(&database).await?;
    let directory = temporary("dead")?;
    let nats = nats(&directory).await?;
    let client = connect(&nats, "records").await?;
    let notification = connect(&nats, "notification").await?;
    let (log, other) = (log_of(&database, "records")?, log_of(&database, "notification")?);
    let effects = Effects::default();
    effects.failing.lock().expect("not poisoned").insert("bad".into());
    let (publishing, _) = relay(&log, &client);
    let consuming = consumer(&log, &other, &notification, &effects);
    append_surely(&log, 1, "good").await?;
    let bad = append_surely(&log, 1, "bad").await?.first;
    append_surely(&log, 1, "behind it").await?;
    for n in 0..20 {
        append_surely(&log, 2 + n, &format!("elsewhere {n}")).await?;
    }
    eventually("the event to be dead and the others handled", async || {
        let dead = list_dead(other.pool()).await?;
        let states: Vec<_> = dead.iter().map(|d| (d.position, d.state.as_str())).collect();
        ensure!(states == [(bad, "dead"), (bad + 1, "waiting")], "{states:?}");
        let done: i64 = sqlx::query_scalar("select count(*) from effect").fetch_one(other.pool()).await?;
        ensure!(done == 21, "{done} effects");
        Ok(())
    })
    .await?;
    let dead = list_dead(other.pool()).await?;
    ensure!(dead[0].error.contains("bad is to fail") && dead[0].attempts == 3, "{dead:?}");

    // Mended and asked for: handled in the stream's order, once each.
    effects.failing.lock().expect("not poisoned").clear();
    ensure!(request_replay(other.pool(), "records", bad).await?);
    effects_are_log(&log, &other).await?;
    ensure!(list_dead(other.pool()).await?.is_empty());
    consuming.stop().await;
    publishing.stop().await;
    Ok(())
}

/// proves: E03
#[tokio::test(flavor = "multi_thread")]
async fn what_the_bus_no_longer_has_is_read_from_the_log() -> Result<()> {
    let database = Database::new().await?;
    make_effects(&database).await?;
    let directory = temporary("retention")?;
    let nats = nats(&directory).await?;
    let client = connect(&nats, "records").await?;
    let (log, other) = (log_of(&database, "records")?, log_of(&database, "notification")?);
    let (publishing, _) = relay(&log, &client);
    write(&log, (0..60).map(|n| format!("event {n}"))).await?;
    stream_is_log(&log, &client, 1).await?;
    // Retention took the first, and an erasure some in the middle.
    let stream = jetstream::new(connect(&nats, "operator").await?).get_stream("PORTICO_RECORDS").await?;
    for sequence in (1..=20).chain([35, 36, 50]) {
        stream.delete_message(sequence).await?;
    }
    let consuming = consumer(&log, &other, &connect(&nats, "notification").await?, &Effects::default());
    effects_are_log(&log, &other).await?;
    write(&log, (0..10).map(|n| format!("live {n}"))).await?;
    effects_are_log(&log, &other).await?;
    consuming.stop().await;
    publishing.stop().await;
    Ok(())
}

/// proves: E03
#[tokio::test(flavor = "multi_thread")]
async fn events_that_wait_are_handled_together_and_each_has_its_effect_once() -> Result<()> {
    const EVENTS: usize = 400;
    let database = Database::new().await?;
    make_effects(&database).await?;
    let directory = temporary("runs")?;
    let nats = nats(&directory).await?;
    let client = connect(&nats, "records").await?;
    let (log, other) = (log_of(&database, "records")?, log_of(&database, "notification")?);
    let (publishing, _) = relay(&log, &client);
    write(&log, (0..EVENTS).map(|n| format!("event {n}"))).await?;
    stream_is_log(&log, &client, 1).await?;
    let consuming = consumer(&log, &other, &connect(&nats, "notification").await?, &Effects::default());
    effects_are_log(&log, &other).await?;
    let transactions: i64 =
        sqlx::query_scalar("select count(distinct xmin::text) from effect").fetch_one(other.pool()).await?;
    ensure!(transactions <= 40, "{EVENTS} effects took {transactions} transactions");
    consuming.stop().await;
    publishing.stop().await;
    Ok(())
}

/// Handles everything by doing nothing.
struct Deaf;

impl Handler for Deaf {
    fn name(&self) -> &'static str {
        "deaf"
    }

    fn handle<'a>(&'a self, _: &'a Recorded) -> BoxFuture<'a, Result<Reaction, HandlerError>> {
        Box::pin(async { Ok(Reaction::Nothing) })
    }
}

/// A process that waits for the lease sees how far the one is that acts, also where nothing has an effect that would move
/// the inbox at once.
#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_the_lease_sees_soon_how_far_the_other_is() -> Result<()> {
    let database = Database::new().await?;
    let directory = temporary("lease")?;
    let nats = nats(&directory).await?;
    let client = connect(&nats, "records").await?;
    let (log, other) = (log_of(&database, "records")?, log_of(&database, "notification")?);
    let (publishing, _) = relay(&log, &client);
    let heard = connect(&nats, "notification").await?;
    let stop = CancellationToken::new();
    let start = || {
        let options = ConsumerOptions { probe: Duration::from_millis(200), ..ConsumerOptions::default() };
        let consumer =
            Consumer::new(other.clone(), "records", Arc::new(log.clone()), heard.clone(), Arc::new(Deaf), options);
        let waiter = consumer.waiter();
        (waiter, tokio::spawn(consumer.run(stop.clone())))
    };
    let (mut first, acting) = start();
    let last = append_surely(&log, 1, "one").await?.last;
    ensure!(first.wait_for(last, Duration::from_secs(20)).await, "nobody acts");
    let (mut second, waiting) = start();
    let mut round = 0;
    eventually("the waiting process to be known", async || {
        // Unasked, the inbox would be written every five seconds: four times in a row that is no luck.
        for _ in 0..4 {
            round += 1;
            let last = append_surely(&log, 1, &format!("more {round}")).await?.last;
            ensure!(first.wait_for(last, Duration::from_secs(5)).await, "the acting process stopped");
            ensure!(second.wait_for(last, Duration::from_secs(1)).await, "at {} of {last}", second.position());
        }
        Ok(())
    })
    .await?;
    stop.cancel();
    acting.await?;
    waiting.await?;
    publishing.stop().await;
    Ok(())
}
