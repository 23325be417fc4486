//! What an account does about a command.

use super::{
    super::login::login_key, Account, Agent, Command, Enabled, Event, Factor, FirstStep, Invitation, LoginVia, Person,
    Rejection, RevokeReason, Via,
};
use kernel::Timestamp;
use uuid::Uuid;

type Decided = Result<Vec<Event>, Rejection>;

pub(super) fn decide(account: &Account, command: Command) -> Decided {
    match command {
        Command::EnableAccess { .. } => enable(account, command),
        Command::ChangeSupportDates { user, support } => {
            let same = enabled(account)?.support == support;
            Ok(unless(same, Event::SupportDatesChanged { user, support }))
        }
        Command::DisableAccess { user, reason } => match account {
            Account::Enabled(_) => Ok(vec![Event::AccessDisabled { user, reason }]),
            Account::Absent | Account::Disabled { .. } => Ok(Vec::new()),
            Account::Agent(_) => Err(Rejection::IsAnAgent),
        },
        Command::ResendInvitation { user, support_over, invitation, email } => {
            invite_again(enabled(account)?, user, support_over, invitation, email)
        }
        Command::RevokeInvitation { user } => match enabled(account)?.invitation {
            Some(Invitation { id, .. }) => {
                Ok(vec![Event::InvitationRevoked { user, invitation: id, reason: RevokeReason::Agent }])
            }
            None => Err(Rejection::NotInvited),
        },
        Command::CorrectAddress { user, email, links_until } => match account {
            Account::Enabled(e) => {
                let open = e.invitation.filter(|i| i.expires_at <= links_until && !same(&e.person.email, &email));
                let reason = RevokeReason::AddressChanged;
                Ok(open.map(|i| Event::InvitationRevoked { user, invitation: i.id, reason }).into_iter().collect())
            }
            Account::Absent | Account::Disabled { .. } | Account::Agent(_) => Ok(Vec::new()),
        },
        Command::AcceptInvitation { user, invitation, credential } => match account {
            Account::Enabled(e) if e.invitation.is_some_and(|i| i.id == invitation) => {
                Ok(vec![password_set(account, user, credential, Via::Invitation, None)])
            }
            Account::Absent | Account::Enabled(_) | Account::Disabled { .. } | Account::Agent(_) => {
                Err(Rejection::InvitationUnusable)
            }
        },
        Command::SetPassword { user, credential, via, valid_until } => {
            if matches!(account, Account::Agent(Agent { service: true, .. })) {
                return Err(Rejection::IsAProgram);
            }
            person(account)?;
            Ok(vec![password_set(account, user, credential, via, valid_until)])
        }
        Command::Suspend { user, note } => {
            let already = person(account)?.suspended;
            Ok(unless(already, Event::AccessSuspended { user, note }))
        }
        Command::Resume { user } => {
            let suspended = person(account)?.suspended;
            Ok(unless(!suspended, Event::AccessResumed { user }))
        }
        Command::ChangeLogin { user, login, email } => {
            let Enabled { person, invitation, .. } = enabled(account)?;
            if person.login == login && person.email == email {
                return Ok(Vec::new());
            }
            // An invitation stands for the address that it went to.
            let reason = RevokeReason::AddressChanged;
            let gone = invitation.filter(|_| !same(&person.email, &email));
            let mut events: Vec<Event> =
                gone.map(|i| Event::InvitationRevoked { user, invitation: i.id, reason }).into_iter().collect();
            let old_login = person.login.clone();
            events.push(Event::LoginChanged { user, login, old_login, via: LoginVia::Agent, email });
            Ok(events)
        }
        Command::RequestLoginChange { user, request, expires_at, new_email, by_agent } => {
            let person = person(account)?;
            if same(&person.login, &new_email) {
                return Ok(Vec::new());
            }
            Ok(vec![Event::LoginChangeRequested {
                user,
                request,
                expires_at,
                new_email,
                // What is told about an account goes to its login where that is an address.
                old_email: if person.login.contains('@') { person.login.clone() } else { person.email.clone() },
                name: person.name.clone(),
                locale: person.locale.clone(),
                agent: matches!(account, Account::Agent(_)),
                by_agent,
            }])
        }
        Command::ConfirmLoginChange { user, request } => {
            let person = person(account).map_err(|_| Rejection::LinkUnusable)?;
            let pending = person.pending.as_ref().filter(|p| p.request == request).ok_or(Rejection::LinkUnusable)?;
            Ok(vec![Event::LoginChanged {
                user,
                login: pending.email.clone(),
                old_login: person.login.clone(),
                via: LoginVia::Confirmed,
                email: pending.email.clone(),
            }])
        }
        Command::EnableTotp { user, codes } => {
            let already = person(account)?.totp;
            Ok(with_codes(user, codes, unless(already, Event::TotpEnabled { user })))
        }
        Command::AddPasskey { user, passkey, name, codes } => {
            let already = person(account)?.passkeys.contains(&passkey);
            Ok(with_codes(user, codes, unless(already, Event::PasskeyAdded { user, passkey, name })))
        }
        Command::RemoveFactor { user, factor, required } => remove_factor(person(account)?, user, factor, required),
        Command::ResetFactors { user, reason } => {
            let none = !person(account)?.has_factor();
            Ok(unless(none, Event::FactorRemoved { user, factor: Factor::All, reason }))
        }
        Command::MakeRecoveryCodes { user, codes } => match person(account)?.has_factor() {
            true => Ok(vec![Event::RecoveryCodesMade { user, count: codes }]),
            false => Err(Rejection::NoFactor),
        },
        Command::RequireMfa { user, required } => {
            let same = person(account)?.mfa_required == required;
            Ok(unless(same, Event::MfaRequirementChanged { user, required }))
        }
        Command::AcceptTerms { user, version } => {
            let already = person(account)?.terms_version >= version;
            Ok(unless(already, Event::TermsAccepted { user, version }))
        }
        Command::CreateAgent { user, login, name, email, role, locale, service, credential, valid_until } => {
            match account {
                Account::Absent => {
                    let mut events = vec![Event::AgentCreated { user, login, name, email, role, locale, service }];
                    events.extend(credential.map(|(id, via)| password_set(account, user, id, via, valid_until)));
                    Ok(events)
                }
                Account::Agent(a) if a.person.login == login => Ok(Vec::new()),
                Account::Agent(_) | Account::Enabled(_) | Account::Disabled { .. } => Err(Rejection::IdInUse),
            }
        }
        Command::ChangeAgent { user, name, email, role, locale } => {
            let agent = agent(account)?;
            let changed = |new: Option<String>, old: &str| new.filter(|n| n != old);
            let name = changed(name, &agent.person.name);
            let email = changed(email, &agent.person.email);
            let role = changed(role, &agent.role);
            let locale = changed(locale, &agent.person.locale);
            let same = [&name, &email, &role, &locale].into_iter().all(Option::is_none);
            Ok(unless(same, Event::AgentChanged { user, name, email, role, locale }))
        }
        Command::DisableAgent { user } => {
            let already = agent(account)?.disabled;
            Ok(unless(already, Event::AgentDisabled { user }))
        }
        Command::EnableAgent { user } => {
            let disabled = agent(account)?.disabled;
            Ok(unless(!disabled, Event::AgentEnabled { user }))
        }
    }
}

