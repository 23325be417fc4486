//! pgbench as the anchor: what Postgres alone does with the same clients.

use crate::{ground::Ground, work::Outcome};
use anyhow::{Context, Result, bail, ensure};
use std::{fs, process::Stdio, time::Duration};
use tokio::process::Command;

/// A script and how it is run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Script {
    /// In pgbench's language.
    pub(crate) text: String,
    /// Values of its variables.
    pub(crate) variables: Vec<(String, String)>,
    /// Settings of the sessions, as `name=value`.
    pub(crate) settings: Vec<String>,
}

impl Script {
    /// A script without variables and settings.
    pub(crate) fn new(text: impl Into<String>) -> Script {
        Script { text: text.into(), ..Script::default() }
    }
}

impl Ground {
    /// Runs a script as the owner, with prepared statements. A script that fails fails the run.
    pub(crate) async fn pgbench(&self, database: &str, script: &Script, clients: usize, time: u64) -> Result<Outcome> {
        let place = self.directory.join(format!("pgbench-{}", kernel::new_id()));
        fs::create_dir_all(&place)?;
        let file = place.join("script.sql");
        fs::write(&file, &script.text)?;
        let mut command = Command::new(self.tools.postgres.join("pgbench"));
        command
            .args(["--no-vacuum", "--protocol=prepared", "--log"])
            .arg(format!("--log-prefix={}", place.join("times").display()))
            .arg(format!("--client={clients}"))
            .arg(format!("--jobs={}", clients.min(2)))
            .arg(format!("--time={time}"))
            .arg(format!("--file={}", file.display()));
        for (name, value) in &script.variables {
            command.arg(format!("--define={name}={value}"));
        }
        let settings: Vec<String> = script.settings.iter().map(|s| format!("-c {s}")).collect();
        command
            .env("PGHOST", "127.0.0.1")
            .env("PGPORT", self.postgres.port().to_string())
            .env("PGUSER", portico::dev::postgres::OWNER)
            .env("PGPASSWORD", self.postgres.password())
            .env("PGDATABASE", database)
            .env("PGOPTIONS", settings.join(" "))
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let limit = Duration::from_secs(time + 60);
        let output = tokio::time::timeout(limit, command.output()).await.context("pgbench did not end")??;
        let said = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            bail!("pgbench: {}", String::from_utf8_lossy(&output.stderr));
        }
        ensure!(said.contains("number of failed transactions: 0 "), "pgbench had failed transactions: {said}");
        let rate = said.lines().find_map(|l| l.strip_prefix("tps = ")).and_then(|l| l.split(' ').next());
        let rate: f64 = rate.context("pgbench told no rate")?.parse()?;
        let mut latencies = Vec::new();
        for entry in fs::read_dir(&place)?.flatten() {
            if entry.file_name().to_string_lossy().starts_with("times") {
                latencies.extend(times(&fs::read_to_string(entry.path())?));
            }
        }
        fs::remove_dir_all(&place)?;
        ensure!(!latencies.is_empty() && rate > 0.0, "pgbench made no transaction: {said}");
        Ok(Outcome { seconds: latencies.len() as f64 / rate, latencies, refused: 0 })
    }
}

/// Latencies in milliseconds from pgbench's log: client, transaction, microseconds, ….
fn times(log: &str) -> impl Iterator<Item = f64> {
    log.lines().filter_map(|l| l.split(' ').nth(2)?.parse::<f64>().ok()).map(|micros| micros / 1_000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_are_the_third_column_of_the_log() {
        let log = "0 1 1500 0 1700000000 1\n3 2 250 0 1700000000 2\n";
        assert_eq!(times(log).collect::<Vec<_>>(), [1.5, 0.25]);
    }
}
