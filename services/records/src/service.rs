//! What commands and queries work with.

use crate::catalogue::{ModuleCatalogue, Modules, tags::ModuleTags};
use crate::domain::module::Module;
use crate::found::{Around, Found, RowFacts};
use eventlog::Log;
use kernel::{Actor, Error, Timestamp};
use policy::{AccessPlan, Clock, RecordAccess, decide_record};
use sqlx::{PgPool, postgres::PgConnectOptions};
use std::sync::Arc;

/// Who asks, and what the subject may see and do.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Verified subject.
    pub actor: Actor,
    /// Its access plan.
    pub plan: Arc<AccessPlan>,
}

impl Caller {
    /// A caller with its plan, if there is anything that it may ask for now.
    ///
    /// # Errors
    /// `mfa_enrolment_required` while the profile wants a second factor that the caller has not proved.
    pub fn new(actor: Actor, plan: Arc<AccessPlan>) -> Result<Caller, Error> {
        if plan.lacks_factor(&actor) {
            return Err(Error::forbidden(AccessPlan::FACTOR_MISSING));
        }
        Ok(Caller { actor, plan })
    }

    /// The language in which rules speak to the caller.
    pub(crate) fn language(&self) -> &str {
        self.plan.viewer.fields.get("language").map_or("en", String::as_str)
    }

    /// Whose eyes look: the subject's own, also when an agent acts in its place.
    pub(crate) fn viewer(&self) -> uuid::Uuid {
        self.actor.id
    }

    /// The contact's number, or 0: what stands for "me" in SQL.
    pub(crate) fn me(&self) -> i64 {
        self.plan.contact_number.and_then(|n| i64::try_from(n).ok()).unwrap_or_default()
    }
}

/// The records service without its gRPC surface.
#[derive(Clone)]
pub struct Records {
    pub(crate) log: Log,
    /// Connections whose plans are generic and never parallel; for everything that reads lists of rows.
    pub(crate) lists: PgPool,
    pub(crate) catalogue: ModuleCatalogue,
    pub(crate) module_tags: ModuleTags,
    /// Callers may say when something happened.
    pub(crate) tells_of_the_past: bool,
    zone: jiff::tz::TimeZone,
}

impl Records {
    /// A service on a log. `time_zone` is the IANA name of the installation's zone; an unknown one counts as UTC.
    pub fn new(log: Log, time_zone: &str) -> Records {
        let pool = log.pool();
        Records {
            lists: list_pool(pool),
            catalogue: ModuleCatalogue::new(pool.clone()),
            module_tags: ModuleTags::default(),
            tells_of_the_past: false,
            zone: jiff::tz::TimeZone::get(time_zone).unwrap_or(jiff::tz::TimeZone::UTC),
            log,
        }
    }

    /// The same service, whose callers may say when something happened: for the demo's past.
    #[must_use]
    pub fn telling_of_the_past(self, may: bool) -> Records {
        Records { tells_of_the_past: may, ..self }
    }

    /// The same service with its queries on a replica, whose log handle is given. It has one pool there, and what it knows of
    /// modules comes from the primary: reads come after both.
    pub(crate) fn on_replica(&self, log: &Log) -> Records {
        Records { lists: log.reads().clone(), log: log.clone(), ..self.clone() }
    }

    /// The log.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// The pool that lists are read with.
    pub fn lists(&self) -> &PgPool {
        &self.lists
    }

    /// The modules that exist.
    pub fn catalogue(&self) -> &ModuleCatalogue {
        &self.catalogue
    }

    /// The moment, and the day in the installation's time zone.
    pub(crate) fn clock(&self) -> Clock {
        let now = self.log.now();
        let local = || {
            let today = jiff::Timestamp::from_microsecond(now.micros()).ok()?.to_zoned(self.zone.clone());
            let starts = today.start_of_day().ok()?;
            let next = today.tomorrow().ok()?.start_of_day().ok()?;
            let micros = |z: &jiff::Zoned| Timestamp::from_micros(z.timestamp().as_microsecond());
            Clock::new(now, &today.date().to_string(), micros(&starts), micros(&next))
        };
        local().unwrap_or_else(|| Clock::utc(now))
    }

    /// The modules and one that exists for the caller.
    pub(crate) async fn module_for(&self, caller: &Caller, name: &str) -> Result<(Arc<Modules>, Arc<Module>), Error> {
        if caller.plan.module(name).is_none() {
            return Err(Error::not_found());
        }
        self.catalogue.module(name).await
    }
}

/// Decides on a row with what was read around it: the one place where a row becomes a decision, for every gate. None when
/// the module does not exist for the caller.
pub(crate) fn judge<'p>(
    caller: &'p Caller,
    modules: &Modules,
    module: &Module,
    row: &Found,
    around: &Around,
    clock: &Clock,
) -> Option<RecordAccess<'p>> {
    let facts = RowFacts::new(modules, module, row, around, around.tie(&caller.plan, row));
    decide_record(&caller.plan, module.name(), &facts, clock)
}

/// A pool on the same database for lists. As everywhere, their statements are planned once: planning a list costs five
/// times its execution. A generic plan takes the average contact or company for every one. Without bitmaps, because it would collect the few
/// rows that it expects in one and sort them, which for a large company is a sort of everything; and without hash and
/// merge joins, because it would read a whole table to join a contact's participations. Tests hold it to that.
pub(crate) fn list_pool(pool: &PgPool) -> PgPool {
    let options: PgConnectOptions = pool.connect_options().as_ref().clone();
    let options = options.options([
        ("max_parallel_workers_per_gather", "0"),
        ("enable_bitmapscan", "off"),
        ("enable_hashjoin", "off"),
        ("enable_mergejoin", "off"),
        ("enable_seqscan", "off"),
    ]);
    eventlog::pool_of(options, pool.options().get_max_connections())
}
