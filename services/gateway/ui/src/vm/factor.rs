//! Second factors: completing a login, setting one up, recovery codes, and proving again who is there.

use askama::Template;

use super::chrome::Chrome;
use crate::Lang;
use crate::qr::Qr;

/// Why a code, or what else proves who somebody is, was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProofFault {
    /// Nothing was typed.
    Missing,
    /// Wrong, used already, or too old.
    WrongCode,
    /// Unknown or used already.
    WrongRecoveryCode,
    /// The password is not right.
    WrongPassword,
    /// The passkey was refused.
    Passkey,
    /// Too many attempts; seconds to wait.
    RateLimited(u32),
    /// Identity doesn't answer.
    Unavailable,
}

impl ProofFault {
    pub(crate) fn text(&self, lang: impl Into<Lang>) -> String {
        let lang = lang.into();
        match self {
            Self::Missing => lang.t("proof-missing"),
            Self::WrongCode => lang.t("proof-wrong-code"),
            Self::WrongRecoveryCode => lang.t("proof-wrong-recovery"),
            Self::WrongPassword => lang.t("proof-wrong-password"),
            Self::Passkey => lang.t("proof-passkey-failed"),
            Self::RateLimited(seconds) => lang.tn("error-wait", *seconds),
            Self::Unavailable => lang.t("error-unavailable-title"),
        }
    }
}

/// The page of the second factor, when the password was right.
///
/// Posts `code` or `recovery_code` or, from the script, `ceremony_id` and `credential`; `next`, `csrf_token`, `form_id`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/second_factor.html")]
pub struct SecondFactorPage {
    /// Around the page; without viewer and menu.
    pub chrome: Chrome,
    /// Where the forms post to.
    pub action: String,
    /// Local path to go on to; empty for home.
    pub next: String,
    /// An authenticator app is set up.
    pub totp: bool,
    /// A passkey is set up.
    pub passkey: bool,
    /// There are recovery codes.
    pub recovery: bool,
    /// Why the last attempt was refused.
    pub fault: Option<ProofFault>,
}

impl SecondFactorPage {
    pub(crate) fn fault_text(&self) -> String {
        self.fault.map(|fault| fault.text(self.chrome.lang)).unwrap_or_default()
    }

    pub(crate) fn code_wrong(&self) -> bool {
        matches!(self.fault, Some(ProofFault::Missing | ProofFault::WrongCode))
    }

    pub(crate) fn recovery_wrong(&self) -> bool {
        self.fault == Some(ProofFault::WrongRecoveryCode)
    }

    /// The field that the summary leads to.
    pub(crate) const fn field(&self) -> Option<&'static str> {
        match self.fault {
            Some(ProofFault::Missing | ProofFault::WrongCode) if self.totp => Some("code"),
            Some(ProofFault::WrongRecoveryCode | ProofFault::Missing) => Some("recovery-code"),
            _ => None,
        }
    }
}

/// How far setting up a second factor has come.
#[derive(Debug, Clone)]
pub enum SetUpStep {
    /// Why, and what is needed.
    Why,
    /// The secret, to be scanned or typed in, and the first code.
    Scan {
        /// Base32, in groups for reading.
        secret: String,
        /// What the QR code says; carried along.
        uri: String,
        /// The QR code.
        qr: Option<Qr>,
    },
}

/// Setting up an authenticator app: forced, before anything else can be seen, or by choice.
///
/// Posts `step` (`begin` or `confirm`), `code`, `secret`, `uri`, `next`, `csrf_token`, `form_id`; a passkey instead posts
/// `ceremony_id`, `credential` and `name` to `passkey_url`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/set_up_mfa.html")]
pub struct SetUpMfaPage {
    /// Around the page; bare when it is forced.
    pub chrome: Chrome,
    /// Where the forms post to.
    pub action: String,
    /// Local path to go on to; empty for home.
    pub next: String,
    /// Nothing else can be seen until it is done.
    pub forced: bool,
    /// How far it has come.
    pub step: SetUpStep,
    /// Why the last attempt was refused.
    pub fault: Option<ProofFault>,
}

