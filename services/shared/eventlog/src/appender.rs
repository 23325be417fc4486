//! The group-commit appender: one task and one connection per service process; each transaction takes all that waits.

use crate::{
    Append, LogError, Unwritten,
    append::Answer,
    batch::{Decided, Facts, SeenCommand, StreamHead, decide},
    shared::Shared,
};
use kernel::Timestamp;
use sqlx::{ConnectOptions, Connection, Executor, PgConnection, Row};
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::{mpsc, oneshot};
use tracing::{Instrument, debug, info_span, warn};
use uuid::Uuid;

const MAX_BATCH: usize = 256;
const MAX_BYTES: usize = 1024 * 1024;
/// How long a batch is tried on new connections before its commands are told that the database is away.
const GIVE_UP_AFTER: Duration = Duration::from_secs(5);

pub(crate) struct Pending {
    pub(crate) append: Append,
    pub(crate) deadline: Instant,
    pub(crate) answer: oneshot::Sender<Answer>,
    pub(crate) span: tracing::Span,
}

/// Runs until the last [`crate::Log`] handle is gone.
pub(crate) async fn run(shared: Arc<Shared>, mut queue: mpsc::Receiver<Pending>) {
    let mut appender = Appender { shared, connection: None, types: HashMap::new() };
    let mut last_size = 1;
    let mut last_commit = Duration::ZERO;
    while let Some(first) = queue.recv().await {
        let mut bytes = first.append.weight();
        let mut batch = vec![first];
        fill(&mut queue, &mut batch, &mut bytes);
        // Waiting a little fills the batch when others are about to come; a lone writer never waits.
        if last_size > 1 && batch.len() < last_size {
            let until = tokio::time::Instant::now() + (last_commit / 4).min(Duration::from_millis(1));
            while batch.len() < last_size.min(MAX_BATCH) && bytes < MAX_BYTES {
                match tokio::time::timeout_at(until, queue.recv()).await {
                    Ok(Some(next)) => {
                        bytes += next.append.weight();
                        batch.push(next);
                        fill(&mut queue, &mut batch, &mut bytes);
                    }
                    _ => break,
                }
            }
        }
        let now = Instant::now();
        batch.retain(|p| p.deadline > now && !p.answer.is_closed());
        if batch.is_empty() {
            continue;
        }
        last_size = batch.len();
        let started = Instant::now();
        appender.run_batch(batch).await;
        last_commit = started.elapsed();
    }
}

fn fill(queue: &mut mpsc::Receiver<Pending>, batch: &mut Vec<Pending>, bytes: &mut usize) {
    while batch.len() < MAX_BATCH && *bytes < MAX_BYTES {
        match queue.try_recv() {
            Ok(next) => {
                *bytes += next.append.weight();
                batch.push(next);
            }
            Err(_) => break,
        }
    }
}

struct Appender {
    shared: Arc<Shared>,
    connection: Option<PgConnection>,
    types: HashMap<String, i16>,
}

