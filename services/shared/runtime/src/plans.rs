//! Access plans in memory: fetched from permissions, dropped when they change, never used when too old.

use crate::{Clients, error_of};
use eventlog::Tail;
use kernel::{Actor, ActorKind, Error};
use policy::AccessPlan;
use proto::permissions::v1::{ChangesSinceRequest, GetAccessPlanRequest};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How often permissions is asked which plans have changed.
const CHECK: Duration = Duration::from_secs(1);
/// A plan is not used when the last such answer is older than this.
const TOO_OLD: Duration = Duration::from_secs(5);
const MOST: usize = 20_000;

/// The plans of the subjects that call this process.
#[derive(Clone)]
pub struct PlanCache(Arc<Inner>);

struct Inner {
    clients: Clients,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    plans: HashMap<Uuid, Arc<AccessPlan>>,
    position: Option<i64>,
    checked: Option<Instant>,
    /// Counts changes, so that a plan that was fetched before one is not kept after it.
    generation: u64,
}

impl PlanCache {
    /// A cache that asks permissions through these clients. [`PlanCache::run`] must run beside it.
    pub fn new(clients: Clients) -> PlanCache {
        PlanCache(Arc::new(Inner { clients, state: Mutex::default() }))
    }

    /// The plan of a subject. Unavailable when permissions can't be asked; access never fails open.
    pub async fn plan_for(&self, actor: &Actor) -> Result<Arc<AccessPlan>, Error> {
        let generation = {
            let state = self.state();
            if state.checked.is_some_and(|c| c.elapsed() < TOO_OLD)
                && let Some(plan) = state.plans.get(&actor.id)
            {
                return Ok(Arc::clone(plan));
            }
            state.generation
        };
        let mut permissions = self.0.clients.permissions();
        // In one's own name: nothing to say. A service may ask for itself too.
        let request = GetAccessPlanRequest { subject_id: String::new(), subject_kind: String::new() };
        let answer = permissions.get_access_plan(request).await.map_err(error_of)?.into_inner();
        let plan: Arc<AccessPlan> = Arc::new(serde_json::from_slice(&answer.plan).map_err(Error::internal)?);
        let mut state = self.state();
        if state.generation == generation && state.position.is_some() && actor.kind != ActorKind::Service {
            if state.plans.len() >= MOST {
                state.plans.clear();
            }
            state.plans.insert(actor.id, Arc::clone(&plan));
        }
        Ok(plan)
    }

    /// The plan of another subject, not kept.
    pub async fn plan_of(&self, subject: Uuid, kind: ActorKind) -> Result<AccessPlan, Error> {
        let request = GetAccessPlanRequest { subject_id: subject.to_string(), subject_kind: kind.as_str().into() };
        let answer = self.0.clients.permissions().get_access_plan(request).await.map_err(error_of)?.into_inner();
        serde_json::from_slice(&answer.plan).map_err(Error::internal)
    }

    /// Keeps the cache true until shutdown: asks once a second what changed, and at once when the bus tells of something.
    pub async fn run(self, mut events: mpsc::Receiver<Tail>, shutdown: CancellationToken) {
        let mut open = true;
        loop {
            self.check().await;
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(CHECK) => {}
                event = events.recv(), if open => open = event.is_some(),
            }
            while events.try_recv().is_ok() {}
        }
    }

    /// Asks permissions what changed since the last time.
    pub async fn check(&self) {
        let since = self.state().position;
        let mut permissions = self.0.clients.as_service().permissions();
        let request = ChangesSinceRequest { policy_position: since.unwrap_or(-1) };
        let Ok(answer) = permissions.changes_since(request).await else {
            return;
        };
        let answer = answer.into_inner();
        let mut state = self.state();
        if answer.all || since.is_none() || since.is_some_and(|s| answer.policy_position < s) {
            state.plans.clear();
            state.generation += 1;
        } else if !answer.subject_ids.is_empty() {
            for subject in &answer.subject_ids {
                if let Ok(id) = Uuid::try_parse(subject) {
                    state.plans.remove(&id);
                }
            }
            state.generation += 1;
        }
        state.position = Some(answer.policy_position);
        state.checked = Some(Instant::now());
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
