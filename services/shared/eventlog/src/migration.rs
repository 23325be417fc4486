//! Bringing a database to the schema of this version: roles, schemas, the log's tables, then the service's own.

use crate::{LogError, connect_options, with_search_path};
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, SqlSafeStr,
    migrate::{Migration, MigrationType, Migrator},
};

/// The log's own steps, in every service's schemas.
const LOG: [(i64, &str, &str); 3] = [
    (1, "log", include_str!("../migrations/0001_log.sql")),
    (2, "programs", include_str!("../migrations/0002_programs.sql")),
    (3, "contract_append", include_str!("../migrations/0003_contract_append.sql")),
];

/// The migrations of one service. Numbers below 100 belong to the log.
pub struct Migrations {
    /// The service's name; also of its schema and, with `portico_` in front, of its role.
    pub service: &'static str,
    /// Number, name and SQL, in order. In the SQL, `%service%` stands for the service's name.
    pub steps: &'static [(i64, &'static str, &'static str)],
}

impl Migrations {
    /// The number of the last step: what a service of this version requires.
    pub fn required(&self) -> i64 {
        self.numbers().last().unwrap_or(0)
    }

    /// The numbers of all steps, the log's first.
    fn numbers(&self) -> impl Iterator<Item = i64> {
        LOG.iter().chain(self.steps).map(|s| s.0)
    }

    /// The number of the last step up to which a database has all that this version requires, or 0. Needs only the
    /// right to read. Not simply the highest number: the log's steps are numbered below the service's, and a new one
    /// of them is missing although later numbers are there.
    pub async fn applied(&self, connection: &mut PgConnection) -> Result<i64, LogError> {
        let sql = format!("select version from {}._sqlx_migrations where success", self.service);
        match sqlx::query_scalar::<_, i64>(AssertSqlSafe(sql)).fetch_all(connection).await {
            Ok(there) => Ok(self.numbers().take_while(|n| there.contains(n)).last().unwrap_or(0)),
            Err(sqlx::Error::Database(d)) if matches!(d.code().as_deref(), Some("42P01" | "3F000" | "42501")) => Ok(0),
            Err(e) => Err(e.into()),
        }
    }
}

/// Migrates one service's schemas; forward only, safe to repeat, one migration at a time by an advisory lock.
/// Runs as the owner; makes the service's role (without a password) when it does not exist.
pub async fn migrate(owner_url: &str, migrations: &Migrations) -> Result<(), LogError> {
    let service = migrations.service;
    let options = with_search_path(connect_options(owner_url, service)?, service).application_name("portico-migrate");
    let mut connection = options.connect().await?;
    let prepare = format!(
        "select pg_advisory_lock(hashtext('portico migrate'));
         do $$ begin
             if not exists (select from pg_roles where rolname = 'portico_{service}') then
                 create role portico_{service} login;
             end if;
         end $$;
         create schema if not exists {service};
         create schema if not exists {service}_log;
         create schema if not exists {service}_rebuild;
         grant usage on schema {service} to portico_{service};"
    );
    connection.execute(AssertSqlSafe(prepare)).await?;
    let steps = LOG
        .iter()
        .chain(migrations.steps)
        .copied()
        .map(|(number, name, sql)| {
            let sql = AssertSqlSafe(sql.replace("%service%", service)).into_sql_str();
            Migration::new(number, name.into(), MigrationType::Simple, sql, false)
        })
        .collect();
    let mut migrator = Migrator::with_migrations(steps);
    // A version that was rolled back to meets the steps of the newer one: they only expand, so it can work with them.
    migrator.set_ignore_missing(true);
    let result = migrator.run(&mut connection).await;
    let finish = format!("grant select on {service}._sqlx_migrations to portico_{service}");
    if result.is_ok() {
        connection.execute(AssertSqlSafe(finish)).await?;
    }
    connection.execute("select pg_advisory_unlock(hashtext('portico migrate'))").await?;
    connection.close().await?;
    result.map_err(|e| LogError::Broken(format!("migration of {service}: {e}")))
}
