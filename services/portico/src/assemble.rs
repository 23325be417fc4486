//! From settings and targets to a running process: the same way for one service and for all.
//!
//! Order: bind listeners → telemetry is there already → wait for the schema → build services → serve gRPC → background
//! work → serve HTTP → started. At the end the other way round, each step within the drain time.

use crate::{
    sampling::{Sampler, watch_database},
    target::{Target, Targets},
};
use anyhow::{Context, Result, anyhow};
use eventlog::{Consumer, ConsumerOptions, EventLogGrpc, Log, Relay, RelayOptions, RelayState};
use proto::eventlog::v1::event_log_service_server::EventLogServiceServer;
use runtime::{
    AuthLayer, Clients, Config, Deps, Health, InProcess, KeyRing, Metrics, PlanCache, Profile, Service, Waiters,
};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::watch, task::JoinSet};
use tokio_util::sync::CancellationToken;
use tonic::service::RoutesBuilder;
use tracing::{error, info};

/// A process that runs.
pub struct Running {
    /// Where the gateway listens, if it runs here.
    pub http: Option<SocketAddr>,
    /// Where the services listen.
    pub grpc: SocketAddr,
    /// Where health and metrics are.
    pub admin: SocketAddr,
    /// Health of the process.
    pub health: Health,
    /// The logs of the services that run here.
    pub logs: Vec<Log>,
    /// What their relays are doing, in the same order.
    pub relays: Vec<watch::Receiver<RelayState>>,
    /// The consumers that run here.
    pub waiters: Waiters,
    stop_http: CancellationToken,
    stop_grpc: CancellationToken,
    stop_work: CancellationToken,
    stop_admin: CancellationToken,
    in_process: InProcess,
    http_task: Option<tokio::task::JoinHandle<()>>,
    grpc_task: tokio::task::JoinHandle<()>,
    work: JoinSet<&'static str>,
    drain: Duration,
}

impl Running {
    /// Waits until something that must not end has ended; answers what.
    pub async fn failed(&mut self) -> String {
        let grpc = &mut self.grpc_task;
        tokio::select! {
            _ = grpc => "the gRPC server ended".into(),
            ended = self.work.join_next() => match ended {
                Some(Ok(name)) => format!("{name} ended"),
                Some(Err(e)) => format!("a task failed: {e}"),
                None => std::future::pending().await,
            },
        }
    }

    /// Stops: no new requests, those under way end, then the background work. Loses nothing.
    pub async fn stop(mut self) {
        // One deadline for all steps: whoever ends the process waits no longer than the drain time and a little.
        let deadline = tokio::time::Instant::now() + self.drain;
        self.health.drain();
        self.stop_http.cancel();
        if let Some(task) = self.http_task.take() {
            let _ = tokio::time::timeout_at(deadline, task).await;
        }
        self.stop_grpc.cancel();
        if !self.grpc_task.is_finished() {
            let _ = tokio::time::timeout(Duration::from_secs(1), &mut self.grpc_task).await;
            self.grpc_task.abort();
        }
        self.stop_work.cancel();
        let all = async { while self.work.join_next().await.is_some() {} };
        let _ = tokio::time::timeout_at(deadline + Duration::from_secs(1), all).await;
        self.in_process.close();
        self.stop_admin.cancel();
        info!(event = "process.stopped", "stopped");
    }
}

/// Listeners of a process; tests hand in their own with port 0.
pub struct Listeners {
    /// For the gateway.
    pub http: Option<TcpListener>,
    /// For the services.
    pub grpc: TcpListener,
    /// For health and metrics.
    pub admin: TcpListener,
}

impl Listeners {
    /// Binds what the settings say.
    pub async fn bind(config: &Config, targets: &Targets) -> Result<Listeners> {
        let bind = async |name: &str, address: SocketAddr| {
            TcpListener::bind(address)
                .await
                .with_context(|| format!("{name}: {address} can't be used; is another program there?"))
        };
        Ok(Listeners {
            http: if targets.has(Target::Gateway) {
                Some(bind("PORTICO_HTTP_LISTEN", config.http_listen).await?)
            } else {
                None
            },
            grpc: bind("PORTICO_GRPC_LISTEN", config.grpc_listen).await?,
            admin: bind("PORTICO_ADMIN_LISTEN", config.admin_listen).await?,
        })
    }
}

