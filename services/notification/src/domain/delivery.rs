//! One message to one recipient, from the wish to send it to what came of it.
//!
//! ```text
//! queued ──► sending ──► sent
//!   │  ▲        │ ├────► failed (final), or retrying ──► sending …
//!   │  │        │ └────► uncertain ──► sent | failed (when the outcome is learned late)
//!   │  └────────┴─ an agent sends it again
//!   └────► skipped
//! ```
//!
//! `sending` is recorded before the text of the message goes out. A process that ends there leaves the message
//! *uncertain*, and what is uncertain is never sent again unless an agent wants it.

use kernel::{Aggregate, Timestamp};
use uuid::Uuid;

/// Seconds to wait after the first, second, … failure; after the one behind the last the delivery has failed for good.
pub const PAUSES: [i64; 6] = [1, 5, 30, 300, 1_800, 7_200];

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Template {
    /// The link with which a contact chooses a first password.
    Invitation,
    /// A customer's request has come in: to who made it.
    RecordReceived,
    /// An agent owns a record now.
    RecordAssigned,
    /// Somebody answered on a record.
    RecordCommented,
    /// An account was locked by failed logins.
    AccountLocked,
    /// A password was changed.
    PasswordSet,
    /// The link with which somebody chooses a new password.
    PasswordReset,
    /// An agent set a password that works once.
    OneTimePassword,
    /// The link that confirms another address to sign in with; to that address.
    LoginChangeConfirm,
    /// Somebody wants to sign in with another address; to the present one.
    LoginChangeAnnounced,
    /// Somebody signs in with another address or name from now on.
    LoginChanged,
    /// The same, told to the address that was the login before.
    LoginLeft,
    /// A second factor was added.
    FactorAdded,
    /// A second factor was removed.
    FactorRemoved,
    /// A recovery code was used.
    RecoveryCodeUsed,
    /// There are new recovery codes.
    RecoveryCodesMade,
}

impl Template {
    /// Every template.
    pub const ALL: [Template; 16] = [
        Template::Invitation,
        Template::RecordReceived,
        Template::RecordAssigned,
        Template::RecordCommented,
        Template::AccountLocked,
        Template::PasswordSet,
        Template::PasswordReset,
        Template::OneTimePassword,
        Template::LoginChangeConfirm,
        Template::LoginChangeAnnounced,
        Template::LoginChanged,
        Template::LoginLeft,
        Template::FactorAdded,
        Template::FactorRemoved,
        Template::RecoveryCodeUsed,
        Template::RecoveryCodesMade,
    ];

    /// The word that is stored and shown to programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Template::Invitation => "invitation",
            Template::RecordReceived => "record_received",
            Template::RecordAssigned => "record_assigned",
            Template::RecordCommented => "record_commented",
            Template::AccountLocked => "account_locked",
            Template::PasswordSet => "password_set",
            Template::PasswordReset => "password_reset",
            Template::OneTimePassword => "one_time_password",
            Template::LoginChangeConfirm => "login_change_confirm",
            Template::LoginChangeAnnounced => "login_change_announced",
            Template::LoginChanged => "login_changed",
            Template::LoginLeft => "login_left",
            Template::FactorAdded => "factor_added",
            Template::FactorRemoved => "factor_removed",
            Template::RecoveryCodeUsed => "recovery_code_used",
            Template::RecoveryCodesMade => "recovery_codes_made",
        }
    }

    /// The template of a stored word.
    pub fn from_word(word: &str) -> Option<Template> {
        Template::ALL.into_iter().find(|t| t.as_str() == word)
    }

    /// Security mail goes out whatever the recipient's wishes are, and to the address that identity had when it happened,
    /// nowhere else: not to what the record says, and not to where the login has moved since. All else goes to where the
    /// person can be reached when it is sent.
    pub fn is_security(self) -> bool {
        !self.is_about_record()
    }

    /// True for what is told of a record; its mail goes to who may see the record when its turn comes.
    pub fn is_about_record(self) -> bool {
        matches!(self, Template::RecordReceived | Template::RecordAssigned | Template::RecordCommented)
    }
}

