//! Queries of records on a streaming replica: they go there, they show what was committed before they came, and the primary
//! answers when the replica is behind or away.

use crate::world::{append, log_of};
use anyhow::{Context, Result, ensure};
use eventlog::{Expected, LogError};
use kit::{Browser, Database, Portal, PortalOptions, Postgres, ROLE_PASSWORD, eventually};
use portico::doctor::examine;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use std::time::{Duration, Instant};

/// How long a fallback may take on a busy machine: the bound itself, and the read.
const WITHIN: Duration = Duration::from_secs(2);

/// A portal whose records are read on a replica.
struct World {
    portal: Portal,
    admin: Browser,
    replica: Postgres,
    _primary: Postgres,
}

impl World {
    async fn start(name: &str) -> Result<World> {
        let directory = kit::temporary(name)?;
        let primary = kit::postgres(&directory.join("primary"), false).await?;
        let database = Database::made_on(&primary, "portico").await?;
        let settings = vec![("max_connections".into(), "200".into()), ("shared_buffers".into(), "64MB".into())];
        let replica = kit::replica(&primary, &directory.join("replica"), settings).await?;
        let read = ("PORTICO_RECORDS_READ_URL".into(), replica.url_of("portico_records", ROLE_PASSWORD, "portico"));
        let options = PortalOptions { database: Some(database), settings: vec![read], ..PortalOptions::default() };
        let portal = Portal::with(options).await?;
        let admin = portal.agent("admin@test.test", "administrator").await?;
        portal.settle().await?;
        let world = World { portal, admin, replica, _primary: primary };
        world.used().await?;
        Ok(world)
    }

    /// Makes a ticket; answers its id.
    async fn ticket(&mut self, title: &str) -> Result<String> {
        // The plan of somebody who has just been made may take a moment.
        let made = eventually("a ticket to be made", async || {
            let body = json!({"fields": {"title": title}});
            self.admin.clone().post("/modules/tickets/records", body).await?.expect(201)
        });
        Ok(made.await?.json()["id"].as_str().context("an id")?.to_owned())
    }

    /// The titles of the first page, and how long it took.
    async fn titles(&mut self) -> Result<(Vec<String>, Duration)> {
        let began = Instant::now();
        let page = self.admin.get("/modules/tickets/records?sort=number").await?.expect(200)?.json();
        let title = |i: &Value| i["fields"]["title"].as_str().unwrap_or_default().to_owned();
        Ok((page["items"].as_array().context("items")?.iter().map(title).collect(), began.elapsed()))
    }

    /// Reads answered by somebody for a reason.
    async fn count(&self, by: &str, reason: &str) -> Result<u64> {
        let labels =
            format!("portico_replica_reads_total{{service=\"records\",answered_by=\"{by}\",reason=\"{reason}\"}} ");
        let text = self.metrics().await?;
        let value = text.lines().find_map(|l| l.strip_prefix(labels.as_str())).unwrap_or("0");
        Ok(value.parse()?)
    }

    async fn metrics(&self) -> Result<String> {
        let admin = format!("http://{}", self.portal.running()[0].admin);
        Ok(Browser::new(&admin).page("/metrics").await?.text())
    }

    /// Waits until reads go to the replica.
    async fn used(&self) -> Result<()> {
        eventually("the replica to be used", async || self.in_use(1).await).await
    }

    /// Waits until a page has come from the replica: it shows all that was committed, and was seen to.
    async fn read_there(&mut self) -> Result<Vec<String>> {
        eventually("a page from the replica", async || {
            let before = self.count("replica", "fresh").await?;
            let titles = self.titles().await?.0;
            ensure!(self.count("replica", "fresh").await? > before, "the primary answered");
            Ok(titles)
        })
        .await
    }

    /// That the metric says so.
    async fn in_use(&self, used: u8) -> Result<()> {
        let text = self.metrics().await?;
        let told: Vec<&str> = text.lines().filter(|l| l.starts_with("portico_replica")).collect();
        ensure!(told.contains(&format!("portico_replica_in_use{{service=\"records\"}} {used}").as_str()), "{told:?}");
        Ok(())
    }

