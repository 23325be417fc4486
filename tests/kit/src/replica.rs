//! A streaming replica, made as an operator makes one.

use crate::{OWNER, Postgres, PostgresOptions, Tools};
use anyhow::{Context, Result, ensure};
use std::{
    fs,
    os::unix::fs::{MetadataExt, chown},
    path::Path,
};
use tokio::process::Command;

/// A replica of a server in a directory: copied by `pg_basebackup`, and following it from then on. Its settings have to
/// allow at least as many connections as the server's.
pub async fn replica(primary: &Postgres, directory: &Path, settings: Vec<(String, String)>) -> Result<Postgres> {
    let tools = Tools::locate()?;
    let cluster = directory.join("cluster");
    fs::create_dir_all(directory)?;
    let output = Command::new(tools.postgres.join("pg_basebackup"))
        .args(["-h", "127.0.0.1", "-p", &primary.port().to_string(), "-U", OWNER])
        .args(["--checkpoint=fast", "--write-recovery-conf", "--no-sync", "-D"])
        .arg(&cluster)
        .env("PGPASSWORD", primary.password())
        .output()
        .await?;
    ensure!(output.status.success(), "pg_basebackup: {}", String::from_utf8_lossy(&output.stderr));
    fs::write(directory.join("password"), primary.password())?;
    // As root the copy belongs to us, and the server runs as somebody else.
    let server = fs::metadata(format!("/proc/{}", primary.pid().context("the server runs")?))?;
    own_all(&cluster, server.uid(), server.gid())?;
    let options = PostgresOptions { tools, directory: directory.to_owned(), port: None, settings, durable: false };
    Ok(Postgres::start(options).await?)
}

fn own_all(path: &Path, user: u32, group: u32) -> Result<()> {
    chown(path, Some(user), Some(group))?;
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            own_all(&entry?.path(), user, group)?;
        }
    }
    Ok(())
}
