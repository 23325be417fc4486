//! Names of identity's events for other services and programs.

use eventlog::{Announce, Announcement, Owner, Recorded};
use proto::{
    event::StoredEvent,
    identity::v1::{InvitationIssued, LoginChangeRequested, LoginChanged, PasswordResetRequested, PasswordSet},
};

/// Names identity's events: `account.locked`, `access.enabled` and so on. Invitations and passwords are nobody's business
/// but our own services'.
pub(crate) struct Announced;

/// What orders a mail with a link, or names the address behind a login.
const INTERNAL: [&str; 5] = [
    InvitationIssued::STORED_TYPE,
    PasswordSet::STORED_TYPE,
    PasswordResetRequested::STORED_TYPE,
    LoginChangeRequested::STORED_TYPE,
    LoginChanged::STORED_TYPE,
];

/// An account has three streams: what it is, what happens around its logins, and its tokens.
const OWNERS: [Owner; 7] = [
    Owner { category: "user", field: "user_id", suffix: "" },
    Owner { category: "auth", field: "user_id", suffix: "/sign-ins" },
    Owner { category: "tokens", field: "user_id", suffix: "/tokens" },
    Owner { category: "role", field: "role_id", suffix: "" },
    Owner { category: "group", field: "group_id", suffix: "" },
    Owner { category: "company_link", field: "company_id", suffix: "/links" },
    Owner { category: "bulk_access", field: "job_id", suffix: "" },
];

impl Announce for Announced {
    fn announce(&self, event: &Recorded, json: &serde_json::Value) -> Announcement {
        Announcement { public: !INTERNAL.contains(&&*event.stored_type), ..Announcement::of(event, json, &OWNERS) }
    }
}
