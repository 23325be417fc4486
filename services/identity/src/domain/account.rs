//! One person who may log in: a contact with portal access, or an agent. Stream `user-<id>`.
//!
//! What must be secret (hashes, tokens) never comes here; the events only say that it changed.

use kernel::{Aggregate, Timestamp};
use uuid::Uuid;

#[cfg(test)]
mod tests;

/// First and last day of support, both inclusive, YYYY-MM-DD in the installation's time zone.
#[derive(Debug, Clone, PartialEq, Eq)]
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
}

/// Why portal access was switched off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DisableReason {
    /// An agent switched it off.
    Agent,
    /// The contact was deleted.
    ContactDeleted,
}

/// An agent's role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Administrator,
    Agent,
    Viewer,
}

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
    /// An agent.
    Agent {
        /// The login of the agent.
        login: String,
        /// Version of the last credential.
        credential_version: i64,
    },
}

/// A contact with portal access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Enabled {
    pub(crate) login: String,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) locale: String,
    pub(crate) support: Support,
    /// The open invitation; gone when it was used.
    pub(crate) invitation: Option<Uuid>,
    /// True when a password was chosen since access was given.
    pub(crate) has_password: bool,
    pub(crate) credential_version: i64,
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
        /// True when the last day of support is over: then no invitation leaves.
        support_over: bool,
        invitation: Invitation,
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
    },
    CreateAgent {
        user: Uuid,
        login: String,
        name: String,
        email: String,
        role: Role,
        locale: String,
        credential: Uuid,
        via: Via,
    },
}

/// What happened to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    AgentCreated {
        user: Uuid,
        login: String,
        name: String,
        email: String,
        role: Role,
        locale: String,
    },
    AccessEnabled {
        user: Uuid,
        login: String,
        name: String,
        email: String,
        support: Support,
        locale: String,
    },
    SupportDatesChanged {
        user: Uuid,
        support: Support,
    },
    AccessDisabled {
        user: Uuid,
        reason: DisableReason,
    },
    InvitationIssued {
        user: Uuid,
        invitation: Invitation,
        locale: String,
        support_start: String,
        email: String,
        name: String,
    },
    PasswordSet {
        user: Uuid,
        credential: Uuid,
        version: i64,
        via: Via,
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
    /// The id is in use for another account.
    IdInUse,
    /// A password was chosen already; there is nothing to invite to.
    PasswordAlreadyChosen,
    /// The last day of support is over; nobody is invited.
    SupportEnded,
    /// The invitation was used, replaced or withdrawn.
    InvitationUnusable,
    /// Nobody has this id.
    Unknown,
}

impl Account {
    /// The login that the account holds, or held last.
    pub(crate) fn login(&self) -> Option<&str> {
        match self {
            Account::Absent => None,
            Account::Enabled(e) => Some(&e.login),
            Account::Disabled { login, .. } | Account::Agent { login, .. } => Some(login),
        }
    }

    fn credential_version(&self) -> i64 {
        match self {
            Account::Absent => 0,
            Account::Enabled(e) => e.credential_version,
            Account::Disabled { credential_version, .. } | Account::Agent { credential_version, .. } => {
                *credential_version
            }
        }
    }

    /// The contact's access, or why there is none.
    fn enabled(&self) -> Result<&Enabled, Rejection> {
        match self {
            Account::Enabled(e) => Ok(e),
            Account::Absent | Account::Disabled { .. } => Err(Rejection::AccessNotEnabled),
            Account::Agent { .. } => Err(Rejection::IsAnAgent),
        }
    }

    fn password_set(&self, user: Uuid, credential: Uuid, via: Via) -> Event {
        Event::PasswordSet { user, credential, version: self.credential_version() + 1, via }
    }
}

