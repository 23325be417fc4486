//! Consuming another service's events with exactly-once effect: one position per source, kept in the same append as the
//! effects. The bus is only the quick way; what it no longer keeps is read from the owning service's log.

use crate::{Append, Log, LogError, Recorded, Source, bus, bus::bus_error, parked::Parked};
use async_nats::jetstream::{
    self, Message,
    consumer::{
        DeliverPolicy,
        pull::{Ordered, OrderedConfig},
    },
};
use futures::{FutureExt, StreamExt, future::BoxFuture};
use sqlx::{ConnectOptions, Connection, PgConnection};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering},
    },
    time::Duration,
};
use tokio::{sync::watch, time::Instant};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

mod run;

/// How often parked events are tried, and how often a process that waits for the lease reads the position of the one
/// that has it.
const TICK: Duration = Duration::from_millis(250);
const CATCH_UP: usize = 1000;
/// A source's stream that is missing for longer is worth a warning.
const STREAM_MADE_WITHIN: Duration = Duration::from_secs(30);
/// Positions that may be handled without effect before the inbox is moved.
const LAZY: i64 = 500;
/// How long that may take while no other process waits for the lease.
const LAZY_FOR: Duration = Duration::from_secs(5);
/// Most events that share an append.
const RUN: usize = 256;
/// While events come one after the other, the next run begins at least this long after the last one ended, so that
/// several share a commit.
const PACE: Duration = Duration::from_millis(5);
/// How many times longer a consumer rests between proofs of its lease while it has nothing to handle: nobody waits then
/// to see how far it is, and no work is done twice.
const IDLE_PROBES: u32 = 3;
/// How long a consumer has at the end to write where it stands.
const LAST_WORD: Duration = Duration::from_millis(500);

/// What a handler wants done about an event.
pub enum Reaction {
    /// Nothing.
    Nothing,
    /// Events of one's own, rows beside the log, or both; the consumer adds its position. The next event is handled when
    /// this is committed, and sees it.
    Append(Append),
    /// The same, but decided on the event alone, and on nothing that handling another event could change. It may be
    /// decided at the same time as others, and share their commit. Its streams are written whatever their version is.
    Independent(Append),
}

/// Why a handler did not handle an event.
#[derive(Debug, thiserror::Error)]
pub enum HandlerError {
    /// Something that the event needs is away; it is tried again until it is back, and nothing overtakes it.
    #[error("{0}")]
    Away(String),
    /// It failed; it is tried 1 s, 5 s, 30 s and 5 min later, then it is dead. Other streams go on meanwhile.
    #[error("{0}")]
    Retry(String),
    /// It can never be handled: dead at once.
    #[error("{0}")]
    Poison(String),
}

impl From<LogError> for HandlerError {
    fn from(e: LogError) -> HandlerError {
        match e {
            LogError::Unavailable(_) | LogError::Overloaded | LogError::Bus(_) => HandlerError::Away(e.to_string()),
            e => HandlerError::Retry(e.to_string()),
        }
    }
}

impl From<sqlx::Error> for HandlerError {
    fn from(e: sqlx::Error) -> HandlerError {
        LogError::from(e).into()
    }
}

impl From<prost::DecodeError> for HandlerError {
    fn from(e: prost::DecodeError) -> HandlerError {
        HandlerError::Poison(e.to_string())
    }
}

/// Handles events of one source.
pub trait Handler: Send + Sync + 'static {
    /// Stable name; part of the key of its position.
    fn name(&self) -> &'static str;

    /// What is to be done about an event. Writes nothing itself.
    fn handle<'a>(&'a self, event: &'a Recorded) -> BoxFuture<'a, Result<Reaction, HandlerError>>;

    /// Whether later events of a stream wait behind one that failed.
    fn ordered(&self) -> bool {
        true
    }

    /// Empties the handler's own tables before everything is handled again, after the source began a new epoch.
    fn reset<'a>(&'a self, _connection: &'a mut PgConnection) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Box::pin(async { Ok(()) })
    }
}

/// What can be set about a consumer.
#[derive(Debug, Clone)]
pub struct ConsumerOptions {
    /// Pauses between attempts; after the last the event is dead.
    pub backoff: Vec<Duration>,
    /// How often it is asked whether the lease still holds and the stream is still the same.
    pub probe: Duration,
}

