//! How a row beside the log refuses the append that it is part of, and how whoever asked for the append knows why.
//!
//! Only for what can be decided under the head lock alone, against read models of the same transaction: a refusal halves
//! the batch.

use eventlog::{LogError, Unwritten};

/// Why a row refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A row that was to be used up is gone: a token was used, or replaced, in between.
    RowIsGone,
    /// The session has ended, or has another token.
    SessionIsGone,
    /// The role was deleted in between.
    RoleIsGone,
    /// An agent was given the role in between.
    RoleInUse,
    /// Nobody would be left who may do everything.
    LastAdministrator,
    /// The company's link is not the open one any more.
    LinkNotOpen,
    /// Somebody of the company has access to the portal.
    PortalUserExists,
    /// A row of a bulk job is not as it was when the chunk was decided.
    BulkRowChanged,
    /// A bulk job went on while it was being ended.
    BulkMovedOn,
}

impl Refusal {
    const ALL: [Refusal; 9] = [
        Refusal::RowIsGone,
        Refusal::SessionIsGone,
        Refusal::RoleIsGone,
        Refusal::RoleInUse,
        Refusal::LastAdministrator,
        Refusal::LinkNotOpen,
        Refusal::PortalUserExists,
        Refusal::BulkRowChanged,
        Refusal::BulkMovedOn,
    ];

    /// The word by which the log hands it back.
    const fn word(self) -> &'static str {
        match self {
            Refusal::RowIsGone => "row_is_gone",
            Refusal::SessionIsGone => "session_is_gone",
            Refusal::RoleIsGone => "role_is_gone",
            Refusal::RoleInUse => "role_in_use",
            Refusal::LastAdministrator => "last_administrator",
            Refusal::LinkNotOpen => "link_not_open",
            Refusal::PortalUserExists => "portal_user_exists",
            Refusal::BulkRowChanged => "bulk_row_changed",
            Refusal::BulkMovedOn => "bulk_moved_on",
        }
    }

    /// The refusal that an append failed with, if one did.
    pub(crate) fn of(error: &LogError) -> Option<Refusal> {
        let LogError::SideRefused(word) = error else { return None };
        Refusal::ALL.into_iter().find(|refusal| refusal.word() == *word)
    }
}

impl From<Refusal> for Unwritten {
    fn from(refusal: Refusal) -> Unwritten {
        Unwritten::Refused(refusal.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_comes_back_as_itself() {
        for refusal in Refusal::ALL {
            assert_eq!(Refusal::of(&LogError::SideRefused(refusal.word())), Some(refusal));
        }
        assert_eq!(Refusal::of(&LogError::SideRefused("of another")), None);
        assert_eq!(Refusal::of(&LogError::Overloaded), None);
    }
}
