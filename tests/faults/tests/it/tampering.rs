//! A superuser changes the log behind its back: the verifier names the first bad event, or the missing tail.

use crate::world::{log_of, write};
use anyhow::{Context, Result, ensure};
use eventlog::{CheckpointKey, verify};
use kit::{Database, master_key};
use sqlx::Executor;

/// Makes a log of 40 events, lets a superuser act on it, and answers what the verifier says.
async fn after(sql: &str, with_checkpoint: bool) -> Result<Option<(i64, String)>> {
    let database = Database::new().await?;
    let log = log_of(&database, "records")?;
    write(&log, (0..40).map(|n| format!("event {n}"))).await?;
    let before = verify(&log, None).await?;
    ensure!(before.violation.is_none() && before.events == 40, "{before:?}");
    let checkpoint = CheckpointKey::derive(&master_key()).sign("records", 1, before.events, &before.heads);
    CheckpointKey::derive(&master_key()).check(&checkpoint)?;
    let mut owner = database.owner().await?;
    let script = format!("set search_path = records_log; alter table event_p0 disable trigger all; {sql}");
    owner.execute(sqlx::AssertSqlSafe(script)).await?;
    let found = verify(&log, with_checkpoint.then_some(&checkpoint)).await?;
    Ok(found.violation.map(|v| (v.position, v.what)))
}

async fn names(sql: &str, position: i64) -> Result<()> {
    let (found, what) = after(sql, false).await?.with_context(|| format!("not found: {sql}"))?;
    ensure!(found == position, "named {found} ({what}), expected {position}: {sql}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_byte_is_found_at_its_event() -> Result<()> {
    names("update event set payload = set_byte(payload, 3, get_byte(payload, 3) # 1) where pos = 17", 17).await?;
    names("update event set actor_id = gen_random_uuid() where pos = 5", 5).await?;
    names("update event set recorded_at = recorded_at + interval '1 microsecond' where pos = 40", 40).await?;
    names("update event set hash = set_byte(hash, 0, get_byte(hash, 0) # 1) where pos = 9", 9).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_event_and_swapped_events_are_found() -> Result<()> {
    names("delete from event where pos = 23", 23).await?;
    names("update event e set payload = o.payload from event o where (e.pos, o.pos) in ((11, 12), (12, 11))", 11).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_off_tail_is_found_with_and_without_a_checkpoint() -> Result<()> {
    // Crudely, with the head left as it was.
    names("delete from event where pos > 30", 31).await?;
    names("truncate event_p0", 1).await?;
    // Carefully, so that everything in the database agrees: only a checkpoint kept elsewhere tells.
    let careful = "delete from event where pos > 30;
        update head set pos = 30;
        update stream s set version = e.stream_version, last_pos = e.pos, hash = e.hash
            from (select distinct on (stream_id) * from event order by stream_id, pos desc) e where e.stream_id = s.stream_id";
    ensure!(after(careful, false).await?.is_none(), "the careful cut is not careful");
    let (position, what) = after(careful, true).await?.context("the checkpoint told nothing")?;
    ensure!(position == 31 && what.contains("tail is missing"), "{position}: {what}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_that_was_forged_is_not_believed() -> Result<()> {
    let key = CheckpointKey::derive(&master_key());
    let mut forged = key.sign("records", 1, 40, &std::collections::HashMap::new());
    forged.position = 30;
    ensure!(key.check(&forged).is_err());
    let other = CheckpointKey::derive(&kernel::Secret::new([1; 32]));
    ensure!(key.check(&other.sign("records", 1, 40, &std::collections::HashMap::new())).is_err());
    Ok(())
}
