//! What happened around logins. Stream `auth-<id>`, apart from the account's own, so that somebody who hammers a login
//! causes no version conflicts for the account. Nothing is decided from these events: whether an account is locked is a
//! row that one statement writes ([`crate::guard`]).

use kernel::{ActorKind, Timestamp};
use uuid::Uuid;

/// Why a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndReason {
    /// The user's own wish.
    Logout,
    /// Portal access was switched off.
    AccessDisabled,
    /// A password was set.
    PasswordSet,
    /// Idle or absolute time, or the end of support.
    Expired,
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
    Unlocked {
        user: Uuid,
        note: String,
        kind: ActorKind,
    },
    LoggedOut {
        user: Uuid,
        session: Uuid,
        reason: EndReason,
    },
}
