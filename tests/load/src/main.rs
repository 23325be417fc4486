//! Benchmarks of the product, each beside an anchor that is measured in the same run, interleaved with it. `scripts/bench`
//! builds and runs this. The ratios are the result; rates alone say more about the machine than about the program.
//!
//! Everything runs on the loopback address against servers of its own, for a bounded time, and is removed at the end.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is a command line")]

mod append;
mod collector;
mod create;
mod deliver;
mod ground;
mod grow;
mod heads;
mod list;
mod login;
mod operations;
mod pgbench;
mod report;
mod sink;
mod site;
mod spread;
mod start;
mod statements;
mod usage;
mod work;

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use ground::Ground;
use report::Report;
use std::{path::PathBuf, process::ExitCode, time::Instant};
use tokio::signal::unix::{SignalKind, signal};

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Benchmark {
    /// Appends to the event log.
    Append,
    /// From commit to a foreign consumer.
    Deliver,
    /// Creating tickets over HTTP.
    Create,
    /// Pages of lists over HTTP.
    List,
    /// Logins on all cores, and what reads feel of them.
    Login,
    /// Cold start and memory.
    Start,
    /// CPU per operation, everything counted, with mail.
    Operations,
    /// Appends to several heads of one log.
    Heads,
    /// Appends, lists and opened tickets with one, five and ten million events.
    Grow,
}

/// Benchmarks of Portico beside their anchors.
#[derive(Parser)]
#[command(name = "load")]
struct Arguments {
    /// Which; all but `grow` and `heads` without it.
    benchmarks: Vec<Benchmark>,
    /// Two rounds of two seconds: to see whether it works, not for results.
    #[arg(long)]
    quick: bool,
    /// Lists of 10,000 and 100,000 records instead of 10,000 and 1,000,000.
    #[arg(long)]
    small: bool,
    /// Another program of Portico, measured beside this one in `operations`.
    #[arg(long)]
    before: Option<PathBuf>,
    /// Rounds.
    #[arg(long)]
    rounds: Option<usize>,
    /// Seconds of each measurement.
    #[arg(long)]
    seconds: Option<u64>,
    /// With the trace exporter on: every request is traced and sent to a receiver that keeps nothing.
    #[arg(long)]
    traced: bool,
    /// Also print the statements on which Postgres spent the most time. Counting them costs a little.
    #[arg(long)]
    statements: bool,
    /// Where results.md and results.json go.
    #[arg(long, default_value = "target/bench")]
    output: PathBuf,
}

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) rounds: usize,
    pub(crate) seconds: u64,
    /// Events of one run of the relay.
    pub(crate) backlog: usize,
    /// Records in the small and the large list.
    pub(crate) sizes: [i64; 2],
    /// Events in the three logs of `grow`.
    pub(crate) events: [i64; 3],
}

impl Arguments {
    fn effort(&self) -> Effort {
        let (rounds, seconds, backlog) = if self.quick { (2, 2, 4_000) } else { (5, 5, 30_000) };
        Effort {
            rounds: self.rounds.unwrap_or(rounds).max(1),
            seconds: self.seconds.unwrap_or(seconds).max(1),
            backlog,
            events: match (self.quick, self.small) {
                (true, _) => [50_000, 100_000, 200_000],
                (_, true) => [200_000, 1_000_000, 2_000_000],
                _ => [1_000_000, 5_000_000, 10_000_000],
            },
            sizes: [10_000, if self.small { 100_000 } else { 1_000_000 }],
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // Two providers could come with dependencies; there is one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match run(&arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("load: {e:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let directory = kit::temporary("load")?;
    let outcome = tokio::select! {
        outcome = measure(arguments, directory.clone()) => Some(outcome),
        _ = interrupt.recv() => None,
        _ = terminate.recv() => None,
    };
    match outcome {
        Some(Err(error)) => {
            eprintln!("load: what the servers said is in {}", directory.display());
            Err(error)
        }
        other => {
            let _ = std::fs::remove_dir_all(&directory);
            other.unwrap_or_else(|| Err(anyhow::anyhow!("interrupted")))
        }
    }
}

async fn measure(arguments: &Arguments, directory: PathBuf) -> Result<()> {
    let effort = arguments.effort();
    let all = Benchmark::value_variants();
    // One fills a disk, and one is about what isn't built: they are run by their names only.
    let usual: Vec<Benchmark> =
        all.iter().copied().filter(|b| !matches!(b, Benchmark::Grow | Benchmark::Heads)).collect();
    let chosen = if arguments.benchmarks.is_empty() { &usual } else { &arguments.benchmarks };
    let traces = if arguments.traced { Some(collector::start().await?) } else { None };
    let ground = Ground::start(directory, effort, traces, arguments.statements).await.context("the servers")?;
    let mut report = Report::new(&effort, ground.settings());
    println!("{}", report.header());
    for benchmark in all.iter().filter(|b| chosen.contains(b)) {
        let began = Instant::now();
        if arguments.statements {
            statements::reset(&ground).await?;
        }
        let done = match benchmark {
            Benchmark::Append => append::run(&ground, &mut report).await.context("append"),
            Benchmark::Deliver => deliver::run(&ground, &mut report).await.context("deliver"),
            Benchmark::Create => create::run(&ground, &mut report).await.context("create"),
            Benchmark::List => list::run(&ground, &mut report).await.context("list"),
            Benchmark::Login => login::run(&ground, &mut report).await.context("login"),
            Benchmark::Start => start::run(&ground, &mut report).await.context("start"),
            Benchmark::Heads => heads::run(&ground, &mut report).await.context("heads"),
            Benchmark::Grow => grow::run(&ground, &mut report).await.context("grow"),
            Benchmark::Operations => {
                operations::run(&ground, &mut report, arguments.before.clone()).await.context("operations")
            }
        };
        done?;
        if arguments.statements {
            eprintln!("{}", statements::top(&ground).await?);
        }
        eprintln!("load: done after {:.0} s", began.elapsed().as_secs_f64());
    }
    println!("{}", report.table());
    report.write(&arguments.output)?;
    Ok(())
}

/// Tells what is going on, on standard error, so that the table stays alone.
pub(crate) fn tell(what: impl std::fmt::Display) {
    eprintln!("load: {what}");
}
