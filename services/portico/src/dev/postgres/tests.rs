use std::process::Command;

use super::*;
use crate::host::TestDirectory;

async fn start(directory: &Path, durable: bool) -> Postgres {
    Postgres::start(PostgresOptions {
        tools: Tools::locate().unwrap(),
        directory: directory.to_path_buf(),
        port: None,
        settings: vec![("work_mem".to_owned(), "5MB".to_owned())],
        durable,
    })
    .await
    .unwrap()
}

/// The answer of `psql`, or what it complains about.
fn ask(postgres: &Postgres, url: &str, statement: &str) -> Result<String, String> {
    let output = Command::new(postgres.options.tools.postgres.join("psql"))
        .args(["--no-psqlrc", "--tuples-only", "--no-align", "--command", statement, url])
        .output()
        .unwrap();
    if output.status.success() {
        Ok(String::from_utf8(output.stdout).unwrap().trim().to_owned())
    } else {
        Err(String::from_utf8(output.stderr).unwrap())
    }
}

#[tokio::test]
async fn what_was_committed_survives_a_kill_and_a_new_start() {
    let directory = TestDirectory::new();
    let mut postgres = start(&directory.0, true).await;
    let (url, port) = (postgres.url(), postgres.port());
    let settings = "select current_setting('fsync'), current_setting('work_mem'), current_setting('server_version')";
    assert_eq!(ask(&postgres, &url, settings).unwrap(), "on|5MB|18.6");
    ask(&postgres, &url, "create table kept (word text); insert into kept values ('yes')").unwrap();
    postgres.kill().await;
    assert_eq!(postgres.pid(), None);
    assert!(ask(&postgres, &url, "select 1").is_err());
    postgres.start_again().await.unwrap();
    assert_eq!(postgres.port(), port);
    assert_eq!(ask(&postgres, &url, "select word from kept").unwrap(), "yes");

    // A new value on the same directory, as after a restart of ours, and a lock that names a foreign process.
    drop(postgres);
    let lock = directory.0.join("cluster/postmaster.pid");
    fs::write(&lock, format!("{}\n", std::process::id())).unwrap();
    let postgres = start(&directory.0, true).await;
    assert_eq!(ask(&postgres, &postgres.url(), "select word from kept").unwrap(), "yes");
}

#[tokio::test]
async fn a_second_server_on_the_same_directory_is_refused() {
    let directory = TestDirectory::new();
    let postgres = start(&directory.0, false).await;
    let second = Postgres::start(postgres.options.clone()).await;
    assert!(second.unwrap_err().to_string().contains("already runs on"));
    assert_eq!(ask(&postgres, &postgres.url(), "show fsync").unwrap(), "off");
}

#[tokio::test]
async fn a_wrong_password_is_refused() {
    let directory = TestDirectory::new();
    let postgres = start(&directory.0, false).await;
    let answer = ask(&postgres, &postgres.url_of(OWNER, "wrong", "postgres"), "select 1");
    assert!(answer.unwrap_err().contains("password authentication failed"));
    let mode = fs::metadata(directory.0.join("password")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn a_directory_that_others_cannot_pass_still_serves() {
    let directory = TestDirectory::new();
    fs::set_permissions(&directory.0, fs::Permissions::from_mode(0o700)).unwrap();
    let inner = directory.0.join("checkout");
    let mut postgres = start(&inner, false).await;
    assert_eq!(ask(&postgres, &postgres.url(), "select 1").unwrap(), "1");
    postgres.stop().await;
    // As root the cluster lies elsewhere, behind a link.
    let real = fs::canonicalize(inner.join("cluster")).unwrap();
    if let Some(home) = real.parent().filter(|home| home.starts_with(OPEN_STATE)) {
        remove_tree(home).unwrap();
    }
}
