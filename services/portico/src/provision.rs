//! Preparing a database: the installation's own database, the schemas, and the roles' passwords. What `portico dev` and
//! the tests do with a Postgres of their own; elsewhere `portico migrate` does the schemas and the operator the rest.

use anyhow::{Context, Result};
use runtime::SERVICES;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, postgres::PgConnectOptions};
use std::str::FromStr;

use crate::target::Target;

/// Migrates every service's schema. Safe to repeat and to run twice at once.
pub async fn migrate(owner_url: &str) -> Result<()> {
    for target in Target::ALL {
        if let Some(migrations) = target.migrations() {
            eventlog::migrate(owner_url, migrations).await.with_context(|| format!("migrating {target}"))?;
        }
    }
    Ok(())
}

/// Makes a database when there is none of that name; answers whether it made it.
pub async fn create_database(url: &str, name: &str) -> Result<bool> {
    let mut connection = PgConnectOptions::from_str(url)?.connect().await?;
    let exists: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(name)
        .fetch_one(&mut connection)
        .await?;
    if !exists {
        sqlx::query(AssertSqlSafe(format!("create database {name}"))).execute(&mut connection).await?;
    }
    connection.close().await?;
    Ok(!exists)
}

/// Gives each service's role a password. Passwords are letters and digits.
pub async fn set_passwords(url: &str, password_of: impl Fn(&str) -> String) -> Result<()> {
    let mut connection = PgConnectOptions::from_str(url)?.connect().await?;
    for service in SERVICES {
        let password = password_of(service);
        anyhow::ensure!(password.chars().all(|c| c.is_ascii_alphanumeric()), "passwords are letters and digits");
        let sql = format!(
            "do $$ begin
                 perform pg_advisory_xact_lock(hashtext('portico roles'));
                 if not exists (select from pg_roles where rolname = 'portico_{service}') then
                     create role portico_{service} login;
                 end if;
                 alter role portico_{service} password '{password}';
             end $$"
        );
        sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await?;
    }
    // A database that is restored names it as the owner of modules' tables.
    let tables = "do $$ begin
             perform pg_advisory_xact_lock(hashtext('portico roles'));
             if not exists (select from pg_roles where rolname = 'portico_records_tables') then
                 create role portico_records_tables nologin;
             end if;
         end $$";
    sqlx::query(tables).execute(&mut connection).await?;
    connection.close().await?;
    Ok(())
}
