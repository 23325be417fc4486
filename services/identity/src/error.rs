//! Rejections as errors: the code, the stable reason and the words for people.

use crate::domain::account::Rejection;
use kernel::{Code, Error};

impl From<Rejection> for Error {
    fn from(rejection: Rejection) -> Error {
        let (code, reason, public) = match rejection {
            Rejection::AccessAlreadyEnabled => {
                (Code::Conflict, "access_already_enabled", "This contact has portal access already.")
            }
            Rejection::AccessNotEnabled => {
                (Code::Precondition, "access_not_enabled", "This contact has no portal access.")
            }
            Rejection::IsAnAgent => (Code::Precondition, "is_an_agent", "Agents need no portal access."),
            Rejection::IdInUse => (Code::Conflict, "id_in_use", "This id belongs to another account."),
            Rejection::PasswordAlreadyChosen => {
                (Code::Precondition, "password_already_chosen", "This contact has chosen a password already.")
            }
            Rejection::SupportEnded => {
                (Code::Precondition, "support_ended", "The last day of support is over. Change the dates first.")
            }
            Rejection::InvitationUnusable => return invitation_unusable(),
            Rejection::Unknown => return Error::not_found(),
        };
        Error::new(code, reason, public)
    }
}

/// The one answer for every login that fails before the password is proved right: unknown, wrong, disabled, locked.
pub(crate) fn invalid_credentials() -> Error {
    Error::new(Code::Unauthenticated, "invalid_credentials", "The user name or the password is not right.")
}

/// The one answer for every session that is none: unknown, ended, expired, of the other surface.
pub(crate) fn no_session() -> Error {
    Error::new(Code::Unauthenticated, "session_invalid", "Please sign in.")
}

/// The one answer for every invitation that does not work: unknown, used, replaced, expired, of disabled access.
pub(crate) fn invitation_unusable() -> Error {
    Error::new(Code::Invalid, "invitation_unusable", "This link does not work any more. Please ask for a new one.")
}

/// The login belongs to somebody else.
pub(crate) fn login_taken(field: &str) -> Error {
    let mut error = Error::invalid_field(field, "login_taken", "Somebody else signs in with this address.");
    error.code = Code::Conflict;
    error.reason = "login_taken".into();
    error
}
