//! Read models that are written in the same transaction as the events they show.

use crate::Recorded;
use futures::future::BoxFuture;
use sqlx::PgConnection;

/// A read model of one service's log.
///
/// Its SQL names tables without a schema: the search path decides whether the live tables or those of a rebuild are
/// filled. Applying the same events in one call or in several must leave the same rows.
pub trait Projection: Send + Sync + 'static {
    /// Stable name, for example `records_v1`.
    fn name(&self) -> &'static str;

    /// The live tables that it fills now.
    fn tables<'a>(&'a self, connection: &'a mut PgConnection) -> BoxFuture<'a, Result<Vec<String>, sqlx::Error>>;

    /// Brings the tables up to these events, which are in order of position.
    fn apply<'a>(
        &'a self,
        events: &'a [Recorded],
        connection: &'a mut PgConnection,
    ) -> BoxFuture<'a, Result<(), sqlx::Error>>;
}
