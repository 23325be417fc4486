//! Ways in and out: signing in, links that come by mail, invitations, keeping a session alive.

pub(crate) mod invitation;
pub(crate) mod link;
pub(crate) mod proofs;
pub(crate) mod recover;
pub(crate) mod session;
pub(crate) mod sign_in;
