//! Who may do what with profiles, and who may ask for whose plan.

use kernel::{Actor, ActorKind, Error, Right};

/// The names under which the operator's own programs act: this service (seeds) and the command line.
const OPERATOR: [&str; 2] = ["permissions", "console"];

/// Changing anything: not in a session that only looks, whoever looks.
pub(crate) fn change(actor: &Actor) -> Result<(), Error> {
    allow(!actor.read_only, kernel::READ_ONLY)
}

/// Changing profiles: administrators, and the operator's own programs.
pub(crate) fn administer(actor: &Actor) -> Result<(), Error> {
    let operator = actor.kind == ActorKind::Service && OPERATOR.contains(&actor.role.as_str());
    allow(actor.may(Right::Configure) || operator, "administrators_only")
}

/// Giving a contact a profile: administrators, agents, services.
pub(crate) fn give(actor: &Actor) -> Result<(), Error> {
    allow(actor.may(Right::ManageAccess) || actor.kind == ActorKind::Service, "agents_only")
}

/// Reading profiles: agents of every role, services.
pub(crate) fn read(actor: &Actor) -> Result<(), Error> {
    allow(!actor.kind.is_customer(), "agents_only")
}

/// Asking for another subject's plan: agents of every role, services.
pub(crate) fn ask_for_others(actor: &Actor) -> Result<(), Error> {
    allow(!actor.kind.is_customer(), "own_plan_only")
}

/// Asking whose plans changed: the answer names subjects, so contacts don't get it.
pub(crate) fn watch(actor: &Actor) -> Result<(), Error> {
    allow(actor.kind == ActorKind::Service, "services_only")
}

fn allow(allowed: bool, reason: &'static str) -> Result<(), Error> {
    if allowed { Ok(()) } else { Err(Error::forbidden(reason)) }
}

#[cfg(test)]
mod tests;
