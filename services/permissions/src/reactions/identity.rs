//! From identity: which agents there are, and their roles.

use super::{id, learn};
use crate::facts::{Fact, forget_identity};
use eventlog::{Handler, HandlerError, Reaction, Recorded};
use futures::future::BoxFuture;
use prost::Message;
use proto::{event::StoredEvent, identity::v1::AgentCreated};
use sqlx::PgConnection;

/// The consumer of identity's events.
pub(crate) struct FromIdentity;

/// What an event says that plans depend on.
fn fact(event: &Recorded) -> Result<Option<Fact>, HandlerError> {
    if &*event.stored_type != AgentCreated::STORED_TYPE {
        return Ok(None);
    }
    let created = AgentCreated::decode(event.payload.as_slice())?;
    Ok(Some(Fact::Agent { agent: id(&created.user_id)?, role: created.role }))
}

impl Handler for FromIdentity {
    fn name(&self) -> &'static str {
        "agents"
    }

    fn handle<'a>(&'a self, event: &'a Recorded) -> BoxFuture<'a, Result<Reaction, HandlerError>> {
        Box::pin(async move { Ok(learn(self.name(), event, fact(event)?)) })
    }

    fn reset<'a>(&'a self, connection: &'a mut PgConnection) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Box::pin(forget_identity(connection))
    }
}
