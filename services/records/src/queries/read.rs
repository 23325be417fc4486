//! One record.

use crate::{
    catalogue::Modules,
    domain::module::Module,
    error::database,
    found::{Around, COLUMNS, Found},
    queries::{around::Wanted, present},
    service::{Caller, Records, judge},
};
use kernel::{Error, parse_id};
use policy::{Action, Clock, RecordAccess};
use proto::records::v1::{GetRecordRequest, Record};
use sqlx::{AssertSqlSafe, Row};
use std::sync::Arc;
use uuid::Uuid;

/// A record that the caller can see, and everything that the decision was made with.
pub(crate) struct Seen {
    pub(crate) modules: Arc<Modules>,
    pub(crate) module: Arc<Module>,
    pub(crate) row: Found,
    pub(crate) participating: bool,
    pub(crate) around: Option<Around>,
    pub(crate) clock: Clock,
}

impl Seen {
    /// What the caller may do with it.
    pub(crate) fn access<'p>(&self, caller: &'p Caller) -> Result<RecordAccess<'p>, Error> {
        let around = self.around.as_ref();
        judge(caller, &self.modules, &self.module, &self.row, around, self.participating, &self.clock)
            .map(|j| j.access)
            .ok_or_else(Error::not_found)
    }

    /// Refuses an action that the caller may not do with it.
    pub(crate) fn require(&self, caller: &Caller, action: Action) -> Result<(), Error> {
        let access = self.access(caller)?;
        if access.may(action) {
            return Ok(());
        }
        let mut error = Error::forbidden("action_not_allowed");
        if let Some(reason) = access.public_reason(None).and_then(|r| r.pick(caller.language())) {
            reason.clone_into(&mut error.public);
        }
        Err(error)
    }
}

impl Records {
    /// A record as the caller may see it; two statements.
    ///
    /// # Errors
    /// Not found when there is none, it is deleted, or the caller may not see it: all the same.
    pub async fn get(&self, caller: &Caller, request: &GetRecordRequest) -> Result<Record, Error> {
        let id = parse_id(&request.id)?;
        // Deleted records are the operator's affair.
        let deleted = request.with_deleted && caller.plan.is_internal();
        self.record(caller, &request.module, id, deleted).await
    }

    pub(crate) async fn record(&self, caller: &Caller, module: &str, id: Uuid, deleted: bool) -> Result<Record, Error> {
        let seen = self.seen(caller, module, id, deleted, Extent::Whole).await?;
        let access = seen.access(caller)?;
        let nothing = Around::default();
        let around = seen.around.as_ref().unwrap_or(&nothing);
        Ok(present::record(caller, &seen.modules, &seen.module, &seen.row, &access, around, &seen.clock))
    }

    /// Finds a record and decides whether the caller sees it. What surrounds it is read when the extent says so, or
    /// when a condition needs it.
    pub(crate) async fn seen(
        &self,
        caller: &Caller,
        module: &str,
        id: Uuid,
        deleted: bool,
        extent: Extent,
    ) -> Result<Seen, Error> {
        let (modules, module) = self.module_for(caller, module).await?;
        let (row, participating) = self.find(caller, &module, id).await?.ok_or_else(Error::not_found)?;
        if row.deleted && !deleted {
            return Err(Error::not_found());
        }
        let clock = self.clock();
        let around = match extent {
            Extent::Whole => Some(self.around_row(caller, &modules, &module, &row).await?),
            Extent::Row => None,
        };
        let mut seen = Seen { modules, module, row, participating, around, clock };
        let judged =
            judge(caller, &seen.modules, &seen.module, &seen.row, seen.around.as_ref(), participating, &seen.clock)
                .ok_or_else(Error::not_found)?;
        let mut visible = judged.access.is_visible();
        if judged.incomplete {
            seen.around = Some(self.around_row(caller, &seen.modules, &seen.module, &seen.row).await?);
            visible = seen.access(caller)?.is_visible();
        }
        if visible { Ok(seen) } else { Err(Error::not_found()) }
    }

    async fn around_row(
        &self,
        caller: &Caller,
        modules: &Modules,
        module: &Module,
        row: &Found,
    ) -> Result<Around, Error> {
        let mut wanted = Wanted::around(modules, module);
        wanted.add_row(modules, module, row);
        // Participation is known from the row's own statement.
        self.around(caller, None, wanted).await
    }

    /// A row with its long texts, and whether the viewer takes part in it; one statement.
    pub(crate) async fn find(
        &self,
        caller: &Caller,
        module: &Module,
        id: Uuid,
    ) -> Result<Option<(Found, bool)>, Error> {
        let m = module.number();
        let sql = format!(
            "select {COLUMNS}, t.body,
                    exists (select from participants_v1 p where p.contact = $2 and p.module = {m} and p.record = r.id)
             from m{m}_v1 r left join m{m}_text_v1 t on t.id = r.id where r.id = $1"
        );
        let row = sqlx::query(AssertSqlSafe(sql))
            .bind(id)
            .bind(caller.me())
            .fetch_optional(&self.lists)
            .await
            .map_err(database)?;
        let Some(row) = row else { return Ok(None) };
        let text: Option<Vec<u8>> = row.try_get(13).map_err(database)?;
        let participating = row.try_get(14).map_err(database)?;
        Ok(Some((Found::read(&row, 0).map_err(database)?.with_text(text), participating)))
    }
}

/// How much is read of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// The row, and its surroundings only if a condition needs them.
    Row,
    /// The row and what it points to.
    Whole,
}
