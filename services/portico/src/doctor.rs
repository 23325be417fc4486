//! `portico doctor`: is this installation well? Every check asks the real thing, within a few seconds, and one that fails
//! makes the command fail.

use crate::{
    assemble::connect_nats,
    operate::{console, data_targets, log},
    out::say,
    target::Target,
};
use anyhow::{Context, Result, anyhow, ensure};
use eventlog::Standing;
use runtime::{Config, SERVICES};
use serde_json::json;
use sqlx::Connection;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long a check may take.
const LIMIT: Duration = Duration::from_secs(8);
/// Clocks may differ by so much: a token is believed up to five seconds after its end, a second is left for the way.
const CLOCKS: Duration = Duration::from_secs(2);
/// A stream or a consumer that is further behind than this is not just busy.
const BEHIND: i64 = 10_000;
/// Least room on a disk that holds a database, in bytes and as a share of the disk.
const ROOM: (u64, u64) = (1 << 30, 5);

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at: `records database`.
    pub check: String,
    /// Whether it is as it should be.
    pub ok: bool,
    /// What was seen, or what is wrong and what to do.
    pub detail: String,
}

/// Prints what [`examine`] finds, a line each.
///
/// # Errors
/// When a check failed.
pub async fn run(config: &Config, as_json: bool) -> Result<()> {
    let findings = examine(config).await;
    for Finding { check, ok, detail } in &findings {
        if as_json {
            say!("{}", json!({"check": check, "ok": ok, "detail": detail}));
        } else {
            say!("{} {check}: {detail}", if *ok { "ok  " } else { "FAIL" });
        }
    }
    let failed = findings.iter().filter(|f| !f.ok).count();
    ensure!(failed == 0, "{failed} of {} checks failed", findings.len());
    Ok(())
}

/// Looks at everything that an installation needs, as the settings name it: the master key, each service's database, log,
/// stream, consumers and process, the clocks, the mail server, the disks and the portal's address.
pub async fn examine(config: &Config) -> Vec<Finding> {
    let mut all = Examination(Vec::new());
    all.check("master key", async { Ok(config.master_key().map(|_| "32 bytes".to_owned())?) }).await;
    for target in data_targets() {
        let name = target.name();
        all.check(&format!("{name} database"), database(config, target)).await;
        if let Some(url) = config.read_url(name) {
            all.check(&format!("{name} replica"), replica(config, name, url)).await;
        }
        all.check(&format!("{name} stream"), stream(config, name)).await;
        all.check(&format!("{name} consumers"), consumers(config, name)).await;
        all.check(&format!("{name} process"), process(config, name)).await;
    }
    all.check("connections", connections(config)).await;
    all.check("bus storage", bus_storage(config)).await;
    all.check("disk", disk(config)).await;
    all.check("signing keys", signing_keys(config)).await;
    all.check("mail server", mail(config)).await;
    all.check("portal", portal(config)).await;
    all.0
}

struct Examination(Vec<Finding>);

impl Examination {
    async fn check(&mut self, check: &str, looking: impl Future<Output = Result<String>>) {
        let outcome = tokio::time::timeout(LIMIT, looking).await;
        let outcome = outcome.unwrap_or_else(|_| Err(anyhow!("no answer within {} s", LIMIT.as_secs())));
        let (ok, detail) = match outcome {
            Ok(detail) => (true, detail),
            Err(error) => (false, format!("{error:#}")),
        };
        self.0.push(Finding { check: check.to_owned(), ok, detail });
    }
}

/// Schema and head of a service's log, and the database's clock.
async fn database(config: &Config, target: Target) -> Result<String> {
    let log = log(config, target.name())?;
    let mut connection = log.pool().acquire().await?;
    let migrations = target.migrations().ok_or_else(|| anyhow!("no schema"))?;
    let (has, needs) = (migrations.applied(&mut connection).await?, migrations.required());
    ensure!(has >= needs, "schema {has}, needs {needs}: run `portico migrate`");
    let asked = now();
    let theirs: f64 =
        sqlx::query_scalar("select extract(epoch from clock_timestamp())::float8").fetch_one(&mut *connection).await?;
    clocks_agree(asked, Duration::from_secs_f64(theirs))?;
    let (head, epoch) = log.head().await?;
    let dead = eventlog::list_dead(log.pool()).await?.len();
    ensure!(dead == 0, "{dead} events could not be handled: `portico dead-letters list` shows them");
    Ok(format!("schema {has}, {head} events, epoch {epoch}"))
}

