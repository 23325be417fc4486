//! Who may act on whose account: one function decides, over rights and over what a role does with records.
//!
//! Nobody acts on whom they could not have made. Whoever may do less, beyond records or with them, never touches the
//! account of who may do more; nobody gives a right or a level away that they don't have; and nobody becomes somebody who
//! may do what they may not.

mod levels;

pub(crate) use levels::{level_of, rights_of};

use crate::{
    domain::{account::Rejection, role::Level},
    error::{database, not_yourself, user_unknown},
    facts::{self, LoginFacts},
    identity::Identity,
    rights,
};
use kernel::{Actor, ActorKind, Error, parse_id};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// What somebody wants with an account that is not theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Intent {
    /// Look at what only the account's own side knows, such as its sessions.
    Look,
    /// Give, bound or take access away, without getting hold of it.
    Manage,
    /// Choose what the account is signed in with, or take what protects it away: who does that can sign in as it.
    Become,
    /// Take a lock away, and trust networks.
    Unlock,
    /// Make and revoke tokens of programs.
    Tokens,
    /// Read what happened around it.
    Read,
    /// Open the portal as the contact, to look or to change things.
    Impersonate { write: bool },
}

impl Intent {
    /// Every intent.
    #[cfg(test)]
    const ALL: [Intent; 8] = [
        Intent::Look,
        Intent::Manage,
        Intent::Become,
        Intent::Unlock,
        Intent::Tokens,
        Intent::Read,
        Intent::Impersonate { write: false },
        Intent::Impersonate { write: true },
    ];
}

/// Whose account it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// A contact's or a company's. Customers have no rights beyond records; some of them change records.
    Customer,
    /// An agent's or a program's, with what its role allows.
    Agent { user: Uuid, level: Level },
}

/// Whether somebody may do this with an account. `own` is what the role of the one who asks allows.
///
/// # Errors
/// The missing right; `rights_beyond_own` and `records_beyond_own` when the account may do more; `not_yourself`.
pub(crate) fn decide(actor: &Actor, own: &Level, target: &Target, intent: Intent) -> Result<(), Error> {
    if actor.is_operator() {
        return Ok(());
    }
    let agent = matches!(target, Target::Agent { .. });
    match intent {
        Intent::Look | Intent::Manage | Intent::Become if agent => rights::may_manage_agents(actor)?,
        Intent::Look | Intent::Manage | Intent::Become => rights::may_manage_access(actor)?,
        Intent::Unlock => rights::may_unlock(actor)?,
        Intent::Tokens => rights::may_manage_agents(actor)?,
        // The audit is of everybody, administrators included.
        Intent::Read if rights::may_audit(actor).is_ok() => return Ok(()),
        Intent::Read if agent => rights::may_manage_agents(actor)?,
        Intent::Read => rights::may_see_activity(actor)?,
        Intent::Impersonate { .. } if agent => return Err(Rejection::IsAnAgent.into()),
        Intent::Impersonate { write } => rights::may_impersonate(actor, write)?,
    }
    match target {
        Target::Agent { user, .. } if *user == actor.id && intent == Intent::Become => Err(not_yourself()),
        Target::Agent { level, .. } => own.covers(level),
        // A contact changes records: whoever acts as one must be allowed to.
        Target::Customer if matches!(intent, Intent::Become | Intent::Impersonate { write: true }) => {
            own.covers(&Level::of_customer())
        }
        Target::Customer => Ok(()),
    }
}

impl Identity {
    /// What the role of the one who asks allows. The rights are those of the token, which may have fewer than the role.
    pub(crate) async fn own_level(&self, actor: &Actor) -> Result<Level, Error> {
        let role = level_of(&self.pool, &actor.role).await?;
        Ok(Level { rights: actor.rights.clone(), ..role })
    }

    /// Nobody gives away what they don't have: who may make roles could else make one that may do everything.
    pub(crate) async fn may_give(&self, actor: &Actor, level: &Level) -> Result<(), Error> {
        if actor.is_operator() { Ok(()) } else { self.own_level(actor).await?.covers(level) }
    }

