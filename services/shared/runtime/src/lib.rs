//! What every Portico process needs: configuration, telemetry, the gRPC server and its clients, actor tokens, access
//! plans, health and shutdown. One code path, whether one process runs all services or each runs alone.

mod admin;
mod auth;
mod balance;
mod call;
mod clients;
mod clock;
mod config;
mod in_process;
mod log_format;
mod metrics;
mod networks;
mod plans;
mod proof;
mod replica;
mod server;
mod service;
mod status;
mod telemetry;
pub mod token;
mod waiters;

pub use admin::{Health, Readiness, serve_admin};
pub use auth::{AuthLayer, KeyRing, actor, is_service};
pub use balance::Balanced;
pub use call::{BoxError, Call, current as current_call, with_call};
pub use clients::{AccountClient, Attach, Clients, ServiceTokens, Traced, Way};
pub use config::{Config, ConfigError, Profile, SERVICES};
pub use in_process::InProcess;
pub use metrics::{ConsumerLabels, HttpLabels, Metrics, ReplicaLabels, RpcLabels, ServiceLabels};
pub use networks::Networks;
pub use plans::PlanCache;
pub use proof::{check_proof, person_required, step_up_required};
pub use replica::{BEHIND, Replica};
pub use server::serve_grpc;
pub use service::{Deps, Mount, Seed, Service, Task};
pub use status::{error_of, status};
pub use telemetry::{Telemetry, init as init_telemetry};
pub use waiters::Waiters;
