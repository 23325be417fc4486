//! The numbers of the attempt guard: how many failures lock, and for how long.

/// Failures in a row that lock.
pub(crate) const FAILURES_TO_LOCK: i32 = 5;
/// Failures in a row after which only a reset or an agent unlocks.
pub(crate) const FAILURES_TO_HOLD: i32 = 100;
/// A count is forgotten this long after the last failure: 12 h.
pub(crate) const FORGET_AFTER_SECONDS: i64 = 12 * 3600;
/// The ladder starts again this long after the last failure: 24 h.
pub(crate) const LADDER_RESET_SECONDS: i64 = 24 * 3600;

/// How long the n-th lock lasts, in seconds, from the first: 15, 30, 60, … minutes, at most 24 h.
pub(crate) fn ladder_seconds() -> Vec<i64> {
    let doubling = (0..7).map(|step| (15 * 60) << step);
    doubling.map(|seconds: i64| seconds.min(24 * 3600)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_lock_lasts_twice_as_long_up_to_a_day() {
        let ladder = ladder_seconds();
        assert_eq!(ladder[..3], [900, 1800, 3600]);
        assert_eq!(ladder.last(), Some(&(15 * 60 * 64)));
        assert!(ladder.windows(2).all(|w| w[1] == w[0] * 2));
        assert!(ladder.iter().all(|s| *s <= 24 * 3600));
    }
}
