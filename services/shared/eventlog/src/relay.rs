//! The relay: publishes the log to JetStream, position *n* as sequence *n*. Stateless and self-healing.
//!
//! `Nats-Expected-Last-Sequence` is the safety: a second relay, a late one or a lost tail is refused by the server. The
//! leader lock only keeps two relays from wasting work.

use crate::{
    Announce, Log, LogError, Recorded, bus,
    bus::bus_error,
    programs,
    standing::{self, Standing},
    trace,
};
use async_nats::jetstream::{
    self, Context,
    context::PublishErrorKind,
    message::PublishMessage,
    stream::{Config, DiscardPolicy, RetentionPolicy, StorageType},
};
use futures::StreamExt;
use sqlx::{ConnectOptions, Connection, PgConnection};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering},
    },
    time::Duration,
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::{error, info, info_span, warn};

const READ: i64 = 1000;
/// How often the published position is written to the database while it moves.
const MARK: Duration = Duration::from_secs(1);
/// How often a process that waits for the lead tries to get it.
const FOLLOW: Duration = Duration::from_secs(1);

/// What the relay needs to know besides the log.
#[derive(Debug, Clone)]
pub struct RelayOptions {
    /// Installation id, for `ce-source`.
    pub installation: String,
    /// Base URL of `ce-dataschema`.
    pub schemas: String,
    /// How long JetStream keeps messages.
    pub max_age: Duration,
    /// How many bytes JetStream keeps.
    pub max_bytes: i64,
    /// JetStream replicas: 1, or 3 in a cluster.
    pub replicas: usize,
    /// How often it is asked whether this process still leads, the stream is still a copy of the log, and the log has more
    /// than was heard of: appends of this process are told at once and those of others over the bus, where a message can
    /// be lost.
    pub probe: Duration,
}

impl RelayOptions {
    /// Seven days or 20 GiB, one replica, looked after every five seconds.
    pub fn new(installation: &str, schemas: &str) -> RelayOptions {
        RelayOptions {
            installation: installation.to_owned(),
            schemas: schemas.trim_end_matches('/').to_owned(),
            max_age: Duration::from_secs(7 * 24 * 3600),
            max_bytes: 20 * 1024 * 1024 * 1024,
            replicas: 1,
            probe: Duration::from_secs(5),
        }
    }
}

/// What the relay is doing; readiness and metrics look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RelayState {
    /// Not yet known.
    Starting,
    /// Another process leads.
    Following,
    /// Publishing; everything up to the position is on the bus.
    Leading(i64),
    /// The bus and the log have different histories; an operator has to decide (`portico events new-epoch`).
    Diverged(String),
    /// The database or NATS is away.
    Away(String),
}

/// One service's relay.
pub struct Relay {
    log: Log,
    client: async_nats::Client,
    jetstream: Context,
    announce: Arc<dyn Announce>,
    options: RelayOptions,
    state: watch::Sender<RelayState>,
    /// The log's epoch as of the last look at the stream; messages carry it.
    epoch: AtomicI32,
}

enum Stop {
    Shutdown,
    LostLeadership,
}

impl Relay {
    /// A relay of a log over a NATS connection.
    pub fn new(log: Log, client: async_nats::Client, announce: Arc<dyn Announce>, options: RelayOptions) -> Relay {
        let jetstream = jetstream::new(client.clone());
        let state = watch::Sender::new(RelayState::Starting);
        Relay { log, client, jetstream, announce, options, state, epoch: AtomicI32::new(1) }
    }

    /// What it is doing.
    pub fn state(&self) -> watch::Receiver<RelayState> {
        self.state.subscribe()
    }

