//! The numbers of the attempt guard: how many failures lock, and for how long.

/// A count is forgotten this long after the last failure: 12 h.
pub(crate) const FORGET_AFTER_SECONDS: i64 = 12 * 3600;
/// The ladder starts again this long after the last failure: 24 h.
pub(crate) const LADDER_RESET_SECONDS: i64 = 24 * 3600;
/// How long a login is trusted from a network: 24 h.
pub(crate) const TRUST_SECONDS: i64 = 24 * 3600;
/// A lock lasts no longer than this: 24 h.
const LONGEST_SECONDS: i64 = 24 * 3600;
/// Locks in a row of which each may last longer than the one before.
const LADDER: usize = 7;
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

    /// How long a lock lasts, in seconds, that is the n-th one after the other: up to the seventh each twice as long as the
    /// one before, and at most a day. None when it ends only by an agent or a reset, as every lock does from
    /// [`LockRules::hold_failures`] failures on.
    pub(crate) fn seconds_of_lock(&self, n: usize) -> Option<i64> {
        let doublings = n.clamp(1, LADDER) - 1;
        (!self.manual).then_some((self.first_seconds << doublings).min(LONGEST_SECONDS))
    }

    /// The same as a table from the first lock on, for the statement that counts; its last line holds for all that follow.
    pub(crate) fn ladder(&self) -> Vec<Option<i64>> {
        (1..=LADDER).map(|n| self.seconds_of_lock(n)).collect()
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

    fn rules() -> LockRules {
        LockRules { failures: 5, hold_failures: 100, first_seconds: 900, manual: false }
    }

    #[test]
    fn each_lock_lasts_twice_as_long_as_the_one_before_up_to_a_day() {
        let table = [(1, 900), (2, 1800), (3, 3600), (4, 7200), (5, 14_400), (6, 28_800), (7, 57_600), (8, 57_600)];
        for (n, seconds) in table {
            assert_eq!(rules().seconds_of_lock(n), Some(seconds), "lock {n}");
        }
        let long = LockRules { first_seconds: 80_000, ..rules() };
        assert_eq!([long.seconds_of_lock(1), long.seconds_of_lock(2)], [Some(80_000), Some(86_400)]);
    }

    #[test]
    fn with_locks_by_hand_none_ends_by_itself() {
        let manual = LockRules { manual: true, ..rules() };
        assert!((1..20).all(|n| manual.seconds_of_lock(n).is_none()));
        assert_eq!(manual.ladder(), [None; LADDER]);
    }

    #[test]
    fn the_last_line_of_the_table_holds_for_all_locks_that_follow() {
        let ladder = rules().ladder();
        for n in 1..40 {
            assert_eq!(ladder[n.min(ladder.len()) - 1], rules().seconds_of_lock(n), "lock {n}");
        }
    }

    #[test]
    fn a_trusted_network_has_more_failures_and_the_same_locks() {
        let trusted = rules().trusted();
        assert_eq!((trusted.failures, trusted.hold_failures), (25, 100));
        assert_eq!(trusted.ladder(), rules().ladder());
    }
}