/// Starts a process. Returns when it is started, or with the reason why it can't be; a database that is not migrated yet
/// is waited for (see /startupz), a missing setting is not.
pub async fn start(config: Config, targets: &Targets, listeners: Listeners) -> Result<Running> {
    let config = Arc::new(config);
    let master_key = config.master_key()?;
    if targets.has(Target::Notification) && config.smtp_url.as_deref().is_some_and(|u| !u.is_empty()) {
        // A wrong address is told at the start, not by mails that never leave.
        notification::account(&config).map_err(runtime::ConfigError)?;
    }
    let metrics = Metrics::default();
    let health = Health::default();
    let (grpc, admin) = (listeners.grpc.local_addr()?, listeners.admin.local_addr()?);
    let http = listeners.http.as_ref().map(TcpListener::local_addr).transpose()?;
    let [stop_http, stop_grpc, stop_work, stop_admin] = std::array::from_fn(|_| CancellationToken::new());
    tokio::spawn({
        let serving = runtime::serve_admin(listeners.admin, health.clone(), metrics.clone(), stop_admin.clone());
        async move {
            if let Err(e) = serving.await {
                error!(event = "admin.failed", error = %e, "the admin port ended");
            }
        }
    });
    if config.profile == Profile::Test {
        health.check("profile", Arc::new(|| Ok(())));
        tracing::warn!(event = "profile.test", "the test profile is on: password hashes are cheap");
    }

    let owner = targets.label();
    let in_process = InProcess::default();
    let clients_of = |name: &str| Clients::here(&config, name, &in_process);
    let process_clients = clients_of(if targets.has(Target::Gateway) { "gateway" } else { &owner })?;
    let plans = PlanCache::new(process_clients.clone());
    let mut work = JoinSet::new();
    let mut services: Vec<(Service, async_nats::Client)> = Vec::new();
    let mut gateway_nats = None;
    for &target in &targets.0 {
        let name = target.name();
        let nats = connect_nats(&config, name).await?;
        let Some(migrations) = target.migrations() else {
            gateway_nats = Some(nats);
            continue;
        };
        let pool = eventlog::pool(config.database_url(name), name, config.database_connections)
            .with_context(|| format!("PORTICO_{}_DATABASE_URL is no URL", name.to_uppercase()))?;
        wait_for_schema(&health, &pool, migrations).await;
        let deps = Deps {
            config: Arc::clone(&config),
            pool,
            clients: clients_of(name)?,
            plans: plans.clone(),
            nats: nats.clone(),
            master_key: master_key.clone(),
            metrics: metrics.clone(),
            shutdown: stop_work.clone(),
        };
        let service = match target {
            Target::Identity => identity::service(deps),
            Target::Permissions => permissions::service(deps),
            Target::Records => records::service(deps),
            Target::Notification => notification::service(deps),
            Target::Gateway => continue,
        };
        services.push((service, nats));
    }

    let waiters = Waiters::default();
    let mut routes = RoutesBuilder::default();
    let (reporter, health_service) = tonic_health::server::health_reporter();
    reporter.set_service_status("", tonic_health::ServingStatus::Serving).await;
    routes.add_service(health_service);
    let logs: Vec<Log> = services.iter().map(|(s, _)| s.log.clone()).collect();
    let reader = EventLogGrpc::new(logs.clone(), runtime::is_service);
    routes.add_service(EventLogServiceServer::new(reader).max_encoding_message_size(64 * 1024 * 1024));
    let mut relays = Vec::new();
    for (service, nats) in services {
        let name = service.name;
        (service.mount)(&mut routes);
        let options = RelayOptions {
            replicas: config.nats_replicas,
            probe: probe(&config),
            ..RelayOptions::new(&config.installation, &config.portal_url)
        };
        let relay = Relay::new(service.log.clone(), nats.clone(), service.announce, options);
        let state = relay.state();
        relays.push(state.clone());
        // A relay that stopped is an alert, never a reason to take a pod away that answers requests.
        work.spawn(named("database", watch_database(health.clone(), service.log.clone(), stop_work.clone())));
        work.spawn(named("relay", relay.run(stop_work.clone())));
        work.spawn(named("maintenance", maintain(service.log.clone(), stop_work.clone())));
        let clients = clients_of(name)?;
        for (source, handler) in service.handlers {
            let consumer = Consumer::new(
                service.log.clone(),
                source,
                Arc::new(clients.log_of(source)),
                nats.clone(),
                handler,
                consumer_options(&config),
            );
            waiters.add(name, consumer.waiter());
            work.spawn(named("consumer", consumer.run(stop_work.clone())));
        }
        for task in service.tasks {
            work.spawn(named(task.name, task.run));
        }
    }
    if targets.has(Target::Records) || targets.has(Target::Gateway) {
        let nats = match &gateway_nats {
            Some(nats) => nats.clone(),
            None => connect_nats(&config, "records").await?,
        };
        let events = eventlog::listen(nats, "permissions", None, stop_work.clone());
        work.spawn(named("access plans", plans.clone().run(events, stop_work.clone())));
    }
    let sampler = Sampler {
        metrics: metrics.clone(),
        logs: logs.iter().cloned().zip(relays.iter().cloned()).collect(),
        waiters: waiters.clone(),
        clients: logs.iter().map(|l| Ok((l.service().to_owned(), clients_of(l.service())?))).collect::<Result<_>>()?,
        every: match config.profile {
            Profile::Production => Duration::from_secs(5),
            Profile::Test => Duration::from_millis(500),
        },
    };
    work.spawn(named("sampling", sampler.run(stop_work.clone())));

    let ring = KeyRing::new(
        &config.installation,
        &runtime::token::SigningKey::for_services(&master_key),
        process_clients.clone(),
    );
    let auth = AuthLayer::new(ring, waiters.clone(), metrics.clone());
    let routes = routes.routes();
    in_process.serve(routes.clone(), &auth);
    let grpc_task = tokio::spawn({
        let serving = runtime::serve_grpc(listeners.grpc, routes, auth, stop_grpc.clone());
        async move {
            if let Err(e) = serving.await {
                error!(event = "grpc.failed", error = %e, "the gRPC server ended");
            }
        }
    });
    let http_task = match (listeners.http, gateway_nats) {
        (Some(listener), Some(nats)) => {
            let router = gateway::router(gateway::Deps {
                config: Arc::clone(&config),
                clients: process_clients,
                plans,
                nats,
                master_key,
                metrics: metrics.clone(),
                shutdown: stop_http.clone(),
            })
            .await
            .map_err(|e| anyhow!("the gateway can't start: {e}"))?;
            let (stop, config) = (stop_http.clone(), Arc::clone(&config));
            Some(tokio::spawn(async move { gateway::serve(listener, router, &config, stop).await }))
        }
        _ => None,
    };
    health.started();
    info!(event = "process.started", targets = owner, "started");
    Ok(Running {
        http,
        grpc,
        admin,
        health,
        logs,
        relays,
        waiters,
        stop_http,
        stop_grpc,
        stop_work,
        stop_admin,
        in_process,
        http_task,
        grpc_task,
        work,
        drain: Duration::from_secs(config.drain_seconds),
    })
}

