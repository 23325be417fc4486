//! From rejections to errors for callers.

use crate::domain::{
    contact_profile,
    default_profile::Rejection as DefaultRejection,
    profile::{Fault, MAX_NAME, Rejection},
};
use eventlog::{DecideError, LogError};
use kernel::{Code, Error, FieldError};
use uuid::Uuid;

/// Why a profile's command was refused.
pub(crate) fn profile(rejection: Rejection) -> Error {
    match rejection {
        Rejection::AlreadyExists => {
            Error::new(Code::Conflict, "profile_exists", "There is already a profile with this id.")
        }
        Rejection::Unknown => Error::not_found(),
        Rejection::NameIsFixed => {
            Error::invalid_field("/name", "name_is_fixed", "The name of a built-in profile can't be changed.")
        }
        Rejection::NotValid(faults) => {
            let field = |f: Fault| FieldError { field: f.path, code: f.code.into(), message: f.message };
            Error::invalid(faults.into_iter().map(field).collect())
        }
    }
}

/// Why a profile can't be the default or be given to a contact.
pub(crate) fn choice(rejection: DefaultRejection) -> Error {
    let (code, message) = match rejection {
        DefaultRejection::UnknownProfile => ("unknown_profile", "There is no such profile."),
        DefaultRejection::NotPublished => ("profile_not_published", "This profile was never published."),
    };
    Error::invalid_field("profile_id", code, message)
}

/// Why a contact can't be given a profile.
pub(crate) fn contact(rejection: contact_profile::Rejection) -> Error {
    match rejection {
        contact_profile::Rejection::UnknownContact => contact_unknown(),
        contact_profile::Rejection::Profile(rejection) => choice(rejection),
    }
}

/// A contact of whom nothing is known here (yet).
pub(crate) fn contact_unknown() -> Error {
    Error { reason: "contact_unknown".into(), ..Error::not_found() }
}

/// A contact that was deleted: it has no plan any more.
pub(crate) fn contact_deleted() -> Error {
    Error { reason: "contact_deleted".into(), ..Error::not_found() }
}

/// A contact signed in of whom records has not told us yet; a moment later it has.
pub(crate) fn contact_not_known_yet() -> Error {
    let mut error = Error::unavailable("the contact's creation has not arrived from records");
    error.reason = "contact_not_known_yet".into();
    error
}

/// The built-in profiles are not there yet: the first moments of a new installation.
pub(crate) fn not_seeded() -> Error {
    let mut error = Error::unavailable("no default profile was chosen yet");
    error.reason = "no_default_profile_yet".into();
    error
}

/// Without the modules nothing can be checked: the first moments of a new installation.
pub(crate) fn modules_not_known_yet() -> Error {
    let mut error = Error::unavailable("the modules' definitions have not arrived from records");
    error.reason = "modules_not_known_yet".into();
    error
}

/// Why nothing came of a profile's command. `claimant` is the profile itself.
pub(crate) fn decided(error: DecideError<Rejection>, claimant: Uuid) -> Error {
    match error {
        DecideError::Rejected(rejection) => profile(rejection),
        DecideError::Stale { expected: 0, .. } => profile(Rejection::AlreadyExists),
        DecideError::Stale { actual: 0, .. } => profile(Rejection::Unknown),
        DecideError::Stale { expected, actual } => stale(expected, actual),
        DecideError::Log(error) => append(error, claimant),
        DecideError::Overtaken => error.map_rejection(profile),
    }
}

/// Why the append of a profile's command failed. `claimant` is the profile itself.
pub(crate) fn append(error: LogError, claimant: Uuid) -> Error {
    match error {
        LogError::ClaimTaken { holder, .. } if holder != claimant => {
            Error::invalid_field("/name", "name_taken", "Another profile has this name.")
        }
        other => other.into(),
    }
}

/// Somebody saved or published in between.
pub(crate) fn stale(expected: i64, actual: i64) -> Error {
    Error::new(Code::Precondition, "stale_version", "Somebody else changed this profile. Please look at it again.")
        .with("expected", expected)
        .with("actual", actual)
}

/// A name that can't be.
pub(crate) fn name(code: &'static str) -> Error {
    let message = match code {
        "too_long" => format!("A name has at most {MAX_NAME} characters."),
        "control_character" => "A name has no control characters.".to_owned(),
        _ => "A profile needs a name.".to_owned(),
    };
    Error::invalid_field("/name", code, message)
}
