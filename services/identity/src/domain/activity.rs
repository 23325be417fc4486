//! What happened around logins. Stream `auth-<id>`, apart from the account's own, so that somebody who hammers a login
//! causes no version conflicts for the account. Nothing is decided from these events: whether an account is locked is a
//! row that one statement writes ([`crate::guard::attempts`]).

use kernel::{ActorKind, Timestamp};
use uuid::Uuid;

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndReason {
    /// The user's own wish.
    Logout,
    /// Portal access was switched off, or an agent was disabled.
    AccessDisabled,
    /// A password was set.
    PasswordSet,
    /// Idle or absolute time, or the end of support.
    Expired,
    /// The user ended it from another session.
    Ended,
    /// An agent ended it.
    EndedByAgent,
    /// A newer session took its place: a user has at most ten.
    TooMany,
    /// Access was suspended.
    Suspended,
    /// A second factor was removed.
    MfaChanged,
    /// A second factor is required now, and the session had none.
    MfaRequired,
    /// The login is another one now.
    LoginChanged,
    /// The company has a portal user: its link leads to the login.
    PortalUserExists,
    /// The company's link was revoked, replaced or switched off.
    LinkRevoked,
    /// The agent has another role now.
    RoleChanged,
}

impl EndReason {
    /// Every reason.
    pub(crate) const ALL: [EndReason; 14] = [
        EndReason::Logout,
        EndReason::AccessDisabled,
        EndReason::PasswordSet,
        EndReason::Expired,
        EndReason::Ended,
        EndReason::EndedByAgent,
        EndReason::TooMany,
        EndReason::Suspended,
        EndReason::MfaChanged,
        EndReason::MfaRequired,
        EndReason::LoginChanged,
        EndReason::PortalUserExists,
        EndReason::LinkRevoked,
        EndReason::RoleChanged,
    ];
}

/// How somebody proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Password,
    Totp,
    RecoveryCode,
    Passkey,
    /// A company's secure link: nobody proved anything.
    Link,
    /// An agent opened the portal as a contact.
    SupportAccess,
}

impl Method {
    /// Every method.
    pub(crate) const ALL: [Method; 6] =
        [Method::Password, Method::Totp, Method::RecoveryCode, Method::Passkey, Method::Link, Method::SupportAccess];

    /// The word in events and answers.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Method::Password => "password",
            Method::Totp => "totp",
            Method::RecoveryCode => "recovery_code",
            Method::Passkey => "passkey",
            Method::Link => "link",
            Method::SupportAccess => "support_access",
        }
    }

    /// The method of a word; what older events left empty was a password.
    pub(crate) fn from_word(word: &str) -> Option<Method> {
        if word.is_empty() { Some(Method::Password) } else { Method::ALL.into_iter().find(|m| m.as_str() == word) }
    }

    /// How much it proves: 0 nothing, 1 a password, 2 two factors.
    pub(crate) fn assurance(self) -> i16 {
        match self {
            Method::Link => 0,
            Method::Password | Method::SupportAccess => 1,
            Method::Totp | Method::RecoveryCode | Method::Passkey => 2,
        }
    }
}

/// What happened around logins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Activity {
    LoggedIn {
        user: Uuid,
        session: Uuid,
        /// The source network, never the full address.
        network: String,
        browser: String,
        kind: ActorKind,
        method: Method,
        /// The agent who opened the portal as this contact.
        agent: Option<Uuid>,
    },
    LoginFailed {
        user: Uuid,
        network: String,
        /// How many in a row.
        failures: i32,
    },
    Locked {
        user: Uuid,
        /// None when only an agent or a reset ends the lock.
        until: Option<Timestamp>,
        ladder_step: i32,
        kind: ActorKind,
    },
    /// Attempts that a lock answered, added up over ten minutes.
    AttemptsBlocked {
        user: Uuid,
        count: i32,
    },
    Unlocked {
        user: Uuid,
        note: String,
        kind: ActorKind,
        /// The networks from which the login is trusted for a day.
        trusted: Vec<String>,
    },
    TrustRevoked {
        user: Uuid,
        network: String,
    },
    LoggedOut {
        user: Uuid,
        session: Uuid,
        reason: EndReason,
        /// The agent whose support access it was.
        agent: Option<Uuid>,
    },
    SteppedUp {
        user: Uuid,
        session: Uuid,
        method: Method,
    },
    ResetRequested {
        user: Uuid,
        request: Uuid,
        expires_at: Timestamp,
        /// An agent sent it; else the user asked for it.
        by_agent: bool,
        email: String,
        name: String,
        locale: String,
        kind: ActorKind,
    },
    RecoveryCodeUsed {
        user: Uuid,
        left: i32,
    },
}

impl Activity {
    /// Whose it is.
    pub(crate) fn user(&self) -> Uuid {
        match self {
            Activity::LoggedIn { user, .. }
            | Activity::LoginFailed { user, .. }
            | Activity::Locked { user, .. }
            | Activity::AttemptsBlocked { user, .. }
            | Activity::Unlocked { user, .. }
            | Activity::TrustRevoked { user, .. }
            | Activity::LoggedOut { user, .. }
            | Activity::SteppedUp { user, .. }
            | Activity::ResetRequested { user, .. }
            | Activity::RecoveryCodeUsed { user, .. } => *user,
        }
    }
}
