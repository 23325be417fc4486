//! How long a session lives.

use kernel::{ActorKind, Timestamp};

#[cfg(test)]
mod tests;

/// Idle touches are written at most this often, so this is the precision of the idle time.
pub(crate) const TOUCH_SECONDS: i64 = 60;
/// How long an agent may look at the portal as a contact.
pub(crate) const SUPPORT_SECONDS: i64 = 30 * 60;

/// The limits of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Seconds without activity after which it ends.
    pub(crate) idle_seconds: i32,
    /// Seconds after which it ends in any case.
    pub(crate) absolute_seconds: i64,
}

impl Limits {
    /// The limits where nothing else is set. Contacts: 30 min idle, 12 h in all. Everybody else: 15 min and 8 h.
    pub(crate) fn of(kind: ActorKind) -> Limits {
        match kind {
            ActorKind::Contact => Limits { idle_seconds: 30 * 60, absolute_seconds: 12 * 3600 },
            ActorKind::Agent | ActorKind::Service | ActorKind::Company => {
                Limits { idle_seconds: 15 * 60, absolute_seconds: 8 * 3600 }
            }
        }
    }

    /// The same with the installation's idle time, in minutes.
    pub(crate) fn with_idle(self, minutes: i32) -> Limits {
        Limits { idle_seconds: minutes * 60, ..self }
    }

    /// The limits of an agent's look at the portal.
    pub(crate) fn of_support_access() -> Limits {
        Limits { idle_seconds: SUPPORT_SECONDS as i32, absolute_seconds: SUPPORT_SECONDS }
    }
}

/// What is known of a live session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lifetime {
    /// Last activity that was written down.
    pub(crate) last_seen: Timestamp,
    /// Idle limit in seconds.
    pub(crate) idle_seconds: i32,
    /// End in any case: the absolute limit, or the end of support when that is earlier.
    pub(crate) expires_at: Timestamp,
}

impl Lifetime {
    /// When it ends unless something happens before.
    pub(crate) fn idle_until(&self) -> Timestamp {
        self.last_seen.plus_seconds(i64::from(self.idle_seconds)).min(self.expires_at)
    }

    /// True while it is alive.
    pub(crate) fn is_alive(&self, now: Timestamp) -> bool {
        now < self.idle_until()
    }

    /// True when this activity is worth writing down.
    pub(crate) fn needs_touch(&self, now: Timestamp) -> bool {
        now >= self.last_seen.plus_seconds(TOUCH_SECONDS.min(i64::from(self.idle_seconds) / 4))
    }
}

/// The end of a session that is made now: the absolute limit, or the end of support when that is earlier.
pub(crate) fn expiry(now: Timestamp, limits: Limits, support_end: Option<Timestamp>) -> Timestamp {
    let absolute = now.plus_seconds(limits.absolute_seconds);
    support_end.map_or(absolute, |end| end.min(absolute))
}
