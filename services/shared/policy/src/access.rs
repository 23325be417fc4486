//! The words of access: how far an action reaches, and what may be done with a field.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeMap};
use std::{fmt, marker::PhantomData};

/// How far an action reaches. A wider scope contains every narrower one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Not allowed at all.
    #[default]
    None,
    /// Records tied to the contact itself, or that it takes part in.
    Mine,
    /// Those, and the records that name one of the contact's companies, or name none and are tied to a contact of them.
    Company,
    /// Every record. For agents, services, and modules without customer data.
    All,
}

impl Scope {
    /// The word used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Scope::None => "none",
            Scope::Mine => "mine",
            Scope::Company => "company",
            Scope::All => "all",
        }
    }
}

/// How a record is tied to the viewer. Facts: who looks them up decides nothing with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tie {
    /// The record is tied to the viewer by the module's contact relation, is the viewer's own
    /// contact record, or the viewer takes part in it.
    pub mine: bool,
    /// The record names one of the viewer's companies, is one of them, or names no company and is tied to a contact of
    /// them that isn't deleted. A record that names another company is never seen through its contact.
    pub company: bool,
}

impl Tie {
    /// True when a scope reaches a record with this tie.
    pub fn reaches(self, scope: Scope) -> bool {
        match scope {
            Scope::None => false,
            Scope::Mine => self.mine,
            Scope::Company => self.mine || self.company,
            Scope::All => true,
        }
    }
}

/// Something that a subject does in a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// See records in lists and alone.
    View,
    /// Make new records.
    Create,
    /// Change fields.
    Edit,
    /// Delete records.
    Delete,
    /// Write comments.
    Comment,
    /// Read the comments that are not internal.
    ViewComments,
    /// Read the history.
    ViewUpdates,
    /// Attach files.
    Upload,
    /// Take lists as CSV and records as PDF.
    Export,
}

impl Action {
    /// Every action, in the order of the profile editor's columns.
    pub const ALL: [Action; 9] = [
        Action::View,
        Action::Create,
        Action::Edit,
        Action::Delete,
        Action::Comment,
        Action::ViewComments,
        Action::ViewUpdates,
        Action::Upload,
        Action::Export,
    ];

    /// The word used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Action::View => "view",
            Action::Create => "create",
            Action::Edit => "edit",
            Action::Delete => "delete",
            Action::Comment => "comment",
            Action::ViewComments => "view_comments",
            Action::ViewUpdates => "view_updates",
            Action::Upload => "upload",
            Action::Export => "export",
        }
    }

    /// The action of a word.
    pub fn parse(word: &str) -> Option<Action> {
        Action::ALL.into_iter().find(|a| a.as_str() == word)
    }
}

/// A set of actions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ActionSet(u16);

impl ActionSet {
    /// With one action more.
    #[must_use]
    pub fn with(self, action: Action) -> ActionSet {
        ActionSet(self.0 | 1 << action as u16)
    }

    /// Without an action.
    #[must_use]
    pub fn without(self, action: Action) -> ActionSet {
        ActionSet(self.0 & !(1 << action as u16))
    }

    /// True when the action is in the set.
    pub fn contains(self, action: Action) -> bool {
        self.0 & 1 << action as u16 != 0
    }

    /// The actions of the set.
    pub fn iter(self) -> impl Iterator<Item = Action> {
        Action::ALL.into_iter().filter(move |a| self.contains(*a))
    }
}

/// A value for each action. In JSON an object; what stands at its default may be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PerAction<T>([T; 9]);

impl<T: Copy + Default> PerAction<T> {
    /// The same for every action.
    pub fn all(value: T) -> PerAction<T> {
        PerAction([value; 9])
    }

    /// From pairs; the others have the default.
    pub fn of<const N: usize>(pairs: [(Action, T); N]) -> PerAction<T> {
        let mut per = PerAction::default();
        for (action, value) in pairs {
            per.set(action, value);
        }
        per
    }

    /// The value of an action.
    pub fn get(&self, action: Action) -> T {
        self.0[action as usize]
    }

    /// Sets the value of an action.
    pub fn set(&mut self, action: Action, value: T) {
        self.0[action as usize] = value;
    }
}

impl<T: Copy + Default + PartialEq + Serialize> Serialize for PerAction<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for action in Action::ALL {
            if self.get(action) != T::default() {
                map.serialize_entry(action.as_str(), &self.get(action))?;
            }
        }
        map.end()
    }
}

impl<'de, T: Copy + Default + Deserialize<'de>> Deserialize<'de> for PerAction<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);
        impl<'de, T: Copy + Default + Deserialize<'de>> de::Visitor<'de> for Entries<T> {
            type Value = PerAction<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object from action to value")
            }
            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut per = PerAction::default();
                while let Some((action, value)) = map.next_entry::<Action, T>()? {
                    per.set(action, value);
                }
                Ok(per)
            }
        }
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

/// What may be done with a field. More open is greater, so the most restrictive of two is the minimum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// As if the field did not exist.
    #[default]
    Hidden,
    /// No more shows than [`crate::FieldType::mask`] leaves; no filter, sort or search.
    Masked,
    /// The value shows.
    Read,
    /// The value shows and may be changed.
    Write,
}

impl Access {
    /// The word used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Access::Hidden => "hidden",
            Access::Masked => "masked",
            Access::Read => "read",
            Access::Write => "write",
        }
    }

    /// True unless hidden: the field is in answers, masked or whole.
    pub fn is_visible(self) -> bool {
        self != Access::Hidden
    }

    /// True when the whole value shows.
    pub fn is_readable(self) -> bool {
        self >= Access::Read
    }

    /// True when the value may be changed.
    pub fn is_writable(self) -> bool {
        self == Access::Write
    }
}
