//! Events of what administrators do: settings, roles, groups, tokens, bulk access, links, support access.

use super::{AnyEvent, CodecError, bytes, id};
use crate::domain::{bulk, group, link, role, settings, token, visit::Visit};
use kernel::{Right, Timestamp};
use prost::Message;
use proto::{event::StoredEvent, identity::v1 as wire};
use uuid::Uuid;

#[cfg(test)]
pub(super) mod tests;

/// An event of one of the streams beside accounts, or a visit in the stream of logins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Administration {
    Settings(settings::Event),
    Role(role::Event),
    Group(group::Event),
    Token(token::Event),
    Link(link::Event),
    Bulk(bulk::Event),
    Visit(Visit),
}

/// The stored type and the message bytes.
pub(crate) fn encode(event: &Administration) -> (&'static str, Vec<u8>) {
    match event.clone() {
        Administration::Settings(settings::Event::Changed { document, terms_version }) => {
            let document = serde_json::to_string(&document).expect("settings are plain JSON");
            bytes(&wire::SettingsChanged { document, terms_version })
        }
        Administration::Role(role::Event::Defined { role, definition }) => bytes(&wire::RoleDefined {
            role_id: role.to_string(),
            name: definition.name,
            description: definition.description,
            records: definition.records.as_str().to_owned(),
            rights: definition.rights.iter().map(|r| r.as_str().to_owned()).collect(),
        }),
        Administration::Role(role::Event::Deleted { role }) => bytes(&wire::RoleDeleted { role_id: role.to_string() }),
        Administration::Group(group::Event::Defined { group, definition }) => bytes(&wire::GroupDefined {
            group_id: group.to_string(),
            name: definition.name,
            description: definition.description,
            member_ids: definition.members.iter().map(Uuid::to_string).collect(),
        }),
        Administration::Group(group::Event::Deleted { group }) => {
            bytes(&wire::GroupDeleted { group_id: group.to_string() })
        }
        Administration::Token(event) => encode_token(event),
        Administration::Link(event) => encode_link(event),
        Administration::Bulk(event) => encode_bulk(event),
        Administration::Visit(visit) => encode_visit(visit),
    }
}

fn encode_token(event: token::Event) -> (&'static str, Vec<u8>) {
    match event {
        token::Event::Created { user, token, name, scopes, expires_at } => bytes(&wire::ApiTokenCreated {
            user_id: user.to_string(),
            token_id: token.to_string(),
            name,
            scopes: scopes.iter().map(|s| s.as_str().to_owned()).collect(),
            expires_at_micros: expires_at.micros(),
        }),
        token::Event::Revoked { user, token } => {
            bytes(&wire::ApiTokenRevoked { user_id: user.to_string(), token_id: token.to_string() })
        }
    }
}

fn encode_link(event: link::Event) -> (&'static str, Vec<u8>) {
    match event {
        link::Event::Issued { company, link, expires_at } => bytes(&wire::CompanyLinkIssued {
            company_id: company.to_string(),
            link_id: link.to_string(),
            expires_at_micros: expires_at.micros(),
        }),
        link::Event::Revoked { company, link } => {
            bytes(&wire::CompanyLinkRevoked { company_id: company.to_string(), link_id: link.to_string() })
        }
    }
}

fn encode_bulk(event: bulk::Event) -> (&'static str, Vec<u8>) {
    match event {
        bulk::Event::Started { job, contacts, terms } => bytes(&wire::BulkAccessStarted {
            job_id: job.to_string(),
            contacts,
            support_start: terms.support_start,
            support_end: terms.support_end,
            profile_id: terms.profile,
            mfa_required: terms.mfa_required,
            invite: terms.invite,
        }),
        bulk::Event::Finished { job, enabled, skipped, cancelled } => {
            bytes(&wire::BulkAccessFinished { job_id: job.to_string(), enabled, skipped, cancelled })
        }
    }
}

fn encode_visit(visit: Visit) -> (&'static str, Vec<u8>) {
    match visit {
        Visit::LinkUsed { company, session, network, browser } => bytes(&wire::CompanyLinkUsed {
            company_id: company.to_string(),
            session_id: session.to_string(),
            network,
            browser,
        }),
        Visit::SupportStarted { user, agent, session, reason, ticket, write, expires_at } => {
            bytes(&wire::SupportAccessStarted {
                user_id: user.to_string(),
                agent_id: agent.to_string(),
                session_id: session.to_string(),
                reason,
                ticket_id: ticket.map(|t| t.to_string()).unwrap_or_default(),
                write,
                expires_at_micros: expires_at.micros(),
            })
        }
    }
}

