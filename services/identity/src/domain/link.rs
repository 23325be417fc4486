//! A company's secure link: opens the portal for who has it, as long as nobody of the company is a portal user. Stream
//! `company_link-<company>`; the link's hash is a row beside the log.

use kernel::{Aggregate, Timestamp};
use uuid::Uuid;

#[cfg(test)]
mod tests;

/// How long a link is valid when nothing else is asked for, in days.
pub(crate) const USUAL_DAYS: i32 = 30;
/// Longest validity, in days.
pub(crate) const MAX_DAYS: i32 = 365;

/// A company's link, as far as decisions need it: the open one's id.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct CompanyLink(pub(crate) Option<Uuid>);

/// What someone wants of a company's link.
#[derive(Debug, Clone)]
pub(crate) enum Command {
    /// A new link; the one before dies.
    Issue {
        company: Uuid,
        link: Uuid,
        expires_at: Timestamp,
    },
    Revoke {
        company: Uuid,
    },
}

/// What happened to a company's link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    Issued { company: Uuid, link: Uuid, expires_at: Timestamp },
    Revoked { company: Uuid, link: Uuid },
}

/// Nothing speaks against a link whose dates are right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejection {}

impl Aggregate for CompanyLink {
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Rejection> {
        Ok(match command {
            Command::Issue { company, link, expires_at } => vec![Event::Issued { company, link, expires_at }],
            Command::Revoke { company } => self.0.iter().map(|&link| Event::Revoked { company, link }).collect(),
        })
    }

    fn evolve(self, event: &Event) -> CompanyLink {
        match event {
            Event::Issued { link, .. } => CompanyLink(Some(*link)),
            Event::Revoked { .. } => CompanyLink(None),
        }
    }
}
