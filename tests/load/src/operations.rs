//! `operations`: what each operation costs, everything counted until all is idle again, with mail. Beside it, in the same
//! rounds, another program of Portico (`--before PATH`), so that a change shows what it brought.

use crate::{
    ground::Ground,
    report::{Figure, Goal, Report},
    sink::Sink,
    site::Site,
    tell,
    usage::{Cpu, pss_megabytes, shared_megabytes},
    work::{Ended, Outcome, by_turns, closed_loop, ended, warm_up},
};
use anyhow::{Context, Result};
use kit::Browser;
use serde_json::json;
use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

const CLIENTS: usize = 8;
/// With so many clients the slowest of a hundred is looked at.
const CROWD: usize = 32;
/// With how many clients records are opened until the slowest of a hundred takes longer than [`BEARABLE`].
const CROWDS: [usize; 10] = [8, 16, 32, 48, 64, 96, 128, 192, 256, 384];
/// In milliseconds.
const BEARABLE: f64 = 50.0;
const DESCRIPTION: &str = "Since Monday the VPN disconnects about every ten minutes.\n\n- Windows 11\n- client 5.3";
/// How long an idle installation is watched.
const IDLE: Duration = Duration::from_secs(15);
/// How long it is left alone before: a session that has gone idle tells Postgres' statistics of its last transactions
/// up to ten seconds later (`PGSTAT_IDLE_INTERVAL`), and those belong to what came before.
const LEFT_ALONE: Duration = Duration::from_secs(12);
/// How long the consequences of a run may take.
const PATIENCE: Duration = Duration::from_secs(90);

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    List,
    ListPage,
    Open,
    RecordPage,
    Create,
    Reply,
}

const OPERATIONS: [(Operation, &str, f64); 6] = [
    (Operation::List, "list of 50, JSON", 0.9),
    (Operation::ListPage, "list of 50, HTML", 1.2),
    (Operation::Open, "open, JSON", 0.45),
    (Operation::RecordPage, "record page, HTML", 1.2),
    (Operation::Create, "create, with its mail", 4.5),
    (Operation::Reply, "reply, with its mail", 4.5),
];

/// One program's installation.
struct Side {
    site: Site,
    sink: Sink,
    users: Vec<Browser>,
    /// Two tickets of each user.
    tickets: Vec<Tickets>,
    rounds: Vec<Round>,
}

/// What one round found.
#[derive(Default)]
struct Round {
    operations: Vec<One>,
    idle_cpu: f64,
    idle_transactions: f64,
    idle_memory: f64,
    busy_memory: f64,
    /// The same without Postgres' shared buffers.
    busy_own_memory: f64,
    list_in_a_crowd: f64,
    create_in_a_crowd: f64,
    /// The largest number of clients with which opening a record was bearable.
    bearable_clients: f64,
}

struct One {
    outcome: Outcome,
    cpu: Cpu,
    /// Transactions that wrote, per operation.
    commits: f64,
    /// Mails, and the seconds from the last answer to the last of them.
    mails: f64,
    behind: f64,
}

/// The tickets of somebody, by id.
#[derive(Clone)]
struct Tickets {
    /// Stays as it is, with seven messages: what is read must weigh the same on both sides and in every round.
    read: String,
    /// Is replied to.
    answered: String,
}

/// Messages of a ticket that is read; its description is the first one.
const MESSAGES: usize = 7;

/// Somebody with tickets.
type Client = (Browser, Tickets);

/// Runs the benchmark.
pub(crate) async fn run(ground: &Ground, report: &mut Report, before: Option<PathBuf>) -> Result<()> {
    let mut sides = vec![Side::start(ground, "load_now", None).await?];
    if let Some(program) = before {
        sides[0].site.pause(true)?;
        sides.push(Side::start(ground, "load_before", Some(program)).await?);
        sides[1].site.pause(true)?;
    } else {
        sides[0].site.pause(true)?;
    }
    let order: Vec<usize> = (0..sides.len()).collect();
    for n in 0..ground.effort.rounds {
        for at in by_turns(&order, n) {
            let side = &mut sides[at];
            // The other one rests: what Postgres does now it does for this one.
            side.site.pause(false)?;
            let round = side.measure(ground).await?;
            side.site.pause(true)?;
            let all: Vec<String> = round.operations.iter().map(|o| format!("{:.2}", o.cpu.total())).collect();
            tell(format!("operations: round {}, {}: CPU ms {}", n + 1, side.site.name, all.join(" ")));
            side.rounds.push(round);
        }
    }
    add_figures(report, &sides);
    for side in &mut sides {
        side.site.pause(false)?;
        side.site.stop().await?;
    }
    Ok(())
}

