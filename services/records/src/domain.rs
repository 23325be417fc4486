//! What records are, and what may happen to them: pure, without clock, I/O or panic.

pub mod module;
pub mod record;
pub mod value;
