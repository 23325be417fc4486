//! Numbers that look random and are the same each time.

/// A generator (splitmix64): small, and what it gives depends on its seed alone.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: usize) -> Dice {
        Dice(u64::try_from(seed).unwrap_or_default())
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// One of the numbers from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = u64::try_from(high - low + 1).unwrap_or(1).max(1);
        low + i64::try_from(self.roll() % width).unwrap_or_default()
    }

    /// True in so many of a hundred cases.
    pub(super) fn percent(&mut self, cases: i64) -> bool {
        self.between(1, 100) <= cases
    }

    /// One of them; none of none.
    pub(super) fn one_of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let last = i64::try_from(all.len()).ok()?.checked_sub(1).filter(|last| *last >= 0)?;
        all.get(usize::try_from(self.between(0, last)).ok()?)
    }
}
