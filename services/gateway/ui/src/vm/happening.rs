//! What happened around an account, and what its owner did, in words.

use crate::Lang;
use crate::fmt::Stamp;

/// A record that something was done with.
#[derive(Debug, Clone)]
pub struct RecordLink {
    /// What it is.
    pub label: String,
    /// Its page; `None` when this viewer may not open it.
    pub url: Option<String>,
}

/// Something that happened.
#[derive(Debug, Clone)]
pub struct Happening {
    /// The service's word, for example `logged_in`.
    pub kind: String,
    /// The service's word, for example `sign_in`.
    pub touchpoint: String,
    /// When.
    pub at: Stamp,
    /// Where from; may be empty.
    pub network: String,
    /// With what; may be empty.
    pub browser: String,
    /// Who did it, when it was not the user; may be empty.
    pub by: String,
    /// A reason or a note; may be empty.
    pub note: String,
    /// The record that it was done with.
    pub record: Option<RecordLink>,
}

/// Every touchpoint, in the order in which they are offered; the first is all that a contact does in the portal.
pub const TOUCHPOINTS: [&str; 7] = ["customer_portal", "sign_in", "lock", "security", "support", "record", "access"];

pub(super) fn touchpoint_key(word: &str) -> &'static str {
    match word {
        "customer_portal" => "touchpoint-customer-portal",
        "sign_in" => "touchpoint-sign-in",
        "lock" => "touchpoint-lock",
        "security" => "touchpoint-security",
        "support" => "touchpoint-support",
        "record" => "touchpoint-record",
        _ => "touchpoint-access",
    }
}

impl Happening {
    fn key(&self) -> Option<&'static str> {
        Some(match self.kind.as_str() {
            "logged_in" => "happened-logged-in",
            "login_failed" => "happened-login-failed",
            "logged_out" => "happened-logged-out",
            "session_expired" | "expired" => "happened-expired",
            "sessions_ended" | "session_ended" | "session_revoked" => "happened-session-ended",
            "locked" => "happened-locked",
            "unlocked" => "happened-unlocked",
            "attempts_blocked" => "happened-attempts-blocked",
            "trust_revoked" => "happened-trust-revoked",
            "password_set" => "happened-password-set",
            "password_reset_requested" | "reset_requested" => "happened-reset-requested",
            "totp_enabled" => "happened-totp-enabled",
            "passkey_added" => "happened-passkey-added",
            "factor_removed" | "mfa_removed" | "removed" => "happened-factor-removed",
            "recovery_codes_made" => "happened-codes-made",
            "recovery_code_used" => "happened-code-used",
            "mfa_requirement_changed" | "requirement_changed" => "happened-mfa-requirement",
            "login_change_requested" | "change_requested" => "happened-login-change-requested",
            "login_changed" | "changed" => "happened-login-changed",
            "terms_accepted" | "accepted" => "happened-terms-accepted",
            "api_token_created" => "happened-token-created",
            "api_token_revoked" => "happened-token-revoked",
            "access_enabled" | "enabled" => "happened-access-enabled",
            "access_disabled" | "disabled" => "happened-access-disabled",
            "access_suspended" | "suspended" => "happened-suspended",
            "access_resumed" | "resumed" => "happened-resumed",
            "support_dates_changed" => "happened-dates-changed",
            "invitation_issued" | "issued" => "happened-invited",
            "invitation_revoked" | "revoked" => "happened-invitation-revoked",
            "company_link_used" | "link_used" => "happened-link-used",
            "support_access_started" => "happened-support-started",
            "support_access_ended" => "happened-support-ended",
            "record_created" => "happened-record-created",
            "record_updated" => "happened-record-updated",
            "record_commented" => "happened-record-commented",
            "record_deleted" => "happened-record-deleted",
            "record_restored" => "happened-record-restored",
            _ => return None,
        })
    }

    pub(crate) fn what(&self, lang: impl Into<Lang>) -> String {
        // A word that isn't known yet is shown as it stands.
        self.key().map_or_else(|| self.kind.clone(), |key| lang.into().t(key))
    }

    pub(crate) fn touchpoint_label(&self, lang: impl Into<Lang>) -> String {
        lang.into().t(touchpoint_key(&self.touchpoint))
    }

    pub(crate) fn icon(&self) -> &'static str {
        match (self.touchpoint.as_str(), self.kind.as_str()) {
            (_, "login_failed" | "attempts_blocked") => "circle-alert",
            ("sign_in", "logged_out") => "log-out",
            ("sign_in", _) => "log-in",
            ("lock", "unlocked") => "lock-open",
            ("lock", _) => "lock",
            ("security", _) => "shield-check",
            ("support", _) => "eye",
            ("record", _) => "file-text",
            _ => "key-round",
        }
    }
}
