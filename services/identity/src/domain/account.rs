//! One person who may log in: a contact with portal access, or an agent; or a program's account. Stream `user-<id>`.
//!
//! What must be secret (hashes, tokens, secrets of second factors) never comes here; the events only say that it changed.

mod decide;
mod event;
mod evolve;

pub(crate) use event::{DisableReason, Event, Factor, Invitation, LoginVia, RevokeReason, Support, Via};

use kernel::{Aggregate, Timestamp};
use std::collections::BTreeSet;
use uuid::Uuid;

#[cfg(test)]
mod tests;

/// The account, as far as decisions need it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Account {
    /// Nobody was ever given access under this id.
    #[default]
    Absent,
    /// A contact with portal access.
    Enabled(Enabled),
    /// A contact whose portal access was switched off.
    Disabled {
        /// The login that it had.
        login: String,
        /// Version of the last credential; versions go on when access is given again.
        credential_version: i64,
    },
    /// An agent, or a program's account.
    Agent(Agent),
}

/// What contacts and agents have in common.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) login: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) locale: String,
    /// True when there is a password.
    pub(crate) has_password: bool,
    pub(crate) credential_version: i64,
    /// No login for a while; credentials stay.
    pub(crate) suspended: bool,
    /// An authenticator app is set up.
    pub(crate) totp: bool,
    pub(crate) passkeys: BTreeSet<Uuid>,
    /// This user must have a second factor.
    pub(crate) mfa_required: bool,
    /// Version of the terms of use that was agreed to; 0 for none.
    pub(crate) terms_version: i32,
    /// A login that waits for its confirmation.
    pub(crate) pending: Option<PendingLogin>,
}

/// A login that waits for its confirmation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PendingLogin {
    pub(crate) request: Uuid,
    pub(crate) email: String,
}

/// A contact with portal access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Enabled {
    pub(crate) person: Person,
    pub(crate) support: Support,
    /// The open invitation; gone when it was used or revoked.
    pub(crate) invitation: Option<Invitation>,
}

/// An agent, or a program's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Agent {
    pub(crate) person: Person,
    /// A built-in role's word or an own role's id.
    pub(crate) role: String,
    /// No login, but still an owner.
    pub(crate) disabled: bool,
    /// A program: tokens, no password.
    pub(crate) service: bool,
}

impl Person {
    /// True when a second factor is set up.
    pub(crate) fn has_factor(&self) -> bool {
        self.totp || !self.passkeys.is_empty()
    }
}

/// How a new contact gets to its first password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FirstStep {
    /// A link by mail.
    Invite(Invitation),
    /// An agent set one that must be changed at first login.
    OneTime { credential: Uuid, valid_until: Timestamp },
    /// Nothing for now: support is over, or the invitation is to be sent later.
    Nothing,
}

