//! What somebody has looked at. Rows beside the log: nobody has to account for having read.

use crate::{
    error::database,
    queries::read::Extent,
    service::{Caller, Records},
};
use kernel::{Error, parse_id};
use proto::records::v1::MarkReadRequest;

/// What stands in place of a version for a record that was marked as not seen.
const NOT_SEEN: i64 = -1;

impl Records {
    /// Notes that the caller has seen all that has happened on a record so far, or wants it to count as not seen. An agent
    /// who acts in a contact's place leaves no trace.
    ///
    /// # Errors
    /// Not found when the caller doesn't see the record.
    pub async fn mark_read(&self, caller: &Caller, request: &MarkReadRequest) -> Result<(), Error> {
        let id = parse_id(&request.id)?;
        let seen = self.seen(caller, &request.module, id, false, Extent::Row).await?;
        if caller.actor.on_behalf_of.is_some() {
            return Ok(());
        }
        let version = if request.unread { NOT_SEEN } else { seen.row.version };
        sqlx::query(
            "insert into seen_v1 (viewer, record, version) values ($1, $2, $3)
             on conflict (viewer, record) do update
             set version = case when excluded.version < 0 then excluded.version
                                else greatest(seen_v1.version, excluded.version) end
             where seen_v1.version <> excluded.version",
        )
        .bind(caller.viewer())
        .bind(id)
        .bind(version)
        .execute(self.log.pool())
        .await
        .map(drop)
        .map_err(database)
    }
}
