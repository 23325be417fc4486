//! One's own account: how it is secured, its recovery codes and tokens, and the steps of a login.

pub(crate) mod recovery;
pub(crate) mod security;
pub(crate) mod steps;
pub(crate) mod tokens;
