//! `start`: from the start of the process to /readyz, and the memory of an idle one.

use crate::{
    ground::Ground,
    report::{Figure, Goal, Report},
    site::Site,
    tell,
    usage::pss_megabytes,
};
use anyhow::{Context, Result};
use kit::Database;
use portico::dev::postgres::{Postgres, PostgresOptions};
use std::time::Duration;

/// How long a process is left alone before its memory is read.
const IDLE: Duration = Duration::from_secs(5);

/// Runs the benchmark.
pub(crate) async fn run(ground: &Ground, report: &mut Report) -> Result<()> {
    // A Postgres with its own settings: what it needs beside an idle portal is measured too.
    let postgres = Postgres::start(PostgresOptions {
        tools: ground.tools.clone(),
        directory: ground.directory.join("postgres-start"),
        port: None,
        settings: Vec::new(),
        durable: true,
    })
    .await?;
    let database = Database::made_on(&postgres, "portico").await?;
    let mut site = Site::on(ground, &database, "start").await?;
    // The first start defines the standard modules.
    site.serve().await?;
    site.settle(ground).await;
    site.stop().await?;
    let (mut ready, mut alone, mut together) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ground.effort.rounds {
        ready.push(site.serve().await?);
        tokio::time::sleep(IDLE).await;
        let portico = pss_megabytes(site.pid().context("portico runs")?)?;
        let servers = [postgres.pid(), site.nats.pid()];
        let others: f64 = servers.into_iter().flatten().map(pss_megabytes).sum::<Result<f64>>()?;
        alone.push(portico);
        together.push(portico + others);
        site.stop().await?;
        tell(format!("start: round {} of {}", round + 1, ground.effort.rounds));
    }
    let figure = |name, unit, rounds| Figure::new("start", name, unit, rounds);
    report.add(
        figure("start of `serve --target all` to /readyz, migrated database", "ms", ready).goal(Goal::AtMost(100.0)),
    );
    report.add(figure("idle memory, everything in one process, PSS", "MB", alone).goal(Goal::AtMost(40.0)));
    report.add(
        figure("the same with Postgres (its own settings) and NATS, PSS", "MB", together).goal(Goal::AtMost(80.0)),
    );
    report.note(
        "start: the program's file is in the page cache after the first start, which is not counted. /readyz is asked every \
         millisecond. Memory is read five seconds later; PSS counts shared pages by the number of their users.",
    );
    Ok(())
}
