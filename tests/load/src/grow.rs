//! `grow`: what an append, a list and an opened ticket cost with one, five and ten million events in the log, in the same
//! rounds, and how steeply that rises.

mod seed;

use crate::{
    append::writers::message_of_change,
    ground::Ground,
    report::{Figure, Goal, Report},
    site::Site,
    spread::shown,
    tell,
    usage::Cpu,
    work::{Ended, Outcome, by_turns, closed_loop, ended, warm_up},
};
use anyhow::{Context, Result, ensure};
use eventlog::{Append, Expected, Log, LogOptions, Meta, StreamId};
use kernel::Actor;
use kit::{Browser, Database};
use records::projections::RecordsProjection;
use seed::{EVENTS, Model, Seeded};
use std::{collections::HashMap, sync::Arc, time::Duration};

/// Clients of lists and of opened tickets, and writers of events.
const CLIENTS: usize = 8;
const WRITERS: usize = 32;
/// Tickets of one writer, each its own: versions are expected, and nobody is refused.
const TICKETS: i64 = 200;
/// Disk that an event takes, with its share of streams, commands, rows of tickets and comments, their indexes and WAL: an
/// upper bound, checked before anything is written.
const BYTES_PER_EVENT: u64 = 1_600;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Work {
    /// A page of 50 for a portal user of a company of 1,946.
    List,
    /// The page of any ticket, for an agent: row, comments and history.
    Open,
    /// Changes of random tickets with the whole read model, straight into the log.
    Append,
}

/// Size and work.
type Side = (usize, Work);

struct Done {
    outcome: Outcome,
    cpu: Cpu,
}

/// An installation with so many events.
struct Grown {
    site: Site,
    database: Database,
    seeded: Seeded,
}

/// Runs the benchmark at three sizes, in millions of events or, for a try, far fewer.
pub(crate) async fn run(ground: &Ground, report: &mut Report) -> Result<()> {
    let sizes = ground.effort.events;
    room(ground, sizes)?;
    let mut sites = sites(ground, sizes).await?;
    let mut done: HashMap<Side, Vec<Done>> = HashMap::new();
    let http: Vec<Side> = (0..sizes.len()).flat_map(|size| [(size, Work::List), (size, Work::Open)]).collect();
    let users = users(&sites).await?;
    for round in 0..ground.effort.rounds {
        for side in by_turns(&http, round) {
            let (user, agent) = &users[side.0];
            let one = read(ground, &sites[side.0], side.1, user, agent).await.with_context(|| format!("{side:?}"))?;
            tell(format!("grow: round {}, {side:?}: {:.2} ms of CPU", round + 1, one.cpu.total()));
            done.entry(side).or_default().push(one);
        }
    }
    drop(users);
    // Appends come last and without the services: what they leave would otherwise be consumed while others are measured.
    for grown in &mut sites {
        grown.site.stop().await?;
    }
    let appends: Vec<Side> = (0..sizes.len()).map(|size| (size, Work::Append)).collect();
    for round in 0..ground.effort.rounds {
        for side in by_turns(&appends, round) {
            let one = append(ground, &mut sites[side.0], round).await.with_context(|| format!("{side:?}"))?;
            tell(format!("grow: round {}, {side:?}: {:.0}/s", round + 1, one.outcome.rate()));
            done.entry(side).or_default().push(one);
        }
    }
    let mut owner = ground.owner("postgres").await?;
    for grown in &sites {
        let bytes: i64 =
            sqlx::query_scalar("select pg_database_size($1)").bind(&grown.site.name).fetch_one(&mut owner).await?;
        let events = shown(grown.seeded.head as f64);
        report.add(Figure::new("grow", format!("{events} events: database"), "MB", vec![bytes as f64 / 1e6]));
    }
    add_figures(report, sizes, &done);
    Ok(())
}

