//! The shape of a service: what it is given and what it gives.

use crate::{Clients, Config, Metrics, PlanCache};
use eventlog::{Announce, Handler, Log, Migrations};
use futures::future::BoxFuture;
use kernel::Secret;
use sqlx::PgPool;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tonic::service::RoutesBuilder;

/// What a service is given.
#[derive(Clone)]
pub struct Deps {
    /// Settings.
    pub config: Arc<Config>,
    /// Pool of the service's own role, with its search path.
    pub pool: PgPool,
    /// The same on a replica of its database, for queries, where one is configured.
    pub read_pool: Option<PgPool>,
    /// Clients in the service's name.
    pub clients: Clients,
    /// Access plans.
    pub plans: PlanCache,
    /// The service's NATS connection.
    pub nats: async_nats::Client,
    /// From which keys are derived.
    pub master_key: Secret<[u8; 32]>,
    /// Metrics of the process.
    pub metrics: Metrics,
    /// Cancelled at shutdown.
    pub shutdown: CancellationToken,
}

/// Adds a service's gRPC servers to those of the process.
pub type Mount = Box<dyn FnOnce(&mut RoutesBuilder) + Send>;

/// Work that goes on as long as the process.
pub struct Task {
    /// For logs.
    pub name: &'static str,
    /// Ends only at shutdown; ending before is a failure that ends the process.
    pub run: BoxFuture<'static, ()>,
}

/// Puts in place what every installation begins with; called again after a failure, at every start, and by several
/// processes at once.
pub type Seed = Box<dyn Fn() -> BoxFuture<'static, Result<(), kernel::Error>> + Send + Sync>;

/// What a service gives.
pub struct Service {
    /// Its name; also of its schema and its stream.
    pub name: &'static str,
    /// Its log.
    pub log: Log,
    /// Its schema.
    pub migrations: &'static Migrations,
    /// Its gRPC servers.
    pub mount: Mount,
    /// What every installation begins with; a process is ready when it is there.
    pub seed: Option<Seed>,
    /// Its work in the background.
    pub tasks: Vec<Task>,
    /// What it does about other services' events: (source, handler).
    pub handlers: Vec<(&'static str, Arc<dyn Handler>)>,
    /// How its events are named to the world.
    pub announce: Arc<dyn Announce>,
}
