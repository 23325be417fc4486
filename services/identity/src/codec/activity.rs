//! The events around logins.

use super::{CodecError, bytes, id, kind_of, micros, moment, optional_id, subject_kind};
use crate::domain::activity::{Activity, EndReason, Method};
use kernel::Timestamp;
use prost::Message;
use proto::{event::StoredEvent, identity::v1 as wire};
use uuid::Uuid;

/// The stored type and the message bytes of an activity.
pub(crate) fn encode_activity(activity: &Activity) -> (&'static str, Vec<u8>) {
    match activity.clone() {
        Activity::LoggedIn { user, session, network, browser, kind, method, agent } => bytes(&wire::LoggedIn {
            user_id: user.to_string(),
            session_id: session.to_string(),
            network,
            browser,
            kind: subject_kind(kind).into(),
            // As it was written before there were other methods.
            method: if method == Method::Password { String::new() } else { method.as_str().to_owned() },
            agent_id: agent.as_ref().map(Uuid::to_string).unwrap_or_default(),
        }),
        Activity::LoginFailed { user, network, failures } => {
            bytes(&wire::LoginFailed { user_id: user.to_string(), network, failures })
        }
        Activity::Locked { user, until, ladder_step, kind } => bytes(&wire::Locked {
            user_id: user.to_string(),
            locked_until_micros: micros(until),
            ladder_step,
            kind: subject_kind(kind).into(),
        }),
        Activity::AttemptsBlocked { user, count } => bytes(&wire::AttemptsBlocked { user_id: user.to_string(), count }),
        Activity::Unlocked { user, note, kind, trusted } => bytes(&wire::Unlocked {
            user_id: user.to_string(),
            note,
            kind: subject_kind(kind).into(),
            trusted: !trusted.is_empty(),
            networks: trusted,
        }),
        Activity::TrustRevoked { user, network } => bytes(&wire::TrustRevoked { user_id: user.to_string(), network }),
        Activity::LoggedOut { user, session, reason, agent } => bytes(&wire::LoggedOut {
            user_id: user.to_string(),
            session_id: session.to_string(),
            reason: end_word(reason).to_owned(),
            agent_id: agent.as_ref().map(Uuid::to_string).unwrap_or_default(),
        }),
        Activity::SteppedUp { user, session, method } => bytes(&wire::SteppedUp {
            user_id: user.to_string(),
            session_id: session.to_string(),
            method: method.as_str().to_owned(),
        }),
        Activity::ResetRequested { user, request, expires_at, by_agent, email, name, locale, kind } => {
            bytes(&wire::PasswordResetRequested {
                user_id: user.to_string(),
                request_id: request.to_string(),
                expires_at_micros: expires_at.micros(),
                by: if by_agent { "agent" } else { "self" }.to_owned(),
                email,
                name,
                locale,
                kind: subject_kind(kind).into(),
            })
        }
        Activity::RecoveryCodeUsed { user, left } => bytes(&wire::RecoveryCodeUsed { user_id: user.to_string(), left }),
    }
}

/// The activity of a stored type; None when the type is another one's.
pub(super) fn decode(stored_type: &str, payload: &[u8]) -> Result<Option<Activity>, CodecError> {
    Ok(Some(match stored_type {
        wire::LoggedIn::STORED_TYPE => {
            let m = wire::LoggedIn::decode(payload)?;
            Activity::LoggedIn {
                kind: kind_of(m.kind())?,
                user: id(&m.user_id)?,
                session: id(&m.session_id)?,
                network: m.network,
                browser: m.browser,
                method: Method::from_word(&m.method).ok_or(CodecError::Field("method"))?,
                agent: optional_id(&m.agent_id)?,
            }
        }
        wire::LoginFailed::STORED_TYPE => {
            let m = wire::LoginFailed::decode(payload)?;
            Activity::LoginFailed { user: id(&m.user_id)?, network: m.network, failures: m.failures }
        }
        wire::Locked::STORED_TYPE => {
            let m = wire::Locked::decode(payload)?;
            Activity::Locked {
                user: id(&m.user_id)?,
                until: moment(m.locked_until_micros),
                ladder_step: m.ladder_step,
                kind: kind_of(m.kind())?,
            }
        }
        wire::AttemptsBlocked::STORED_TYPE => {
            let m = wire::AttemptsBlocked::decode(payload)?;
            Activity::AttemptsBlocked { user: id(&m.user_id)?, count: m.count }
        }
        wire::Unlocked::STORED_TYPE => {
            let m = wire::Unlocked::decode(payload)?;
            let kind = kind_of(m.kind())?;
            Activity::Unlocked { user: id(&m.user_id)?, note: m.note, kind, trusted: m.networks }
        }
        wire::TrustRevoked::STORED_TYPE => {
            let m = wire::TrustRevoked::decode(payload)?;
            Activity::TrustRevoked { user: id(&m.user_id)?, network: m.network }
        }
        wire::LoggedOut::STORED_TYPE => {
            let m = wire::LoggedOut::decode(payload)?;
            Activity::LoggedOut {
                user: id(&m.user_id)?,
                session: id(&m.session_id)?,
                reason: end_reason(&m.reason).ok_or(CodecError::Field("reason"))?,
                agent: optional_id(&m.agent_id)?,
            }
        }
        wire::SteppedUp::STORED_TYPE => {
            let m = wire::SteppedUp::decode(payload)?;
            Activity::SteppedUp {
                user: id(&m.user_id)?,
                session: id(&m.session_id)?,
                method: Method::from_word(&m.method).ok_or(CodecError::Field("method"))?,
            }
        }
        wire::PasswordResetRequested::STORED_TYPE => {
            let m = wire::PasswordResetRequested::decode(payload)?;
            Activity::ResetRequested {
                kind: kind_of(m.kind())?,
                user: id(&m.user_id)?,
                request: id(&m.request_id)?,
                expires_at: Timestamp::from_micros(m.expires_at_micros),
                by_agent: m.by == "agent",
                email: m.email,
                name: m.name,
                locale: m.locale,
            }
        }
        wire::RecoveryCodeUsed::STORED_TYPE => {
            let m = wire::RecoveryCodeUsed::decode(payload)?;
            Activity::RecoveryCodeUsed { user: id(&m.user_id)?, left: m.left }
        }
        _ => return Ok(None),
    }))
}

/// The word of a reason why a session ended.
pub(crate) fn end_word(reason: EndReason) -> &'static str {
    match reason {
        EndReason::Logout => "logout",
        EndReason::AccessDisabled => "access_disabled",
        EndReason::PasswordSet => "password_set",
        EndReason::Expired => "expired",
        EndReason::Ended => "ended",
        EndReason::EndedByAgent => "ended_by_agent",
        EndReason::TooMany => "too_many",
        EndReason::Suspended => "suspended",
        EndReason::MfaChanged => "mfa_changed",
        EndReason::MfaRequired => "mfa_required",
        EndReason::LoginChanged => "login_changed",
        EndReason::PortalUserExists => "portal_user_exists",
        EndReason::LinkRevoked => "link_revoked",
        EndReason::RoleChanged => "role_changed",
    }
}

fn end_reason(word: &str) -> Option<EndReason> {
    EndReason::ALL.into_iter().find(|r| end_word(*r) == word)
}
