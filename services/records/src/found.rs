//! Rows as they are read, what surrounds them, and both as facts for policy.

use crate::{
    catalogue::Modules,
    conversation::Side,
    document::{self, Slot, Slots, Talk},
    domain::{
        module::Module,
        record::{Content, Record, Ties},
        value::{Field, Value},
    },
    moment::MaybeMoment,
    trail::Trail,
};
use kernel::{ActorKind, Timestamp};
use policy::{AccessPlan, Fact, Facts, Tie, ValueRef};
use sqlx::{Row, postgres::PgRow};
use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
};
use uuid::Uuid;

/// The columns of [`Found`], of a table called `r`.
pub(crate) const COLUMNS: &str = "r.id, r.number, r.version, r.deleted, r.created_at, r.modified_at, r.created_kind, \
     r.created_by, r.modified_by_ext, r.contact, r.company, r.scope_company, r.doc, r.activity_at, \
     r.agent_activity_at, r.last_word, r.waiting_since, r.closed_at";
/// How many they are.
pub(crate) const COLUMN_COUNT: usize = 18;

/// A row of a module's table.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) id: Uuid,
    pub(crate) number: i64,
    pub(crate) version: i64,
    pub(crate) deleted: bool,
    pub(crate) created_at: Timestamp,
    pub(crate) modified_at: Timestamp,
    pub(crate) created_kind: ActorKind,
    pub(crate) created_by: Uuid,
    pub(crate) modified_by_ext: Option<Uuid>,
    /// The number of the contact that it is tied to; a contact's own.
    pub(crate) contact: Option<i64>,
    /// The number of the company that it names; a company's own.
    company: Option<i64>,
    /// The number of the company whose list it is in.
    pub(crate) scope_company: Option<i64>,
    /// The newest of what customers see happen.
    pub(crate) activity_at: Timestamp,
    /// The same for agents.
    pub(crate) agent_activity_at: Timestamp,
    pub(crate) last_word: Option<Side>,
    pub(crate) waiting_since: Option<Timestamp>,
    pub(crate) closed_at: Option<Timestamp>,
    doc: Vec<u8>,
    texts: Texts,
    slots: OnceLock<Slots>,
    trail: OnceLock<Trail>,
}

/// The long texts of a row, which are in a table of their own.
#[derive(Debug, Clone)]
enum Texts {
    NotRead,
    /// Read to judge by; lists don't show them.
    Judging(Option<Vec<u8>>),
    /// Read to be shown.
    Showing(Option<Vec<u8>>),
}

/// What is known of a field of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Held<'a> {
    /// It holds this.
    Value(&'a Value),
    /// It holds nothing.
    Empty,
    /// A long text that was not read: nobody may take it for empty.
    NotRead,
}

impl<'a> Held<'a> {
    fn of(value: Option<&'a Value>) -> Held<'a> {
        value.map_or(Held::Empty, Held::Value)
    }

    /// What there is to show.
    pub(crate) fn shown(self) -> Option<&'a Value> {
        match self {
            Held::Value(value) => Some(value),
            Held::Empty | Held::NotRead => None,
        }
    }

    fn fact(self) -> Fact<'a> {
        match self {
            Held::NotRead => Fact::Unknown,
            Held::Empty => Fact::Known(ValueRef::Empty),
            Held::Value(value) => Fact::Known(value.into()),
        }
    }
}