/// Refuses to begin what would not fit on the disk.
fn room(ground: &Ground, sizes: [i64; 3]) -> Result<()> {
    let needed = u64::try_from(sizes.iter().sum::<i64>())? * BYTES_PER_EVENT + (2 << 30);
    let found = rustix::fs::statvfs(&ground.directory)?;
    let free = found.f_bavail * found.f_frsize;
    ensure!(
        free > needed,
        "this takes at most {} GB in {}, and {} GB are free",
        needed >> 30,
        ground.directory.display(),
        free >> 30
    );
    tell(format!("grow: takes at most {} GB of {} that are free, and gives them back", needed >> 30, free >> 30));
    Ok(())
}

/// One installation with demo data and a model of a ticket; from it, a copy for each size with so many events.
async fn sites(ground: &Ground, sizes: [i64; 3]) -> Result<[Grown; 3]> {
    let mut first = Site::new(ground, "load_grow").await?;
    first.serve().await?;
    tell("grow: demo data");
    first.load_demo().await?;
    let ticket = seed::model_ticket(&first).await?;
    first.settle(ground).await;
    first.stop().await?;
    let model = Model::read(ground, &first, ticket).await?;
    let mut grown = Vec::new();
    for (n, events) in sizes.into_iter().enumerate() {
        let name = format!("load_grow_{n}");
        tell(format!("grow: {} events", shown(events as f64)));
        ground.execute("postgres", &format!("create database {name} template load_grow")).await?;
        let database = Database::on(&ground.postgres, &name);
        let mut site = Site::on(ground, &database, &name).await?;
        let seeded = seed::fill(ground, &name, events).await?;
        model.stream_from(&site.nats, seeded.head + 1).await?;
        site.serve().await?;
        grown.push(Grown { site, database, seeded });
    }
    grown.try_into().map_err(|_| anyhow::anyhow!("three sizes"))
}

/// A portal user and an agent of each size, whose pages have been seen once.
async fn users(sites: &[Grown; 3]) -> Result<Vec<(Browser, Browser)>> {
    let mut users = Vec::new();
    for grown in sites {
        let user = grown.site.sign_in("emma@acme.test").await?;
        let agent = grown.site.sign_in("admin@demo.test").await?;
        let mut one = agent.clone();
        for n in [1, grown.seeded.tickets / 2, grown.seeded.tickets] {
            let page = one.page(&grown.seeded.page(n)).await?.expect(200)?.text();
            ensure!(page.contains(seed::MESSAGE), "the page of ticket {n} lacks its comments");
        }
        warm_up(&vec![user.clone(); CLIENTS], list).await?;
        let seeded = &grown.seeded;
        warm_up(&vec![agent.clone(); CLIENTS], async |agent: &mut Browser| open(seeded, agent).await).await?;
        users.push((user, agent));
    }
    Ok(users)
}

async fn list(user: &mut Browser) -> Result<Ended> {
    ended(user.get("/modules/tickets/records").await?, 200)
}

async fn open(seeded: &Seeded, agent: &mut Browser) -> Result<Ended> {
    ended(agent.page(&seeded.page(any(seeded.tickets))).await?, 200)
}

/// A number from 1 to `most`.
fn any(most: i64) -> i64 {
    let random = kernel::new_id().as_u128() as u32;
    1 + i64::from(random) % most.max(1)
}

async fn read(ground: &Ground, grown: &Grown, work: Work, user: &Browser, agent: &Browser) -> Result<Done> {
    ground.checkpoint().await?;
    grown.site.settle(ground).await;
    let (time, before) = (Duration::from_secs(ground.effort.seconds), grown.site.cpu(ground));
    let outcome = match work {
        Work::List => closed_loop(vec![user.clone(); CLIENTS], time, list).await?,
        _ => {
            let open = async |agent: &mut Browser| open(&grown.seeded, agent).await;
            closed_loop(vec![agent.clone(); CLIENTS], time, open).await?
        }
    };
    let cpu = (grown.site.cpu(ground) - before).per(outcome.operations());
    Ok(Done { outcome, cpu })
}

