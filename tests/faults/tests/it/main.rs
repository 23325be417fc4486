//! Kill, partition, tamper: the log keeps its promises. Every test names its points of failure; all are bounded.

mod amnesia;
mod consumers;
mod crashes;
mod decide;
mod divergence;
mod gaps;
mod replica;
mod restore;
mod tampering;
mod world;
