//! Logs with trace ids, and traces over OTLP when an endpoint is set. Without one spans are not recorded, but each request
//! has a trace id all the same: in its answer, in its log lines over all services, and in its events.

use crate::{
    Config, ConfigError,
    log_format::{JsonLines, TextLines},
};
use opentelemetry::{KeyValue, trace::TracerProvider};
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::{
    Resource,
    trace::{Sampler, SdkTracerProvider},
};
use tracing::{Metadata, Subscriber};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt, filter_fn},
    fmt::MakeWriter,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// What has to be flushed at the end.
pub struct Telemetry {
    provider: SdkTracerProvider,
}

impl Telemetry {
    /// Sends what is left. Blocks for up to a few seconds, so it runs on the blocking pool.
    pub async fn shutdown(self) {
        let flushed = tokio::task::spawn_blocking(move || self.provider.shutdown());
        let _ = tokio::time::timeout(std::time::Duration::from_secs(3), flushed).await;
    }
}

/// Sets up logs and traces for the process. Must be called inside a tokio runtime, once.
pub fn init(config: &Config, target: &str) -> Result<Telemetry, ConfigError> {
    let (subscriber, telemetry) = subscriber(config, target, std::io::stdout)?;
    subscriber.try_init().map_err(|e| ConfigError(format!("logs can't be set up: {e}")))?;
    Ok(telemetry)
}

fn subscriber<W>(
    config: &Config,
    target: &str,
    out: W,
) -> Result<(impl Subscriber + Send + Sync, Telemetry), ConfigError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = EnvFilter::try_new(&config.log_level)
        .map_err(|_| ConfigError(format!("PORTICO_LOG_LEVEL: {} is no level or filter", config.log_level)))?;
    let service = format!("portico-{target}");
    let provider = match &config.otlp_endpoint {
        // Ids are made and passed on; nothing is recorded, nothing sent.
        None => SdkTracerProvider::builder().with_sampler(Sampler::AlwaysOff).build(),
        Some(endpoint) => provider(config, endpoint, &service)?,
    };
    // Spans are for traces; logs carry their ids, not their fields.
    let spans = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("portico"))
        .with_location(false)
        .with_threads(false)
        .with_filter(EnvFilter::new("info,h2=off,hyper=off,tonic=off,tower=off,sqlx=off,async_nats=off"));
    let lines = tracing_subscriber::fmt::layer().with_writer(out);
    // A layer for lines would write down the fields of each span, which no line shows.
    let filter = filter.and(filter_fn(|metadata: &Metadata<'_>| metadata.is_event()));
    let lines = if config.log_format == "text" {
        lines.event_format(TextLines).with_filter(filter).boxed()
    } else {
        lines.event_format(JsonLines::new(&service)).with_filter(filter).boxed()
    };
    Ok((tracing_subscriber::registry().with(spans).with(lines), Telemetry { provider }))
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl Lines {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    /// The process's own subscriber, as in a program: what is current can't be asked from within a scoped one.
    #[test]
    fn a_line_carries_the_trace_of_its_request_also_without_an_endpoint() {
        let config = Config::from_settings(Vec::new(), &[]).unwrap();
        let lines = Lines::default();
        let out = lines.clone();
        let (subscriber, _telemetry) = subscriber(&config, "all", move || out.clone()).unwrap();
        subscriber.init();
        let request = || {
            let span = tracing::info_span!("request");
            let id = span.in_scope(|| {
                tracing::info!(event = "telemetry.tested", "answered");
                eventlog::trace::current_trace_id()
            });
            id.expect("a trace id")
        };
        tracing::info!(event = "telemetry.tested", "outside of a request");
        let (first, second) = (request(), request());
        let text = lines.text();
        // Other tests of the process may say something too.
        let all: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .filter(|line: &serde_json::Value| line["event"] == "telemetry.tested")
            .collect();
        assert_eq!(all.len(), 3, "{text}");
        assert_eq!(all[0]["trace_id"], serde_json::Value::Null, "{text}");
        assert_eq!(
            (&all[1]["trace_id"], &all[2]["trace_id"]),
            (&first.clone().into(), &second.clone().into()),
            "{text}"
        );
        assert_ne!(first, second);
    }
}