impl Appender {
    /// Commits a batch, on new connections if need be; bisects one that fails for a reason nobody expected.
    async fn run_batch(&mut self, batch: Vec<Pending>) {
        let started = Instant::now();
        let mut pause = Duration::from_millis(20);
        loop {
            let appends: Vec<&Append> = batch.iter().map(|p| &p.append).collect();
            let span = info_span!(
                parent: &batch[0].span,
                "INSERT events",
                otel.kind = "client",
                db.system.name = "postgresql",
                db.operation.name = "INSERT",
                db.collection.name = "event",
                portico.batch.size = batch.len(),
            );
            let result = self.attempt(&appends).instrument(span).await;
            match result {
                Ok(decided) => {
                    self.shared.committed(&decided);
                    for (pending, answer) in batch.into_iter().zip(decided.answers) {
                        // A caller that went away needs no answer; its append stands.
                        let _ = pending.answer.send(answer);
                    }
                    return;
                }
                Err(Unwritten::Database(error)) if LogError::is_connection(&error) => {
                    self.connection = None;
                    if started.elapsed() + pause > GIVE_UP_AFTER {
                        warn!(event = "log.unavailable", error = %error, "the database is away; commands are refused");
                        for pending in batch {
                            let away = LogError::Unavailable(sqlx::Error::PoolTimedOut);
                            let _ = pending.answer.send(Err(away));
                        }
                        return;
                    }
                    debug!(error = %error, "append is tried again on a new connection");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_millis(500));
                }
                Err(why) => {
                    self.bisect(batch, why).await;
                    return;
                }
            }
        }
    }

    /// A poison command hurts only itself.
    async fn bisect(&mut self, mut batch: Vec<Pending>, why: Unwritten) {
        if batch.len() == 1 {
            let error = match why {
                Unwritten::Refused(word) => LogError::SideRefused(word),
                Unwritten::Database(error) => {
                    warn!(event = "log.command_failed", error = %error, "a command failed in the database");
                    LogError::Database(error)
                }
            };
            if let Some(pending) = batch.pop() {
                let _ = pending.answer.send(Err(error));
            }
            return;
        }
        let back = batch.split_off(batch.len() / 2);
        Box::pin(self.run_batch(batch)).await;
        Box::pin(self.run_batch(back)).await;
    }

    async fn attempt(&mut self, appends: &[&Append]) -> Result<Decided, Unwritten> {
        let mut connection = match self.connection.take() {
            Some(c) => c,
            None => connect(&self.shared).await?,
        };
        match self.transact(&mut connection, appends).await {
            Ok(decided) => {
                self.connection = Some(connection);
                Ok(decided)
            }
            Err(why) => {
                // Numbers of types that were given in the aborted transaction are void.
                self.types.clear();
                // A refusal is no fault of the connection; the transaction is rolled back before its next use.
                if matches!(why, Unwritten::Refused(_)) {
                    self.connection = Some(connection);
                }
                Err(why)
            }
        }
    }

    async fn transact(&mut self, connection: &mut PgConnection, appends: &[&Append]) -> Result<Decided, Unwritten> {
        let mut tx = connection.begin().await?;
        let facts = if self.shared.options.without_head_lock {
            read_without_lock(&mut tx, appends).await?
        } else {
            lock_and_read(&mut tx, appends).await?
        };
        let now = self.shared.now();
        let head = facts.head;
        let decided = decide(facts, appends, now);
        if decided.writes_log() {
            self.number_types(&mut tx, &decided).await?;
            self.write(&mut tx, head, now, &decided).await?;
        }
        if !decided.rows.is_empty() {
            let recorded: Vec<_> = decided.rows.iter().map(|r| r.recorded.clone()).collect();
            for projection in &self.shared.projections {
                projection.apply(&recorded, &mut tx).await?;
            }
        }
        for (append, answer) in appends.iter().zip(&decided.answers) {
            if let Ok(appended) = answer
                && !appended.replayed
            {
                for side in &append.side_writes {
                    side.write(appended, &mut tx).await?;
                }
            }
        }
        if let Some(stall) = &self.shared.options.stall_before_commit {
            stall().await;
        }
        tx.commit().await?;
        Ok(decided)
    }

    /// Gives numbers to types that this process meets for the first time.
    async fn number_types(&mut self, tx: &mut PgConnection, decided: &Decided) -> Result<(), sqlx::Error> {
        let names: BTreeSet<&str> = decided.rows.iter().map(|r| &*r.recorded.stored_type).collect();
        let unknown: Vec<String> =
            names.into_iter().filter(|n| !self.types.contains_key(*n)).map(str::to_owned).collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let rows: Vec<(i16, String)> =
            sqlx::query_as("select id, name from type_ids($1)").bind(&unknown).fetch_all(&mut *tx).await?;
        self.types.extend(rows.into_iter().map(|(id, name)| (name, id)));
        Ok(())
    }

    async fn write(
        &mut self,
        tx: &mut PgConnection,
        head: i64,
        now: Timestamp,
        decided: &Decided,
    ) -> Result<(), sqlx::Error> {
        let rows = &decided.rows;
        let (streams, heads): (Vec<Uuid>, Vec<&StreamHead>) = decided.streams.iter().map(|(id, h)| (*id, h)).unzip();
        let taken: Vec<_> = decided.claims.iter().filter_map(|(k, h)| h.map(|h| (k, h))).collect();
        let released: Vec<_> = decided.claims.iter().filter(|(_, h)| h.is_none()).map(|(k, _)| k).collect();
        sqlx::query(
            "select write_batch($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
                                $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40)",
        )
        .bind(now.micros())
        .bind(head)
        .bind(rows.iter().map(|r| r.recorded.stream).collect::<Vec<_>>())
        .bind(rows.iter().map(|r| r.recorded.version).collect::<Vec<_>>())
        .bind(rows.iter().map(|r| r.recorded.event_id).collect::<Vec<_>>())
        .bind(rows.iter().map(|r| self.types.get(&*r.recorded.stored_type).copied().unwrap_or(-1)).collect::<Vec<_>>())
        .bind(rows.iter().map(|r| r.recorded.actor_id).collect::<Vec<_>>())
        .bind(rows.iter().map(|r| r.recorded.actor_kind.number()).collect::<Vec<_>>())
        .bind(rows.iter().map(|r| r.recorded.on_behalf_of).collect::<Vec<_>>())
        .bind(rows.iter().map(|r| r.recorded.channel as i16).collect::<Vec<_>>())
        .bind(rows.iter().map(|r| r.recorded.session).collect::<Vec<_>>())
        .bind(rows.iter().map(|r| r.recorded.command_id).collect::<Vec<_>>())
        .bind(rows.iter().map(|r| r.recorded.correlation_id).collect::<Vec<_>>())
        .bind(rows.iter().map(|r| r.recorded.causation_id).collect::<Vec<_>>())
        .bind(rows.iter().map(|r| r.recorded.traceparent.clone()).collect::<Vec<_>>())
        .bind(rows.iter().map(|r| r.stored.as_slice()).collect::<Vec<_>>())
        .bind(rows.iter().map(|r| r.key_id).collect::<Vec<_>>())
        .bind(rows.iter().map(|r| r.recorded.prev_hash.as_slice()).collect::<Vec<_>>())
        .bind(rows.iter().map(|r| r.recorded.hash.as_slice()).collect::<Vec<_>>())
        .bind(streams)
        .bind(heads.iter().map(|h| h.category).collect::<Vec<_>>())
        .bind(heads.iter().map(|h| h.version).collect::<Vec<_>>())
        .bind(heads.iter().map(|h| h.first).collect::<Vec<_>>())
        .bind(heads.iter().map(|h| h.last).collect::<Vec<_>>())
        .bind(heads.iter().map(|h| h.hash.as_slice()).collect::<Vec<_>>())
        .bind(decided.commands.iter().map(|(id, _)| *id).collect::<Vec<_>>())
        .bind(decided.commands.iter().map(|(_, c)| c.request_hash.as_slice()).collect::<Vec<_>>())
        .bind(decided.commands.iter().map(|(_, c)| c.first).collect::<Vec<_>>())
        .bind(decided.commands.iter().map(|(_, c)| c.last).collect::<Vec<_>>())
        .bind(decided.commands.iter().map(|(_, c)| c.result.as_slice()).collect::<Vec<_>>())
        .bind(taken.iter().map(|((s, _), _)| s.as_str()).collect::<Vec<_>>())
        .bind(taken.iter().map(|((_, k), _)| k.as_slice()).collect::<Vec<_>>())
        .bind(taken.iter().map(|(_, h)| *h).collect::<Vec<_>>())
        .bind(released.iter().map(|(s, _)| s.as_str()).collect::<Vec<_>>())
        .bind(released.iter().map(|(_, k)| k.as_slice()).collect::<Vec<_>>())
        .bind(decided.counters.keys().map(String::as_str).collect::<Vec<_>>())
        .bind(decided.counters.values().copied().collect::<Vec<_>>())
        .bind(decided.inbox.keys().map(String::as_str).collect::<Vec<_>>())
        .bind(decided.inbox.values().map(|(e, _)| *e).collect::<Vec<_>>())
        .bind(decided.inbox.values().map(|(_, p)| *p).collect::<Vec<_>>())
        .execute(&mut *tx)
        .await?;
        Ok(())
    }
}

