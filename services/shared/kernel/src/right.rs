//! What an agent may do beyond records.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A right beyond records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Give contacts portal access, change it, send invitations and reset links.
    ManageAccess,
    /// See locked users and unlock them.
    Unlock,
    /// Profiles, rules, modules, templates, settings.
    Configure,
    /// Agents, roles, groups, tokens of programs.
    ManageAgents,
    /// Open the portal as a contact, to look.
    Impersonate,
    /// Change things while looking at the portal as a contact.
    ImpersonateWrite,
    /// The audit of the installation.
    ReadAudit,
    /// Restore deleted records, and see them.
    Restore,
}

impl Right {
    /// Every right.
    pub const ALL: [Right; 8] = [
        Right::ManageAccess,
        Right::Unlock,
        Right::Configure,
        Right::ManageAgents,
        Right::Impersonate,
        Right::ImpersonateWrite,
        Right::ReadAudit,
        Right::Restore,
    ];

    /// The word used in JSON, in tokens and in roles.
    pub fn as_str(self) -> &'static str {
        match self {
            Right::ManageAccess => "manage_access",
            Right::Unlock => "unlock",
            Right::Configure => "configure",
            Right::ManageAgents => "manage_agents",
            Right::Impersonate => "impersonate",
            Right::ImpersonateWrite => "impersonate_write",
            Right::ReadAudit => "read_audit",
            Right::Restore => "restore",
        }
    }

    /// The right of a word.
    pub fn from_word(word: &str) -> Option<Right> {
        Right::ALL.into_iter().find(|r| r.as_str() == word)
    }
}

/// A set of rights.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rights(BTreeSet<Right>);

impl Rights {
    /// No right at all.
    pub const fn none() -> Rights {
        Rights(BTreeSet::new())
    }

    /// From single rights.
    pub fn of(rights: &[Right]) -> Rights {
        Rights(rights.iter().copied().collect())
    }

    /// The rights of a built-in role of agents; none for every other word.
    pub fn of_role(role: &str) -> Rights {
        match role {
            "administrator" => Rights::of(&Right::ALL),
            "agent" => Rights::of(&[Right::ManageAccess, Right::Restore]),
            _ => Rights::none(),
        }
    }

    /// True when the right is in the set.
    pub fn contains(&self, right: Right) -> bool {
        self.0.contains(&right)
    }

    /// True when there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The rights.
    pub fn iter(&self) -> impl Iterator<Item = Right> {
        self.0.iter().copied()
    }
}

impl FromIterator<Right> for Rights {
    fn from_iter<I: IntoIterator<Item = Right>>(rights: I) -> Rights {
        Rights(rights.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_is_known_by_its_word_and_serde_writes_the_same_word() {
        for right in Right::ALL {
            assert_eq!(Right::from_word(right.as_str()), Some(right));
            let json = serde_json::to_value(right).expect("a right is plain JSON");
            assert_eq!(json, right.as_str());
        }
        assert_eq!(Right::from_word("fly"), None);
    }
}
