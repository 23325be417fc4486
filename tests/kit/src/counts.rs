//! What a request costs: SQL statements, gRPC calls and commits, counted from the process's own spans.

use std::{
    future::Future,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
};
use tracing::{
    Event, Id, Subscriber,
    field::{Field, Visit},
    span::Attributes,
};
use tracing_subscriber::{Layer, layer::Context, layer::SubscriberExt, registry::LookupSpan, util::SubscriberInitExt};

/// Calls that processes make by themselves, whatever is asked.
const BACKGROUND: [&str; 5] = ["ChangesSince", "ReadAll", "GetHead", "ListSigningKeys", "ListRevocations"];

static STATEMENTS: AtomicU64 = AtomicU64::new(0);
static CALLS: AtomicU64 = AtomicU64::new(0);
static COMMITS: AtomicU64 = AtomicU64::new(0);
static INSTALLED: OnceLock<bool> = OnceLock::new();

/// Marks the span of a call that is counted: one that a request caused, not what a consumer or a sender does meanwhile.
struct Counted;

/// The span of a request at the gateway.
const REQUEST: &str = "request";

/// What happened during a piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Counts {
    /// SQL statements.
    pub statements: u64,
    /// gRPC calls.
    pub calls: u64,
    /// Batches appended to logs.
    pub commits: u64,
}

/// Runs work and counts what its requests caused, all services being in this process. One piece of work at a time.
pub async fn count<T>(work: impl Future<Output = T>) -> (T, Counts) {
    let installed = INSTALLED.get_or_init(|| tracing_subscriber::registry().with(Counter).try_init().is_ok());
    assert!(*installed, "another subscriber is installed; nothing can be counted");
    let now = || (STATEMENTS.load(SeqCst), CALLS.load(SeqCst), COMMITS.load(SeqCst));
    let before = now();
    let result = work.await;
    let after = now();
    (result, Counts { statements: after.0 - before.0, calls: after.1 - before.1, commits: after.2 - before.2 })
}

struct Counter;

struct Method(String);

impl Visit for Method {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "rpc.method" {
            self.0 = format!("{value:?}");
        }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Counter {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        match span.name() {
            "rpc" => {
                let mut method = Method(String::new());
                attributes.record(&mut method);
                let asked = span.scope().any(|s| s.name() == REQUEST);
                if asked && !BACKGROUND.iter().any(|b| method.0.contains(b)) {
                    CALLS.fetch_add(1, SeqCst);
                    span.extensions_mut().insert(Counted);
                }
            }
            "INSERT events" if span.scope().any(|s| s.extensions().get::<Counted>().is_some()) => {
                COMMITS.fetch_add(1, SeqCst);
            }
            _ => {}
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query"
            && context.event_scope(event).is_some_and(|mut s| s.any(|s| s.extensions().get::<Counted>().is_some()))
        {
            STATEMENTS.fetch_add(1, SeqCst);
        }
    }
}
