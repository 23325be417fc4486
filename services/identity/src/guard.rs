//! What stands between a guess and a secret: limits of sources, the queue of hashes, the count of attempts.

pub(crate) mod attempts;
pub(crate) mod hashing;
pub(crate) mod recorder;
pub(crate) mod sources;
pub(crate) mod trust;
