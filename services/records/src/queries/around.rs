//! What surrounds rows, in one statement: related records, agents, and what the viewer takes part in.

use crate::{
    catalogue::Modules,
    domain::{
        module::Module,
        value::{FieldType, PointsTo, Value},
    },
    error::database,
    found::{Agent, Around, COLUMN_COUNT, COLUMNS, Found, Nearby},
    service::{Caller, Records},
};
use kernel::{ActorKind, Error};
use sqlx::{AssertSqlSafe, Row};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use uuid::Uuid;

/// What deciding on records of a module reads beside their rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Reads {
    /// Their own long texts.
    pub(crate) texts: bool,
    contact: bool,
    company: bool,
    texts_of_contact: bool,
    texts_of_company: bool,
}

impl Reads {
    /// What the plan's rules and record condition read, and some conditions more. All that every gate looks up before it
    /// asks: what is not looked up is unknown, and closes.
    pub(crate) fn of<'p>(
        caller: &'p Caller,
        modules: &Modules,
        module: &Module,
        more: impl IntoIterator<Item = &'p str>,
    ) -> Reads {
        let mut reads = Reads::default();
        let of_plan = caller.plan.module(module.name()).into_iter().flat_map(policy::ModuleAccess::reads);
        for path in of_plan.chain(more) {
            reads.add(modules, module, path);
        }
        reads
    }

    fn add(&mut self, modules: &Modules, module: &Module, path: &str) {
        let long = |module: Option<&Arc<Module>>, field: &str| {
            module.and_then(|m| m.field(field)).is_some_and(|f| f.kind.is_long())
        };
        let own = |field: &str| module.field(field).is_some_and(|f| f.kind.is_long());
        match path.split_once('.') {
            None => self.texts |= own(path),
            Some(("contact", field)) if module.is_contacts() => self.texts |= own(field),
            Some(("company", field)) if module.is_companies() => self.texts |= own(field),
            Some(("contact", field)) => {
                self.contact = true;
                self.texts_of_contact |= long(modules.contacts(), field);
            }
            Some((_, field)) => {
                self.company = true;
                self.texts_of_company |= long(modules.get(policy::COMPANIES), field);
            }
        }
    }
}

/// What is to be read around some rows.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    /// Records by their module's number.
    records: BTreeMap<i16, BTreeSet<Uuid>>,
    /// Companies by number.
    companies: BTreeSet<i64>,
    agents: BTreeSet<Uuid>,
    /// Rows whose long texts are judged by, by their module's number.
    texts: BTreeMap<i16, Vec<Uuid>>,
    /// Rows in which the viewer's part is asked for.
    rows: Vec<Uuid>,
    /// Modules whose records are read with their long texts.
    whole: BTreeSet<i16>,
    /// What the rows themselves are judged by.
    reads: Reads,
    /// A record that is about to be changed: the company of its new contact may become its own.
    proposes: bool,
}

