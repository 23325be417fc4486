//! The message at the top of a page after a redirect.

use crate::Lang;

/// What a message at the top of a page says about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlashKind {
    /// Something was done.
    Success,
    /// Something to know.
    Info,
    /// Done, with something to look at.
    Warning,
    /// Not done.
    Error,
}

impl FlashKind {
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Success => "ok",
            Self::Info => "info",
            Self::Warning => "warn",
            Self::Error => "danger",
        }
    }

    pub(crate) const fn icon(self) -> &'static str {
        match self {
            Self::Success => "circle-check",
            Self::Info => "info",
            Self::Warning => "triangle-alert",
            Self::Error => "circle-alert",
        }
    }
}

/// A message at the top of the page after a redirect.
#[derive(Debug, Clone)]
pub struct Flash {
    /// Its kind.
    pub kind: FlashKind,
    /// One or two sentences in the viewer's language; see [`Flash::of`] for the standard ones.
    pub text: String,
}

impl Flash {
    /// A standard message by its code, as kept in a short cookie over the redirect: `saved`, `created`, `received`, `deleted`,
    /// `restored`, `commented`, `noted`, `access_enabled`, `access_enabled_not_sent`, `dates_changed`,
    /// `access_disabled`, `invitation_resent`, `unlocked`, `nothing_chosen`, `profile_chosen`, `resent`, `unchanged`, or one
    /// of the account's pages or of the console's. `None` for any other code, so that a forged cookie shows nothing.
    pub fn of(code: &str, lang: Lang) -> Option<Self> {
        let (kind, key) = match code {
            "saved" => (FlashKind::Success, "flash-saved"),
            "created" => (FlashKind::Success, "flash-created"),
            "received" => (FlashKind::Success, "flash-received"),
            "deleted" => (FlashKind::Success, "flash-deleted"),
            "restored" => (FlashKind::Success, "flash-restored"),
            "commented" => (FlashKind::Success, "flash-commented"),
            "noted" => (FlashKind::Success, "flash-noted"),
            "commented_and_set" => (FlashKind::Success, "flash-commented-and-set"),
            "comment_changed" => (FlashKind::Success, "flash-comment-changed"),
            "comment_removed" => (FlashKind::Success, "flash-comment-removed"),
            "comment_settled" => (FlashKind::Warning, "flash-comment-settled"),
            "marked_unread" => (FlashKind::Success, "flash-marked-unread"),
            "access_enabled" => (FlashKind::Success, "flash-access-enabled"),
            "access_enabled_not_sent" => (FlashKind::Warning, "flash-access-enabled-not-sent"),
            "dates_changed" => (FlashKind::Success, "flash-dates-changed"),
            "access_disabled" => (FlashKind::Success, "flash-access-disabled"),
            "invitation_resent" => (FlashKind::Success, "flash-invitation-resent"),
            "unlocked" => (FlashKind::Success, "flash-unlocked"),
            "nothing_chosen" => (FlashKind::Warning, "flash-nothing-chosen"),
            "no_record_chosen" => (FlashKind::Warning, "flash-no-record-chosen"),
            "no_change_chosen" => (FlashKind::Warning, "flash-no-change-chosen"),
            "selection_undone" => (FlashKind::Success, "flash-selection-undone"),
            "profile_chosen" => (FlashKind::Success, "flash-profile-chosen"),
            "resent" => (FlashKind::Success, "flash-resent"),
            "password_changed" => (FlashKind::Success, "flash-password-changed"),
            "factor_removed" => (FlashKind::Success, "flash-factor-removed"),
            "factor_added" => (FlashKind::Success, "flash-factor-added"),
            "own_session_ended" => (FlashKind::Success, "flash-session-ended"),
            "sessions_ended" => (FlashKind::Success, "flash-sessions-ended"),
            "login_change_asked" => (FlashKind::Info, "flash-login-change-asked"),
            "token_revoked" => (FlashKind::Success, "flash-token-revoked"),
            "passkey_failed" => (FlashKind::Warning, "proof-passkey-failed"),
            "already_signed_in" => (FlashKind::Info, "flash-already-signed-in"),
            "unchanged" => (FlashKind::Info, "flash-unchanged"),
            code => (FlashKind::Success, of_console(code)?),
        };
        Some(Self { kind, text: lang.t(key) })
    }
}

/// The text of a message of the console, by its code; `None` for any other.
fn of_console(code: &str) -> Option<&'static str> {
    Some(match code {
        "access_suspended" => "flash-access-suspended",
        "access_resumed" => "flash-access-resumed",
        "access_manual" => "flash-access-manual",
        "login_changed" => "flash-login-changed",
        "login_change_sent" => "flash-login-change-sent",
        "email_taken_over" => "flash-email-taken-over",
        "reset_link_sent" => "flash-reset-link-sent",
        "mfa_saved" => "flash-mfa-saved",
        "mfa_reset" => "flash-mfa-reset",
        "user_sessions_ended" => "flash-live-ended",
        "invitation_revoked" => "flash-invitation-revoked",
        "trust_revoked" => "flash-trust-revoked",
        "agent_created" => "flash-agent-created",
        "program_created" => "flash-program-created",
        "agent_disabled" => "flash-agent-disabled",
        "agent_enabled" => "flash-agent-enabled",
        "removed" => "flash-removed",
        "api_token_revoked" => "flash-api-token-revoked",
        "settings_saved" => "flash-settings-saved",
        "bulk_started" => "flash-bulk-started",
        "bulk_stopped" => "flash-bulk-stopped",
        "link_revoked" => "flash-link-revoked",
        "closed_to_contact" => "flash-closed-to-contact",
        "partly_closed_to_contact" => "flash-partly-closed-to-contact",
        _ => return None,
    })
}
