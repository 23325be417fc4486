//! How far this process's consumers are, for calls that depend on what was just written elsewhere.

use eventlog::Waiter;
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

/// The consumers of this process, by (service, source).
#[derive(Clone, Default)]
pub struct Waiters(Arc<RwLock<ByServiceAndSource>>);

type ByServiceAndSource = HashMap<(String, String), Vec<Waiter>>;

impl Waiters {
    /// Registers a consumer of a service.
    pub fn add(&self, service: &str, waiter: Waiter) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.entry((service.to_owned(), waiter.source.clone())).or_default().push(waiter);
    }

    /// Waits until all consumers of the service have handled the source's position. True at once when there are none.
    pub async fn wait(&self, service: &str, source: &str, position: i64, within: Duration) -> bool {
        let waiters = {
            let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
            all.get(&(service.to_owned(), source.to_owned())).cloned().unwrap_or_default()
        };
        let until = tokio::time::Instant::now() + within;
        for mut waiter in waiters {
            let left = until.saturating_duration_since(tokio::time::Instant::now());
            if !waiter.wait_for(position, left).await {
                return false;
            }
        }
        true
    }

    /// Positions of all consumers: (service, source, position).
    pub fn positions(&self) -> Vec<(String, String, i64)> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.iter()
            .flat_map(|((service, source), w)| w.iter().map(|w| (service.clone(), source.clone(), w.position())))
            .collect()
    }
}