impl Found {
    /// Reads [`COLUMNS`], from the given column on.
    pub(crate) fn read(row: &PgRow, at: usize) -> Result<Found, sqlx::Error> {
        Ok(Found {
            id: row.try_get(at)?,
            number: row.try_get(at + 1)?,
            version: row.try_get::<i32, _>(at + 2)?.into(),
            deleted: row.try_get(at + 3)?,
            created_at: Timestamp::from_offset(row.try_get(at + 4)?),
            modified_at: Timestamp::from_offset(row.try_get(at + 5)?),
            created_kind: ActorKind::from_number(row.try_get(at + 6)?),
            created_by: row.try_get(at + 7)?,
            modified_by_ext: row.try_get(at + 8)?,
            contact: row.try_get(at + 9)?,
            company: row.try_get(at + 10)?,
            scope_company: row.try_get(at + 11)?,
            doc: row.try_get(at + 12)?,
            activity_at: Timestamp::from_offset(row.try_get(at + 13)?),
            agent_activity_at: Timestamp::from_offset(row.try_get(at + 14)?),
            last_word: Side::numbered(row.try_get(at + 15)?),
            waiting_since: row.try_get::<MaybeMoment, _>(at + 16)?.0,
            closed_at: row.try_get::<MaybeMoment, _>(at + 17)?.0,
            texts: Texts::NotRead,
            slots: OnceLock::new(),
            trail: OnceLock::new(),
        })
    }

    /// The row of a record that is about to be created.
    pub(crate) fn proposed(id: Uuid, actor: &kernel::Actor, now: Timestamp) -> Found {
        Found {
            id,
            number: 0,
            version: 0,
            deleted: false,
            created_at: now,
            modified_at: now,
            created_kind: actor.doer().0,
            created_by: actor.doer().1,
            modified_by_ext: None,
            contact: None,
            company: None,
            scope_company: None,
            activity_at: now,
            agent_activity_at: now,
            last_word: None,
            waiting_since: None,
            closed_at: None,
            doc: Vec::new(),
            texts: Texts::Showing(None),
            slots: OnceLock::new(),
            trail: OnceLock::new(),
        }
    }

    /// With its long texts, to be shown.
    pub(crate) fn with_text(mut self, text: Option<Vec<u8>>) -> Found {
        (self.texts, self.slots) = (Texts::Showing(text), OnceLock::new());
        self
    }

    /// With its long texts, to judge by only.
    pub(crate) fn judged_with_text(mut self, text: Option<Vec<u8>>) -> Found {
        (self.texts, self.slots) = (Texts::Judging(text), OnceLock::new());
        self
    }

    /// True when its long texts were read.
    pub(crate) fn has_texts(&self) -> bool {
        !matches!(self.texts, Texts::NotRead)
    }

    /// True when its long texts are to be shown.
    pub(crate) fn shows_texts(&self) -> bool {
        matches!(self.texts, Texts::Showing(_))
    }

    fn slots(&self, module: &Module) -> &[Slot] {
        &self.opened(module).fields
    }

    fn opened(&self, module: &Module) -> &Slots {
        self.slots.get_or_init(|| {
            let text = match &self.texts {
                Texts::NotRead => None,
                Texts::Judging(text) | Texts::Showing(text) => text.as_deref(),
            };
            document::open(module, &self.doc, text)
        })
    }

