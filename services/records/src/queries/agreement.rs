//! Whether the read model says what the log says.

use crate::{
    codec::{self, Stored},
    domain::record::Record,
    queries::history::RECORD,
    service::{Caller, Records},
};
use eventlog::StreamId;
use kernel::{Error, fold};
use uuid::Uuid;

impl Records {
    /// A record by its row and by its stream. Commands decide on the row, so the two must be equal; where they are not, the
    /// read model is to be rebuilt.
    ///
    /// # Errors
    /// Not found when there is no such module or row; internal when an event can't be read.
    pub async fn row_and_stream(&self, caller: &Caller, module: &str, id: Uuid) -> Result<(Record, Record), Error> {
        let (_, module) = self.module_for(caller, module).await?;
        let (row, _) = self.find(caller, &module, id).await?.ok_or_else(Error::not_found)?;
        let mut events = Vec::new();
        for event in self.log.load(StreamId::new(RECORD, id)).await? {
            let stored = codec::decode(&event.stored_type, &event.payload).map_err(Error::internal)?;
            if let Some(Stored::Record { event, .. }) = stored {
                events.push(event);
            }
        }
        Ok((row.record(&module), fold(Record::default(), &events)))
    }
}
