//! Portal access as the console keeps it: of a contact, of a company, of many at once; locks and live sessions.

pub(crate) mod activity;
pub(crate) mod bulk;
pub(crate) mod company;
pub(crate) mod contact;
pub(crate) mod credentials;
pub(crate) mod live;
pub(crate) mod locked;
mod outcome;
