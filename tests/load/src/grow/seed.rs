//! Fills a log with millions of events by SQL, and the read model with the tickets that they are about.

use crate::{deliver::connect, ground::Ground, list::fill, site::Site, tell};
use anyhow::{Context, Result, ensure};
use async_nats::jetstream;
use eventlog::{LogOptions, StreamId};
use kit::{Browser, Database, Nats};
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::{collections::HashMap, fmt::Write};
use uuid::Uuid;

/// Events of a ticket.
pub(super) const EVENTS: i64 = 10;
/// Tickets whose events lie mixed among each other: a block of positions.
const MIXED: i64 = 1_000;
const BLOCK: i64 = MIXED * EVENTS;
/// Blocks that one statement writes.
const AT_ONCE: i64 = 50;
/// What the comments say.
pub(super) const MESSAGE: &str = "Since Monday the VPN disconnects about every ten minutes";

/// The id of the ticket with a number.
pub(super) fn ticket(number: i64) -> Uuid {
    kernel::derived_id("grow", &number.to_be_bytes())
}

/// What has been seeded.
pub(super) struct Seeded {
    /// The log's last position.
    pub(super) head: i64,
    /// Tickets, with numbers from 1.
    pub(super) tickets: i64,
    /// Versions of tickets that were changed since.
    pub(super) versions: HashMap<i64, i64>,
}

impl Seeded {
    /// The path of a ticket's page in the console.
    pub(super) fn page(&self, number: i64) -> String {
        format!("/console/modules/tickets/{}", ticket(number))
    }
}

/// A ticket with a conversation and changes of its status, made by the real commands; answers its id.
pub(super) async fn model_ticket(site: &Site) -> Result<Uuid> {
    let (mut emma, mut agent) = (site.sign_in("emma@acme.test").await?, site.sign_in("admin@demo.test").await?);
    let fields = json!({"title": "VPN drops every ten minutes"});
    let made = emma.post("/modules/tickets/records", json!({"fields": fields})).await?.expect(201)?.json();
    let id = made["id"].as_str().context("the new ticket has an id")?.to_owned();
    let path = format!("/modules/tickets/records/{id}");
    for status in ["in_progress", "open", "in_progress"] {
        comment(&mut emma, &path).await?;
        let change = json!({"fields": {"status": status}});
        agent.call_with("PATCH", &path, &[("if-match", "*")], Some(change)).await?.expect(200)?;
        comment(&mut agent, &path).await?;
    }
    Ok(Uuid::try_parse(&id)?)
}

async fn comment(author: &mut Browser, path: &str) -> Result<()> {
    author.post(&format!("{path}/comments"), json!({"body": MESSAGE})).await?.expect(201)?;
    Ok(())
}

/// What is copied: the first events of a real ticket, and the stream that the relay has made.
pub(super) struct Model {
    stream: jetstream::stream::Config,
}

impl Model {
    /// Puts the ticket's events aside in its database, each cut in two where the ticket's id stands.
    pub(super) async fn read(ground: &Ground, site: &Site, ticket: Uuid) -> Result<Model> {
        let database = Database::on(&ground.postgres, &site.name);
        let log = database.log("records", Vec::new(), LogOptions::default())?;
        let events = log.load(StreamId::new("record", ticket)).await?;
        log.pool().close().await;
        ensure!(events.len() >= usize::try_from(EVENTS)?, "the model has {} events", events.len());
        let mut owner = ground.owner(&site.name).await?;
        let table = "create schema grow;
             create table grow.model (j bigint primary key, before bytea not null, behind bytea not null,
                 like records_log.event)";
        run(&mut owner, table).await?;
        for (j, event) in events.iter().take(usize::try_from(EVENTS)?).enumerate() {
            let id = ticket.to_string();
            let at = event.payload.windows(id.len()).position(|w| w == id.as_bytes());
            let at = at.with_context(|| format!("{} does not name its record", event.stored_type))?;
            sqlx::query("insert into grow.model select $1, $2, $3, e.* from records_log.event e where e.pos = $4")
                .bind(i64::try_from(j)?)
                .bind(&event.payload[..at])
                .bind(&event.payload[at + id.len()..])
                .bind(event.position)
                .execute(&mut owner)
                .await?;
        }
        run(&mut owner, &format!("create table grow.ticket as select '{ticket}'::uuid as id")).await?;
        owner.close().await?;
        let mut stream = jetstream::new(connect(&site.nats, "operator").await?).get_stream("PORTICO_RECORDS").await?;
        Ok(Model { stream: stream.info().await?.config.clone() })
    }

    /// Makes the stream of records on a bus as the relay would, but beginning at a position: as if all before had been
    /// published, and had grown too old.
    pub(super) async fn stream_from(&self, nats: &Nats, position: i64) -> Result<()> {
        let config =
            jetstream::stream::Config { first_sequence: Some(u64::try_from(position)?), ..self.stream.clone() };
        jetstream::new(connect(nats, "operator").await?).create_stream(config).await?;
        Ok(())
    }
}