/// The replica of a service's database follows that database and shows what is in it.
async fn replica(config: &Config, service: &str, url: &str) -> Result<String> {
    let log = log(config, service)?;
    let pool = eventlog::pool(url, service, 2)?;
    let follows: bool = sqlx::query_scalar("select pg_is_in_recovery()").fetch_one(&pool).await?;
    let there = log.on_replica(pool);
    let name = format!("PORTICO_{}_READ_URL", service.to_uppercase());
    ensure!(follows, "{name} names a server that follows none: it has to be a streaming replica");
    let ((shown, _), (head, _)) = (there.head().await?, log.head().await?);
    // The last event that the replica has is the primary's too, or it is a replica of another database.
    let (theirs, ours) = (there.read(shown, 1).await?, log.read(shown, 1).await?);
    let hash = |events: &[eventlog::Recorded]| events.first().map(|e| e.hash.clone());
    ensure!(shown <= head && hash(&theirs) == hash(&ours), "{name} names a replica of another database");
    ensure!(head - shown < BEHIND, "it shows {shown} of {head} events: reads go to the primary until it has caught up");
    Ok(format!("shows {shown} of {head} events"))
}

/// Log and stream tell the same history, and the stream keeps up.
async fn stream(config: &Config, service: &str) -> Result<String> {
    let log = log(config, service)?;
    let client = connect_nats(config, service).await?;
    match eventlog::standing(&log, &client).await? {
        Standing::NoStream => Err(anyhow!("there is none; a running {service} makes it")),
        Standing::Diverged(what) => Err(anyhow!(
            "diverged: {what}. Nothing is published until an operator decides: see `portico events new-epoch --help`"
        )),
        Standing::Copy { published, head } => {
            ensure!(head - published < BEHIND, "{} events behind the log", head - published);
            Ok(format!("at {published} of {head}"))
        }
    }
}

/// How far the service has come in the others' logs.
async fn consumers(config: &Config, service: &'static str) -> Result<String> {
    let own = log(config, service)?;
    let inboxes: Vec<(String, i32, i64)> =
        sqlx::query_as("select source, epoch, pos from inbox order by source").fetch_all(own.pool()).await?;
    let mut seen = Vec::new();
    for (inbox, epoch, position) in inboxes {
        // `source/name of the consumer`
        let source = inbox.split('/').next().unwrap_or_default();
        if !SERVICES.contains(&source) {
            continue;
        }
        let (head, current) = log(config, source)?.head().await?;
        ensure!(epoch == current, "{inbox}: still in epoch {epoch} of {current}");
        ensure!(head - position < BEHIND, "{inbox}: {} events behind", head - position);
        seen.push(format!("{inbox} at {position} of {head}"));
    }
    Ok(if seen.is_empty() { "reads no other log".into() } else { seen.join(", ") })
}

/// Somebody answers for the service, works on the same log, has connections left and the right time.
async fn process(config: &Config, service: &'static str) -> Result<String> {
    let asked = now();
    let answer =
        console(config)?.log_of(service).ask().await.map_err(|status| {
            anyhow!("no {service} answers at its address ({}): {}", status.code(), status.message())
        })?;
    clocks_agree(asked, Duration::from_micros(u64::try_from(answer.clock_micros).unwrap_or_default()))?;
    let (head, epoch) = log(config, service)?.head().await?;
    ensure!(
        answer.epoch == epoch && answer.position <= head,
        "it works on another database: {} events in epoch {}, here {head} in {epoch}",
        answer.position,
        answer.epoch
    );
    ensure!(
        answer.pool_size < answer.pool_limit || answer.pool_idle > 0,
        "all {} connections of its pool are in use: raise PORTICO_DATABASE_CONNECTIONS or look for slow statements",
        answer.pool_limit
    );
    let used = answer.pool_size.saturating_sub(answer.pool_idle);
    Ok(format!("answers, {used} of {} connections in use", answer.pool_limit))
}

/// The database server has connections left.
async fn connections(config: &Config) -> Result<String> {
    let mut connection = operators_connection(config).await?;
    let (used, most): (i64, i64) = sqlx::query_as(
        "select (select count(*) from pg_stat_activity where backend_type = 'client backend'), \
         current_setting('max_connections')::int8 - current_setting('superuser_reserved_connections')::int8",
    )
    .fetch_one(&mut connection)
    .await?;
    ensure!(used * 10 < most * 9, "{used} of {most} in use: raise max_connections of the database server");
    Ok(format!("{used} of {most} in use"))
}

/// JetStream has room for what comes.
async fn bus_storage(config: &Config) -> Result<String> {
    let client = connect_nats(config, "records").await?;
    let account = async_nats::jetstream::new(client).query_account().await.map_err(|e| anyhow!("{e}"))?;
    let (used, most) = (account.storage, account.limits.max_storage.filter(|most| *most > 0));
    let Some(most) = most else { return Ok(format!("{used} bytes, no limit set")) };
    ensure!(i128::from(used) * 10 < i128::from(most) * 9, "{used} of {most} bytes are used");
    Ok(format!("{used} of {most} bytes"))
}

