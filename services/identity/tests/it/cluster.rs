//! A private Postgres for this test binary, and a database for each test.

use sqlx::{ConnectOptions, Connection, Executor, PgConnection, postgres::PgConnectOptions};
use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    str::FromStr,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

struct Cluster {
    port: u16,
    /// Its standard input closes when this process ends, however it ends; then the server stops and its files go.
    _keeper: Child,
}

static CLUSTER: OnceLock<Cluster> = OnceLock::new();
static TEMPLATE: tokio::sync::OnceCell<()> = tokio::sync::OnceCell::const_new();
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// An empty database with identity's schema.
pub(crate) struct Database {
    name: String,
    port: u16,
}

impl Database {
    pub(crate) async fn new() -> Database {
        let port = CLUSTER.get_or_init(start).port;
        TEMPLATE
            .get_or_init(|| async {
                let mut admin = connect(&url(port, "postgres", "postgres")).await;
                admin.execute("create database identity_template").await.unwrap();
                eventlog::migrate(&url(port, "postgres", "identity_template"), &identity::MIGRATIONS).await.unwrap();
            })
            .await;
        let name = format!("identity_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let mut admin = connect(&url(port, "postgres", "postgres")).await;
        let create = format!("create database {name} template identity_template");
        // Two tests at once: Postgres copies a template for one after the other.
        for _ in 0..50 {
            match admin.execute(sqlx::AssertSqlSafe(create.clone())).await {
                Ok(_) => break,
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
        Database { name, port }
    }

    /// The URL of the runtime role.
    pub(crate) fn service_url(&self) -> String {
        url(self.port, "portico_identity", &self.name)
    }

    /// A connection of the owner, whom nothing is forbidden.
    pub(crate) async fn owner(&self) -> PgConnection {
        let options = PgConnectOptions::from_str(&url(self.port, "postgres", &self.name)).unwrap();
        eventlog::with_search_path(options, "identity, identity_log").connect().await.unwrap()
    }
}

fn url(port: u16, user: &str, database: &str) -> String {
    format!("postgres://{user}@127.0.0.1:{port}/{database}")
}

async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url).await.unwrap()
}

fn start() -> Cluster {
    let tools = tools().join("pg-18.6/bin");
    assert!(tools.join("postgres").exists(), "no Postgres in {}: run scripts/fetch-tools", tools.display());
    let home = std::env::temp_dir().join(format!("portico-identity-it-{}", std::process::id()));
    let data = home.join("data");
    std::fs::create_dir_all(&home).unwrap();
    // Postgres refuses to run as root.
    let root = std::fs::metadata(&home).map(|m| std::os::unix::fs::MetadataExt::uid(&m)).unwrap() == 0;
    if root {
        std::os::unix::fs::chown(&home, Some(65_534), Some(65_534)).unwrap();
    }
    let drop_root = if root { "setpriv --reuid=65534 --regid=65534 --clear-groups" } else { "" };
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let script = format!(
        "exec 3<&0 </dev/null >{home}/log 2>&1
         {drop_root} {bin}/initdb --pgdata={data} --username=postgres --auth=trust --no-sync --encoding=UTF8 --no-locale || exit 1
         {drop_root} {bin}/postgres -D {data} -p {port} -h 127.0.0.1 -k {data} -c fsync=off -c max_connections=300 \
             -c shared_buffers=32MB -c max_prepared_transactions=0 &
         server=$!
         cat <&3
         kill -QUIT $server
         wait $server
         rm -rf {home}",
        home = home.display(),
        bin = tools.display(),
        data = data.display(),
    );
    let keeper = Command::new("sh").arg("-c").arg(script).stdin(Stdio::piped()).spawn().unwrap();
    wait_until_ready(&home, &data);
    Cluster { port, _keeper: keeper }
}

fn tools() -> PathBuf {
    let from = |name: &str| std::env::var_os(name).map(PathBuf::from);
    from("PORTICO_CACHE")
        .or_else(|| from("XDG_CACHE_HOME").map(|c| c.join("portico")))
        .or_else(|| from("HOME").map(|h| h.join(".cache/portico")))
        .expect("there is a home directory")
}

fn wait_until_ready(home: &Path, data: &Path) {
    let started = Instant::now();
    loop {
        let status = std::fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
        if status.lines().nth(7).is_some_and(|line| line.trim() == "ready") {
            return;
        }
        let log = || std::fs::read_to_string(home.join("log")).unwrap_or_default();
        assert!(started.elapsed() < Duration::from_secs(60), "Postgres did not start: {}", log());
        std::thread::sleep(Duration::from_millis(50));
    }
}
