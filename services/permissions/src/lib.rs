//! The permissions service: profiles, and the access plans that they give.
//!
//! # What it owns
//!
//! - **Profiles** ([`domain::profile`]): a draft is edited with the version that the editor has seen; publishing checks it
//!   against the installation's modules and makes a numbered version, which is in force. Names are unique (a claim, kept
//!   while the draft or the published version has the name). The document is `policy::Profile` as JSON.
//! - **The default profile** ([`domain::default_profile`]), one choice for the installation, and **the profile that a contact
//!   was given by hand** ([`domain::contact_profile`]).
//! - Two profiles always exist ([`domain::profile::BuiltIn`]), with the same ids in every installation: DEFAULT and the one
//!   for secure links. They are made by commands at the first start, published, edited like any other, and neither
//!   renamed nor deleted.
//!
//! # What it learns
//!
//! From the records service: module definitions, and of contacts and companies the values that match conditions may ask,
//! which are the ones that are not personal. From identity: agents, their roles, own roles and groups. Each fact is written as a row beside
//! the log in the append that moves the inbox, so a fact is learned exactly once; a new epoch of the source empties the
//! tables and learns all anew. Nothing is asked of other services on a request's path.
//!
//! A contact that identity gives access with a profile named gets that profile by hand, as an event of this log.
//!
//! # The policy position
//!
//! Plans change by events of this log (published, default chosen, given to a contact) and by facts of others, so neither
//! log's position tells their age. `plan_state` holds a counter of its own that moves in the same append, under the lock of
//! the log's head; `plan_change` lists whose plans each move touched, at most the last 10,000 rows. A subject's plan is
//! touched when its own facts or its company's change; a published profile, another default and a changed module touch
//! everybody, and so do a thousand subjects at once. `ChangesSince` reads both in one statement. A position that is older
//! than the list or newer than the counter (a restored database) is answered with "everybody".
//!
//! # Which profile a contact has
//!
//! The one given by hand, else the first whose match condition holds (smallest priority, then id), else the default. A
//! profile that can't be read gives no plan; it is never replaced by another. A contact that is not known has none: asked
//! in its own name the answer is `contact_not_known_yet` (unavailable, try again), for another `contact_unknown`, and a
//! deleted one is `contact_deleted`. Whoever comes by a company's secure link has the profile for secure links, and so has
//! its own portal user, the contact marked *primary*, once it was given that profile by hand.

mod announce;
mod catalogue;
mod commands;
mod configuration;
mod convert;
mod document;
pub mod domain;
mod error;
mod facts;
mod grpc;
mod projections;
mod queries;
mod reactions;
mod rights;
mod seed;

use crate::{
    announce::PermissionsAnnounce,
    commands::Commands,
    projections::{ContactProfileV1, ProfilesV1},
    queries::Queries,
    reactions::{FromIdentity, FromRecords},
};
use eventlog::{Handler, Log, LogOptions, Migrations, Projection};
use futures::future::BoxFuture;
use proto::permissions::v1::permissions_service_server::PermissionsServiceServer;
use runtime::{Deps, Service};
use std::sync::Arc;

/// The schema of the service.
pub const MIGRATIONS: Migrations = Migrations {
    service: "permissions",
    steps: &[
        (100, "permissions", include_str!("../migrations/0100_permissions.sql")),
        (101, "roles", include_str!("../migrations/0101_roles.sql")),
    ],
};

/// The read models that are written with the events they show.
pub fn projections() -> Vec<Arc<dyn Projection>> {
    vec![Arc::new(ProfilesV1), Arc::new(ContactProfileV1)]
}

/// What the service does about other services' events: source and handler.
fn handlers(commands: Commands) -> Vec<(&'static str, Arc<dyn Handler>)> {
    vec![("records", Arc::new(FromRecords)), ("identity", Arc::new(FromIdentity::new(commands)))]
}

/// Makes the built-in profiles that are missing, by commands. Idempotent; the service does it at every start.
///
/// # Errors
/// Unavailable while the database is away.
pub async fn seed(log: &Log) -> Result<(), kernel::Error> {
    let queries = Queries::new(log.pool().clone());
    seed::seed(&Commands::new(log.clone(), queries)).await
}

/// Puts the service together. Needs no connection yet.
pub fn service(deps: Deps) -> Service {
    let log = Log::open("permissions", deps.pool.clone(), &deps.master_key, projections(), LogOptions::default());
    let queries = Queries::new(deps.pool.clone());
    let commands = Commands::new(log.clone(), queries.clone());
    let server = PermissionsServiceServer::new(grpc::Grpc::new(log.clone(), commands.clone(), queries));
    let handlers = handlers(commands.clone());
    let seed = move || -> BoxFuture<'static, _> {
        let commands = commands.clone();
        Box::pin(async move { seed::seed(&commands).await })
    };
    Service {
        name: "permissions",
        log,
        migrations: &MIGRATIONS,
        mount: Box::new(move |routes| {
            routes.add_service(server);
        }),
        seed: Some(Box::new(seed)),
        tasks: Vec::new(),
        handlers,
        announce: Arc::new(PermissionsAnnounce),
    }
}
