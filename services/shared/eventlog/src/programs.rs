//! Programs of other people that hear a log's events: each has one durable pull consumer on the log's stream, which
//! only we make. So a program chooses neither where messages go nor what it hears nor how much of the server it uses;
//! its NATS user can do no more than ask its own consumer for the next message and acknowledge.
//!
//! What was granted is kept in the log's schema. A stream that was lost or begun anew gets its consumers back with it.

use crate::{Log, LogError, bus, bus::bus_error};
use async_nats::jetstream::{
    Context,
    consumer::{AckPolicy, DeliverPolicy, pull},
    stream::{ConsumerErrorKind, Stream},
};
use kernel::Timestamp;
use std::time::Duration;

/// Requests for messages that a program may have open at once.
const OPEN_REQUESTS: i64 = 16;
/// Most messages that one request may ask for.
const BATCH: i64 = 256;

/// What a program may hear of one log, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Its name: of its consumer on the stream, and of its NATS user.
    pub name: String,
    /// Filters, each within one public aggregate: `portico.v1.records.tickets.>`.
    pub subjects: Vec<String>,
    /// Messages that may be delivered and not yet acknowledged. With one, the order is kept even when a message is
    /// delivered again.
    pub in_flight: i32,
    /// Seconds after which a message that was not acknowledged comes again.
    pub ack_seconds: i32,
}

/// Where a program stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Messages that it has still to fetch.
    pub pending: u64,
    /// Messages that it has fetched and not acknowledged.
    pub unacknowledged: usize,
    /// Everything up to this position is acknowledged.
    pub acknowledged: u64,
}

/// A grant as it is listed.
#[derive(Debug, Clone)]
pub struct Granted {
    /// The grant.
    pub program: Program,
    /// Since when.
    pub at: Timestamp,
    /// Where the program stands; `None` when the bus does not say, or has lost the consumer.
    pub progress: Option<Progress>,
}

/// Checks a name: 2 to 32 lower-case letters, digits and hyphens, a letter first.
///
/// # Errors
/// A sentence for people.
pub fn check_program_name(name: &str) -> Result<(), String> {
    let fits = (2..=32).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if fits {
        Ok(())
    } else {
        Err(format!("{name:?} is no name for a program: 2 to 32 of a-z, 0-9 and -, a letter first"))
    }
}

/// Checks a filter and answers the service whose events it chooses. It names one aggregate of one service: a wider one
/// would reach what is internal.
///
/// # Errors
/// A sentence for people.
pub fn service_of_subject<'a>(subject: &'a str, services: &[&str]) -> Result<&'a str, String> {
    let wrong = |why: &str| {
        Err(format!("{subject:?} {why}, such as portico.v1.records.tickets.> or portico.v1.identity.account.locked"))
    };
    let mut tokens = subject.split('.');
    let (Some("portico"), Some("v1"), Some(service), Some(aggregate)) =
        (tokens.next(), tokens.next(), tokens.next(), tokens.next())
    else {
        return wrong("does not begin with portico.v1.<service>.<aggregate>");
    };
    if !services.contains(&service) {
        return wrong("names no service with events");
    }
    let word = |t: &str| {
        !t.is_empty() && t.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-')
    };
    if !word(aggregate) || aggregate == "internal" {
        return wrong("must name one public aggregate (for records, the module)");
    }
    match (tokens.next(), tokens.next()) {
        (Some(event), None) if matches!(event, ">" | "*") || word(event) => Ok(service),
        _ => wrong("must end with an event or with >"),
    }
}

/// Grants a program what it may hear of a log, or changes that; it goes on where it stood. A new one begins with the
/// oldest event that the bus holds.
///
/// # Errors
/// When the database or the bus does not do it. It is safe to repeat.
pub async fn grant_program(log: &Log, jetstream: &Context, program: &Program) -> Result<(), LogError> {
    sqlx::query(
        "insert into program (name, subjects, in_flight, ack_seconds) values ($1, $2, $3, $4)
         on conflict (name) do update set subjects = excluded.subjects, in_flight = excluded.in_flight,
             ack_seconds = excluded.ack_seconds",
    )
    .bind(&program.name)
    .bind(&program.subjects)
    .bind(program.in_flight)
    .bind(program.ack_seconds)
    .execute(log.pool())
    .await?;
    let stream = jetstream.get_stream(bus::stream_name(log.service())).await.map_err(bus_error)?;
    ensure(&stream, program).await
}