    fn held<'a>(&self, field: &Field, slot: &'a Slot) -> Held<'a> {
        match &self.texts {
            Texts::NotRead if field.kind.is_long() => Held::NotRead,
            _ => Held::of(slot.value.as_ref()),
        }
    }

    /// Every field of the module with what is known of it, and the version of its last change.
    pub(crate) fn fields<'a>(&'a self, module: &'a Module) -> impl Iterator<Item = (&'a Field, Held<'a>, i64)> {
        let slots = module.fields.iter().zip(self.slots(module));
        slots.map(|(field, slot)| (field, self.held(field, slot), slot.changed))
    }

    /// What is known of a field that the module has.
    pub(crate) fn held_in(&self, module: &Module, field: &str) -> Held<'_> {
        let at = module.fields.iter().position(|f| f.name == field);
        let found = at.and_then(|at| Some((module.fields.get(at)?, self.slots(module).get(at)?)));
        found.map_or(Held::Empty, |(field, slot)| self.held(field, slot))
    }

    /// What made each of its versions.
    pub(crate) fn trail(&self) -> &Trail {
        self.trail.get_or_init(|| document::trail(&self.doc))
    }

    /// What of its conversation has no column.
    pub(crate) fn talk(&self) -> Talk {
        document::talk(&self.doc)
    }

    /// The customer who made the last change of a field that `sees`, or of the record as a whole.
    pub(crate) fn changed_outside(&self, module: &Module, sees: impl Fn(&str) -> bool) -> Option<Uuid> {
        let opened = self.opened(module);
        let seen = module.fields.iter().zip(&opened.fields).filter(|(f, _)| sees(&f.name)).map(|(_, slot)| slot);
        seen.chain([&opened.whole])
            .filter_map(|slot| slot.outside)
            .max_by_key(|(version, _)| *version)
            .map(|(_, id)| id)
    }

    /// What a field shows.
    pub(crate) fn value(&self, module: &Module, field: &str) -> Option<&Value> {
        self.held_in(module, field).shown()
    }

    /// The record to decide on. A row is written in the transaction of each event of its record, so it holds what the
    /// stream folds to; tests compare the two. It must have been read with its long texts.
    pub(crate) fn record(&self, module: &Module) -> Record {
        let number = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok()).unwrap_or_default();
        let fields = self.fields(module).filter_map(|(f, held, _)| Some((f.name.clone(), held.shown()?.clone())));
        let content = Content {
            id: self.id,
            module: module.name().to_owned(),
            number: number(Some(self.number)),
            fields: fields.collect(),
            ties: Ties { contact: number(self.contact), company: number(self.company) },
        };
        if self.deleted { Record::Deleted(content) } else { Record::Live(content) }
    }

    /// The record's name.
    pub(crate) fn title(&self, module: &Module) -> String {
        module.title_of(|f| self.value(module, &f.name))
    }
}

/// An agent as records knows one.
#[derive(Debug, Clone)]
pub(crate) struct Agent {
    pub(crate) name: String,
}

/// What surrounds some rows: the records and agents that they point to. It knows what was looked for, so that what was
/// not can't pass for what is not there.
#[derive(Debug, Default)]
pub(crate) struct Around {
    /// Module's number and row, by id.
    records: HashMap<Uuid, (i16, Found)>,
    /// Records that were looked for.
    looked_for: HashSet<(i16, Uuid)>,
    /// Companies that were looked for by number, with the id of each that there is.
    companies: HashMap<i64, Option<Uuid>>,
    /// Agents by id.
    pub(crate) agents: HashMap<Uuid, Agent>,
    /// Records that the viewer takes part in.
    pub(crate) participating: HashSet<Uuid>,
    /// The version up to which the viewer has looked at a record, by id.
    pub(crate) seen: HashMap<Uuid, i64>,
    /// Long texts of the rows that are judged, by id.
    pub(crate) texts: HashMap<Uuid, Vec<u8>>,
    /// Names of records as the caller sees them for whom this was read, by id: the rows of a list point to the same ones.
    titles: Mutex<HashMap<Uuid, Option<String>>>,
}

/// What is known of a record that something points to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Nearby<'a> {
    /// It is this one.
    Row(&'a Found),
    /// There is none.
    Nothing,
    /// Nobody looked.
    NotRead,
}

