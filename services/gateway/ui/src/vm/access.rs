//! A contact's portal access, as agents see and change it on the contact's page.

use super::form::{Choice, FieldFault};
use super::shown::{Pill, PillColor};
use crate::Lang;
use crate::fmt::Stamp;

/// How far the contact has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccessState {
    /// Never had access.
    None,
    /// Invited, no password yet; when the link dies, if one is open.
    Invited {
        /// End of the link.
        expires: Option<Stamp>,
    },
    /// Has a password and may sign in within the support dates.
    Active,
    /// Access is switched off.
    Disabled,
}

/// A lock.
#[derive(Debug, Clone)]
pub struct LockState {
    /// When it ends by itself; `None` when only an agent ends it.
    pub until: Option<Stamp>,
    /// Where the unlock form posts to (`user_id`, `note`, `csrf_token`, `form_id`); `None` when the viewer may not.
    pub unlock_url: Option<String>,
    /// The user to unlock.
    pub user_id: String,
}

/// The choice of an explicit profile.
///
/// Posts `profile_id` (empty for none), `csrf_token`, `form_id`.
#[derive(Debug, Clone)]
pub struct ProfileChoice {
    /// Where it posts to; `None` when the viewer may only look.
    pub action: Option<String>,
    /// The profiles; none selected means that the default applies.
    pub choices: Vec<Choice>,
    /// Name of the default profile.
    pub default_name: String,
}

/// The portal-access block.
///
/// The enable form posts `support_start`, `support_end`, `csrf_token`, `form_id`; the dates form the same; disable and
/// resend only the tokens. An address is `None` when the viewer may not, or when it makes no sense in this state.
#[derive(Debug, Clone)]
pub struct AccessBlock {
    /// How far the contact has come.
    pub state: AccessState,
    /// The contact's e-mail; without one, access can't be enabled, and the block says so.
    pub email: Option<String>,
    /// The login.
    pub login: String,
    /// First day, for people; empty when unset.
    pub support_start: String,
    /// Last day, for people; empty when unset.
    pub support_end: String,
    /// First day in the form, `YYYY-MM-DD`, or as it was typed.
    pub start_input: String,
    /// Last day in the form, `YYYY-MM-DD`, or as it was typed.
    pub end_input: String,
    /// What is wrong with the first day.
    pub start_fault: Option<FieldFault>,
    /// What is wrong with the last day.
    pub end_fault: Option<FieldFault>,
    /// What is wrong with all of it, in the viewer's language.
    pub fault: Option<String>,
    /// Last sign-in.
    pub last_login: Option<Stamp>,
    /// The support period: not yet begun, or over; `None` inside it.
    pub outside_period: Option<OutsidePeriod>,
    /// A lock.
    pub lock: Option<LockState>,
    /// Profile.
    pub profile: Option<ProfileChoice>,
    /// Enable.
    pub enable_url: Option<String>,
    /// Change the dates.
    pub dates_url: Option<String>,
    /// Disable.
    pub disable_url: Option<String>,
    /// Send the invitation again.
    pub resend_url: Option<String>,
}

/// Today lies outside the support dates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutsidePeriod {
    /// Before the first day.
    NotStarted,
    /// After the last day.
    Ended,
}

impl AccessBlock {
    /// Why a change of access was refused, by the service's reason; unknown ones say only that it was.
    pub fn fault_text(reason: &str, lang: Lang) -> String {
        lang.t(match reason {
            "not_an_email" => "access-fault-email",
            "login_taken" => "access-fault-login-taken",
            "is_an_agent" | "id_in_use" => "access-fault-agent",
            "access_already_enabled" => "access-fault-enabled",
            "access_not_enabled" => "access-fault-not-enabled",
            "password_already_chosen" => "access-fault-password-chosen",
            "support_ended" => "access-fault-support-ended",
            _ => "access-fault-other",
        })
    }

    pub(crate) fn has_fault(&self) -> bool {
        self.fault.is_some() || self.start_fault.is_some() || self.end_fault.is_some()
    }

    pub(crate) fn ever_enabled(&self) -> bool {
        self.state != AccessState::None
    }
}

impl AccessState {
    pub(crate) fn pill(&self, lang: impl Into<Lang>) -> Pill {
        let lang = lang.into();
        let (key, color) = match self {
            Self::None => ("access-state-none", PillColor::Grey),
            Self::Invited { .. } => ("access-state-invited", PillColor::Amber),
            Self::Active => ("access-state-active", PillColor::Green),
            Self::Disabled => ("access-state-disabled", PillColor::Grey),
        };
        Pill { label: lang.t(key), color }
    }

    pub(crate) const fn invitation_expires(&self) -> Option<&Stamp> {
        match self {
            Self::Invited { expires } => expires.as_ref(),
            _ => None,
        }
    }
}

impl OutsidePeriod {
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::NotStarted => "access-not-started",
            Self::Ended => "access-ended",
        }
    }
}

impl ProfileChoice {
    pub(crate) fn current_name(&self, lang: impl Into<Lang>) -> String {
        let lang = lang.into();
        self.choices.iter().find(|choice| choice.selected).map_or_else(
            || lang.t1("access-profile-default", "name", &self.default_name),
            |choice| choice.label.clone(),
        )
    }
}

impl AccessBlock {
    /// Where the dates are posted to: enabling takes them too. Without an e-mail nothing can be enabled.
    pub(crate) fn dates_form_url(&self) -> Option<&str> {
        let enable = self.enable_url.as_deref().filter(|_| self.email.is_some());
        enable.or(self.dates_url.as_deref())
    }
}