/// A writer's tickets: their numbers, and the version that each has.
struct Writer(Vec<(i64, i64)>);

/// Changes of tickets from all of the log, by writers of this process, with the service's own projection.
async fn append(ground: &Ground, grown: &mut Grown, round: usize) -> Result<Done> {
    let log: Log =
        grown.database.log("records", vec![Arc::new(RecordsProjection::default())], LogOptions::default())?;
    // Every round takes others, so that their rows are where the seed has put them.
    let taken = i64::try_from(round * WRITERS)? * TICKETS;
    let tickets = grown.seeded.tickets;
    let each = TICKETS.min(tickets / i64::try_from(WRITERS)?);
    let writers = (0..i64::try_from(WRITERS)?).map(|writer| {
        // 7919 is prime: neighbours in a writer's hands lie far apart in the log.
        let number = |n: i64| (taken + writer * each + n) % tickets * 7919 % tickets + 1;
        Writer((0..each).map(|n| (number(n), EVENTS)).collect())
    });
    let mut writers: Vec<Writer> = writers.collect();
    // With few tickets a later round meets the same ones again.
    for (number, version) in writers.iter_mut().flat_map(|w| &mut w.0) {
        *version = grown.seeded.versions.get(number).copied().unwrap_or(EVENTS);
    }
    ground.checkpoint().await?;
    let written = std::sync::Mutex::new(HashMap::new());
    let before = ground.postgres_cpu();
    let write = async |writer: &mut Writer| {
        let at = usize::try_from(any(each))? - 1;
        let (number, version) = &mut writer.0[at];
        let id = seed::ticket(*number);
        let payload = message_of_change(id, *version);
        let meta = Meta::new(Actor::service("records"), kernel::new_id(), &payload);
        let event = vec![("records.record.updated.v1", payload, None)];
        let append = Append::events(meta, StreamId::new("record", id), Expected::Version(*version), event);
        log.append(append).await?;
        *version += 1;
        written.lock().map_err(|e| anyhow::anyhow!("{e}"))?.insert(*number, *version);
        Ok(Ended::Done)
    };
    let outcome = closed_loop(writers, Duration::from_secs(ground.effort.seconds), write).await?;
    let postgres = (ground.postgres_cpu() - before) * 1_000.0 / outcome.operations().max(1.0);
    log.pool().close().await;
    grown.seeded.versions.extend(written.into_inner()?);
    Ok(Done { outcome, cpu: Cpu { portico: 0.0, postgres, nats: 0.0 } })
}

/// What is read off a finished run.
type Reading = fn(&Done) -> f64;

