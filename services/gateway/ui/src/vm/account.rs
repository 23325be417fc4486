//! The account's own pages: security, activity, tokens for programs.

use askama::Template;

use super::chrome::Chrome;
use super::pager::Pager;
use crate::Lang;
use crate::fmt::Stamp;

/// Something with a button that removes or ends it.
#[derive(Debug, Clone)]
pub struct OwnPasskey {
    /// What its owner calls it; empty for none.
    pub name: String,
    /// When it was added.
    pub created: Option<Stamp>,
    /// When it was last used.
    pub last_used: Option<Stamp>,
    /// Where the form that removes it posts to.
    pub remove_url: String,
}

/// A live session of one's own.
#[derive(Debug, Clone)]
pub struct OwnSession {
    /// Browser and system.
    pub browser: String,
    /// Where from: the network, never the whole address.
    pub network: String,
    /// Since when.
    pub since: Option<Stamp>,
    /// When it was last used.
    pub last_seen: Option<Stamp>,
    /// The one that shows this page.
    pub current: bool,
    /// An agent's look at the portal.
    pub support: bool,
    /// Where the form that ends it posts to; `None` for the one that shows this page.
    pub end_url: Option<String>,
}

/// Something that happened around the account.
#[derive(Debug, Clone)]
pub struct OwnActivity {
    /// Stable word, such as `logged_in`.
    pub kind: String,
    /// When.
    pub at: Stamp,
    /// Where from; empty when nobody knows.
    pub network: String,
    /// With what; empty when nobody knows.
    pub browser: String,
    /// Who did it, when it was not the user; empty otherwise.
    pub actor: String,
}

/// Words of activity that have a text of their own.
const ACTIVITIES: [(&str, &str); 39] = [
    ("logged_in", "activity-logged-in"),
    ("logged_out", "activity-logged-out"),
    ("session_expired", "activity-session-expired"),
    ("session_ended", "activity-session-ended"),
    ("login_failed", "activity-login-failed"),
    ("attempts_blocked", "activity-attempts-blocked"),
    ("stepped_up", "activity-stepped-up"),
    ("locked", "activity-locked"),
    ("unlocked", "activity-unlocked"),
    ("trust_revoked", "activity-trust-revoked"),
    ("password_set", "activity-password-set"),
    ("password_reset_requested", "activity-reset-requested"),
    ("totp_enabled", "activity-totp-enabled"),
    ("passkey_added", "activity-passkey-added"),
    ("factor_removed", "activity-factor-removed"),
    ("recovery_codes_made", "activity-recovery-codes-made"),
    ("recovery_code_used", "activity-recovery-code-used"),
    ("mfa_requirement_changed", "activity-mfa-requirement"),
    ("login_change_requested", "activity-login-change-requested"),
    ("login_changed", "activity-login-changed"),
    ("terms_accepted", "activity-terms-accepted"),
    ("api_token_created", "activity-token-created"),
    ("api_token_revoked", "activity-token-revoked"),
    ("support_access_started", "activity-support-started"),
    ("access_enabled", "activity-access-enabled"),
    ("access_disabled", "activity-access-disabled"),
    ("access_suspended", "activity-access-suspended"),
    ("access_resumed", "activity-access-resumed"),
    ("support_dates_changed", "activity-dates-changed"),
    ("invitation_issued", "activity-invitation-issued"),
    ("invitation_revoked", "activity-invitation-revoked"),
    ("agent_created", "activity-agent-created"),
    ("agent_changed", "activity-agent-changed"),
    ("agent_disabled", "activity-access-disabled"),
    ("agent_enabled", "activity-access-enabled"),
    ("record_created", "activity-record-created"),
    ("record_updated", "activity-record-updated"),
    ("record_deleted", "activity-record-deleted"),
    ("record_commented", "activity-record-commented"),
];

impl OwnActivity {
    pub(crate) fn text(&self, lang: impl Into<Lang>) -> String {
        let lang = lang.into();
        let known = ACTIVITIES.iter().find(|(word, _)| *word == self.kind);
        // What this version has no words for still shows, so that nothing is hidden from its owner.
        known.map_or_else(|| self.kind.replace('_', " "), |(_, key)| lang.t(key))
    }

    pub(crate) fn icon(&self) -> &'static str {
        match self.kind.as_str() {
            "login_failed" | "locked" | "attempts_blocked" => "triangle-alert",
            "logged_in" | "logged_out" => "user-round",
            "support_access_started" => "eye",
            _ => "shield-check",
        }
    }
}

