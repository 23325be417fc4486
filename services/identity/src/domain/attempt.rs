//! The numbers of the attempt guard: how many failures lock, and for how long.

/// A count is forgotten this long after the last failure: 12 h.
pub(crate) const FORGET_AFTER_SECONDS: i64 = 12 * 3600;
/// The ladder starts again this long after the last failure: 24 h.
pub(crate) const LADDER_RESET_SECONDS: i64 = 24 * 3600;
/// How long a login is trusted from a network: 24 h.
pub(crate) const TRUST_SECONDS: i64 = 24 * 3600;
/// So many times as many failures lock a login that is trusted from a network, there.
const TRUSTED_TIMES: i32 = 5;

/// What locks, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LockRules {
    /// Failures in a row that lock.
    pub(crate) failures: i32,
    /// Failures in a row after which only a reset or an agent unlocks.
    pub(crate) hold_failures: i32,
    /// How long the first lock lasts.
    pub(crate) first_seconds: i64,
    /// Every lock waits for an agent or a reset.
    pub(crate) manual: bool,
}

impl LockRules {
    /// The same for attempts from a network that the login is trusted from: more of them, but not any number.
    pub(crate) fn trusted(self) -> LockRules {
        LockRules { failures: self.failures * TRUSTED_TIMES, ..self }
    }

    /// How long the n-th lock lasts, in seconds, from the first: each twice as long, at most 24 h.
    pub(crate) fn ladder(&self) -> Vec<i64> {
        let doubling = (0..7).map(|step| self.first_seconds << step);
        doubling.map(|seconds: i64| seconds.min(24 * 3600)).collect()
    }
}

/// Which secret is guessed at; each is counted apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guess {
    /// A password: at login, at a step-up, when it is changed.
    Password,
    /// A code of a second factor.
    Factor,
    /// A password in a browser that has logged in before: a budget of its own, so that a stranger who locks the login
    /// does not lock its owner out.
    Device,
    /// A password from a network that the login is trusted from: a budget of its own, larger than the others.
    Trusted,
}

impl Guess {
    /// The number in the table.
    pub(crate) fn number(self) -> i16 {
        match self {
            Guess::Password => 1,
            Guess::Factor => 2,
            Guess::Device => 3,
            Guess::Trusted => 4,
        }
    }

    /// The guess of a number in the table; None for what is none.
    pub(crate) fn from_number(number: i16) -> Option<Guess> {
        [Guess::Password, Guess::Factor, Guess::Device, Guess::Trusted].into_iter().find(|g| g.number() == number)
    }
}

/// What a guess is counted under: which secret, and whose.
pub(crate) type Budget = (Guess, Vec<u8>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_lock_lasts_twice_as_long_up_to_a_day() {
        let rules = LockRules { failures: 5, hold_failures: 100, first_seconds: 900, manual: false };
        let ladder = rules.ladder();
        assert_eq!(ladder[..3], [900, 1800, 3600]);
        assert_eq!(ladder.last(), Some(&(15 * 60 * 64)));
        assert!(ladder.windows(2).all(|w| w[1] == w[0] * 2));
        let long = LockRules { first_seconds: 80_000, ..rules }.ladder();
        assert_eq!(long[..2], [80_000, 86_400]);
    }
}
