//! Domain events to and from the protobuf messages that are stored. Every type ever stored has a golden file in
//! `tests/golden`; a change of meaning is a new type, never another reading of an old one.

use crate::domain::{
    account::{DisableReason, Event, Invitation, Role, Support, Via},
    activity::{Activity, EndReason},
};
use eventlog::Recorded;
use kernel::{ActorKind, Timestamp};
use prost::Message;
use proto::{event::StoredEvent, identity::v1 as wire};
use uuid::Uuid;

pub(crate) mod administration;
#[cfg(test)]
mod tests;

/// An event of identity, from whatever kind of stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stored {
    Account(Event),
    Activity(Activity),
    Administration(administration::Administration),
}

/// Why a stored event could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CodecError {
    #[error("event type {0} is unknown")]
    UnknownType(String),
    #[error("the payload does not decode")]
    Payload(#[from] prost::DecodeError),
    #[error("the field {0} has no meaning")]
    Field(&'static str),
}

impl From<CodecError> for kernel::Error {
    fn from(e: CodecError) -> kernel::Error {
        kernel::Error::internal(e)
    }
}

/// The stored type and the message bytes of an account's event.
pub(crate) fn encode_event(event: &Event) -> (&'static str, Vec<u8>) {
    match event.clone() {
        Event::AgentCreated { user, login, name, email, role, locale } => bytes(&wire::AgentCreated {
            user_id: user.to_string(),
            login,
            name,
            email,
            role: role_word(role).to_owned(),
            locale,
            service: false,
        }),
        Event::AccessEnabled { user, login, name, email, support, locale } => bytes(&wire::AccessEnabled {
            user_id: user.to_string(),
            login,
            name,
            email,
            support_start: support.start,
            support_end: support.end,
            locale,
            ..wire::AccessEnabled::default()
        }),
        Event::SupportDatesChanged { user, support } => bytes(&wire::SupportDatesChanged {
            user_id: user.to_string(),
            support_start: support.start,
            support_end: support.end,
        }),
        Event::AccessDisabled { user, reason } => {
            bytes(&wire::AccessDisabled { user_id: user.to_string(), reason: disable_word(reason).to_owned() })
        }
        Event::InvitationIssued { user, invitation, locale, support_start, email, name } => {
            bytes(&wire::InvitationIssued {
                user_id: user.to_string(),
                invitation_id: invitation.id.to_string(),
                locale,
                support_start,
                expires_at_micros: invitation.expires_at.micros(),
                email,
                name,
            })
        }
        Event::PasswordSet { user, credential, version, via } => bytes(&wire::PasswordSet {
            user_id: user.to_string(),
            credential_id: credential.to_string(),
            credential_version: version,
            via: via_word(via).to_owned(),
            valid_until_micros: 0,
        }),
    }
}

/// The stored type and the message bytes of an activity.
pub(crate) fn encode_activity(activity: &Activity) -> (&'static str, Vec<u8>) {
    match activity.clone() {
        Activity::LoggedIn { user, session, network, browser, kind } => bytes(&wire::LoggedIn {
            user_id: user.to_string(),
            session_id: session.to_string(),
            network,
            browser,
            kind: subject_kind(kind).into(),
            ..wire::LoggedIn::default()
        }),
        Activity::LoginFailed { user, network, failures } => {
            bytes(&wire::LoginFailed { user_id: user.to_string(), network, failures })
        }
        Activity::Locked { user, until, ladder_step, kind } => bytes(&wire::Locked {
            user_id: user.to_string(),
            locked_until_micros: until.map_or(0, Timestamp::micros),
            ladder_step,
            kind: subject_kind(kind).into(),
        }),
        Activity::Unlocked { user, note, kind } => {
            bytes(&wire::Unlocked { user_id: user.to_string(), note, kind: subject_kind(kind).into(), trusted: false })
        }
        Activity::LoggedOut { user, session, reason } => bytes(&wire::LoggedOut {
            user_id: user.to_string(),
            session_id: session.to_string(),
            reason: end_word(reason).to_owned(),
            agent_id: String::new(),
        }),
    }
}

/// The event of a recorded one. Personal fields of an erased person read as empty.
pub(crate) fn decode(recorded: &Recorded) -> Result<Stored, CodecError> {
    decode_bytes(&recorded.stored_type, &recorded.payload)
}

/// The event of a stored type and its message bytes.
pub(crate) fn decode_bytes(stored_type: &str, payload: &[u8]) -> Result<Stored, CodecError> {
    Ok(match stored_type {
        wire::AgentCreated::STORED_TYPE => {
            let m = wire::AgentCreated::decode(payload)?;
            Stored::Account(Event::AgentCreated {
                user: id(&m.user_id)?,
                login: m.login,
                name: m.name,
                email: m.email,
                role: role(&m.role).ok_or(CodecError::Field("role"))?,
                locale: m.locale,
            })
        }
        wire::AccessEnabled::STORED_TYPE => {
            let m = wire::AccessEnabled::decode(payload)?;
            Stored::Account(Event::AccessEnabled {
                user: id(&m.user_id)?,
                login: m.login,
                name: m.name,
                email: m.email,
                support: Support { start: m.support_start, end: m.support_end },
                locale: m.locale,
            })
        }
        wire::SupportDatesChanged::STORED_TYPE => {
            let m = wire::SupportDatesChanged::decode(payload)?;
            let support = Support { start: m.support_start, end: m.support_end };
            Stored::Account(Event::SupportDatesChanged { user: id(&m.user_id)?, support })
        }
        wire::AccessDisabled::STORED_TYPE => {
            let m = wire::AccessDisabled::decode(payload)?;
            let reason = match m.reason.as_str() {
                "agent" => DisableReason::Agent,
                "contact_deleted" => DisableReason::ContactDeleted,
                _ => return Err(CodecError::Field("reason")),
            };
            Stored::Account(Event::AccessDisabled { user: id(&m.user_id)?, reason })
        }
        wire::InvitationIssued::STORED_TYPE => {
            let m = wire::InvitationIssued::decode(payload)?;
            Stored::Account(Event::InvitationIssued {
                user: id(&m.user_id)?,
                invitation: Invitation {
                    id: id(&m.invitation_id)?,
                    expires_at: Timestamp::from_micros(m.expires_at_micros),
                },
                locale: m.locale,
                support_start: m.support_start,
                email: m.email,
                name: m.name,
            })
        }
        wire::PasswordSet::STORED_TYPE => {
            let m = wire::PasswordSet::decode(payload)?;
            Stored::Account(Event::PasswordSet {
                user: id(&m.user_id)?,
                credential: id(&m.credential_id)?,
                version: m.credential_version,
                via: via(&m.via).ok_or(CodecError::Field("via"))?,
            })
        }
        wire::LoggedIn::STORED_TYPE => {
            let m = wire::LoggedIn::decode(payload)?;
            let kind = actor_kind(m.kind()).ok_or(CodecError::Field("kind"))?;
            let (user, session) = (id(&m.user_id)?, id(&m.session_id)?);
            Stored::Activity(Activity::LoggedIn { user, session, network: m.network, browser: m.browser, kind })
        }
        wire::LoginFailed::STORED_TYPE => {
            let m = wire::LoginFailed::decode(payload)?;
            let user = id(&m.user_id)?;
            Stored::Activity(Activity::LoginFailed { user, network: m.network, failures: m.failures })
        }
        wire::Locked::STORED_TYPE => {
            let m = wire::Locked::decode(payload)?;
            let until = (m.locked_until_micros != 0).then(|| Timestamp::from_micros(m.locked_until_micros));
            let kind = actor_kind(m.kind()).ok_or(CodecError::Field("kind"))?;
            Stored::Activity(Activity::Locked { user: id(&m.user_id)?, until, ladder_step: m.ladder_step, kind })
        }
        wire::Unlocked::STORED_TYPE => {
            let m = wire::Unlocked::decode(payload)?;
            let kind = actor_kind(m.kind()).ok_or(CodecError::Field("kind"))?;
            Stored::Activity(Activity::Unlocked { user: id(&m.user_id)?, note: m.note, kind })
        }
        wire::LoggedOut::STORED_TYPE => {
            let m = wire::LoggedOut::decode(payload)?;
            let reason = end_reason(&m.reason).ok_or(CodecError::Field("reason"))?;
            Stored::Activity(Activity::LoggedOut { user: id(&m.user_id)?, session: id(&m.session_id)?, reason })
        }
        other => return administration::decode(other, payload),
    })
}

// === words ===

/// The number of an actor kind on the wire.
pub(crate) fn subject_kind(kind: ActorKind) -> wire::SubjectKind {
    match kind {
        ActorKind::Contact => wire::SubjectKind::Contact,
        ActorKind::Agent => wire::SubjectKind::Agent,
        ActorKind::Service => wire::SubjectKind::Service,
        ActorKind::Company => wire::SubjectKind::Company,
    }
}

/// The actor kind of a number on the wire.
pub(crate) fn actor_kind(kind: wire::SubjectKind) -> Option<ActorKind> {
    match kind {
        wire::SubjectKind::Contact => Some(ActorKind::Contact),
        wire::SubjectKind::Agent => Some(ActorKind::Agent),
        wire::SubjectKind::Service => Some(ActorKind::Service),
        wire::SubjectKind::Company => Some(ActorKind::Company),
        wire::SubjectKind::Unspecified => None,
    }
}

/// The word of a role.
pub(crate) fn role_word(role: Role) -> &'static str {
    match role {
        Role::Administrator => "administrator",
        Role::Agent => "agent",
        Role::Viewer => "viewer",
    }
}