/// Fills the log of records up to about so many events, and the read model.
pub(super) async fn fill(ground: &Ground, database: &str, events: i64) -> Result<Seeded> {
    let mut owner = ground.owner(database).await?;
    // Foreign keys and triggers are not asked for rows that are right by construction.
    let settings = "set search_path = records, records_log; set synchronous_commit = off; set jit = off;
                    set session_replication_role = replica";
    run(&mut owner, settings).await?;
    let first: i64 = sqlx::query_scalar("select pos from head").fetch_one(&mut owner).await?;
    let blocks = (events - first) / BLOCK;
    ensure!(blocks > 0, "{events} events are fewer than a block of {BLOCK}");
    let (tickets, head) = (blocks * MIXED, first + blocks * BLOCK);
    ids(&mut owner, tickets).await.context("ids")?;
    for partition in 0..=head / 10_000_000 + 1 {
        run(&mut owner, &format!("select add_event_partition({partition})")).await?;
    }
    let indexes = indexes(&mut owner).await?;
    for (name, _) in &indexes {
        run(&mut owner, &format!("drop index {name}")).await?;
    }
    for block in (0..blocks).step_by(usize::try_from(AT_ONCE)?) {
        let until = blocks.min(block + AT_ONCE);
        run(&mut owner, &rows(first, block, until, blocks)).await.context("events")?;
        if block % (AT_ONCE * 4) == 0 {
            // The WAL is given back as it comes: it counts to what this takes of the disk.
            ground.checkpoint().await?;
            tell(format!("grow: {} of {blocks} blocks", until));
        }
    }
    for (_, definition) in &indexes {
        run(&mut owner, definition).await?;
    }
    for (what, sql) in [("streams", streams(first)), ("comments", comments()), ("standing", standing(head, tickets))] {
        run(&mut owner, &sql).await.context(what)?;
        ground.checkpoint().await?;
    }
    let given =
        [("id", "(select s.id from grow.seed s where s.n = g.number)".to_owned()), ("version", EVENTS.to_string())];
    fill::fill(ground, database, tickets, &given).await?;
    run(&mut owner, "drop schema grow cascade").await?;
    for table in ["records_log.event", "records_log.stream", "records_log.command", "records.comments_v1"] {
        run(&mut owner, &format!("vacuum (freeze, analyze) {table}")).await?;
    }
    ground.checkpoint().await?;
    check(&mut owner, head, tickets).await?;
    owner.close().await?;
    Ok(Seeded { head, tickets, versions: HashMap::new() })
}

async fn run(owner: &mut PgConnection, statements: &str) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).execute(owner).await?;
    Ok(())
}

/// The ids of tickets and of their streams, which SQL can't derive.
async fn ids(owner: &mut PgConnection, tickets: i64) -> Result<()> {
    run(owner, "create unlogged table grow.seed (n bigint primary key, id uuid not null, stream uuid not null)")
        .await?;
    let mut copy = owner.copy_in_raw("copy grow.seed from stdin").await?;
    let mut lines = String::new();
    for n in 1..=tickets {
        let id = ticket(n);
        writeln!(lines, "{n}\t{id}\t{}", StreamId::new("record", id).id)?;
        if lines.len() > 1 << 20 || n == tickets {
            copy.send(std::mem::take(&mut lines).into_bytes()).await?;
        }
    }
    copy.finish().await?;
    run(owner, "analyze grow.seed").await
}

/// The indexes by stream of the log's partitions and the one of comments, which are made again behind the rows.
async fn indexes(owner: &mut PgConnection) -> Result<Vec<(String, String)>> {
    let found = sqlx::query_as(
        "select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) from pg_index i
         where (i.indrelid in (select inhrelid from pg_inherits where inhparent = 'event'::regclass)
                or i.indrelid = 'comments_v1'::regclass)
           and not exists (select from pg_constraint c where c.conindid = i.indexrelid)",
    );
    Ok(found.fetch_all(owner).await?)
}

