//! A log, its relay and a consumer that writes one row per event, without a service around them.

use anyhow::{Context, Result, ensure};
use async_nats::jetstream;
use eventlog::{
    Announce, Announcement, Append, Appended, Consumer, ConsumerOptions, Expected, Handler, HandlerError, Log,
    LogError, LogOptions, Meta, Reaction, Recorded, Relay, RelayOptions, RelayState, SideWrite, StreamId,
};
use futures::future::BoxFuture;
use kernel::Actor;
use kit::{Database, Nats, eventually};
use prost::Message;
use proto::{event::StoredEvent, records::v1::RecordDeleted};
use sqlx::{Executor, PgConnection};
use std::{
    collections::HashSet,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// One event of a stream, told apart by its text.
pub(crate) fn event(text: &str) -> (&'static str, Vec<u8>, Option<eventlog::DataKey>) {
    let message = RecordDeleted { occurred_at_micros: 0, record_id: text.into(), module: "tickets".into() };
    (RecordDeleted::STORED_TYPE, message.encode_to_vec(), None)
}

/// The text of an event.
pub(crate) fn text_of(event: &Recorded) -> String {
    RecordDeleted::decode(&event.payload[..]).map(|m| m.record_id).unwrap_or_default()
}

/// An append of one event.
pub(crate) fn append(stream: u128, expected: Expected, text: &str) -> Append {
    let meta = Meta::new(Actor::service("test"), kernel::new_id(), text.as_bytes());
    Append::events(meta, StreamId::new("record", Uuid::from_u128(stream)), expected, vec![event(text)])
}

/// Appends a run of events to many streams.
pub(crate) async fn write(log: &Log, texts: impl IntoIterator<Item = String>) -> Result<()> {
    for (n, text) in texts.into_iter().enumerate() {
        log.append(append(n as u128 % 7, Expected::Any, &text)).await?;
    }
    Ok(())
}

struct Plain;

impl Announce for Plain {
    fn announce(&self, event: &Recorded, json: &serde_json::Value) -> Announcement {
        Announcement::of(event, json, &[])
    }
}

/// A NATS connection of a user.
pub(crate) async fn connect(nats: &Nats, user: &str) -> Result<async_nats::Client> {
    let url = nats.url_for(user).context("a NATS user")?;
    let (who, _) = url.trim_start_matches("nats://").split_once('@').context("user and host")?;
    let (name, password) = who.split_once(':').context("user and password")?;
    Ok(async_nats::ConnectOptions::with_user_and_password(name.into(), password.into())
        .custom_inbox_prefix(format!("_INBOX_{user}"))
        .request_timeout(Some(Duration::from_secs(2)))
        .retry_on_initial_connect()
        .connect(nats.url())
        .await?)
}

/// A task that can be stopped, or dropped in the middle as a crash would.
pub(crate) struct Running {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        let _ = tokio::time::timeout(Duration::from_secs(5), self.task).await;
    }

    /// Ends it wherever it is.
    pub(crate) async fn crash(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

/// Starts a relay.
pub(crate) fn relay(log: &Log, client: &async_nats::Client) -> (Running, watch::Receiver<RelayState>) {
    let options = RelayOptions { probe: Duration::from_secs(1), ..RelayOptions::new("test", "http://test") };
    let relay = Relay::new(log.clone(), client.clone(), Arc::new(Plain), options);
    let state = relay.state();
    let stop = CancellationToken::new();
    (Running { task: tokio::spawn(relay.run(stop.clone())), stop }, state)
}

/// Waits until the stream holds exactly what the log holds from `first` on.
pub(crate) async fn stream_is_log(log: &Log, client: &async_nats::Client, first: u64) -> Result<()> {
    let name = format!("PORTICO_{}", log.service().to_uppercase());
    let client = client.clone();
    eventually("the stream to be the log", async || {
        let mut stream = jetstream::new(client.clone()).get_stream(&name).await?;
        let info = stream.info().await?.clone();
        let (head, _) = log.head().await?;
        ensure!(
            info.state.last_sequence == u64::try_from(head)?,
            "stream at {}, log at {head}",
            info.state.last_sequence
        );
        let events = log.read(1, 1_000_000).await?;
        ensure!(events.len() == usize::try_from(head)?, "positions are not dense");
        for event in events.iter().filter(|e| u64::try_from(e.position).unwrap_or(0) >= first) {
            let message = stream.get_raw_message(u64::try_from(event.position)?).await?;
            let id = message.headers.get("ce-id").map(|v| v.as_str().to_owned()).unwrap_or_default();
            ensure!(id == event.event_id.to_string(), "position {} has another event", event.position);
        }
        Ok(())
    })
    .await
}

/// The table that the consumer fills: a row twice is an error of the database.
pub(crate) async fn make_effects(database: &Database) -> Result<()> {
    let mut owner = database.owner().await?;
    owner
        .execute(
            "create table notification.effect (event_id uuid primary key, text text not null, n bigint generated always as identity);
             grant select, insert, delete on notification.effect to portico_notification",
        )
        .await?;
    Ok(())
}

/// Writes one row per event; fails for texts that it is told to fail for.
#[derive(Clone, Default)]
pub(crate) struct Effects {
    pub(crate) failing: Arc<Mutex<HashSet<String>>>,
}

struct Effect(Uuid, String);

impl SideWrite for Effect {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        Box::pin(async move {
            sqlx::query("insert into effect (event_id, text) values ($1, $2)")
                .bind(self.0)
                .bind(&self.1)
                .execute(tx)
                .await?;
            Ok(())
        })
    }
}

impl Handler for Effects {
    fn name(&self) -> &'static str {
        "effects"
    }

    fn handle<'a>(&'a self, event: &'a Recorded) -> BoxFuture<'a, Result<Reaction, HandlerError>> {
        Box::pin(async move {
            let text = text_of(event);
            if self.failing.lock().expect("no test panics with it").contains(&text) {
                return Err(HandlerError::Retry(format!("{text} is to fail")));
            }
            let meta = Meta::caused_by("notification", "effects", event);
            Ok(Reaction::Independent(Append::side(meta, vec![Box::new(Effect(event.event_id, text))])))
        })
    }

    fn reset<'a>(&'a self, connection: &'a mut PgConnection) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Box::pin(async move {
            sqlx::query("delete from effect").execute(connection).await?;
            Ok(())
        })
    }
}

