//! The tokens for programs of one account. Stream `tokens-<user>`; the tokens' hashes are rows beside the log.

use kernel::{Aggregate, FieldError, Timestamp};
use std::collections::BTreeMap;
use uuid::Uuid;

#[cfg(test)]
mod tests;

/// Live tokens that an account may have.
pub(crate) const MAX_LIVE: usize = 50;
/// Longest name, in characters.
const MAX_NAME: usize = 80;
/// Longest validity, in days.
const MAX_DAYS: i32 = 365;

/// What a token may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scope {
    /// Look.
    Read,
    /// Change.
    Write,
    /// Use the rights that the owner's role gives.
    Admin,
}

impl Scope {
    /// The word in messages.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Scope::Read => "read",
            Scope::Write => "write",
            Scope::Admin => "admin",
        }
    }

    /// The scope of a word.
    pub(crate) fn from_word(word: &str) -> Option<Scope> {
        [Scope::Read, Scope::Write, Scope::Admin].into_iter().find(|s| s.as_str() == word)
    }
}

/// What a new token is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wish {
    pub(crate) name: String,
    /// Sorted, each once, at least one.
    pub(crate) scopes: Vec<Scope>,
    pub(crate) valid_days: i32,
}

impl Wish {
    /// A wish from words; every bad field is named. Only agents have anything to administrate.
    pub(crate) fn parse(name: &str, scopes: &[String], days: i32, agent: bool) -> Result<Wish, Vec<FieldError>> {
        let mut faults = Vec::new();
        let mut fault = |field: &str, code: &'static str, message: &str| {
            faults.push(FieldError { field: field.to_owned(), code: code.into(), message: message.to_owned() });
        };
        let name = match kernel::text::line(name, MAX_NAME) {
            Ok(Some(name)) => name,
            Ok(None) => {
                fault("name", "required", "Please give a name.");
                String::new()
            }
            Err((code, message)) => {
                fault("name", code, message);
                String::new()
            }
        };
        let mut found = Vec::new();
        for word in scopes {
            match Scope::from_word(word) {
                Some(Scope::Admin) if !agent => fault("scopes", "not_for_contacts", "Only agents can have this scope."),
                Some(scope) if !found.contains(&scope) => found.push(scope),
                Some(_) => {}
                None => fault("scopes", "unknown_scope", "A scope is read, write or admin."),
            }
        }
        if scopes.is_empty() {
            fault("scopes", "required", "Please choose what the token may do.");
        }
        if !(1..=MAX_DAYS).contains(&days) {
            fault("valid_days", "out_of_range", "A token is valid for 1 to 365 days.");
        }
        found.sort_unstable();
        if faults.is_empty() { Ok(Wish { name, scopes: found, valid_days: days }) } else { Err(faults) }
    }
}

/// An account's tokens, as far as decisions need them: the end of each that was not revoked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Tokens(BTreeMap<Uuid, Timestamp>);

/// What someone wants of an account's tokens.
#[derive(Debug, Clone)]
pub(crate) enum Command {
    Create { user: Uuid, token: Uuid, name: String, scopes: Vec<Scope>, expires_at: Timestamp, now: Timestamp },
    Revoke { user: Uuid, token: Uuid },
}

/// What happened to an account's tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    Created { user: Uuid, token: Uuid, name: String, scopes: Vec<Scope>, expires_at: Timestamp },
    Revoked { user: Uuid, token: Uuid },
}

/// Why an account's tokens stay as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// There are as many live ones as there may be.
    TooMany,
    /// There is no such token.
    Unknown,
}

impl Aggregate for Tokens {
    type Command = Command;
    type Event = Event;
    type Rejection = Rejection;

    fn decide(&self, command: Command) -> Result<Vec<Event>, Rejection> {
        match command {
            Command::Create { user, token, name, scopes, expires_at, now } => {
                if self.0.values().filter(|end| **end > now).count() >= MAX_LIVE {
                    return Err(Rejection::TooMany);
                }
                Ok(vec![Event::Created { user, token, name, scopes, expires_at }])
            }
            Command::Revoke { user, token } if self.0.contains_key(&token) => Ok(vec![Event::Revoked { user, token }]),
            Command::Revoke { .. } => Err(Rejection::Unknown),
        }
    }

    fn evolve(mut self, event: &Event) -> Tokens {
        match event {
            Event::Created { token, expires_at, .. } => drop(self.0.insert(*token, *expires_at)),
            Event::Revoked { token, .. } => drop(self.0.remove(token)),
        }
        self
    }
}
