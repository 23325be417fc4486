//! Gauges that have to be measured from time to time, and whether the database answers. These numbers matter most while
//! something is down. So none of them is asked of the bus, and one that isn't known is left out instead of being
//! reported as zero.

use eventlog::{Log, RelayState, Source};
use prometheus_client::metrics::counter::Counter;
use runtime::{Clients, ConsumerLabels, Health, Metrics, Seed, ServiceLabels, Waiters};
use sqlx::{ConnectOptions, Connection, PgConnection};
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// How long a service may take to say where its log ends.
const ASK: Duration = Duration::from_secs(2);

/// What is looked at.
pub(crate) struct Sampler {
    pub(crate) metrics: Metrics,
    /// The logs of this process, each with what its relay does.
    pub(crate) logs: Vec<(Log, watch::Receiver<RelayState>)>,
    pub(crate) waiters: Waiters,
    /// To ask for the logs of others, in the name of each service of this process.
    pub(crate) clients: HashMap<String, Clients>,
    pub(crate) every: Duration,
}

#[derive(Default)]
struct Seen {
    /// Where each log ends, as far as is known; a service that doesn't answer has not lost what it had.
    heads: HashMap<String, i64>,
    /// What a relay of this process has published.
    published: HashMap<String, i64>,
}

impl Sampler {
    /// Looks until shutdown.
    pub(crate) async fn run(self, shutdown: CancellationToken) {
        let mut seen = Seen::default();
        while tokio::time::timeout(self.every, shutdown.cancelled()).await.is_err() {
            for (log, relay) in &self.logs {
                let state = relay.borrow().clone();
                self.look_at(log, &state, &mut seen).await;
            }
            self.look_at_consumers(&mut seen).await;
        }
    }

    async fn look_at(&self, log: &Log, relay: &RelayState, seen: &mut Seen) {
        use std::sync::atomic::Ordering::Relaxed;
        let name = log.service();
        let labels = ServiceLabels { service: name.to_owned() };
        let metrics = &self.metrics;
        metrics.relay_diverged.get_or_create(&labels).set(i64::from(matches!(relay, RelayState::Diverged(_))));
        let counts = log.counts();
        let raise = |counter: &Counter, to: u64| {
            counter.inc_by(to.saturating_sub(counter.get()));
        };
        raise(&metrics.events_appended.get_or_create(&labels), counts.events.load(Relaxed));
        raise(&metrics.conflicts.get_or_create(&labels), counts.conflicts.load(Relaxed));
        let Ok((head, dead)) = eventlog::end_and_dead(log.pool()).await else { return };
        seen.heads.insert(name.to_owned(), head);
        metrics.dead_letters.get_or_create(&labels).set(dead);
        let published = match relay {
            RelayState::Leading(position) => {
                seen.published.insert(name.to_owned(), *position);
                Some(*position)
            }
            // Another process leads and measures.
            RelayState::Following => None,
            // The log knows what was published, whoever did it; this process may know it a little better.
            RelayState::Starting | RelayState::Away(_) => {
                let marked = eventlog::published(log).await.ok();
                marked.map(|m| m.max(seen.published.get(name).copied().unwrap_or(0)))
            }
            RelayState::Diverged(_) => {
                seen.published.remove(name);
                eventlog::published(log).await.ok()
            }
        };
        let Some(published) = published else {
            metrics.outbox_pending.remove(&labels);
            metrics.outbox_oldest.remove(&labels);
            return;
        };
        let pending = (head - published).max(0);
        let oldest = match pending {
            0 => Some(0.0),
            _ => log.read(published + 1, 1).await.ok().and_then(|events| {
                let waits = log.now().micros() - events.first()?.recorded_at.micros();
                Some(Duration::from_micros(u64::try_from(waits).unwrap_or(0)).as_secs_f64())
            }),
        };
        metrics.outbox_pending.get_or_create(&labels).set(pending);
        if let Some(oldest) = oldest {
            metrics.outbox_oldest.get_or_create(&labels).set(oldest);
        }
    }

