//! Deleting a record, and taking that back.

use super::write::{ATTEMPTS, built, meta, overtaken, stale};
use crate::{
    domain::record::Command,
    queries::{
        read::{Extent, Seen},
        versions::Versions,
    },
    service::{Caller, Records},
};
use eventlog::{Expected, LogError};
use kernel::{Aggregate, Error, parse_id};
use policy::{Action, Right};
use proto::records::v1::{DeleteRecordRequest, RestoreRecordRequest, RestoreRecordResponse};
use uuid::Uuid;

impl Records {
    /// Deletes a record; it can be restored. Gives the position of the event.
    ///
    /// # Errors
    /// Not found; forbidden; `stale_version`; `still_in_use` for a company that has contacts, unless the request accepts
    /// what becomes of them.
    pub async fn delete(&self, caller: &Caller, request: &DeleteRecordRequest) -> Result<i64, Error> {
        let id = parse_id(&request.id)?;
        let judge = |seen: &Seen| {
            seen.require(caller, Action::Delete)?;
            let access = seen.access(caller)?;
            let actual = Versions::new(&seen.module, &seen.row, &access, caller.plan.is_internal()).of_fields();
            if request.expected_version == actual { Ok(()) } else { Err(stale(request.expected_version, actual)) }
        };
        if !request.accept_dependents && request.module == crate::domain::module::COMPANIES {
            let seen = self.seen(caller, &request.module, id, false, Extent::Row).await?;
            judge(&seen)?;
            self.has_no_people(&seen.module, seen.row.number).await?;
        }
        self.apply(caller, (&request.module, id, false), judge, Command::Delete).await
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
        let judge = |_: &Seen| match caller.plan.may(Right::Restore) {
            true => Ok(()),
            false => Err(Error::forbidden("action_not_allowed")),
        };
        let position = self.apply(caller, (&request.module, id, internal), judge, Command::Restore).await?;
        let record = self.own_record(caller, &request.module, id).await?;
        Ok(RestoreRecordResponse { record: Some(record), position })
    }

    /// A command that needs nothing but the record's own state. What is judged is what it is decided on.
    async fn apply(
        &self,
        caller: &Caller,
        (module, id, deleted): (&str, Uuid, bool),
        judge: impl Fn(&Seen) -> Result<(), Error>,
        command: Command,
    ) -> Result<i64, Error> {
        for _ in 0..ATTEMPTS {
            let seen = self.seen(caller, module, id, deleted, Extent::Row).await?;
            judge(&seen)?;
            let events = seen.row.record(&seen.module).decide(command.clone())?;
            let name = seen.module.name().to_owned();
            let build = move |_: &eventlog::Reserved| Ok(built(id, &name, &events, None, Vec::new()));
            let meta = meta(caller, "remove", "", &[]);
            match self.append(meta, id, Expected::Version(seen.row.version), Vec::new(), build).await {
                Err(LogError::WrongExpectedVersion { .. }) => {}
                other => return Ok(other?.last),
            }
        }
        Err(overtaken())
    }
}