/// The events of some blocks, and the commands of the last month's: a twelfth of all.
///
/// Within a block the first events of all its tickets come first, then their second ones, and so on, each time in another
/// order: the place `o` of a block holds the event `o / 1000` of the ticket `(o % 1000 * 7 + o / 1000 * 13) % 1000`.
fn rows(first: i64, from: i64, until: i64, blocks: i64) -> String {
    let remembered = blocks - blocks / 12;
    format!(
        "with made as (
             insert into event (pos, stream_id, stream_version, event_id, type_id, recorded_at, actor_id, actor_kind,
                                on_behalf_of, channel, session_id, command_id, correlation_id, causation_id, traceparent,
                                payload, key_id, prev_hash, hash)
             select {first} + 1 + p.n, s.stream, m.j + 1, gen_random_uuid(), m.type_id,
                    now() - interval '1 year' * (1 - (p.n + 1)::float8 / {}), m.actor_id, m.actor_kind, m.on_behalf_of,
                    m.channel, m.session_id, md5('command' || p.n)::uuid, md5('command' || p.n)::uuid, m.causation_id,
                    m.traceparent, '\\x00'::bytea || m.before || convert_to(s.id::text, 'UTF8') || m.behind, null,
                    case when m.j = 0 then decode(repeat('00', 32), 'hex') else sha256(uuid_send(s.stream) || int8send(m.j)) end,
                    sha256(uuid_send(s.stream) || int8send(m.j + 1))
             from generate_series({} , {} - 1) p(n)
             join grow.model m on m.j = p.n % {BLOCK} / {MIXED}
             join grow.seed s on s.n = p.n / {BLOCK} * {MIXED} + (p.n % {MIXED} * 7 + m.j * 13) % {MIXED} + 1
             order by p.n
             returning pos, command_id)
         insert into command (command_id, request_hash, first_pos, last_pos, result, at)
         select command_id, sha256(uuid_send(command_id)), pos, pos, uuid_send(command_id), now() from made
         where {from} >= {remembered}",
        blocks * BLOCK,
        from * BLOCK,
        until * BLOCK,
    )
}

/// The heads of the streams, as the events' order leaves them.
fn streams(first: i64) -> String {
    // 143 undoes 7 modulo 1000.
    let place = |j: i64| {
        format!(
            "{first} + 1 + (s.n - 1) / {MIXED} * {BLOCK} + {j} * {MIXED}
             + (((s.n - 1) % {MIXED} - {j} * 13) % {MIXED} + {MIXED}) % {MIXED} * 143 % {MIXED}"
        )
    };
    let last = EVENTS - 1;
    format!(
        "insert into stream (stream_id, category, version, first_pos, last_pos, hash)
         select s.stream, {}, {EVENTS}, {}, {}, sha256(uuid_send(s.stream) || int8send({EVENTS}::bigint)) from grow.seed s",
        StreamId::new("record", Uuid::nil()).category,
        place(0),
        place(last),
    )
}

/// Each ticket has the comments of the model that are among the copied events.
fn comments() -> String {
    format!(
        "insert into comments_v1 (id, record, version, internal, author, author_kind, on_behalf_of, at, body, redacted)
         select md5(c.id::text || s.n)::uuid, s.id, c.version, c.internal, c.author, c.author_kind, c.on_behalf_of, c.at,
                c.body, c.redacted
         from grow.seed s cross join comments_v1 c
         where c.record = (select id from grow.ticket) and c.version <= {EVENTS}"
    )
}

/// Where everybody stands when the events have happened: the log, the relay, the consumers, the numbers.
fn standing(head: i64, tickets: i64) -> String {
    let mut sql = format!(
        "update head set pos = {head}; update published set pos = {head}, at = now(); select maintain();
         update counter set value = {tickets} where name = 'record_number.tickets';"
    );
    for service in ["identity", "permissions", "notification"] {
        sql.push_str(&format!("update {service}_log.inbox set pos = {head} where source like 'records/%';"));
    }
    sql
}

/// That the log is one: dense, and with the streams and the tickets that it should have.
async fn check(owner: &mut PgConnection, head: i64, tickets: i64) -> Result<()> {
    let (count, last): (i64, i64) =
        sqlx::query_as("select count(*), max(pos) from event").fetch_one(&mut *owner).await?;
    ensure!(count == head && last == head, "{count} events up to {last} instead of {head}");
    let wrong: i64 = sqlx::query_scalar(
        "select count(*) from (select * from stream where version = $1 order by hash limit 1000) s
         where (select array_agg(e.stream_version order by e.pos) from event e where e.stream_id = s.stream_id)
               is distinct from (select array_agg(v) from generate_series(1, s.version) v)
            or (select min(e.pos) from event e where e.stream_id = s.stream_id) <> s.first_pos
            or (select e.hash from event e where e.pos = s.last_pos) <> s.hash",
    )
    .bind(EVENTS)
    .fetch_one(&mut *owner)
    .await?;
    ensure!(wrong == 0, "{wrong} of a thousand streams are not as their events are");
    let sql = "select number from records.modules_v1 where name = 'tickets'";
    let module: i16 = sqlx::query_scalar(sql).fetch_one(&mut *owner).await?;
    let sql = format!("select count(*) from records.m{module}_v1 where version = {EVENTS}");
    let rows: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut *owner).await?;
    ensure!(rows == tickets, "{rows} tickets instead of {tickets}");
    Ok(())
}