/// A connection with limits under which a frozen process can't hold the head for long. What an append reads it finds by
/// keys, in any number of rows: plans are made once, maybe while a table is empty (each month's commands begin so), and
/// a plan that reads the table as a whole would be kept until somebody analyses it, under the head lock.
async fn connect(shared: &Shared) -> Result<PgConnection, sqlx::Error> {
    let options = shared.pool.connect_options().as_ref().clone();
    let connect = async {
        let mut connection = options.connect().await?;
        connection
            .execute(
                "set lock_timeout = '4s'; set idle_in_transaction_session_timeout = '2s';
                 set statement_timeout = '5s';
                 set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off;
                 select set_config('transaction_timeout', '5s', false)
                 where current_setting('server_version_num')::int >= 170000",
            )
            .await?;
        Ok::<_, sqlx::Error>(connection)
    };
    match tokio::time::timeout(Duration::from_secs(2), connect).await {
        Ok(Ok(connection)) => Ok(connection),
        // Whatever it says to who knocks, the command is not the trouble.
        Ok(Err(error)) => Err(sqlx::Error::Io(std::io::Error::other(error))),
        Err(_) => Err(sqlx::Error::PoolTimedOut),
    }
}

async fn lock_and_read(tx: &mut PgConnection, appends: &[&Append]) -> Result<Facts, sqlx::Error> {
    let wanted = Wanted::of(appends);
    let rows = sqlx::query("select kind, ord, n1, n2, id, b1, b2 from lock_and_read($1, $2, $3, $4, $5, $6)")
        .bind(&wanted.streams)
        .bind(&wanted.commands)
        .bind(wanted.claims.iter().map(|(s, _)| s.as_str()).collect::<Vec<_>>())
        .bind(wanted.claims.iter().map(|(_, k)| k.as_slice()).collect::<Vec<_>>())
        .bind(&wanted.counters)
        .bind(&wanted.sources)
        .fetch_all(tx)
        .await?;
    let mut facts = Facts::default();
    for row in rows {
        let ord = usize::try_from(row.try_get::<i32, _>(1)?.max(1) - 1).unwrap_or_default();
        match row.try_get::<i16, _>(0)? {
            0 => facts.head = row.try_get(2)?,
            1 => {
                let head = StreamHead {
                    category: 0,
                    version: row.try_get(2)?,
                    first: 0,
                    last: row.try_get(3)?,
                    hash: row.try_get(5)?,
                };
                facts.streams.insert(wanted.streams[ord], head);
            }
            2 => {
                let seen = SeenCommand {
                    request_hash: row.try_get(5)?,
                    first: row.try_get(2)?,
                    last: row.try_get(3)?,
                    result: row.try_get(6)?,
                };
                facts.commands.insert(wanted.commands[ord], seen);
            }
            3 => drop(facts.claims.insert(wanted.claims[ord].clone(), row.try_get(4)?)),
            4 => drop(facts.counters.insert(wanted.counters[ord].clone(), row.try_get(2)?)),
            _ => {
                let epoch = i32::try_from(row.try_get::<i64, _>(3)?).unwrap_or(1);
                facts.inbox.insert(wanted.sources[ord].clone(), (epoch, row.try_get(2)?));
            }
        }
    }
    Ok(facts)
}

