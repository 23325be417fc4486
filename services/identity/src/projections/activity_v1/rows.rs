//! Which stored events are entries of a timeline, and what each of them shows.

use crate::projections::activity_v1::Row;
use prost::{DecodeError, Message};
use proto::{event::StoredEvent, identity::v1 as wire};

/// The entry that a stored event is; None for those that no timeline shows.
pub(crate) fn row(stored_type: &str, payload: &[u8]) -> Result<Option<Row>, DecodeError> {
    if let Some(row) = sign_in(stored_type, payload)? {
        return Ok(Some(row));
    }
    if let Some(row) = security(stored_type, payload)? {
        return Ok(Some(row));
    }
    access(stored_type, payload)
}

/// Sessions, failures, locks.
fn sign_in(stored_type: &str, payload: &[u8]) -> Result<Option<Row>, DecodeError> {
    Ok(match stored_type {
        wire::LoggedIn::STORED_TYPE => {
            let m = wire::LoggedIn::decode(payload)?;
            let touchpoint = if m.agent_id.is_empty() { "sign_in" } else { "support" };
            let method = if m.method.is_empty() { "password" } else { &m.method };
            Row::new(&m.user_id, touchpoint, "logged_in").map(|row| {
                row.fact("method", method).fact("agent_id", m.agent_id).from(m.network, m.browser, &m.session_id)
            })
        }
        wire::LoginFailed::STORED_TYPE => {
            let m = wire::LoginFailed::decode(payload)?;
            Row::new(&m.user_id, "sign_in", "login_failed")
                .map(|row| row.fact("failures", m.failures).from(m.network, String::new(), ""))
        }
        wire::LoggedOut::STORED_TYPE => {
            let m = wire::LoggedOut::decode(payload)?;
            let touchpoint = if m.agent_id.is_empty() { "sign_in" } else { "support" };
            let word = match m.reason.as_str() {
                "logout" => "logged_out",
                "expired" => "session_expired",
                _ => "session_ended",
            };
            Row::new(&m.user_id, touchpoint, word).map(|row| {
                let row = row.fact("reason", m.reason).fact("agent_id", m.agent_id);
                row.from(String::new(), String::new(), &m.session_id)
            })
        }
        wire::Locked::STORED_TYPE => {
            let m = wire::Locked::decode(payload)?;
            let until = if m.locked_until_micros == 0 { String::new() } else { m.locked_until_micros.to_string() };
            Row::new(&m.user_id, "lock", "locked")
                .map(|row| row.fact("locked_until_micros", until).fact("ladder_step", m.ladder_step))
        }
        wire::Unlocked::STORED_TYPE => {
            let m = wire::Unlocked::decode(payload)?;
            let trusted = if m.trusted { "true" } else { "" };
            Row::new(&m.user_id, "lock", "unlocked").map(|row| Row { note: m.note, ..row.fact("trusted", trusted) })
        }
        wire::AttemptsBlocked::STORED_TYPE => {
            let m = wire::AttemptsBlocked::decode(payload)?;
            Row::new(&m.user_id, "lock", "attempts_blocked").map(|row| row.fact("count", m.count))
        }
        wire::TrustRevoked::STORED_TYPE => {
            let m = wire::TrustRevoked::decode(payload)?;
            Row::new(&m.user_id, "lock", "trust_revoked").map(|row| Row { network: m.network, ..row })
        }
        wire::CompanyLinkUsed::STORED_TYPE => {
            let m = wire::CompanyLinkUsed::decode(payload)?;
            Row::new(&m.company_id, "sign_in", "company_link_used")
                .map(|row| row.from(m.network, m.browser, &m.session_id))
        }
        wire::SupportAccessStarted::STORED_TYPE => {
            let m = wire::SupportAccessStarted::decode(payload)?;
            Row::new(&m.user_id, "support", "support_access_started").map(|row| {
                let row = row.fact("agent_id", m.agent_id).fact("ticket_id", m.ticket_id).fact("write", m.write);
                Row { note: m.reason, ..row.from(String::new(), String::new(), &m.session_id) }
            })
        }
        _ => None,
    })
}

