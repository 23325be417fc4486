//! The admin port: is the process alive, ready, started; and its metrics. Never reachable from outside.

use crate::Metrics;
use axum::{Json, Router, extract::State, http::StatusCode, response::IntoResponse, routing::get};
use serde_json::json;
use std::sync::{
    Arc, RwLock,
    atomic::{AtomicBool, Ordering},
};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// One thing that can keep a process from being ready. Empty text means all is well.
pub type Readiness = Arc<dyn Fn() -> Result<(), String> + Send + Sync>;

/// The state that probes ask for.
#[derive(Clone, Default)]
pub struct Health(Arc<Inner>);

#[derive(Default)]
struct Inner {
    started: AtomicBool,
    waiting_for: RwLock<String>,
    draining: AtomicBool,
    checks: RwLock<Vec<(String, Readiness)>>,
}

impl Health {
    /// What the start waits for, until [`Health::started`].
    pub fn waits_for(&self, what: &str) {
        what.clone_into(&mut self.0.waiting_for.write().unwrap_or_else(std::sync::PoisonError::into_inner));
    }

    /// Settings are parsed, schemas are there, listeners are bound.
    pub fn started(&self) {
        self.0.started.store(true, Ordering::SeqCst);
    }

    /// Shutdown has begun: no new work.
    pub fn drain(&self) {
        self.0.draining.store(true, Ordering::SeqCst);
    }

    /// Adds a check of readiness.
    pub fn check(&self, name: &str, check: Readiness) {
        self.0.checks.write().unwrap_or_else(std::sync::PoisonError::into_inner).push((name.to_owned(), check));
    }

    /// Why the process is not ready; empty when it is.
    pub fn not_ready(&self) -> Vec<String> {
        if !self.0.started.load(Ordering::SeqCst) {
            return vec![self.waiting()];
        }
        if self.0.draining.load(Ordering::SeqCst) {
            return vec!["draining".into()];
        }
        let checks = self.0.checks.read().unwrap_or_else(std::sync::PoisonError::into_inner);
        checks.iter().filter_map(|(name, c)| c().err().map(|e| format!("{name}: {e}"))).collect()
    }

    fn waiting(&self) -> String {
        let what = self.0.waiting_for.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        if what.is_empty() { "starting".into() } else { what }
    }
}

/// Serves the admin port until shutdown.
pub async fn serve_admin(
    listener: TcpListener,
    health: Health,
    metrics: Metrics,
    shutdown: CancellationToken,
) -> std::io::Result<()> {
    let startup = |State(health): State<Health>| async move {
        if health.0.started.load(Ordering::SeqCst) {
            (StatusCode::OK, Json(json!({"status": "started"})))
        } else {
            (StatusCode::SERVICE_UNAVAILABLE, Json(json!({"status": "starting", "reason": health.waiting()})))
        }
    };
    let ready = |State(health): State<Health>| async move {
        let reasons = health.not_ready();
        let status = if reasons.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        (status, Json(json!({"status": if reasons.is_empty() { "ready" } else { "not ready" }, "reasons": reasons})))
    };
    let text = move || async move {
        ([("content-type", "application/openmetrics-text; version=1.0.0; charset=utf-8")], metrics.text())
            .into_response()
    };
    let router = Router::new()
        .route("/livez", get(|| async { Json(json!({"status": "alive"})) }))
        .route("/startupz", get(startup))
        .route("/readyz", get(ready))
        .route("/metrics", get(text))
        .with_state(health);
    axum::serve(listener, router).with_graceful_shutdown(shutdown.cancelled_owned()).await
}
