//! The service itself: what its commands and queries work with.

use crate::{
    guard::{hashing::HashPool, recorder::Recorder, sources::Sources},
    projections,
    secrets::ServiceKeys,
    settings::{CurrentSettings, Settings, relying_party},
    signing::SigningKeys,
};
use eventlog::{Log, LogOptions, Projection};
use kernel::Secret;
use sqlx::PgPool;
use std::sync::Arc;
use tokio::sync::{Notify, Semaphore};

/// Name of the service, its schema and its stream.
pub const NAME: &str = "identity";

/// The service's state: what its commands and queries work with.
pub struct Identity {
    pub(crate) log: Log,
    pub(crate) pool: PgPool,
    pub(crate) keys: Arc<ServiceKeys>,
    pub(crate) hashing: Arc<HashPool>,
    pub(crate) signing: SigningKeys,
    pub(crate) settings: Settings,
    pub(crate) recorder: Recorder,
    pub(crate) current: CurrentSettings,
    /// A job over many contacts has begun in this process.
    pub(crate) bulk_wake: Notify,
    pub(crate) sources: Sources,
    /// How many resets may be worked on at once.
    pub(crate) resets: Arc<Semaphore>,
    /// The party that passkeys are for; none when the portal's address can't be one.
    pub(crate) relying_party: Option<webauthn_rs::Webauthn>,
}

/// Resets that are worked on at once; more are dropped, which nobody can tell from the answer.
const RESETS_AT_ONCE: usize = 64;

impl Identity {
    /// Opens the service on a pool whose search path is `identity, identity_log`. Starts the hashing threads and hashes
    /// once; needs no connection yet. Must be called inside a tokio runtime.
    pub fn open(pool: PgPool, master_key: &Secret<[u8; 32]>, settings: Settings) -> Arc<Identity> {
        let keys = Arc::new(ServiceKeys::derive(master_key));
        Arc::new(Identity {
            log: Log::open(NAME, pool.clone(), master_key, projections(), LogOptions::default()),
            hashing: Arc::new(HashPool::start(settings.hash_threads, settings.cost)),
            signing: SigningKeys::new(pool.clone(), Arc::clone(&keys)),
            recorder: Recorder::new(),
            current: CurrentSettings::new(pool.clone()),
            bulk_wake: Notify::new(),
            sources: Sources::new(settings.sources.clone()),
            resets: Arc::new(Semaphore::new(RESETS_AT_ONCE)),
            relying_party: relying_party(&settings.portal_url, &settings.company)
                .inspect_err(|e| tracing::warn!(event = "passkeys.off", reason = %e, "passkeys can't be used"))
                .ok(),
            pool,
            keys,
            settings,
        })
    }

    /// The service's log.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// How many passwords were really verified since the start.
    pub fn passwords_verified(&self) -> u64 {
        self.hashing.verified()
    }
}

/// The inline read models.
fn projections() -> Vec<Arc<dyn Projection>> {
    vec![
        Arc::new(projections::accounts_v1::AccountsV1),
        Arc::new(projections::settings_v1::SettingsV1),
        Arc::new(projections::roles_v1::RolesV1),
        Arc::new(projections::roles_v1::GroupsV1),
        Arc::new(projections::activity_v1::ActivityV1),
    ]
}
