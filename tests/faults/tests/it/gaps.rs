//! Many writers, stalls, aborts, killed backends: the log holds exactly what was acknowledged, dense and in order; and
//! without the head lock it does not.

use crate::world::{append, text_of};
use anyhow::{Result, ensure};
use eventlog::{Append, Expected, Log, LogError, LogOptions, Meta, StreamId, verify};
use futures::future::BoxFuture;
use kernel::Actor;
use kit::{Database, eventually};
use sqlx::Executor;
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::Notify;
use uuid::Uuid;

const WRITERS: u64 = 32;
const EACH: u64 = 25;

fn stalling(without_head_lock: bool) -> LogOptions {
    let turn = Arc::new(AtomicU64::new(0));
    LogOptions {
        without_head_lock,
        stall_before_commit: Some(Arc::new(move || {
            // 0 to 6 ms, in no order that writers could be in step with.
            let n = turn.fetch_add(1, Ordering::Relaxed);
            Box::pin(tokio::time::sleep(Duration::from_micros(n.wrapping_mul(2_654_435_761) % 6_000)))
        })),
    }
}

/// Runs writers over two appenders, and a reader beside them; fails on the first thing that is not as promised.
async fn hold(without_head_lock: bool) -> Result<()> {
    let database = Database::new().await?;
    let logs = [
        database.log("records", Vec::new(), stalling(without_head_lock))?,
        database.log("records", Vec::new(), stalling(without_head_lock))?,
    ];
    let reader = tokio::spawn({
        let log = logs[0].clone();
        async move { read_live(&log).await }
    });
    let killer = tokio::spawn({
        let mut owner = database.owner().await?;
        async move {
            for _ in 0..6 {
                tokio::time::sleep(Duration::from_millis(150)).await;
                let sql = "select pg_terminate_backend(pid) from pg_stat_activity
                           where application_name = 'portico-records' and state <> 'idle' and datname = current_database()";
                let _ = owner.execute(sql).await;
            }
        }
    });
    let writers = (0..WRITERS).map(|w| {
        let log = logs[usize::try_from(w % 2).unwrap_or(0)].clone();
        tokio::spawn(async move {
            let mut acknowledged = Vec::new();
            for n in 0..EACH {
                let text = format!("{w}-{n}");
                // Every tenth is refused under the lock: an abort that must leave no gap.
                if n % 10 == 9 {
                    let mut refused = append(u128::from(w), Expected::Any, &text);
                    refused.build = Box::new(|_| Err(kernel::Error::not_found()));
                    ensure!(matches!(log.append(refused).await, Err(LogError::Refused(_) | LogError::Unavailable(_))));
                    continue;
                }
                match log.append(append(u128::from(w % 5), Expected::Any, &text)).await {
                    Ok(_) => acknowledged.push(text),
                    Err(LogError::Unavailable(_)) => {}
                    Err(e) => anyhow::bail!("{text}: {e:?}"),
                }
            }
            Ok(acknowledged)
        })
    });
    let mut acknowledged = BTreeSet::new();
    for writer in futures::future::join_all(writers).await {
        acknowledged.extend(writer??);
    }
    killer.await?;
    let log = &logs[0];
    log.append(append(99, Expected::Any, "end")).await?;
    let seen = tokio::time::timeout(Duration::from_secs(20), reader).await???;
    let (head, _) = log.head().await?;
    let events = log.read(1, 1_000_000).await?;
    ensure!(events.len() == usize::try_from(head)?, "{} events, head {head}", events.len());
    let texts: BTreeSet<String> = events.iter().map(text_of).filter(|t| t != "end").collect();
    ensure!(texts.len() == events.len() - 1, "an event is there twice");
    ensure!(acknowledged.is_subset(&texts), "an acknowledged event is missing");
    let stored: Vec<String> = events.iter().map(text_of).collect();
    ensure!(seen == stored, "the reader saw something else than what is there");
    let verified = verify(log, None).await?;
    ensure!(verified.violation.is_none(), "{:?}", verified.violation);
    Ok(())
}

