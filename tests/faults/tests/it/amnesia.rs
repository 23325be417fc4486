//! JetStream forgets: a deleted stream, an emptied disk, a store put back to an older copy. Healed without an operator.

use crate::world::{Effects, connect, consumer, effects_are_log, log_of, make_effects, relay, stream_is_log, write};
use anyhow::Result;
use async_nats::jetstream;
use kit::{Database, nats, temporary};

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_stream_is_made_anew_from_the_log_and_consumers_go_on() -> Result<()> {
    let database = Database::new().await?;
    make_effects(&database).await?;
    let directory = temporary("amnesia")?;
    let nats = nats(&directory).await?;
    let client = connect(&nats, "records").await?;
    let (log, other) = (log_of(&database, "records")?, log_of(&database, "notification")?);
    let (relay, _) = relay(&log, &client);
    let notification = connect(&nats, "notification").await?;
    let consumer = consumer(&log, &other, &notification, &Effects::default());
    write(&log, (0..50).map(|n| format!("before {n}"))).await?;
    stream_is_log(&log, &client, 1).await?;
    jetstream::new(connect(&nats, "operator").await?).delete_stream("PORTICO_RECORDS").await?;
    write(&log, (0..50).map(|n| format!("after {n}"))).await?;
    stream_is_log(&log, &client, 1).await?;
    effects_are_log(&log, &other).await?;
    consumer.stop().await;
    relay.stop().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_was_set_back_or_emptied_is_completed() -> Result<()> {
    let database = Database::new().await?;
    make_effects(&database).await?;
    let directory = temporary("setback")?;
    let mut nats = nats(&directory).await?;
    let client = connect(&nats, "records").await?;
    let (log, other) = (log_of(&database, "records")?, log_of(&database, "notification")?);
    let (relay, _) = relay(&log, &client);
    let notification = connect(&nats, "notification").await?;
    let consumer = consumer(&log, &other, &notification, &Effects::default());
    write(&log, (0..30).map(|n| format!("first {n}"))).await?;
    stream_is_log(&log, &client, 1).await?;

    nats.stop().await;
    let (store, copy) = (nats.store_directory(), directory.join("older"));
    copy_all(&store, &copy)?;
    nats.start_again().await?;
    write(&log, (0..30).map(|n| format!("second {n}"))).await?;
    stream_is_log(&log, &client, 1).await?;
    nats.stop().await;
    std::fs::remove_dir_all(&store)?;
    copy_all(&copy, &store)?;
    nats.start_again().await?;
    stream_is_log(&log, &client, 1).await?;
    write(&log, (0..10).map(|n| format!("third {n}"))).await?;
    stream_is_log(&log, &client, 1).await?;

    nats.kill().await;
    std::fs::remove_dir_all(&store)?;
    nats.start_again().await?;
    write(&log, (0..10).map(|n| format!("fourth {n}"))).await?;
    stream_is_log(&log, &client, 1).await?;
    effects_are_log(&log, &other).await?;
    consumer.stop().await;
    relay.stop().await;
    Ok(())
}

fn copy_all(from: &std::path::Path, to: &std::path::Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_all(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
