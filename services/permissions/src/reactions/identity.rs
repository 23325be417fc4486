//! From identity: which agents there are, what their roles and groups are, and which profile a contact was given with
//! its access.

use super::{id, learn};
use crate::{
    commands::Commands,
    domain::contact_profile::{Choose, ProfileRejection, Rejection},
    facts::{Fact, forget_identity},
};
use eventlog::{Handler, HandlerError, Meta, Reaction, Recorded};
use futures::future::BoxFuture;
use kernel::Aggregate;
use prost::Message;
use proto::{event::StoredEvent, identity::v1 as heard};
use sqlx::PgConnection;
use uuid::Uuid;

const NAME: &str = "agents";

/// The consumer of identity's events.
pub(crate) struct FromIdentity {
    commands: Commands,
}

impl FromIdentity {
    /// Acts in permissions' log.
    pub(crate) fn new(commands: Commands) -> FromIdentity {
        FromIdentity { commands }
    }

    async fn react(&self, event: &Recorded) -> Result<Reaction, HandlerError> {
        if &*event.stored_type == heard::AccessEnabled::STORED_TYPE {
            let enabled = heard::AccessEnabled::decode(event.payload.as_slice())?;
            if !enabled.profile_id.is_empty() {
                return self.give(event, id(&enabled.user_id)?, &enabled.profile_id).await;
            }
        }
        Ok(learn(NAME, event, fact(event)?))
    }

    /// Gives a contact the profile that was named with its access. What was chosen later stands, also when the event is
    /// heard again.
    async fn give(&self, event: &Recorded, contact: Uuid, named: &str) -> Result<Reaction, HandlerError> {
        let (loaded, chosen_at) = self.commands.contact_profile(contact).await?;
        if chosen_at.is_some_and(|at| at > event.recorded_at) {
            return Ok(Reaction::Nothing);
        }
        let queries = self.commands.queries();
        let decided = match Uuid::try_parse(named) {
            Ok(profile) => loaded.state.decide(Choose {
                contact,
                // Records' log is heard in an order of its own: a contact of whom nothing was heard yet may be there.
                contact_exists: !queries.contact_is_deleted(contact).await.map_err(away)?,
                profile: Some((profile, queries.is_published(profile).await.map_err(away)?)),
            }),
            Err(_) => Err(Rejection::Profile(ProfileRejection::UnknownProfile)),
        };
        let events = match decided {
            Ok(events) if events.is_empty() => return Ok(Reaction::Nothing),
            Ok(events) => events,
            Err(rejection) => {
                let why = match rejection {
                    Rejection::UnknownContact => "the contact was deleted",
                    Rejection::Profile(_) => "the profile is unknown or was never published",
                };
                tracing::warn!(event = "profile.not_given", contact = %contact, profile = named, why,
                               "a contact got access without the profile that was named with it");
                return Ok(Reaction::Nothing);
            }
        };
        let mut draft = self.commands.log().draft(&loaded, &events).await?;
        draft.side_writes.push(Box::new(Fact::SubjectTouched(contact)));
        Ok(Reaction::Append(draft.append(Meta::caused_by(super::SERVICE, NAME, event))))
    }
}

fn away(error: kernel::Error) -> HandlerError {
    HandlerError::Away(error.to_string())
}

/// What an event says that plans depend on.
fn fact(event: &Recorded) -> Result<Option<Fact>, HandlerError> {
    let payload = event.payload.as_slice();
    Ok(match &*event.stored_type {
        heard::AgentCreated::STORED_TYPE => {
            let m = heard::AgentCreated::decode(payload)?;
            Some(Fact::Agent { agent: id(&m.user_id)?, role: m.role })
        }
        heard::AgentChanged::STORED_TYPE => {
            let m = heard::AgentChanged::decode(payload)?;
            let agent = id(&m.user_id)?;
            (!m.role.is_empty()).then_some(Fact::AgentRole { agent, role: m.role })
        }
        heard::AgentDisabled::STORED_TYPE => {
            let m = heard::AgentDisabled::decode(payload)?;
            Some(Fact::AgentDisabled { agent: id(&m.user_id)?, disabled: true })
        }
        heard::AgentEnabled::STORED_TYPE => {
            let m = heard::AgentEnabled::decode(payload)?;
            Some(Fact::AgentDisabled { agent: id(&m.user_id)?, disabled: false })
        }
        heard::RoleDefined::STORED_TYPE => {
            let m = heard::RoleDefined::decode(payload)?;
            Some(Fact::Role { role: m.role_id, records: m.records, rights: m.rights })
        }
        heard::RoleDeleted::STORED_TYPE => Some(Fact::RoleGone { role: heard::RoleDeleted::decode(payload)?.role_id }),
        heard::GroupDefined::STORED_TYPE => {
            let m = heard::GroupDefined::decode(payload)?;
            let members = m.member_ids.iter().map(|member| id(member)).collect::<Result<_, _>>()?;
            Some(Fact::Group { group: id(&m.group_id)?, members })
        }
        heard::GroupDeleted::STORED_TYPE => {
            Some(Fact::GroupGone { group: id(&heard::GroupDeleted::decode(payload)?.group_id)? })
        }
        _ => None,
    })
}

impl Handler for FromIdentity {
    fn name(&self) -> &'static str {
        NAME
    }

    fn handle<'a>(&'a self, event: &'a Recorded) -> BoxFuture<'a, Result<Reaction, HandlerError>> {
        Box::pin(self.react(event))
    }

    fn reset<'a>(&'a self, connection: &'a mut PgConnection) -> BoxFuture<'a, Result<(), sqlx::Error>> {
        Box::pin(forget_identity(connection))
    }
}
