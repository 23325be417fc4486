//! What an event makes of an account.

use super::{Account, Agent, Enabled, Event, Factor, PendingLogin, Person};

pub(super) fn evolve(account: Account, event: &Event) -> Account {
    let credential_version = account.credential_version();
    match event {
        Event::AgentCreated { login, name, email, role, locale, service, .. } => Account::Agent(Agent {
            person: Person {
                login: login.clone(),
                name: name.clone(),
                email: email.clone(),
                locale: locale.clone(),
                credential_version,
                ..Person::default()
            },
            role: role.clone(),
            disabled: false,
            service: *service,
        }),
        Event::AccessEnabled { login, name, email, support, locale, mfa_required, .. } => Account::Enabled(Enabled {
            person: Person {
                login: login.clone(),
                name: name.clone(),
                email: email.clone(),
                locale: locale.clone(),
                credential_version,
                mfa_required: *mfa_required,
                ..Person::default()
            },
            support: support.clone(),
            invitation: None,
        }),
        Event::AccessDisabled { .. } => {
            let login = account.login().unwrap_or_default().to_owned();
            Account::Disabled { login, credential_version }
        }
        Event::SupportDatesChanged { support, .. } => of_contact(account, |e| e.support = support.clone()),
        Event::InvitationIssued { invitation, .. } => of_contact(account, |e| e.invitation = Some(*invitation)),
        Event::InvitationRevoked { .. } => of_contact(account, |e| e.invitation = None),
        Event::PasswordSet { version, .. } => {
            let account = of_contact(account, |e| e.invitation = None);
            of_person(account, |p| {
                p.has_password = true;
                p.credential_version = *version;
                // Whoever ordered it may have been another one.
                p.pending = None;
            })
        }
        Event::AgentChanged { name, email, role, locale, .. } => of_agent(account, |a| {
            set(&mut a.person.name, name.as_ref());
            set(&mut a.person.email, email.as_ref());
            set(&mut a.role, role.as_ref());
            set(&mut a.person.locale, locale.as_ref());
        }),
        Event::AgentDisabled { .. } => of_agent(account, |a| a.disabled = true),
        Event::AgentEnabled { .. } => of_agent(account, |a| a.disabled = false),
        Event::AccessSuspended { .. } => of_person(account, |p| p.suspended = true),
        Event::AccessResumed { .. } => of_person(account, |p| p.suspended = false),
        Event::LoginChangeRequested { request, new_email, .. } => of_person(account, |p| {
            p.pending = Some(PendingLogin { request: *request, email: new_email.clone() });
        }),
        Event::LoginChanged { login, email, .. } => of_person(account, |p| {
            p.login.clone_from(login);
            p.email.clone_from(email);
            p.pending = None;
        }),
        Event::TotpEnabled { .. } => of_person(account, |p| p.totp = true),
        Event::PasskeyAdded { passkey, .. } => of_person(account, |p| {
            p.passkeys.insert(*passkey);
        }),
        Event::FactorRemoved { factor, .. } => of_person(account, |p| match factor {
            Factor::Totp => p.totp = false,
            Factor::Passkey(id) => {
                p.passkeys.remove(id);
            }
            Factor::All => {
                p.totp = false;
                p.passkeys.clear();
                p.pending = None;
            }
        }),
        Event::RecoveryCodesMade { .. } => account,
        Event::MfaRequirementChanged { required, .. } => of_person(account, |p| p.mfa_required = *required),
        Event::TermsAccepted { version, .. } => of_person(account, |p| p.terms_version = *version),
    }
}

fn set(field: &mut String, new: Option<&String>) {
    if let Some(new) = new {
        field.clone_from(new);
    }
}

fn of_contact(mut account: Account, change: impl FnOnce(&mut Enabled)) -> Account {
    if let Account::Enabled(enabled) = &mut account {
        change(enabled);
    }
    account
}

fn of_agent(mut account: Account, change: impl FnOnce(&mut Agent)) -> Account {
    if let Account::Agent(agent) = &mut account {
        change(agent);
    }
    account
}

fn of_person(mut account: Account, change: impl FnOnce(&mut Person)) -> Account {
    match &mut account {
        Account::Enabled(Enabled { person, .. }) | Account::Agent(Agent { person, .. }) => change(person),
        Account::Absent | Account::Disabled { .. } => {}
    }
    account
}
