//! Who came into the portal without a password of their own: by a company's link, or as support. They go to the stream of
//! what happens around logins, `auth-<id>` of the company or of the contact; nothing is decided from them.

use kernel::Timestamp;
use uuid::Uuid;

/// Somebody came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Visit {
    /// By a company's secure link.
    LinkUsed { company: Uuid, session: Uuid, network: String, browser: String },
    /// An agent opened the portal as a contact.
    SupportStarted {
        user: Uuid,
        agent: Uuid,
        session: Uuid,
        reason: String,
        ticket: Option<Uuid>,
        write: bool,
        expires_at: Timestamp,
    },
}
