//! What permissions learns from the events of other services.

mod identity;
mod records;

pub(crate) use identity::FromIdentity;
pub(crate) use records::FromRecords;

use crate::facts::Fact;
use eventlog::{Append, HandlerError, Meta, Reaction, Recorded, SideWrite};
use uuid::Uuid;

/// The service's name.
const SERVICE: &str = "permissions";

/// Writes a fact, if there is one.
fn learn(consumer: &str, event: &Recorded, fact: Option<Fact>) -> Reaction {
    match fact {
        None => Reaction::Nothing,
        Some(fact) => {
            let meta = Meta::caused_by(SERVICE, consumer, event);
            Reaction::Independent(Append::side(meta, vec![Box::new(fact) as Box<dyn SideWrite>]))
        }
    }
}

/// An id in an event; one that is none can never be handled.
fn id(text: &str) -> Result<Uuid, HandlerError> {
    Uuid::try_parse(text).map_err(|e| HandlerError::Poison(format!("`{text}` is no id: {e}")))
}
