//! Which profile contacts have to whom no other is given: one choice for the installation.

use kernel::Aggregate;
use uuid::Uuid;

/// The profile that contacts without another one have, once it was chosen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DefaultProfile {
    /// None until the first choice.
    pub chosen: Option<Uuid>,
}

/// "This one."
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choose {
    /// Which.
    pub profile: Uuid,
    /// Whether a version of it is in force; None when there is no such profile.
    pub published: Option<bool>,
}

/// It was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chosen {
    /// Which.
    pub profile: Uuid,
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// There is no such profile.
    UnknownProfile,
    /// It was never published, so it gives nothing.
    NotPublished,
}

/// What is chosen must exist and be in force.
pub(crate) fn usable(published: Option<bool>) -> Result<(), Rejection> {
    match published {
        None => Err(Rejection::UnknownProfile),
        Some(false) => Err(Rejection::NotPublished),
        Some(true) => Ok(()),
    }
}

impl Aggregate for DefaultProfile {
    type Command = Choose;
    type Event = Chosen;
    type Rejection = Rejection;

    fn decide(&self, command: Choose) -> Result<Vec<Chosen>, Rejection> {
        usable(command.published)?;
        if self.chosen == Some(command.profile) {
            return Ok(Vec::new());
        }
        Ok(vec![Chosen { profile: command.profile }])
    }

    fn evolve(self, event: &Chosen) -> DefaultProfile {
        DefaultProfile { chosen: Some(event.profile) }
    }
}

#[cfg(test)]
mod tests;