impl Aggregate for Account {
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::EnableAccess { user, login, name, email, locale, support, support_over, invitation } => {
                match self {
                    Account::Agent { .. } => return Err(Rejection::IsAnAgent),
                    Account::Enabled(e) if e.login == login && e.email == email && e.support == support => {
                        return Ok(Vec::new());
                    }
                    Account::Enabled(_) => return Err(Rejection::AccessAlreadyEnabled),
                    Account::Absent | Account::Disabled { .. } => {}
                }
                let mut events = vec![Event::AccessEnabled {
                    user,
                    login,
                    name: name.clone(),
                    email: email.clone(),
                    support: support.clone(),
                    locale: locale.clone(),
                }];
                if !support_over {
                    let support_start = support.start;
                    events.push(Event::InvitationIssued { user, invitation, locale, support_start, email, name });
                }
                Ok(events)
            }
            Command::ChangeSupportDates { user, support } => {
                if self.enabled()?.support == support {
                    return Ok(Vec::new());
                }
                Ok(vec![Event::SupportDatesChanged { user, support }])
            }
            Command::DisableAccess { user, reason } => match self {
                Account::Enabled(_) => Ok(vec![Event::AccessDisabled { user, reason }]),
                Account::Absent | Account::Disabled { .. } => Ok(Vec::new()),
                Account::Agent { .. } => Err(Rejection::IsAnAgent),
            },
            Command::ResendInvitation { user, support_over, invitation } => {
                let access = self.enabled()?;
                if access.has_password {
                    return Err(Rejection::PasswordAlreadyChosen);
                }
                if support_over {
                    return Err(Rejection::SupportEnded);
                }
                Ok(vec![Event::InvitationIssued {
                    user,
                    invitation,
                    locale: access.locale.clone(),
                    support_start: access.support.start.clone(),
                    email: access.email.clone(),
                    name: access.name.clone(),
                }])
            }
            Command::AcceptInvitation { user, invitation, credential } => match self {
                Account::Enabled(e) if e.invitation == Some(invitation) => {
                    Ok(vec![self.password_set(user, credential, Via::Invitation)])
                }
                Account::Absent | Account::Enabled(_) | Account::Disabled { .. } | Account::Agent { .. } => {
                    Err(Rejection::InvitationUnusable)
                }
            },
            Command::SetPassword { user, credential, via } => match self {
                Account::Enabled(_) | Account::Agent { .. } => Ok(vec![self.password_set(user, credential, via)]),
                Account::Absent => Err(Rejection::Unknown),
                Account::Disabled { .. } => Err(Rejection::AccessNotEnabled),
            },
            Command::CreateAgent { user, login, name, email, role, locale, credential, via } => match self {
                Account::Absent => Ok(vec![
                    Event::AgentCreated { user, login, name, email, role, locale },
                    self.password_set(user, credential, via),
                ]),
                Account::Agent { login: has, .. } if *has == login => Ok(Vec::new()),
                Account::Agent { .. } | Account::Enabled(_) | Account::Disabled { .. } => Err(Rejection::IdInUse),
            },
        }
    }

    fn evolve(self, event: &Event) -> Account {
        let credential_version = self.credential_version();
        match event {
            Event::AgentCreated { login, .. } => Account::Agent { login: login.clone(), credential_version },
            Event::AccessEnabled { login, name, email, support, locale, .. } => Account::Enabled(Enabled {
                login: login.clone(),
                name: name.clone(),
                email: email.clone(),
                locale: locale.clone(),
                support: support.clone(),
                invitation: None,
                has_password: false,
                credential_version,
            }),
            Event::SupportDatesChanged { support, .. } => match self {
                Account::Enabled(e) => Account::Enabled(Enabled { support: support.clone(), ..e }),
                Account::Absent | Account::Disabled { .. } | Account::Agent { .. } => self,
            },
            Event::AccessDisabled { .. } => {
                let login = self.login().unwrap_or_default().to_owned();
                Account::Disabled { login, credential_version }
            }
            Event::InvitationIssued { invitation, .. } => match self {
                Account::Enabled(e) => Account::Enabled(Enabled { invitation: Some(invitation.id), ..e }),
                Account::Absent | Account::Disabled { .. } | Account::Agent { .. } => self,
            },
            Event::PasswordSet { version, .. } => match self {
                Account::Enabled(e) => Account::Enabled(Enabled {
                    invitation: None,
                    has_password: true,
                    credential_version: *version,
                    ..e
                }),
                Account::Agent { login, .. } => Account::Agent { login, credential_version: *version },
                Account::Absent | Account::Disabled { .. } => self,
            },
        }
    }
}
