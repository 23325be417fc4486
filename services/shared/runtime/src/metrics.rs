//! Prometheus metrics of the process. Names follow OpenTelemetry's semantic conventions; no label is an id.

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Metric, Registry, Unit},
};
use std::sync::{Arc, Mutex, PoisonError, atomic::AtomicU64};

/// Labels of calls.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct RpcLabels {
    /// `portico.records.v1.RecordsService/GetRecord`
    pub rpc_method: String,
    /// gRPC code as a number.
    pub rpc_status_code: String,
}

/// Labels of HTTP requests.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct HttpLabels {
    /// GET, POST, …
    pub method: String,
    /// Route template.
    pub route: String,
    /// Status.
    pub status_code: u16,
}

/// Labels by service.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ServiceLabels {
    /// Service.
    pub service: String,
}

/// Labels of consumers.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ConsumerLabels {
    /// Service that consumes.
    pub service: String,
    /// Service whose events it consumes.
    pub source: String,
}

/// Labels of reads where a service has a replica.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct ReplicaLabels {
    /// Service.
    pub service: &'static str,
    /// `replica` or `primary`.
    pub answered_by: &'static str,
    /// `fresh`, or why the primary answered: `behind`, `away`, `failed`.
    pub reason: &'static str,
}

/// The metrics that every process has; services register their own beside them.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Mutex<Registry>>,
    /// Time to answer HTTP requests, in seconds.
    pub http_requests: Family<HttpLabels, Histogram, fn() -> Histogram>,
    /// HTTP requests under way.
    pub http_active: Gauge,
    /// Time to answer gRPC calls, in seconds.
    pub rpc_server: Family<RpcLabels, Histogram, fn() -> Histogram>,
    /// Events that are in the log but not yet on the bus.
    pub outbox_pending: Family<ServiceLabels, Gauge>,
    /// How long the oldest of them has waited, in seconds.
    pub outbox_oldest: Family<ServiceLabels, Gauge<f64, AtomicU64>>,
    /// 1 while the bus and the log have different histories and the relay has stopped.
    pub relay_diverged: Family<ServiceLabels, Gauge>,
    /// Events appended by this process.
    pub events_appended: Family<ServiceLabels, Counter>,
    /// Appends refused because of a version conflict.
    pub conflicts: Family<ServiceLabels, Counter>,
    /// Events that a consumer has still to handle.
    pub consumer_pending: Family<ConsumerLabels, Gauge>,
    /// Events that could not be handled.
    pub dead_letters: Family<ServiceLabels, Gauge>,
    /// Reads of services that have a replica, by who answered them.
    pub replica_reads: Family<ReplicaLabels, Counter>,
    /// 1 while reads go to the replica, 0 while the primary answers them in its place.
    pub replica_in_use: Family<ServiceLabels, Gauge>,
}

fn seconds() -> Histogram {
    Histogram::new([0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0])
}

impl Default for Metrics {
    fn default() -> Metrics {
        let metrics = Metrics {
            registry: Arc::new(Mutex::new(Registry::default())),
            http_requests: Family::new_with_constructor(seconds),
            http_active: Gauge::default(),
            rpc_server: Family::new_with_constructor(seconds),
            outbox_pending: Family::default(),
            outbox_oldest: Family::default(),
            relay_diverged: Family::default(),
            events_appended: Family::default(),
            conflicts: Family::default(),
            consumer_pending: Family::default(),
            dead_letters: Family::default(),
            replica_reads: Family::default(),
            replica_in_use: Family::default(),
        };
        metrics.with_registry(|r| {
            r.register_with_unit(
                "http_server_request_duration",
                "Time to answer HTTP requests",
                Unit::Seconds,
                metrics.http_requests.clone(),
            );
            r.register("http_server_active_requests", "HTTP requests under way", metrics.http_active.clone());
            r.register_with_unit(
                "rpc_server_call_duration",
                "Time to answer gRPC calls",
                Unit::Seconds,
                metrics.rpc_server.clone(),
            );
            r.register(
                "portico_outbox_pending_events",
                "Events that are in the log but not yet on the bus",
                metrics.outbox_pending.clone(),
            );
            r.register_with_unit(
                "portico_outbox_oldest_event_age",
                "How long the oldest event that is not yet on the bus has waited",
                Unit::Seconds,
                metrics.outbox_oldest.clone(),
            );
            r.register(
                "portico_relay_diverged",
                "1 while the bus and the log have different histories",
                metrics.relay_diverged.clone(),
            );
            r.register("portico_events_appended", "Events appended by this process", metrics.events_appended.clone());
            r.register(
                "portico_event_store_conflicts",
                "Appends refused by a version conflict",
                metrics.conflicts.clone(),
            );
            r.register(
                "portico_consumer_pending_messages",
                "Events that a consumer has still to handle",
                metrics.consumer_pending.clone(),
            );
            r.register("portico_dlq_messages", "Events that could not be handled", metrics.dead_letters.clone());
            r.register(
                "portico_replica_reads",
                "Reads of services that have a replica, by who answered them and why",
                metrics.replica_reads.clone(),
            );
            r.register(
                "portico_replica_in_use",
                "1 while reads go to the replica, 0 while the primary answers them in its place",
                metrics.replica_in_use.clone(),
            );
            let build: Family<Vec<(String, String)>, Gauge> = Family::default();
            build.get_or_create(&vec![("version".into(), env!("CARGO_PKG_VERSION").into())]).set(1);
            r.register("portico_build_info", "Version of the program", build);
        });
        metrics
    }
}

impl Metrics {
    /// Registers a metric of a service's own.
    pub fn register(&self, name: &str, help: &str, metric: impl Metric) {
        self.with_registry(|r| r.register(name, help, metric));
    }

    /// The exposition text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        self.with_registry(|r| {
            // Writing to a String does not fail.
            let _ = encode(&mut text, r);
        });
        text
    }

    fn with_registry<T>(&self, act: impl FnOnce(&mut Registry) -> T) -> T {
        act(&mut self.registry.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
