//! Groups of agents, for rules and lists. Stream `group-<id>`.

use super::role::{description_kept, name_kept, named};
use kernel::{Aggregate, FieldError};
use std::collections::BTreeSet;
use uuid::Uuid;

#[cfg(test)]
mod tests;

/// Most members of a group.
pub(crate) const MAX_MEMBERS: usize = 1000;

/// What a group is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Definition {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) members: BTreeSet<Uuid>,
}

impl Definition {
    /// A definition from words; every bad field is named.
    pub(crate) fn parse(name: &str, description: &str, members: &[String]) -> Result<Definition, Vec<FieldError>> {
        let mut faults = named(name, description);
        if members.len() > MAX_MEMBERS {
            let message = "A group has at most 1,000 members.".to_owned();
            faults.push(FieldError { field: "member_ids".into(), code: "out_of_range".into(), message });
        }
        let mut found = BTreeSet::new();
        for (n, member) in members.iter().enumerate().take(MAX_MEMBERS) {
            match Uuid::try_parse(member) {
                Ok(id) => drop(found.insert(id)),
                Err(_) => faults.push(unknown_member(n)),
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Definition { name: name_kept(name), description: description_kept(description), members: found })
    }
}

/// A member that is no agent.
pub(crate) fn unknown_member(n: usize) -> FieldError {
    let message = "There is no such agent.".to_owned();
    FieldError { field: format!("member_ids.{n}"), code: "unknown_agent".into(), message }
}

/// The group, as far as decisions need it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Group {
    #[default]
    Absent,
    Defined(Definition),
    Deleted,
}

impl Group {
    /// What the group is, unless there is none.
    pub(crate) fn definition(&self) -> Option<&Definition> {
        match self {
            Group::Defined(definition) => Some(definition),
            Group::Absent | Group::Deleted => None,
        }
    }
}

/// What someone wants of a group.
#[derive(Debug, Clone)]
pub(crate) enum Command {
    /// `new` says that the caller brought a new id.
    Define {
        group: Uuid,
        new: bool,
        definition: Definition,
    },
    Delete {
        group: Uuid,
    },
}

/// What happened to a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    Defined { group: Uuid, definition: Definition },
    Deleted { group: Uuid },
}

/// Why a group does not do what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// There is no such group, or not any more.
    Unknown,
}

impl Aggregate for Group {
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Rejection> {
        match (self, command) {
            (Group::Defined(now), Command::Define { definition, .. }) if *now == definition => Ok(Vec::new()),
            (Group::Defined(_), Command::Define { group, definition, .. })
            | (Group::Absent, Command::Define { group, definition, new: true }) => {
                Ok(vec![Event::Defined { group, definition }])
            }
            (Group::Defined(_), Command::Delete { group }) => Ok(vec![Event::Deleted { group }]),
            (Group::Absent | Group::Deleted, Command::Define { .. } | Command::Delete { .. }) => {
                Err(Rejection::Unknown)
            }
        }
    }

    fn evolve(self, event: &Event) -> Group {
        match event {
            Event::Defined { definition, .. } => Group::Defined(definition.clone()),
            Event::Deleted { .. } => Group::Deleted,
        }
    }
}
