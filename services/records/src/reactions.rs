//! What other services' events change here.

use eventlog::{Append, Appended, Handler, HandlerError, Meta, Reaction, Recorded, SideWrite};
use futures::future::BoxFuture;
use prost::Message;
use proto::{
    event::StoredEvent,
    identity::v1::{AgentChanged, AgentCreated, AgentDisabled, AgentEnabled},
};
use sqlx::PgConnection;
use uuid::Uuid;

const NAME: &str = "records.agents";

/// Keeps the agents that identity tells of, for owners and names.
pub struct Agents;

impl Handler for Agents {
    fn name(&self) -> &'static str {
        NAME
    }

    fn handle<'a>(&'a self, event: &'a Recorded) -> BoxFuture<'a, Result<Reaction, HandlerError>> {
        Box::pin(async move {
            let Some(told) = told(event)? else { return Ok(Reaction::Nothing) };
            let meta = Meta::caused_by("records", NAME, event);
            Ok(Reaction::Independent(Append::side(meta, vec![Box::new(told)])))
        })
    }

    fn reset<'a>(&'a self, connection: &'a mut PgConnection) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Box::pin(async move {
            sqlx::query("delete from agents_v1").execute(connection).await?;
            Ok(())
        })
    }
}

/// What identity told of an agent.
struct Told {
    id: Uuid,
    what: What,
}

enum What {
    Made {
        name: String,
        role: String,
    },
    /// Empty texts did not change.
    Changed {
        name: String,
        role: String,
    },
    /// A disabled agent still owns records and has a name in histories.
    Disabled(bool),
}

fn told(event: &Recorded) -> Result<Option<Told>, HandlerError> {
    let payload = event.payload.as_slice();
    let (id, what) = match &*event.stored_type {
        AgentCreated::STORED_TYPE => {
            let m = AgentCreated::decode(payload)?;
            (m.user_id, What::Made { name: m.name, role: m.role })
        }
        AgentChanged::STORED_TYPE => {
            let m = AgentChanged::decode(payload)?;
            (m.user_id, What::Changed { name: m.name, role: m.role })
        }
        AgentDisabled::STORED_TYPE => (AgentDisabled::decode(payload)?.user_id, What::Disabled(true)),
        AgentEnabled::STORED_TYPE => (AgentEnabled::decode(payload)?.user_id, What::Disabled(false)),
        _ => return Ok(None),
    };
    let id = Uuid::try_parse(&id).map_err(|e| HandlerError::Poison(e.to_string()))?;
    Ok(Some(Told { id, what }))
}

impl SideWrite for Told {
    fn write<'a>(&'a self, _: &'a Appended, tx: &'a mut PgConnection) -> eventlog::Writing<'a> {
        let query = match &self.what {
            What::Made { name, role } => sqlx::query(
                "insert into agents_v1 (id, name, role) values ($1, $2, $3)
                 on conflict (id) do update set name = excluded.name, role = excluded.role",
            )
            .bind(self.id)
            .bind(name)
            .bind(role),
            What::Changed { name, role } => sqlx::query(
                "update agents_v1 set name = coalesce(nullif($2, ''), name), role = coalesce(nullif($3, ''), role)
                 where id = $1",
            )
            .bind(self.id)
            .bind(name)
            .bind(role),
            What::Disabled(disabled) => {
                sqlx::query("update agents_v1 set disabled = $2 where id = $1").bind(self.id).bind(disabled)
            }
        };
        Box::pin(async move {
            query.execute(tx).await?;
            Ok(())
        })
    }
}
