//! A profile: a draft that is edited, and numbered versions of it that are in force.

use kernel::Aggregate;
use uuid::Uuid;

/// Longest document, in bytes; its event must fit the bus with room for escapes.
pub const MAX_DOCUMENT: usize = 150 * 1024;
/// Longest name, in characters.
pub const MAX_NAME: usize = 100;

/// A profile that always exists, can be edited, and is neither renamed nor deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BuiltIn {
    /// DEFAULT.
    Default,
    /// For secure links of companies without portal users.
    NonPortalUsers,
}

impl BuiltIn {
    /// Both.
    pub const ALL: [BuiltIn; 2] = [BuiltIn::Default, BuiltIn::NonPortalUsers];

    /// Its id, the same in every installation.
    pub fn id(self) -> Uuid {
        kernel::derived_id(
            "profile",
            match self {
                BuiltIn::Default => b"default".as_slice(),
                BuiltIn::NonPortalUsers => b"non-portal-users".as_slice(),
            },
        )
    }

    /// The built-in profile of an id.
    pub fn of(profile: Uuid) -> Option<BuiltIn> {
        BuiltIn::ALL.into_iter().find(|b| b.id() == profile)
    }
}

/// A profile's document as it is stored, and the two parts of it that lists show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Not empty, trimmed.
    pub name: String,
    /// May be empty.
    pub description: String,
    /// The whole, as JSON.
    pub json: String,
}

/// What is wrong with a draft, so that it can't be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where, as a JSON pointer into the document.
    pub path: String,
    /// Stable, snake_case.
    pub code: String,
    /// For people, in English.
    pub message: String,
}

/// What someone wants of a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// A new profile, as a draft.
    Create {
        /// Its id.
        profile: Uuid,
        /// Its first draft.
        document: Document,
        /// The profile that it was copied from.
        copied_from: Option<Uuid>,
    },
    /// Another draft.
    SaveDraft {
        /// The draft.
        document: Document,
    },
    /// The draft in force.
    Publish {
        /// What is wrong with the draft in this installation.
        faults: Vec<Fault>,
    },
}

/// What happened to a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It came into being, as a draft.
    Created {
        /// Its id.
        profile: Uuid,
        /// Its first draft.
        document: Document,
        /// The profile that it was copied from.
        copied_from: Option<Uuid>,
    },
    /// Its draft was saved.
    DraftSaved {
        /// Its id.
        profile: Uuid,
        /// The draft.
        document: Document,
    },
    /// Its draft became a version and is in force.
    Published {
        /// Its id.
        profile: Uuid,
        /// The version's number, from 1.
        number: i32,
        /// What is in force.
        document: Document,
    },
}

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// There is a profile with this id.
    AlreadyExists,
    /// There is none.
    Unknown,
    /// The name of a built-in profile stays.
    NameIsFixed,
    /// The draft has faults.
    NotValid(Vec<Fault>),
}

/// What `decide` reads of a profile.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Profile {
    /// There is none.
    #[default]
    Unknown,
    /// It exists.
    Existing {
        /// Its id.
        profile: Uuid,
        /// What is edited.
        draft: Document,
        /// What is in force.
        published: Option<Version>,
    },
}

/// A published version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// From 1.
    pub number: i32,
    /// What it says.
    pub document: Document,
}

impl Profile {
    /// The names that no other profile may have: that of the draft, and the one in force. In small letters.
    pub fn names(&self) -> Vec<String> {
        match self {
            Profile::Unknown => Vec::new(),
            Profile::Existing { draft, published, .. } => {
                let mut names = vec![draft.name.to_lowercase()];
                names.extend(published.iter().map(|p| p.document.name.to_lowercase()));
                names.dedup();
                names
            }
        }
    }

    /// The number in force; 0 when nothing is.
    pub fn number(&self) -> i32 {
        match self {
            Profile::Existing { published: Some(version), .. } => version.number,
            Profile::Existing { published: None, .. } | Profile::Unknown => 0,
        }
    }
}

impl Aggregate for Profile {
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Rejection> {
        match (self, command) {
            (Profile::Unknown, Command::Create { profile, document, copied_from }) => {
                Ok(vec![Event::Created { profile, document, copied_from }])
            }
            (Profile::Existing { .. }, Command::Create { .. }) => Err(Rejection::AlreadyExists),
            (Profile::Unknown, Command::SaveDraft { .. } | Command::Publish { .. }) => Err(Rejection::Unknown),
            (Profile::Existing { profile, draft, .. }, Command::SaveDraft { document }) => {
                if BuiltIn::of(*profile).is_some() && document.name != draft.name {
                    return Err(Rejection::NameIsFixed);
                }
                if document == *draft {
                    return Ok(Vec::new());
                }
                Ok(vec![Event::DraftSaved { profile: *profile, document }])
            }
            (Profile::Existing { profile, draft, published }, Command::Publish { faults }) => {
                if published.as_ref().is_some_and(|p| p.document == *draft) {
                    return Ok(Vec::new());
                }
                if !faults.is_empty() {
                    return Err(Rejection::NotValid(faults));
                }
                let number = self.number().saturating_add(1);
                Ok(vec![Event::Published { profile: *profile, number, document: draft.clone() }])
            }
        }
    }

    fn evolve(self, event: &Event) -> Profile {
        match event {
            Event::Created { profile, document, .. } => {
                Profile::Existing { profile: *profile, draft: document.clone(), published: None }
            }
            Event::DraftSaved { profile, document } => {
                let published = match self {
                    Profile::Existing { published, .. } => published,
                    Profile::Unknown => None,
                };
                Profile::Existing { profile: *profile, draft: document.clone(), published }
            }
            Event::Published { profile, number, document } => Profile::Existing {
                profile: *profile,
                draft: document.clone(),
                published: Some(Version { number: *number, document: document.clone() }),
            },
        }
    }
}

#[cfg(test)]
mod tests;