/// What is to be sent, to whom, and because of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// What the message is.
    pub template: Template,
    /// Contact or agent.
    pub recipient_id: Uuid,
    /// Address as known when the message was queued; empty when none was known, or when it was erased.
    pub recipient: String,
    /// Language as known when the message was queued; empty when none was known.
    pub locale: String,
    /// The record or invitation that it is about.
    pub subject_id: String,
    /// The record's module; empty otherwise.
    pub subject_module: String,
    /// The event that made it necessary.
    pub source_event_id: Uuid,
    /// Further facts for the template, as JSON.
    pub facts: String,
}

/// What somebody wants of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Send this, once.
    Queue(Order),
    /// The text goes out now.
    Begin {
        /// Time of the attempt.
        now: Timestamp,
        /// `Message-ID` without angle brackets, the same for every attempt.
        message_id: String,
        /// The address that it goes to.
        recipient: String,
        /// Why that is the operator's own address; empty when it is the recipient's.
        redirected: String,
    },
    /// The mail server took it.
    RecordAcceptance {
        /// Reply code, 200 to 299.
        reply_code: i32,
        /// `Message-ID` without angle brackets.
        message_id: String,
    },
    /// The attempt failed, and it is certain that nothing was sent.
    RecordFailure {
        /// Stable code and the server's reply codes; never an address.
        error: String,
        /// Trying again can't help.
        permanent: bool,
        /// Time of the failure.
        now: Timestamp,
    },
    /// The process that was sending is gone, or the connection broke where the server may have taken the message.
    GiveUpOutcome,
    /// There is nothing to send any more.
    Skip {
        /// Stable code.
        reason: String,
    },
    /// An agent wants it sent again.
    Resend,
}

/// What happened to a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It is to be sent; the first time and each time that an agent wants it again.
    Queued(Order),
    /// The text goes out.
    Sending {
        /// Number of the attempt over the delivery's whole life, from 1.
        attempt: i32,
        /// `Message-ID` without angle brackets.
        message_id: String,
        /// The address that it goes to; empty in events of before, and when it was erased.
        recipient: String,
        /// Why that is the operator's own address; empty when it is the recipient's.
        redirected: String,
    },
    /// The mail server took it.
    Sent {
        /// Reply code.
        reply_code: i32,
        /// `Message-ID` without angle brackets.
        message_id: String,
    },
    /// An attempt failed.
    Failed {
        /// Stable code and the server's reply codes.
        error: String,
        /// When the next attempt is due; none after a final failure.
        retry_at: Option<Timestamp>,
    },
    /// Nobody knows whether it was sent.
    Uncertain,
    /// Not sent, on purpose.
    Skipped {
        /// Stable code.
        reason: String,
    },
}

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is no such delivery.
    #[error("there is no such delivery")]
    Unknown,
    /// It is not its turn: it waits for a later time, is being sent, or is through.
    #[error("the delivery is not due")]
    NotDue,
    /// No attempt is under way whose outcome could be recorded.
    #[error("no attempt is under way")]
    NotSending,
    /// It was sent.
    #[error("the delivery was sent")]
    AlreadySent,
}

/// Where a delivery stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Situation {
    /// Nothing is recorded.
    #[default]
    Unknown,
    /// Waiting for its turn.
    Queued,
    /// The text is going out.
    Sending,
    /// Waiting for the next attempt.
    Retrying {
        /// When it is due.
        at: Timestamp,
    },
    /// The mail server took it.
    Sent,
    /// Given up.
    Failed,
    /// Perhaps sent.
    Uncertain,
    /// Not sent, on purpose.
    Skipped,
}

/// The state of one delivery.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Where it stands.
    pub situation: Situation,
    /// What is to be sent.
    pub order: Option<Order>,
    /// Attempts over its whole life.
    pub attempts: i32,
    /// Failures since it was last queued; they choose the pause.
    pub failures: usize,
    /// `Message-ID` of the attempts so far; empty before the first.
    pub message_id: String,
}