    /// Runs until shutdown.
    pub async fn run(self, shutdown: CancellationToken) {
        while !shutdown.is_cancelled() {
            match self.lead(&shutdown).await {
                Ok(Stop::Shutdown) => return,
                Ok(Stop::LostLeadership) => {}
                Err(LogError::Broken(what)) => {
                    if *self.state.borrow() != RelayState::Diverged(what.clone()) {
                        error!(event = "relay.diverged", what, "the bus and the log have different histories");
                    }
                    self.state.send_replace(RelayState::Diverged(what));
                    pause(&shutdown, Duration::from_secs(2)).await;
                }
                Err(e) => {
                    warn!(event = "relay.away", error = %e, "the relay can't work at the moment");
                    self.state.send_replace(RelayState::Away(e.to_string()));
                    pause(&shutdown, Duration::from_millis(500)).await;
                }
            }
        }
    }

    /// Waits to become the leader, then publishes.
    async fn lead(&self, shutdown: &CancellationToken) -> Result<Stop, LogError> {
        let mut lock = self.log.pool().connect_options().as_ref().clone().connect().await?;
        loop {
            if try_lock(&mut lock, self.log.service()).await? {
                break;
            }
            self.state.send_if_modified(|s| {
                let change = *s != RelayState::Following;
                *s = RelayState::Following;
                change
            });
            self.follow(shutdown).await;
            if shutdown.is_cancelled() {
                return Ok(Stop::Shutdown);
            }
        }
        self.log.shared.recent.keep(true);
        let result = self.publish_all(&mut lock, shutdown).await;
        self.log.shared.recent.keep(false);
        let _ = lock.close().await;
        result
    }

