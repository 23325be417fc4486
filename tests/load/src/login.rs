//! `login`: logins per second on all cores beside what the password hash alone would allow, and what reads feel of it.

use crate::{
    ground::Ground,
    report::{Figure, Goal, Report},
    site::Site,
    tell,
    usage::{Cpu, pss_megabytes},
    work::{Ended, Outcome, closed_loop, ended, milliseconds, warm_up},
};
use anyhow::{Context, Result};
use argon2::{Algorithm, Argon2, Params, Version};
use kit::Browser;
use rustix::time::{ClockId, clock_gettime};
use serde_json::json;
use std::time::Duration;

const DATABASE: &str = "load_login";
/// Clients that sign in again and again; enough to keep every core busy.
const STORM: usize = 8;
/// Who signs in, and whether at the console. An attempt counts before it is looked at, so five of one user at a time lock,
/// even with the right password: here each has two.
const USERS: [(&str, bool); 4] =
    [("marco@acme.test", false), ("nina@globex.test", false), ("admin@demo.test", true), ("agent@demo.test", true)];
/// What Portico hashes with: memory in KiB, passes, lanes.
const COST: (u32, u32, u32) = (19_456, 2, 1);
/// Hashes of the anchor in a round.
const HASHES: u32 = 20;

/// One round.
struct Round {
    /// Of one hash while every core is at one, as in the storm: they share caches and memory.
    hash_cpu_ms: f64,
    /// Of one hash while nothing else runs.
    lone_hash_cpu_ms: f64,
    storm: Outcome,
    cpu: Cpu,
    calm_reads: Outcome,
    storm_reads: Outcome,
    growth: f64,
}

/// Runs the benchmark.
pub(crate) async fn run(ground: &Ground, report: &mut Report) -> Result<()> {
    let mut site = Site::new(ground, DATABASE).await?;
    // All logins come from one address here; its limits are not what is measured.
    for name in ["PORTICO_SOURCE_LOGINS", "PORTICO_SOURCE_FAILURES"] {
        site.set(name, "10000");
    }
    site.serve().await?;
    tell("login: demo data");
    site.load_demo().await?;
    let reader = site.sign_in("emma@acme.test").await?;
    let clients: Vec<_> = (0..STORM).map(|n| client(&site.url, USERS[n % USERS.len()])).collect();
    warm_up(std::slice::from_ref(&reader), read).await?;
    let pid = site.pid().context("portico runs")?;
    let mut rounds = Vec::new();
    for n in 0..ground.effort.rounds {
        let time = Duration::from_secs(ground.effort.seconds);
        site.settle(ground).await;
        let (lone_hash_cpu_ms, hash_cpu_ms) = (hash_cpu(1)?, hash_cpu(cores())?);
        let calm_reads = closed_loop(vec![reader.clone()], time, read).await?;
        let (before, idle) = (site.cpu(ground), pss_megabytes(pid)?);
        let storm = closed_loop(clients.clone(), time, sign_in).await?;
        let cpu = (site.cpu(ground) - before).per(storm.operations());
        let growth = pss_megabytes(pid)? - idle;
        // Once more with somebody who reads, whose share of the processor is not the logins'.
        let (beside, storm_reads) =
            tokio::join!(closed_loop(clients.clone(), time, sign_in), closed_loop(vec![reader.clone()], time, read));
        beside?;
        let storm_reads = storm_reads?;
        let hashes = format!("{hash_cpu_ms:.1} ms of CPU, {lone_hash_cpu_ms:.1} alone");
        tell(format!("login: round {}, {:.1}/s, a hash costs {hashes}", n + 1, storm.rate()));
        rounds.push(Round { hash_cpu_ms, lone_hash_cpu_ms, storm, cpu, calm_reads, storm_reads, growth });
    }
    add_figures(report, &rounds);
    site.stop().await
}

