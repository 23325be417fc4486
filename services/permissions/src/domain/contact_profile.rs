//! Which profile a contact was given by hand.

pub use super::default_profile::Rejection as ProfileRejection;
use super::default_profile::usable;
use kernel::Aggregate;
use uuid::Uuid;

/// The profile that a contact was given by hand, if any.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ContactProfile {
    /// None: match conditions and the default decide.
    pub chosen: Option<Uuid>,
}

/// "This one for this contact", or "none by hand any more".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choose {
    /// Whom.
    pub contact: Uuid,
    /// Whether the contact is known and not deleted.
    pub contact_exists: bool,
    /// Which profile, and whether a version of it is in force (None when there is no such profile).
    pub profile: Option<(Uuid, Option<bool>)>,
}

/// It was chosen, or the choice was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chosen {
    /// Whom.
    pub contact: Uuid,
    /// Which; none: the choice was taken back.
    pub profile: Option<Uuid>,
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// The contact is not known, or deleted.
    UnknownContact,
    /// The profile can't be given.
    Profile(ProfileRejection),
}

impl Aggregate for ContactProfile {
    type Command = Choose;
    type Event = Chosen;
    type Rejection = Rejection;

    fn decide(&self, command: Choose) -> Result<Vec<Chosen>, Rejection> {
        if !command.contact_exists {
            return Err(Rejection::UnknownContact);
        }
        if let Some((_, published)) = command.profile {
            usable(published).map_err(Rejection::Profile)?;
        }
        let profile = command.profile.map(|(profile, _)| profile);
        if profile == self.chosen {
            return Ok(Vec::new());
        }
        Ok(vec![Chosen { contact: command.contact, profile }])
    }

    fn evolve(self, event: &Chosen) -> ContactProfile {
        ContactProfile { chosen: event.profile }
    }
}

#[cfg(test)]
mod tests;