    /// The account of somebody with whom the actor may do this.
    pub(crate) async fn managed(&self, actor: &Actor, user: &str, intent: Intent) -> Result<LoginFacts, Error> {
        let user = parse_id(user)?;
        rights::may_see_access(actor)?;
        let facts = facts::account_of_user(&self.pool, user).await.map_err(database)?.ok_or_else(user_unknown)?;
        let target = self.target(user, facts.kind, &facts.role).await?;
        decide(actor, &self.own_level(actor).await?, &target, intent)?;
        Ok(facts)
    }

    /// The id of a contact with whom the actor may do this; the contact need have no account yet.
    ///
    /// # Errors
    /// Those of [`decide`]; `is_an_agent`.
    pub(crate) async fn contact(&self, actor: &Actor, contact: &str, intent: Intent) -> Result<Uuid, Error> {
        let contact = parse_id(contact)?;
        decide(actor, &self.own_level(actor).await?, &Target::Customer, intent)?;
        let kind = self.kinds_and_roles(&[contact]).await?.remove(&contact);
        match kind {
            Some((ActorKind::Agent, _)) => Err(Rejection::IsAnAgent.into()),
            Some(_) | None => Ok(contact),
        }
    }

    /// Whether the actor may do this with the accounts of all of them; who has none is a customer.
    pub(crate) async fn may_act_on(&self, actor: &Actor, users: &[Uuid], intent: Intent) -> Result<(), Error> {
        for answer in self.judged(actor, users, intent).await? {
            answer.1?;
        }
        Ok(())
    }

    /// Those of some users with whose accounts the actor may do this.
    pub(crate) async fn within(&self, actor: &Actor, users: &[Uuid], intent: Intent) -> Result<HashSet<Uuid>, Error> {
        let judged = self.judged(actor, users, intent).await?;
        Ok(judged.into_iter().filter(|(_, answer)| answer.is_ok()).map(|(user, _)| user).collect())
    }

    async fn judged(
        &self,
        actor: &Actor,
        users: &[Uuid],
        intent: Intent,
    ) -> Result<Vec<(Uuid, Result<(), Error>)>, Error> {
        let (own, known) = (self.own_level(actor).await?, self.kinds_and_roles(users).await?);
        let mut levels: HashMap<&str, Level> = HashMap::new();
        for (kind, role) in known.values() {
            if *kind == ActorKind::Agent && !levels.contains_key(role.as_str()) {
                levels.insert(role, level_of(&self.pool, role).await?);
            }
        }
        let judge = |user: &Uuid| {
            let target = match known.get(user) {
                Some((ActorKind::Agent, role)) => {
                    Target::Agent { user: *user, level: levels.get(role.as_str()).cloned().unwrap_or_default() }
                }
                Some(_) | None => Target::Customer,
            };
            (*user, decide(actor, &own, &target, intent))
        };
        Ok(users.iter().map(judge).collect())
    }

    async fn target(&self, user: Uuid, kind: ActorKind, role: &str) -> Result<Target, Error> {
        Ok(match kind {
            ActorKind::Agent => Target::Agent { user, level: level_of(&self.pool, role).await? },
            ActorKind::Contact | ActorKind::Company | ActorKind::Service => Target::Customer,
        })
    }

    async fn kinds_and_roles(&self, users: &[Uuid]) -> Result<HashMap<Uuid, (ActorKind, String)>, Error> {
        let rows: Vec<(Uuid, i16, String)> =
            sqlx::query_as("select user_id, kind, role from accounts_v1 where user_id = any ($1)")
                .bind(users)
                .fetch_all(&self.pool)
                .await
                .map_err(database)?;
        Ok(rows.into_iter().map(|(user, kind, role)| (user, (ActorKind::from_number(kind), role))).collect())
    }
}

#[cfg(test)]
mod tests;
