//! Logs as JSON lines with trace ids, and traces over OTLP when an endpoint is set.

use crate::{Config, ConfigError, log_format::JsonLines};
use opentelemetry::{KeyValue, trace::TracerProvider};
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::{
    Resource,
    trace::{Sampler, SdkTracerProvider},
};
use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

/// What has to be flushed at the end.
#[derive(Default)]
pub struct Telemetry {
    provider: Option<SdkTracerProvider>,
}

impl Telemetry {
    /// Sends what is left. Blocks for up to a few seconds, so it runs on the blocking pool.
    pub async fn shutdown(self) {
        if let Some(provider) = self.provider {
            let flushed = tokio::task::spawn_blocking(move || provider.shutdown());
            let _ = tokio::time::timeout(std::time::Duration::from_secs(3), flushed).await;
        }
    }
}

/// Sets up logs and traces for the process. Must be called inside a tokio runtime, once.
pub fn init(config: &Config, target: &str) -> Result<Telemetry, ConfigError> {
    let filter = EnvFilter::try_new(&config.log_level)
        .map_err(|_| ConfigError(format!("PORTICO_LOG_LEVEL: {} is no level or filter", config.log_level)))?;
    let service = format!("portico-{target}");
    let provider = match &config.otlp_endpoint {
        None => None,
        Some(endpoint) => Some(provider(config, endpoint, &service)?),
    };
    // Spans are for traces; logs carry their ids, not their fields.
    let spans = provider.as_ref().map(|p| {
        tracing_opentelemetry::layer()
            .with_tracer(p.tracer("portico"))
            .with_location(false)
            .with_threads(false)
            .with_filter(EnvFilter::new("info,h2=off,hyper=off,tonic=off,tower=off,sqlx=off,async_nats=off"))
    });
    let lines = if config.log_format == "text" {
        tracing_subscriber::fmt::layer().compact().with_filter(filter).boxed()
    } else {
        tracing_subscriber::fmt::layer().event_format(JsonLines::new(&service)).with_filter(filter).boxed()
    };
    tracing_subscriber::registry()
        .with(spans)
        .with(lines)
        .try_init()
        .map_err(|e| ConfigError(format!("logs can't be set up: {e}")))?;
    Ok(Telemetry { provider })
}

fn provider(config: &Config, endpoint: &str, service: &str) -> Result<SdkTracerProvider, ConfigError> {
    let exporter = SpanExporter::builder()
        .with_tonic()
        .with_endpoint(endpoint)
        .build()
        .map_err(|e| ConfigError(format!("PORTICO_OTLP_ENDPOINT: {e}")))?;
    let resource = Resource::builder()
        .with_service_name(service.to_owned())
        .with_attribute(KeyValue::new("service.namespace", "portico"))
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_attribute(KeyValue::new("service.instance.id", kernel::new_id().to_string()))
        .build();
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource)
        .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(config.otlp_ratio))))
        .build())
}
