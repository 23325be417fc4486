//! One Postgres per test process, one database per test.

use crate::eventually;
use anyhow::{Context, Result};
use eventlog::{Log, LogOptions, Projection};
use portico::{
    dev::{
        postgres::{OWNER, Postgres, PostgresOptions},
        servers::Tools,
    },
    provision,
};
use runtime::SERVICES;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, postgres::PgConnectOptions};
use std::{
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};
use tokio::sync::OnceCell;

const TEMPLATE: &str = "portico_template";
/// Password of every service's role.
pub const ROLE_PASSWORD: &str = "test";

struct Server {
    postgres: Postgres,
    _directory: std::path::PathBuf,
}

static SERVER: OnceCell<Server> = OnceCell::const_new();
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A Postgres of one's own, for tests that kill it. `durable` keeps fsync on.
pub async fn postgres(directory: &std::path::Path, durable: bool) -> Result<Postgres> {
    let options = PostgresOptions {
        tools: Tools::locate()?,
        directory: directory.join("postgres"),
        port: None,
        settings: vec![("max_connections".into(), "200".into()), ("shared_buffers".into(), "64MB".into())],
        durable,
    };
    Ok(Postgres::start(options).await?)
}

async fn server() -> Result<&'static Server> {
    SERVER
        .get_or_try_init(|| async {
            let directory = crate::temporary("shared")?;
            let postgres = postgres(&directory, false).await?;
            prepare(&postgres, TEMPLATE).await?;
            anyhow::Ok(Server { postgres, _directory: directory })
        })
        .await
}

/// Makes a migrated database on a server.
async fn prepare(postgres: &Postgres, name: &str) -> Result<()> {
    provision::create_database(&postgres.url(), name).await?;
    provision::set_passwords(&postgres.url(), |_| ROLE_PASSWORD.into()).await?;
    provision::migrate(&postgres.url_of(OWNER, postgres.password(), name)).await
}

/// A migrated database.
pub struct Database {
    base: String,
    owner: String,
}

impl Database {
    /// A database of this test's own on the process's Postgres.
    pub async fn new() -> Result<Database> {
        let server = server().await.context("the tests' Postgres")?;
        let name = format!("t{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let mut connection = PgConnectOptions::from_str(&server.postgres.url())?.connect().await?;
        // Cloning needs the template to itself for a moment; other tests clone it too.
        let sql = format!("create database {name} template {TEMPLATE}");
        eventually("the template of databases", async || {
            Ok(sqlx::query(AssertSqlSafe(sql.as_str())).execute(&mut connection).await.map(drop)?)
        })
        .await?;
        connection.close().await?;
        Ok(Database::on(&server.postgres, &name))
    }

    /// A migrated database on a given server.
    pub async fn made_on(postgres: &Postgres, name: &str) -> Result<Database> {
        prepare(postgres, name).await?;
        Ok(Database::on(postgres, name))
    }

    /// A database that is on a server already, restored for example.
    pub fn on(postgres: &Postgres, name: &str) -> Database {
        Database {
            base: format!("127.0.0.1:{}/{name}", postgres.port()),
            owner: postgres.url_of(OWNER, postgres.password(), name),
        }
    }

    /// As the owner, who is a superuser here.
    pub fn owner_url(&self) -> &str {
        &self.owner
    }

    /// As a service's role.
    pub fn url(&self, service: &str) -> String {
        format!("postgres://portico_{service}:{ROLE_PASSWORD}@{}", self.base)
    }

    /// Settings that name it.
    pub fn settings(&self) -> Vec<(String, String)> {
        let mut settings = vec![("PORTICO_DATABASE_URL".to_owned(), self.owner.clone())];
        for service in SERVICES {
            settings.push((format!("PORTICO_{}_DATABASE_URL", service.to_uppercase()), self.url(service)));
        }
        settings
    }

    /// A pool of a service's role.
    pub fn pool(&self, service: &str) -> Result<sqlx::PgPool> {
        Ok(eventlog::pool(&self.url(service), service, 8)?)
    }

    /// A log, with or without projections.
    pub fn log(
        &self,
        service: &'static str,
        projections: Vec<Arc<dyn Projection>>,
        options: LogOptions,
    ) -> Result<Log> {
        Ok(Log::open(service, self.pool(service)?, &crate::master_key(), projections, options))
    }

    /// A connection as the owner.
    pub async fn owner(&self) -> Result<sqlx::PgConnection> {
        Ok(PgConnectOptions::from_str(&self.owner)?.connect().await?)
    }
}
