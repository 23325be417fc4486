//! The bus as somebody else uses it: durable consumers, and publishing without a log.

use super::LIMIT;
use anyhow::{Context, Result};
use async_nats::{
    Client, HeaderMap,
    jetstream::{
        self,
        consumer::{AckPolicy, DeliverPolicy, pull},
        message::PublishMessage,
        stream,
    },
};
use bytes::Bytes;
use futures::StreamExt;
use kit::Nats;
use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant},
};
use tokio::task::JoinHandle;

/// A stream, and what is published to it.
pub(super) struct Place {
    pub(super) stream: &'static str,
    pub(super) subject: &'static str,
}

/// Where the relay publishes.
pub(super) const PUBLIC: Place = Place { stream: "PORTICO_RECORDS", subject: "portico.v1.records.tickets.>" };
/// Where the benchmark publishes; a subject that the operator's user may write to.
pub(super) const RAW: Place = Place { stream: "LOAD_RAW", subject: "portico.replay.load" };

/// Publishes in flight.
const IN_FLIGHT: usize = 1_000;

/// Connects as one of the installation's users.
pub(crate) async fn connect(nats: &Nats, user: &str) -> Result<Client> {
    let url = nats.url_for(user).context("a NATS user")?;
    let (credentials, host) = url.trim_start_matches("nats://").split_once('@').context("a URL with a user")?;
    let (name, password) = credentials.split_once(':').context("a URL with a password")?;
    let options = async_nats::ConnectOptions::with_user_and_password(name.to_owned(), password.to_owned());
    Ok(options.custom_inbox_prefix(format!("_INBOX_{user}")).connect(format!("nats://{host}")).await?)
}

/// A message like those of the relay, to be published without a log.
#[derive(Clone)]
pub(super) struct Sample {
    jetstream: jetstream::Context,
    headers: HeaderMap,
    payload: Bytes,
}

/// Makes the raw stream and takes the last relayed message as the sample.
pub(super) async fn prepare(nats: &Nats) -> Result<Sample> {
    let jetstream = jetstream::new(connect(nats, "operator").await?);
    let config = stream::Config {
        name: RAW.stream.into(),
        subjects: vec![RAW.subject.into()],
        storage: stream::StorageType::File,
        allow_direct: true,
        ..stream::Config::default()
    };
    jetstream.create_stream(config).await?;
    let relayed = jetstream.get_stream(PUBLIC.stream).await?;
    let message = relayed.get_raw_message(relayed.cached_info().state.last_sequence).await?;
    let mut headers = HeaderMap::new();
    for (name, values) in message.headers.iter().filter(|(name, _)| !name.to_string().starts_with("Nats-")) {
        values.iter().for_each(|value| headers.append(name.clone(), value.clone()));
    }
    Ok(Sample { jetstream, headers, payload: message.payload })
}

impl Sample {
    async fn send(&self) -> Result<jetstream::context::PublishAckFuture> {
        let message = PublishMessage::build()
            .payload(self.payload.clone())
            .headers(self.headers.clone())
            .message_id(kernel::new_id().to_string());
        Ok(self.jetstream.send_publish(RAW.subject, message).await?)
    }

    /// Publishes one; answers its sequence.
    pub(super) async fn publish(&self) -> Result<u64> {
        Ok(self.send().await?.await?.sequence)
    }

    /// Publishes many without waiting for each; answers how many in a second.
    pub(super) async fn publish_pipelined(&self, count: usize) -> Result<f64> {
        let began = Instant::now();
        let mut flying = VecDeque::with_capacity(IN_FLIGHT);
        for _ in 0..count {
            if flying.len() == IN_FLIGHT
                && let Some(oldest) = flying.pop_front()
            {
                oldest.await?;
            }
            flying.push_back(self.send().await?);
        }
        for ack in flying {
            ack.await?;
        }
        Ok(count as f64 / began.elapsed().as_secs_f64())
    }
}

/// Makes a durable consumer, which from now on notes when each message arrives; ends after so many.
pub(super) async fn arrivals(
    nats: &Nats,
    user: &str,
    place: &Place,
    count: u64,
) -> Result<JoinHandle<Result<HashMap<u64, Instant>>>> {
    let jetstream = jetstream::new(connect(nats, user).await?);
    let config = pull::Config {
        durable_name: Some(format!("load-{}", kernel::new_id())),
        filter_subject: place.subject.to_owned(),
        deliver_policy: DeliverPolicy::New,
        ack_policy: AckPolicy::Explicit,
        inactive_threshold: Duration::from_secs(60),
        ..pull::Config::default()
    };
    let consumer = jetstream.get_stream(place.stream).await?.create_consumer(config).await?;
    let mut messages = consumer.messages().await?;
    Ok(tokio::spawn(async move {
        let mut arrived = HashMap::new();
        let all = async {
            while (arrived.len() as u64) < count {
                let message = messages.next().await.context("the consumer ended")??;
                let at = Instant::now();
                let failed = |e| anyhow::anyhow!("a message: {e}");
                let sequence = message.info().map_err(failed)?.stream_sequence;
                message.ack().await.map_err(failed)?;
                arrived.entry(sequence).or_insert(at);
            }
            anyhow::Ok(())
        };
        tokio::time::timeout(LIMIT, all).await.context("not all messages arrived")??;
        Ok(arrived)
    }))
}