/// What someone wants of an account. Ids, times and date comparisons are facts that the caller brings.
#[derive(Debug, Clone)]
pub(crate) enum Command {
    EnableAccess {
        user: Uuid,
        login: String,
        name: String,
        email: String,
        locale: String,
        support: Support,
        first: FirstStep,
        mfa_required: bool,
        /// Profile to give by hand; empty for none.
        profile: String,
        /// The contact's company; empty for none.
        company: String,
    },
    ChangeSupportDates {
        user: Uuid,
        support: Support,
    },
    DisableAccess {
        user: Uuid,
        reason: DisableReason,
    },
    ResendInvitation {
        user: Uuid,
        support_over: bool,
        invitation: Invitation,
        /// The contact's address now. Nobody has proved to have the old one, so login and mails follow it.
        email: String,
    },
    /// The contact's address is another one now. An invitation that was issued before goes nowhere any more.
    CorrectAddress {
        user: Uuid,
        email: String,
        /// Ends of links that were made before the correction.
        links_until: Timestamp,
    },
    RevokeInvitation {
        user: Uuid,
    },
    AcceptInvitation {
        user: Uuid,
        invitation: Uuid,
        credential: Uuid,
    },
    SetPassword {
        user: Uuid,
        credential: Uuid,
        via: Via,
        /// End of a one-time password.
        valid_until: Option<Timestamp>,
    },
    Suspend {
        user: Uuid,
        note: String,
    },
    Resume {
        user: Uuid,
    },
    /// An agent gives another login. `email` is the address for mails: the login itself when that is one, else what
    /// there was.
    ChangeLogin {
        user: Uuid,
        login: String,
        email: String,
    },
    RequestLoginChange {
        user: Uuid,
        request: Uuid,
        expires_at: Timestamp,
        new_email: String,
        /// An agent asks for it, not the owner.
        by_agent: bool,
    },
    ConfirmLoginChange {
        user: Uuid,
        request: Uuid,
    },
    EnableTotp {
        user: Uuid,
        /// How many recovery codes were made with it; 0 when there are some.
        codes: i32,
    },
    AddPasskey {
        user: Uuid,
        passkey: Uuid,
        name: String,
        codes: i32,
    },
    /// The owner removes a factor. `required`: the installation or the profile wants one of this user.
    RemoveFactor {
        user: Uuid,
        factor: Factor,
        required: bool,
    },
    /// An agent removes all factors of somebody who lost them.
    ResetFactors {
        user: Uuid,
        reason: String,
    },
    MakeRecoveryCodes {
        user: Uuid,
        codes: i32,
    },
    RequireMfa {
        user: Uuid,
        required: bool,
    },
    AcceptTerms {
        user: Uuid,
        version: i32,
    },
    CreateAgent {
        user: Uuid,
        login: String,
        name: String,
        email: String,
        role: String,
        locale: String,
        service: bool,
        /// The first password; none for a program.
        credential: Option<(Uuid, Via)>,
        /// End of that password, when somebody else has set it.
        valid_until: Option<Timestamp>,
    },
    /// What is `None` stays.
    ChangeAgent {
        user: Uuid,
        name: Option<String>,
        email: Option<String>,
        role: Option<String>,
        locale: Option<String>,
    },
    DisableAgent {
        user: Uuid,
    },
    EnableAgent {
        user: Uuid,
    },
}

/// Why an account does not do what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// The contact has access already, with other details.
    AccessAlreadyEnabled,
    /// The contact has no portal access.
    AccessNotEnabled,
    /// The id belongs to an agent, who needs no portal access.
    IsAnAgent,
    /// The id belongs to no agent.
    IsNoAgent,
    /// The id is in use for another account.
    IdInUse,
    /// A password was chosen already; there is nothing to invite to.
    PasswordAlreadyChosen,
    /// There is no open invitation.
    NotInvited,
    /// The last day of support is over; nobody is invited.
    SupportEnded,
    /// The invitation was used, replaced or withdrawn.
    InvitationUnusable,
    /// The link was used, replaced or withdrawn.
    LinkUnusable,
    /// The login is no e-mail address, so nothing can be sent.
    LoginIsNoEmail,
    /// The second factor is required; it can't be the one that goes.
    FactorRequired,
    /// There is no such factor.
    NoSuchFactor,
    /// Recovery codes are for those who have a second factor.
    NoFactor,
    /// A program's account has no password.
    IsAProgram,
    /// Nobody has this id.
    Unknown,
}

impl Account {
    /// The login that the account holds, or held last.
    pub(crate) fn login(&self) -> Option<&str> {
        match self {
            Account::Absent => None,
            Account::Disabled { login, .. } => Some(login),
            Account::Enabled(Enabled { person, .. }) | Account::Agent(Agent { person, .. }) => Some(&person.login),
        }
    }

    /// What contacts and agents have in common; none without an account.
    pub(crate) fn person(&self) -> Option<&Person> {
        match self {
            Account::Absent | Account::Disabled { .. } => None,
            Account::Enabled(Enabled { person, .. }) | Account::Agent(Agent { person, .. }) => Some(person),
        }
    }

    fn credential_version(&self) -> i64 {
        match self {
            Account::Absent => 0,
            Account::Disabled { credential_version, .. } => *credential_version,
            Account::Enabled(Enabled { person, .. }) | Account::Agent(Agent { person, .. }) => {
                person.credential_version
            }
        }
    }
}

impl Aggregate for Account {
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Rejection> {
        decide::decide(self, command)
    }

    fn evolve(self, event: &Event) -> Account {
        evolve::evolve(self, event)
    }
}