    /// As a follower: tells the leader when this process has appended something.
    async fn follow(&self, shutdown: &CancellationToken) {
        let mut appended = self.log.shared.appended.subscribe();
        appended.mark_unchanged();
        let until = tokio::time::Instant::now() + FOLLOW;
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep_until(until) => return,
                changed = appended.changed() => {
                    if changed.is_err() { return }
                    let _ = self.client.publish(hint(self.log.service()), "".into()).await;
                }
            }
        }
    }

    async fn publish_all(&self, lock: &mut PgConnection, shutdown: &CancellationToken) -> Result<Stop, LogError> {
        let mut hints = self.client.subscribe(hint(self.log.service())).await.map_err(bus_error)?;
        let mut cursor = self.reconcile().await?;
        self.give_programs_their_consumers().await;
        let mut marked = None;
        info!(event = "relay.leads", service = self.log.service(), position = cursor, "the relay publishes");
        let mut appended = self.log.shared.appended.subscribe();
        let mut probed = tokio::time::Instant::now();
        let mut marked_at = probed;
        // Whether there may be something that this process did not append.
        let mut look = true;
        loop {
            let told = *appended.borrow_and_update();
            let events = match self.log.shared.recent.after(cursor) {
                Some(events) => events,
                None if look || told > cursor => self.log.read(cursor + 1, READ).await?,
                None => Vec::new(),
            };
            look = !events.is_empty();
            self.state.send_if_modified(|s| {
                let change = *s != RelayState::Leading(cursor);
                *s = RelayState::Leading(cursor);
                change
            });
            if events.is_empty() {
                let next_probe = self.options.probe.saturating_sub(probed.elapsed());
                let rest = if marked == Some(cursor) { next_probe } else { MARK.min(next_probe) };
                tokio::select! {
                    () = shutdown.cancelled() => return Ok(Stop::Shutdown),
                    () = tokio::time::sleep(rest) => {}
                    _ = hints.next() => look = true,
                    _ = appended.changed() => {}
                }
            } else if shutdown.is_cancelled() {
                return Ok(Stop::Shutdown);
            } else {
                for (i, event) in (cursor + 1..).zip(&events) {
                    if event.position != i {
                        return Err(LogError::Broken(format!("position {i} is missing in the log")));
                    }
                }
                cursor = self.publish(cursor, &events).await?;
            }
            if marked != Some(cursor) && marked_at.elapsed() >= MARK {
                mark(&self.log, cursor).await?;
                (marked, marked_at) = (Some(cursor), tokio::time::Instant::now());
            }
            if probed.elapsed() >= self.options.probe {
                probed = tokio::time::Instant::now();
                // The lock lives and dies with its connection.
                match end_of_log(lock).await {
                    Ok(end) => look |= end > cursor,
                    Err(_) => return Ok(Stop::LostLeadership),
                }
                self.reconcile_if_moved(cursor).await?;
            }
        }
    }

    /// Publishes a run of events, pipelined; answers how far it got, which may be back when the bus lost its tail.
    async fn publish(&self, cursor: i64, events: &[Recorded]) -> Result<i64, LogError> {
        let mut acks = Vec::with_capacity(events.len());
        for event in events {
            let (subject, message, span) = self.message(event)?;
            let ack = self.jetstream.send_publish(subject, message).await.map_err(bus_error)?;
            acks.push((event.position, ack, span));
        }
        let mut done = cursor;
        let mut failed = None;
        for (position, ack, _span) in acks {
            match ack.await {
                Ok(ack) if i64::try_from(ack.sequence) == Ok(position) && !ack.duplicate => done = position,
                Ok(ack) => failed = failed.or(Some(format!("{position} was stored as {}", ack.sequence))),
                Err(e) if e.kind() == PublishErrorKind::WrongLastSequence => {
                    failed = failed.or(Some(format!("{position}: wrong last sequence")));
                }
                Err(e) => return Err(bus_error(e)),
            }
            if failed.is_some() {
                break;
            }
        }
        match failed {
            None => Ok(done),
            Some(what) => {
                warn!(event = "relay.refused", what, "the bus is elsewhere than the relay thought");
                self.reconcile().await
            }
        }
    }

    fn message(&self, event: &Recorded) -> Result<(String, PublishMessage, tracing::Span), LogError> {
        let service = self.log.service();
        let json = proto::event::to_json(&event.stored_type, &event.payload)
            .map_err(|e| LogError::Broken(format!("position {}: {e}", event.position)))?;
        let announcement = self.announce.announce(event, &json);
        let subject = bus::subject(service, &announcement);
        let span = match &event.traceparent {
            Some(parent) => {
                let span = info_span!(
                    parent: None,
                    "publish",
                    otel.name = %format!("publish {subject}"),
                    otel.kind = "producer",
                    messaging.system = "nats",
                    messaging.operation.name = "publish",
                    messaging.operation.type = "send",
                    messaging.destination.name = %subject,
                    messaging.message.id = %event.event_id,
                    portico.nats.stream_seq = event.position,
                );
                trace::set_parent(&span, parent);
                span
            }
            None => tracing::Span::none(),
        };
        let options = &self.options;
        let origin = bus::Origin {
            service,
            installation: &options.installation,
            schemas: &options.schemas,
            epoch: self.epoch.load(Ordering::Relaxed),
        };
        let headers = bus::headers(&origin, event, &announcement, trace::of(&span));
        let last = u64::try_from(event.position - 1).unwrap_or_default();
        let message = PublishMessage::build()
            .payload(serde_json::to_vec(&json).map_err(|e| LogError::Broken(e.to_string()))?.into())
            .headers(headers)
            .message_id(event.event_id.to_string())
            .expected_last_sequence(last);
        Ok((subject, message, span))
    }

    /// Finds out whether somebody has deleted the stream, or set it back, while there was nothing to publish. The log
    /// is read only if so.
    async fn reconcile_if_moved(&self, cursor: i64) -> Result<(), LogError> {
        if let Ok(stream) = self.jetstream.get_stream(bus::stream_name(self.log.service())).await {
            let info = stream.cached_info();
            let epoch = info.config.metadata.get("portico-epoch").and_then(|e| e.parse().ok());
            let last = i64::try_from(info.state.last_sequence).unwrap_or(i64::MAX);
            if (epoch, last) == (Some(self.epoch.load(Ordering::Relaxed)), cursor) {
                return Ok(());
            }
        }
        let at = self.reconcile().await?;
        if at == cursor { Ok(()) } else { Err(LogError::Bus(format!("the stream moved from {cursor} to {at}"))) }
    }

    /// Makes the stream if it is missing, and answers the last position that is on it; `Broken` when the histories differ.
    async fn reconcile(&self) -> Result<i64, LogError> {
        let (_, epoch) = self.log.head().await?;
        self.epoch.store(epoch, Ordering::Relaxed);
        match standing::compare(&self.log, &self.jetstream).await? {
            Standing::Copy { published, .. } => Ok(published),
            Standing::Diverged(what) => Err(LogError::Broken(what)),
            Standing::NoStream => {
                let floor = self.floor().await?;
                self.create(&bus::stream_name(self.log.service()), epoch, floor).await?;
                self.give_programs_their_consumers().await;
                Ok(floor)
            }
        }
    }

    /// Makes the consumers of programs. A failure is logged, and does not keep the relay from publishing.
    async fn give_programs_their_consumers(&self) {
        if let Err(e) = programs::ensure_all(&self.log, &self.jetstream).await {
            warn!(event = "relay.programs", error = %e, "a program's consumer could not be made");
        }
    }

    async fn create(&self, name: &str, epoch: i32, floor: i64) -> Result<(), LogError> {
        let service = self.log.service();
        info!(event = "relay.stream_made", stream = name, floor, "the stream is made anew");
        let config = Config {
            name: name.to_owned(),
            subjects: vec![format!("portico.v1.{service}.>")],
            retention: RetentionPolicy::Limits,
            discard: DiscardPolicy::Old,
            storage: StorageType::File,
            max_age: self.options.max_age,
            max_bytes: self.options.max_bytes,
            num_replicas: self.options.replicas,
            allow_direct: true,
            deny_purge: true,
            first_sequence: Some(u64::try_from(floor + 1).unwrap_or(1)),
            metadata: [("portico-epoch".to_owned(), epoch.to_string())].into(),
            ..Config::default()
        };
        self.jetstream.create_stream(config).await.map(drop).map_err(bus_error)
    }

    /// The last position that is too old for the bus: a binary search, since times follow positions.
    async fn floor(&self) -> Result<i64, LogError> {
        let oldest = self.log.now().plus_seconds(-i64::try_from(self.options.max_age.as_secs()).unwrap_or(i64::MAX));
        let (mut low, mut high) = (0, self.log.head().await?.0);
        while low < high {
            let middle = low + (high - low + 1) / 2;
            let old = self.log.read(middle, 1).await?.first().is_some_and(|e| e.recorded_at < oldest);
            if old { low = middle } else { high = middle - 1 }
        }
        Ok(low)
    }
}