impl Default for ConsumerOptions {
    fn default() -> ConsumerOptions {
        ConsumerOptions { backoff: [1, 5, 30, 300].map(Duration::from_secs).to_vec(), probe: Duration::from_secs(5) }
    }
}

/// Waits for a consumer in this process to have handled a position.
#[derive(Clone)]
pub struct Waiter {
    /// The source.
    pub source: String,
    position: watch::Receiver<i64>,
}

impl Waiter {
    /// True when everything up to the position is handled, within the time.
    pub async fn wait_for(&mut self, position: i64, within: Duration) -> bool {
        tokio::time::timeout(within, self.position.wait_for(|p| *p >= position)).await.is_ok_and(|r| r.is_ok())
    }

    /// The last handled position.
    pub fn position(&self) -> i64 {
        *self.position.borrow()
    }
}

/// One consumer: a log to act in, a source to hear, a handler.
pub struct Consumer {
    log: Log,
    source: String,
    reader: Arc<dyn Source>,
    client: async_nats::Client,
    handler: Arc<dyn Handler>,
    options: ConsumerOptions,
    position: watch::Sender<i64>,
    /// The epoch that the position is of; 0 while none is known.
    epoch: AtomicI32,
}

/// Where the consumer stands while it runs.
struct Place {
    epoch: i32,
    /// The position in the inbox.
    stored: i64,
    /// When it was written.
    stored_at: Instant,
    /// The last handled position. The inbox may be behind it, when the last events had no effect.
    handled: i64,
    /// How many events are decided before those ahead of them are committed.
    ahead: usize,
    /// When the last run ended.
    ran: Instant,
}

impl Place {
    fn new(epoch: i32, stored: i64) -> Place {
        let now = Instant::now();
        Place { epoch, stored, stored_at: now, handled: stored, ahead: 1, ran: now }
    }
}

/// The connection whose advisory lock makes this process the one that acts.
struct Lease {
    connection: PgConnection,
    key: String,
    /// This process waits for it.
    waits: bool,
    /// Another process waits for it, and can see only in the inbox how far this one is.
    awaited: bool,
}

impl Lease {
    /// The key of the lock that a waiting process holds, so that the acting one knows of it.
    fn awaited_key(&self) -> String {
        format!("{} awaited", self.key)
    }

    async fn take(&mut self) -> Result<bool, sqlx::Error> {
        let taken: bool = sqlx::query_scalar("select pg_try_advisory_lock(hashtext($1))")
            .bind(&self.key)
            .fetch_one(&mut self.connection)
            .await?;
        let change = match (taken, self.waits) {
            (true, true) => "select pg_advisory_unlock_shared(hashtext($1))",
            (false, false) => "select pg_advisory_lock_shared(hashtext($1))",
            _ => return Ok(taken),
        };
        sqlx::query(change).bind(self.awaited_key()).execute(&mut self.connection).await?;
        self.waits = !taken;
        Ok(taken)
    }

    /// Asks over the connection whether it still lives: the lock ends with its connection.
    async fn prove(&mut self) -> Result<(), sqlx::Error> {
        let alone = sqlx::query_scalar("select pg_try_advisory_xact_lock(hashtext($1))").bind(self.awaited_key());
        let alone: bool = alone.fetch_one(&mut self.connection).await?;
        self.awaited = !alone;
        Ok(())
    }
}

impl Consumer {
    /// A consumer of `source`'s events.
    pub fn new(
        log: Log,
        source: &str,
        reader: Arc<dyn Source>,
        client: async_nats::Client,
        handler: Arc<dyn Handler>,
        options: ConsumerOptions,
    ) -> Consumer {
        let (position, epoch) = (watch::Sender::new(0), AtomicI32::new(0));
        Consumer { log, source: source.to_owned(), reader, client, handler, options, position, epoch }
    }

    /// A way to wait for it.
    pub fn waiter(&self) -> Waiter {
        Waiter { source: self.source.clone(), position: self.position.subscribe() }
    }

