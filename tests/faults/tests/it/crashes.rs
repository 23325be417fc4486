//! Kill of each part in the middle of work: afterwards log = stream = effects, and nothing acknowledged is lost.

use crate::world::{
    Effects, append_surely, connect, consumer, effects_are_log, log_of, make_effects, relay, stream_is_log, text_of,
};
use anyhow::{Result, ensure};
use kit::{Database, nats, postgres, temporary};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::sync::{Semaphore, watch};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_or_doubled_whatever_is_killed() -> Result<()> {
    let directory = temporary("crashes")?;
    let mut postgres = postgres(&directory, true).await?;
    let database = Database::made_on(&postgres, "crashes").await?;
    make_effects(&database).await?;
    let mut nats = nats(&directory).await?;
    let client = connect(&nats, "records").await?;
    let notification = connect(&nats, "notification").await?;
    let (log, other) = (log_of(&database, "records")?, log_of(&database, "notification")?);
    let effects = Effects::default();
    let (mut publishing, _) = relay(&log, &client);
    let mut consuming = consumer(&log, &other, &notification, &effects);

    let (written, mut progress) = watch::channel(0_usize);
    let wanted = Arc::new(Semaphore::new(0));
    let writer = tokio::spawn({
        let (log, wanted) = (log.clone(), Arc::clone(&wanted));
        async move {
            let mut acknowledged = BTreeSet::new();
            while let Ok(one) = wanted.acquire().await {
                one.forget();
                let n = acknowledged.len();
                let text = format!("event {n}");
                append_surely(&log, u128::try_from(n % 9)?, &text).await?;
                acknowledged.insert(text);
                written.send_replace(acknowledged.len());
            }
            anyhow::Ok(acknowledged)
        }
    });
    // Each part is killed in the middle of work: half of forty more events are written by then.
    let mut asked = 0;
    let mut work = async || -> Result<()> {
        wanted.add_permits(40);
        asked += 40;
        let half = asked - 20;
        tokio::time::timeout(Duration::from_secs(30), progress.wait_for(|n| *n >= half)).await??;
        Ok(())
    };
    for away in [Duration::from_millis(100), Duration::from_millis(1500)] {
        work().await?;
        publishing.crash().await;
        (publishing, _) = relay(&log, &client);
        work().await?;
        consuming.crash().await;
        consuming = consumer(&log, &other, &notification, &effects);
        work().await?;
        nats.kill().await;
        work().await?;
        nats.start_again().await?;
        work().await?;
        postgres.kill().await;
        tokio::time::sleep(away).await;
        postgres.start_again().await?;
    }
    work().await?;
    wanted.close();
    let acknowledged = writer.await??;
    stream_is_log(&log, &client, 1).await?;
    effects_are_log(&log, &other).await?;
    let events = log.read(1, 10_000).await?;
    let texts: BTreeSet<String> = events.iter().map(text_of).collect();
    ensure!(texts.len() == events.len(), "a command was appended twice");
    ensure!(texts == acknowledged, "{} acknowledged, {} there", acknowledged.len(), texts.len());
    ensure!(eventlog::verify(&log, None).await?.violation.is_none());
    consuming.stop().await;
    publishing.stop().await;
    postgres.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_relays_that_fight_for_the_lead_publish_everything_once() -> Result<()> {
    use sqlx::Executor;
    let database = Database::new().await?;
    let directory = temporary("relays")?;
    let nats = nats(&directory).await?;
    let client = connect(&nats, "records").await?;
    let (one, two) = (log_of(&database, "records")?, log_of(&database, "records")?);
    let (first, _) = relay(&one, &client);
    let (second, _) = relay(&two, &connect(&nats, "records").await?);
    let mut owner = database.owner().await?;
    for round in 0..8_u128 {
        for n in 0..20 {
            append_surely(if n % 2 == 0 { &one } else { &two }, n, &format!("{round}-{n}")).await?;
        }
        // Whoever leads loses the lock, with its connection, while it publishes.
        let sql = "select pg_terminate_backend(l.pid) from pg_locks l join pg_stat_activity a on a.pid = l.pid
                   where l.locktype = 'advisory' and a.datname = current_database()";
        owner.execute(sql).await?;
    }
    stream_is_log(&one, &client, 1).await?;
    first.stop().await;
    second.stop().await;
    Ok(())
}
