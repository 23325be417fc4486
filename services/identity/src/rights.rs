//! Who may ask identity for what. Contacts may do nothing here but what the gateway does for them before they are known.

use kernel::{Actor, ActorKind, Error, Right, Rights, Timestamp};

/// Services that act for the operator: the command line and the demo data.
const OPERATORS: [&str; 2] = ["console", "demo"];

type Allowed = Result<(), Error>;

fn when(allowed: bool, reason: &'static str) -> Allowed {
    if allowed { Ok(()) } else { Err(Error::forbidden(reason)) }
}

fn is_service(actor: &Actor) -> bool {
    actor.kind == ActorKind::Service
}

fn is_operator(actor: &Actor) -> bool {
    is_service(actor) && OPERATORS.contains(&actor.role.as_str())
}

/// Login, sessions, invitations: what happens before anybody is known goes through a service.
pub(crate) fn may_ask_for_strangers(actor: &Actor) -> Allowed {
    when(is_service(actor), "services_only")
}

/// Portal access, locks: administrators and agents; viewers only look.
pub(crate) fn may_manage_access(actor: &Actor) -> Allowed {
    when(actor.may(Right::ManageAccess) || is_operator(actor), "access_management")
}

/// Seeing a contact's access: every agent, and services.
pub(crate) fn may_see_access(actor: &Actor) -> Allowed {
    when(actor.kind == ActorKind::Agent || is_service(actor), "agents_only")
}

/// Accounts of others: of contacts whoever manages access, of agents whoever manages agents.
pub(crate) fn may_manage(actor: &Actor, kind: ActorKind) -> Allowed {
    match kind {
        ActorKind::Agent => may_manage_agents(actor),
        ActorKind::Contact | ActorKind::Service | ActorKind::Company => may_manage_access(actor),
    }
}

/// Locks: seeing them and taking them away.
pub(crate) fn may_unlock(actor: &Actor) -> Allowed {
    when(actor.may(Right::Unlock) || is_operator(actor), "unlock")
}

/// Making agents: administrators and the command line.
pub(crate) fn may_manage_agents(actor: &Actor) -> Allowed {
    when(actor.may(Right::ManageAgents) || is_operator(actor), "administrators_only")
}

/// Setting a password without an invitation: the command line and the demo data.
pub(crate) fn may_set_passwords(actor: &Actor) -> Allowed {
    when(is_operator(actor), "services_only")
}

/// Links of invitations are made for the notifier alone.
pub(crate) fn may_issue_links(actor: &Actor) -> Allowed {
    when(is_service(actor) && actor.role == "notification", "services_only")
}

/// Changing the security settings.
pub(crate) fn may_configure(actor: &Actor) -> Allowed {
    when(actor.may(Right::Configure) || is_operator(actor), "configuration_only")
}

/// Seeing the security settings: who may change them, and auditors.
pub(crate) fn may_see_settings(actor: &Actor) -> Allowed {
    when(has(actor, Right::Configure) || has(actor, Right::ReadAudit) || is_operator(actor), "configuration_only")
}

/// Nobody gives away rights that they don't have: who may make roles could else make one that may do everything.
pub(crate) fn may_give_rights(actor: &Actor, rights: &Rights) -> Allowed {
    when(is_operator(actor) || rights.iter().all(|right| actor.may(right)), "rights_beyond_own")
}

/// Seeing what happened around accounts: who manages access, and auditors.
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

/// What is sensitive needs a proof of who is there that is not older than ten minutes. The command line and the demo data
/// act for who runs the machine.
pub(crate) fn must_be_fresh(actor: &Actor, now: Timestamp) -> Allowed {
    when(actor.is_fresh(now) || is_operator(actor), "step_up_required")
}

#[cfg(test)]
mod tests {
    use super::*;
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
    fn nobody_gives_away_a_right_that_they_do_not_have() {
        let desk =
            Actor { rights: Rights::of(&[Right::ManageAgents, Right::Unlock]), ..Actor::agent(Uuid::nil(), "own") };
        assert!(may_give_rights(&desk, &Rights::of(&[Right::Unlock])).is_ok());
        let more = may_give_rights(&desk, &Rights::of(&[Right::Unlock, Right::Configure]));
        assert_eq!(more.expect_err("a right of others").reason, "rights_beyond_own");
        assert!(may_give_rights(&Actor::service("console"), &Rights::of(&Right::ALL)).is_ok());
    }

    #[test]
    fn looking_and_changing_as_a_contact_are_two_rights() {
        let looks = Actor { rights: Rights::of(&[Right::Impersonate]), ..Actor::agent(Uuid::nil(), "own") };
        assert!(may_impersonate(&looks, false).is_ok());
        assert_eq!(may_impersonate(&looks, true).expect_err("a change").reason, "impersonation_write");
    }

    #[test]
    fn what_is_sensitive_needs_a_fresh_proof_of_who_is_there() {
        let now = Timestamp::from_micros(1_767_225_600_000_000);
        let proved = |seconds: i64| Actor {
            auth_time: Some(now.plus_seconds(-seconds)),
            ..person(ActorKind::Agent, "administrator")
        };
        assert!(must_be_fresh(&proved(0), now).is_ok());
        assert!(must_be_fresh(&proved(600), now).is_ok());
        assert_eq!(must_be_fresh(&proved(601), now).expect_err("an old proof").reason, "step_up_required");
        assert!(must_be_fresh(&person(ActorKind::Agent, "administrator"), now).is_err());
        assert!(must_be_fresh(&Actor::service("console"), now).is_ok());
        assert!(must_be_fresh(&Actor::service("gateway"), now).is_err());
    }
}
