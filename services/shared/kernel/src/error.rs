//! The one error that crosses service boundaries: a code of ten, a stable reason, and a message fit for strangers.

use std::{borrow::Cow, collections::BTreeMap, error::Error as StdError, fmt};

/// The result of anything that can be refused or fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The kind of an error; each maps to one gRPC and one HTTP status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// The input breaks a rule.
    Invalid,
    /// No session, a dead one, or a credential that was not proved.
    Unauthenticated,
    /// Known, but not allowed.
    Forbidden,
    /// Unknown, or not visible to the caller; the two look the same.
    NotFound,
    /// The change contradicts what is there now.
    Conflict,
    /// The caller's version is stale, or a state that the command needs does not hold.
    Precondition,
    /// Too many requests.
    RateLimited,
    /// The deadline passed.
    Timeout,
    /// A dependency is away; trying again later can help.
    Unavailable,
    /// A failure that nobody expected.
    Internal,
}

/// One field of bad input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The field as the caller named it.
    pub field: String,
    /// Stable, snake_case.
    pub code: Cow<'static, str>,
    /// For people, in English; pages translate by `code`.
    pub message: String,
}

/// A refusal or failure on its way to becoming a response.
pub struct Error {
    /// Which of the ten.
    pub code: Code,
    /// Stable, snake_case; what programs compare.
    pub reason: Cow<'static, str>,
    /// For strangers: no names of tables, hosts or people.
    pub public: String,
    /// Bad fields, for [`Code::Invalid`].
    pub fields: Vec<FieldError>,
    /// Further facts for programs, for example the two versions of a conflict.
    pub facts: BTreeMap<String, String>,
    /// What really happened; logged once, never shown.
    pub source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// True when the same request would be refused again: nothing is away, nothing failed that nobody expected, and nobody
    /// was at it at the same moment.
    pub fn is_refusal(&self) -> bool {
        let passes = matches!(self.code, Code::Unavailable | Code::Timeout | Code::RateLimited | Code::Internal);
        !passes && self.reason != "concurrent_change"
    }

    /// An error with a code, a stable reason and a public message.
    pub fn new(code: Code, reason: impl Into<Cow<'static, str>>, public: impl Into<String>) -> Error {
        Error {
            code,
            reason: reason.into(),
            public: public.into(),
            fields: Vec::new(),
            facts: BTreeMap::new(),
            source: None,
        }
    }

    /// Bad input in one field.
    pub fn invalid_field(
        field: impl Into<String>,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Error {
        Error::invalid(vec![FieldError { field: field.into(), code: code.into(), message: message.into() }])
    }

    /// Bad input in several fields.
    pub fn invalid(fields: Vec<FieldError>) -> Error {
        let mut error = Error::new(Code::Invalid, "validation_failed", "Some fields are not right.");
        error.fields = fields;
        error
    }

    /// Unknown or not visible: byte for byte the same for both.
    pub fn not_found() -> Error {
        Error::new(Code::NotFound, "not_found", "There is nothing here that you can see.")
    }

    /// Known, but not allowed.
    pub fn forbidden(reason: impl Into<Cow<'static, str>>) -> Error {
        Error::new(Code::Forbidden, reason, "You may not do this.")
    }

    /// A dependency is away.
    pub fn unavailable(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
        let mut error = Error::new(
            Code::Unavailable,
            "temporarily_unavailable",
            "A part of the system is away at the moment. Please try again.",
        );
        error.source = Some(source.into());
        error
    }

    /// A failure that nobody expected.
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
        let mut error = Error::new(Code::Internal, "internal", "Something went wrong on our side.");
        error.source = Some(source.into());
        error
    }

    /// Adds a fact for programs.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl ToString) -> Error {
        self.facts.insert(key.to_owned(), value.to_string());
        self
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}: {}", self.code, self.reason, self.public)?;
        for e in &self.fields {
            write!(f, "; {} {}: {}", e.field, e.code, e.message)?;
        }
        for (k, v) in &self.facts {
            write!(f, "; {k}={v}")?;
        }
        let mut cause: Option<&(dyn StdError + 'static)> = self.source.as_ref().map(|s| s.as_ref() as _);
        while let Some(c) = cause {
            write!(f, ": {c}")?;
            cause = c.source();
        }
        Ok(())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl StdError for Error {}
