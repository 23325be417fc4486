//! What surrounds rows, in one statement: related records, agents, and what the viewer takes part in.

use crate::{
    catalogue::Modules,
    domain::{
        module::Module,
        value::{FieldKind, Value},
    },
    error::database,
    found::{Agent, Around, COLUMNS, Found},
    service::{Caller, Records},
};
use kernel::{ActorKind, Error};
use sqlx::{AssertSqlSafe, Row};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use uuid::Uuid;

/// What is to be read around some rows.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    /// Records by their module's number.
    records: BTreeMap<i16, BTreeSet<Uuid>>,
    agents: BTreeSet<Uuid>,
    /// Rows of a module of which the viewer's participation is asked.
    rows: Vec<Uuid>,
}

impl Wanted {
    /// Nothing yet, but with a place for every module that the module's relations point to: one shape of statement
    /// per module.
    pub(crate) fn around(modules: &Modules, module: &Module) -> Wanted {
        let mut wanted = Wanted::default();
        for field in module.fields.iter().filter(|f| f.kind == FieldKind::Relation) {
            if let Some(target) = modules.get(&field.target) {
                wanted.records.entry(target.number()).or_default();
            }
        }
        // Who did something from outside is a contact, or a company by its link.
        for module in modules.contacts().into_iter().chain(modules.get(policy::COMPANIES)) {
            wanted.records.entry(module.number()).or_default();
        }
        wanted
    }

    /// What a row's relations, owner and actors point to.
    pub(crate) fn add_row(&mut self, modules: &Modules, module: &Module, row: &Found) {
        self.rows.push(row.id);
        for (field, slot) in module.fields.iter().zip(row.slots(module)) {
            if let Some(id) = slot.value.as_ref().and_then(Value::as_id) {
                self.add_value(modules, &field.target, field.kind, id);
            }
        }
        self.add_actor(modules, row.created_kind, row.created_by);
        if let Some(customer) = row.modified_by_ext {
            self.add_actor(modules, ActorKind::Contact, customer);
            self.add_actor(modules, ActorKind::Company, customer);
        }
    }

    /// What a relation or owner points to.
    pub(crate) fn add_value(&mut self, modules: &Modules, target: &str, kind: FieldKind, id: Uuid) {
        match kind {
            FieldKind::Owner => drop(self.agents.insert(id)),
            FieldKind::Relation => {
                if let Some(target) = modules.get(target) {
                    self.records.entry(target.number()).or_default().insert(id);
                }
            }
            _ => {}
        }
    }

    /// Somebody who did something.
    pub(crate) fn add_actor(&mut self, modules: &Modules, kind: ActorKind, id: Uuid) {
        let module = match kind {
            ActorKind::Agent => {
                self.agents.insert(id);
                None
            }
            ActorKind::Contact => modules.contacts(),
            ActorKind::Company => modules.get(policy::COMPANIES),
            ActorKind::Service => None,
        };
        if let Some(module) = module {
            self.records.entry(module.number()).or_default().insert(id);
        }
    }

    /// An agent, if the id is one's.
    pub(crate) fn add_agent(&mut self, id: Uuid) {
        self.agents.insert(id);
    }

    /// Records of a module.
    pub(crate) fn add_records(&mut self, module: i16, ids: &[Uuid]) {
        self.records.entry(module).or_default().extend(ids);
    }

    fn is_empty(&self) -> bool {
        self.agents.is_empty() && self.records.values().all(BTreeSet::is_empty)
    }
}

impl Records {
    /// Reads what is wanted: one statement, or none when nothing is.
    pub(crate) async fn around(
        &self,
        caller: &Caller,
        module: Option<&Arc<Module>>,
        wanted: Wanted,
    ) -> Result<Around, Error> {
        let me = caller.me();
        let participation = module.filter(|_| me > 0 && !wanted.rows.is_empty());
        if wanted.is_empty() && participation.is_none() {
            return Ok(Around::default());
        }
        let mut sql = String::new();
        let mut place = 0;
        let branch = |sql: &mut String, text: String| {
            if !sql.is_empty() {
                sql.push_str(" union all ");
            }
            sql.push_str(&text);
        };
        for number in wanted.records.keys() {
            place += 1;
            branch(
                &mut sql,
                format!("select {number}::int, {COLUMNS}, ''::text from m{number}_v1 r where r.id = any (${place})"),
            );
        }
        place += 1;
        const NOTHING: &str = "0::bigint, 0, false, 'epoch'::timestamptz, 'epoch'::timestamptz, 0::smallint, \
                               '00000000-0000-0000-0000-000000000000'::uuid, null::uuid, null::bigint, null::bigint, \
                               null::bigint, ''::bytea";
        branch(&mut sql, format!("select 0, r.id, {NOTHING}, r.name from agents_v1 r where r.id = any (${place})"));
        if let Some(module) = participation {
            branch(
                &mut sql,
                format!(
                    "select -1, p.record, {NOTHING}, ''::text from participants_v1 p
                     where p.contact = ${} and p.module = {} and p.record = any (${})",
                    place + 1,
                    module.number(),
                    place + 2
                ),
            );
        }
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for ids in wanted.records.values() {
            query = query.bind(ids.iter().copied().collect::<Vec<_>>());
        }
        query = query.bind(wanted.agents.iter().copied().collect::<Vec<_>>());
        if participation.is_some() {
            query = query.bind(me).bind(wanted.rows);
        }
        let mut around = Around::default();
        for row in query.fetch_all(&self.lists).await.map_err(database)? {
            let kind: i32 = row.try_get(0).map_err(database)?;
            let id: Uuid = row.try_get(1).map_err(database)?;
            match i16::try_from(kind) {
                Ok(0) => {
                    let name = row.try_get(14).map_err(database)?;
                    around.agents.insert(id, Agent { name });
                }
                Ok(-1) => drop(around.participating.insert(id)),
                Ok(number) => {
                    let found = Found::read(&row, 1).map_err(database)?;
                    around.records.insert(id, (number, found));
                }
                Err(_) => {}
            }
        }
        Ok(around)
    }
}

/// Names of actors for histories: who is asked for, and the answer.
pub(crate) fn actor_name(modules: &Modules, around: &Around, kind: ActorKind, id: Uuid) -> String {
    match kind {
        ActorKind::Agent => around.agents.get(&id).map(|a| a.name.clone()).unwrap_or_default(),
        ActorKind::Contact | ActorKind::Company => {
            let named = around.records.get(&id);
            named.and_then(|(number, row)| Some(row.title(modules.numbered(*number)?))).unwrap_or_default()
        }
        ActorKind::Service => String::new(),
    }
}
