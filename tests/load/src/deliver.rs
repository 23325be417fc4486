//! `deliver`: from the commit of an event to a consumer of somebody else, beside JetStream alone.

mod bus;

pub(crate) use bus::connect;

use crate::{
    append::writers::append,
    ground::Ground,
    report::{Figure, Goal, Report},
    spread::percentile,
    tell,
    work::by_turns,
};
use anyhow::{Context, Result};
use bus::{PUBLIC, RAW, Sample, arrivals};
use eventlog::{Expected, Log, LogOptions, Relay, RelayOptions, RelayState};
use futures::{StreamExt, TryStreamExt, stream};
use kit::Nats;
use records::RecordNames;
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{sync::Mutex, time::MissedTickBehavior};
use tokio_util::sync::CancellationToken;

const DATABASE: &str = "load_deliver";
/// Events per second of the steady side.
const STEADY: u64 = 200;
/// Nothing in this benchmark waits longer.
const LIMIT: Duration = Duration::from_secs(120);

/// When each sequence was committed or published.
type Sent = Arc<Mutex<HashMap<u64, Instant>>>;

#[derive(Debug, Clone, Copy)]
enum Side {
    RawSteady,
    Steady,
    RawFull,
    Full,
}

#[derive(Default)]
struct Done {
    raw_p50: Vec<f64>,
    raw_p99: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
    raw_rate: Vec<f64>,
    rate: Vec<f64>,
}

/// Runs the benchmark.
pub(crate) async fn run(ground: &Ground, report: &mut Report) -> Result<()> {
    let database = ground.database(DATABASE).await?;
    let nats = ground.nats("deliver").await?;
    let log = database.log("records", Vec::new(), LogOptions::default())?;
    // The first event makes the stream, and is the pattern of the messages that are published raw.
    log.append(append(kernel::new_id(), Expected::Version(0))).await?;
    relay_to_head(&log, &nats).await?;
    let sample = bus::prepare(&nats).await?;
    let mut done = Done::default();
    for round in 0..ground.effort.rounds {
        for side in by_turns(&[Side::RawSteady, Side::Steady, Side::RawFull, Side::Full], round) {
            ground.checkpoint().await?;
            measure(ground, &log, &nats, &sample, side, &mut done).await.with_context(|| format!("{side:?}"))?;
        }
        tell(format!("deliver: round {} of {}", round + 1, ground.effort.rounds));
    }
    add_figures(report, &done);
    Ok(())
}

async fn measure(ground: &Ground, log: &Log, nats: &Nats, sample: &Sample, side: Side, done: &mut Done) -> Result<()> {
    let backlog = ground.effort.backlog;
    let ticks = ground.effort.seconds * STEADY;
    match side {
        Side::RawSteady => {
            let arrivals = arrivals(nats, "operator", &RAW, ticks).await?;
            let sent = Sent::default();
            steadily(ticks, || {
                let (sample, sent) = (sample.clone(), Arc::clone(&sent));
                async move {
                    let at = Instant::now();
                    let sequence = sample.publish().await?;
                    sent.lock().await.insert(sequence, at);
                    Ok(())
                }
            })
            .await?;
            let late = latencies(&sent, arrivals.await??).await?;
            done.raw_p50.push(percentile(&late, 50.0));
            done.raw_p99.push(percentile(&late, 99.0));
        }
        Side::Steady => {
            let relay = Running::start(log, nats).await?;
            let arrivals = arrivals(nats, "gateway", &PUBLIC, ticks).await?;
            let sent = Sent::default();
            steadily(ticks, || {
                let (log, sent) = (log.clone(), Arc::clone(&sent));
                async move {
                    let appended = log.append(append(kernel::new_id(), Expected::Version(0))).await?;
                    let at = Instant::now();
                    sent.lock().await.insert(u64::try_from(appended.last)?, at);
                    Ok(())
                }
            })
            .await?;
            let late = latencies(&sent, arrivals.await??).await?;
            relay.stop().await?;
            done.p50.push(percentile(&late, 50.0));
            done.p99.push(percentile(&late, 99.0));
        }
        Side::RawFull => done.raw_rate.push(sample.publish_pipelined(backlog).await?),
        Side::Full => {
            fill(log, backlog).await?;
            ground.checkpoint().await?;
            let began = Instant::now();
            relay_to_head(log, nats).await?;
            done.rate.push(backlog as f64 / began.elapsed().as_secs_f64());
        }
    }
    Ok(())
}

