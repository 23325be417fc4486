//! Access of other people's programs to events: the consumers on the streams, and the accounts on the NATS server.

use crate::{
    assemble::connect_nats,
    bus_access::{self, DOMAIN, ProgramAccount},
    host::{random_password, signal_processes, write_private},
};
use anyhow::{Context, Result, ensure};
use async_nats::jetstream;
use eventlog::{Granted, Log, LogOptions};
use runtime::{Config, SERVICES};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// How long a server may take to let a new program in.
const LET_IN: Duration = Duration::from_secs(10);

/// What a program is to be granted; it replaces what it had.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Its name.
    pub name: String,
    /// Filters.
    pub subjects: Vec<String>,
    /// Messages out and not acknowledged.
    pub in_flight: i32,
    /// Seconds until such a message comes again.
    pub ack_seconds: i32,
    /// Give it another password than it has.
    pub new_password: bool,
}

/// What a program needs to connect, and what is still to be done for it.
#[derive(Debug)]
pub struct Access {
    /// User.
    pub name: String,
    /// Password.
    pub password: String,
    /// Streams with a consumer of that name.
    pub streams: Vec<String>,
    /// Server, without a user.
    pub server: String,
    /// The account for the server's configuration.
    pub account: String,
    /// Where it was written.
    pub file: Option<PathBuf>,
    /// Whether the server knows it already.
    pub in_force: bool,
}

impl Access {
    /// The address with the login.
    pub fn url(&self) -> String {
        format!("nats://{}:{}@{}", self.name, self.password, self.server)
    }
}

/// What became of a revocation.
#[derive(Debug)]
pub struct Revoked {
    /// Streams on which it had a consumer.
    pub streams: Vec<String>,
    /// Whether the login was taken out of the programs' file.
    pub login_removed: bool,
    /// Whether the server has forgotten the login already.
    pub in_force: bool,
}

/// Whether the settings have this service's log: where each service runs alone they have its own only.
fn reachable(config: &Config, service: &str) -> bool {
    !config.database_url(service).is_empty()
}

fn log(config: &Config, service: &'static str) -> Result<Log> {
    let pool = eventlog::pool(config.database_url(service), service, 1)?;
    Ok(Log::open(service, pool, &config.master_key()?, Vec::new(), LogOptions::default()))
}

async fn bus(config: &Config, service: &str) -> Result<jetstream::Context> {
    let client = connect_nats(config, service).await?;
    // Reached in the background otherwise: a person waits here.
    tokio::time::timeout(Duration::from_secs(5), client.flush())
        .await
        .with_context(|| format!("NATS does not answer at {}", server(config)))?
        .with_context(|| format!("NATS for {service}"))?;
    Ok(jetstream::new(client))
}

fn stream(service: &str) -> String {
    format!("PORTICO_{}", service.to_uppercase())
}

/// The server's host and port.
fn server(config: &Config) -> String {
    let url = config.nats_url("records");
    url.rsplit_once('@').map_or_else(|| url.trim_start_matches("nats://"), |(_, host)| host).to_owned()
}

/// Grants a program what it may hear, or changes that.
///
/// # Errors
/// When a name or subject is wrong, or the database, the bus or the file can't be written. It is safe to repeat.
pub async fn grant(config: &Config, grant: &Grant) -> Result<Access> {
    let parts = bus_access::by_service(&grant.name, &grant.subjects, grant.in_flight, grant.ack_seconds)
        .map_err(runtime::ConfigError)?;
    let file = accounts_file(config);
    let mut accounts = read(file.as_deref())?;
    let known = accounts.iter().find(|a| a.name() == grant.name).map(|a| a.password().to_owned());
    let password = match known {
        Some(known) if !grant.new_password => known,
        _ => random_password()?,
    };
    for (service, _) in &parts {
        ensure!(
            reachable(config, service),
            runtime::ConfigError(format!(
                "PORTICO_{}_DATABASE_URL is not set: grant the events of {service} where that service runs, under a name of its own",
                service.to_uppercase()
            ))
        );
    }
    for service in SERVICES.into_iter().filter(|s| reachable(config, s)) {
        let (log, bus) = (log(config, service)?, bus(config, service).await?);
        match parts.iter().find(|(s, _)| *s == service) {
            Some((_, program)) => eventlog::grant_program(&log, &bus, program).await?,
            None if eventlog::programs(&log).await?.iter().any(|(p, _)| p.name == grant.name) => {
                eventlog::revoke_program(&log, &bus, &grant.name).await?;
            }
            None => {}
        }
    }
    let account = ProgramAccount::new(&grant.name, &password, parts.iter().map(|(service, _)| *service));
    let mut access = Access {
        name: grant.name.clone(),
        password,
        streams: parts.iter().map(|(service, _)| stream(service)).collect(),
        server: server(config),
        account: account.line(),
        file: file.clone(),
        in_force: false,
    };
    if let Some(file) = file {
        accounts.retain(|a| a.name() != grant.name);
        accounts.push(account);
        write_private(&file, &ProgramAccount::file(&accounts))?;
        access.in_force = reload_until(&file, async || reaches_its_consumers(&access).await).await;
    }
    Ok(access)
}

