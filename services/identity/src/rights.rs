//! Who may ask identity for what. Contacts may do nothing here but what the gateway does for them before they are known.
//! With whose account, is decided in [`crate::authority`]; how lately a person must have proved who they are, is said in
//! the table of methods (`proto::method`).

use kernel::{Actor, ActorKind, Error, Right};

type Allowed = Result<(), Error>;

fn when(allowed: bool, reason: &'static str) -> Allowed {
    if allowed { Ok(()) } else { Err(Error::forbidden(reason)) }
}

fn is_service(actor: &Actor) -> bool {
    actor.kind == ActorKind::Service
}

/// Login, sessions, invitations: what happens before anybody is known goes through a service.
pub(crate) fn may_ask_for_strangers(actor: &Actor) -> Allowed {
    when(is_service(actor), "services_only")
}

/// Portal access, locks: administrators and agents; viewers only look.
pub(crate) fn may_manage_access(actor: &Actor) -> Allowed {
    when(actor.may(Right::ManageAccess) || actor.is_operator(), "access_management")
}

/// Seeing a contact's access: every agent, and services.
pub(crate) fn may_see_access(actor: &Actor) -> Allowed {
    when(actor.kind == ActorKind::Agent || is_service(actor), "agents_only")
}

/// Locks: seeing them and taking them away.
pub(crate) fn may_unlock(actor: &Actor) -> Allowed {
    when(actor.may(Right::Unlock) || actor.is_operator(), "unlock")
}

/// Making agents: administrators and the command line.
pub(crate) fn may_manage_agents(actor: &Actor) -> Allowed {
    when(actor.may(Right::ManageAgents) || actor.is_operator(), "administrators_only")
}

/// Setting a password without an invitation: the command line and the demo data.
pub(crate) fn may_set_passwords(actor: &Actor) -> Allowed {
    when(actor.is_operator(), "services_only")
}

/// Links of invitations are made for the notifier alone.
pub(crate) fn may_issue_links(actor: &Actor) -> Allowed {
    when(is_service(actor) && actor.role == "notification", "services_only")
}

/// Changing the security settings.
pub(crate) fn may_configure(actor: &Actor) -> Allowed {
    when(actor.may(Right::Configure) || actor.is_operator(), "configuration_only")
}

/// Seeing the security settings: who may change them, and auditors.
pub(crate) fn may_see_settings(actor: &Actor) -> Allowed {
    when(has(actor, Right::Configure) || has(actor, Right::ReadAudit) || actor.is_operator(), "configuration_only")
}

/// Seeing what everybody did: auditors.
pub(crate) fn may_audit(actor: &Actor) -> Allowed {
    when(has(actor, Right::ReadAudit), "audit_only")
}

/// Seeing what happened around customers' accounts: who manages access, and auditors.
pub(crate) fn may_see_activity(actor: &Actor) -> Allowed {
    when(has(actor, Right::ManageAccess) || has(actor, Right::ReadAudit), "access_management")
}

/// Opening the portal as a contact; changing things there needs a right of its own.
pub(crate) fn may_impersonate(actor: &Actor, write: bool) -> Allowed {
    when(actor.may(Right::Impersonate), "impersonation")?;
    when(!write || actor.may(Right::ImpersonateWrite), "impersonation_write")
}

/// Agents with a right, also where they may only look.
fn has(actor: &Actor, right: Right) -> bool {
    actor.kind == ActorKind::Agent && actor.rights.contains(right)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Rights;
    use uuid::Uuid;

    fn person(kind: ActorKind, role: &str) -> Actor {
        Actor { kind, ..Actor::agent(Uuid::nil(), role) }
    }

    #[test]
    fn rights_are_as_the_table_says() {
        let administrator = person(ActorKind::Agent, "administrator");
        let agent = person(ActorKind::Agent, "agent");
        let viewer = person(ActorKind::Agent, "viewer");
        let contact = person(ActorKind::Contact, "");
        let posing = person(ActorKind::Contact, "administrator");
        let gateway = Actor::service("gateway");
        let notifier = Actor::service("notification");
        let console = Actor::service("console");
        let who = [&administrator, &agent, &viewer, &contact, &posing, &gateway, &notifier, &console];
        type Right = fn(&Actor) -> Allowed;
        let table: [(Right, [bool; 8]); 11] = [
            (may_ask_for_strangers, [false, false, false, false, false, true, true, true]),
            (may_manage_access, [true, true, false, false, false, false, false, true]),
            (may_see_access, [true, true, true, false, false, true, true, true]),
            (may_manage_agents, [true, false, false, false, false, false, false, true]),
            (may_set_passwords, [false, false, false, false, false, false, false, true]),
            (may_issue_links, [false, false, false, false, false, false, true, false]),
            (may_configure, [true, false, false, false, false, false, false, true]),
            (may_see_settings, [true, false, false, false, false, false, false, true]),
            (may_see_activity, [true, true, false, false, false, false, false, false]),
            (|a| may_impersonate(a, false), [true, false, false, false, false, false, false, false]),
            (|a| may_impersonate(a, true), [true, false, false, false, false, false, false, false]),
        ];
        for (n, (right, expected)) in table.iter().enumerate() {
            let found: Vec<bool> = who.iter().map(|a| right(a).is_ok()).collect();
            assert_eq!(found, expected, "right {n}");
        }
    }

    #[test]
    fn looking_and_changing_as_a_contact_are_two_rights() {
        let looks = Actor { rights: Rights::of(&[Right::Impersonate]), ..Actor::agent(Uuid::nil(), "own") };
        assert!(may_impersonate(&looks, false).is_ok());
        assert_eq!(may_impersonate(&looks, true).expect_err("a change").reason, "impersonation_write");
    }
}