/// Deletes a service's stream, for `portico events new-epoch`; the relay makes it anew.
pub async fn forget_stream(client: &async_nats::Client, service: &str) -> Result<(), LogError> {
    match jetstream::new(client.clone()).delete_stream(bus::stream_name(service)).await {
        Ok(_) => Ok(()),
        Err(e) if e.to_string().contains("not found") => Ok(()),
        Err(e) => Err(bus_error(e)),
    }
}

/// The last position of a log that is known to be on the bus; told by the database, so that it is known while the bus is
/// away. At most about a second old while a relay works.
///
/// # Errors
/// When the database does not answer.
pub async fn published(log: &Log) -> Result<i64, LogError> {
    Ok(sqlx::query_scalar("select pos from published").fetch_one(log.pool()).await?)
}

async fn end_of_log(connection: &mut PgConnection) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar("select pos from head").fetch_one(connection).await
}

async fn mark(log: &Log, position: i64) -> Result<(), LogError> {
    sqlx::query("update published set pos = $1, at = now()").bind(position).execute(log.pool()).await?;
    Ok(())
}

fn hint(service: &str) -> String {
    format!("portico.hint.{service}")
}

async fn try_lock(connection: &mut PgConnection, service: &str) -> Result<bool, LogError> {
    Ok(sqlx::query_scalar("select pg_try_advisory_lock(hashtext($1))")
        .bind(format!("portico relay {service}"))
        .fetch_one(connection)
        .await?)
}

async fn pause(shutdown: &CancellationToken, time: Duration) {
    let _ = tokio::time::timeout(time, shutdown.cancelled()).await;
}