/// Takes a program's consumers away, which ends what it hears at once, and its login.
///
/// # Errors
/// When there is no such program, or the database, the bus or the file does not do it. It is safe to repeat.
pub async fn revoke(config: &Config, name: &str) -> Result<Revoked> {
    bus_access::check_name(name).map_err(runtime::ConfigError)?;
    let mut streams = Vec::new();
    for service in SERVICES.into_iter().filter(|s| reachable(config, s)) {
        let (log, bus) = (log(config, service)?, bus(config, service).await?);
        // Asked of the log: the stream has consumers of our own too, and those must not be removed by their name.
        let granted = eventlog::programs(&log).await?.iter().any(|(p, _)| p.name == name);
        if granted && eventlog::revoke_program(&log, &bus, name).await? {
            streams.push(stream(service));
        }
    }
    let file = accounts_file(config);
    let mut accounts = read(file.as_deref())?;
    let former = accounts.iter().position(|a| a.name() == name).map(|n| accounts.remove(n));
    ensure!(
        !streams.is_empty() || former.is_some(),
        "there is no program {name}; `portico events programs` names them"
    );
    let mut revoked = Revoked { streams, login_removed: former.is_some(), in_force: false };
    if let (Some(file), Some(former)) = (file, former) {
        write_private(&file, &ProgramAccount::file(&accounts))?;
        let server = server(config);
        revoked.in_force = reload_until(&file, async || {
            let options = async_nats::ConnectOptions::with_user_and_password(name.into(), former.password().into());
            options.connect(format!("nats://{server}")).await.is_err()
        })
        .await;
    }
    Ok(revoked)
}

/// What is granted, by service.
///
/// # Errors
/// When a database does not answer.
pub async fn list(config: &Config) -> Result<Vec<(&'static str, Granted)>> {
    let mut all = Vec::new();
    for service in SERVICES.into_iter().filter(|s| reachable(config, s)) {
        let bus = jetstream::new(connect_nats(config, service).await?);
        all.extend(eventlog::list_programs(&log(config, service)?, &bus).await?.into_iter().map(|g| (service, g)));
    }
    Ok(all)
}

fn accounts_file(config: &Config) -> Option<PathBuf> {
    config.nats_programs.as_ref().filter(|f| !f.is_empty()).map(PathBuf::from)
}

fn read(file: Option<&Path>) -> Result<Vec<ProgramAccount>> {
    let Some(file) = file else { return Ok(Vec::new()) };
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(e) => return Err(e).with_context(|| format!("reading {}", file.display())),
    };
    ProgramAccount::all(&text).map_err(|e| anyhow::anyhow!("{}: {e}", file.display()))
}

/// Tells a server of our own, whose process id lies beside the file, to read its configuration, until a condition holds.
/// More than once: nats-server 2.15 connects the imports of an account that is new at the second reading only.
async fn reload_until(file: &Path, mut holds: impl AsyncFnMut() -> bool) -> bool {
    let began = Instant::now();
    while let Some(server) = server_beside(file) {
        signal_processes("HUP", &[server]);
        tokio::time::sleep(Duration::from_millis(100)).await;
        if holds().await {
            return true;
        }
        if began.elapsed() > LET_IN {
            return false;
        }
    }
    false
}

/// The process of the server that reads this file, if we run it.
fn server_beside(file: &Path) -> Option<u32> {
    let directory = file.parent()?;
    let pid = std::fs::read_to_string(directory.join("nats.pid")).ok()?.trim().parse().ok()?;
    let command = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let configuration = directory.join("nats.conf");
    let ours = command.split(|b| *b == 0).any(|a| a == configuration.as_os_str().as_encoded_bytes());
    ours.then_some(pid)
}

/// Whether a program gets an answer about each of its consumers.
async fn reaches_its_consumers(access: &Access) -> bool {
    let options = async_nats::ConnectOptions::with_user_and_password(access.name.clone(), access.password.clone());
    let Ok(client) = options.connect(format!("nats://{}", access.server)).await else { return false };
    let mut context = jetstream::with_domain(client, DOMAIN);
    context.set_timeout(Duration::from_secs(1));
    for stream in &access.streams {
        let consumer = context
            .get_consumer_from_stream::<jetstream::consumer::pull::Config, _, _>(access.name.as_str(), stream.as_str())
            .await;
        let Ok(consumer) = consumer else { return false };
        drop(consumer);
    }
    true
}

/// The programs of all services by name, with what each hears of each.
pub fn by_name(all: Vec<(&'static str, Granted)>) -> BTreeMap<String, Vec<(&'static str, Granted)>> {
    let mut programs: BTreeMap<String, Vec<(&'static str, Granted)>> = BTreeMap::new();
    for (service, granted) in all {
        programs.entry(granted.program.name.clone()).or_default().push((service, granted));
    }
    programs
}