/// Begins an operation every 5 ms, whether or not those before have ended, and waits for all.
async fn steadily<F>(ticks: u64, begin: impl Fn() -> F) -> Result<()>
where
    F: Future<Output = Result<()>> + Send + 'static,
{
    let mut clock = tokio::time::interval(Duration::from_micros(1_000_000 / STEADY));
    clock.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut running = tokio::task::JoinSet::new();
    for _ in 0..ticks {
        clock.tick().await;
        running.spawn(begin());
    }
    while let Some(ended) = running.join_next().await {
        ended??;
    }
    Ok(())
}

/// Milliseconds from being sent to arriving. An event that arrived before its writer was told of the commit took none.
async fn latencies(sent: &Sent, arrived: HashMap<u64, Instant>) -> Result<Vec<f64>> {
    let sent = sent.lock().await;
    sent.iter()
        .map(|(sequence, at)| {
            let there = arrived.get(sequence).with_context(|| format!("{sequence} did not arrive"))?;
            Ok(there.saturating_duration_since(*at).as_secs_f64() * 1_000.0)
        })
        .collect()
}

/// Appends events without a relay.
async fn fill(log: &Log, events: usize) -> Result<()> {
    let appends = stream::iter(0..events).map(|_| log.append(append(kernel::new_id(), Expected::Version(0))));
    appends.buffer_unordered(128).try_for_each(|_| async { Ok(()) }).await?;
    Ok(())
}

/// A relay that runs.
struct Running {
    state: tokio::sync::watch::Receiver<RelayState>,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

impl Running {
    /// Starts it and waits until it leads.
    async fn start(log: &Log, nats: &Nats) -> Result<Running> {
        let client = bus::connect(nats, "records").await?;
        let options = RelayOptions::new("load", "http://127.0.0.1");
        let relay = Relay::new(log.clone(), client, Arc::new(RecordNames), options);
        let (state, stop) = (relay.state(), CancellationToken::new());
        let task = tokio::spawn(relay.run(stop.clone()));
        let mut running = Running { state, stop, task };
        running.wait(|s| matches!(s, RelayState::Leading(_))).await?;
        Ok(running)
    }

    async fn wait(&mut self, reached: impl FnMut(&RelayState) -> bool) -> Result<()> {
        let waiting = tokio::time::timeout(LIMIT, self.state.wait_for(reached)).await;
        waiting.context("the relay did not get there")?.context("the relay ended")?;
        Ok(())
    }

    async fn stop(self) -> Result<()> {
        self.stop.cancel();
        tokio::time::timeout(LIMIT, self.task).await.context("the relay did not stop")??;
        Ok(())
    }
}

/// Starts a relay and stops it when everything is on the bus.
async fn relay_to_head(log: &Log, nats: &Nats) -> Result<()> {
    let (head, _) = log.head().await?;
    let mut relay = Running::start(log, nats).await?;
    relay.wait(|s| *s == RelayState::Leading(head)).await?;
    relay.stop().await
}

fn add_figures(report: &mut Report, done: &Done) {
    let figure = |name: &str, unit, rounds: &[f64]| Figure::new("deliver", name, unit, rounds.to_vec());
    let raw = "JetStream publish → consumer";
    report.add(
        figure("200 events/s, commit → durable consumer, p50", "ms", &done.p50)
            .beside(format!("{raw}, p50"), &done.raw_p50)
            .goal(Goal::AtMost(2.0)),
    );
    report.add(
        figure("200 events/s, commit → durable consumer, p99", "ms", &done.p99)
            .beside(format!("{raw}, p99"), &done.raw_p99)
            .goal(Goal::AtMost(3.0)),
    );
    report.add(
        figure("relay at saturation: a backlog from the log to the bus", "events/s", &done.rate)
            .beside("pipelined raw publish with Nats-Msg-Id, 1,000 in flight", &done.raw_rate)
            .goal(Goal::AtLeast(0.8)),
    );
    report.note(
        "deliver: raw messages are copies of a relayed one, headers and all, to a stream of their own on the same server. \
         Both consumers are durable pull consumers with explicit acks. Commit is the moment at which a writer is told; an \
         event that arrives before counts as 0. The relay's time includes taking the lead and looking where the stream ends.",
    );
}
