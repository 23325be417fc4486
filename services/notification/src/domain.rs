//! What notification decides: the life of one message. Pure.

pub mod delivery;
