//! From settings and targets to a running process: the same way for one service and for all.
//!
//! Order: bind listeners → telemetry is there already → wait for the schema → build services → serve gRPC → background
//! work → serve HTTP → started. At the end the other way round, each step within the drain time.

use crate::{
    sampling::{Sampler, seeded, watch_database},
    target::{Target, Targets},
};
use anyhow::{Context, Result, anyhow};
use eventlog::{Consumer, ConsumerOptions, EventLogGrpc, Log, Relay, RelayOptions, RelayState};
use futures::future::try_join_all;
use kernel::Secret;
use proto::eventlog::v1::event_log_service_server::EventLogServiceServer;
use runtime::{
    AuthLayer, Clients, Config, Deps, Health, InProcess, KeyRing, Metrics, PlanCache, Profile, Service, Waiters,
};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{net::TcpListener, sync::watch, task::JoinSet};
use tokio_util::sync::CancellationToken;
use tonic::service::{Routes, RoutesBuilder};
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
    let (grpc, admin) = (listeners.grpc.local_addr()?, listeners.admin.local_addr()?);
    let http = listeners.http.as_ref().map(TcpListener::local_addr).transpose()?;
    let mut process = Process::new(config, targets, listeners.admin)?;
    // At once: each waits for a connection to its database, and that for the proof of a password.
    let opened = try_join_all(targets.0.iter().map(|&target| process.open(target))).await?;
    let mut services = Vec::new();
    for (service, nats) in opened {
        match service {
            Some(service) => services.push((service, nats)),
            None => process.gateway_nats = Some(nats),
        }
    }
    let logs: Vec<Log> = services.iter().map(|(s, _)| s.log.clone()).collect();
    let mut routes = process.common_routes(&logs).await;
    let mut relays = Vec::new();
    for (service, nats) in services {
        relays.push(process.set_to_work(service, nats, &mut routes)?);
    }
    process.follow_plans(targets).await?;
    process.sample(&logs, &relays)?;
    let grpc_task = process.serve_grpc(listeners.grpc, routes.routes());
    let http_task = match listeners.http {
        Some(listener) => Some(process.serve_http(listener).await?),
        None => None,
    };
    process.health.started();
    info!(event = "process.started", targets = targets.label(), "started");
    Ok(Running {
        http,
        grpc,
        admin,
        health: process.health,
        logs,
        relays,
        waiters: process.waiters,
        stop_http: process.stop_http,
        stop_grpc: process.stop_grpc,
        stop_work: process.stop_work,
        stop_admin: process.stop_admin,
        in_process: process.in_process,
        http_task,
        grpc_task,
        work: process.work,
        drain: Duration::from_secs(process.config.drain_seconds),
    })
}

/// A process on its way up: what its services share, and what already runs.
struct Process {
    config: Arc<Config>,
    targets: Targets,
    master_key: Secret<[u8; 32]>,
    metrics: Metrics,
    health: Health,
    in_process: InProcess,
    /// In the name of the gateway where it runs, else of the process's targets.
    clients: Clients,
    plans: PlanCache,
    waiters: Waiters,
    /// The gateway's connection, where it runs.
    gateway_nats: Option<async_nats::Client>,
    work: JoinSet<&'static str>,
    stop_http: CancellationToken,
    stop_grpc: CancellationToken,
    stop_work: CancellationToken,
    stop_admin: CancellationToken,
}

