//! Commands that race, are repeated, refused or overtaken: each is decided on what is really there.

use anyhow::{Result, ensure};
use eventlog::{
    DecideError, Decided, Decision, Draft, Expected, Log, LogError, LogOptions, Meta, Recorded, Stored, StreamId,
};
use kernel::{Actor, Aggregate, Error};
use kit::Database;
use prost::Message;
use proto::{event::StoredEvent, records::v1::RecordDeleted};
use uuid::Uuid;

/// Counts, up to a bound.
#[derive(Debug, Clone, Default, PartialEq)]
struct Counter(usize);

#[derive(Debug, Clone, Copy)]
enum Command {
    /// One more.
    Add,
    /// At least so many.
    Reach(usize),
}

#[derive(Debug, PartialEq)]
struct Full;

impl From<Full> for Error {
    fn from(_: Full) -> Error {
        Error::forbidden("full")
    }
}

/// The most that is counted.
const FULL: usize = 40;

impl Aggregate for Counter {
    type Command = Command;
    type Event = String;
    type Rejection = Full;

    fn decide(&self, command: Command) -> Result<Vec<String>, Full> {
        let wanted = match command {
            Command::Add => self.0 + 1,
            Command::Reach(count) => count.max(self.0),
        };
        if wanted > FULL { Err(Full) } else { Ok((self.0..wanted).map(|n| n.to_string()).collect()) }
    }

    fn evolve(self, _: &String) -> Counter {
        Counter(self.0 + 1)
    }
}

impl Stored for Counter {
    const CATEGORY: &'static str = "counter";

    fn decode(recorded: &Recorded) -> Result<String, LogError> {
        let message = RecordDeleted::decode(&recorded.payload[..]).map_err(|e| LogError::Broken(e.to_string()))?;
        Ok(message.record_id)
    }

    fn encode(_: Uuid, event: &String) -> (&'static str, Vec<u8>) {
        let message = RecordDeleted { occurred_at_micros: 0, record_id: event.clone(), module: "counters".into() };
        (RecordDeleted::STORED_TYPE, message.encode_to_vec())
    }
}

const ID: Uuid = Uuid::from_u128(7);

fn meta(command: u128) -> Meta {
    Meta::new(Actor::service("test"), Uuid::from_u128(command), b"request")
}

fn decision(meta: &Meta, command: Command) -> Decision<'_, Counter> {
    Decision { id: ID, meta, command, expected: None, repeatable: false }
}

async fn decide(log: &Log, command: u128, wanted: Command) -> Result<Decided<Counter>, DecideError<Full>> {
    log.decide(decision(&meta(command), wanted), |_, _, _| {}).await
}

async fn log() -> Result<(Database, Log)> {
    let database = Database::new().await?;
    let log = database.log("records", Vec::new(), LogOptions::default())?;
    Ok((database, log))
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_that_race_are_decided_again_and_none_is_lost() -> Result<()> {
    let (_database, log) = log().await?;
    let racing = (0..30).map(|n| {
        let log = log.clone();
        tokio::spawn(async move { decide(&log, 100 + n, Command::Add).await })
    });
    let mut counted = 0;
    for task in racing.collect::<Vec<_>>() {
        match task.await? {
            Ok(decided) => {
                counted += 1;
                ensure!(decided.version == i64::try_from(decided.state.0)?, "{decided:?}");
            }
            Err(DecideError::Overtaken) => {}
            Err(e) => return Err(e.into()),
        }
    }
    ensure!(counted > 0 && log.aggregate::<Counter>(ID).await?.state == Counter(counted), "{counted} were answered");
    Ok(())
}

#[tokio::test]
async fn nothing_to_do_appends_nothing_and_a_refusal_says_why() -> Result<()> {
    let (_database, log) = log().await?;
    let first = decide(&log, 1, Command::Reach(3)).await?;
    ensure!((first.state, first.version, first.position) == (Counter(3), 3, 3));
    let already = decide(&log, 2, Command::Reach(2)).await?;
    ensure!((already.state, already.version, already.position) == (Counter(3), 3, 0));
    ensure!(matches!(decide(&log, 3, Command::Reach(41)).await, Err(DecideError::Rejected(Full))));
    let meta = meta(4);
    let stale = log.decide(Decision { expected: Some(2), ..decision(&meta, Command::Add) }, |_, _, _| {}).await;
    ensure!(matches!(stale, Err(DecideError::Stale { expected: 2, actual: 3 })));
    ensure!(log.head().await?.0 == 3);
    Ok(())
}

#[tokio::test]
async fn a_repeated_command_is_answered_as_the_first_time_whatever_has_changed() -> Result<()> {
    let (_database, log) = log().await?;
    let again = |command: u128, wanted| {
        let (log, meta) = (log.clone(), meta(command));
        async move {
            let repeatable = Decision { repeatable: true, ..decision(&meta, wanted) };
            let note = |_: &Counter, events: &[String], draft: &mut Draft| draft.result = vec![events.len() as u8];
            log.decide(repeatable, note).await
        }
    };
    let first = again(1, Command::Reach(FULL)).await?;
    ensure!((first.position, first.result.as_slice()) == (40, &[40][..]));
    let repeated = again(1, Command::Reach(FULL)).await?;
    ensure!((repeated.position, repeated.result) == (first.position, first.result.clone()), "nothing is left to do");
    let rejected_now = again(1, Command::Add).await?;
    ensure!((rejected_now.position, rejected_now.result) == (first.position, first.result), "it would be rejected now");
    ensure!(matches!(again(2, Command::Add).await, Err(DecideError::Rejected(Full))), "another command is");
    Ok(())
}

#[tokio::test]
async fn who_is_overtaken_each_time_is_told_so() -> Result<()> {
    let (_database, log) = log().await?;
    let meta = meta(1);
    // A stream that the append names at a version that it never has.
    let elsewhere = StreamId::new("counter", Uuid::from_u128(8));
    let overtaken = log
        .decide(decision(&meta, Command::Add), |_, _, draft| {
            draft.stream(elsewhere, Expected::Version(5));
        })
        .await;
    ensure!(matches!(overtaken, Err(DecideError::Overtaken)));
    ensure!(log.head().await?.0 == 0);
    Ok(())
}