/// Somebody who signs in again and again.
fn client(url: &str, (login, console): (&'static str, bool)) -> (Browser, &'static str) {
    let browser = Browser::new(url).unchecked();
    (if console { browser.console() } else { browser }, login)
}

async fn sign_in((browser, login): &mut (Browser, &'static str)) -> Result<Ended> {
    let body = json!({"login": login, "password": portico::demo::PASSWORD});
    ended(browser.clone().post("/auth/login", body).await?, 200)
}

async fn read(browser: &mut Browser) -> Result<Ended> {
    ended(browser.get("/modules/tickets/records?limit=50").await?, 200)
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// CPU of one hash in milliseconds, while so many threads are at one: the mean of their own clocks, so that other work on the
/// machine does not count.
fn hash_cpu(threads: usize) -> Result<f64> {
    let threads: Vec<_> = (0..threads).map(|_| std::thread::spawn(hash_cpu_of_thread)).collect();
    let mut sum = 0.0;
    let count = threads.len();
    for thread in threads {
        sum += thread.join().map_err(|_| anyhow::anyhow!("a hash failed"))??;
    }
    Ok(sum / count as f64)
}

fn hash_cpu_of_thread() -> Result<f64> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, Some(32)).map_err(|e| anyhow::anyhow!("{e}"))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let cpu = || {
        let now = clock_gettime(ClockId::ThreadCPUTime);
        Duration::new(now.tv_sec.unsigned_abs(), u32::try_from(now.tv_nsec).unwrap_or_default())
    };
    let (began, mut output) = (cpu(), [0; 32]);
    for _ in 0..HASHES {
        let hashed = argon2.hash_password_into(b"correct horse battery staple", b"sixteen bytes ok", &mut output);
        hashed.map_err(|e| anyhow::anyhow!("{e}"))?;
    }
    Ok(milliseconds(cpu() - began) / f64::from(HASHES))
}

fn add_figures(report: &mut Report, rounds: &[Round]) {
    let of = |pick: fn(&Round) -> f64| -> Vec<f64> { rounds.iter().map(pick).collect() };
    let possible: Vec<f64> = rounds.iter().map(|r| cores() as f64 * 1_000.0 / r.hash_cpu_ms).collect();
    let figure = |name: String, unit, rounds| Figure::new("login", name, unit, rounds);
    report.add(
        figure(format!("logins, clients: {STORM}"), "/s", of(|r| r.storm.rate()))
            .beside("cores ÷ CPU of one argon2id hash", &possible)
            .goal(Goal::AtLeast(0.9)),
    );
    report.add(
        figure("CPU per login, everything".into(), "ms", of(|r| r.cpu.total()))
            .beside("CPU of one argon2id hash", &of(|r| r.hash_cpu_ms)),
    );
    report.add(
        figure("CPU of one argon2id hash while every core is at one".into(), "ms", of(|r| r.hash_cpu_ms))
            .beside("the same alone", &of(|r| r.lone_hash_cpu_ms)),
    );
    report.add(
        figure("CPU per login beyond the hash".into(), "ms", of(|r| r.cpu.total() - r.hash_cpu_ms))
            .goal(Goal::AtMost(3.0)),
    );
    report.add(
        figure("p99 of a list during the storm".into(), "ms", of(|r| r.storm_reads.percentile(99.0)))
            .beside("the same when nobody signs in", &of(|r| r.calm_reads.percentile(99.0)))
            .goal(Goal::AtMost(3.0)),
    );
    report.add(figure("memory that the storm adds, PSS".into(), "MB", of(|r| r.growth)).goal(Goal::AtMost(64.0)));
    report.note(
        "login: argon2id with 19,456 KiB, two passes, one lane, the parameters of production. Each login is a whole one: \
         session, event, cookie. The hash is measured in the same round by the CPU clocks of as many threads as there are \
         cores, all at a hash as in the storm. The reads run beside a second storm of the same length with one client.",
    );
}
