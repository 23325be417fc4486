//! `heads`: what several heads for one service would bring. The logs of the four services stand for four heads of one: each has
//! a head row, streams and events of its own on one server, as K heads would have.

mod database;

use crate::{
    append::writers::append,
    ground::Ground,
    report::{Figure, Report},
    tell,
    work::{Ended, Outcome, by_turns, closed_loop},
};
use anyhow::{Context, Result};
use eventlog::{Expected, Log, LogOptions, StreamId};
use kit::Database;
use std::{collections::HashMap, time::Duration};
use uuid::Uuid;

const DATABASE: &str = "load_heads";
/// The services whose logs are the heads.
const HEADS: [&str; 4] = ["records", "identity", "permissions", "notification"];

/// Writers of the appender tasks: as many as keep each of four of them busy.
const WRITERS: usize = 128;
/// Streams of one writer.
const STREAMS: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Side {
    /// The database alone: heads, sessions, events of a batch.
    Sql(usize, usize, usize),
    /// So many appender tasks of one process, a head each.
    Tasks(usize),
}

const SIDES: [Side; 11] = [
    Side::Sql(1, 1, 1),
    Side::Sql(1, 4, 1),
    Side::Sql(2, 2, 1),
    Side::Sql(4, 4, 1),
    Side::Sql(1, 1, 32),
    Side::Sql(1, 4, 32),
    Side::Sql(2, 2, 32),
    Side::Sql(4, 4, 32),
    Side::Tasks(1),
    Side::Tasks(2),
    Side::Tasks(4),
];

struct Done {
    /// Events per second.
    rate: f64,
    p99: f64,
    /// Milliseconds of Postgres for an event.
    cpu: f64,
}

/// Runs the benchmark.
pub(crate) async fn run(ground: &Ground, report: &mut Report) -> Result<()> {
    let database = ground.database(DATABASE).await?;
    database::prepare(ground, DATABASE).await.context("functions")?;
    let mut done: HashMap<Side, Vec<Done>> = HashMap::new();
    for round in 0..ground.effort.rounds {
        for side in by_turns(&SIDES, round) {
            let one = measure(ground, &database, side).await.with_context(|| format!("{side:?}"))?;
            tell(format!("heads: round {}, {side:?}: {:.0} events/s", round + 1, one.rate));
            done.entry(side).or_default().push(one);
        }
    }
    add_figures(report, &done);
    Ok(())
}

async fn measure(ground: &Ground, database: &Database, side: Side) -> Result<Done> {
    ground.checkpoint().await?;
    let (before, seconds) = (ground.postgres_cpu(), ground.effort.seconds);
    let (outcome, each) = match side {
        Side::Sql(heads, sessions, events) => {
            (ground.pgbench(DATABASE, &database::batch(heads, events), sessions, seconds).await?, events as f64)
        }
        Side::Tasks(heads) => (tasks(database, heads, seconds).await?, 1.0),
    };
    let events = outcome.operations() * each;
    Ok(Done {
        rate: outcome.rate() * each,
        p99: outcome.percentile(99.0),
        cpu: (ground.postgres_cpu() - before) * 1_000.0 / events.max(1.0),
    })
}

/// Appends of one process to so many logs: each stream has its own by its id, as an aggregate would have.
async fn tasks(database: &Database, heads: usize, seconds: u64) -> Result<Outcome> {
    let logs: Vec<Log> = HEADS[..heads]
        .iter()
        .map(|service| database.log(service, Vec::new(), LogOptions::default()))
        .collect::<Result<_>>()?;
    let writers: Vec<Vec<(Uuid, i64)>> =
        (0..WRITERS).map(|_| (0..STREAMS).map(|_| (kernel::new_id(), 0)).collect()).collect();
    let write = async |streams: &mut Vec<(Uuid, i64)>| {
        let random = usize::from(kernel::new_id().as_bytes()[15]) % STREAMS;
        let (record, version) = &mut streams[random];
        let head = usize::from(StreamId::new("record", *record).id.as_bytes()[15]) % heads;
        logs[head].append(append(*record, Expected::Version(*version))).await?;
        *version += 1;
        Ok(Ended::Done)
    };
    let outcome = closed_loop(writers, Duration::from_secs(seconds), write).await?;
    for log in logs {
        log.pool().close().await;
    }
    Ok(outcome)
}

/// What is read off a finished run.
type Reading = fn(&Done) -> f64;

fn add_figures(report: &mut Report, done: &HashMap<Side, Vec<Done>>) {
    let of = |side: Side, pick: Reading| -> Vec<f64> { done.get(&side).into_iter().flatten().map(pick).collect() };
    let readings: [(&str, &'static str, Reading); 3] =
        [("", "events/s", |d| d.rate), (", CPU of Postgres per event", "ms", |d| d.cpu), (", p99", "ms", |d| d.p99)];
    for (what, unit, pick) in readings {
        for side in SIDES {
            let (words, alone) = match side {
                Side::Sql(heads, sessions, events) => {
                    (format!("SQL, batches of {events}, heads: {heads}, sessions: {sessions}"), Side::Sql(1, 1, events))
                }
                Side::Tasks(heads) => (format!("{WRITERS} writers, appender tasks and heads: {heads}"), Side::Tasks(1)),
            };
            let figure = Figure::new("heads", format!("{words}{what}"), unit, of(side, pick));
            report.add(if side == alone { figure } else { figure.beside("one head", &of(alone, pick)) });
        }
    }
    report.note(
        "heads: the logs of the four services stand for the heads of one service. SQL: each session of pgbench locks its head, reads, \
         writes a batch of events of new streams with commands, and commits, by the log's own functions in four round trips, as an \
         appender task does; nothing is decided, hashed or projected. Four sessions at one head are four processes of a service today. \
         Tasks: appends with expected versions through the log as it is, without a projection, a stream's head by its id.",
    );
}
