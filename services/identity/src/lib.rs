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
//! - Passwords are hashed on threads of their own ([`guard::hashing`]).

mod access;
mod accounts;
mod announce;
mod authority;
mod codec;
mod convert;
mod domain;
mod draft;
mod error;
mod factors;
mod facts;
mod grpc;
mod guard;
mod identity;
mod installation;
mod kind;
mod links;
mod login;
mod names;
mod projections;
mod proof;
mod reactions;
mod refusal;
mod rights;
mod secrets;
mod sessions;
mod settings;
mod signing;
mod source;
mod streams;
mod tasks;
mod team;
mod timelines;

pub use grpc::{AccountServer, AdministrationServer, Server};
pub use guard::{hashing::Cost, sources::SourceRules};
pub use identity::{Identity, NAME};
pub use settings::Settings;

use announce::Announced;
use eventlog::Migrations;
use proto::identity::v1::{
    account_service_server::AccountServiceServer, administration_service_server::AdministrationServiceServer,
    identity_service_server::IdentityServiceServer,
};
use runtime::{Deps, Service};
use std::sync::Arc;

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
        seed: None,
        tasks: tasks::tasks(&identity, &deps.shutdown),
        handlers: vec![("records", identity.contacts_handler()), ("records", identity.known_handler())],
        announce: Arc::new(Announced),
    }
}