    /// Runs until shutdown; survives the absence of the database, the bus and the source.
    pub async fn run(self, shutdown: CancellationToken) {
        let mut without_stream = None;
        while !shutdown.is_cancelled() {
            let run = {
                let mut follow = std::pin::pin!(self.follow(&shutdown));
                tokio::select! {
                    run = &mut follow => run,
                    () = shutdown.cancelled() => {
                        let _ = tokio::time::timeout(LAST_WORD, follow).await;
                        return;
                    }
                }
            };
            let error = match run {
                // In a new installation its relay makes it in a moment.
                Err(LogError::NoStream) => {
                    let since = *without_stream.get_or_insert_with(tokio::time::Instant::now);
                    (since.elapsed() > STREAM_MADE_WITHIN).then_some(LogError::NoStream)
                }
                Ok(()) => None,
                Err(error) => Some(error),
            };
            if let Some(e) = error {
                without_stream = None;
                warn!(event = "consumer.away", consumer = self.handler.name(), source = self.source, error = %e,
                      "the consumer can't work at the moment");
            }
            let _ = tokio::time::timeout(Duration::from_millis(400), shutdown.cancelled()).await;
        }
    }

    /// Tells those who wait how far it is. Within an epoch the told position never goes back, even when the run begins
    /// again at an inbox that is behind: the events between had no effect. An inbox that was never written has epoch 0,
    /// and its position is not told.
    fn tell(&self, epoch: i32, position: i64) {
        if epoch == 0 {
            return;
        }
        let begun_anew = self.epoch.swap(epoch, Ordering::Relaxed) != epoch;
        self.position.send_if_modified(|told| {
            let change = if begun_anew { position != *told } else { position > *told };
            if change {
                *told = position;
            }
            change
        });
    }

    fn inbox(&self) -> String {
        format!("{}/{}", self.source, self.handler.name())
    }

    /// Takes the lease, then handles event after event.
    async fn follow(&self, shutdown: &CancellationToken) -> Result<(), LogError> {
        let connection = self.log.pool().connect_options().as_ref().clone().connect().await?;
        let key = format!("portico consumer {} {}", self.log.service(), self.inbox());
        let mut lease = Lease { connection, key, waits: false, awaited: false };
        while !lease.take().await? {
            // Another process acts; its position is ours to see.
            let (epoch, stored) = self.stored().await?;
            self.tell(epoch, stored);
            if tokio::time::timeout(TICK, shutdown.cancelled()).await.is_ok() {
                return Ok(());
            }
        }
        // Where it stands is known before the bus is: whoever counts what waits must not count from the start.
        let (epoch, stored) = self.stored().await?;
        self.tell(epoch, stored);
        let result = self.act(&mut lease, shutdown).await;
        let _ = lease.connection.close().await;
        result
    }

    async fn stored(&self) -> Result<(i32, i64), LogError> {
        let row: Option<(i32, i64)> = sqlx::query_as("select epoch, pos from inbox where source = $1")
            .bind(self.inbox())
            .fetch_optional(self.log.pool())
            .await?;
        Ok(row.unwrap_or((0, 0)))
    }

    async fn act(&self, lease: &mut Lease, shutdown: &CancellationToken) -> Result<(), LogError> {
        let found = jetstream::new(self.client.clone()).get_stream(bus::stream_name(&self.source)).await;
        let stream = found.map_err(|e| if bus::is_missing(&e) { LogError::NoStream } else { bus_error(e) })?;
        let info = stream.cached_info().clone();
        let epoch = info.config.metadata.get("portico-epoch").and_then(|e| e.parse().ok()).unwrap_or(1);
        let mut place = self.place(epoch).await?;
        let mut parked = Parked::load(&self.log, &self.source, self.handler.name()).await?;
        self.tell(place.epoch, place.handled);

        // What the bus no longer keeps.
        let first = i64::try_from(info.state.first_sequence).unwrap_or(1);
        self.catch_up(&mut place, &mut parked, first).await?;

        let start_sequence = u64::try_from(place.handled + 1).unwrap_or(1);
        let consumer = stream
            .create_consumer(OrderedConfig {
                deliver_policy: DeliverPolicy::ByStartSequence { start_sequence },
                ..OrderedConfig::default()
            })
            .await
            .map_err(bus_error)?;
        let mut messages = consumer.messages().await.map_err(bus_error)?;
        let mut tick = tokio::time::interval(TICK);
        let (mut probed, mut proved_at) = (Instant::now(), place.handled);
        loop {
            tokio::select! {
                () = shutdown.cancelled() => return self.flush(&mut place).await,
                message = messages.next() => {
                    let message = message.ok_or_else(|| LogError::Bus("the stream ended".into()))?.map_err(bus_error)?;
                    tokio::time::sleep_until(place.ran + PACE).await;
                    self.take_run(&mut place, &mut parked, message, &mut messages).await?;
                    place.ran = Instant::now();
                }
                _ = tick.tick() => {
                    if lease.awaited || place.stored_at.elapsed() >= LAZY_FOR {
                        self.flush(&mut place).await?;
                    }
                    self.work_parked(&mut parked).await?;
                    let rest = if place.handled == proved_at { self.options.probe * IDLE_PROBES } else { self.options.probe };
                    if probed.elapsed() >= rest {
                        (probed, proved_at) = (Instant::now(), place.handled);
                        lease.prove().await?;
                        self.check_epoch(&place).await?;
                    }
                }
            }
        }
    }