/// The event of a stored type that is none of accounts and activities.
pub(super) fn decode(stored_type: &str, payload: &[u8]) -> Result<AnyEvent, CodecError> {
    let at = Timestamp::from_micros;
    Ok(AnyEvent::Administration(match stored_type {
        wire::SettingsChanged::STORED_TYPE => {
            let m = wire::SettingsChanged::decode(payload)?;
            let document = serde_json::from_str(&m.document).map_err(|_| CodecError::Field("document"))?;
            Administration::Settings(settings::Event::Changed { document, terms_version: m.terms_version })
        }
        wire::RoleDefined::STORED_TYPE => decode_role(&wire::RoleDefined::decode(payload)?)?,
        wire::RoleDeleted::STORED_TYPE => {
            let m = wire::RoleDeleted::decode(payload)?;
            Administration::Role(role::Event::Deleted { role: id(&m.role_id)? })
        }
        wire::GroupDefined::STORED_TYPE => {
            let m = wire::GroupDefined::decode(payload)?;
            let members = m.member_ids.iter().map(|member| id(member)).collect::<Result<_, _>>()?;
            let definition = group::Definition { name: m.name, description: m.description, members };
            Administration::Group(group::Event::Defined { group: id(&m.group_id)?, definition })
        }
        wire::GroupDeleted::STORED_TYPE => {
            let m = wire::GroupDeleted::decode(payload)?;
            Administration::Group(group::Event::Deleted { group: id(&m.group_id)? })
        }
        wire::ApiTokenCreated::STORED_TYPE => decode_token(wire::ApiTokenCreated::decode(payload)?)?,
        wire::ApiTokenRevoked::STORED_TYPE => {
            let m = wire::ApiTokenRevoked::decode(payload)?;
            Administration::Token(token::Event::Revoked { user: id(&m.user_id)?, token: id(&m.token_id)? })
        }
        wire::CompanyLinkIssued::STORED_TYPE => {
            let m = wire::CompanyLinkIssued::decode(payload)?;
            let (company, link) = (id(&m.company_id)?, id(&m.link_id)?);
            Administration::Link(link::Event::Issued { company, link, expires_at: at(m.expires_at_micros) })
        }
        wire::CompanyLinkRevoked::STORED_TYPE => {
            let m = wire::CompanyLinkRevoked::decode(payload)?;
            Administration::Link(link::Event::Revoked { company: id(&m.company_id)?, link: id(&m.link_id)? })
        }
        wire::BulkAccessStarted::STORED_TYPE => decode_started(wire::BulkAccessStarted::decode(payload)?)?,
        wire::BulkAccessFinished::STORED_TYPE => {
            let m = wire::BulkAccessFinished::decode(payload)?;
            let (job, cancelled) = (id(&m.job_id)?, m.cancelled);
            Administration::Bulk(bulk::Event::Finished { job, enabled: m.enabled, skipped: m.skipped, cancelled })
        }
        wire::CompanyLinkUsed::STORED_TYPE => {
            let m = wire::CompanyLinkUsed::decode(payload)?;
            let (company, session) = (id(&m.company_id)?, id(&m.session_id)?);
            Administration::Visit(Visit::LinkUsed { company, session, network: m.network, browser: m.browser })
        }
        wire::SupportAccessStarted::STORED_TYPE => decode_support(wire::SupportAccessStarted::decode(payload)?)?,
        other => return Err(CodecError::UnknownType(other.to_owned())),
    }))
}

fn decode_role(m: &wire::RoleDefined) -> Result<Administration, CodecError> {
    let rights = m.rights.iter().map(|word| Right::from_word(word).ok_or(CodecError::Field("rights")));
    let definition = role::Definition {
        name: m.name.clone(),
        description: m.description.clone(),
        records: role::Records::from_word(&m.records).ok_or(CodecError::Field("records"))?,
        rights: rights.collect::<Result<_, _>>()?,
    };
    Ok(Administration::Role(role::Event::Defined { role: id(&m.role_id)?, definition }))
}

fn decode_token(m: wire::ApiTokenCreated) -> Result<Administration, CodecError> {
    let scopes = m.scopes.iter().map(|word| token::Scope::from_word(word).ok_or(CodecError::Field("scopes")));
    Ok(Administration::Token(token::Event::Created {
        user: id(&m.user_id)?,
        token: id(&m.token_id)?,
        name: m.name,
        scopes: scopes.collect::<Result<_, _>>()?,
        expires_at: Timestamp::from_micros(m.expires_at_micros),
    }))
}

fn decode_started(m: wire::BulkAccessStarted) -> Result<Administration, CodecError> {
    let terms = bulk::Terms {
        support_start: m.support_start,
        support_end: m.support_end,
        profile: m.profile_id,
        mfa_required: m.mfa_required,
        invite: m.invite,
    };
    Ok(Administration::Bulk(bulk::Event::Started { job: id(&m.job_id)?, contacts: m.contacts, terms }))
}

fn decode_support(m: wire::SupportAccessStarted) -> Result<Administration, CodecError> {
    let ticket = if m.ticket_id.is_empty() { None } else { Some(id(&m.ticket_id)?) };
    Ok(Administration::Visit(Visit::SupportStarted {
        user: id(&m.user_id)?,
        agent: id(&m.agent_id)?,
        session: id(&m.session_id)?,
        reason: m.reason,
        ticket,
        write: m.write,
        expires_at: Timestamp::from_micros(m.expires_at_micros),
    }))
}