    /// A connection to the replica, as the owner.
    async fn on_replica(&self) -> Result<PgConnection> {
        let url = self.replica.url_of(kit::OWNER, self.replica.password(), "portico");
        Ok(PgConnection::connect(&url).await?)
    }

    /// Stops the replay: what is committed from now on stays out of the replica.
    async fn pause(&self) -> Result<()> {
        let mut replica = self.on_replica().await?;
        sqlx::query("select pg_wal_replay_pause()").execute(&mut replica).await?;
        eventually("the replay to pause", async || {
            let state: String =
                sqlx::query_scalar("select pg_get_wal_replay_pause_state()").fetch_one(&mut replica).await?;
            ensure!(state == "paused", "{state}");
            Ok(())
        })
        .await
    }

    async fn resume(&self) -> Result<()> {
        sqlx::query("select pg_wal_replay_resume()").execute(&mut self.on_replica().await?).await?;
        Ok(())
    }

    /// Hides every ticket of the primary behind the log's back, so that a page tells where it was read.
    async fn hide_on_primary(&self, hidden: bool) -> Result<()> {
        let mut owner = self.portal.database.owner().await?;
        let number: i16 = sqlx::query_scalar("select number from records.modules_v1 where name = 'tickets'")
            .fetch_one(&mut owner)
            .await?;
        let sql = format!("update records.m{number}_v1 set deleted = {hidden}");
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut owner).await?;
        Ok(())
    }
}

/// Lists, records, comments, histories and suggestions come from the replica as long as nothing was committed that it does
/// not show, however far its replay is behind in what is no event.
#[tokio::test(flavor = "multi_thread")]
async fn queries_are_answered_by_the_replica() -> Result<()> {
    let mut world = World::start("replica-reads").await?;
    let id = world.ticket("On the replica").await?;
    let found = examine(&world.portal.config).await;
    let seen = found.iter().find(|f| f.check == "records replica").context("the doctor asks the replica")?;
    ensure!(seen.ok && seen.detail.starts_with("shows "), "{seen:?}");
    let mut wrong = world.portal.config.clone();
    wrong.records_read_url = Some(world.portal.database.url("records"));
    let found = examine(&wrong).await;
    ensure!(
        found.iter().any(|f| f.check == "records replica" && !f.ok && f.detail.contains("follows none")),
        "{found:?}"
    );
    world.portal.settle().await?;
    ensure!(world.read_there().await? == ["On the replica"]);
    world.pause().await?;
    world.hide_on_primary(true).await?;
    let before = world.count("replica", "fresh").await?;
    // A machine that is busy may let the replica look late once; the primary then answers that the ticket is gone, and the
    // next reads go to the replica again.
    eventually("the list of the replica", async || {
        ensure!(world.titles().await?.0 == ["On the replica"], "the list was read on the primary");
        Ok(())
    })
    .await?;
    let record = format!("/modules/tickets/records/{id}");
    for (path, has) in [
        (record.clone(), "On the replica"),
        (format!("{record}/history"), "On the replica"),
        (format!("{record}/comments"), "items"),
        ("/modules/tickets/records?q=replica&limit=5".into(), "On the replica"),
    ] {
        eventually("what the replica has", async || {
            let answer = world.admin.get(&path).await?.expect(200)?.text();
            ensure!(answer.contains(has), "{path} was read on the primary: {answer}");
            Ok(())
        })
        .await?;
    }
    ensure!(world.count("replica", "fresh").await? >= before + 5);
    // A command decides on the primary, where the ticket is gone.
    let change = world.admin.post(&format!("{record}/comments"), json!({"body": "Hello"})).await?;
    ensure!(change.status == 404, "{}: {}", change.status, change.text());
    let url = world.replica.url_of("portico_records", ROLE_PASSWORD, "portico");
    let there = world.portal.log("records").on_replica(eventlog::pool(&url, "records", 1)?);
    let refused = there.append(append(9, Expected::Any, "there")).await;
    ensure!(matches!(refused, Err(LogError::ReadOnly)), "{refused:?}");
    world.hide_on_primary(false).await?;
    world.resume().await?;
    world.portal.stop().await
}

