//! `create`: a portal user opens tickets over HTTP, beside the same rows written by pgbench.

use crate::{
    ground::{Ground, copied},
    pgbench::Script,
    report::{Figure, Goal, Report, median},
    site::Site,
    spread::Spread,
    tell,
    usage::{Cpu, pss_megabytes},
    work::{Ended, Outcome, by_turns, closed_loop, ended, paced, warm_up},
};
use anyhow::{Context, Result, ensure};
use kit::Browser;
use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::{collections::HashMap, time::Duration};

const DATABASE: &str = "load_create";
const CLIENTS: [usize; 3] = [1, 8, 32];
/// Whose CPU and p99 are in the table.
const FEW: usize = 8;
const MANY: usize = 32;
/// Of the highest rate, when it is asked how far consumers are behind.
const SHARE: f64 = 0.8;
const DESCRIPTION: &str = "Since Monday the VPN disconnects about every ten minutes.\n\n- Windows 11\n- client 5.3";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Side {
    Ours(usize),
    Anchor(usize),
}

struct Done {
    outcome: Outcome,
    /// Milliseconds per operation, with all that follows from it in other services.
    cpu: Cpu,
}

/// Runs the benchmark.
pub(crate) async fn run(ground: &Ground, report: &mut Report) -> Result<()> {
    let mut site = Site::new(ground, DATABASE).await?;
    site.serve().await?;
    tell("create: demo data");
    site.load_demo().await?;
    let mut users = Vec::new();
    for login in ["emma@acme.test", "marco@acme.test", "nina@globex.test"] {
        users.push(site.sign_in(login).await?);
    }
    let many: Vec<Browser> = users.iter().cycle().take(MANY).cloned().collect();
    warm_up(&many, open_ticket).await?;
    site.settle(ground).await;
    let (script, events) = anchor(ground).await.context("the anchor's tables")?;
    let sides: Vec<Side> = CLIENTS.iter().flat_map(|c| [Side::Anchor(*c), Side::Ours(*c)]).collect();
    let mut done: HashMap<Side, Vec<Done>> = HashMap::new();
    for round in 0..ground.effort.rounds {
        for side in by_turns(&sides, round) {
            let one = measure(ground, &site, &users, &script, side).await.with_context(|| format!("{side:?}"))?;
            tell(format!("create: round {}, {side:?}: {:.0}/s", round + 1, one.outcome.rate()));
            done.entry(side).or_default().push(one);
        }
    }
    add_figures(report, &done, events);
    let highest = CLIENTS.map(|clients| {
        let rates: Vec<f64> = done.get(&Side::Ours(clients)).into_iter().flatten().map(|d| d.outcome.rate()).collect();
        Spread::of(&rates).median
    });
    let rate = SHARE * highest.into_iter().fold(0.0, f64::max);
    let (mut lags, mut p99) = (Vec::new(), Vec::new());
    for round in 0..ground.effort.rounds {
        let behind = lag(ground, &site, &many, rate).await.context("the lag of consumers")?;
        tell(format!("create: round {}, {rate:.0}/s: {:.0} ms behind", round + 1, behind.0));
        lags.push(behind.0);
        p99.push(behind.1.percentile(99.0));
    }
    let at = format!("at 80 % of the highest rate ({rate:.0}/s)");
    let name = format!("ticket → delivery queued, p99, {at}");
    report.add(Figure::new("create", name, "ms", lags).goal(Goal::AtMost(300.0)));
    report.add(Figure::new("create", format!("p99 of a creation, {at}, from when it was due"), "ms", p99));
    let pid = site.pid().context("portico runs")?;
    report.add(Figure::new("create", "memory of portico at the end, PSS", "MB", vec![pss_megabytes(pid)?]));
    site.stop().await
}

