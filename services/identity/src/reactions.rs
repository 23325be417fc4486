//! What identity does about the records service's events.

mod contacts;
mod known;

pub(crate) use known::StoreDeletion;

use crate::identity::Identity;
use eventlog::{Handler, HandlerError};
use kernel::Error;
use std::sync::Arc;

impl Identity {
    /// What the service does about the records service's events.
    pub fn contacts_handler(self: &Arc<Identity>) -> Arc<dyn Handler> {
        Arc::new(contacts::Contacts(Arc::clone(self)))
    }

    /// What the service learns from the records service's events about contacts it may never have met.
    pub fn known_handler(self: &Arc<Identity>) -> Arc<dyn Handler> {
        Arc::new(known::ContactDetails(Arc::clone(self)))
    }
}

/// What a failure of ours means for the consumer.
pub(crate) fn failed(e: Error) -> HandlerError {
    match e.code {
        kernel::Code::Unavailable | kernel::Code::Timeout => HandlerError::Away(e.to_string()),
        _ => HandlerError::Retry(e.to_string()),
    }
}