impl Delivery {
    /// The next attempt may begin.
    pub fn is_due(&self, now: Timestamp) -> bool {
        match self.situation {
            Situation::Queued => true,
            Situation::Retrying { at } => at <= now,
            Situation::Unknown
            | Situation::Sending
            | Situation::Sent
            | Situation::Failed
            | Situation::Uncertain
            | Situation::Skipped => false,
        }
    }
}

impl Aggregate for Delivery {
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Rejection> {
        match (command, &self.situation) {
            (Command::Queue(order), Situation::Unknown) => Ok(vec![Event::Queued(order)]),
            // The same event asks twice: one message.
            (Command::Queue(_), _) => Ok(Vec::new()),
            (_, Situation::Unknown) => Err(Rejection::Unknown),

            (Command::Begin { now, message_id, recipient, redirected }, _) if self.is_due(now) => {
                Ok(vec![Event::Sending { attempt: self.attempts.saturating_add(1), message_id, recipient, redirected }])
            }
            (Command::Begin { .. }, _) => Err(Rejection::NotDue),

            (Command::RecordAcceptance { reply_code, message_id }, Situation::Sending | Situation::Uncertain) => {
                Ok(vec![Event::Sent { reply_code, message_id }])
            }
            (Command::RecordAcceptance { .. }, Situation::Sent) => Ok(Vec::new()),
            (Command::RecordAcceptance { .. }, _) => Err(Rejection::NotSending),

            // Refused before the text went out, or after; both are failures of an attempt.
            (
                Command::RecordFailure { error, permanent, now },
                Situation::Queued | Situation::Retrying { .. } | Situation::Sending | Situation::Uncertain,
            ) => {
                let pause = if permanent { None } else { PAUSES.get(self.failures) };
                Ok(vec![Event::Failed { error, retry_at: pause.map(|s| now.plus_seconds(*s)) }])
            }
            (Command::RecordFailure { .. }, _) => Err(Rejection::NotSending),

            (Command::GiveUpOutcome, Situation::Sending) => Ok(vec![Event::Uncertain]),
            (Command::GiveUpOutcome, Situation::Uncertain) => Ok(Vec::new()),
            (Command::GiveUpOutcome, _) => Err(Rejection::NotSending),

            (Command::Skip { reason }, Situation::Queued | Situation::Retrying { .. }) => {
                Ok(vec![Event::Skipped { reason }])
            }
            (Command::Skip { .. }, Situation::Skipped) => Ok(Vec::new()),
            (Command::Skip { .. }, _) => Err(Rejection::NotDue),

            (
                Command::Resend,
                Situation::Failed | Situation::Uncertain | Situation::Skipped | Situation::Retrying { .. },
            ) => Ok(self.order.clone().map(Event::Queued).into_iter().collect()),
            (Command::Resend, Situation::Queued | Situation::Sending) => Ok(Vec::new()),
            (Command::Resend, Situation::Sent) => Err(Rejection::AlreadySent),
        }
    }

    fn evolve(mut self, event: &Event) -> Delivery {
        match event {
            Event::Queued(order) => {
                self.order = Some(order.clone());
                self.failures = 0;
                self.situation = Situation::Queued;
            }
            Event::Sending { attempt, message_id, .. } => {
                self.attempts = *attempt;
                self.message_id.clone_from(message_id);
                self.situation = Situation::Sending;
            }
            Event::Sent { .. } => self.situation = Situation::Sent,
            Event::Failed { retry_at, .. } => {
                // A refusal before the text went out is an attempt too, though nothing was recorded at its start.
                if !matches!(self.situation, Situation::Sending | Situation::Uncertain) {
                    self.attempts = self.attempts.saturating_add(1);
                }
                self.failures = self.failures.saturating_add(1);
                self.situation = retry_at.map_or(Situation::Failed, |at| Situation::Retrying { at });
            }
            Event::Uncertain => self.situation = Situation::Uncertain,
            Event::Skipped { .. } => self.situation = Situation::Skipped,
        }
        self
    }
}

#[cfg(test)]
mod tests;
