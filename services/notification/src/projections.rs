//! Read models of notification's own log, written in the transaction of their events.

pub(crate) mod deliveries;
