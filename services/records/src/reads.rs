//! Where queries are answered: on a replica where there is one, else on the primary. Commands, and questions whose answers
//! leave the house as a mail, are always answered on the primary.

use crate::service::Records;
use kernel::Error;
use runtime::Replica;

/// The service for its queries.
#[derive(Clone)]
pub(crate) struct Reads {
    here: Records,
    replica: Option<(Records, Replica)>,
}

impl Reads {
    /// Queries of a service, on a replica if there is one.
    pub(crate) fn new(here: Records, replica: Option<Replica>) -> Reads {
        let replica = replica.map(|replica| (here.on_replica(replica.log()), replica));
        Reads { here, replica }
    }

    /// Answers a query.
    ///
    /// # Errors
    /// Those of the query.
    pub(crate) async fn read<'a, T, F>(&'a self, ask: impl Fn(&'a Records) -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        match &self.replica {
            Some((there, replica)) => replica.read(ask(there), ask(&self.here)).await,
            None => ask(&self.here).await,
        }
    }
}
