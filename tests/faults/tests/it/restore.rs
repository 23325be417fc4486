//! Backup and restore as deploy/README.md tells operators to do them, with the same programs: a dump into a new server, and
//! a base backup with archived WAL to a moment.

use anyhow::{Context, Result, ensure};
use kit::{
    Browser, Database, OWNER, Portal, PortalOptions, Postgres, PostgresOptions, ROLE_PASSWORD, Tools, eventually,
};
use serde_json::json;
use std::{
    os::unix::fs::{MetadataExt, chown},
    path::Path,
};
use tokio::process::Command;

/// A program of the server's, with its password.
async fn run(program: &str, postgres: &Postgres, arguments: &[&str]) -> Result<()> {
    let output = Command::new(Tools::locate()?.postgres.join(program))
        .args(["-h", "127.0.0.1", "-p", &postgres.port().to_string(), "-U", OWNER])
        .args(arguments)
        .env("PGPASSWORD", postgres.password())
        .output()
        .await?;
    ensure!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// Makes a ticket; answers its number.
async fn ticket(admin: &mut Browser, title: &str) -> Result<String> {
    let made = eventually("a ticket to be made", async || {
        let body = json!({"fields": {"title": title}});
        Ok(admin.clone().post("/modules/tickets/records", body).await?.expect(201)?.json())
    })
    .await?;
    Ok(made["number"].as_str().unwrap_or_default().to_owned())
}

async fn titles(admin: &mut Browser) -> Result<Vec<String>> {
    let list = admin.get("/modules/tickets/records?sort=number").await?.expect(200)?.json();
    let items = list["items"].as_array().cloned().unwrap_or_default();
    Ok(items.iter().map(|i| i["fields"]["title"].as_str().unwrap_or_default().to_owned()).collect())
}

async fn verified(portal: &Portal) -> Result<()> {
    for service in ["identity", "permissions", "records", "notification"] {
        let found = eventlog::verify(portal.log(service), None).await?;
        ensure!(found.violation.is_none(), "{service}: {:?}", found.violation);
    }
    Ok(())
}

/// The name of the database in a URL.
fn name_of(database: &Database) -> &str {
    database.owner_url().rsplit('/').next().unwrap_or_default()
}

/// proves: O09
#[tokio::test(flavor = "multi_thread")]
async fn a_dump_restores_into_a_new_server_and_the_bus_learns_of_it() -> Result<()> {
    let directory = kit::temporary("dump")?;
    let before = kit::postgres(&directory.join("before"), false).await?;
    let database = Database::made_on(&before, "portico").await?;
    let portal = Portal::with(PortalOptions { database: Some(database), ..PortalOptions::default() }).await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    ticket(&mut admin, "In the dump").await?;
    let dump = directory.join("portico.dump");
    let file = dump.to_str().context("a path")?;
    run("pg_dump", &before, &["-Fc", "-d", name_of(&portal.database), "-f", file]).await?;
    let lost = ticket(&mut admin, "After the dump").await?;
    portal.settle().await?;
    let nats = portal.stop_processes().await?;
    drop(before);

    // Another machine: roles first, then the database, then what was in it. Nothing may be skipped.
    let after = kit::postgres(&directory.join("after"), false).await?;
    run("createdb", &after, &["portico"]).await?;
    let roles = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/compose/postgres-roles.sql");
    let passwords: Vec<String> = ["identity", "permissions", "records", "notification"]
        .iter()
        .flat_map(|service| ["-v".to_owned(), format!("{service}_password={ROLE_PASSWORD}")])
        .collect();
    let mut arguments: Vec<&str> = passwords.iter().map(String::as_str).collect();
    arguments.extend(["-v", "ON_ERROR_STOP=1", "-d", "portico", "-f", roles]);
    run("psql", &after, &arguments).await?;
    run("pg_restore", &after, &["--exit-on-error", "-d", "portico", file]).await?;

    let options = PortalOptions {
        database: Some(Database::on(&after, "portico")),
        nats: Some(nats),
        unsettled: true,
        ..PortalOptions::default()
    };
    let portal = Portal::with(options).await?;
    verified(&portal).await?;
    let mut admin = portal.browser().console();
    admin.sign_in("admin@test.test", kit::PASSWORD).await?;
    ensure!(titles(&mut admin).await? == ["In the dump"]);
    // The bus knows an event that the log does not: nothing is published until the operator has decided. Work goes on, and
    // the number that was lost is given again.
    eventually("records to say that it diverged", async || {
        let states: Vec<_> = portal.running()[0].relays.iter().map(|r| r.borrow().clone()).collect();
        ensure!(states.iter().any(|s| matches!(s, eventlog::RelayState::Diverged(_))), "{states:?}");
        Ok(())
    })
    .await?;
    let again = ticket(&mut admin, "After the restore").await?;
    ensure!(again == lost, "{again} instead of {lost}");

    // What `portico events new-epoch` does, for every service that diverged.
    let operator = crate::world::connect(&portal.nats, "operator").await?;
    for service in ["identity", "permissions", "records", "notification"] {
        let sql = format!("select {service}_log.begin_epoch()");
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut portal.database.owner().await?).await?;
        eventlog::forget_stream(&operator, service).await?;
    }
    portal.settle().await?;
    // A consumer learns of it: another epoch, and at the position of the lost event another id.
    let mut stream = async_nats::jetstream::new(operator).get_stream("PORTICO_RECORDS").await?;
    ensure!(stream.info().await?.config.metadata.get("portico-epoch").map(String::as_str) == Some("2"));
    portal.stop().await
}