    /// Handles a message and all that have arrived behind it.
    async fn take_run(
        &self,
        place: &mut Place,
        parked: &mut Parked,
        first: Message,
        messages: &mut Ordered,
    ) -> Result<(), LogError> {
        let mut run = Vec::new();
        let mut next = Some(first);
        while let Some(message) = next {
            let sequence = message.info().map_err(bus_error)?.stream_sequence;
            let position = i64::try_from(sequence).unwrap_or(i64::MAX);
            let last = run.last().map_or(place.handled, |e: &Recorded| e.position);
            if position > last + 1 {
                // Messages that were deleted from the bus: their redacted form is in the log.
                self.steps(place, parked, &std::mem::take(&mut run)).await?;
                self.catch_up(place, parked, position).await?;
            }
            if position > last {
                let headers = message.headers.clone().unwrap_or_default();
                match bus::decode(&headers, sequence, &message.payload) {
                    Ok(event) => run.push(event),
                    // A newer version's event is read from its log in the form that both know.
                    Err(_) => {
                        self.steps(place, parked, &std::mem::take(&mut run)).await?;
                        self.catch_up(place, parked, position + 1).await?;
                    }
                }
            }
            next = match if run.len() < RUN { messages.next().now_or_never() } else { None } {
                Some(Some(message)) => Some(message.map_err(bus_error)?),
                Some(None) => return Err(LogError::Bus("the stream ended".into())),
                None => None,
            };
        }
        self.steps(place, parked, &run).await
    }

    /// A stream that was made anew under another epoch, or set back, ends the run; it is begun again from the start.
    async fn check_epoch(&self, place: &Place) -> Result<(), LogError> {
        let mut stream =
            jetstream::new(self.client.clone()).get_stream(bus::stream_name(&self.source)).await.map_err(bus_error)?;
        let info = stream.info().await.map_err(bus_error)?;
        let epoch = info.config.metadata.get("portico-epoch").and_then(|e| e.parse().ok()).unwrap_or(1);
        let last = i64::try_from(info.state.last_sequence).unwrap_or(i64::MAX);
        if epoch != place.epoch || last < place.handled {
            return Err(LogError::Bus("the stream was made anew or set back".into()));
        }
        Ok(())
    }

    /// The position of the inbox, begun anew when the source has another epoch.
    async fn place(&self, epoch: i32) -> Result<Place, LogError> {
        let (stored_epoch, stored) = self.stored().await?;
        if stored_epoch == epoch || stored_epoch == 0 {
            return Ok(Place::new(epoch, stored));
        }
        info!(
            event = "consumer.new_epoch",
            consumer = self.handler.name(),
            source = self.source,
            epoch,
            "the source began a new epoch; everything is handled again"
        );
        let mut tx = self.log.pool().begin().await?;
        self.handler.reset(&mut tx).await?;
        sqlx::query("update inbox set epoch = $2, pos = 0 where source = $1")
            .bind(self.inbox())
            .bind(epoch)
            .execute(&mut *tx)
            .await?;
        sqlx::query("delete from dead where consumer = $1 and source = $2")
            .bind(self.handler.name())
            .bind(&self.source)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(Place::new(epoch, 0))
    }
}