impl Around {
    /// A record of a module.
    pub(crate) fn record(&self, module: i16, id: Uuid) -> Nearby<'_> {
        match self.records.get(&id) {
            Some((of, row)) if *of == module => Nearby::Row(row),
            _ if self.looked_for.contains(&(module, id)) => Nearby::Nothing,
            _ => Nearby::NotRead,
        }
    }

    /// A company by its number.
    pub(crate) fn company(&self, number: i64) -> Nearby<'_> {
        match self.companies.get(&number) {
            Some(Some(id)) => self.records.get(id).map_or(Nearby::NotRead, |(_, row)| Nearby::Row(row)),
            Some(None) => Nearby::Nothing,
            None => Nearby::NotRead,
        }
    }

    /// Notes what was looked for.
    pub(crate) fn looked_for(&mut self, records: &BTreeMap<i16, BTreeSet<Uuid>>, companies: &BTreeSet<i64>) {
        let records = records.iter().flat_map(|(module, ids)| ids.iter().map(move |id| (*module, *id)));
        self.looked_for.extend(records);
        for number in companies {
            self.companies.entry(*number).or_default();
        }
    }

    /// The rows with the long texts that were read for them, if any were.
    pub(crate) fn give_texts(&mut self, asked: bool, rows: Vec<Found>) -> Vec<Found> {
        let give = |row: Found| match asked && !row.has_texts() {
            true => {
                let text = self.texts.remove(&row.id);
                row.judged_with_text(text)
            }
            false => row,
        };
        rows.into_iter().map(give).collect()
    }

    /// Keeps a record that was found.
    pub(crate) fn add(&mut self, module: i16, companies: bool, row: Found) {
        if companies {
            self.companies.insert(row.number, Some(row.id));
        }
        self.records.insert(row.id, (module, row));
    }

    /// The name of a record, worked out once.
    pub(crate) fn title(&self, id: Uuid, judge: impl FnOnce() -> Option<String>) -> Option<String> {
        if let Some(title) = self.titles().get(&id) {
            return title.clone();
        }
        let title = judge();
        self.titles().insert(id, title.clone());
        title
    }

    fn titles(&self) -> MutexGuard<'_, HashMap<Uuid, Option<String>>> {
        self.titles.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A record whatever its module, and the module's number.
    pub(crate) fn any(&self, id: Uuid) -> Option<(i16, &Found)> {
        self.records.get(&id).map(|(module, row)| (*module, row))
    }

    /// All records.
    pub(crate) fn all(&self) -> impl Iterator<Item = (Uuid, i16, &Found)> {
        self.records.iter().map(|(id, (module, row))| (*id, *module, row))
    }

    /// With what a row's own statement told of the viewer's part in it.
    pub(crate) fn with_part_in(mut self, row: &Found, participating: bool) -> Around {
        if participating {
            self.participating.insert(row.id);
        }
        self
    }

    /// How a row is tied to the subject of a plan.
    pub(crate) fn tie(&self, plan: &AccessPlan, row: &Found) -> Tie {
        tie_of(plan, row, self.participating.contains(&row.id))
    }
}

/// How a row is tied to the subject of a plan: what lists ask the database, one row at a time. The company is the row's
/// own, else its contact's, as the projection wrote it: a record that names another company is not seen through its
/// contact.
fn tie_of(plan: &AccessPlan, row: &Found, participating: bool) -> Tie {
    let number = |n: u64| i64::try_from(n).ok();
    let me = plan.contact_number.and_then(number);
    let mine = participating || (me.is_some() && row.contact == me);
    let company = row.scope_company.is_some_and(|c| plan.company_numbers.iter().any(|n| number(*n) == Some(c)));
    Tie { mine, company }
}

/// A row as facts.
pub(crate) struct RowFacts<'a> {
    modules: &'a Modules,
    module: &'a Module,
    row: &'a Found,
    /// Values that stand in place of the row's: a proposed state.
    instead: Option<&'a HashMap<String, Option<Value>>>,
    around: &'a Around,
    tie: Tie,
    texts: OnceCell<[String; 5]>,
}

