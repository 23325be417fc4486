//! What operators see of mail: how many with which outcome, and how long they waited. No label is an id or an address.

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
};
use runtime::Metrics;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    channel: &'static str,
    /// `sent`, `retrying`, `failed`, `uncertain` or `skipped`.
    outcome: &'static str,
    /// `2xx`, `4xx`, `5xx` or `none`.
    reply_class: &'static str,
}

/// The meters of deliveries.
#[derive(Clone)]
pub struct Meters {
    deliveries: Family<Labels, Counter>,
    delay: Histogram,
    /// Without labels, but with a sample only where a mail server is configured.
    server_up: Family<Vec<(String, String)>, Gauge>,
    waiting: Gauge,
}

impl Meters {
    /// Registers the meters with a process's metrics.
    pub fn new(metrics: &Metrics) -> Meters {
        let meters = Meters {
            deliveries: Family::default(),
            delay: Histogram::new([0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 1_800.0, 7_200.0, 86_400.0]),
            server_up: Family::default(),
            waiting: Gauge::default(),
        };
        metrics.register(
            "portico_notification_deliveries",
            "Attempts to send messages, by outcome",
            meters.deliveries.clone(),
        );
        metrics.register(
            "portico_notification_delay_seconds",
            "Time from the wish to send a message to the mail server's acceptance",
            meters.delay.clone(),
        );
        metrics.register(
            "portico_mail_server_up",
            "1 while the mail server answered the last time it was asked, 0 while it is away",
            meters.server_up.clone(),
        );
        metrics.register(
            "portico_notification_waiting_deliveries",
            "Messages that are due and have not been sent",
            meters.waiting.clone(),
        );
        meters
    }

    /// Notes whether the mail server answered.
    pub(super) fn server(&self, up: bool) {
        self.server_up.get_or_create(&Vec::new()).set(i64::from(up));
    }

    /// Notes how many messages are due.
    pub(super) fn waits(&self, messages: i64) {
        self.waiting.set(messages);
    }

    /// Counts an outcome.
    pub(super) fn count(&self, outcome: &'static str, reply_class: &'static str) {
        self.deliveries.get_or_create(&Labels { channel: "email", outcome, reply_class }).inc();
    }

    /// Notes how long an accepted message had waited, in microseconds.
    pub(super) fn waited(&self, micros: i64) {
        self.delay.observe(u32::try_from(micros.max(0) / 1_000).map_or(f64::from(u32::MAX), f64::from) / 1_000.0);
    }
}

/// The class of a reply code.
pub(super) fn class(code: u16) -> &'static str {
    match code {
        200..300 => "2xx",
        400..500 => "4xx",
        500..600 => "5xx",
        _ => "none",
    }
}
