//! What operators do from the command line.

use crate::{
    assemble::connect_nats,
    out::say,
    programs::{self, Grant},
    refusal::refused,
    target::Target,
};
use anyhow::{Context, Result, anyhow, bail};
use eventlog::{Checkpoint, CheckpointKey, Log, LogOptions, Projection, Recorded};
use proto::identity::v1::{CreateAgentRequest, ListAgentsRequest, SetOneTimePasswordRequest, UnlockRequest};
use runtime::{Clients, Config, Metrics, PlanCache, SERVICES};
use serde_json::json;
use std::{path::Path, sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

/// The log of a service, without its projections: for reading.
pub(crate) fn log(config: &Config, service: &str) -> Result<Log> {
    let service = SERVICES
        .into_iter()
        .find(|s| *s == service)
        .ok_or_else(|| anyhow!("{service} is no service with a log; there are {}", SERVICES.join(", ")))?;
    let url = config.database_url(service);
    anyhow::ensure!(!url.is_empty(), "PORTICO_DATABASE_URL is not set");
    let pool = eventlog::pool(url, service, 2)?;
    Ok(Log::open(service, pool, &config.master_key()?, Vec::new(), LogOptions::default()))
}

/// The log of a service with its projections.
async fn whole(config: &Config, target: Target) -> Result<Log> {
    let name = target.name();
    let clients = Clients::new(config, name, config.grpc_listen)?;
    let deps = runtime::Deps {
        config: Arc::new(config.clone()),
        pool: eventlog::pool(config.database_url(name), name, 4)?,
        read_pool: None,
        plans: PlanCache::new(clients.clone()),
        clients,
        nats: connect_nats(config, name).await?,
        master_key: config.master_key()?,
        metrics: Metrics::default(),
        shutdown: CancellationToken::new(),
    };
    Ok(match target {
        Target::Identity => identity::service(deps).log,
        Target::Permissions => permissions::service(deps).log,
        Target::Records => records::service(deps).log,
        Target::Notification => notification::service(deps).log,
        Target::Gateway => bail!("the gateway has no log"),
    })
}

pub(crate) fn data_targets() -> impl Iterator<Item = Target> {
    Target::ALL.into_iter().filter(|t| t.migrations().is_some())
}

fn line(event: &Recorded) -> serde_json::Value {
    json!({
        "position": event.position,
        "stream": event.stream,
        "version": event.version,
        "id": event.event_id,
        "type": &*event.stored_type,
        "at": event.recorded_at.rfc3339(),
        "actor": {"kind": event.actor_kind, "id": event.actor_id},
        "on_behalf_of": event.on_behalf_of,
        "channel": event.channel,
        "command": event.command_id,
        "correlation": event.correlation_id,
        "causation": event.causation_id,
        "traceparent": event.traceparent,
        "redacted": event.redacted,
        "data": proto::event::to_json(&event.stored_type, &event.payload).unwrap_or_default(),
        "hash": event.hash.iter().map(|b| format!("{b:02x}")).collect::<String>(),
    })
}

/// Prints events as they happen.
pub(crate) async fn tail(config: &Config, service: &str, from: Option<i64>, once: bool) -> Result<()> {
    let log = log(config, service)?;
    let mut next = match from {
        Some(from) => from,
        None => log.head().await?.0 + 1,
    };
    loop {
        let events = log.read(next, 1000).await?;
        for event in &events {
            say!("{}", line(event));
            next = event.position + 1;
        }
        if events.is_empty() {
            if once {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    }
}

/// Writes a log as JSON lines.
pub(crate) async fn export(config: &Config, service: &str, from: i64, to: Option<i64>) -> Result<()> {
    let log = log(config, service)?;
    let end = match to {
        Some(to) => to,
        None => log.head().await?.0,
    };
    let mut next = from.max(1);
    while next <= end {
        let events = log.read(next, (end - next + 1).min(10_000)).await?;
        let Some(last) = events.last() else { break };
        next = last.position + 1;
        for event in &events {
            say!("{}", line(event));
        }
    }
    Ok(())
}

/// Verifies logs, against a checkpoint if there is one, and writes a new one.
pub(crate) async fn verify(
    config: &Config,
    service: Option<&str>,
    old: Option<&Path>,
    new: Option<&Path>,
    as_json: bool,
) -> Result<()> {
    let key = CheckpointKey::derive(&config.master_key()?);
    let known: Vec<Checkpoint> = match old {
        None => Vec::new(),
        Some(path) => {
            let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
            let all: Vec<Checkpoint> = serde_json::from_str(&text).context("the checkpoint is no JSON of ours")?;
            for checkpoint in &all {
                key.check(checkpoint)?;
            }
            all
        }
    };
    let mut bad = false;
    let mut fresh = Vec::new();
    for name in SERVICES.into_iter().filter(|s| service.is_none_or(|w| w == *s)) {
        let log = log(config, name)?;
        let verified = eventlog::verify(&log, known.iter().find(|c| c.service == name)).await?;
        let violation = verified.violation.as_ref();
        if as_json {
            say!(
                "{}",
                json!({"service": name, "events": verified.events, "streams": verified.streams, "ok": violation.is_none(),
                       "position": violation.map(|v| v.position), "stream": violation.and_then(|v| v.stream),
                       "what": violation.map(|v| v.what.clone())})
            );
        } else if let Some(v) = violation {
            say!("{name}: BROKEN at event {}: {}", v.position, v.what);
        } else {
            say!("{name}: {} events in {} streams, all as they were written", verified.events, verified.streams);
        }
        bad |= violation.is_some();
        let (_, epoch) = log.head().await?;
        fresh.push(key.sign(name, epoch, verified.events, &verified.heads));
    }
    if bad {
        bail!("a log is not as it was written");
    }
    if let Some(path) = new {
        std::fs::write(path, serde_json::to_string_pretty(&fresh)?)
            .with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(())
}

/// Begins a new epoch of a service's log and forgets its stream; the relay makes it anew.
pub(crate) async fn new_epoch(config: &Config, service: &str) -> Result<()> {
    use sqlx::Connection;
    let log = log(config, service)?;
    anyhow::ensure!(!config.database_url.is_empty(), "PORTICO_DATABASE_URL (the owner's) is not set");
    let mut owner = sqlx::PgConnection::connect(&config.database_url).await?;
    // Both ends have to answer before anything is changed.
    let client = connect_nats(config, log.service()).await?;
    tokio::time::timeout(Duration::from_secs(5), client.flush())
        .await
        .context("NATS does not answer; nothing was changed")?
        .context("NATS; nothing was changed")?;
    let sql = format!("select {}_log.begin_epoch()", log.service());
    let epoch: i32 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut owner).await?;
    eventlog::forget_stream(&client, log.service()).await?;
    say!("{service} is in epoch {epoch}; its stream is made anew, and those who consume it begin again");
    Ok(())
}

/// Lets a program hear events, and says what is still to be done.
pub(crate) async fn grant(config: &Config, grant: &Grant, as_json: bool) -> Result<()> {
    let access = programs::grant(config, grant).await?;
    if as_json {
        say!(
            "{}",
            json!({"program": access.name, "user": access.name, "password": access.password, "url": access.url(),
                   "domain": crate::bus_access::DOMAIN, "consumer": access.name, "streams": access.streams,
                   "account": access.account, "file": access.file, "in_force": access.in_force})
        );
        return Ok(());
    }
    say!("address    {}", access.url());
    say!("JetStream  domain {}, consumer {} on {}", crate::bus_access::DOMAIN, access.name, access.streams.join(", "));
    match (&access.file, access.in_force) {
        (_, true) => say!("in force   now"),
        (Some(file), false) => say!(
            "in force   when the server has read its configuration twice (SIGHUP); its account is in {}",
            file.display()
        ),
        (None, false) => say!(
            "in force   when this line is in nats-programs.conf of the server and it has read its configuration twice \
             (SIGHUP):\n{}",
            access.account
        ),
    }
    Ok(())
}

/// Takes a program's access away.
pub(crate) async fn revoke(config: &Config, name: &str, as_json: bool) -> Result<()> {
    let revoked = programs::revoke(config, name).await?;
    if as_json {
        say!(
            "{}",
            json!({"program": name, "streams": revoked.streams, "login_removed": revoked.login_removed,
                   "in_force": revoked.in_force})
        );
        return Ok(());
    }
    say!("{name} hears nothing any more");
    if !revoked.login_removed {
        say!("its login reaches nothing; take its line out of nats-programs.conf of the server when you like");
    } else if !revoked.in_force {
        say!("its login reaches nothing, and is gone when the server has read its configuration (SIGHUP)");
    }
    Ok(())
}

/// Lists programs and where they stand.
pub(crate) async fn list_programs(config: &Config, as_json: bool) -> Result<()> {
    let programs = programs::by_name(programs::list(config).await?);
    for (name, parts) in &programs {
        for (service, granted) in parts {
            let (program, progress) = (&granted.program, &granted.progress);
            if as_json {
                say!(
                    "{}",
                    json!({"program": name, "service": service, "subjects": program.subjects,
                           "in_flight": program.in_flight, "ack_wait_seconds": program.ack_seconds,
                           "granted_at": granted.at.rfc3339(), "pending": progress.as_ref().map(|s| s.pending),
                           "unacknowledged": progress.as_ref().map(|s| s.unacknowledged),
                           "acknowledged_to": progress.as_ref().map(|s| s.acknowledged)})
                );
            } else {
                let stands = match progress {
                    Some(s) => format!("{} to fetch, {} not acknowledged", s.pending, s.unacknowledged),
                    None => "the bus does not say where it stands".into(),
                };
                say!("{name:<24} {service:<14} {}; {stands}", program.subjects.join(", "));
            }
        }
    }
    if programs.is_empty() && !as_json {
        say!("no program of others hears events");
    }
    Ok(())
}

/// Lists projections and rebuilds.
pub(crate) async fn list_projections(config: &Config, as_json: bool) -> Result<()> {
    for target in data_targets() {
        let log = whole(config, target).await?;
        let rebuilds = eventlog::rebuilds(&log).await?;
        for projection in log.projections() {
            let status = rebuilds.iter().find(|r| r.projection == projection.name());
            let state = status.map_or("never rebuilt", |r| r.state.as_str());
            if as_json {
                say!(
                    "{}",
                    json!({"service": target.name(), "projection": projection.name(), "rebuild": state,
                           "position": status.map(|s| s.position), "error": status.and_then(|s| s.error.clone())})
                );
            } else {
                say!("{:<14} {:<24} {state}", target.name(), projection.name());
            }
        }
    }
    Ok(())
}

/// Rebuilds a projection by name.
pub(crate) async fn rebuild(config: &Config, name: &str) -> Result<()> {
    for target in data_targets() {
        let log = whole(config, target).await?;
        let found: Option<Arc<dyn Projection>> = log.projections().iter().find(|p| p.name() == name).cloned();
        if let Some(projection) = found {
            let status = eventlog::rebuild(&log, &projection).await?;
            say!("{name} is rebuilt up to position {}", status.position);
            return Ok(());
        }
    }
    bail!("there is no projection {name}; `portico projections list` names them")
}

/// Lists dead letters of all services.
pub(crate) async fn list_dead(config: &Config, as_json: bool) -> Result<()> {
    let mut any = false;
    for service in SERVICES {
        for letter in eventlog::list_dead(log(config, service)?.pool()).await? {
            any = true;
            if as_json {
                say!(
                    "{}",
                    json!({"service": service, "consumer": letter.consumer, "source": letter.source,
                           "position": letter.position, "type": letter.stored_type, "state": letter.state,
                           "error": letter.error, "attempts": letter.attempts, "at": letter.at.rfc3339()})
                );
            } else {
                say!(
                    "{service} from {} {}: {} {} after {} attempts: {}",
                    letter.source,
                    letter.position,
                    letter.stored_type,
                    letter.state,
                    letter.attempts,
                    letter.error
                );
            }
        }
    }
    if !any && !as_json {
        say!("no dead letters");
    }
    Ok(())
}

/// Shows a dead letter with its event.
pub(crate) async fn show_dead(config: &Config, service: &str, source: &str, position: i64) -> Result<()> {
    let letter = eventlog::show_dead(log(config, service)?.pool(), source, position)
        .await?
        .ok_or_else(|| anyhow!("there is no such letter"))?;
    let event = log(config, source)?.read(position, 1).await?;
    say!(
        "{}",
        json!({"consumer": letter.consumer, "state": letter.state, "error": letter.error, "attempts": letter.attempts,
               "event": event.first().map(line)})
    );
    Ok(())
}

/// Asks for a dead letter to be handled again.
pub(crate) async fn replay_dead(config: &Config, service: &str, source: &str, position: i64) -> Result<()> {
    let found = eventlog::request_replay(log(config, service)?.pool(), source, position).await?;
    anyhow::ensure!(found, "there is no such letter");
    say!("{service} will handle it again");
    Ok(())
}

/// Gives a dead letter up.
pub(crate) async fn drop_dead(config: &Config, service: &str, source: &str, position: i64) -> Result<()> {
    let found = eventlog::drop_dead(log(config, service)?.pool(), source, position).await?;
    anyhow::ensure!(found, "there is no such letter");
    say!("given up");
    Ok(())
}

pub(crate) fn console(config: &Config) -> Result<Clients> {
    Ok(Clients::new(config, "console", config.grpc_listen)?)
}

/// Makes an agent through the running identity service. Unless it is `lasting`, the password must be changed at the first
/// sign-in.
pub(crate) async fn create_agent(
    config: &Config,
    login: &str,
    name: &str,
    role: &str,
    locale: &str,
    password: &str,
    lasting: bool,
) -> Result<String> {
    let request = CreateAgentRequest {
        login: login.into(),
        name: name.into(),
        email: login.into(),
        role: role.into(),
        locale: locale.into(),
        password: password.into(),
        lasting,
        ..CreateAgentRequest::default()
    };
    let answer = console(config)?.identity().create_agent(request).await.map_err(|s| refused(s, "identity"))?;
    Ok(answer.into_inner().user_id)
}

/// Sets a one-time password for an agent; an empty one is made. Answers it.
pub(crate) async fn one_time_password(config: &Config, login: &str, password: &str) -> Result<String> {
    let clients = console(config)?;
    let agents = clients.identity().list_agents(ListAgentsRequest {}).await.map_err(|s| refused(s, "identity"))?;
    let found = agents.into_inner().agents.into_iter().find(|a| a.login.eq_ignore_ascii_case(login.trim()));
    let user_id = found.with_context(|| format!("no agent signs in with {login}"))?.user_id;
    let request = SetOneTimePasswordRequest { user_id, password: password.into() };
    let set = clients.identity().set_one_time_password(request).await.map_err(|s| refused(s, "identity"))?;
    Ok(set.into_inner().password)
}

/// Unlocks a user through the running identity service.
pub(crate) async fn unlock(config: &Config, user: &str, note: &str) -> Result<()> {
    let request = UnlockRequest { user_ids: vec![user.into()], note: note.into(), ..UnlockRequest::default() };
    let answer = console(config)?.identity().unlock(request).await.map_err(|s| refused(s, "identity"))?;
    anyhow::ensure!(!answer.into_inner().unlocked.is_empty(), "nobody with that id is locked");
    Ok(())
}
