//! Closed loops: so many clients, each of which begins its next operation when the one before has ended. And open ones, at
//! a rate.

use crate::spread::percentile;
use anyhow::Result;
use futures::{StreamExt, stream::FuturesUnordered};
use kit::Answer;
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

/// What came of a run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outcome {
    /// Of each operation, in milliseconds.
    pub(crate) latencies: Vec<f64>,
    /// How long it took.
    pub(crate) seconds: f64,
    /// Operations that were refused for the moment; they are in nothing else.
    pub(crate) refused: usize,
}

/// How one operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    Done,
    /// Refused for the moment (503): the client pauses and goes on.
    Refused,
    /// Somebody else was first: the client goes on at once, and nothing is counted.
    Again,
}

/// The end of a request, given the status that it should have had. Tells of a refusal: there should be none.
pub(crate) fn ended(answer: Answer, status: u16) -> Result<Ended> {
    if answer.status.as_u16() == 503 {
        crate::tell(format!("refused: {}", answer.text()));
        return Ok(Ended::Refused);
    }
    answer.expect(status).map(|_| Ended::Done)
}

impl Outcome {
    /// Operations.
    pub(crate) fn operations(&self) -> f64 {
        self.latencies.len() as f64
    }

    /// Operations per second.
    pub(crate) fn rate(&self) -> f64 {
        if self.seconds > 0.0 { self.operations() / self.seconds } else { 0.0 }
    }

    /// A percentile of the latencies, in milliseconds.
    pub(crate) fn percentile(&self, percent: f64) -> f64 {
        percentile(&self.latencies, percent)
    }
}

/// Runs each client's operation again and again until the time is up. The first error ends all.
pub(crate) async fn closed_loop<C>(
    clients: Vec<C>,
    time: Duration,
    operation: impl AsyncFn(&mut C) -> Result<Ended>,
) -> Result<Outcome> {
    let began = Instant::now();
    let operation = &operation;
    let mut running: FuturesUnordered<_> = clients
        .into_iter()
        .map(|mut client| async move {
            let (mut latencies, mut refused) = (Vec::new(), 0);
            while began.elapsed() < time {
                let started = Instant::now();
                match operation(&mut client).await? {
                    Ended::Done => latencies.push(milliseconds(started.elapsed())),
                    Ended::Again => {}
                    Ended::Refused => {
                        refused += 1;
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                }
            }
            anyhow::Ok((latencies, refused))
        })
        .collect();
    let mut outcome = Outcome::default();
    while let Some(client) = running.next().await {
        let (latencies, refused) = client?;
        outcome.latencies.extend(latencies);
        outcome.refused += refused;
    }
    outcome.seconds = began.elapsed().as_secs_f64();
    Ok(outcome)
}

/// Runs operations at a rate, whoever of the clients is free next: what comes late is counted from when it was due, so that
/// a stall counts for all who would have come in it. The first error ends all.
pub(crate) async fn paced<C>(
    clients: Vec<C>,
    rate: f64,
    time: Duration,
    operation: impl AsyncFn(&mut C) -> Result<Ended>,
) -> Result<Outcome> {
    let began = Instant::now();
    let (operation, next) = (&operation, &AtomicU64::new(0));
    let mut running: FuturesUnordered<_> = clients
        .into_iter()
        .map(|mut client| async move {
            let (mut latencies, mut refused) = (Vec::new(), 0);
            loop {
                let after = Duration::from_secs_f64(next.fetch_add(1, Ordering::Relaxed) as f64 / rate);
                if after >= time {
                    return anyhow::Ok((latencies, refused));
                }
                let due = began + after;
                tokio::time::sleep_until(due.into()).await;
                match operation(&mut client).await? {
                    Ended::Done => latencies.push(milliseconds(due.elapsed())),
                    Ended::Again => {}
                    Ended::Refused => refused += 1,
                }
            }
        })
        .collect();
    let mut outcome = Outcome::default();
    while let Some(client) = running.next().await {
        let (latencies, refused) = client?;
        outcome.latencies.extend(latencies);
        outcome.refused += refused;
    }
    outcome.seconds = began.elapsed().as_secs_f64();
    Ok(outcome)
}

/// Repeats a loop until one was refused nothing: connections are made and caches are filled then.
pub(crate) async fn warm_up<C: Clone>(clients: &[C], operation: impl AsyncFn(&mut C) -> Result<Ended>) -> Result<()> {
    for _ in 0..30 {
        let outcome = closed_loop(clients.to_vec(), Duration::from_secs(1), &operation).await?;
        if outcome.refused == 0 {
            return Ok(());
        }
    }
    anyhow::bail!("{} clients are still refused after half a minute", clients.len())
}

/// As a number.
pub(crate) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// The sides of a round, forwards and backwards by turns, so that none always runs in the wake of the same other.
pub(crate) fn by_turns<T: Copy>(sides: &[T], round: usize) -> Vec<T> {
    let mut order = sides.to_vec();
    if round % 2 == 1 {
        order.reverse();
    }
    order
}
