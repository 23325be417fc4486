//! Deleting a record, and taking that back.

use super::write::{ATTEMPTS, built, meta, stale};
use crate::{
    domain::record::Command,
    queries::{read::Extent, visible_version},
    service::{Caller, Records},
};
use eventlog::LogError;
use kernel::{Aggregate, Error, parse_id};
use policy::{Action, Right};
use proto::records::v1::{DeleteRecordRequest, RestoreRecordRequest, RestoreRecordResponse};
use uuid::Uuid;

impl Records {
    /// Deletes a record; it can be restored. Gives the position of the event.
    ///
    /// # Errors
    /// Not found; forbidden; `stale_version`.
    pub async fn delete(&self, caller: &Caller, request: &DeleteRecordRequest) -> Result<i64, Error> {
        let id = parse_id(&request.id)?;
        let seen = self.seen(caller, &request.module, id, false, Extent::Row).await?;
        seen.require(caller, Action::Delete)?;
        let actual = visible_version(&seen.module, &seen.row, &seen.access(caller)?);
        if request.expected_version != actual {
            return Err(stale(request.expected_version, actual));
        }
        self.apply(caller, &request.module, id, || Command::Delete).await
    }

    /// Restores a deleted record; for those with the right to.
    ///
    /// # Errors
    /// Not found; forbidden.
    pub async fn restore(
        &self,
        caller: &Caller,
        request: &RestoreRecordRequest,
    ) -> Result<RestoreRecordResponse, Error> {
        let id = parse_id(&request.id)?;
        let internal = caller.plan.is_internal();
        self.seen(caller, &request.module, id, internal, Extent::Row).await?;
        if !caller.plan.may(Right::Restore) {
            return Err(Error::forbidden("action_not_allowed"));
        }
        let position = self.apply(caller, &request.module, id, || Command::Restore).await?;
        let record = self.own_record(caller, &request.module, id).await?;
        Ok(RestoreRecordResponse { record: Some(record), position })
    }

    /// A command that needs nothing but the record's own state.
    async fn apply(
        &self,
        caller: &Caller,
        module: &str,
        id: Uuid,
        command: impl Fn() -> Command,
    ) -> Result<i64, Error> {
        let mut attempt = 1;
        loop {
            let loaded = self.load(id).await?;
            let events = loaded.record.decide(command())?;
            let module = module.to_owned();
            let build = move |_: &eventlog::Reserved| Ok(built(id, &module, &events, None, Vec::new()));
            let meta = meta(caller, "remove", "", &[]);
            match self.append(meta, loaded.stream, loaded.version, Vec::new(), build).await {
                Err(LogError::WrongExpectedVersion { .. }) if attempt < ATTEMPTS => attempt += 1,
                other => return Ok(other?.last),
            }
        }
    }
}
