//! The events of accounts.

use super::{CodecError, bytes, changed, id, micros, moment};
use crate::domain::account::{DisableReason, Event, Factor, Invitation, LoginVia, RevokeReason, Support, Via};
use kernel::Timestamp;
use prost::Message;
use proto::{event::StoredEvent, identity::v1 as wire};

/// The stored type and the message bytes of an account's event.
pub(crate) fn encode_event(event: &Event) -> (&'static str, Vec<u8>) {
    match event.clone() {
        Event::AgentCreated { user, login, name, email, role, locale, service } => {
            bytes(&wire::AgentCreated { user_id: user.to_string(), login, name, email, role, locale, service })
        }
        Event::AgentChanged { user, name, email, role, locale } => bytes(&wire::AgentChanged {
            user_id: user.to_string(),
            name: name.unwrap_or_default(),
            email: email.unwrap_or_default(),
            role: role.unwrap_or_default(),
            locale: locale.unwrap_or_default(),
        }),
        Event::AgentDisabled { user } => bytes(&wire::AgentDisabled { user_id: user.to_string() }),
        Event::AgentEnabled { user } => bytes(&wire::AgentEnabled { user_id: user.to_string() }),
        Event::AccessEnabled { user, login, name, email, support, locale, mfa_required, profile, company } => {
            bytes(&wire::AccessEnabled {
                user_id: user.to_string(),
                login,
                name,
                email,
                support_start: support.start,
                support_end: support.end,
                locale,
                mfa_required,
                profile_id: profile,
                company_id: company,
            })
        }
        Event::SupportDatesChanged { user, support } => bytes(&wire::SupportDatesChanged {
            user_id: user.to_string(),
            support_start: support.start,
            support_end: support.end,
        }),
        Event::AccessDisabled { user, reason } => {
            bytes(&wire::AccessDisabled { user_id: user.to_string(), reason: disable_word(reason).to_owned() })
        }
        Event::AccessSuspended { user, note } => bytes(&wire::AccessSuspended { user_id: user.to_string(), note }),
        Event::AccessResumed { user } => bytes(&wire::AccessResumed { user_id: user.to_string() }),
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
        Event::InvitationRevoked { user, invitation, reason } => bytes(&wire::InvitationRevoked {
            user_id: user.to_string(),
            invitation_id: invitation.to_string(),
            reason: revoke_word(reason).to_owned(),
        }),
        Event::PasswordSet { user, credential, version, via, valid_until } => bytes(&wire::PasswordSet {
            user_id: user.to_string(),
            credential_id: credential.to_string(),
            credential_version: version,
            via: via_word(via).to_owned(),
            valid_until_micros: micros(valid_until),
        }),
        Event::LoginChangeRequested {
            user,
            request,
            expires_at,
            new_email,
            old_email,
            name,
            locale,
            agent,
            by_agent,
        } => {
            let kind = if agent { wire::SubjectKind::Agent } else { wire::SubjectKind::Contact };
            bytes(&wire::LoginChangeRequested {
                user_id: user.to_string(),
                request_id: request.to_string(),
                expires_at_micros: expires_at.micros(),
                new_email,
                old_email,
                name,
                locale,
                kind: kind.into(),
                by: if by_agent { "agent" } else { "" }.to_owned(),
            })
        }
        Event::LoginChanged { user, login, old_login, via, email } => bytes(&wire::LoginChanged {
            user_id: user.to_string(),
            login,
            old_login,
            via: login_via_word(via).to_owned(),
            email,
        }),
        Event::TotpEnabled { user } => bytes(&wire::TotpEnabled { user_id: user.to_string() }),
        Event::PasskeyAdded { user, passkey, name } => {
            bytes(&wire::PasskeyAdded { user_id: user.to_string(), passkey_id: passkey.to_string(), name })
        }
        Event::FactorRemoved { user, factor, reason } => {
            let (factor, passkey_id) = match factor {
                Factor::Totp => ("totp", String::new()),
                Factor::Passkey(id) => ("passkey", id.to_string()),
                Factor::All => ("all", String::new()),
            };
            bytes(&wire::FactorRemoved { user_id: user.to_string(), factor: factor.to_owned(), passkey_id, reason })
        }
        Event::RecoveryCodesMade { user, count } => {
            bytes(&wire::RecoveryCodesMade { user_id: user.to_string(), count })
        }
        Event::MfaRequirementChanged { user, required } => {
            bytes(&wire::MfaRequirementChanged { user_id: user.to_string(), required })
        }
        Event::TermsAccepted { user, version } => {
            bytes(&wire::TermsAccepted { user_id: user.to_string(), terms_version: version })
        }
    }
}