fn add_figures(report: &mut Report, sizes: [i64; 3], done: &HashMap<Side, Vec<Done>>) {
    let of = |side: Side, pick: Reading| -> Vec<f64> { done.get(&side).into_iter().flatten().map(pick).collect() };
    let (total, postgres): (Reading, Reading) = (|d| d.cpu.total(), |d| d.cpu.postgres);
    let (rate, p50, p99): (Reading, Reading, Reading) =
        (|d| d.outcome.rate(), |d| d.outcome.percentile(50.0), |d| d.outcome.percentile(99.0));
    let words = sizes.map(|s| format!("{} events", shown(s as f64)));
    // A cost may rise by so much from the smallest to the largest; a rate may fall as much.
    let (cost, pace) = (Goal::AtMost(1.2), Goal::AtLeast(0.83));
    let figures: [(Work, &str, &'static str, Reading, Option<Goal>); 10] = [
        (Work::Append, "append, 32 writers, read model: CPU of Postgres", "ms", postgres, Some(cost)),
        (Work::Append, "append, 32 writers, read model: rate", "events/s", rate, Some(pace)),
        (Work::Append, "append, 32 writers, read model: p99", "ms", p99, None),
        (Work::List, "list of 50 in a company of 1,946: CPU", "ms", total, Some(cost)),
        (Work::List, "list of 50 in a company of 1,946: CPU of Postgres", "ms", postgres, None),
        (Work::List, "list of 50 in a company of 1,946, 8 clients: p50", "ms", p50, None),
        (Work::Open, "page of any ticket: CPU", "ms", total, Some(cost)),
        (Work::Open, "page of any ticket: CPU of Postgres", "ms", postgres, None),
        (Work::Open, "page of any ticket, 8 clients: p50", "ms", p50, None),
        (Work::Open, "page of any ticket, 8 clients: p99", "ms", p99, None),
    ];
    for (work, name, unit, pick, goal) in figures {
        let smallest = of((0, work), pick);
        report.add(Figure::new("grow", format!("{}, {name}", words[0]), unit, smallest.clone()));
        for size in [1, 2] {
            let figure = Figure::new("grow", format!("{}, {name}", words[size]), unit, of((size, work), pick));
            let figure = figure.beside(format!("at {}", words[0]), &smallest);
            report.add(match goal {
                Some(goal) => figure.goal(goal),
                None => figure,
            });
        }
        let slopes = slopes([0, 1, 2].map(|size| of((size, work), pick)), sizes);
        report.add(Figure::new("grow", format!("{name}: change per ten times the events"), "%", slopes));
    }
    report.note(format!(
        "grow: three databases of one server, copies of one installation with demo data, with a ticket for every {EVENTS} events. \
         Seeded events are copies of those of a real ticket, interleaved so that a ticket's lie up to 10,000 positions apart, \
         dense, with streams, versions and remembered commands of the last month; tickets and comments are the read \
         model's rows of the same ids. Their hashes are linked but made of nothing that a verification would find; their \
         payloads are not sealed. The bus begins behind them, and consumers have their positions there."
    ));
    report.note(
        "grow: lists and pages go over HTTP to a portico process each, one size at a time; pages are of random tickets, most of them not \
         in shared_buffers at the larger sizes. An append changes the status of a random ticket at the version that it \
         expects, written with the service's projection (row, 17 indexes, document), while no service runs. The change per \
         ten times the events is the slope of the logarithms over all three sizes, in each round.",
    );
}

/// By how many percent a value changes when there are ten times as many events, in each round: least squares over the
/// logarithms.
fn slopes(values: [Vec<f64>; 3], sizes: [i64; 3]) -> Vec<f64> {
    let rounds = values.iter().map(Vec::len).min().unwrap_or_default();
    let x = sizes.map(|s| (s as f64).log10());
    let middle = x.iter().sum::<f64>() / 3.0;
    let width: f64 = x.iter().map(|x| (x - middle).powi(2)).sum();
    let of_round = |n: usize| {
        let y = [0, 1, 2].map(|size| values[size][n].max(f64::MIN_POSITIVE).log10());
        let mean = y.iter().sum::<f64>() / 3.0;
        let slope = x.iter().zip(y).map(|(x, y)| (x - middle) * (y - mean)).sum::<f64>() / width;
        (10_f64.powf(slope) - 1.0) * 100.0
    };
    (0..rounds).map(of_round).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slope_is_the_change_per_ten_times_as_much() {
        let flat = slopes([vec![2.0], vec![2.0], vec![2.0]], [1, 10, 100]);
        assert!(flat[0].abs() < 1e-9, "{flat:?}");
        let doubles = slopes([vec![1.0, 1.0], vec![2.0, 0.5], vec![4.0, 0.25]], [1, 10, 100]);
        assert!((doubles[0] - 100.0).abs() < 1e-9 && (doubles[1] + 50.0).abs() < 1e-9, "{doubles:?}");
    }

    #[test]
    fn any_number_is_within_its_bounds() {
        assert!((0..1000).all(|_| (1..=7).contains(&any(7))));
    }
}