impl Wanted {
    /// Nothing yet, but with a place for every module that the module's relations point to: one shape of statement
    /// per module.
    pub(crate) fn around(modules: &Modules, module: &Module, reads: Reads) -> Wanted {
        let mut wanted = Wanted::judging(modules, reads);
        for field in module.fields.iter().filter(|f| f.kind.points_to() == Some(PointsTo::Record)) {
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

    /// Nothing yet, for rows that are only judged.
    pub(crate) fn judging(modules: &Modules, reads: Reads) -> Wanted {
        let mut wanted = Wanted { reads, ..Wanted::default() };
        let whole =
            [(reads.texts_of_contact, modules.contacts()), (reads.texts_of_company, modules.get(policy::COMPANIES))];
        wanted.whole.extend(whole.into_iter().filter_map(|(wanted, module)| Some(module.filter(|_| wanted)?.number())));
        wanted
    }

    /// For a record that is about to be made or changed.
    pub(crate) fn proposing(mut self) -> Wanted {
        self.proposes = true;
        self
    }

    /// What a row's relations, owner and actors point to, and what it is judged by.
    pub(crate) fn add_row(&mut self, modules: &Modules, module: &Module, row: &Found) {
        self.rows.push(row.id);
        for (field, held, _) in row.fields(module) {
            if let Some(id) = held.shown().and_then(Value::as_id) {
                self.add_value(modules, &field.target, field.kind, id);
            }
        }
        self.add_actor(modules, row.created_kind, row.created_by);
        if let Some(customer) = row.modified_by_ext {
            self.add_actor(modules, ActorKind::Contact, customer);
            self.add_actor(modules, ActorKind::Company, customer);
        }
        self.add_facts(modules, module, row, self.reads);
    }

    /// What a row is judged by: its contact, its company, its long texts, as far as they are asked for.
    pub(crate) fn add_facts(&mut self, modules: &Modules, module: &Module, row: &Found, reads: Reads) {
        let contact = module.contact_field().filter(|_| reads.contact);
        if let (Some(field), Some(contacts)) = (contact, modules.contacts())
            && let Some(id) = row.value(module, &field.name).and_then(Value::as_id)
        {
            self.records.entry(contacts.number()).or_default().insert(id);
        }
        if reads.company && !module.is_companies() {
            self.companies.extend(row.scope_company);
        }
        if reads.texts && !row.has_texts() {
            self.texts.entry(module.number()).or_default().push(row.id);
        }
    }

    /// What a relation or owner points to.
    pub(crate) fn add_value(&mut self, modules: &Modules, target: &str, kind: FieldType, id: Uuid) {
        match kind.points_to() {
            Some(PointsTo::Agent) => drop(self.agents.insert(id)),
            Some(PointsTo::Record) => {
                if let Some(target) = modules.get(target) {
                    self.records.entry(target.number()).or_default().insert(id);
                }
            }
            None => {}
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
        self.agents.is_empty()
            && self.companies.is_empty()
            && self.texts.is_empty()
            && self.records.values().all(BTreeSet::is_empty)
    }
}

/// What the rows of a statement are.
const AGENT: i32 = 0;
const TAKES_PART: i32 = -1;
const TEXT: i32 = -2;
const SEEN: i32 = -3;
/// In place of a row's columns.
const NO_COLUMNS: &str = "0::bigint, 0, false, 'epoch'::timestamptz, 'epoch'::timestamptz, 0::smallint, \
                          '00000000-0000-0000-0000-000000000000'::uuid, null::uuid, null::bigint, null::bigint, \
                          null::bigint, ''::bytea, 'epoch'::timestamptz, 'epoch'::timestamptz, 0::smallint, \
                          'epoch'::timestamptz, 'epoch'::timestamptz";
/// The same for how far the viewer has looked at a record: the version stands where a row has its number.
const SEEN_COLUMNS: &str = "s.version, 0, false, 'epoch'::timestamptz, 'epoch'::timestamptz, 0::smallint, \
                            '00000000-0000-0000-0000-000000000000'::uuid, null::uuid, null::bigint, null::bigint, \
                            null::bigint, ''::bytea, 'epoch'::timestamptz, 'epoch'::timestamptz, 0::smallint, \
                            'epoch'::timestamptz, 'epoch'::timestamptz";
/// Where a name and long texts stand behind a row's columns and its kind.
const NAME: usize = 1 + COLUMN_COUNT;
const BODY: usize = NAME + 1;

impl Records {
    /// Reads what is wanted, and what the records that are found are judged by, so that a name shows exactly where its
    /// record does: one statement, or none when nothing is wanted; a second one where a plan judges by the contact or
    /// company of what was found.
    pub(crate) async fn around(&self, caller: &Caller, modules: &Modules, mut wanted: Wanted) -> Result<Around, Error> {
        let mut around = Around::default();
        let reads: BTreeMap<i16, Reads> = (wanted.records.keys())
            .filter_map(|number| Some((*number, Reads::of(caller, modules, modules.numbered(*number)?, []))))
            .collect();
        wanted.whole.extend(reads.iter().filter(|(_, r)| r.texts).map(|(number, _)| *number));
        let mut next = Wanted::default();
        for (wanted_texts, module) in [
            (reads.values().any(|r| r.texts_of_contact), modules.contacts()),
            (reads.values().any(|r| r.texts_of_company), modules.get(policy::COMPANIES)),
        ] {
            wanted.whole.extend(module.filter(|_| wanted_texts).map(|m| m.number()));
        }
        next.whole.clone_from(&wanted.whole);
        let of_contact = wanted.proposes && wanted.reads.company;
        self.read_around(caller, modules, wanted, &mut around).await?;
        for (_, number, row) in around.all() {
            let Some(module) = modules.numbered(number) else { continue };
            next.add_facts(modules, module, row, reads.get(&number).copied().unwrap_or_default());
            if of_contact && module.is_contacts() {
                next.companies.extend(row.scope_company);
            }
        }
        next.leave_out(&around);
        self.read_around(caller, modules, next, &mut around).await?;
        Ok(around)
    }

    /// The same for names that are shown whatever their records are: one statement, nothing to judge by.
    pub(crate) async fn names(&self, caller: &Caller, modules: &Modules, wanted: Wanted) -> Result<Around, Error> {
        let mut around = Around::default();
        self.read_around(caller, modules, wanted, &mut around).await?;
        Ok(around)
    }

    async fn read_around(
        &self,
        caller: &Caller,
        modules: &Modules,
        wanted: Wanted,
        around: &mut Around,
    ) -> Result<(), Error> {
        let me = caller.me();
        let asks = !wanted.rows.is_empty();
        if wanted.is_empty() && !asks {
            return Ok(());
        }
        let related = wanted.records.values().flatten().copied();
        let part_in: Vec<Uuid> = wanted.rows.iter().copied().chain(related).collect();
        let mut branches = Vec::new();
        let mut place = 0;
        let mut next = || {
            place += 1;
            format!("${place}")
        };
        let with_text = |number: i16| match wanted.whole.contains(&number) {
            true => (format!(" left join m{number}_text_v1 t on t.id = r.id"), "coalesce(t.body, '')"),
            false => (String::new(), "null::bytea"),
        };
        for number in wanted.records.keys() {
            let (join, body) = with_text(*number);
            branches.push(format!(
                "select {number}::int, {COLUMNS}, ''::text, {body} from m{number}_v1 r{join} where r.id = any ({})",
                next()
            ));
        }
        let companies = modules.get(policy::COMPANIES).filter(|_| !wanted.companies.is_empty()).map(|m| m.number());
        if let Some(number) = companies {
            let (join, body) = with_text(number);
            branches.push(format!(
                "select {number}::int, {COLUMNS}, ''::text, {body} from m{number}_v1 r{join} where r.number = any ({})",
                next()
            ));
        }
        branches.push(format!(
            "select {AGENT}, r.id, {NO_COLUMNS}, r.name, null::bytea from agents_v1 r where r.id = any ({})",
            next()
        ));
        for number in wanted.texts.keys() {
            branches.push(format!(
                "select {TEXT}, t.id, {NO_COLUMNS}, ''::text, t.body from m{number}_text_v1 t where t.id = any ({})",
                next()
            ));
        }
        if me > 0 {
            branches.push(format!(
                "select {TAKES_PART}, p.record, {NO_COLUMNS}, ''::text, null::bytea from participants_v1 p
                 where p.contact = {} and p.record = any ({})",
                next(),
                next()
            ));
        }
        // How far somebody has looked is asked for what is shown, never for what is only judged.
        let looks = !wanted.rows.is_empty();
        if looks {
            branches.push(format!(
                "select {SEEN}, s.record, {SEEN_COLUMNS}, ''::text, null::bytea from seen_v1 s
                 where s.viewer = {} and s.record = any ({})",
                next(),
                next()
            ));
        }
        let mut query = sqlx::query(AssertSqlSafe(branches.join(" union all ")));
        for ids in wanted.records.values() {
            query = query.bind(ids.iter().copied().collect::<Vec<_>>());
        }
        if companies.is_some() {
            query = query.bind(wanted.companies.iter().copied().collect::<Vec<_>>());
        }
        query = query.bind(wanted.agents.iter().copied().collect::<Vec<_>>());
        for ids in wanted.texts.values() {
            query = query.bind(ids.clone());
        }
        if me > 0 {
            query = query.bind(me).bind(part_in);
        }
        if looks {
            query = query.bind(caller.viewer()).bind(wanted.rows.clone());
        }
        let rows = query.fetch_all(&self.lists).await.map_err(database)?;
        around.looked_for(&wanted.records, &wanted.companies);
        for row in rows {
            let kind: i32 = row.try_get(0).map_err(database)?;
            let id: Uuid = row.try_get(1).map_err(database)?;
            match kind {
                AGENT => drop(around.agents.insert(id, Agent { name: row.try_get(NAME).map_err(database)? })),
                TAKES_PART => drop(around.participating.insert(id)),
                SEEN => drop(around.seen.insert(id, row.try_get(2).map_err(database)?)),
                TEXT => drop(around.texts.insert(id, row.try_get(BODY).map_err(database)?)),
                number => {
                    let Ok(number) = i16::try_from(number) else { continue };
                    let found = Found::read(&row, 1).map_err(database)?;
                    let body: Option<Vec<u8>> = row.try_get(BODY).map_err(database)?;
                    let company = modules.numbered(number).is_some_and(|m| m.is_companies());
                    around.add(number, company, if body.is_some() { found.judged_with_text(body) } else { found });
                }
            }
        }
        Ok(())
    }
}

impl Wanted {
    /// Without what was read or looked for already.
    fn leave_out(&mut self, around: &Around) {
        for (module, ids) in &mut self.records {
            ids.retain(|id| matches!(around.record(*module, *id), Nearby::NotRead));
        }
        self.records.retain(|_, ids| !ids.is_empty());
        self.companies.retain(|number| matches!(around.company(*number), Nearby::NotRead));
    }
}

/// Names of actors for histories: who is asked for, and the answer.
pub(crate) fn actor_name(modules: &Modules, around: &Around, kind: ActorKind, id: Uuid) -> String {
    match kind {
        ActorKind::Agent => around.agents.get(&id).map(|a| a.name.clone()).unwrap_or_default(),
        ActorKind::Contact | ActorKind::Company => {
            let named = around.any(id);
            named.and_then(|(number, row)| Some(row.title(modules.numbered(number)?))).unwrap_or_default()
        }
        ActorKind::Service => String::new(),
    }
}