/// The account's event of a stored type; None when the type is another one's.
pub(super) fn decode(stored_type: &str, payload: &[u8]) -> Result<Option<Event>, CodecError> {
    Ok(Some(match stored_type {
        wire::AgentCreated::STORED_TYPE => {
            let m = wire::AgentCreated::decode(payload)?;
            if m.role.is_empty() {
                return Err(CodecError::Field("role"));
            }
            Event::AgentCreated {
                user: id(&m.user_id)?,
                login: m.login,
                name: m.name,
                email: m.email,
                role: m.role,
                locale: m.locale,
                service: m.service,
            }
        }
        wire::AgentChanged::STORED_TYPE => {
            let m = wire::AgentChanged::decode(payload)?;
            Event::AgentChanged {
                user: id(&m.user_id)?,
                name: changed(m.name),
                email: changed(m.email),
                role: changed(m.role),
                locale: changed(m.locale),
            }
        }
        wire::AgentDisabled::STORED_TYPE => {
            Event::AgentDisabled { user: id(&wire::AgentDisabled::decode(payload)?.user_id)? }
        }
        wire::AgentEnabled::STORED_TYPE => {
            Event::AgentEnabled { user: id(&wire::AgentEnabled::decode(payload)?.user_id)? }
        }
        wire::AccessEnabled::STORED_TYPE => {
            let m = wire::AccessEnabled::decode(payload)?;
            Event::AccessEnabled {
                user: id(&m.user_id)?,
                login: m.login,
                name: m.name,
                email: m.email,
                support: Support { start: m.support_start, end: m.support_end },
                locale: m.locale,
                mfa_required: m.mfa_required,
                profile: m.profile_id,
                company: m.company_id,
            }
        }
        wire::SupportDatesChanged::STORED_TYPE => {
            let m = wire::SupportDatesChanged::decode(payload)?;
            let support = Support { start: m.support_start, end: m.support_end };
            Event::SupportDatesChanged { user: id(&m.user_id)?, support }
        }
        wire::AccessDisabled::STORED_TYPE => {
            let m = wire::AccessDisabled::decode(payload)?;
            let reason = match m.reason.as_str() {
                "agent" => DisableReason::Agent,
                "contact_deleted" => DisableReason::ContactDeleted,
                _ => return Err(CodecError::Field("reason")),
            };
            Event::AccessDisabled { user: id(&m.user_id)?, reason }
        }
        wire::AccessSuspended::STORED_TYPE => {
            let m = wire::AccessSuspended::decode(payload)?;
            Event::AccessSuspended { user: id(&m.user_id)?, note: m.note }
        }
        wire::AccessResumed::STORED_TYPE => {
            Event::AccessResumed { user: id(&wire::AccessResumed::decode(payload)?.user_id)? }
        }
        wire::InvitationIssued::STORED_TYPE => {
            let m = wire::InvitationIssued::decode(payload)?;
            Event::InvitationIssued {
                user: id(&m.user_id)?,
                invitation: Invitation {
                    id: id(&m.invitation_id)?,
                    expires_at: Timestamp::from_micros(m.expires_at_micros),
                },
                locale: m.locale,
                support_start: m.support_start,
                email: m.email,
                name: m.name,
            }
        }
        wire::InvitationRevoked::STORED_TYPE => {
            let m = wire::InvitationRevoked::decode(payload)?;
            let reason = revoke_reason(&m.reason).ok_or(CodecError::Field("reason"))?;
            Event::InvitationRevoked { user: id(&m.user_id)?, invitation: id(&m.invitation_id)?, reason }
        }
        wire::PasswordSet::STORED_TYPE => {
            let m = wire::PasswordSet::decode(payload)?;
            Event::PasswordSet {
                user: id(&m.user_id)?,
                credential: id(&m.credential_id)?,
                version: m.credential_version,
                via: via(&m.via).ok_or(CodecError::Field("via"))?,
                valid_until: moment(m.valid_until_micros),
            }
        }
        other => return decode_later(other, payload),
    }))
}