impl Process {
    /// Answers on the admin port from here on.
    fn new(config: Config, targets: &Targets, admin: TcpListener) -> Result<Process> {
        let config = Arc::new(config);
        let master_key = config.master_key()?;
        if targets.has(Target::Notification) && config.smtp_url.as_deref().is_some_and(|u| !u.is_empty()) {
            // A wrong address is told at the start, not by mails that never leave.
            notification::account(&config).map_err(runtime::ConfigError)?;
        }
        let (metrics, health, in_process) = (Metrics::default(), Health::default(), InProcess::default());
        let [stop_http, stop_grpc, stop_work, stop_admin] = std::array::from_fn(|_| CancellationToken::new());
        tokio::spawn({
            let serving = runtime::serve_admin(admin, health.clone(), metrics.clone(), stop_admin.clone());
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
        let name = if targets.has(Target::Gateway) { "gateway" } else { &owner };
        let clients = Clients::here(&config, name, &in_process)?;
        Ok(Process {
            plans: PlanCache::new(clients.clone()),
            waiters: Waiters::default(),
            gateway_nats: None,
            work: JoinSet::new(),
            targets: targets.clone(),
            config,
            master_key,
            metrics,
            health,
            in_process,
            clients,
            stop_http,
            stop_grpc,
            stop_work,
            stop_admin,
        })
    }

    /// Opens a service as soon as its schema is there; of the gateway only its connection to NATS.
    async fn open(&self, target: Target) -> Result<(Option<Service>, async_nats::Client)> {
        let name = target.name();
        let nats = connect_nats(&self.config, name).await?;
        let Some(migrations) = target.migrations() else {
            return Ok((None, nats));
        };
        let connections = self.targets.connections(target, self.config.database_connections);
        // Records has two pools, one of them for lists.
        let connections = if target == Target::Records { connections.div_ceil(2) } else { connections };
        let pool = eventlog::pool(self.config.database_url(name), name, connections)
            .with_context(|| format!("PORTICO_{}_DATABASE_URL is no URL", name.to_uppercase()))?;
        let read_pool = match self.config.read_url(name) {
            Some(url) => Some(
                eventlog::pool(url, name, connections)
                    .with_context(|| format!("PORTICO_{}_READ_URL is no URL", name.to_uppercase()))?,
            ),
            None => None,
        };
        wait_for_schema(&self.health, &pool, migrations).await;
        let deps = Deps {
            config: Arc::clone(&self.config),
            pool,
            read_pool,
            clients: self.clients_of(name)?,
            plans: self.plans.clone(),
            nats: nats.clone(),
            master_key: self.master_key.clone(),
            metrics: self.metrics.clone(),
            shutdown: self.stop_work.clone(),
        };
        let service = match target {
            Target::Identity => identity::service(deps),
            Target::Permissions => permissions::service(deps),
            Target::Records => records::service(deps),
            Target::Notification => notification::service(deps),
            Target::Gateway => return Ok((None, nats)),
        };
        Ok((Some(service), nats))
    }

    fn clients_of(&self, name: &str) -> Result<Clients, runtime::ConfigError> {
        Clients::here(&self.config, name, &self.in_process)
    }

    /// What every process serves over gRPC: its health, and its logs to other services.
    async fn common_routes(&self, logs: &[Log]) -> RoutesBuilder {
        let mut routes = RoutesBuilder::default();
        let (reporter, health_service) = tonic_health::server::health_reporter();
        reporter.set_service_status("", tonic_health::ServingStatus::Serving).await;
        routes.add_service(health_service);
        let reader = EventLogGrpc::new(logs.to_vec(), runtime::is_service);
        routes.add_service(EventLogServiceServer::new(reader).max_encoding_message_size(64 * 1024 * 1024));
        routes
    }

    /// Mounts a service, and starts its relay, its consumers and its own tasks. Answers what its relay is doing.
    fn set_to_work(
        &mut self,
        service: Service,
        nats: async_nats::Client,
        routes: &mut RoutesBuilder,
    ) -> Result<watch::Receiver<RelayState>> {
        let (name, stop) = (service.name, self.stop_work.clone());
        (service.mount)(routes);
        let options = RelayOptions {
            replicas: self.config.nats_replicas,
            probe: probe(&self.config),
            ..RelayOptions::new(&self.config.installation, &self.config.portal_url)
        };
        let relay = Relay::new(service.log.clone(), nats.clone(), service.announce, options);
        let state = relay.state();
        // A relay that stopped is an alert, never a reason to take a pod away that answers requests.
        self.work.spawn(named("database", watch_database(self.health.clone(), service.log.clone(), stop.clone())));
        self.work.spawn(named("relay", relay.run(stop.clone())));
        self.work.spawn(named("maintenance", maintain(service.log.clone(), stop.clone())));
        let clients = self.clients_of(name)?;
        for (source, handler) in service.handlers {
            let consumer = Consumer::new(
                service.log.clone(),
                source,
                Arc::new(clients.log_of(source)),
                nats.clone(),
                handler,
                consumer_options(&self.config),
            );
            self.waiters.add(name, consumer.waiter());
            self.work.spawn(named("consumer", consumer.run(stop.clone())));
        }
        if let Some(seed) = service.seed {
            self.work.spawn(named("seed", seeded(&self.health, name, seed, stop.clone())));
        }
        for task in service.tasks {
            self.work.spawn(named(task.name, task.run));
        }
        Ok(state)
    }

    /// Keeps access plans up to date where they are used.
    async fn follow_plans(&mut self, targets: &Targets) -> Result<()> {
        if !targets.has(Target::Records) && !targets.has(Target::Gateway) {
            return Ok(());
        }
        let nats = match &self.gateway_nats {
            Some(nats) => nats.clone(),
            None => connect_nats(&self.config, "records").await?,
        };
        let events = eventlog::listen(nats, "permissions", None, self.stop_work.clone());
        self.work.spawn(named("access plans", self.plans.clone().run(events, self.stop_work.clone())));
        Ok(())
    }

    /// Samples what metrics tell of logs, relays and consumers.
    fn sample(&mut self, logs: &[Log], relays: &[watch::Receiver<RelayState>]) -> Result<()> {
        let clients = logs.iter().map(|l| Ok((l.service().to_owned(), self.clients_of(l.service())?)));
        let sampler = Sampler {
            metrics: self.metrics.clone(),
            logs: logs.iter().cloned().zip(relays.iter().cloned()).collect(),
            waiters: self.waiters.clone(),
            clients: clients.collect::<Result<_>>()?,
            every: match self.config.profile {
                Profile::Production => Duration::from_secs(5),
                Profile::Test => Duration::from_millis(500),
            },
        };
        self.work.spawn(named("sampling", sampler.run(self.stop_work.clone())));
        Ok(())
    }

    /// Answers gRPC calls, of this process in memory and of others at the listener.
    fn serve_grpc(&self, listener: TcpListener, routes: Routes) -> tokio::task::JoinHandle<()> {
        let service_key = runtime::token::SigningKey::for_services(&self.master_key);
        let ring = KeyRing::new(&self.config.installation, &service_key, self.clients.clone());
        let auth = AuthLayer::new(ring, self.waiters.clone(), self.metrics.clone());
        self.in_process.serve(routes.clone(), &auth);
        let serving = runtime::serve_grpc(listener, routes, auth, self.stop_grpc.clone());
        tokio::spawn(async move {
            if let Err(e) = serving.await {
                error!(event = "grpc.failed", error = %e, "the gRPC server ended");
            }
        })
    }

    /// Answers people and programs.
    async fn serve_http(&self, listener: TcpListener) -> Result<tokio::task::JoinHandle<()>> {
        let nats = self.gateway_nats.clone().context("only the gateway listens for HTTP")?;
        let router = gateway::router(gateway::Deps {
            config: Arc::clone(&self.config),
            clients: self.clients.clone(),
            plans: self.plans.clone(),
            nats,
            master_key: self.master_key.clone(),
            metrics: self.metrics.clone(),
            shutdown: self.stop_http.clone(),
        });
        let router = router.await.map_err(|e| anyhow!("the gateway can't start: {e}"))?;
        let (stop, config) = (self.stop_http.clone(), Arc::clone(&self.config));
        Ok(tokio::spawn(async move { gateway::serve(listener, router, &config, stop).await }))
    }
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
