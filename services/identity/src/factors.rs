//! Second factors and passkeys: set up, shown at a login or in one's own account, removed, reset by an agent.

mod change;
mod check;
mod oversight;
pub(crate) mod passkeys;
mod recovery;
mod security;
pub(crate) mod totp;
