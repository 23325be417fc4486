//! The records service: modules, records, comments and their histories.
//!
//! Modules, fields, picklists and relations are data. There is one record aggregate, and one generated read-model table
//! per module; no type, table or page names a module. Everything that leaves goes through the caller's access plan.
//!
//! - [`domain`]: what may happen to a module and a record; pure.
//! - [`Records`]: commands and queries of the service, given a [`Caller`].
//! - [`projections`]: the read model, written in the same transaction as the events it shows, under the head lock.
//! - [`seeds`]: the standard modules, defined by the same command as every other one.
//! - Reads of another service: `identity`'s agents, by its events. Calls: `permissions`, for access plans.
//!
//! Streams: `record` by the record's id, `module` by an id derived from the module's name. Counters:
//! `record_number.<module>`. Claims: `module_number`.

mod announce;
pub mod catalogue;
pub mod codec;
mod commands;
mod conversation;
pub mod document;
pub mod domain;
mod error;
mod found;
mod grpc;
mod moment;
mod preparation;
pub mod projections;
pub mod queries;
mod reactions;
mod reads;
pub mod seeds;
mod service;
pub mod trail;

pub use announce::RecordNames;
pub use commands::DefinedModule;
pub use grpc::RecordsGrpc;
pub use reactions::Agents;
pub use seeds::{seed, standard_modules};
pub use service::{Caller, Records};

use eventlog::{Log, LogOptions, Migrations};
use futures::future::BoxFuture;
use projections::RecordsProjection;
use proto::records::v1::records_service_server::RecordsServiceServer;
use runtime::{Deps, Replica, Service, Task};
use std::sync::Arc;

/// The service's own migrations.
pub const MIGRATIONS: Migrations = Migrations {
    service: "records",
    steps: &[
        (100, "records", include_str!("../migrations/0100_records.sql")),
        (101, "one_company", include_str!("../migrations/0101_contract_one_company.sql")),
        (102, "text_keys", include_str!("../migrations/0102_text_keys.sql")),
        (103, "columns", include_str!("../migrations/0103_columns.sql")),
        (104, "conversation", include_str!("../migrations/0104_conversation.sql")),
    ],
};

/// The log of this service with its inline projection. Must be called inside a tokio runtime.
pub fn open_log(deps: &Deps) -> Log {
    let projections: Vec<Arc<dyn eventlog::Projection>> = vec![Arc::new(RecordsProjection::default())];
    Log::open("records", deps.pool.clone(), &deps.master_key, projections, LogOptions::default())
}

/// The service, ready to be run by a process.
pub fn service(deps: Deps) -> Service {
    let log = open_log(&deps);
    let records = Records::new(log.clone(), &deps.config.time_zone).telling_of_the_past(deps.config.demo);
    let replica =
        deps.read_pool.as_ref().map(|pool| Replica::new(&log, service::list_pool(pool), deps.metrics.clone()));
    let grpc = RecordsGrpc::new(records.clone(), replica.clone(), deps.plans.clone());
    let preparing = preparation::keep_prepared(records.clone(), deps.shutdown.clone());
    let mut tasks = vec![Task { name: "records.columns", run: Box::pin(preparing) }];
    if let Some(replica) = replica {
        tasks.push(Task { name: "records.replica", run: Box::pin(replica.follow(deps.shutdown.clone())) });
    }
    let following = records.catalogue().clone().follow(deps.shutdown.clone());
    tasks.push(Task { name: "records.modules", run: Box::pin(following) });
    let seed = move || -> BoxFuture<'static, _> {
        let records = records.clone();
        Box::pin(async move { seeds::seed(&records).await })
    };
    Service {
        name: "records",
        log,
        migrations: &MIGRATIONS,
        mount: Box::new(move |routes| {
            routes.add_service(RecordsServiceServer::new(grpc));
        }),
        seed: Some(Box::new(seed)),
        tasks,
        handlers: vec![("identity", Arc::new(Agents))],
        announce: Arc::new(RecordNames),
    }
}
