//! Forgotten and changed passwords, and the address to sign in with.

use askama::Template;

use super::auth::PasswordFault;
use super::chrome::Chrome;
use crate::Lang;

/// What the page for forgotten passwords shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForgotState {
    /// The form.
    Form,
    /// Asked for; the same whether there is such a login or not.
    Sent,
    /// Nothing was typed.
    Missing,
    /// Too many requests; seconds to wait.
    RateLimited(u32),
    /// Identity doesn't answer.
    Unavailable,
}

/// The page for forgotten passwords.
///
/// Posts `login`, `csrf_token`, `form_id`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/forgot_password.html")]
pub struct ForgotPasswordPage {
    /// Around the page; without viewer and menu.
    pub chrome: Chrome,
    /// Where the form posts to.
    pub action: String,
    /// The sign-in page.
    pub sign_in_url: String,
    /// What was typed.
    pub login: String,
    /// Whom to ask who can't do it alone; empty when the operator names nobody.
    pub help_contact: String,
    /// Form or answer.
    pub state: ForgotState,
}

impl ForgotPasswordPage {
    pub(crate) fn fault(&self) -> Option<String> {
        let lang = self.chrome.lang;
        match self.state {
            ForgotState::Form | ForgotState::Sent => None,
            ForgotState::Missing => Some(lang.t("forgot-missing")),
            ForgotState::RateLimited(seconds) => Some(lang.tn("error-wait", seconds)),
            ForgotState::Unavailable => Some(lang.t("error-unavailable-title")),
        }
    }

    pub(crate) fn missing(&self) -> bool {
        self.state == ForgotState::Missing
    }

    pub(crate) fn sent(&self) -> bool {
        self.state == ForgotState::Sent
    }
}

/// Why a change of the password was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeFault {
    /// The current password is missing or wrong.
    Current,
    /// Something about the new one.
    New(PasswordFault),
}

impl ChangeFault {
    pub(crate) fn text(&self, lang: impl Into<Lang>) -> String {
        let lang = lang.into();
        match self {
            Self::Current => lang.t("proof-wrong-password"),
            Self::New(fault) => fault.text(lang),
        }
    }

    pub(crate) const fn field_id(&self) -> &'static str {
        match self {
            Self::Current => "current-password",
            Self::New(fault) => fault.field_id(),
        }
    }
}

/// Changing the password: forced, after a one-time password, or by choice.
///
/// Posts `current_password` (by choice only: a forced change follows right on it), `new_password`, `repeat_password`,
/// `next`, `csrf_token`, `form_id`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/change_password.html")]
pub struct ChangePasswordPage {
    /// Around the page; bare when it is forced.
    pub chrome: Chrome,
    /// Where the form posts to.
    pub action: String,
    /// Local path to go on to; empty for home.
    pub next: String,
    /// What the person signs in with.
    pub login: String,
    /// Nothing else can be seen until it is done.
    pub forced: bool,
    /// Smallest length in characters, told before typing.
    pub min_length: u32,
    /// Why the last attempt was refused.
    pub fault: Option<ChangeFault>,
}

impl ChangePasswordPage {
    pub(crate) fn error(&self, field_id: &str) -> Option<String> {
        self.fault.filter(|fault| fault.field_id() == field_id).map(|fault| fault.text(self.chrome.lang))
    }
}

/// Why another address to sign in with was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressFault {
    /// It is no e-mail address.
    NoAddress,
    /// It is the one in use, or somebody else's.
    Taken,
}

impl AddressFault {
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::NoAddress => "login-change-no-address",
            Self::Taken => "login-change-taken",
        }
    }
}

/// Asking for another address to sign in with.
///
/// Posts `new_email`, `csrf_token`, `form_id`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/login_change.html")]
pub struct LoginChangePage {
    /// Around the page.
    pub chrome: Chrome,
    /// Where the form posts to.
    pub action: String,
    /// The security page.
    pub back_url: String,
    /// What is used now.
    pub current: String,
    /// What was typed.
    pub typed: String,
    /// Why the last attempt was refused.
    pub fault: Option<AddressFault>,
}

/// The page behind the link that confirms another address. Opening it changes nothing.
///
/// Posts `token`, `csrf_token`, `form_id`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/confirm_login.html")]
pub struct ConfirmLoginPage {
    /// Around the page; without viewer and menu.
    pub chrome: Chrome,
    /// Where the form posts to.
    pub action: String,
    /// The token of the link; `None` when the link can't be used.
    pub token: Option<String>,
    /// The sign-in page.
    pub sign_in_url: String,
}

impl ConfirmLoginPage {
    pub(crate) fn heading(&self) -> String {
        let key = if self.token.is_some() { "confirm-login-title" } else { "set-password-unusable-title" };
        self.chrome.lang.t(key)
    }
}
