//! Portal access of contacts: given, bounded, taken away, one by one or for many; invitations; what agents set for a contact,
//! and looking at the portal as one.

pub(crate) mod bulk;
mod change_login;
mod credentials;
pub(crate) mod enable;
mod invitations;
mod support;
mod view;
