//! Rows as they are read, what surrounds them, and both as facts for policy.

use crate::{
    catalogue::Modules,
    document::{self, Slot, Slots},
    domain::{module::Module, value::Value},
    projections::rows::kind_of,
    trail::Trail,
};
use kernel::{ActorKind, Timestamp};
use policy::{AccessPlan, Facts, Tie};
use sqlx::{Row, postgres::PgRow};
use std::{
    cell::{Cell, OnceCell},
    collections::{HashMap, HashSet},
    sync::OnceLock,
};
use uuid::Uuid;

/// The columns of [`Found`], of a table called `r`.
pub(crate) const COLUMNS: &str = "r.id, r.number, r.version, r.deleted, r.created_at, r.modified_at, r.created_kind, \
     r.created_by, r.modified_by_ext, r.contact, r.scope_company, r.scope_company2, r.doc";

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
    pub(crate) contact: Option<i64>,
    pub(crate) scope_company: Option<i64>,
    pub(crate) scope_company2: Option<i64>,
    /// Long texts were read too.
    pub(crate) whole: bool,
    doc: Vec<u8>,
    text: Option<Vec<u8>>,
    slots: OnceLock<Slots>,
    trail: OnceLock<Trail>,
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
            created_kind: kind_of(row.try_get(at + 6)?),
            created_by: row.try_get(at + 7)?,
            modified_by_ext: row.try_get(at + 8)?,
            contact: row.try_get(at + 9)?,
            scope_company: row.try_get(at + 10)?,
            scope_company2: row.try_get(at + 11)?,
            whole: false,
            doc: row.try_get(at + 12)?,
            text: None,
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
            scope_company: None,
            scope_company2: None,
            whole: true,
            doc: Vec::new(),
            text: None,
            slots: OnceLock::new(),
            trail: OnceLock::new(),
        }
    }

    /// With its long texts.
    pub(crate) fn with_text(mut self, text: Option<Vec<u8>>) -> Found {
        self.whole = true;
        self.text = text;
        self
    }

    /// Values and versions, in the order of the module's fields.
    pub(crate) fn slots(&self, module: &Module) -> &[Slot] {
        &self.opened(module).fields
    }

    fn opened(&self, module: &Module) -> &Slots {
        self.slots.get_or_init(|| document::open(module, &self.doc, self.text.as_deref()))
    }

    /// What made each of its versions.
    pub(crate) fn trail(&self) -> &Trail {
        self.trail.get_or_init(|| document::trail(&self.doc))
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

    /// The value of a field.
    pub(crate) fn value(&self, module: &Module, field: &str) -> Option<&Value> {
        let at = module.fields.iter().position(|f| f.name == field)?;
        self.slots(module).get(at)?.value.as_ref()
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

/// What surrounds some rows: the records and agents that they point to.
#[derive(Debug, Default)]
pub(crate) struct Around {
    /// Module's number and row, by id.
    pub(crate) records: HashMap<Uuid, (i16, Found)>,
    /// Agents by id.
    pub(crate) agents: HashMap<Uuid, Agent>,
    /// Rows that the viewer takes part in.
    pub(crate) participating: HashSet<Uuid>,
}

/// How a row is tied to the subject of a plan.
pub(crate) fn tie_of(plan: &AccessPlan, row: &Found, participating: bool) -> Tie {
    let number = |n: u64| i64::try_from(n).ok();
    let me = plan.contact_number.and_then(number);
    let mine = participating || (me.is_some() && row.contact == me);
    let of_company = |n: &u64| {
        let n = number(*n);
        n.is_some() && (row.scope_company == n || row.scope_company2 == n)
    };
    Tie { mine, company: plan.company_numbers.iter().any(of_company) }
}

/// A row as facts.
pub(crate) struct RowFacts<'a> {
    pub(crate) modules: &'a Modules,
    pub(crate) module: &'a Module,
    pub(crate) row: &'a Found,
    /// Values that stand in place of the row's: a proposed state.
    pub(crate) instead: Option<&'a HashMap<String, Option<Value>>>,
    /// None when it was not read yet; then [`RowFacts::asked`] tells whether it is needed.
    pub(crate) around: Option<&'a Around>,
    pub(crate) tie: Tie,
    pub(crate) asked: Cell<bool>,
    texts: OnceCell<[String; 5]>,
}

impl<'a> RowFacts<'a> {
    pub(crate) fn new(
        modules: &'a Modules,
        module: &'a Module,
        row: &'a Found,
        around: Option<&'a Around>,
        tie: Tie,
    ) -> RowFacts<'a> {
        RowFacts { modules, module, row, instead: None, around, tie, asked: Cell::new(false), texts: OnceCell::new() }
    }

    /// With values that stand in place of the row's.
    pub(crate) fn proposing(mut self, values: &'a HashMap<String, Option<Value>>) -> RowFacts<'a> {
        self.instead = Some(values);
        self
    }

    fn own(&self, field: &str) -> Option<&Value> {
        match self.instead.and_then(|i| i.get(field)) {
            Some(value) => value.as_ref(),
            None => self.row.value(self.module, field),
        }
    }

    fn hop(&self, field: &str, to: &str) -> policy::Value<'_> {
        let tied = if to == "contact" { self.module.contact_field() } else { self.module.company_field() };
        let itself = if to == "contact" { self.module.is_contacts() } else { self.module.is_companies() };
        let target = if to == "contact" { policy::CONTACTS } else { policy::COMPANIES };
        let Some(target) = self.modules.get(target).filter(|m| m.field(field).is_some()) else {
            return policy::Value::NoSuchField;
        };
        if itself {
            return shown(self.own(field));
        }
        let Some(id) = tied.and_then(|f| self.own(&f.name)).and_then(Value::as_id) else {
            return policy::Value::Empty;
        };
        let Some(around) = self.around else {
            self.asked.set(true);
            return policy::Value::NoSuchField;
        };
        match around.records.get(&id) {
            Some((_, row)) => shown(row.value(target, field)),
            None => policy::Value::Empty,
        }
    }
}

fn shown(value: Option<&Value>) -> policy::Value<'_> {
    match value {
        None => policy::Value::Empty,
        Some(Value::Text(t)) => policy::Value::Text(t),
        Some(Value::Integer(i)) => policy::Value::Integer(*i),
        Some(Value::Boolean(b)) => policy::Value::Boolean(*b),
    }
}

impl Facts for RowFacts<'_> {
    fn value(&self, field: &str) -> policy::Value<'_> {
        if let Some((to @ ("contact" | "company"), field)) = field.split_once('.') {
            return self.hop(field, to);
        }
        if self.module.field(field).is_some() {
            return shown(self.own(field));
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
        match field {
            "created_at" => policy::Value::Moment(self.row.created_at),
            "modified_at" => policy::Value::Moment(self.row.modified_at),
            "id" => policy::Value::Text(&texts()[0]),
            "number" => policy::Value::Text(&texts()[1]),
            "created_by" => policy::Value::Text(&texts()[4]),
            "created_by_ext" => policy::Value::Text(&texts()[2]),
            "modified_by_ext" => policy::Value::Text(&texts()[3]),
            _ => policy::Value::NoSuchField,
        }
    }

    fn tie(&self) -> Tie {
        self.tie
    }
}