/// The disk under the database has room, where it can be seen from here.
async fn disk(config: &Config) -> Result<String> {
    let mut connection = operators_connection(config).await?;
    let size: i64 =
        sqlx::query_scalar("select pg_database_size(current_database())").fetch_one(&mut connection).await?;
    let size = format!("the database has {} MiB", size >> 20);
    // Only an owner with `pg_read_all_settings` may ask, and only on the same machine does the answer mean anything.
    let directory: Option<String> =
        sqlx::query_scalar("show data_directory").fetch_optional(&mut connection).await.unwrap_or_default();
    let Some(found) = directory.as_deref().and_then(|d| rustix::fs::statvfs(d).ok()) else {
        return Ok(format!("{size}; its disk is not to be seen from here, watch it where it is"));
    };
    let (free, whole) = (found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize);
    ensure!(
        free >= ROOM.0 && free >= whole / 100 * ROOM.1,
        "{size}, {} MiB are free: the log grows and never shrinks, give it room",
        free >> 20
    );
    Ok(format!("{size}, {} MiB are free", free >> 20))
}

async fn signing_keys(config: &Config) -> Result<String> {
    let request = proto::identity::v1::ListSigningKeysRequest {};
    let answer = console(config)?.identity().list_signing_keys(request).await;
    let keys = answer.map_err(|status| crate::refusal::refused(status, "identity"))?.into_inner().keys;
    ensure!(!keys.is_empty(), "identity publishes none");
    Ok(format!("{} published", keys.len()))
}

/// The mail server greets, encrypts and lets us in, as when a mail is sent. Nothing is sent.
async fn mail(config: &Config) -> Result<String> {
    if config.smtp_url.as_deref().unwrap_or_default().is_empty() {
        return Ok("PORTICO_SMTP_URL is not set, so mails wait".to_owned());
    }
    let account = notification::account(config).map_err(|e| anyhow!("{e}; no mail leaves"))?;
    let connection = notification::smtp::Connection::open(&account)
        .await
        .map_err(|failure| anyhow!("{}:{}: {failure}", account.host, account.port))?;
    let encrypted = connection.is_encrypted();
    connection.close().await;
    Ok(format!("{}:{} takes us, {}", account.host, account.port, if encrypted { "encrypted" } else { "not encrypted" }))
}

/// Checks that somebody listens at the portal's address. Where nobody does, that is a fault only for an address of this
/// machine: users may reach an address that this machine can't.
async fn portal(config: &Config) -> Result<String> {
    let url: http::Uri = config.portal_url.parse().context("PORTICO_PORTAL_URL")?;
    let host = url.host().context("PORTICO_PORTAL_URL names no host")?.trim_matches(['[', ']']).to_owned();
    let port = url.port_u16().unwrap_or(if url.scheme_str() == Some("https") { 443 } else { 80 });
    let addresses: Vec<_> = match tokio::net::lookup_host((host, port)).await {
        Ok(addresses) => addresses.collect(),
        Err(_) => return Ok(format!("the name in {} is not known here", config.portal_url)),
    };
    match tokio::net::TcpStream::connect(&*addresses).await {
        Ok(_) => Ok(format!("{} is open", config.portal_url)),
        Err(error) if addresses.iter().any(|a| a.ip().is_loopback()) => {
            Err(anyhow!("no gateway listens at {}: {error}", config.portal_url))
        }
        Err(_) => Ok(format!("{} can't be reached from here; try it from where users are", config.portal_url)),
    }
}

/// As the owner where there is one, else as records.
async fn operators_connection(config: &Config) -> Result<sqlx::PgConnection> {
    let url = if config.database_url.is_empty() { config.database_url("records") } else { &config.database_url };
    ensure!(!url.is_empty(), "PORTICO_DATABASE_URL is not set");
    Ok(sqlx::PgConnection::connect(url).await?)
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// `theirs` was read at some moment between `asked` and now.
fn clocks_agree(asked: Duration, theirs: Duration) -> Result<()> {
    let (early, late) = (asked.saturating_sub(CLOCKS), now() + CLOCKS);
    ensure!(
        (early..=late).contains(&theirs),
        "its clock is {} ms off ours: set both by NTP, tokens live a minute",
        theirs.abs_diff(now()).as_millis()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_that_differ_by_more_than_tokens_bear_are_told() {
        for (off, good) in [(0, true), (1500, true), (3000, false)] {
            let off = Duration::from_millis(off);
            assert_eq!(clocks_agree(now(), now() + off).is_ok(), good, "{off:?} ahead");
            assert_eq!(clocks_agree(now(), now() - off).is_ok(), good, "{off:?} behind");
        }
        let told = clocks_agree(now(), now() - Duration::from_secs(90)).unwrap_err().to_string();
        assert!(told.contains("90"), "{told}");
    }
}