/// Passwords, second factors, logins, tokens.
fn security(stored_type: &str, payload: &[u8]) -> Result<Option<Row>, DecodeError> {
    let new = |user: &str, word: &'static str| Row::new(user, "security", word);
    Ok(match stored_type {
        wire::PasswordSet::STORED_TYPE => {
            let m = wire::PasswordSet::decode(payload)?;
            new(&m.user_id, "password_set").map(|row| row.fact("via", m.via))
        }
        wire::PasswordResetRequested::STORED_TYPE => {
            let m = wire::PasswordResetRequested::decode(payload)?;
            new(&m.user_id, "password_reset_requested").map(|row| row.fact("by", m.by))
        }
        wire::SteppedUp::STORED_TYPE => {
            let m = wire::SteppedUp::decode(payload)?;
            new(&m.user_id, "stepped_up")
                .map(|row| row.fact("method", m.method).from(String::new(), String::new(), &m.session_id))
        }
        wire::LoginChangeRequested::STORED_TYPE => {
            new(&wire::LoginChangeRequested::decode(payload)?.user_id, "login_change_requested")
        }
        wire::LoginChanged::STORED_TYPE => {
            let m = wire::LoginChanged::decode(payload)?;
            new(&m.user_id, "login_changed").map(|row| row.fact("via", m.via))
        }
        wire::TotpEnabled::STORED_TYPE => new(&wire::TotpEnabled::decode(payload)?.user_id, "totp_enabled"),
        wire::PasskeyAdded::STORED_TYPE => new(&wire::PasskeyAdded::decode(payload)?.user_id, "passkey_added"),
        wire::FactorRemoved::STORED_TYPE => {
            let m = wire::FactorRemoved::decode(payload)?;
            new(&m.user_id, "factor_removed").map(|row| Row { note: m.reason, ..row.fact("factor", m.factor) })
        }
        wire::RecoveryCodesMade::STORED_TYPE => {
            let m = wire::RecoveryCodesMade::decode(payload)?;
            new(&m.user_id, "recovery_codes_made").map(|row| row.fact("count", m.count))
        }
        wire::RecoveryCodeUsed::STORED_TYPE => {
            let m = wire::RecoveryCodeUsed::decode(payload)?;
            new(&m.user_id, "recovery_code_used").map(|row| row.fact("left", m.left))
        }
        wire::MfaRequirementChanged::STORED_TYPE => {
            let m = wire::MfaRequirementChanged::decode(payload)?;
            new(&m.user_id, "mfa_requirement_changed").map(|row| row.fact("required", m.required))
        }
        wire::ApiTokenCreated::STORED_TYPE => {
            let m = wire::ApiTokenCreated::decode(payload)?;
            new(&m.user_id, "api_token_created").map(|row| row.fact("token_id", m.token_id).fact("name", m.name))
        }
        wire::ApiTokenRevoked::STORED_TYPE => {
            let m = wire::ApiTokenRevoked::decode(payload)?;
            new(&m.user_id, "api_token_revoked").map(|row| row.fact("token_id", m.token_id))
        }
        _ => None,
    })
}

/// Access given, changed, taken away; agents' accounts; links of companies.
fn access(stored_type: &str, payload: &[u8]) -> Result<Option<Row>, DecodeError> {
    let new = |user: &str, word: &'static str| Row::new(user, "access", word);
    Ok(match stored_type {
        wire::AccessEnabled::STORED_TYPE => {
            let m = wire::AccessEnabled::decode(payload)?;
            new(&m.user_id, "access_enabled")
                .map(|row| row.fact("support_start", m.support_start).fact("support_end", m.support_end))
        }
        wire::SupportDatesChanged::STORED_TYPE => {
            let m = wire::SupportDatesChanged::decode(payload)?;
            new(&m.user_id, "support_dates_changed")
                .map(|row| row.fact("support_start", m.support_start).fact("support_end", m.support_end))
        }
        wire::AccessDisabled::STORED_TYPE => {
            let m = wire::AccessDisabled::decode(payload)?;
            new(&m.user_id, "access_disabled").map(|row| row.fact("reason", m.reason))
        }
        wire::AccessSuspended::STORED_TYPE => {
            let m = wire::AccessSuspended::decode(payload)?;
            new(&m.user_id, "access_suspended").map(|row| Row { note: m.note, ..row })
        }
        wire::AccessResumed::STORED_TYPE => new(&wire::AccessResumed::decode(payload)?.user_id, "access_resumed"),
        wire::InvitationIssued::STORED_TYPE => {
            new(&wire::InvitationIssued::decode(payload)?.user_id, "invitation_issued")
        }
        wire::InvitationRevoked::STORED_TYPE => {
            new(&wire::InvitationRevoked::decode(payload)?.user_id, "invitation_revoked")
        }
        wire::TermsAccepted::STORED_TYPE => {
            let m = wire::TermsAccepted::decode(payload)?;
            new(&m.user_id, "terms_accepted").map(|row| row.fact("terms_version", m.terms_version))
        }
        wire::AgentCreated::STORED_TYPE => {
            let m = wire::AgentCreated::decode(payload)?;
            new(&m.user_id, "agent_created").map(|row| row.fact("role", m.role))
        }
        wire::AgentChanged::STORED_TYPE => {
            let m = wire::AgentChanged::decode(payload)?;
            new(&m.user_id, "agent_changed").map(|row| row.fact("role", m.role))
        }
        wire::AgentDisabled::STORED_TYPE => new(&wire::AgentDisabled::decode(payload)?.user_id, "agent_disabled"),
        wire::AgentEnabled::STORED_TYPE => new(&wire::AgentEnabled::decode(payload)?.user_id, "agent_enabled"),
        wire::CompanyLinkIssued::STORED_TYPE => {
            let m = wire::CompanyLinkIssued::decode(payload)?;
            new(&m.company_id, "company_link_issued").map(|row| row.fact("link_id", m.link_id))
        }
        wire::CompanyLinkRevoked::STORED_TYPE => {
            let m = wire::CompanyLinkRevoked::decode(payload)?;
            new(&m.company_id, "company_link_revoked").map(|row| row.fact("link_id", m.link_id))
        }
        _ => None,
    })
}