impl SetUpMfaPage {
    pub(crate) fn fault_text(&self) -> String {
        self.fault.map(|fault| fault.text(self.chrome.lang)).unwrap_or_default()
    }

    pub(crate) const fn number(&self) -> u32 {
        match self.step {
            SetUpStep::Why => 1,
            SetUpStep::Scan { .. } => 2,
        }
    }

    pub(crate) fn code_wrong(&self) -> bool {
        matches!(self.fault, Some(ProofFault::Missing | ProofFault::WrongCode))
    }
}

/// Recovery codes, shown once, or the question before new ones.
#[derive(Debug, Clone)]
pub enum RecoveryState {
    /// New codes replace the old ones.
    Confirm {
        /// Where the form posts to.
        action: String,
        /// Codes that are left.
        left: u32,
    },
    /// The codes.
    Codes {
        /// Ten codes.
        codes: Vec<String>,
        /// Where the form with the tick posts to.
        action: String,
        /// The box was not ticked.
        unticked: bool,
    },
}

/// The page of recovery codes.
///
/// The form of the codes posts `saved`, `codes`, `next`, `csrf_token`, `form_id`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/recovery_codes.html")]
pub struct RecoveryCodesPage {
    /// Around the page.
    pub chrome: Chrome,
    /// Where to go on to.
    pub next: String,
    /// Codes or question.
    pub state: RecoveryState,
}

impl RecoveryCodesPage {
    pub(crate) fn unticked(&self) -> bool {
        matches!(self.state, RecoveryState::Codes { unticked: true, .. })
    }

    /// The codes as one text, for the download and for showing them again.
    pub(crate) fn joined(codes: &[String]) -> String {
        codes.join(" ")
    }

    /// An address that holds the codes as a text file.
    pub(crate) fn download(&self, codes: &[String]) -> String {
        let text = format!("{}\n\n{}\n", self.chrome.product_name, codes.join("\n"));
        format!("data:text/plain;charset=utf-8,{}", crate::query::encode(&text))
    }
}

/// Proving again who is there, before something sensitive.
///
/// Posts `password` or `code` or, from the script, `ceremony_id` and `credential`; `next`, `csrf_token`, `form_id`.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/step_up.html")]
pub struct StepUpPage {
    /// Around the page.
    pub chrome: Chrome,
    /// Where the form posts to.
    pub action: String,
    /// Local path to go back to.
    pub next: String,
    /// What the person signs in with.
    pub login: String,
    /// The code of the authenticator app is asked for.
    pub totp: bool,
    /// A passkey can be used.
    pub passkey: bool,
    /// Why the last attempt was refused.
    pub fault: Option<ProofFault>,
}

impl StepUpPage {
    pub(crate) fn fault_text(&self) -> String {
        self.fault.map(|fault| fault.text(self.chrome.lang)).unwrap_or_default()
    }

    /// Who has a second factor needs it; a password alone is for those without.
    pub(crate) const fn password(&self) -> bool {
        !self.totp && !self.passkey
    }

    pub(crate) fn code_wrong(&self) -> bool {
        self.field() == Some("code")
    }

    pub(crate) fn password_fault(&self) -> Option<String> {
        let fault = self.fault.filter(|_| self.field() == Some("password"))?;
        Some(fault.text(self.chrome.lang))
    }

    pub(crate) const fn field(&self) -> Option<&'static str> {
        match self.fault {
            Some(ProofFault::Missing | ProofFault::WrongCode | ProofFault::WrongPassword) => {
                if self.totp {
                    Some("code")
                } else if self.passkey {
                    None
                } else {
                    Some("password")
                }
            }
            _ => None,
        }
    }
}