async fn measure(ground: &Ground, site: &Site, users: &[Browser], script: &Script, side: Side) -> Result<Done> {
    ground.checkpoint().await?;
    let seconds = ground.effort.seconds;
    let before = site.cpu(ground);
    let outcome = match side {
        Side::Anchor(clients) => ground.pgbench(DATABASE, script, clients, seconds).await?,
        Side::Ours(clients) => {
            let clients: Vec<Browser> = users.iter().cycle().take(clients).cloned().collect();
            let outcome = closed_loop(clients, Duration::from_secs(seconds), open_ticket).await?;
            site.settle(ground).await;
            outcome
        }
    };
    let cpu = (site.cpu(ground) - before).per(outcome.operations());
    Ok(Done { outcome, cpu })
}

/// How far notification is behind records while tickets come at a rate: the 99th percentile of the milliseconds from an
/// event to the event that it caused, each by the clock of the batch that wrote it.
async fn lag(ground: &Ground, site: &Site, users: &[Browser], rate: f64) -> Result<(f64, Outcome)> {
    ground.checkpoint().await?;
    let mut owner = ground.owner(DATABASE).await?;
    let from: i64 = sqlx::query_scalar("select max(pos) from records_log.event").fetch_one(&mut owner).await?;
    let outcome = paced(users.to_vec(), rate, Duration::from_secs(ground.effort.seconds), open_ticket).await?;
    site.settle(ground).await;
    let (caused, behind): (i64, Option<f64>) = sqlx::query_as(
        "select count(*), percentile_cont(0.99) within group (order by extract(epoch from n.recorded_at - r.recorded_at))
         from records_log.event r join notification_log.event n on n.causation_id = r.event_id where r.pos > $1",
    )
    .bind(from)
    .fetch_one(&mut owner)
    .await?;
    ensure!(caused > 0 && outcome.operations() > 0.0, "nothing followed from {} tickets", outcome.operations());
    Ok((behind.unwrap_or_default() * 1_000.0, outcome))
}

async fn open_ticket(user: &mut Browser) -> Result<Ended> {
    let fields = json!({"title": "VPN drops every ten minutes", "description": DESCRIPTION});
    ended(user.post("/modules/tickets/records", json!({"fields": fields})).await?, 201)
}

/// Tables like those that a creation writes to, and a script that writes a copy of a real creation's rows to them; and how
/// many events a creation has.
///
/// The script has neither the lock on the log's head nor the counter of record numbers, which would make its commits
/// serial: it is what Postgres could do with these rows at best.
async fn anchor(ground: &Ground) -> Result<(Script, i64)> {
    let mut owner = ground.owner(DATABASE).await?;
    let module: i16 = sqlx::query_scalar("select number from records.modules_v1 where name = 'tickets'")
        .fetch_one(&mut owner)
        .await?;
    let tables = format!(
        "create schema bench;
         create sequence bench.pos;
         create table bench.event (like records_log.event including all);
         create index on bench.event (stream_id, stream_version);
         create table bench.stream (like records_log.stream including all) with (fillfactor = 80);
         create table bench.command (like records_log.command including all);
         create table bench.record (like records.m{module}_v1 including all) with (fillfactor = 90);
         create table bench.text (like records.m{module}_text_v1 including all);
         create table bench.one_record as select * from records.m{module}_v1 order by number desc limit 1;
         create table bench.one_text as select * from records.m{module}_text_v1 where id = (select id from bench.one_record);
         create table bench.one_event as select * from records_log.event e
             where command_id = (select command_id from records_log.event
                                 where type_id = (select id from records_log.type where name = 'records.record.created.v1')
                                 order by pos desc limit 1);
         create table bench.one_stream as select * from records_log.stream
             where stream_id = (select stream_id from bench.one_event limit 1);
         create table bench.one_command as select * from records_log.command
             where command_id = (select command_id from bench.one_event limit 1);"
    );
    sqlx::raw_sql(AssertSqlSafe(tables)).execute(&mut owner).await?;
    let events: i64 = sqlx::query_scalar("select count(*) from bench.one_event").fetch_one(&mut owner).await?;
    let id = "md5(:n)::uuid";
    let mut text = String::from("\\set n random(1, 9000000000000000000)\nbegin;\n");
    for (table, given) in [
        ("event", &[("pos", "nextval('bench.pos')"), ("stream_id", id), ("event_id", "gen_random_uuid()")][..]),
        ("stream", &[("stream_id", id)]),
        ("command", &[("command_id", id)]),
        ("record", &[("id", id), ("number", ":n::bigint"), ("modified_at", "now()")]),
        ("text", &[("id", id)]),
    ] {
        text.push_str(&copy_of_one(&mut owner, table, given).await?);
    }
    text.push_str("commit;\n");
    owner.close().await?;
    Ok((Script::new(text), events))
}