/// With a replica whose replay stands still, everybody reads what they wrote, after the bound and no later.
#[tokio::test(flavor = "multi_thread")]
async fn own_writes_are_read_when_the_replica_is_behind() -> Result<()> {
    let mut world = World::start("replica-behind").await?;
    world.ticket("First").await?;
    world.portal.settle().await?;
    world.read_there().await?;
    world.pause().await?;
    let behind = world.count("primary", "behind").await?;
    world.ticket("Second").await?;
    let (titles, took) = world.titles().await?;
    ensure!(titles == ["First", "Second"], "{titles:?}");
    ensure!(took >= runtime::BEHIND && took < WITHIN, "{took:?}");
    ensure!(world.count("primary", "behind").await? == behind + 1);
    world.in_use(0).await?;
    // Nobody waits again for a replica that is known to be behind.
    let began = Instant::now();
    for _ in 0..8 {
        ensure!(world.titles().await?.0 == ["First", "Second"]);
    }
    ensure!(began.elapsed() < 8 * runtime::BEHIND, "{:?}", began.elapsed());
    ensure!(world.count("primary", "behind").await? == behind + 9);

    world.resume().await?;
    ensure!(world.read_there().await? == ["First", "Second"]);

    // What another process has committed counts as well: this one knows of it by asking, not by having written it.
    let before = world.count("primary", "behind").await?;
    world.pause().await?;
    let elsewhere = log_of(&world.portal.database, "records")?;
    elsewhere.append(append(7, Expected::Any, &kernel::new_id().to_string())).await?;
    world.titles().await?;
    ensure!(world.count("primary", "behind").await? == before + 1);
    world.resume().await?;
    world.portal.stop().await
}

/// A replica that is killed is left within the bound, and used again when it is back.
#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_is_killed_is_replaced_by_the_primary() -> Result<()> {
    let mut world = World::start("replica-killed").await?;
    world.ticket("Before").await?;
    world.portal.settle().await?;
    world.read_there().await?;
    world.replica.kill().await;
    let (titles, took) = world.titles().await?;
    ensure!(titles == ["Before"] && took < WITHIN, "{titles:?} after {took:?}");
    ensure!(world.count("primary", "away").await? >= 1);
    world.ticket("Meanwhile").await?;
    ensure!(world.titles().await?.0 == ["Before", "Meanwhile"]);

    world.replica.start_again().await?;
    ensure!(world.read_there().await? == ["Before", "Meanwhile"]);
    world.portal.stop().await
}

/// A replica that stands still with all its connections open answers nothing and refuses nothing: it is left all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_stands_still_is_left() -> Result<()> {
    let mut world = World::start("replica-frozen").await?;
    world.ticket("Before").await?;
    world.portal.settle().await?;
    world.read_there().await?;
    let mut holder = world.on_replica().await?;
    let pid = world.replica.pid().context("the replica runs")?;
    signal_family(pid, "STOP")?;
    let left = eventually("the replica to be left", async || {
        world.in_use(0).await?;
        Ok(())
    })
    .await;
    let (titles, took) = world.titles().await?;
    signal_family(pid, "CONT")?;
    left?;
    ensure!(titles == ["Before"] && took < WITHIN, "{titles:?} after {took:?}");
    holder.ping().await?;
    world.used().await?;
    world.portal.stop().await
}

/// Sends a signal to a server and all its workers.
fn signal_family(postmaster: u32, signal: &str) -> Result<()> {
    let children = std::fs::read_to_string(format!("/proc/{postmaster}/task/{postmaster}/children"))?;
    for pid in std::iter::once(postmaster.to_string()).chain(children.split_whitespace().map(str::to_owned)) {
        let status = std::process::Command::new("kill").arg(format!("-{signal}")).arg(&pid).status()?;
        ensure!(status.success(), "kill -{signal} {pid}: {status}");
    }
    Ok(())
}