/// What an account is secured with, its sessions, and what happened around it.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/security.html")]
pub struct SecurityPage {
    /// Around the page.
    pub chrome: Chrome,
    /// The beginning of the account's addresses: `` or `/console`.
    pub base: String,
    /// What the person signs in with.
    pub login: String,
    /// The login is an e-mail address that the person may change.
    pub login_is_email: bool,
    /// An address that waits for its confirmation; empty for none.
    pub pending_email: String,
    /// When the password was set; `None` when there is none.
    pub password_set: Option<Stamp>,
    /// There is a password.
    pub has_password: bool,
    /// An authenticator app is set up.
    pub totp: bool,
    /// Passkeys.
    pub passkeys: Vec<OwnPasskey>,
    /// Recovery codes that are left.
    pub recovery_left: u32,
    /// A second factor is required of this account.
    pub mfa_required: bool,
    /// Live sessions.
    pub sessions: Vec<OwnSession>,
    /// Tokens for programs; `None` when this account may have none.
    pub tokens: Option<usize>,
    /// The last few things that happened.
    pub activity: Vec<OwnActivity>,
}

impl SecurityPage {
    pub(crate) fn has_factor(&self) -> bool {
        self.totp || !self.passkeys.is_empty()
    }

    /// The last second factor can't be removed while one is required.
    pub(crate) fn may_remove(&self) -> bool {
        !self.mfa_required || usize::from(self.totp) + self.passkeys.len() > 1
    }

    pub(crate) fn others(&self) -> bool {
        self.sessions.iter().any(|session| !session.current)
    }

    pub(crate) fn few_codes(&self) -> bool {
        self.has_factor() && self.recovery_left < 3
    }
}

/// Everything that happened around the account, newest first.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/activity.html")]
pub struct ActivityPage {
    /// Around the page.
    pub chrome: Chrome,
    /// The security page.
    pub back_url: String,
    /// What happened.
    pub entries: Vec<OwnActivity>,
    /// First and next.
    pub pager: Pager,
}

/// A token for a program.
#[derive(Debug, Clone)]
pub struct OwnToken {
    /// What it is for.
    pub name: String,
    /// Its last characters.
    pub hint: String,
    /// What it may be used for: `read`, `write`, `admin`.
    pub scopes: Vec<String>,
    /// When it ends.
    pub expires: Option<Stamp>,
    /// When it was last used.
    pub last_used: Option<Stamp>,
    /// Where the form that revokes it posts to.
    pub revoke_url: String,
}

/// Why a token was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenFault {
    /// It has no name, or one that is too long.
    Name,
    /// Nothing was chosen that it may do.
    Scopes,
    /// The days are none, or too many.
    Days,
}

impl TokenFault {
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Name => "tokens-fault-name",
            Self::Scopes => "tokens-fault-scopes",
            Self::Days => "tokens-fault-days",
        }
    }

    pub(crate) const fn field_id(self) -> &'static str {
        match self {
            Self::Name => "token-name",
            Self::Scopes => "scope-read",
            Self::Days => "token-days",
        }
    }
}

/// Tokens for programs, and the form for a new one.
///
/// Posts `name`, `scope` (several), `valid_days`, `csrf_token`, `form_id`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/api_tokens.html")]
pub struct ApiTokensPage {
    /// Around the page.
    pub chrome: Chrome,
    /// The security page.
    pub back_url: String,
    /// Where the form posts to.
    pub action: String,
    /// Tokens.
    pub tokens: Vec<OwnToken>,
    /// What was typed as name.
    pub name: String,
    /// What was chosen.
    pub scopes: Vec<String>,
    /// What was typed as days.
    pub days: String,
    /// Whether `admin` is offered.
    pub offers_admin: bool,
    /// The new token's name and secret, shown this once.
    pub made: Option<(String, String)>,
    /// Why the last attempt was refused.
    pub fault: Option<TokenFault>,
}

/// What a token may be used for, with the keys of its texts.
const SCOPES: [(&str, &str); 3] =
    [("read", "tokens-scope-read"), ("write", "tokens-scope-write"), ("admin", "tokens-scope-admin")];

impl ApiTokensPage {
    pub(crate) fn offered(&self) -> &'static [(&'static str, &'static str)] {
        if self.offers_admin { &SCOPES } else { &SCOPES[..2] }
    }

    pub(crate) fn scope_text(&self, scope: &str) -> String {
        let known = SCOPES.iter().find(|(word, _)| *word == scope);
        known.map_or_else(|| scope.to_owned(), |(_, key)| self.chrome.lang.t(key))
    }

    pub(crate) fn chosen(&self, scope: &str) -> bool {
        self.scopes.iter().any(|chosen| chosen == scope)
    }

    pub(crate) fn bad(&self, field_id: &str) -> bool {
        self.fault.is_some_and(|fault| fault.field_id() == field_id)
    }
}
