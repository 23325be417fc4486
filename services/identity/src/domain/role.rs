//! Own roles of agents, beside the built-in ones. Stream `role-<id>`.

use kernel::{Aggregate, Error, FieldError, Right, Rights, text};
use uuid::Uuid;

#[cfg(test)]
mod tests;

/// Longest name of a role or a group, in characters.
pub(crate) const MAX_NAME: usize = 80;
/// Longest description, in characters.
pub(crate) const MAX_DESCRIPTION: usize = 500;
/// The built-in roles, the one with most rights first.
pub(crate) const BUILT_IN: [&str; 3] = ["administrator", "agent", "viewer"];

/// What a role does with records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Records {
    Read,
    Write,
}

impl Records {
    /// The word in messages.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Records::Read => "read",
            Records::Write => "write",
        }
    }

    /// The meaning of a word.
    pub(crate) fn from_word(word: &str) -> Option<Records> {
        [Records::Read, Records::Write].into_iter().find(|r| r.as_str() == word)
    }

    /// What a built-in role does with records.
    pub(crate) fn of_built_in(role: &str) -> Records {
        if role == "viewer" { Records::Read } else { Records::Write }
    }
}

/// How much a role allows: with records, and beyond them. Levels are not in a row: of two roles each may allow something
/// that the other doesn't.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Level {
    /// None for a role that is not there.
    pub(crate) records: Option<Records>,
    pub(crate) rights: Rights,
}

impl Level {
    /// Of a built-in role; nothing for every other word.
    pub(crate) fn of_built_in(role: &str) -> Level {
        let records = BUILT_IN.contains(&role).then(|| Records::of_built_in(role));
        Level { records, rights: Rights::of_role(role) }
    }

    /// What a customer may do at most: nothing beyond records.
    pub(crate) fn of_customer() -> Level {
        Level { records: Some(Records::Write), rights: Rights::none() }
    }

    /// Nothing, when this allows all that the other does.
    ///
    /// # Errors
    /// `rights_beyond_own`, `records_beyond_own`.
    pub(crate) fn covers(&self, other: &Level) -> Result<(), Error> {
        if !other.rights.iter().all(|right| self.rights.contains(right)) {
            return Err(beyond("rights_beyond_own", "This is about rights that you don't have yourself."));
        }
        if other.records > self.records {
            let public = "This is about somebody who may do more with records than you.";
            return Err(beyond("records_beyond_own", public));
        }
        Ok(())
    }
}

fn beyond(reason: &'static str, public: &'static str) -> Error {
    Error { public: public.into(), ..Error::forbidden(reason) }
}

/// What a role is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Definition {
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) records: Records,
    pub(crate) rights: Rights,
}

impl Definition {
    /// How much it allows.
    pub(crate) fn level(&self) -> Level {
        Level { records: Some(self.records), rights: self.rights.clone() }
    }

    /// A definition from words; every bad field is named.
    pub(crate) fn parse(
        name: &str,
        description: &str,
        records: &str,
        rights: &[String],
    ) -> Result<Definition, Vec<FieldError>> {
        let mut faults = named(name, description);
        let built_in = BUILT_IN.contains(&name.trim().to_lowercase().as_str());
        if built_in {
            faults.push(fault("name", "name_taken", "A built-in role has this name."));
        }
        let found = Records::from_word(records);
        if found.is_none() {
            faults.push(fault("records", "unknown_value", "Either read or write."));
        }
        let mut known = Vec::with_capacity(rights.len());
        for (n, word) in rights.iter().enumerate() {
            match Right::from_word(word) {
                Some(right) => known.push(right),
                None => faults.push(fault(&format!("rights.{n}"), "unknown_right", "There is no such right.")),
            }
        }
        match found {
            Some(records) if faults.is_empty() => Ok(Definition {
                name: name_kept(name),
                description: description_kept(description),
                records,
                rights: known.into_iter().collect(),
            }),
            _ => Err(faults),
        }
    }
}

/// What is wrong with the name and the description of a role or a group.
pub(crate) fn named(name: &str, description: &str) -> Vec<FieldError> {
    let mut faults = Vec::new();
    match text::line(name, MAX_NAME) {
        Ok(Some(_)) => {}
        Ok(None) => faults.push(fault("name", "required", "Please give a name.")),
        Err((code, message)) => faults.push(fault("name", code, message)),
    }
    if let Err((code, message)) = text::lines(description, MAX_DESCRIPTION) {
        faults.push(fault("description", code, message));
    }
    faults
}

/// A name that is right, as it is kept.
pub(crate) fn name_kept(name: &str) -> String {
    text::line(name, MAX_NAME).ok().flatten().unwrap_or_default()
}

/// A description that is right, as it is kept.
pub(crate) fn description_kept(description: &str) -> String {
    text::lines(description, MAX_DESCRIPTION).ok().flatten().unwrap_or_default()
}

fn fault(field: &str, code: &'static str, message: &str) -> FieldError {
    FieldError { field: field.to_owned(), code: code.into(), message: message.to_owned() }
}

/// The role, as far as decisions need it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum OwnRole {
    #[default]
    Absent,
    Defined(Definition),
    Deleted,
}

impl OwnRole {
    /// What the role is, unless there is none.
    pub(crate) fn definition(&self) -> Option<&Definition> {
        match self {
            OwnRole::Defined(definition) => Some(definition),
            OwnRole::Absent | OwnRole::Deleted => None,
        }
    }
}

/// What someone wants of a role.
#[derive(Debug, Clone)]
pub(crate) enum Command {
    /// `new` says that the caller brought a new id.
    Define {
        role: Uuid,
        new: bool,
        definition: Definition,
    },
    Delete {
        role: Uuid,
    },
}

/// What happened to a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    Defined { role: Uuid, definition: Definition },
    Deleted { role: Uuid },
}

/// Why a role does not do what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// There is no such role, or not any more.
    Unknown,
}

impl Aggregate for OwnRole {
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Rejection> {
        match (self, command) {
            (OwnRole::Defined(now), Command::Define { definition, .. }) if *now == definition => Ok(Vec::new()),
            (OwnRole::Defined(_), Command::Define { role, definition, .. })
            | (OwnRole::Absent, Command::Define { role, definition, new: true }) => {
                Ok(vec![Event::Defined { role, definition }])
            }
            (OwnRole::Defined(_), Command::Delete { role }) => Ok(vec![Event::Deleted { role }]),
            (OwnRole::Absent | OwnRole::Deleted, Command::Define { .. } | Command::Delete { .. }) => {
                Err(Rejection::Unknown)
            }
        }
    }

    fn evolve(self, event: &Event) -> OwnRole {
        match event {
            Event::Defined { definition, .. } => OwnRole::Defined(definition.clone()),
            Event::Deleted { .. } => OwnRole::Deleted,
        }
    }
}