/// What the fault tests use to show that the head lock is what keeps the log right: everything but the lock.
async fn read_without_lock(tx: &mut PgConnection, appends: &[&Append]) -> Result<Facts, sqlx::Error> {
    let head: i64 = sqlx::query_scalar("select pos from head").fetch_one(&mut *tx).await?;
    let mut facts = Facts { head, ..Facts::default() };
    for stream in Wanted::of(appends).streams {
        let row: Option<(i64, i64, Vec<u8>)> =
            sqlx::query_as("select version, last_pos, hash from stream where stream_id = $1")
                .bind(stream)
                .fetch_optional(&mut *tx)
                .await?;
        if let Some((version, last, hash)) = row {
            facts.streams.insert(stream, StreamHead { category: 0, version, first: 0, last, hash });
        }
    }
    Ok(facts)
}

/// Everything that a batch has to know, each thing once.
struct Wanted {
    streams: Vec<Uuid>,
    commands: Vec<Uuid>,
    claims: Vec<(String, Vec<u8>)>,
    counters: Vec<String>,
    sources: Vec<String>,
}

impl Wanted {
    fn of(appends: &[&Append]) -> Wanted {
        let streams: BTreeSet<Uuid> = appends.iter().flat_map(|a| a.streams.iter().map(|s| s.stream.id)).collect();
        let commands: BTreeSet<Uuid> = appends.iter().filter(|a| a.meta.remember).map(|a| a.meta.command_id).collect();
        let claims: BTreeSet<(String, Vec<u8>)> = appends
            .iter()
            .flat_map(|a| a.claims.iter().map(|c| (c.place().0.to_owned(), c.place().1.to_vec())))
            .collect();
        let counters: BTreeSet<String> =
            appends.iter().flat_map(|a| a.counters.iter().map(|(name, _)| name.clone())).collect();
        let sources: BTreeSet<String> =
            appends.iter().filter_map(|a| a.inbox.as_ref().map(|i| i.source.clone())).collect();
        Wanted {
            streams: streams.into_iter().collect(),
            commands: commands.into_iter().collect(),
            claims: claims.into_iter().collect(),
            counters: counters.into_iter().collect(),
            sources: sources.into_iter().collect(),
        }
    }
}
