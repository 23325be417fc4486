//! What happens to an account.

use kernel::Timestamp;
use uuid::Uuid;

/// First and last day of support, both inclusive, YYYY-MM-DD in the installation's time zone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Support {
    pub(crate) start: String,
    pub(crate) end: String,
}

/// An invitation that was issued: its id, and when its link stops working.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Invitation {
    pub(crate) id: Uuid,
    pub(crate) expires_at: Timestamp,
}

/// Through what a password was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Via {
    Invitation,
    Demo,
    Console,
    Change,
    /// A link that came by mail.
    Reset,
    /// An agent, for one use.
    OneTime,
}

/// Why portal access was switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DisableReason {
    /// An agent switched it off.
    Agent,
    /// The contact was deleted.
    ContactDeleted,
}

/// Through what a login became another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LoginVia {
    /// The owner confirmed it with a link.
    Confirmed,
    /// An agent changed it.
    Agent,
    /// The contact's address was corrected before a password was chosen.
    Contact,
}

/// Why an open invitation was withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RevokeReason {
    /// An agent's wish.
    Agent,
    /// It went to an address that is the contact's no more.
    AddressChanged,
}

/// A second factor, or all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Factor {
    Totp,
    Passkey(Uuid),
    All,
}

/// What happened to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    AgentCreated {
        user: Uuid,
        login: String,
        name: String,
        email: String,
        role: String,
        locale: String,
        service: bool,
    },
    AgentChanged {
        user: Uuid,
        name: Option<String>,
        email: Option<String>,
        role: Option<String>,
        locale: Option<String>,
    },
    AgentDisabled {
        user: Uuid,
    },
    AgentEnabled {
        user: Uuid,
    },
    AccessEnabled {
        user: Uuid,
        login: String,
        name: String,
        email: String,
        support: Support,
        locale: String,
        mfa_required: bool,
        profile: String,
        company: String,
    },
    SupportDatesChanged {
        user: Uuid,
        support: Support,
    },
    AccessDisabled {
        user: Uuid,
        reason: DisableReason,
    },
    AccessSuspended {
        user: Uuid,
        note: String,
    },
    AccessResumed {
        user: Uuid,
    },
    InvitationIssued {
        user: Uuid,
        invitation: Invitation,
        locale: String,
        support_start: String,
        email: String,
        name: String,
    },
    InvitationRevoked {
        user: Uuid,
        invitation: Uuid,
        reason: RevokeReason,
    },
    PasswordSet {
        user: Uuid,
        credential: Uuid,
        version: i64,
        via: Via,
        /// End of a one-time password.
        valid_until: Option<Timestamp>,
    },
    LoginChangeRequested {
        user: Uuid,
        request: Uuid,
        expires_at: Timestamp,
        new_email: String,
        old_email: String,
        name: String,
        locale: String,
        agent: bool,
        /// An agent asked for it, not the owner.
        by_agent: bool,
    },
    LoginChanged {
        user: Uuid,
        login: String,
        old_login: String,
        via: LoginVia,
        /// The address for mails from now on.
        email: String,
    },
    TotpEnabled {
        user: Uuid,
    },
    PasskeyAdded {
        user: Uuid,
        passkey: Uuid,
        name: String,
    },
    FactorRemoved {
        user: Uuid,
        factor: Factor,
        /// In an agent's words; empty when the owner removed it.
        reason: String,
    },
    RecoveryCodesMade {
        user: Uuid,
        count: i32,
    },
    MfaRequirementChanged {
        user: Uuid,
        required: bool,
    },
    TermsAccepted {
        user: Uuid,
        version: i32,
    },
}
