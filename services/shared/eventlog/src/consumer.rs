//! Consuming another service's events with exactly-once effect: one position per source, kept in the same append as the
//! effects. The bus is only the quick way; what it no longer keeps is read from the owning service's log.

use crate::{
    Append, InboxMove, Log, LogError, Meta, Recorded, Source, bus,
    parked::{Parked, ParkedState},
    relay::bus_error,
    trace,
};
use async_nats::jetstream::{
    self,
    consumer::{DeliverPolicy, pull::OrderedConfig},
};
use futures::{StreamExt, future::BoxFuture};
use kernel::Actor;
use sqlx::{ConnectOptions, Connection, PgConnection};
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, error, info, info_span, warn};

const TICK: Duration = Duration::from_millis(250);
const CATCH_UP: usize = 1000;
/// A source's stream that is missing for longer is worth a warning.
const STREAM_MADE_WITHIN: Duration = Duration::from_secs(30);
/// Positions that may be handled without effect before the inbox is moved.
const LAZY: i64 = 500;

/// What a handler wants done about an event.
pub enum Reaction {
    /// Nothing.
    Nothing,
    /// Events of one's own, rows beside the log, or both; the consumer adds its position.
    Append(Append),
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
}

impl Default for ConsumerOptions {
    fn default() -> ConsumerOptions {
        ConsumerOptions { backoff: [1, 5, 30, 300].map(Duration::from_secs).to_vec() }
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
}

/// Where the consumer stands while it runs.
struct Place {
    epoch: i32,
    /// What the inbox says.
    stored: i64,
    /// What is handled, some of it without effect.
    handled: i64,
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
        Consumer { log, source: source.to_owned(), reader, client, handler, options, position: watch::Sender::new(0) }
    }

    /// A way to wait for it.
    pub fn waiter(&self) -> Waiter {
        Waiter { source: self.source.clone(), position: self.position.subscribe() }
    }