fn enable(account: &Account, command: Command) -> Decided {
    let Command::EnableAccess { user, login, name, email, locale, support, first, mfa_required, profile, company } =
        command
    else {
        return Ok(Vec::new());
    };
    match account {
        Account::Agent(_) => return Err(Rejection::IsAnAgent),
        Account::Enabled(e) if e.person.login == login && e.person.email == email && e.support == support => {
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
        mfa_required,
        profile,
        company,
    }];
    match first {
        FirstStep::Invite(invitation) => {
            events.push(Event::InvitationIssued { user, invitation, locale, support_start: support.start, email, name })
        }
        FirstStep::OneTime { credential, valid_until } => {
            events.push(password_set(account, user, credential, Via::OneTime, Some(valid_until)));
        }
        FirstStep::Nothing => {}
    }
    Ok(events)
}

/// A new invitation, to the address that the contact has now.
fn invite_again(access: &Enabled, user: Uuid, support_over: bool, invitation: Invitation, email: String) -> Decided {
    let person = &access.person;
    if person.has_password {
        return Err(Rejection::PasswordAlreadyChosen);
    }
    if support_over {
        return Err(Rejection::SupportEnded);
    }
    if email.is_empty() {
        return Err(Rejection::LoginIsNoEmail);
    }
    let mut events = Vec::new();
    if person.email != email {
        let login = if same(&person.login, &person.email) { email.clone() } else { person.login.clone() };
        let old_login = person.login.clone();
        events.push(Event::LoginChanged { user, login, old_login, via: LoginVia::Contact, email: email.clone() });
    }
    events.push(Event::InvitationIssued {
        user,
        invitation,
        locale: person.locale.clone(),
        support_start: access.support.start.clone(),
        email,
        name: person.name.clone(),
    });
    Ok(events)
}