impl Side {
    async fn start(ground: &Ground, name: &str, program: Option<PathBuf>) -> Result<Side> {
        let (mut site, sink) = (Site::new(ground, name).await?, Sink::start().await?);
        site.run_program(program);
        site.set("PORTICO_SMTP_URL", &sink.url);
        site.set("PORTICO_SMTP_FROM", "Support <support@load.test>");
        // The crowd comes from one address.
        site.set("PORTICO_HTTP_CONNECTIONS_PER_ADDRESS", "1000");
        site.serve().await?;
        tell(format!("operations: demo data of {name}"));
        site.load_demo().await?;
        let (mut users, mut tickets) = (Vec::new(), Vec::new());
        for login in ["emma@acme.test", "marco@acme.test", "nina@globex.test"] {
            let mut user = site.sign_in(login).await?;
            let (read, answered) = (open_ticket(&mut user).await?, open_ticket(&mut user).await?);
            for _ in 1..MESSAGES {
                reply(&mut user, &read).await?;
            }
            tickets.push(Tickets { read, answered });
            users.push(user);
        }
        let side = Side { site, sink, users, tickets, rounds: Vec::new() };
        for (operation, ..) in OPERATIONS {
            warm_up(&side.clients(), async |client: &mut Client| operate(operation, client).await).await?;
        }
        side.settled(ground).await;
        Ok(side)
    }

    fn clients(&self) -> Vec<Client> {
        self.crowd(CLIENTS)
    }

    fn crowd(&self, size: usize) -> Vec<Client> {
        let each = self.users.iter().cloned().zip(self.tickets.iter().cloned());
        each.collect::<Vec<_>>().into_iter().cycle().take(size).collect()
    }

    /// The 99th percentile of an operation that so many clients do at once.
    async fn slowest(&self, operation: Operation, clients: usize, seconds: u64) -> Result<f64> {
        let time = Duration::from_secs(seconds);
        let done = closed_loop(self.crowd(clients), time, async |client: &mut Client| operate(operation, client).await);
        Ok(done.await?.percentile(99.0))
    }

    async fn bearable_clients(&self) -> Result<f64> {
        let mut most = 0;
        for clients in CROWDS {
            // The first second makes the connections.
            self.slowest(Operation::Open, clients, 1).await?;
            if self.slowest(Operation::Open, clients, 2).await? > BEARABLE {
                break;
            }
            most = clients;
        }
        Ok(most as f64)
    }

    async fn settled(&self, ground: &Ground) {
        self.site.settle(ground).await;
    }

    async fn measure(&self, ground: &Ground) -> Result<Round> {
        let mut round = Round::default();
        self.settled(ground).await;
        let pid = self.site.pid().context("portico runs")?;
        let postgres = ground.postgres.pid().context("Postgres runs")?;
        let servers = || -> Result<f64> {
            Ok(pss_megabytes(pid)? + pss_megabytes(postgres)? + self.site.nats.pid().map_or(Ok(0.0), pss_megabytes)?)
        };
        tokio::time::sleep(LEFT_ALONE).await;
        let (cpu, transactions) = (self.site.cpu(ground), ground.transactions(&self.site.name).await?);
        tokio::time::sleep(IDLE).await;
        round.idle_cpu = (self.site.cpu(ground) - cpu).total() * 1_000.0 / IDLE.as_secs_f64();
        let done = ground.transactions(&self.site.name).await? - transactions;
        round.idle_transactions = done / IDLE.as_secs_f64();
        round.idle_memory = servers()?;
        for (operation, ..) in OPERATIONS {
            ground.checkpoint().await?;
            let (cpu, commits, mails) = (self.site.cpu(ground), ground.commits().await?, self.sink.taken());
            let time = Duration::from_secs(ground.effort.seconds);
            let outcome =
                closed_loop(self.clients(), time, async |client: &mut Client| operate(operation, client).await).await?;
            let ended_at = Instant::now();
            let memory = servers()?;
            round.busy_memory = round.busy_memory.max(memory);
            round.busy_own_memory = round.busy_own_memory.max(memory - shared_megabytes(postgres)?);
            let behind = self.last_mail(ended_at).await;
            self.settled(ground).await;
            let count = outcome.operations().max(1.0);
            round.operations.push(One {
                cpu: (self.site.cpu(ground) - cpu).per(count),
                commits: (ground.commits().await? - commits) / count,
                mails: (self.sink.taken() - mails) as f64,
                behind,
                outcome,
            });
        }
        let seconds = ground.effort.seconds;
        round.list_in_a_crowd = self.slowest(Operation::List, CROWD, seconds).await?;
        round.create_in_a_crowd = self.slowest(Operation::Create, CROWD, seconds).await?;
        self.settled(ground).await;
        round.bearable_clients = self.bearable_clients().await?;
        Ok(round)
    }

