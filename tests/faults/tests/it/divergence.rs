//! The log and the bus have different histories: stopped and said, never mended by guessing; `new-epoch` is the way on.

use crate::world::{
    Effects, append_surely, connect, consumer, effects_are_log, log_of, make_effects, relay, stream_is_log, write,
};
use anyhow::{Result, ensure};
use async_nats::jetstream;
use eventlog::{RelayState, forget_stream};
use kit::{Database, eventually, nats, temporary};
use sqlx::{Connection, Executor, PgConnection};

async fn diverged(state: &tokio::sync::watch::Receiver<RelayState>) -> Result<String> {
    eventually("the relay to say that it diverged", async || match state.borrow().clone() {
        RelayState::Diverged(what) => Ok(what),
        other => anyhow::bail!("{other:?}"),
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_was_set_back_stops_the_relay_until_a_new_epoch() -> Result<()> {
    let database = Database::new().await?;
    make_effects(&database).await?;
    let directory = temporary("restored")?;
    let nats = nats(&directory).await?;
    let client = connect(&nats, "records").await?;
    let (log, other) = (log_of(&database, "records")?, log_of(&database, "notification")?);
    let effects = Effects::default();
    let (publishing, _) = relay(&log, &client);
    let notification = connect(&nats, "notification").await?;
    let consuming = consumer(&log, &other, &notification, &effects);
    write(&log, (0..20).map(|n| format!("kept {n}"))).await?;
    let backup = log.head().await?.0;
    write(&log, (0..10).map(|n| format!("lost {n}"))).await?;
    stream_is_log(&log, &client, 1).await?;
    effects_are_log(&log, &other).await?;
    publishing.stop().await;
    consuming.stop().await;

    // A restore from the backup: what came after it is gone from the log, and only from there.
    let mut owner = database.owner().await?;
    set_back(&mut owner, backup).await?;
    let (publishing, state) = relay(&log, &client);
    ensure!(diverged(&state).await?.contains("ends at"));
    // New events after the restore take positions that the stream has others at.
    for n in 0..15 {
        append_surely(&log, n, &format!("other {n}")).await?;
    }
    eventually("the relay to see the other events", async || {
        ensure!(diverged(&state).await?.contains("another event"), "{:?}", state.borrow());
        Ok(())
    })
    .await?;

    // The operator decides: the log is right.
    sqlx::query("select records_log.begin_epoch()").execute(&mut owner).await?;
    forget_stream(&connect(&nats, "operator").await?, "records").await?;
    stream_is_log(&log, &client, 1).await?;
    let consuming = consumer(&log, &other, &notification, &effects);
    effects_are_log(&log, &other).await?;
    consuming.stop().await;
    publishing.stop().await;
    owner.close().await?;
    Ok(())
}

/// What a superuser's restore of an older state amounts to.
async fn set_back(owner: &mut PgConnection, position: i64) -> Result<()> {
    let sql = format!(
        "begin;
         alter table records_log.event_p0 disable trigger all;
         delete from records_log.event where pos > {position};
         alter table records_log.event_p0 enable always trigger append_only_row;
         update records_log.head set pos = {position};
         delete from records_log.command where last_pos > {position};
         update records_log.stream s set version = e.stream_version, last_pos = e.pos, hash = e.hash
             from (select distinct on (stream_id) * from records_log.event order by stream_id, pos desc) e
             where e.stream_id = s.stream_id;
         delete from records_log.stream s where not exists (select from records_log.event e where e.stream_id = s.stream_id);
         commit"
    );
    owner.execute(sqlx::AssertSqlSafe(sql)).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stray_message_on_the_stream_is_noticed() -> Result<()> {
    let database = Database::new().await?;
    let directory = temporary("stray")?;
    let nats = nats(&directory).await?;
    let client = connect(&nats, "records").await?;
    let log = log_of(&database, "records")?;
    let (publishing, state) = relay(&log, &client);
    write(&log, (0..5).map(|n| format!("ours {n}"))).await?;
    stream_is_log(&log, &client, 1).await?;
    // Only the service's own user could do it: everybody else is refused by the server.
    let stranger = connect(&nats, "notification").await?;
    let refused = jetstream::new(stranger).publish("portico.v1.records.tickets.created", "{}".into()).await?;
    ensure!(refused.await.is_err(), "another service published on records' subjects");
    jetstream::new(client.clone()).publish("portico.v1.records.tickets.created", "{}".into()).await?.await?;
    diverged(&state).await?;
    publishing.stop().await;
    Ok(())
}
