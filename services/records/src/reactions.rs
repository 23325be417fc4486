//! What other services' events change here.

use eventlog::{Append, Appended, Handler, HandlerError, Meta, Reaction, Recorded, SideWrite};
use futures::future::BoxFuture;
use prost::Message;
use proto::{event::StoredEvent, identity::v1::AgentCreated};
use sqlx::PgConnection;
use uuid::Uuid;

/// Keeps the agents that identity tells of, for owners and names.
pub struct Agents;

impl Handler for Agents {
    fn name(&self) -> &'static str {
        "records.agents"
    }

    fn handle<'a>(&'a self, event: &'a Recorded) -> BoxFuture<'a, Result<Reaction, HandlerError>> {
        Box::pin(async move {
            if &*event.stored_type != AgentCreated::STORED_TYPE {
                return Ok(Reaction::Nothing);
            }
            let created = AgentCreated::decode(event.payload.as_slice())?;
            let id = Uuid::try_parse(&created.user_id).map_err(|e| HandlerError::Poison(e.to_string()))?;
            let agent = KnownAgent { id, name: created.name, role: created.role };
            let meta = Meta::caused_by("records", self.name(), event);
            Ok(Reaction::Append(Append::side(meta, vec![Box::new(agent)])))
        })
    }

    fn reset<'a>(&'a self, connection: &'a mut PgConnection) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Box::pin(async move {
            sqlx::query("delete from agents_v1").execute(connection).await?;
            Ok(())
        })
    }
}

struct KnownAgent {
    id: Uuid,
    name: String,
    role: String,
}

impl SideWrite for KnownAgent {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Box::pin(async move {
            sqlx::query(
                "insert into agents_v1 (id, name, role) values ($1, $2, $3)
                 on conflict (id) do update set name = excluded.name, role = excluded.role",
            )
            .bind(self.id)
            .bind(&self.name)
            .bind(&self.role)
            .execute(tx)
            .await?;
            Ok(())
        })
    }
}
