//! Where a consumer gets events that the bus no longer keeps: the owning service's log, behind gRPC.

use crate::{LogError, Recorded};
use futures::{StreamExt, future::BoxFuture};
use kernel::{ActorKind, Channel, Timestamp};
use proto::eventlog::v1::{
    GetHeadRequest, GetHeadResponse, ReadAllRequest, RecordedEvent, event_log_service_client::EventLogServiceClient,
};
use std::sync::Arc;
use tonic::{Request, service::interceptor::InterceptedService};
use tower::util::BoxCloneSyncService;
use uuid::Uuid;

/// A log that can be read from any position: where a consumer gets what the bus no longer has.
pub trait Source: Send + Sync + 'static {
    /// Up to `limit` events from a position on, in order.
    fn read(&self, from: i64, limit: usize) -> BoxFuture<'_, Result<Vec<Recorded>, LogError>>;
    /// Last position and epoch.
    fn head(&self) -> BoxFuture<'_, Result<(i64, i32), LogError>>;
}

impl Source for crate::Log {
    fn read(&self, from: i64, limit: usize) -> BoxFuture<'_, Result<Vec<Recorded>, LogError>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        Box::pin(crate::Log::read(self, from, limit))
    }

    fn head(&self) -> BoxFuture<'_, Result<(i64, i32), LogError>> {
        Box::pin(crate::Log::head(self))
    }
}

/// Adds a service's own token to each call.
pub type Authorize = Arc<dyn Fn(Request<()>) -> Result<Request<()>, tonic::Status> + Send + Sync>;

/// What carries calls to the service that owns the log.
pub type Transport =
    BoxCloneSyncService<http::Request<tonic::body::Body>, http::Response<tonic::body::Body>, tonic::Status>;

/// Another service's log over gRPC.
#[derive(Clone)]
pub struct GrpcSource {
    service: String,
    channel: Transport,
    authorize: Authorize,
}

impl GrpcSource {
    /// The log of `service`, reached through a channel.
    pub fn new(service: &str, channel: Transport, authorize: Authorize) -> GrpcSource {
        GrpcSource { service: service.to_owned(), channel, authorize }
    }

    fn client(&self) -> EventLogServiceClient<InterceptedService<Transport, impl tonic::service::Interceptor + use<>>> {
        let authorize = Arc::clone(&self.authorize);
        EventLogServiceClient::with_interceptor(self.channel.clone(), move |r| authorize(r))
            .max_decoding_message_size(64 * 1024 * 1024)
    }
}

impl GrpcSource {
    /// What the process that owns the log says of it and of itself.
    ///
    /// # Errors
    /// The status of the call: nobody answers, or whoever does is not that service.
    pub async fn ask(&self) -> Result<GetHeadResponse, tonic::Status> {
        Ok(self.client().get_head(GetHeadRequest { service: self.service.clone() }).await?.into_inner())
    }
}

impl Source for GrpcSource {
    fn read(&self, from: i64, limit: usize) -> BoxFuture<'_, Result<Vec<Recorded>, LogError>> {
        Box::pin(async move {
            let request = ReadAllRequest { service: self.service.clone(), from };
            let mut chunks = self.client().read_all(request).await.map_err(bus)?.into_inner();
            let mut events = Vec::new();
            while let Some(chunk) = chunks.next().await {
                events.extend(chunk.map_err(bus)?.events.into_iter().map(recorded).collect::<Result<Vec<_>, _>>()?);
                if events.len() >= limit {
                    events.truncate(limit);
                    break;
                }
            }
            Ok(events)
        })
    }

    fn head(&self) -> BoxFuture<'_, Result<(i64, i32), LogError>> {
        Box::pin(async move {
            let head = self.ask().await.map_err(bus)?;
            Ok((head.position, head.epoch))
        })
    }
}

fn bus(status: tonic::Status) -> LogError {
    LogError::Bus(format!("reading another service's log: {}", status.code()))
}

/// The wire form of an event.
pub(crate) fn wire(event: Recorded) -> RecordedEvent {
    let text = |id: Option<Uuid>| id.map(|i| i.to_string()).unwrap_or_default();
    RecordedEvent {
        position: event.position,
        stream_id: event.stream.to_string(),
        version: event.version,
        event_id: event.event_id.to_string(),
        r#type: event.stored_type.to_string(),
        recorded_at_micros: event.recorded_at.micros(),
        actor_id: format!("{}:{}", event.actor_kind.as_str(), event.actor_id),
        on_behalf_of: text(event.on_behalf_of),
        channel: event.channel as u32,
        session_id: text(event.session),
        command_id: event.command_id.to_string(),
        correlation_id: event.correlation_id.to_string(),
        causation_id: text(event.causation_id),
        traceparent: event.traceparent.unwrap_or_default(),
        payload: event.payload,
        redacted: event.redacted,
        hash: event.hash,
    }
}

pub(crate) fn recorded(event: RecordedEvent) -> Result<Recorded, LogError> {
    let id = |text: &str| Uuid::try_parse(text).map_err(|_| LogError::Broken(format!("not an id: {text}")));
    let optional = |text: &str| {
        if text.is_empty() { Ok(None) } else { id(text).map(Some) }
    };
    let (kind, actor) = event.actor_id.split_once(':').unwrap_or(("service", &event.actor_id));
    Ok(Recorded {
        position: event.position,
        stream: id(&event.stream_id)?,
        version: event.version,
        event_id: id(&event.event_id)?,
        stored_type: Arc::from(event.r#type),
        recorded_at: Timestamp::from_micros(event.recorded_at_micros),
        actor_id: id(actor)?,
        actor_kind: actor_kind(kind),
        on_behalf_of: optional(&event.on_behalf_of)?,
        channel: Channel::from_number(i16::try_from(event.channel).unwrap_or_default()),
        session: optional(&event.session_id)?,
        command_id: id(&event.command_id)?,
        correlation_id: id(&event.correlation_id)?,
        causation_id: optional(&event.causation_id)?,
        traceparent: (!event.traceparent.is_empty()).then_some(event.traceparent),
        payload: event.payload,
        redacted: event.redacted,
        prev_hash: Vec::new(),
        hash: event.hash,
    })
}

pub(crate) fn actor_kind(word: &str) -> ActorKind {
    match word {
        "contact" => ActorKind::Contact,
        "agent" => ActorKind::Agent,
        _ => ActorKind::Service,
    }
}
