//! Closed loops: so many clients, each of which begins its next operation when the one before has ended.

use crate::spread::percentile;
use anyhow::Result;
use futures::{StreamExt, stream::FuturesUnordered};
use std::time::{Duration, Instant};

/// What came of a run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outcome {
    /// Of each operation, in milliseconds.
    pub(crate) latencies: Vec<f64>,
    /// How long it took.
    pub(crate) seconds: f64,
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
    operation: impl AsyncFn(&mut C) -> Result<()>,
) -> Result<Outcome> {
    let began = Instant::now();
    let operation = &operation;
    let mut running: FuturesUnordered<_> = clients
        .into_iter()
        .map(|mut client| async move {
            let mut latencies = Vec::new();
            while began.elapsed() < time {
                let started = Instant::now();
                operation(&mut client).await?;
                latencies.push(milliseconds(started.elapsed()));
            }
            anyhow::Ok(latencies)
        })
        .collect();
    let mut outcome = Outcome::default();
    while let Some(latencies) = running.next().await {
        outcome.latencies.extend(latencies?);
    }
    outcome.seconds = began.elapsed().as_secs_f64();
    Ok(outcome)
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