/// Takes a program's grant away; answers whether there was one. From now on the program hears nothing.
///
/// # Errors
/// When the database or the bus does not do it. It is safe to repeat.
pub async fn revoke_program(log: &Log, jetstream: &Context, name: &str) -> Result<bool, LogError> {
    let stream = jetstream.get_stream(bus::stream_name(log.service())).await.map_err(bus_error)?;
    let on_bus = match stream.delete_consumer(name).await {
        Ok(_) => true,
        Err(e) if matches!(e.kind(), ConsumerErrorKind::JetStream(e) if e.code() == 404) => false,
        Err(e) => return Err(bus_error(e)),
    };
    let row = sqlx::query("delete from program where name = $1").bind(name).execute(log.pool()).await?;
    Ok(on_bus || row.rows_affected() > 0)
}

/// What was granted of a log, by name.
///
/// # Errors
/// When the database does not answer.
pub async fn programs(log: &Log) -> Result<Vec<(Program, Timestamp)>, LogError> {
    let rows: Vec<(String, Vec<String>, i32, i32, i64)> = sqlx::query_as(
        "select name, subjects, in_flight, ack_seconds, (extract(epoch from granted_at) * 1000000)::bigint
         from program order by name",
    )
    .fetch_all(log.pool())
    .await?;
    let program = |(name, subjects, in_flight, ack_seconds, at)| {
        (Program { name, subjects, in_flight, ack_seconds }, Timestamp::from_micros(at))
    };
    Ok(rows.into_iter().map(program).collect())
}

/// What was granted of a log and where each program stands.
///
/// # Errors
/// When the database does not answer.
pub async fn list_programs(log: &Log, jetstream: &Context) -> Result<Vec<Granted>, LogError> {
    let mut granted = Vec::new();
    for (program, at) in programs(log).await? {
        let info = async {
            let stream = jetstream.get_stream(bus::stream_name(log.service())).await.ok()?;
            stream.consumer_info(&program.name).await.ok()
        };
        let progress = info.await.map(|i| Progress {
            pending: i.num_pending,
            unacknowledged: i.num_ack_pending,
            acknowledged: i.ack_floor.stream_sequence,
        });
        granted.push(Granted { program, at, progress });
    }
    Ok(granted)
}

/// Gives every program its consumer, on a stream that may be new.
pub(crate) async fn ensure_all(log: &Log, jetstream: &Context) -> Result<(), LogError> {
    let all = programs(log).await?;
    if all.is_empty() {
        return Ok(());
    }
    let stream = jetstream.get_stream(bus::stream_name(log.service())).await.map_err(bus_error)?;
    for (program, _) in &all {
        ensure(&stream, program).await?;
    }
    Ok(())
}

/// Makes the consumer, or changes it to what was granted; an unchanged one stays as it is.
async fn ensure(stream: &Stream, program: &Program) -> Result<(), LogError> {
    let config = pull::Config {
        durable_name: Some(program.name.clone()),
        name: Some(program.name.clone()),
        description: Some("a program of others; made by portico events grant".into()),
        deliver_policy: DeliverPolicy::All,
        ack_policy: AckPolicy::Explicit,
        ack_wait: Duration::from_secs(u64::try_from(program.ack_seconds).unwrap_or(30)),
        // What fails again and again stays: nothing is lost because a program was broken for an hour.
        max_deliver: -1,
        filter_subjects: program.subjects.clone(),
        max_ack_pending: i64::from(program.in_flight),
        max_waiting: OPEN_REQUESTS,
        max_batch: BATCH,
        ..pull::Config::default()
    };
    stream.create_consumer(config).await.map(drop).map_err(bus_error)
}

#[cfg(test)]
mod tests;
