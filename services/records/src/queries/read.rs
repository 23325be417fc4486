//! One record.

use crate::{
    catalogue::Modules,
    domain::module::Module,
    error::database,
    found::{Around, COLUMN_COUNT, COLUMNS, Found},
    queries::{
        around::{Reads, Wanted},
        present,
    },
    service::{Caller, Records, judge},
};
use kernel::{Error, page_size, parse_id};
use policy::{Action, Clock, RecordAccess};
use proto::records::v1::{GetRecordRequest, GetRecordResponse, Record};
use sqlx::{AssertSqlSafe, Row};
use std::sync::Arc;
use uuid::Uuid;

/// A record that the caller can see, and everything that the decision was made with.
pub(crate) struct Seen {
    pub(crate) modules: Arc<Modules>,
    pub(crate) module: Arc<Module>,
    pub(crate) row: Found,
    pub(crate) around: Around,
    pub(crate) clock: Clock,
}

impl Seen {
    /// What the caller may do with it.
    pub(crate) fn access<'p>(&self, caller: &'p Caller) -> Result<RecordAccess<'p>, Error> {
        judge(caller, &self.modules, &self.module, &self.row, &self.around, &self.clock).ok_or_else(Error::not_found)
    }

    /// The record as the caller may see it.
    pub(crate) fn shown_to(&self, caller: &Caller) -> Result<Record, Error> {
        let access = self.access(caller)?;
        Ok(present::record(caller, &self.modules, &self.module, &self.row, &access, &self.around, &self.clock))
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
    /// A record as the caller may see it, and what else was asked for about it: found once and judged once. Two statements,
    /// one more for its comments and two for a part of its history.
    ///
    /// # Errors
    /// Not found when there is none, it is deleted, or the caller may not see it: all the same. Invalid when more of the
    /// history is asked for than a page holds.
    pub async fn get(&self, caller: &Caller, request: &GetRecordRequest) -> Result<GetRecordResponse, Error> {
        let id = parse_id(&request.id)?;
        // Deleted records are the operator's affair.
        let deleted = request.with_deleted && caller.plan.is_internal();
        let history = (request.history_limit != 0).then(|| page_size(request.history_limit)).transpose()?;
        let seen = self.seen(caller, &request.module, id, deleted, Extent::Whole).await?;
        let access = seen.access(caller)?;
        let (comments, history) = futures::try_join!(
            async {
                match request.with_comments && access.may(Action::ViewComments) {
                    true => {
                        let before = request.comments_before_version;
                        self.comments_on(caller, &seen, page_size(0)?, before).await.map(Some)
                    }
                    false => Ok(None),
                }
            },
            async {
                match history.filter(|_| access.may(Action::ViewUpdates)) {
                    Some(limit) => self.history_of(caller, &seen, limit, request.before_version).await.map(Some),
                    None => Ok(None),
                }
            },
        )?;
        let record = seen.shown_to(caller)?;
        Ok(GetRecordResponse { record: Some(record), comments, history })
    }

    pub(crate) async fn record(&self, caller: &Caller, module: &str, id: Uuid, deleted: bool) -> Result<Record, Error> {
        self.seen(caller, module, id, deleted, Extent::Whole).await?.shown_to(caller)
    }

    /// Finds a record and decides whether the caller sees it. What it is judged by is read, what else surrounds it when
    /// the extent says so.
    pub(crate) async fn seen(
        &self,
        caller: &Caller,
        module: &str,
        id: Uuid,
        deleted: bool,
        extent: Extent,
    ) -> Result<Seen, Error> {
        let (modules, module) = self.module_for(caller, module).await?;
        let found = self.find(caller, &module, id).await?.filter(|(row, _)| deleted || !row.deleted);
        self.judged(caller, modules, module, found.ok_or_else(Error::not_found)?, extent).await
    }

    /// A row that [`Records::find`] gave for the caller, with what it is judged by.
    ///
    /// # Errors
    /// Not found when the caller doesn't see it, or the module.
    pub(crate) async fn judged(
        &self,
        caller: &Caller,
        modules: Arc<Modules>,
        module: Arc<Module>,
        (row, participating): (Found, bool),
        extent: Extent,
    ) -> Result<Seen, Error> {
        let clock = self.clock();
        let reads = Reads::of(caller, &modules, &module, []);
        let around = match extent {
            Extent::Whole => {
                let mut wanted = Wanted::around(&modules, &module, reads);
                wanted.add_row(&modules, &module, &row);
                self.around(caller, &modules, wanted).await?
            }
            Extent::Row => {
                let mut wanted = Wanted::judging(&modules, reads);
                wanted.add_facts(&modules, &module, &row, reads);
                self.names(caller, &modules, wanted).await?
            }
        };
        let around = around.with_part_in(&row, participating);
        let seen = Seen { modules, module, row, around, clock };
        if seen.access(caller)?.is_visible() { Ok(seen) } else { Err(Error::not_found()) }
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
        let text: Option<Vec<u8>> = row.try_get(COLUMN_COUNT).map_err(database)?;
        let participating = row.try_get(COLUMN_COUNT + 1).map_err(database)?;
        Ok(Some((Found::read(&row, 0).map_err(database)?.with_text(text), participating)))
    }
}

/// How much is read of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// The row and what it is judged by.
    Row,
    /// The row and what it points to.
    Whole,
}