async fn copy_of_one(owner: &mut PgConnection, table: &str, given: &[(&str, &str)]) -> Result<String> {
    let (columns, expressions) = copied(owner, "bench", table, given).await?;
    Ok(format!("insert into bench.{table} ({columns}) select {expressions} from bench.one_{table} t;\n"))
}

fn add_figures(report: &mut Report, done: &HashMap<Side, Vec<Done>>, events: i64) {
    let of =
        |side: Side, pick: fn(&Done) -> f64| -> Vec<f64> { done.get(&side).into_iter().flatten().map(pick).collect() };
    let rate: fn(&Done) -> f64 = |d| d.outcome.rate();
    let p99: fn(&Done) -> f64 = |d| d.outcome.percentile(99.0);
    let total: fn(&Done) -> f64 = |d| d.cpu.total();
    let figure = |name: String, unit, rounds| Figure::new("create", name, unit, rounds);
    for clients in CLIENTS {
        report.add(
            figure(format!("tickets over HTTP, clients: {clients}"), "/s", of(Side::Ours(clients), rate))
                .beside("the same rows by pgbench", &of(Side::Anchor(clients), rate))
                .goal(Goal::AtLeast(0.4)),
        );
    }
    report.add(
        figure(format!("p99, clients: {FEW}"), "ms", of(Side::Ours(FEW), p99))
            .beside("the same rows by pgbench", &of(Side::Anchor(FEW), p99))
            .goal(Goal::AtMost(3.0)),
    );
    report.add(figure(format!("p99, clients: {MANY}"), "ms", of(Side::Ours(MANY), p99)).goal(Goal::AtMost(69.0)));
    let refused: usize = done.values().flatten().map(|d| d.outcome.refused).sum();
    report.add(figure("requests refused with 503, in all".into(), "", vec![refused as f64]).goal(Goal::AtMost(0.0)));
    let part = |pick: fn(&Done) -> f64| median(&of(Side::Ours(FEW), pick));
    let name = format!(
        "CPU per ticket, clients: {FEW} (portico {}, Postgres {}, NATS {})",
        part(|d| d.cpu.portico),
        part(|d| d.cpu.postgres),
        part(|d| d.cpu.nats)
    );
    report.add(figure(name, "ms", of(Side::Ours(FEW), total)).goal(Goal::AtMost(3.6)));
    let name = format!("CPU of Postgres per ticket, clients: {FEW}");
    report.add(
        figure(name, "ms", of(Side::Ours(FEW), |d| d.cpu.postgres))
            .beside("the same rows by pgbench", &of(Side::Anchor(FEW), |d| d.cpu.postgres)),
    );
    report.note(format!(
        "create: three signed-in portal users of the demo share the clients. A creation has {events} events. The anchor \
         writes copies of a real creation's rows in one transaction of five statements: events, stream, command, the record \
         with all its indexes, its long text; without the head lock and the counter of numbers, which would make its commits \
         serial. CPU counts what follows in all services (notification, relay) until they are idle again; no mail server \
         is configured, so mails are queued and not sent."
    ));
}
