//! Listening to a service's events without a position of one's own: caches, live pages, `events tail`.

use crate::{Recorded, bus, bus::bus_error};
use async_nats::jetstream::{
    self,
    consumer::{DeliverPolicy, pull::OrderedConfig},
};
use futures::StreamExt;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::debug;

/// What a listener is told.
#[derive(Debug)]
pub enum Tail {
    /// The connection (re)started here: what happened before may have been missed.
    Restarted,
    /// An event.
    Event(Box<Recorded>),
}

/// Listens to a service from now on, or from a position on; goes on by itself after interruptions, from where it was.
/// Ends when the receiver is dropped or at shutdown.
pub fn listen(
    client: async_nats::Client,
    service: &str,
    from: Option<i64>,
    shutdown: CancellationToken,
) -> mpsc::Receiver<Tail> {
    let (sender, receiver) = mpsc::channel(256);
    let service = service.to_owned();
    tokio::spawn(async move {
        let mut next = from.and_then(|f| u64::try_from(f).ok());
        while !shutdown.is_cancelled() && !sender.is_closed() {
            let run = run(&client, &service, &mut next, &sender);
            let end = tokio::select! {
                () = shutdown.cancelled() => return,
                () = sender.closed() => return,
                end = run => end,
            };
            if let Err(error) = end {
                debug!(error = %error, service, "listening is tried again");
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
    receiver
}

async fn run(
    client: &async_nats::Client,
    service: &str,
    next: &mut Option<u64>,
    sender: &mpsc::Sender<Tail>,
) -> Result<(), crate::LogError> {
    let stream = jetstream::new(client.clone()).get_stream(bus::stream_name(service)).await.map_err(bus_error)?;
    let deliver_policy = match *next {
        Some(start_sequence) => DeliverPolicy::ByStartSequence { start_sequence },
        None => DeliverPolicy::New,
    };
    let consumer = stream
        .create_consumer(OrderedConfig { deliver_policy, ..OrderedConfig::default() })
        .await
        .map_err(bus_error)?;
    let mut messages = consumer.messages().await.map_err(bus_error)?;
    if sender.send(Tail::Restarted).await.is_err() {
        return Ok(());
    }
    while let Some(message) = messages.next().await {
        let message = message.map_err(bus_error)?;
        let sequence = message.info().map_err(bus_error)?.stream_sequence;
        *next = Some(sequence + 1);
        let headers = message.headers.clone().unwrap_or_default();
        match bus::decode(&headers, sequence, &message.payload) {
            Ok(event) => {
                if sender.send(Tail::Event(Box::new(event))).await.is_err() {
                    return Ok(());
                }
            }
            Err(error) => debug!(error = %error, "an event of a newer version is passed over"),
        }
    }
    Ok(())
}
