//! Columns and indexes of fields that are promoted or demoted after their module was made: outside of appends, while the
//! module is used.
//!
//! An append may take five seconds and holds up all others, so it only tells what is wanted. Here it is done, by one process
//! at a time, in steps each of which may be the last one before a crash and is done again without harm: columns are added;
//! from then on every change of a record fills them; the rows that are there are filled in small batches; indexes are built
//! concurrently; and an event tells that lists can sort and filter by the field. The other way an event has told that they
//! can't, and indexes and columns go.

use crate::{
    commands::module_id,
    domain::{
        module::{Command, Definitions, Module},
        value::Field,
    },
    error::database,
    projections::{columns::field_numbers, shape},
    service::Records,
};
use eventlog::{Decision, Loaded, Meta, WithoutRebuild};
use kernel::{Actor, Code, Error};
use sqlx::{Connection, PgConnection};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tokio_util::sync::CancellationToken;

/// How often the modules in memory are looked at.
const LOOK: Duration = Duration::from_millis(500);
/// How long it waits when another process is at work, or something failed.
const REST: Duration = Duration::from_secs(3);
/// How long a change of a table's columns waits for those who use the table; they wait behind it.
const PATIENCE: &str = "set local lock_timeout = '300ms'";

impl Records {
    /// Brings columns and indexes of all modules to what their definitions want. True when nothing is left to do; false
    /// when another process is at work on it, or a rebuild.
    ///
    /// # Errors
    /// Unavailable while the database is away, or while a table is used for longer than this waits; to be tried again.
    pub async fn prepare(&self) -> Result<bool, Error> {
        let modules = self.catalogue.refresh().await?;
        let all: Vec<String> = modules.iter().map(|d| d.module.name().to_owned()).collect();
        self.prepare_these(&all).await
    }

    async fn prepare_these(&self, names: &[String]) -> Result<bool, Error> {
        let Some(mut held) = WithoutRebuild::hold(&self.log).await? else { return Ok(false) };
        let mut done = Ok(());
        for name in names {
            done = self.prepare_one(held.connection(), name).await;
            if done.is_err() {
                break;
            }
        }
        held.release().await;
        self.catalogue.reload().await?;
        done.map(|()| true)
    }

    async fn prepare_one(&self, connection: &mut PgConnection, name: &str) -> Result<(), Error> {
        let Loaded { state, .. } = self.log.aggregate::<Definitions>(module_id(name)).await?;
        let Some(standing) = state.standing() else { return Ok(()) };
        let had = columns(connection, name).await.map_err(database)?;
        let module = Module::with_columns(standing.clone(), &had);
        let lacking: Vec<&Field> = module.fields.iter().filter(|f| f.promoted && !f.has_column).collect();
        if !lacking.is_empty() {
            let change = shape::add_columns(&module, &lacking);
            let columns = had.union(&module.promoted()).copied().collect();
            self.reshape(connection, &module, &state, &change, &columns).await?;
        }
        let wanted = module.promoted();
        let module = Module::with_columns(standing.clone(), &wanted);
        let is_ready = |f: &Field| f.sortable && had.contains(&f.number);
        let new: Vec<&Field> = module.fields.iter().filter(|f| f.has_column && !is_ready(f)).collect();
        if !new.is_empty() {
            // Appends that had begun may have read the module before it had the columns.
            self.log.settled().await?;
            shape::fill(connection, &module, &new).await.map_err(database)?;
        }
        shape::bring_indexes(connection, &module, true).await.map_err(database)?;
        let gone: BTreeSet<u32> = had.difference(&wanted).copied().collect();
        if !gone.is_empty() {
            self.reshape(connection, &module, &state, &shape::drop_columns(&module, &gone), &wanted).await?;
        }
        // What a crash lets untold is told by the next round, for the state says what was told.
        for field in new {
            self.tell(name, Command::Sortable(field.number)).await?;
        }
        for number in state.columns().difference(&wanted) {
            self.tell(name, Command::Dropped(*number)).await?;
        }
        Ok(())
    }

    /// Changes the columns of a module's table together with what is known of them, unless the module was changed since.
    async fn reshape(
        &self,
        connection: &mut PgConnection,
        module: &Module,
        state: &Definitions,
        change: &str,
        columns: &BTreeSet<u32>,
    ) -> Result<(), Error> {
        let mut tx = connection.begin().await.map_err(database)?;
        sqlx::query(PATIENCE).execute(&mut *tx).await.map_err(database)?;
        // While this row is held no event of the module is applied, so nobody begins to fill a column that goes.
        let version: i64 = sqlx::query_scalar("select version from modules_v1 where name = $1 for update")
            .bind(module.name())
            .fetch_one(&mut *tx)
            .await
            .map_err(database)?;
        if version != state.version() {
            return Err(Error::new(Code::Conflict, "concurrent_change", "The module was changed at the same moment."));
        }
        shape::as_owner(&mut tx, change).await.map_err(database)?;
        shape::keep_columns(&mut tx, module, columns).await.map_err(database)?;
        tx.commit().await.map_err(database)
    }

    /// Tells in the module's stream how far its columns are.
    async fn tell(&self, module: &str, command: Command) -> Result<(), Error> {
        let meta = Meta::new(Actor::service("records"), kernel::new_id(), &[]);
        let decision = Decision { id: module_id(module), meta: &meta, command, expected: None, repeatable: false };
        self.log.decide::<Definitions>(decision, |_, _, _| {}).await?;
        Ok(())
    }
}

/// The fields whose columns a module's table has.
async fn columns(connection: &mut PgConnection, name: &str) -> Result<BTreeSet<u32>, sqlx::Error> {
    let found: Option<Vec<i32>> = sqlx::query_scalar("select columns from modules_v1 where name = $1")
        .bind(name)
        .fetch_optional(connection)
        .await?;
    Ok(field_numbers(&found.unwrap_or_default()))
}

/// Prepares what definitions want until shutdown, soon after they want it.
pub(crate) async fn keep_prepared(records: Records, shutdown: CancellationToken) {
    // By version: the status may have moved to another field, which asks for another index and for no column.
    let mut seen: BTreeMap<String, i64> = BTreeMap::new();
    let mut due: BTreeSet<String> = BTreeSet::new();
    let mut pause = LOOK;
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
        pause = LOOK;
        let Ok(modules) = records.catalogue.modules().await else { continue };
        for defined in modules.iter() {
            let name = defined.module.name();
            let before = seen.insert(name.to_owned(), defined.version);
            if defined.module.is_waiting() || before.is_some_and(|version| version != defined.version) {
                due.insert(name.to_owned());
            }
        }
        if due.is_empty() {
            continue;
        }
        let names: Vec<String> = due.iter().cloned().collect();
        let done = tokio::select! {
            () = shutdown.cancelled() => return,
            done = records.prepare_these(&names) => done,
        };
        match done {
            Ok(true) => {
                due.clear();
                tracing::info!(event = "columns.prepared", modules = ?names, "columns and indexes are as wanted");
            }
            Ok(false) => pause = REST,
            Err(error) => {
                pause = REST;
                tracing::warn!(event = "columns.waiting", error = %error, "columns and indexes can't be changed yet");
            }
        }
    }
}