/// Starts a consumer of `records` in the name of `notification`.
pub(crate) fn consumer(from: &Log, into: &Log, client: &async_nats::Client, effects: &Effects) -> Running {
    let options =
        ConsumerOptions { backoff: [50, 50].map(Duration::from_millis).to_vec(), probe: Duration::from_millis(500) };
    let consumer = Consumer::new(
        into.clone(),
        "records",
        Arc::new(from.clone()),
        client.clone(),
        Arc::new(effects.clone()),
        options,
    );
    let stop = CancellationToken::new();
    Running { task: tokio::spawn(consumer.run(stop.clone())), stop }
}

/// Waits until the effects are exactly the events of the log, each once, each stream's in order.
pub(crate) async fn effects_are_log(from: &Log, into: &Log) -> Result<()> {
    eventually("each event to have its effect", async || {
        let events = from.read(1, 1_000_000).await?;
        let rows: Vec<(Uuid, i64)> =
            sqlx::query_as("select event_id, n from effect order by n").fetch_all(into.pool()).await?;
        ensure!(rows.len() == events.len(), "{} effects of {} events", rows.len(), events.len());
        let order: std::collections::HashMap<Uuid, i64> = rows.into_iter().collect();
        let mut last: std::collections::HashMap<Uuid, i64> = std::collections::HashMap::new();
        for event in &events {
            let n =
                *order.get(&event.event_id).with_context(|| format!("position {} has no effect", event.position))?;
            let before = last.insert(event.stream, n).unwrap_or(0);
            ensure!(n > before, "a stream's events were handled out of order");
        }
        Ok(())
    })
    .await
}

/// A log over a database, without projections.
pub(crate) fn log_of(database: &Database, service: &'static str) -> Result<Log> {
    database.log(service, Vec::new(), LogOptions::default())
}

/// Appends until it is done, as a caller would who may repeat: the same command id each time.
pub(crate) async fn append_surely(log: &Log, stream: u128, text: &str) -> Result<Appended> {
    let id = kernel::derived_id("test", text.as_bytes());
    // What the attempts need is theirs, so that a task of its own can make them.
    let (log, text) = (log.clone(), text.to_owned());
    let outcome = eventually("the append", move || {
        let log = log.clone();
        let mut one = append(stream, Expected::Any, &text);
        one.meta.command_id = id;
        async move {
            match log.append(one).await {
                Err(e @ (LogError::Unavailable(_) | LogError::Overloaded)) => Err(e.into()),
                // Nothing else may come of it.
                outcome => Ok(outcome),
            }
        }
    });
    Ok(outcome.await??)
}