    /// Runs until shutdown; survives the absence of the database, the bus and the source.
    pub async fn run(self, shutdown: CancellationToken) {
        let mut without_stream = None;
        while !shutdown.is_cancelled() {
            let run = tokio::select! {
                () = shutdown.cancelled() => return,
                run = self.follow() => run,
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

    fn inbox(&self) -> String {
        format!("{}/{}", self.source, self.handler.name())
    }

    /// Takes the lease, then handles event after event.
    async fn follow(&self) -> Result<(), LogError> {
        let mut lease = self.log.pool().connect_options().as_ref().clone().connect().await?;
        loop {
            let leads: bool = sqlx::query_scalar("select pg_try_advisory_lock(hashtext($1))")
                .bind(format!("portico consumer {} {}", self.log.service(), self.inbox()))
                .fetch_one(&mut lease)
                .await?;
            if leads {
                break;
            }
            // Another process acts; its position is ours to see.
            let (_, stored) = self.stored().await?;
            self.position.send_replace(stored);
            tokio::time::sleep(TICK).await;
        }
        // Where it stands is known before the bus is: whoever counts what waits must not count from the start.
        let (_, stored) = self.stored().await?;
        self.position.send_replace(stored);
        let result = self.act(&mut lease).await;
        let _ = lease.close().await;
        result
    }

    async fn stored(&self) -> Result<(i32, i64), LogError> {
        let row: Option<(i32, i64)> = sqlx::query_as("select epoch, pos from inbox where source = $1")
            .bind(self.inbox())
            .fetch_optional(self.log.pool())
            .await?;
        Ok(row.unwrap_or((0, 0)))
    }

    async fn act(&self, lease: &mut PgConnection) -> Result<(), LogError> {
        let found = jetstream::new(self.client.clone()).get_stream(bus::stream_name(&self.source)).await;
        let stream = found.map_err(|e| if bus::is_missing(&e) { LogError::NoStream } else { bus_error(e) })?;
        let info = stream.cached_info().clone();
        let epoch = info.config.metadata.get("portico-epoch").and_then(|e| e.parse().ok()).unwrap_or(1);
        let mut place = self.place(epoch).await?;
        let mut parked = Parked::load(&self.log, &self.source, self.handler.name()).await?;
        self.position.send_replace(place.handled);

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
        let mut checked = tokio::time::Instant::now();
        loop {
            tokio::select! {
                message = messages.next() => {
                    let message = message.ok_or_else(|| LogError::Bus("the stream ended".into()))?.map_err(bus_error)?;
                    let sequence = message.info().map_err(bus_error)?.stream_sequence;
                    let position = i64::try_from(sequence).unwrap_or(i64::MAX);
                    if position <= place.handled {
                        continue;
                    }
                    // Messages that were deleted from the bus: their redacted form is in the log.
                    self.catch_up(&mut place, &mut parked, position).await?;
                    let headers = message.headers.clone().unwrap_or_default();
                    match bus::decode(&headers, sequence, &message.payload) {
                        Ok(event) => self.step(&mut place, &mut parked, &event).await?,
                        // A newer version's event is read from its log in the form that both know.
                        Err(_) => self.catch_up(&mut place, &mut parked, position + 1).await?,
                    }
                }
                _ = tick.tick() => {
                    self.flush(&mut place).await?;
                    self.work_parked(&mut parked).await?;
                    if checked.elapsed() > Duration::from_secs(1) {
                        checked = tokio::time::Instant::now();
                        sqlx::query("select 1").execute(&mut *lease).await?;
                        self.check_epoch(&place).await?;
                    }
                }
            }
        }
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
            return Ok(Place { epoch, stored, handled: stored });
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
        Ok(Place { epoch, stored: 0, handled: 0 })
    }

    /// Reads from the source's log up to, not including, a position.
    async fn catch_up(&self, place: &mut Place, parked: &mut Parked, until: i64) -> Result<(), LogError> {
        while place.handled + 1 < until {
            let events = self.reader.read(place.handled + 1, CATCH_UP).await?;
            if events.is_empty() {
                return Err(LogError::Broken(format!("the log of {} ends before its stream", self.source)));
            }
            for event in events.iter().take_while(|e| e.position < until) {
                self.step(place, parked, event).await?;
            }
        }
        Ok(())
    }

    /// Handles one event, or parks it.
    async fn step(&self, place: &mut Place, parked: &mut Parked, event: &Recorded) -> Result<(), LogError> {
        if self.handler.ordered() && parked.blocks(event.stream) {
            let park = parked.park(event, ParkedState::Waiting, "it waits for an earlier event of its stream", 0);
            self.commit(place, Append::side(self.meta(event), vec![Box::new(park)]), event.position).await?;
            parked.block(event.stream);
            return Ok(());
        }
        loop {
            match self.handle(event).await {
                Ok(Reaction::Nothing) => {
                    place.handled = event.position;
                    self.position.send_replace(place.handled);
                    if place.handled - place.stored >= LAZY {
                        self.flush(place).await?;
                    }
                    return Ok(());
                }
                Ok(Reaction::Append(append)) => match self.commit(place, append, event.position).await {
                    Ok(()) => return Ok(()),
                    Err(e @ (LogError::Unavailable(_) | LogError::Overloaded | LogError::InboxMoved(_))) => {
                        return Err(e);
                    }
                    // Decided on what is no longer so: the handler looks again.
                    Err(LogError::WrongExpectedVersion { .. }) => {}
                    Err(e) => return self.fail(place, parked, event, &e.to_string(), false).await,
                },
                Err(HandlerError::Away(what)) => return Err(LogError::Bus(what)),
                Err(HandlerError::Retry(what)) => {
                    return self.fail(place, parked, event, &what, false).await;
                }
                Err(HandlerError::Poison(what)) => {
                    return self.fail(place, parked, event, &what, true).await;
                }
            }
        }
    }

    async fn handle(&self, event: &Recorded) -> Result<Reaction, HandlerError> {
        let span = match &event.traceparent {
            Some(parent) => {
                let span = info_span!(
                    parent: None,
                    "process",
                    otel.name = %format!("process {}", event.stored_type),
                    otel.kind = "consumer",
                    messaging.system = "nats",
                    messaging.operation.type = "process",
                    messaging.consumer.group.name = self.handler.name(),
                    messaging.message.id = %event.event_id,
                );
                // A trace that goes on for minutes helps nobody: what is old starts its own and links back.
                let age = self.log.now().micros() - event.recorded_at.micros();
                if age < 300 * 1_000_000 {
                    trace::set_parent(&span, parent)
                } else {
                    trace::add_link(&span, parent)
                }
                span
            }
            None => tracing::Span::none(),
        };
        self.handler.handle(event).instrument(span).await
    }

    async fn fail(
        &self,
        place: &mut Place,
        parked: &mut Parked,
        event: &Recorded,
        what: &str,
        dead: bool,
    ) -> Result<(), LogError> {
        error!(
            event = "consumer.failed",
            consumer = self.handler.name(),
            source = self.source,
            position = event.position,
            error = what,
            "an event could not be handled"
        );
        let state = if dead || self.options.backoff.is_empty() { ParkedState::Dead } else { ParkedState::Retrying };
        let pause = self.options.backoff.first().copied().unwrap_or_default();
        let park = parked.park(event, state, what, i64::try_from(pause.as_millis()).unwrap_or(i64::MAX));
        self.commit(place, Append::side(self.meta(event), vec![Box::new(park)]), event.position).await?;
        parked.block(event.stream);
        Ok(())
    }

    fn meta(&self, event: &Recorded) -> Meta {
        Meta { remember: false, ..Meta::caused_by(self.log.service(), self.handler.name(), event) }
    }

    /// Appends with the step of the inbox.
    async fn commit(&self, place: &mut Place, mut append: Append, to: i64) -> Result<(), LogError> {
        // Without events there is nothing that must not happen twice but the rows, and those go with the position.
        append.meta.remember &= !append.streams.is_empty();
        append.inbox = Some(InboxMove { source: self.inbox(), epoch: place.epoch, from: place.stored, to });
        let appended = self.log.append(append).await?;
        if appended.replayed {
            // After a new epoch: the events are there already, only the position has to follow.
            self.move_inbox(place, to).await?;
        }
        place.stored = to;
        place.handled = to;
        self.position.send_replace(to);
        Ok(())
    }

    async fn flush(&self, place: &mut Place) -> Result<(), LogError> {
        if place.handled > place.stored {
            let to = place.handled;
            self.move_inbox(place, to).await?;
            place.stored = to;
        }
        Ok(())
    }

    async fn move_inbox(&self, place: &Place, to: i64) -> Result<(), LogError> {
        let mut meta = Meta::new(Actor::service(self.log.service()), kernel::new_id(), b"");
        meta.remember = false;
        let mut append = Append::side(meta, Vec::new());
        append.inbox = Some(InboxMove { source: self.inbox(), epoch: place.epoch, from: place.stored, to });
        self.log.append(append).await.map(drop)
    }

    /// Tries what is due again, oldest first.
    async fn work_parked(&self, parked: &mut Parked) -> Result<(), LogError> {
        for due in parked.due(&self.log).await? {
            let events = self.reader.read(due.position, 1).await?;
            let Some(event) = events.first() else {
                continue;
            };
            let what = match self.handle(event).await {
                Ok(reaction) => {
                    let mut append = match reaction {
                        Reaction::Nothing => Append::side(self.meta(event), Vec::new()),
                        Reaction::Append(append) => append,
                    };
                    append.meta.remember &= !append.streams.is_empty();
                    append.side_writes.push(Box::new(parked.removal(due.position)));
                    match self.log.append(append).await {
                        Ok(_) => continue,
                        Err(e @ (LogError::Unavailable(_) | LogError::Overloaded)) => {
                            return Err(e);
                        }
                        Err(e) => e.to_string(),
                    }
                }
                Err(HandlerError::Away(what)) => return Err(LogError::Bus(what)),
                Err(HandlerError::Retry(what) | HandlerError::Poison(what)) => what,
            };
            parked.failed_again(&self.log, &due, &what, &self.options.backoff).await?;
        }
        // Rows are parked by this consumer alone, so while it knows of none there are none.
        if parked.is_empty() { Ok(()) } else { parked.refresh(&self.log).await }
    }
}