/// Follows the head as the relay does, until the last event.
async fn read_live(log: &Log) -> Result<Vec<String>> {
    let mut seen = Vec::new();
    let mut position = 0;
    loop {
        for event in log.read(position + 1, 1000).await.unwrap_or_default() {
            ensure!(
                event.position == position + 1,
                "position {} was not there when {} was",
                position + 1,
                event.position
            );
            position = event.position;
            seen.push(text_of(&event));
        }
        if seen.last().is_some_and(|t| t == "end") {
            return Ok(seen);
        }
        log.appended_after(position, Duration::from_millis(1)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_sees_exactly_what_was_committed_in_order() -> Result<()> {
    hold(false).await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_head_lock_the_same_test_fails() -> Result<()> {
    // One round can be lucky; several can't.
    for _ in 0..5 {
        if hold(true).await.is_err() {
            return Ok(());
        }
    }
    anyhow::bail!("the head lock makes no difference: the test shows nothing")
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_of_one_stream_take_turns() -> Result<()> {
    let database = Database::new().await?;
    let logs = [
        database.log("records", Vec::new(), LogOptions::default())?,
        database.log("records", Vec::new(), LogOptions::default())?,
    ];
    let stream = StreamId::new("record", Uuid::from_u128(1));
    let writers = (0..16_usize).map(|w| {
        let log = logs[w % 2].clone();
        tokio::spawn(async move {
            let (mut won, mut lost) = (0, 0);
            while won < 10 {
                let version = log.load(stream).await?.last().map_or(0, |e| e.version);
                match log.append(append(1, Expected::Version(version), &format!("{w}-{won}"))).await {
                    Ok(appended) => {
                        ensure!(appended.versions == [version + 1], "{appended:?}");
                        won += 1;
                    }
                    Err(LogError::WrongExpectedVersion { .. }) => lost += 1,
                    Err(e) => return Err(e.into()),
                }
            }
            anyhow::Ok(lost)
        })
    });
    let mut lost = 0;
    for writer in futures::future::join_all(writers).await {
        lost += writer??;
    }
    ensure!(lost > 0, "nobody ever met anybody: the test shows nothing");
    let versions: Vec<i64> = logs[0].load(stream).await?.iter().map(|e| e.version).collect();
    ensure!(versions == (1..=160).collect::<Vec<_>>(), "{versions:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_append_reads_no_table_as_a_whole_however_empty_it_was_at_first() -> Result<()> {
    const APPENDS: i64 = 400;
    let database = Database::new().await?;
    let log = database.log("records", Vec::new(), LogOptions::default())?;
    for n in 0..APPENDS {
        let mut append = append(u128::try_from(n % 7)?, Expected::Any, &format!("{n}"));
        let key = format!("{n}").into_bytes();
        append.claims = vec![eventlog::ClaimChange::Take { scope: "test", key, holder: kernel::new_id() }];
        append.counters = vec![("test".into(), 1)];
        log.append(append).await?;
    }
    let mut owner = database.owner().await?;
    // Sessions report what they read within a second or so; until then there is nothing to be seen of the indexes either.
    eventually("the appends to be counted", async || {
        let (by_index, whole): (i64, i64) = sqlx::query_as(
            "select coalesce(sum(idx_scan), 0)::bigint, coalesce(sum(seq_tup_read), 0)::bigint
             from pg_stat_user_tables where schemaname = 'records_log'
               and (relname like 'command%' or relname in ('stream', 'claim'))",
        )
        .fetch_one(&mut owner)
        .await?;
        ensure!(by_index >= 3 * APPENDS, "{by_index} looks by an index so far");
        // A table that is read as a whole each time would come to tens of thousands of rows.
        ensure!(whole <= APPENDS, "{whole} rows were read by going through whole tables");
        Ok(())
    })
    .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_replica_holds_the_others_up_for_seconds_only() -> Result<()> {
    let database = Database::new().await?;
    let stalled = Arc::new(Notify::new());
    let stall = {
        let stalled = Arc::clone(&stalled);
        move || -> BoxFuture<'static, ()> {
            stalled.notify_one();
            Box::pin(std::future::pending())
        }
    };
    let options = LogOptions { stall_before_commit: Some(Arc::new(stall)), ..LogOptions::default() };
    let frozen = database.log("records", Vec::new(), options)?;
    let alive = database.log("records", Vec::new(), LogOptions::default())?;
    let stuck = tokio::spawn(async move { frozen.append(append(1, Expected::Any, "frozen")).await.map(|_| ()) });
    tokio::time::timeout(Duration::from_secs(30), stalled.notified()).await?;
    let began = std::time::Instant::now();
    alive.append(append(2, Expected::Any, "alive")).await?;
    ensure!(began.elapsed() < Duration::from_secs(8), "it took {:?}", began.elapsed());
    stuck.abort();
    let events = alive.read(1, 10).await?;
    ensure!(events.iter().map(text_of).collect::<Vec<_>>() == ["alive"], "{events:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poison_command_hurts_only_itself() -> Result<()> {
    struct Poison;
    impl eventlog::SideWrite for Poison {
        fn write<'a>(&'a self, _: &'a eventlog::Appended, tx: &'a mut sqlx::PgConnection) -> eventlog::Writing<'a> {
            Box::pin(async move {
                sqlx::query("select 1 / 0").execute(tx).await?;
                Ok(())
            })
        }
    }
    let database = Database::new().await?;
    let log = database.log("records", Vec::new(), stalling(false))?;
    let all = (0..40_u128).map(|n| {
        let log = log.clone();
        async move {
            if n == 17 {
                let meta = Meta::new(Actor::service("test"), kernel::new_id(), b"poison");
                let poison = Append::side(meta, vec![Box::new(Poison)]);
                return matches!(log.append(poison).await, Err(LogError::Database(_)));
            }
            log.append(append(n, Expected::Version(0), &n.to_string())).await.is_ok()
        }
    });
    let outcomes = futures::future::join_all(all).await;
    ensure!(outcomes.iter().all(|o| *o), "{outcomes:?}");
    ensure!(log.head().await?.0 == 39, "{:?}", log.head().await?);
    Ok(())
}
