//! Links: of invitations, of mails that lead to a password or another login, and of companies.

pub(crate) mod company;
pub(crate) mod invitations;
mod login_change;
pub(crate) mod mail;