    /// Seconds until no mail has come for half a second.
    async fn last_mail(&self, since: Instant) -> f64 {
        let (mut seen, mut last) = (self.sink.taken(), since);
        while last.elapsed() < Duration::from_millis(500) && since.elapsed() < PATIENCE {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let taken = self.sink.taken();
            if taken != seen {
                (seen, last) = (taken, Instant::now());
            }
        }
        (last - since).as_secs_f64()
    }
}

async fn open_ticket(user: &mut Browser) -> Result<String> {
    let fields = json!({"title": "VPN drops every ten minutes", "description": DESCRIPTION});
    let made = user.post("/modules/tickets/records", json!({"fields": fields})).await?.expect(201)?.json();
    Ok(made["id"].as_str().context("the new ticket has an id")?.to_owned())
}

async fn reply(user: &mut Browser, ticket: &str) -> Result<Ended> {
    let path = format!("/modules/tickets/records/{ticket}/comments");
    let answer = user.post(&path, json!({"body": DESCRIPTION})).await?;
    // Several clients share a ticket: in earlier versions who lost had to write again.
    if answer.status.as_u16() == 409 { Ok(Ended::Again) } else { ended(answer, 201) }
}

async fn operate(operation: Operation, (user, tickets): &mut Client) -> Result<Ended> {
    match operation {
        Operation::List => ended(user.get("/modules/tickets/records?limit=50").await?, 200),
        Operation::ListPage => ended(user.page("/modules/tickets?limit=50").await?, 200),
        Operation::Open => ended(user.get(&format!("/modules/tickets/records/{}", tickets.read)).await?, 200),
        Operation::RecordPage => ended(user.page(&format!("/modules/tickets/{}", tickets.read)).await?, 200),
        Operation::Create => {
            let fields = json!({"title": "VPN drops every ten minutes", "description": DESCRIPTION});
            ended(user.post("/modules/tickets/records", json!({"fields": fields})).await?, 201)
        }
        Operation::Reply => reply(user, &tickets.answered).await,
    }
}

fn add_figures(report: &mut Report, sides: &[Side]) {
    let of = |side: &Side, pick: &dyn Fn(&Round) -> f64| -> Vec<f64> { side.rounds.iter().map(pick).collect() };
    let mut add = |name: String, unit, pick: &dyn Fn(&Round) -> f64, goal: Option<f64>| {
        let mut figure = Figure::new("operations", name, unit, of(&sides[0], pick));
        if let Some(goal) = goal {
            figure = figure.goal_of_value(Goal::AtMost(goal));
        }
        if let Some(before) = sides.get(1) {
            figure = figure.beside("before", &of(before, pick));
        }
        report.add(figure);
    };
    for (at, (operation, name, goal)) in OPERATIONS.into_iter().enumerate() {
        add(format!("{name}: CPU"), "ms", &|r| r.operations[at].cpu.total(), Some(goal));
        add(format!("{name}: CPU of portico"), "ms", &|r| r.operations[at].cpu.portico, None);
        add(format!("{name}: CPU of Postgres"), "ms", &|r| r.operations[at].cpu.postgres, None);
        add(format!("{name}: rate, clients: {CLIENTS}"), "/s", &|r| r.operations[at].outcome.rate(), None);
        add(format!("{name}: p50"), "ms", &|r| r.operations[at].outcome.percentile(50.0), None);
        add(format!("{name}: p99"), "ms", &|r| r.operations[at].outcome.percentile(99.0), None);
        if matches!(operation, Operation::Create | Operation::Reply) {
            add(format!("{name}: commits"), "", &|r| r.operations[at].commits, Some(3.0));
            add(format!("{name}: mails"), "", &|r| r.operations[at].mails, None);
            add(format!("{name}: last mail after the last answer"), "s", &|r| r.operations[at].behind, None);
        }
    }
    add("idle: CPU".into(), "ms/s", &|r| r.idle_cpu, Some(8.0));
    add("idle: transactions".into(), "/s", &|r| r.idle_transactions, Some(6.0));
    add("idle: memory with servers, PSS".into(), "MB", &|r| r.idle_memory, None);
    add("busy: memory with servers, PSS".into(), "MB", &|r| r.busy_memory, None);
    add("busy: the same without Postgres' shared buffers".into(), "MB", &|r| r.busy_own_memory, Some(250.0));
    add(format!("list of 50, JSON: p99, clients: {CROWD}"), "ms", &|r| r.list_in_a_crowd, Some(15.0));
    add(format!("create, with its mail: p99, clients: {CROWD}"), "ms", &|r| r.create_in_a_crowd, Some(25.0));
    let cores = std::thread::available_parallelism().map_or(1, usize::from) as f64;
    let name = format!("open, JSON: clients per core with p99 ≤ {BEARABLE:.0} ms");
    add(name, "", &|r| r.bearable_clients / cores, None);
}
