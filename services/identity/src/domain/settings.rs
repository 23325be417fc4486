//! The installation's security settings: one document, changed as a whole. Stream `settings`.

use kernel::{Aggregate, FieldError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[cfg(test)]
mod tests;

/// Most characters of the terms of use, in one language.
const MAX_TERMS: usize = 20_000;
/// Most characters of the words about whom to ask.
const MAX_HELP: usize = 500;
/// Most languages of the terms.
const MAX_LANGUAGES: usize = 20;

/// Who must have a second factor, whatever is required of single users.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MfaScope {
    Nobody,
    Agents,
    Contacts,
    Everybody,
}

impl MfaScope {
    /// The word in messages.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            MfaScope::Nobody => "nobody",
            MfaScope::Agents => "agents",
            MfaScope::Contacts => "contacts",
            MfaScope::Everybody => "everybody",
        }
    }

    /// The scope of a word.
    pub(crate) fn from_word(word: &str) -> Option<MfaScope> {
        [MfaScope::Nobody, MfaScope::Agents, MfaScope::Contacts, MfaScope::Everybody]
            .into_iter()
            .find(|s| s.as_str() == word)
    }

    /// True when contacts must have a second factor.
    pub(crate) fn includes_contacts(self) -> bool {
        matches!(self, MfaScope::Contacts | MfaScope::Everybody)
    }

    /// True when agents must have a second factor.
    pub(crate) fn includes_agents(self) -> bool {
        matches!(self, MfaScope::Agents | MfaScope::Everybody)
    }
}

/// How a lock ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LockMode {
    /// After a time that grows with each lock.
    Timed,
    /// Only by an agent, or by the owner with a reset link.
    Manual,
}

impl LockMode {
    /// The word in messages.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            LockMode::Timed => "timed",
            LockMode::Manual => "manual",
        }
    }

    /// The mode of a word.
    pub(crate) fn from_word(word: &str) -> Option<LockMode> {
        [LockMode::Timed, LockMode::Manual].into_iter().find(|m| m.as_str() == word)
    }
}

/// The settings. Stored as JSON: a field that is added later reads as its default in older documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Document {
    pub(crate) require_mfa: MfaScope,
    pub(crate) lock_mode: LockMode,
    /// Failures in a row that lock.
    pub(crate) lock_failures: i32,
    /// Minutes without activity after which a session of the portal ends.
    pub(crate) portal_idle_minutes: i32,
    /// The same for the console.
    pub(crate) console_idle_minutes: i32,
    /// Secure links of companies work at all.
    pub(crate) company_links: bool,
    pub(crate) terms_required: bool,
    /// Markdown by language.
    pub(crate) terms: BTreeMap<String, String>,
    /// Whom to ask who can't reset the password alone.
    pub(crate) help_contact: String,
}

impl Default for Document {
    fn default() -> Document {
        Document {
            require_mfa: MfaScope::Nobody,
            lock_mode: LockMode::Timed,
            lock_failures: 5,
            portal_idle_minutes: 30,
            console_idle_minutes: 15,
            company_links: false,
            terms_required: false,
            terms: BTreeMap::new(),
            help_contact: String::new(),
        }
    }
}

impl Document {
    /// What is wrong with it, field by field.
    pub(crate) fn faults(&self) -> Vec<FieldError> {
        let mut faults = Vec::new();
        let mut check = |right: bool, field: &str, code: &'static str, message: &str| {
            if !right {
                faults.push(FieldError { field: field.to_owned(), code: code.into(), message: message.to_owned() });
            }
        };
        check((3..=10).contains(&self.lock_failures), "lock_failures", "out_of_range", "From 3 to 10 failures lock.");
        let idle = "A session ends after 5 to 60 minutes without activity.";
        check((5..=60).contains(&self.portal_idle_minutes), "portal_idle_minutes", "out_of_range", idle);
        check((5..=60).contains(&self.console_idle_minutes), "console_idle_minutes", "out_of_range", idle);
        check(self.terms.len() <= MAX_LANGUAGES, "terms", "out_of_range", "At most 20 languages have terms.");
        for (language, text) in &self.terms {
            let field = format!("terms.{language}");
            let known = super::login::locale_is_valid(language);
            check(known, &field, "not_a_language", "Please give a language, for example en or it.");
            let misfit = kernel::text::lines(text, MAX_TERMS).err();
            misfit.into_iter().for_each(|(code, message)| check(false, &field, code, message));
        }
        let missing = self.terms_required && self.terms.values().all(|text| text.trim().is_empty());
        check(!missing, "terms", "required", "Terms that are to be accepted need a text.");
        match kernel::text::lines(&self.help_contact, MAX_HELP) {
            Err(kernel::text::TOO_LONG) => {
                check(false, "help_contact", "too_long", "Please use at most 500 characters.");
            }
            Err(_) => check(false, "help_contact", "not_plain_text", "Please use plain text."),
            Ok(_) => {}
        }
        faults
    }
}

/// The settings, and how often their terms have changed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct SecuritySettings {
    pub(crate) document: Document,
    /// 0 while there never were any terms.
    pub(crate) terms_version: i32,
}

/// What someone wants of the settings.
#[derive(Debug, Clone)]
pub(crate) enum Command {
    Change(Document),
}

/// What happened to the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    Changed { document: Document, terms_version: i32 },
}

/// Nothing speaks against a change whose fields are right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejection {}

impl Aggregate for SecuritySettings {
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Rejection> {
        let Command::Change(document) = command;
        if document == self.document {
            return Ok(Vec::new());
        }
        let terms_version = self.terms_version + i32::from(document.terms != self.document.terms);
        Ok(vec![Event::Changed { document, terms_version }])
    }

    fn evolve(self, event: &Event) -> SecuritySettings {
        let Event::Changed { document, terms_version } = event;
        SecuritySettings { document: document.clone(), terms_version: *terms_version }
    }
}
