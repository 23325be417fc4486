//! `append`: the group-commit appender beside plain inserts of pgbench.

mod hashing;
pub(crate) mod writers;

use crate::{
    ground::Ground,
    pgbench::Script,
    report::{Figure, Goal, Report, median},
    tell,
    work::{Outcome, by_turns},
};
use anyhow::{Context, Result};
use kit::Database;
use std::collections::HashMap;

const DATABASE: &str = "load_append";

/// Bytes of an event's message and of a plain row's payload.
pub(crate) const PAYLOAD: usize = 256;

/// A plain table with a primary key and a unique (stream, version), and the read model of the benchmark's projection.
const TABLES: &str = "
    create schema bench;
    create table bench.floor (
        pos     bigint      generated always as identity primary key,
        stream  uuid        not null,
        version bigint      not null,
        at      timestamptz not null default now(),
        payload bytea       not null,
        unique (stream, version)
    );
    create table records.load_shown_v1 (
        stream  uuid        primary key,
        version bigint      not null,
        at      timestamptz not null,
        body    bytea       not null
    ) with (fillfactor = 80);
    grant select, insert, update, delete on records.load_shown_v1 to portico_records;";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Side {
    /// pgbench: clients, rows of a statement.
    Floor(usize, usize),
    /// The appender: writers, with the inline projection or without.
    Ours(usize, bool),
}

const SIDES: [Side; 6] = [
    Side::Floor(32, 1),
    Side::Ours(32, true),
    Side::Floor(32, 10),
    Side::Ours(128, false),
    Side::Floor(1, 1),
    Side::Ours(1, false),
];

/// What one side did in one round.
/// What is read off a finished run.
type Reading = fn(&Done) -> f64;

struct Done {
    /// Events or rows per second.
    rate: f64,
    p50: f64,
    p99: f64,
    syncs_per_append: f64,
}

/// Runs the benchmark.
pub(crate) async fn run(ground: &Ground, report: &mut Report) -> Result<()> {
    let database = ground.database(DATABASE).await?;
    ground.execute(DATABASE, TABLES).await?;
    let mut done: HashMap<Side, Vec<Done>> = HashMap::new();
    for round in 0..ground.effort.rounds {
        for side in by_turns(&SIDES, round) {
            let one = measure(ground, &database, side).await.with_context(|| format!("{side:?}"))?;
            tell(format!("append: round {}, {side:?}: {:.0}/s", round + 1, one.rate));
            done.entry(side).or_default().push(one);
        }
    }
    add_figures(report, &done);
    Ok(())
}

async fn measure(ground: &Ground, database: &Database, side: Side) -> Result<Done> {
    ground.checkpoint().await?;
    let before = ground.wal_syncs().await?;
    let seconds = ground.effort.seconds;
    let (outcome, rows): (Outcome, f64) = match side {
        Side::Floor(clients, rows) => (ground.pgbench(DATABASE, &insert(rows), clients, seconds).await?, rows as f64),
        Side::Ours(count, projected) => (writers::run(database, count, projected, seconds).await?, 1.0),
    };
    let syncs = ground.wal_syncs().await? - before;
    Ok(Done {
        rate: outcome.rate() * rows,
        p50: outcome.percentile(50.0),
        p99: outcome.percentile(99.0),
        syncs_per_append: syncs / (outcome.operations() * rows),
    })
}

/// Inserts rows of new streams.
fn insert(rows: usize) -> Script {
    let payload = "a5".repeat(PAYLOAD);
    Script::new(format!(
        "insert into bench.floor (stream, version, payload)
         select gen_random_uuid(), 1, '\\x{payload}'::bytea from generate_series(1, {rows});"
    ))
}

fn add_figures(report: &mut Report, done: &HashMap<Side, Vec<Done>>) {
    let of =
        |side: Side, pick: fn(&Done) -> f64| -> Vec<f64> { done.get(&side).into_iter().flatten().map(pick).collect() };
    let [single, projected, tens, many, lone_floor, lone] = SIDES;
    let (rate, p50, p99, syncs): (Reading, Reading, Reading, Reading) =
        (|d| d.rate, |d| d.p50, |d| d.p99, |d| d.syncs_per_append);
    let floor = "(a) pgbench, 32 clients, single-row INSERT";
    let figure = |name: &str, unit, rounds| Figure::new("append", name, unit, rounds);
    let ours = of(projected, rate);
    let each_hash = hashing::microseconds();
    let share: Vec<f64> = ours.iter().map(|r| r * each_hash / 10_000.0).collect();
    let figures = [
        figure("32 writers, version checked, inline projection", "events/s", ours.clone())
            .beside(floor, &of(single, rate))
            .goal(Goal::AtLeast(0.8)),
        figure("128 writers, version checked, no projection", "events/s", of(many, rate))
            .beside(floor, &of(single, rate))
            .goal(Goal::AtLeast(1.3)),
        figure("32 writers, version checked, inline projection", "events/s", ours)
            .beside("(b) pgbench, 32 clients, 10-row INSERT, rows", &of(tens, rate)),
        figure("p99 of an append, 32 writers, inline projection", "ms", of(projected, p99))
            .beside(floor, &of(single, p99)),
        figure("p50 of an append, 1 writer, no projection", "ms", of(lone, p50))
            .beside("pgbench, 1 client, single-row INSERT", &of(lone_floor, p50))
            .goal(Goal::AtMost(1.5)),
        figure(
            &format!("WAL syncs per append, 32 writers ((a): {})", median(&of(single, syncs))),
            "",
            of(projected, syncs),
        )
        .goal(Goal::AtMost(0.1)),
        figure(
            &format!("hash chain, {each_hash:.2} µs per event: share of the appender's time at that rate"),
            "%",
            share,
        )
        .goal(Goal::AtMost(5.0)),
    ];
    figures.into_iter().for_each(|f| report.add(f));
    report.note(
        "append: each writer appends one event of 256 bytes to a random one of 64 streams of its own, with the version that \
         it expects. The plain table has a primary key and a unique (stream, version). WAL syncs are those of the whole \
         server during the run.",
    );
    report.note(
        "append: the hash chain can't be turned off, so its cost is the measured time of the same hashing, times the rate: \
         what the one appender task spends on it.",
    );
    report.note("append: message-db is not available here; the goals that name it are not measured.");
}
