//! Sign-in, and the page behind an invitation link.

use askama::Template;

use super::chrome::Chrome;
use crate::Lang;

/// Why a sign-in was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignInFault {
    /// Unknown user, wrong password, locked or disabled: all the same from outside.
    InvalidCredentials,
    /// The password was right, the support period hasn't begun; the first day, formatted.
    SupportNotStarted(String),
    /// The password was right, the support period is over; the last day, formatted.
    SupportEnded(String),
    /// Too many attempts from this address; seconds to wait.
    RateLimited(u32),
    /// Identity doesn't answer or its queue is full.
    Unavailable,
    /// The form's token is of another browser session.
    FormExpired,
    /// The browser keeps no cookies.
    NoCookie,
}

/// Why a session ended, as far as its owner is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Nothing happened for a while.
    Idle,
    /// Its longest time, or the end of support.
    Expired,
    /// By its owner, from elsewhere.
    Elsewhere,
    /// By an agent.
    ByAgent,
    /// A password was set.
    Password,
    /// A newer session took its place.
    TooMany,
    /// A second factor, the login or the role changed.
    Security,
    /// The company's link is over.
    Link,
}

impl Ended {
    /// Every reason.
    pub const ALL: [Self; 8] = [
        Self::Idle,
        Self::Expired,
        Self::Elsewhere,
        Self::ByAgent,
        Self::Password,
        Self::TooMany,
        Self::Security,
        Self::Link,
    ];

    /// The reason of identity's word; `None` for what nobody is told.
    pub fn of(word: &str) -> Option<Self> {
        Some(match word {
            "idle" => Self::Idle,
            "expired" => Self::Expired,
            "logout" | "ended" => Self::Elsewhere,
            "ended_by_agent" => Self::ByAgent,
            "password_set" => Self::Password,
            "too_many" => Self::TooMany,
            "mfa_changed" | "mfa_required" | "login_changed" | "role_changed" => Self::Security,
            "link_revoked" | "portal_user_exists" => Self::Link,
            _ => return None,
        })
    }
}

/// What brought the person to the sign-in page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInNotice {
    /// They signed out.
    SignedOut,
    /// The session ended, nobody says why.
    SessionEnded,
    /// The session ended, and why.
    Ended(Ended),
    /// They just set their first password.
    PasswordSet,
    /// They chose a new password by a link.
    PasswordReset,
    /// They confirmed another address to sign in with.
    LoginChanged,
}

/// The sign-in page of portal and console.
///
/// Posts `login`, `password`, `next`, `csrf_token`, `form_id`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/sign_in.html")]
pub struct SignInPage {
    /// Around the page; without viewer and menu.
    pub chrome: Chrome,
    /// Where the form posts to.
    pub action: String,
    /// Local path to open after sign-in; empty for home. The handler checks that it is local.
    pub next: String,
    /// Something that the person typed on that page is kept until they have signed in.
    pub typed_kept: bool,
    /// What was typed.
    pub login: String,
    /// The page for forgotten passwords.
    pub forgot_url: String,
    /// Where the form of the passkey posts to.
    pub passkey_url: String,
    /// Why the last attempt was refused.
    pub fault: Option<SignInFault>,
    /// Shown when there is no fault.
    pub notice: Option<SignInNotice>,
}

/// Why a new password was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordFault {
    /// Nothing was typed.
    Missing,
    /// Shorter than the smallest length, in characters.
    TooShort(u32),
    /// Longer than 512 bytes.
    TooLong,
    /// On the list of common passwords, or made of known words.
    Common,
    /// The two fields differ.
    Mismatch,
}

/// What a link lets choose a password for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetPasswordPurpose {
    /// The first password, after an invitation.
    First,
    /// Another one instead of the one that was forgotten.
    Reset,
}

/// What the link leads to.
#[derive(Debug, Clone)]
pub enum SetPasswordState {
    /// The link is good.
    Form {
        /// Where the form posts to.
        action: String,
        /// The token of the link, carried along.
        token: String,
        /// What its owner signs in with: whoever holds the link is told it with the new password anyway.
        login: String,
        /// Smallest length in characters, told before typing.
        min_length: u32,
        /// Why the last attempt was refused.
        fault: Option<PasswordFault>,
    },
    /// Used, replaced, expired or unknown; they all look the same.
    Unusable {
        /// The sign-in page; for a reset the page where to ask for another link.
        sign_in_url: String,
    },
}

/// The page behind an invitation's or a reset's link. Opening it changes nothing.
///
/// Posts `token`, `new_password`, `repeat_password`, `csrf_token`, `form_id`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/set_password.html")]
pub struct SetPasswordPage {
    /// Around the page; without viewer and menu.
    pub chrome: Chrome,
    /// The first password or another one.
    pub purpose: SetPasswordPurpose,
    /// Form, or the reason why there is none.
    pub state: SetPasswordState,
}

