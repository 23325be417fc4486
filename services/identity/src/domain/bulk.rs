//! Giving access to many contacts: that it began, and how it ended. Stream `bulk_access-<job>`. What becomes of each
//! contact is an event of that contact's account, and a row of the job.

use kernel::Aggregate;
use uuid::Uuid;

#[cfg(test)]
mod tests;

/// Most contacts of one job.
pub(crate) const MAX_CONTACTS: usize = 20_000;

/// What is given to each contact of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) support_start: String,
    pub(crate) support_end: String,
    pub(crate) profile: String,
    pub(crate) mfa_required: bool,
    pub(crate) invite: bool,
}

/// A job, as far as decisions need it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum BulkAccess {
    #[default]
    Absent,
    Running,
    Over,
}

/// What someone wants of a job.
#[derive(Debug, Clone)]
pub(crate) enum Command {
    Start { job: Uuid, contacts: i32, terms: Terms },
    Finish { job: Uuid, enabled: i32, skipped: i32, cancelled: bool },
}

/// What happened to a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    Started { job: Uuid, contacts: i32, terms: Terms },
    Finished { job: Uuid, enabled: i32, skipped: i32, cancelled: bool },
}

/// Why a job does not do what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// There is no such job.
    Unknown,
}

impl Aggregate for BulkAccess {
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Rejection> {
        match (self, command) {
            (BulkAccess::Absent, Command::Start { job, contacts, terms }) => {
                Ok(vec![Event::Started { job, contacts, terms }])
            }
            (BulkAccess::Running, Command::Finish { job, enabled, skipped, cancelled }) => {
                Ok(vec![Event::Finished { job, enabled, skipped, cancelled }])
            }
            (BulkAccess::Running | BulkAccess::Over, Command::Start { .. })
            | (BulkAccess::Over, Command::Finish { .. }) => Ok(Vec::new()),
            (BulkAccess::Absent, Command::Finish { .. }) => Err(Rejection::Unknown),
        }
    }

    fn evolve(self, event: &Event) -> BulkAccess {
        match event {
            Event::Started { .. } => BulkAccess::Running,
            Event::Finished { .. } => BulkAccess::Over,
        }
    }
}
