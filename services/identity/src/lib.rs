//! Identity: who may log in, how they prove it, and what follows from it.
//!
//! It owns accounts (contacts with portal access, and agents), passwords, the attempt guard and locks, sessions,
//! invitations, and the keys that sign actor tokens.
//!
//! - Accounts are event-sourced: stream `user-<id>` ([`domain::account`]). What happens around logins goes to
//!   `auth-<id>`, so that nobody who hammers a login gets in the way of changes to the account.
//! - Secrets are never in the log. Hashes, token hashes, sessions and locks are rows of their own, written in the same
//!   transaction as the events that they belong to. They are the source of truth: a rebuild does not make them anew.
//! - Whatever fails before a password is proved right looks the same from outside: unknown, wrong, disabled, locked.
//! - Passwords are hashed on threads of their own ([`hashing`]).

mod administration;
mod authority;
mod codec;
mod commands;
mod convert;
mod credentials;
mod domain;
mod error;
mod grpc;
mod guard;
mod hashing;
mod invitations;
mod kept;
mod links;
mod passkeys;
mod projections;
mod proof;
mod queries;
mod reactions;
mod recorder;
mod refusal;
mod rights;
mod secrets;
mod sessions;
mod settings;
mod signing;
mod source;
mod sources;
mod tasks;
mod totp;
mod trust;

pub use administration::AdministrationServer;
pub use grpc::{AccountServer, Server};
pub use hashing::Cost;
pub use settings::Settings;
pub use sources::SourceRules;

use eventlog::{Announce, Announcement, Handler, Log, LogOptions, Migrations, Owner, Projection, Recorded};
use hashing::HashPool;
use kernel::Secret;
use proto::{
    event::StoredEvent,
    identity::v1::{
        InvitationIssued, LoginChangeRequested, LoginChanged, PasswordResetRequested, PasswordSet,
        account_service_server::AccountServiceServer, administration_service_server::AdministrationServiceServer,
        identity_service_server::IdentityServiceServer,
    },
};
use recorder::Recorder;
use runtime::{Deps, Service};
use secrets::ServiceKeys;
use signing::SigningKeys;
use sqlx::PgPool;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Name of the service, its schema and its stream.
pub const NAME: &str = "identity";

/// Identity's schema.
pub const MIGRATIONS: Migrations = Migrations {
    service: NAME,
    steps: &[
        (100, "identity", include_str!("../migrations/0100_identity.sql")),
        (101, "factors", include_str!("../migrations/0101_factors.sql")),
        (102, "administration", include_str!("../migrations/0102_administration.sql")),
        (104, "standing", include_str!("../migrations/0104_standing.sql")),
        (106, "kept_forms", include_str!("../migrations/0106_kept_forms.sql")),
    ],
};

/// The service's state: what its commands and queries work with.
pub struct Identity {
    pub(crate) log: Log,
    pub(crate) pool: PgPool,
    pub(crate) keys: Arc<ServiceKeys>,
    pub(crate) hashing: Arc<HashPool>,
    pub(crate) signing: SigningKeys,
    pub(crate) settings: Settings,
    pub(crate) recorder: Recorder,
    pub(crate) current: settings::CurrentSettings,
    /// A job over many contacts has begun in this process.
    pub(crate) bulk_wake: tokio::sync::Notify,
    pub(crate) sources: sources::Sources,
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
            current: settings::CurrentSettings::new(pool.clone()),
            bulk_wake: tokio::sync::Notify::new(),
            sources: sources::Sources::new(settings.sources.clone()),
            resets: Arc::new(Semaphore::new(RESETS_AT_ONCE)),
            relying_party: passkeys::relying_party(&settings.portal_url, &settings.company)
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

    /// What the service does about the records service's events.
    pub fn contacts_handler(self: &Arc<Identity>) -> Arc<dyn Handler> {
        Arc::new(reactions::Contacts(Arc::clone(self)))
    }

    /// What the service learns from the records service's events about contacts it may never have met.
    pub fn known_handler(self: &Arc<Identity>) -> Arc<dyn Handler> {
        Arc::new(administration::Known(Arc::clone(self)))
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

/// Assembles the service.
pub fn service(deps: Deps) -> Service {
    let settings = Settings::of(&deps.config);
    let identity = Identity::open(deps.pool.clone(), &deps.master_key, settings);
    let server = IdentityServiceServer::new(Server(Arc::clone(&identity)));
    let account = AccountServiceServer::new(AccountServer(Arc::clone(&identity)));
    let administration = AdministrationServiceServer::new(AdministrationServer(Arc::clone(&identity)));
    Service {
        name: NAME,
        log: identity.log.clone(),
        migrations: &MIGRATIONS,
        mount: Box::new(move |routes| {
            routes.add_service(server);
            routes.add_service(administration);
            routes.add_service(account);
        }),
        tasks: tasks::tasks(&identity, &deps.shutdown),
        handlers: vec![("records", identity.contacts_handler()), ("records", identity.known_handler())],
        announce: Arc::new(Announced),
    }
}

/// Names identity's events: `account.locked`, `access.enabled` and so on. Invitations and passwords are nobody's business
/// but our own services'.
struct Announced;

/// What orders a mail with a link, or names the address behind a login.
const INTERNAL: [&str; 5] = [
    InvitationIssued::STORED_TYPE,
    PasswordSet::STORED_TYPE,
    PasswordResetRequested::STORED_TYPE,
    LoginChangeRequested::STORED_TYPE,
    LoginChanged::STORED_TYPE,
];

/// An account has three streams: what it is, what happens around its logins, and its tokens.
const OWNERS: [Owner; 7] = [
    Owner { category: "user", field: "user_id", suffix: "" },
    Owner { category: "auth", field: "user_id", suffix: "/sign-ins" },
    Owner { category: "tokens", field: "user_id", suffix: "/tokens" },
    Owner { category: "role", field: "role_id", suffix: "" },
    Owner { category: "group", field: "group_id", suffix: "" },
    Owner { category: "company_link", field: "company_id", suffix: "/links" },
    Owner { category: "bulk_access", field: "job_id", suffix: "" },
];

impl Announce for Announced {
    fn announce(&self, event: &Recorded, json: &serde_json::Value) -> Announcement {
        Announcement { public: !INTERNAL.contains(&&*event.stored_type), ..Announcement::of(event, json, &OWNERS) }
    }
}