impl SignInFault {
    pub(crate) fn title(&self, lang: impl Into<Lang>) -> String {
        let lang = lang.into();
        lang.t(match self {
            Self::SupportNotStarted(_) => "sign-in-not-started-title",
            Self::SupportEnded(_) => "sign-in-ended-title",
            Self::RateLimited(_) => "error-too-many-title",
            Self::Unavailable => "error-unavailable-title",
            Self::InvalidCredentials | Self::FormExpired | Self::NoCookie => "sign-in-failed-title",
        })
    }

    pub(crate) fn text(&self, lang: impl Into<Lang>) -> String {
        let lang = lang.into();
        match self {
            Self::InvalidCredentials => lang.t("sign-in-invalid"),
            Self::SupportNotStarted(date) => lang.t1("sign-in-not-started", "date", date),
            Self::SupportEnded(date) => lang.t1("sign-in-ended", "date", date),
            Self::RateLimited(seconds) => lang.tn("error-wait", *seconds),
            Self::Unavailable => lang.t("sign-in-unavailable"),
            Self::FormExpired => lang.t("sign-in-form-expired"),
            Self::NoCookie => lang.t("sign-in-no-cookie"),
        }
    }
}

impl SignInNotice {
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::SignedOut => "sign-in-signed-out",
            Self::SessionEnded => "sign-in-session-ended",
            Self::PasswordSet => "sign-in-password-set",
            Self::PasswordReset => "sign-in-password-reset",
            Self::Ended(Ended::Idle) => "sign-in-idle",
            Self::Ended(Ended::Expired) => "sign-in-ended-expired",
            Self::Ended(Ended::Elsewhere) => "sign-in-ended-elsewhere",
            Self::Ended(Ended::ByAgent) => "sign-in-ended-by-agent",
            Self::Ended(Ended::Password) => "sign-in-ended-password",
            Self::Ended(Ended::TooMany) => "sign-in-ended-too-many",
            Self::Ended(Ended::Security) => "sign-in-ended-security",
            Self::Ended(Ended::Link) => "sign-in-ended-link",
            Self::LoginChanged => "sign-in-login-changed",
        }
    }

    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::PasswordSet | Self::PasswordReset | Self::LoginChanged => "ok",
            Self::SignedOut | Self::SessionEnded | Self::Ended(_) => "info",
        }
    }

    pub(crate) const fn icon(self) -> &'static str {
        match self {
            Self::PasswordSet | Self::PasswordReset | Self::LoginChanged => "circle-check",
            Self::Ended(Ended::Idle | Ended::Expired) => "clock",
            Self::SignedOut | Self::SessionEnded | Self::Ended(_) => "info",
        }
    }
}

impl SignInPage {
    pub(crate) fn heading(&self) -> String {
        self.chrome.lang.t(if self.chrome.console() { "sign-in-title-console" } else { "sign-in-title" })
    }

    /// Whether the fields themselves are at fault.
    pub(crate) fn wrong(&self) -> bool {
        self.fault == Some(SignInFault::InvalidCredentials)
    }
}

impl PasswordFault {
    pub(crate) fn text(&self, lang: impl Into<Lang>) -> String {
        let lang = lang.into();
        match self {
            Self::Missing => lang.t("password-missing"),
            Self::TooShort(min) => lang.tn("password-too-short", *min),
            Self::TooLong => lang.t("password-too-long"),
            Self::Common => lang.t("password-common"),
            Self::Mismatch => lang.t("password-mismatch"),
        }
    }

    pub(crate) const fn field_id(&self) -> &'static str {
        match self {
            Self::Mismatch => "repeat-password",
            _ => "new-password",
        }
    }
}

impl SetPasswordPage {
    pub(crate) fn heading(&self) -> String {
        self.chrome.lang.t(match (&self.state, self.purpose) {
            (SetPasswordState::Form { .. }, SetPasswordPurpose::First) => "set-password-title",
            (SetPasswordState::Form { .. }, SetPasswordPurpose::Reset) => "reset-title",
            (SetPasswordState::Unusable { .. }, _) => "set-password-unusable-title",
        })
    }

    pub(crate) fn lead(&self) -> String {
        match self.purpose {
            SetPasswordPurpose::First => self.chrome.lang.t1("set-password-lead", "product", &self.chrome.product_name),
            SetPasswordPurpose::Reset => self.chrome.lang.t("reset-lead"),
        }
    }

    /// What to do when the link can't be used.
    pub(crate) fn way_on(&self) -> String {
        self.chrome.lang.t(match self.purpose {
            SetPasswordPurpose::First => "set-password-unusable-next",
            SetPasswordPurpose::Reset => "reset-unusable-next",
        })
    }

    /// What the button of an unusable link says.
    pub(crate) fn way_on_label(&self) -> String {
        self.chrome.lang.t(match self.purpose {
            SetPasswordPurpose::First => "set-password-to-sign-in",
            SetPasswordPurpose::Reset => "reset-ask-again",
        })
    }

    pub(crate) const fn fault(&self) -> Option<PasswordFault> {
        match self.state {
            SetPasswordState::Form { fault, .. } => fault,
            SetPasswordState::Unusable { .. } => None,
        }
    }

    pub(crate) fn faulty(&self, field_id: &str) -> bool {
        self.fault().is_some_and(|fault| fault.field_id() == field_id)
    }
}