    /// A consumer's distance from the end of its source's log, which is asked of the source itself: the bus may be what
    /// is away, or behind.
    async fn look_at_consumers(&self, seen: &mut Seen) {
        // One service may have several consumers of one source; the one that is furthest behind counts.
        let mut furthest: HashMap<(String, String), i64> = HashMap::new();
        for (service, source, position) in self.waiters.positions() {
            let place = furthest.entry((service, source)).or_insert(position);
            *place = position.min(*place);
        }
        let own: Vec<&str> = self.logs.iter().map(|(l, _)| l.service()).collect();
        let elsewhere: HashMap<&str, &Clients> = furthest
            .keys()
            .filter(|(_, source)| !own.contains(&source.as_str()))
            .filter_map(|(service, source)| Some((source.as_str(), self.clients.get(service)?)))
            .collect();
        let asked = elsewhere.into_iter().map(async |(source, clients)| {
            let head = tokio::time::timeout(ASK, clients.log_of(source).head()).await;
            (source.to_owned(), head.ok().and_then(Result::ok).map(|(head, _)| head))
        });
        for (source, head) in futures::future::join_all(asked).await {
            if let Some(head) = head {
                seen.heads.insert(source, head);
            }
        }
        for ((service, source), position) in furthest {
            if let Some(head) = seen.heads.get(&source) {
                let labels = ConsumerLabels { service, source };
                self.metrics.consumer_pending.get_or_create(&labels).set((head - position).max(0));
            }
        }
    }
}

/// Makes a process ready only while the database of a service answers: every request needs it. The bus is no condition:
/// requests are answered without it, and what waits for it is measured. Uses a connection of its own, so that a busy
/// pool is not mistaken for a database that is away.
pub(crate) async fn watch_database(health: Health, log: Log, shutdown: CancellationToken) {
    let answers = Arc::new(AtomicBool::new(true));
    let seen = Arc::clone(&answers);
    health.check(
        &format!("{} database", log.service()),
        Arc::new(move || if seen.load(Ordering::Relaxed) { Ok(()) } else { Err("does not answer".into()) }),
    );
    let mut connection: Option<PgConnection> = None;
    while tokio::time::timeout(Duration::from_secs(1), shutdown.cancelled()).await.is_err() {
        let asked = tokio::time::timeout(ASK, async {
            let mut open = match connection.take() {
                Some(open) => open,
                None => log.pool().connect_options().as_ref().clone().connect().await?,
            };
            open.ping().await?;
            Ok::<_, sqlx::Error>(open)
        });
        connection = asked.await.ok().and_then(Result::ok);
        answers.store(connection.is_some(), Ordering::Relaxed);
    }
}

/// Puts in place what a service begins with, and makes the process ready only when it is there: before, a new
/// installation would answer that it knows no tickets. The check is there when this returns, before the work begins.
pub(crate) fn seeded(
    health: &Health,
    service: &'static str,
    seed: Seed,
    shutdown: CancellationToken,
) -> impl Future<Output = ()> + use<> {
    let there = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&there);
    let why = "what every installation begins with is not there yet";
    health.check(
        &format!("{service} seed"),
        Arc::new(move || if seen.load(Ordering::Relaxed) { Ok(()) } else { Err(why.into()) }),
    );
    async move {
        let mut pause = Duration::from_millis(200);
        while let Err(error) = seed().await {
            if error.is_refusal() {
                // It would be refused again, and for what an administrator made meanwhile nobody is to stay out.
                tracing::error!(event = "seed.refused", service, error = %error, "{why}");
                break;
            }
            tracing::warn!(event = "seed.waiting", service, error = %error, "{why}");
            if tokio::time::timeout(pause, shutdown.cancelled()).await.is_ok() {
                return;
            }
            pause = (pause * 2).min(Duration::from_secs(5));
        }
        there.store(true, Ordering::Relaxed);
        shutdown.cancelled().await;
    }
}

#[cfg(test)]
mod tests;