/// The events of logins, factors and terms.
fn decode_later(stored_type: &str, payload: &[u8]) -> Result<Option<Event>, CodecError> {
    Ok(Some(match stored_type {
        wire::LoginChangeRequested::STORED_TYPE => {
            let m = wire::LoginChangeRequested::decode(payload)?;
            let agent = m.kind() == wire::SubjectKind::Agent;
            Event::LoginChangeRequested {
                user: id(&m.user_id)?,
                request: id(&m.request_id)?,
                expires_at: Timestamp::from_micros(m.expires_at_micros),
                new_email: m.new_email,
                old_email: m.old_email,
                name: m.name,
                locale: m.locale,
                agent,
                by_agent: m.by == "agent",
            }
        }
        wire::LoginChanged::STORED_TYPE => {
            let m = wire::LoginChanged::decode(payload)?;
            Event::LoginChanged {
                user: id(&m.user_id)?,
                login: m.login,
                old_login: m.old_login,
                via: login_via(&m.via).ok_or(CodecError::Field("via"))?,
                email: m.email,
            }
        }
        wire::TotpEnabled::STORED_TYPE => {
            Event::TotpEnabled { user: id(&wire::TotpEnabled::decode(payload)?.user_id)? }
        }
        wire::PasskeyAdded::STORED_TYPE => {
            let m = wire::PasskeyAdded::decode(payload)?;
            Event::PasskeyAdded { user: id(&m.user_id)?, passkey: id(&m.passkey_id)?, name: m.name }
        }
        wire::FactorRemoved::STORED_TYPE => {
            let m = wire::FactorRemoved::decode(payload)?;
            let factor = match m.factor.as_str() {
                "totp" => Factor::Totp,
                "passkey" => Factor::Passkey(id(&m.passkey_id)?),
                "all" => Factor::All,
                _ => return Err(CodecError::Field("factor")),
            };
            Event::FactorRemoved { user: id(&m.user_id)?, factor, reason: m.reason }
        }
        wire::RecoveryCodesMade::STORED_TYPE => {
            let m = wire::RecoveryCodesMade::decode(payload)?;
            Event::RecoveryCodesMade { user: id(&m.user_id)?, count: m.count }
        }
        wire::MfaRequirementChanged::STORED_TYPE => {
            let m = wire::MfaRequirementChanged::decode(payload)?;
            Event::MfaRequirementChanged { user: id(&m.user_id)?, required: m.required }
        }
        wire::TermsAccepted::STORED_TYPE => {
            let m = wire::TermsAccepted::decode(payload)?;
            Event::TermsAccepted { user: id(&m.user_id)?, version: m.terms_version }
        }
        _ => return Ok(None),
    }))
}

/// The word of a way to set a password.
fn via_word(via: Via) -> &'static str {
    match via {
        Via::Invitation => "invitation",
        Via::Demo => "demo",
        Via::Console => "console",
        Via::Change => "change",
        Via::Reset => "reset",
        Via::OneTime => "one_time",
    }
}

fn via(word: &str) -> Option<Via> {
    let all = [Via::Invitation, Via::Demo, Via::Console, Via::Change, Via::Reset, Via::OneTime];
    all.into_iter().find(|v| via_word(*v) == word)
}

fn login_via_word(via: LoginVia) -> &'static str {
    match via {
        LoginVia::Confirmed => "confirmed",
        LoginVia::Agent => "agent",
        LoginVia::Contact => "contact",
    }
}

fn login_via(word: &str) -> Option<LoginVia> {
    [LoginVia::Confirmed, LoginVia::Agent, LoginVia::Contact].into_iter().find(|v| login_via_word(*v) == word)
}

/// An agent's wish was written without a word before there was another reason.
fn revoke_word(reason: RevokeReason) -> &'static str {
    match reason {
        RevokeReason::Agent => "",
        RevokeReason::AddressChanged => "address_changed",
    }
}

fn revoke_reason(word: &str) -> Option<RevokeReason> {
    [RevokeReason::Agent, RevokeReason::AddressChanged].into_iter().find(|r| revoke_word(*r) == word)
}

fn disable_word(reason: DisableReason) -> &'static str {
    match reason {
        DisableReason::Agent => "agent",
        DisableReason::ContactDeleted => "contact_deleted",
    }
}