/// proves: O09
#[tokio::test(flavor = "multi_thread")]
async fn a_base_backup_and_archived_wal_restore_to_a_moment() -> Result<()> {
    let directory = kit::temporary("moment")?;
    let archive = directory.join("archive");
    std::fs::create_dir_all(&archive)?;
    let start = async |name: &str, settings: Vec<(String, String)>| -> Result<Postgres> {
        let options = PostgresOptions {
            tools: Tools::locate()?,
            directory: directory.join(name),
            port: None,
            settings,
            durable: true,
        };
        Ok(Postgres::start(options).await?)
    };
    let keep = format!("cp %p {}/%f", archive.display());
    let archiving = vec![("archive_mode".into(), "on".into()), ("archive_command".into(), keep)];
    let before = start("before", archiving).await?;
    // The server's user archives.
    let owner = std::fs::metadata(directory.join("before/cluster"))?;
    chown(&archive, Some(owner.uid()), Some(owner.gid()))?;

    let database = Database::made_on(&before, "portico").await?;
    let portal = Portal::with(PortalOptions { database: Some(database), ..PortalOptions::default() }).await?;
    let mut admin = portal.agent("admin@test.test", "administrator").await?;
    ticket(&mut admin, "In the base backup").await?;
    let copy = directory.join("after/cluster");
    std::fs::create_dir_all(directory.join("after"))?;
    run("pg_basebackup", &before, &["-D", copy.to_str().context("a path")?, "-c", "fast"]).await?;
    ticket(&mut admin, "In the archive").await?;
    portal.settle().await?;
    let mut connection = portal.database.owner().await?;
    let moment: String = sqlx::query_scalar("select clock_timestamp()::text").fetch_one(&mut connection).await?;
    ticket(&mut admin, "A mistake").await?;
    sqlx::query("select pg_switch_wal()").execute(&mut connection).await?;
    eventually("the WAL to be archived", async || {
        let (archived, now): (Option<String>, String) =
            sqlx::query_as("select last_archived_wal, pg_walfile_name(pg_current_wal_lsn()) from pg_stat_archiver")
                .fetch_one(&mut portal.database.owner().await?)
                .await?;
        let archived = archived.unwrap_or_default();
        ensure!(
            archived.len() == 24 && archived[8..] >= *previous(&now).get(8..).unwrap_or_default(),
            "{archived}, {now}"
        );
        Ok(())
    })
    .await?;
    drop(connection);
    drop(portal.stop_processes().await?);
    drop(before);

    restore_to(&copy, &archive, &moment)?;
    std::fs::copy(directory.join("before/password"), directory.join("after/password"))?;
    own_all(&copy, owner.uid(), owner.gid())?;
    let after = start("after", Vec::new()).await?;
    let database = Database::on(&after, "portico");
    eventually("the restore to be done", async || {
        let recovering: bool =
            sqlx::query_scalar("select pg_is_in_recovery()").fetch_one(&mut database.owner().await?).await?;
        ensure!(!recovering, "still recovering");
        Ok(())
    })
    .await?;
    // A bus of its own: what was on the other one is not asked here.
    let portal = Portal::with(PortalOptions { database: Some(database), ..PortalOptions::default() }).await?;
    verified(&portal).await?;
    let mut admin = portal.browser().console();
    admin.sign_in("admin@test.test", kit::PASSWORD).await?;
    let kept = titles(&mut admin).await?;
    ensure!(kept == ["In the base backup", "In the archive"], "{kept:?}");
    ticket(&mut admin, "Life goes on").await?;
    portal.settle().await?;
    portal.stop().await
}

/// The WAL file before one, within a log: what has been switched away from.
fn previous(file: &str) -> String {
    let number = file.get(16..).and_then(|n| u32::from_str_radix(n, 16).ok()).unwrap_or_default();
    format!("{}{:08X}", file.get(..16).unwrap_or_default(), number.saturating_sub(1))
}

/// What deploy/README.md writes into the copy before it is started.
fn restore_to(cluster: &Path, archive: &Path, moment: &str) -> Result<()> {
    use std::io::Write;
    let mut settings = std::fs::OpenOptions::new().append(true).open(cluster.join("postgresql.auto.conf"))?;
    writeln!(settings, "restore_command = 'cp {}/%f %p'", archive.display())?;
    writeln!(settings, "recovery_target_time = '{moment}'\nrecovery_target_action = 'promote'\narchive_mode = off")?;
    std::fs::write(cluster.join("recovery.signal"), "")?;
    Ok(())
}

fn own_all(path: &Path, user: u32, group: u32) -> Result<()> {
    chown(path, Some(user), Some(group))?;
    if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            own_all(&entry?.path(), user, group)?;
        }
    }
    Ok(())
}