impl<'a> RowFacts<'a> {
    pub(crate) fn new(
        modules: &'a Modules,
        module: &'a Module,
        row: &'a Found,
        around: &'a Around,
        tie: Tie,
    ) -> RowFacts<'a> {
        RowFacts { modules, module, row, instead: None, around, tie, texts: OnceCell::new() }
    }

    /// With values that stand in place of the row's.
    pub(crate) fn proposing(mut self, values: &'a HashMap<String, Option<Value>>) -> RowFacts<'a> {
        self.instead = Some(values);
        self
    }

    fn own(&self, field: &str) -> Held<'_> {
        match self.instead.and_then(|i| i.get(field)) {
            Some(value) => Held::of(value.as_ref()),
            None => self.row.held_in(self.module, field),
        }
    }

    fn points_to(&self, field: Option<&Field>) -> Option<Uuid> {
        field.and_then(|f| self.own(&f.name).shown()).and_then(Value::as_id)
    }

    /// The contact that the record is tied to.
    fn contact(&self, contacts: &Module) -> Nearby<'_> {
        match self.points_to(self.module.contact_field()) {
            Some(id) => self.around.record(contacts.number(), id),
            None => Nearby::Nothing,
        }
    }

    /// The company that scope goes by: the record's own, else its contact's.
    fn company(&self, companies: &Module) -> Nearby<'_> {
        let stands = |field: Option<&Field>| {
            field.is_none_or(|f| self.instead.is_none_or(|values| !values.contains_key(&f.name)))
        };
        let numbered = |number: Option<i64>| number.map_or(Nearby::Nothing, |n| self.around.company(n));
        if stands(self.module.company_field()) && stands(self.module.contact_field()) {
            return numbered(self.row.scope_company);
        }
        if let Some(id) = self.points_to(self.module.company_field()) {
            return self.around.record(companies.number(), id);
        }
        let Some(contacts) = self.modules.contacts().filter(|_| !self.module.is_contacts()) else {
            return Nearby::Nothing;
        };
        match self.contact(contacts) {
            Nearby::Row(contact) if !contact.deleted => numbered(contact.scope_company),
            Nearby::Row(_) | Nearby::Nothing => Nearby::Nothing,
            Nearby::NotRead => Nearby::NotRead,
        }
    }

    fn hop(&self, field: &str, to: &str) -> Fact<'_> {
        let (itself, target) = match to {
            "contact" => (self.module.is_contacts(), policy::CONTACTS),
            _ => (self.module.is_companies(), policy::COMPANIES),
        };
        let Some(target) = self.modules.get(target).filter(|m| m.field(field).is_some()) else {
            return Fact::NoSuchField;
        };
        if itself {
            return self.own(field).fact();
        }
        match if target.is_contacts() { self.contact(target) } else { self.company(target) } {
            Nearby::Row(row) => row.held_in(target, field).fact(),
            Nearby::Nothing => ValueRef::Empty.into(),
            Nearby::NotRead => Fact::Unknown,
        }
    }
}

impl Facts for RowFacts<'_> {
    fn fact(&self, field: &str) -> Fact<'_> {
        if let Some((to @ ("contact" | "company"), field)) = field.split_once('.') {
            return self.hop(field, to);
        }
        if self.module.field(field).is_some() {
            return self.own(field).fact();
        }
        let texts = || {
            self.texts.get_or_init(|| {
                let ext = |id: Option<Uuid>| id.map(|i| i.to_string()).unwrap_or_default();
                let from_outside = self.row.created_kind.is_customer().then_some(self.row.created_by);
                [
                    self.row.id.to_string(),
                    self.module.shown_number(u64::try_from(self.row.number).unwrap_or_default()),
                    ext(from_outside),
                    ext(self.row.modified_by_ext),
                    self.row.created_by.to_string(),
                ]
            })
        };
        Fact::Known(match field {
            "created_at" => ValueRef::Moment(self.row.created_at),
            "modified_at" => ValueRef::Moment(self.row.modified_at),
            "last_activity_at" => ValueRef::Moment(self.row.activity_at),
            "waiting_since" => self.row.waiting_since.map_or(ValueRef::Empty, ValueRef::Moment),
            "closed_at" => self.row.closed_at.map_or(ValueRef::Empty, ValueRef::Moment),
            "last_word" => self.row.last_word.map_or(ValueRef::Empty, |side| ValueRef::Text(side.word())),
            "id" => ValueRef::Text(&texts()[0]),
            "number" => ValueRef::Text(&texts()[1]),
            "created_by" => ValueRef::Text(&texts()[4]),
            "created_by_ext" => ValueRef::Text(&texts()[2]),
            "modified_by_ext" => ValueRef::Text(&texts()[3]),
            _ => return Fact::NoSuchField,
        })
    }

    fn tie(&self) -> Tie {
        self.tie
    }
}
