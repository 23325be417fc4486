//! What is known when a mail's turn comes: what all mails of the installation share, what is to be sent, and to whom.

use crate::{domain::delivery::Order, links::Links, recipients::Recipient, wording::Language};
use jiff::tz::TimeZone;
use kernel::Timestamp;
use std::collections::BTreeMap;

/// A module, as far as a mail needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Module {
    /// Language tag → what one record is called.
    pub singular: BTreeMap<String, String>,
}

impl Module {
    pub(crate) fn label(&self, language: Language, name: &str) -> String {
        let labels = &self.singular;
        labels
            .get(language.code())
            .or_else(|| labels.get(Language::ENGLISH.code()))
            .cloned()
            .unwrap_or_else(|| name.to_owned())
    }
}

/// What all mails of an installation share.
#[derive(Debug, Clone)]
pub struct Installation {
    /// Where mails lead to.
    pub links: Links,
    /// The operating company.
    pub company: String,
    /// Zone in which times are written.
    pub zone: TimeZone,
    /// Language of recipients who have none.
    pub language: Language,
    /// Short id of the installation.
    pub id: String,
    /// The operator's own address, for what would reach nobody.
    pub fallback: Option<String>,
    /// Contacts who can't sign in get answers too, as a text that stands alone.
    pub mail_without_access: bool,
}

/// What is known when a mail's turn comes.
pub struct Turn<'a> {
    /// What is to be sent.
    pub order: &'a Order,
    /// The recipient as known now.
    pub recipient: Option<&'a Recipient>,
    /// The record's module, for mails about records.
    pub module: Option<&'a Module>,
    /// The time.
    pub now: Timestamp,
}