fn same(login: &str, other: &str) -> bool {
    login_key(login) == login_key(other)
}

fn remove_factor(person: &Person, user: Uuid, factor: Factor, required: bool) -> Decided {
    let (there, left) = match factor {
        Factor::Totp => (person.totp, !person.passkeys.is_empty()),
        Factor::Passkey(id) => (person.passkeys.contains(&id), person.totp || person.passkeys.len() > 1),
        Factor::All => (person.has_factor(), false),
    };
    if !there {
        return Err(Rejection::NoSuchFactor);
    }
    if !left && (required || person.mfa_required) {
        return Err(Rejection::FactorRequired);
    }
    Ok(vec![Event::FactorRemoved { user, factor, reason: String::new() }])
}

fn password_set(account: &Account, user: Uuid, credential: Uuid, via: Via, valid_until: Option<Timestamp>) -> Event {
    Event::PasswordSet { user, credential, version: account.credential_version() + 1, via, valid_until }
}

/// Nothing when it is so already.
fn unless(already: bool, event: Event) -> Vec<Event> {
    if already { Vec::new() } else { vec![event] }
}

fn with_codes(user: Uuid, codes: i32, mut events: Vec<Event>) -> Vec<Event> {
    if codes > 0 && !events.is_empty() {
        events.push(Event::RecoveryCodesMade { user, count: codes });
    }
    events
}

/// The contact's access, or why there is none.
fn enabled(account: &Account) -> Result<&Enabled, Rejection> {
    match account {
        Account::Enabled(e) => Ok(e),
        Account::Absent | Account::Disabled { .. } => Err(Rejection::AccessNotEnabled),
        Account::Agent(_) => Err(Rejection::IsAnAgent),
    }
}

/// The agent, or why there is none.
fn agent(account: &Account) -> Result<&Agent, Rejection> {
    match account {
        Account::Agent(agent) => Ok(agent),
        Account::Absent => Err(Rejection::Unknown),
        Account::Enabled(_) | Account::Disabled { .. } => Err(Rejection::IsNoAgent),
    }
}

/// Whoever may log in, or why nobody may.
fn person(account: &Account) -> Result<&Person, Rejection> {
    match account {
        Account::Enabled(Enabled { person, .. }) | Account::Agent(Agent { person, .. }) => Ok(person),
        Account::Absent => Err(Rejection::Unknown),
        Account::Disabled { .. } => Err(Rejection::AccessNotEnabled),
    }
}