async fn named(name: &'static str, work: impl Future<Output = ()>) -> &'static str {
    work.await;
    name
}

/// Connects in the background if need be: NATS may be away at the start.
pub async fn connect_nats(config: &Config, name: &str) -> Result<async_nats::Client> {
    let (address, user) = credentials(config.nats_url(name));
    let options = match user {
        Some((user, password)) => async_nats::ConnectOptions::with_user_and_password(user, password),
        None => async_nats::ConnectOptions::new(),
    };
    options
        .name(format!("portico-{name}"))
        .custom_inbox_prefix(format!("_INBOX_{name}"))
        .retry_on_initial_connect()
        .request_timeout(Some(Duration::from_secs(3)))
        .connect(address)
        .await
        .with_context(|| format!("NATS for {name}"))
}

/// Takes user and password out of an address: the client wants them apart.
fn credentials(url: &str) -> (String, Option<(String, String)>) {
    let (scheme, rest) = url.split_once("://").unwrap_or(("nats", url));
    match rest.rsplit_once('@') {
        Some((user, host)) => {
            let (user, password) = user.split_once(':').unwrap_or((user, ""));
            (format!("{scheme}://{host}"), Some((user.to_owned(), password.to_owned())))
        }
        None => (url.to_owned(), None),
    }
}

/// How often relays and consumers ask whether the bus is still as they know it.
fn probe(config: &Config) -> Duration {
    match config.profile {
        Profile::Production => Duration::from_secs(5),
        Profile::Test => Duration::from_secs(1),
    }
}

fn consumer_options(config: &Config) -> ConsumerOptions {
    match config.profile {
        Profile::Production => ConsumerOptions::default(),
        Profile::Test => {
            ConsumerOptions { backoff: [50, 100, 200, 400].map(Duration::from_millis).to_vec(), probe: probe(config) }
        }
    }
}

/// Pods don't migrate: they wait until somebody has.
async fn wait_for_schema(health: &Health, pool: &sqlx::PgPool, migrations: &eventlog::Migrations) {
    let required = migrations.required();
    let mut told = false;
    loop {
        let applied = match pool.acquire().await {
            Ok(mut connection) => migrations.applied(&mut connection).await.map_err(|e| e.to_string()),
            Err(e) => Err(e.to_string()),
        };
        let reason = match applied {
            Ok(version) if version >= required => return,
            Ok(version) => {
                format!("{} has schema {version}, needs {required}: run `portico migrate`", migrations.service)
            }
            Err(_) => format!("the database of {} can't be reached", migrations.service),
        };
        health.waits_for(&reason);
        if !told {
            info!(event = "start.waits", reason, "the start waits");
            told = true;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Partitions ahead of need, once an hour.
async fn maintain(log: Log, shutdown: CancellationToken) {
    loop {
        if let Err(e) = sqlx::query("select maintain()").execute(log.pool()).await {
            tracing::warn!(event = "log.maintenance_failed", error = %e, "partitions could not be prepared");
        }
        if tokio::time::timeout(Duration::from_secs(3600), shutdown.cancelled()).await.is_ok() {
            return;
        }
    }
}
