//! The mail log.

use askama::Template;

use super::chrome::Chrome;
use super::pager::Pager;
use super::shown::{Pill, PillColor};
use crate::Lang;
use crate::fmt::Stamp;

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryState {
    /// Waiting for its turn.
    Queued,
    /// Being handed over.
    Sending,
    /// Taken by the mail server.
    Sent,
    /// An attempt failed; another follows.
    Retrying,
    /// Given up.
    Failed,
    /// The process ended during the hand-over; perhaps sent.
    Uncertain,
    /// Not sent on purpose.
    Skipped,
}

impl DeliveryState {
    /// Every state, in the order in which they are offered as filter.
    pub const ALL: [Self; 7] =
        [Self::Queued, Self::Sending, Self::Sent, Self::Retrying, Self::Failed, Self::Uncertain, Self::Skipped];

    /// The state of the service's code; `None` for anything else.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// The service's code, also the value of `?state=`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Retrying => "retrying",
            Self::Failed => "failed",
            Self::Uncertain => "uncertain",
            Self::Skipped => "skipped",
        }
    }

    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Queued => "delivery-queued",
            Self::Sending => "delivery-sending",
            Self::Sent => "delivery-sent",
            Self::Retrying => "delivery-retrying",
            Self::Failed => "delivery-failed",
            Self::Uncertain => "delivery-uncertain",
            Self::Skipped => "delivery-skipped",
        }
    }

    pub(crate) fn pill(self, lang: impl Into<Lang>) -> Pill {
        let lang = lang.into();
        let color = match self {
            Self::Queued | Self::Skipped => PillColor::Grey,
            Self::Sending => PillColor::Blue,
            Self::Sent => PillColor::Green,
            Self::Retrying => PillColor::Amber,
            Self::Failed => PillColor::Red,
            Self::Uncertain => PillColor::Violet,
        };
        Pill { label: lang.t(self.key()), color }
    }
}

/// A message.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Its id.
    pub id: String,
    /// Address.
    pub recipient: String,
    /// Code of the template, as `invitation` or `record_assigned`; one that has no name here is shown as it stands.
    pub template: String,
    /// How far it has come.
    pub state: DeliveryState,
    /// Attempts so far.
    pub attempts: u32,
    /// When it was queued.
    pub created_at: Stamp,
    /// When its state last changed.
    pub updated_at: Stamp,
    /// The mail server's words, or the reason of a skip; may be empty.
    pub error: String,
    /// Why it went to the operator's own address, as a reason like those of a skip; empty when it did not.
    pub redirected: String,
    /// `Message-ID`, to find it in the mail server's log; may be empty.
    pub message_id: String,
    /// Where the resend form posts to (`csrf_token`, `form_id`); only for failed and uncertain ones.
    pub resend_url: Option<String>,
}

impl Delivery {
    pub(crate) fn template_label(&self, lang: impl Into<Lang>) -> String {
        let lang = lang.into();
        let key = match self.template.as_str() {
            "invitation" => "template-invitation",
            "record_received" => "template-record-received",
            "record_assigned" => "template-record-assigned",
            "record_commented" => "template-record-commented",
            "account_locked" => "template-account-locked",
            "password_set" => "template-password-set",
            "password_reset" => "template-password-reset",
            "one_time_password" => "template-one-time-password",
            "login_change_confirm" => "template-login-change-confirm",
            "login_change_announced" => "template-login-change-announced",
            "login_changed" => "template-login-changed",
            "login_left" => "template-login-left",
            "factor_added" => "template-factor-added",
            "factor_removed" => "template-factor-removed",
            "recovery_code_used" => "template-recovery-code-used",
            "recovery_codes_made" => "template-recovery-codes-made",
            _ => return self.template.clone(),
        };
        lang.t(key)
    }

    pub(crate) fn reason(&self, lang: impl Into<Lang>) -> String {
        words_of(&self.error, lang.into())
    }

    /// Why it went elsewhere; empty when it did not.
    pub(crate) fn elsewhere(&self, lang: impl Into<Lang>) -> String {
        let lang = lang.into();
        if self.redirected.is_empty() {
            return String::new();
        }
        lang.t1("delivery-redirected", "reason", words_of(&self.redirected, lang))
    }
}

/// A reason in words; one that has none here is shown as it stands.
fn words_of(reason: &str, lang: Lang) -> String {
    let key = match reason {
        "link_used" => "delivery-reason-link-used",
        "no_address" => "delivery-reason-no-address",
        "opted_out" => "delivery-reason-opted-out",
        "no_access" => "delivery-reason-no-access",
        "disabled" => "delivery-reason-disabled",
        "suspended" => "delivery-reason-suspended",
        "support_not_started" => "delivery-reason-support-not-started",
        "support_ended" => "delivery-reason-support-ended",
        "record_gone" => "delivery-reason-record-gone",
        "comment_gone" => "delivery-reason-comment-gone",
        "record_hidden" => "delivery-reason-record-hidden",
        "comments_hidden" => "delivery-reason-comments-hidden",
        "no_owner" => "delivery-reason-no-owner",
        "no_contact" => "delivery-reason-no-contact",
        "smtp_no_utf8" => "delivery-reason-smtp-no-utf8",
        _ => return reason.to_owned(),
    };
    lang.t(key)
}

/// The mail log, newest first.
#[derive(Debug, Clone, Template)]
#[template(path = "pages/deliveries.html")]
pub struct DeliveriesPage {
    /// Around the page.
    pub chrome: Chrome,
    /// Where the filter leads by GET; the parameter is `state`.
    pub filter_action: String,
    /// The chosen state.
    pub state: Option<DeliveryState>,
    /// Messages of this page.
    pub deliveries: Vec<Delivery>,
    /// First and next.
    pub pager: Pager,
}

impl DeliveriesPage {
    pub(crate) fn states(&self) -> [DeliveryState; 7] {
        DeliveryState::ALL
    }
}

impl DeliveriesPage {
    pub(crate) fn chosen(&self, state: &DeliveryState) -> bool {
        self.state == Some(*state)
    }
}
