//! Access plans in memory: fetched from permissions, dropped when they change, never used when too old.

use crate::{Clients, error_of};
use eventlog::Tail;
use kernel::{Actor, ActorKind, Error};
use policy::AccessPlan;
use proto::permissions::v1::{ChangesSinceRequest, GetAccessPlanRequest, GetAccessPlanResponse};
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

/// A plan that is kept.
#[derive(Clone)]
struct Kept {
    plan: Arc<AccessPlan>,
    /// Its subject asked for it. What a service asked about somebody says nothing of whether they may still call: of an
    /// agent who was disabled permissions tells others the plan, and refuses it to the agent.
    own: bool,
}

#[derive(Default)]
struct State {
    plans: HashMap<Uuid, Kept>,
    /// By profile and version the plan that came last, whose modules the next one shares.
    latest: HashMap<(String, u32), Arc<AccessPlan>>,
    position: Option<i64>,
    checked: Option<Instant>,
    /// Counts changes, so that a plan that was fetched before one is not kept after it.
    generation: u64,
}

impl State {
    fn forget(&mut self) {
        self.plans.clear();
        self.latest.clear();
    }

    /// The plan, with one copy of the modules for all who have the same profile.
    fn shared(&mut self, mut plan: AccessPlan) -> Arc<AccessPlan> {
        let profile = (plan.profile.id.clone(), plan.profile.version);
        if let Some(latest) = self.latest.get(&profile) {
            plan.share_modules(latest);
        }
        let plan = Arc::new(plan);
        self.latest.insert(profile, Arc::clone(&plan));
        plan
    }
}

impl PlanCache {
    /// A cache that asks permissions through these clients. [`PlanCache::run`] must run beside it.
    pub fn new(clients: Clients) -> PlanCache {
        PlanCache(Arc::new(Inner { clients, state: Mutex::default() }))
    }

    /// The plan of who calls. Unavailable when permissions can't be asked; access never fails open.
    pub async fn plan_for(&self, actor: &Actor) -> Result<Arc<AccessPlan>, Error> {
        let (kept, generation) = self.kept(actor.id, actor.kind);
        if let Some(kept) = kept.filter(|kept| kept.own && self.is_current()) {
            return Ok(kept.plan);
        }
        // In one's own name: nothing to say. A service may ask for itself too.
        let answer = self.ask(GetAccessPlanRequest::default()).await?;
        self.keep(actor.id, true, generation, &answer.plan)
    }

    /// The plan of another subject as it is at this moment, for services that ask what somebody may see: what leaves by
    /// mail can't be called back when a plan was a second old. A plan that is kept is used when permissions says that
    /// nothing changed.
    pub async fn plan_of(&self, subject: Uuid, kind: ActorKind) -> Result<Arc<AccessPlan>, Error> {
        let (kept, generation) = self.kept(subject, kind);
        let request = GetAccessPlanRequest {
            subject_id: subject.to_string(),
            subject_kind: kind.as_str().into(),
            known_position: kept.as_ref().map_or(0, |kept| kept.plan.policy_version),
        };
        let answer = self.ask(request).await?;
        match kept {
            Some(kept) if answer.unchanged => Ok(kept.plan),
            _ => self.keep(subject, false, generation, &answer.plan),
        }
    }

    async fn ask(&self, request: GetAccessPlanRequest) -> Result<GetAccessPlanResponse, Error> {
        Ok(self.0.clients.permissions().get_access_plan(request).await.map_err(error_of)?.into_inner())
    }

    fn is_current(&self) -> bool {
        self.state().checked.is_some_and(|checked| checked.elapsed() < TOO_OLD)
    }

    /// The plan that is kept of a subject, and the number of changes so far.
    fn kept(&self, subject: Uuid, kind: ActorKind) -> (Option<Kept>, u64) {
        let state = self.state();
        let kept = state.plans.get(&subject).filter(|kept| kept.plan.subject.kind == kind);
        (kept.cloned(), state.generation)
    }

    /// Keeps a plan that was fetched when there had been so many changes, unless there were more since.
    fn keep(&self, subject: Uuid, own: bool, generation: u64, json: &[u8]) -> Result<Arc<AccessPlan>, Error> {
        let plan: AccessPlan = serde_json::from_slice(json).map_err(Error::internal)?;
        let mut state = self.state();
        let plan = state.shared(plan);
        if state.generation == generation && state.position.is_some() {
            if state.plans.len() >= MOST {
                state.forget();
            }
            state.plans.insert(subject, Kept { plan: Arc::clone(&plan), own });
        }
        Ok(plan)
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
            state.forget();
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

#[cfg(test)]
mod tests;