/// The role of a word.
pub(crate) fn role(word: &str) -> Option<Role> {
    [Role::Administrator, Role::Agent, Role::Viewer].into_iter().find(|r| role_word(*r) == word)
}

/// The word of a way to set a password.
pub(crate) fn via_word(via: Via) -> &'static str {
    match via {
        Via::Invitation => "invitation",
        Via::Demo => "demo",
        Via::Console => "console",
        Via::Change => "change",
    }
}

fn via(word: &str) -> Option<Via> {
    [Via::Invitation, Via::Demo, Via::Console, Via::Change].into_iter().find(|v| via_word(*v) == word)
}

fn disable_word(reason: DisableReason) -> &'static str {
    match reason {
        DisableReason::Agent => "agent",
        DisableReason::ContactDeleted => "contact_deleted",
    }
}

fn end_word(reason: EndReason) -> &'static str {
    match reason {
        EndReason::Logout => "logout",
        EndReason::AccessDisabled => "access_disabled",
        EndReason::PasswordSet => "password_set",
        EndReason::Expired => "expired",
    }
}

fn end_reason(word: &str) -> Option<EndReason> {
    [EndReason::Logout, EndReason::AccessDisabled, EndReason::PasswordSet, EndReason::Expired]
        .into_iter()
        .find(|r| end_word(*r) == word)
}

fn bytes<M: StoredEvent>(message: &M) -> (&'static str, Vec<u8>) {
    (M::STORED_TYPE, message.encode_to_vec())
}

fn id(text: &str) -> Result<Uuid, CodecError> {
    Uuid::try_parse(text).map_err(|_| CodecError::Field("id"))
}
