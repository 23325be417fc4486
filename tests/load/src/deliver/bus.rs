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
use futures::StreamExt;
use kit::Nats;
use std::{
    collections::{HashMap, VecDeque},
    future::IntoFuture,
    time::{Duration, Instant},
};

/// A stream, and what is published to it.
pub(super) struct Place {
    pub(super) stream: &'static str,
    pub(super) subject: &'static str,
}

/// Where the relay publishes, as a foreign consumer may read it.
pub(super) const PUBLIC: Place = Place { stream: "PORTICO_RECORDS", subject: "portico.v1.records.tickets.>" };
/// Where the benchmark publishes; a subject that the operator's user may write to.
pub(super) const RAW: Place = Place { stream: "LOAD_RAW", subject: "portico.replay.load" };

/// Publishes in flight.
const IN_FLIGHT: usize = 1_000;

/// Connects as one of the installation's users.
pub(super) async fn connect(nats: &Nats, user: &str) -> Result<Client> {
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
    payload: async_nats::jetstream::message::StreamMessage,
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
    let mut headers = message.headers.clone();
    headers.insert("Nats-Expected-Last-Sequence", "");
    let headers = headers
        .iter()
        .filter(|(name, _)| !name.to_string().starts_with("Nats-"))
        .flat_map(|(name, values)| values.iter().map(move |value| (name.clone(), value.clone())))
        .collect();
    Ok(Sample { jetstream, headers, payload: message })
}

impl Sample {
    async fn send(&self) -> Result<jetstream::context::PublishAckFuture> {
        let message = PublishMessage::build()
            .payload(self.payload.payload.clone())
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
                IntoFuture::into_future(oldest).await?;
            }
            flying.push_back(self.send().await?);
        }
        for ack in flying {
            ack.await?;
        }
        Ok(count as f64 / began.elapsed().as_secs_f64())
    }
}

/// A durable consumer that notes when each message arrives.
pub(super) struct Arrivals {
    messages: pull::Stream,
}

impl Arrivals {
    /// Begins to consume what is published from now on.
    pub(super) async fn begin(nats: &Nats, user: &str, stream: &str, subject: &str) -> Result<Arrivals> {
        let jetstream = jetstream::new(connect(nats, user).await?);
        let config = pull::Config {
            durable_name: Some(format!("load-{}", kernel::new_id())),
            filter_subject: subject.to_owned(),
            deliver_policy: DeliverPolicy::New,
            ack_policy: AckPolicy::Explicit,
            inactive_threshold: Duration::from_secs(60),
            ..pull::Config::default()
        };
        let consumer = jetstream.get_stream(stream).await?.create_consumer(config).await?;
        Ok(Arrivals { messages: consumer.messages().await? })
    }

    /// Waits for so many messages; answers when each sequence arrived.
    pub(super) async fn of(mut self, count: u64) -> Result<HashMap<u64, Instant>> {
        let mut arrived = HashMap::new();
        let all = async {
            while (arrived.len() as u64) < count {
                let message = self.messages.next().await.context("the consumer ended")??;
                let at = Instant::now();
                let sequence = message.info().map_err(anyhow::Error::from_boxed)?.stream_sequence;
                message.ack().await.map_err(anyhow::Error::from_boxed)?;
                arrived.entry(sequence).or_insert(at);
            }
            anyhow::Ok(())
        };
        tokio::time::timeout(LIMIT, all).await.context("not all messages arrived")??;
        Ok(arrived)
    }
}
