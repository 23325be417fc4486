//! Rejections as errors: the code, the stable reason and the words for people.

use crate::{domain::account::Rejection, refusal::Refusal};
use eventlog::{DecideError, LogError};
use kernel::{Code, Error, FieldError, text::Misfit};

/// A text in the form in which it is kept. What is wrong with it joins the other faults, and then it is empty.
pub(crate) fn kept(field: &str, text: Result<String, Misfit>, faults: &mut Vec<FieldError>) -> String {
    text.unwrap_or_else(|(code, message)| {
        faults.push(FieldError { field: field.to_owned(), code: code.into(), message: message.to_owned() });
        String::new()
    })
}

/// What is wrong with the text of one field.
pub(crate) fn misfit(field: &str, (code, message): Misfit) -> Error {
    Error::invalid_field(field, code, message)
}

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
            Rejection::IsNoAgent => (Code::Precondition, "is_no_agent", "This is not an agent."),
            Rejection::IdInUse => (Code::Conflict, "id_in_use", "This id belongs to another account."),
            Rejection::PasswordAlreadyChosen => {
                (Code::Precondition, "password_already_chosen", "This contact has chosen a password already.")
            }
            Rejection::SupportEnded => {
                (Code::Precondition, "support_ended", "The last day of support is over. Change the dates first.")
            }
            Rejection::NotInvited => (Code::Precondition, "not_invited", "There is no open invitation."),
            Rejection::InvitationUnusable => return invitation_unusable(),
            Rejection::LinkUnusable => return link_unusable(),
            Rejection::LoginIsNoEmail => (
                Code::Precondition,
                "login_is_no_email",
                "This user does not sign in with an e-mail address, so no link can be sent. Set a one-time password instead.",
            ),
            Rejection::FactorRequired => {
                (Code::Precondition, "factor_required", "A second factor is required here. Add another one first.")
            }
            Rejection::NoSuchFactor => return Error::not_found(),
            Rejection::NoFactor => (Code::Precondition, "no_factor", "There is no second factor yet."),
            Rejection::IsAProgram => (Code::Precondition, "is_a_program", "A program's account has no password."),
            Rejection::Unknown => return Error::not_found(),
        };
        Error::new(code, reason, public)
    }
}

/// The one answer for every login that fails before the password is proved right: unknown, wrong, disabled, locked.
pub(crate) fn invalid_credentials() -> Error {
    Error::new(Code::Unauthenticated, "invalid_credentials", "The user name or the password is not right.")
}

/// Nobody has this id.
pub(crate) fn user_unknown() -> Error {
    Error::not_found()
}

/// The one answer for every session that is none: unknown, ended, expired, of the other surface.
pub(crate) fn no_session() -> Error {
    Error::new(Code::Unauthenticated, "session_invalid", "Please sign in.")
}

/// The one answer for every invitation that does not work: unknown, used, replaced, expired, of disabled access.
pub(crate) fn invitation_unusable() -> Error {
    Error::new(Code::Invalid, "invitation_unusable", "This link does not work any more. Please ask for a new one.")
}

/// The one answer for every link that does not work: unknown, used, replaced, expired, of another kind.
pub(crate) fn link_unusable() -> Error {
    Error::new(Code::Invalid, "link_unusable", "This link does not work any more. Please ask for a new one.")
}

/// The login belongs to somebody else.
pub(crate) fn login_taken(field: &str) -> Error {
    let mut error = Error::invalid_field(field, "login_taken", "Somebody else signs in with this address.");
    error.code = Code::Conflict;
    error.reason = "login_taken".into();
    error
}

/// What nobody does to their own account from here.
pub(crate) fn not_yourself() -> Error {
    let public = "Not with your own account. What is your own, you change on your account's page; your role, another \
                  administrator does.";
    Error::new(Code::Precondition, "not_yourself", public)
}

/// A code that is not right, where saying so tells nothing.
pub(crate) fn wrong_code(field: &str) -> FieldError {
    FieldError {
        field: field.to_owned(),
        code: "wrong_code".into(),
        message: "This code is not right. Codes change every 30 seconds; is the clock of your device right?".to_owned(),
    }
}

/// Why nothing came of an append, where a claim can only be that of a login.
pub(crate) fn unappended(e: LogError) -> Error {
    match (&e, Refusal::of(&e)) {
        (_, Some(refusal)) => refusal.into(),
        (LogError::ClaimTaken { .. }, None) => login_taken("email"),
        (_, None) => e.into(),
    }
}

/// Why nothing came of a command, with what its rows may refuse.
pub(crate) fn undecided<R: Into<Error>>(e: DecideError<R>) -> Error {
    match e {
        DecideError::Log(e) => Refusal::of(&e).map_or_else(|| e.into(), Error::from),
        e => e.into(),
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Error {
        match refusal {
            Refusal::RowIsGone | Refusal::LinkNotOpen => link_unusable(),
            Refusal::SessionIsGone => no_session(),
            Refusal::RoleIsGone => Error::invalid_field("role", "unknown_role", "There is no such role."),
            Refusal::RoleInUse => role_in_use(),
            Refusal::LastAdministrator => {
                let public = "One administrator must be left who can sign in.";
                Error::new(Code::Precondition, "last_administrator", public)
            }
            Refusal::PortalUserExists => {
                let public = "Somebody of this company has access to the portal. Please sign in.";
                Error::new(Code::Precondition, "sign_in_instead", public)
            }
            Refusal::BulkRowChanged | Refusal::BulkMovedOn => concurrent_change(),
        }
    }
}

/// Agents have a role that is to go.
pub(crate) fn role_in_use() -> Error {
    Error::new(Code::Conflict, "role_in_use", "Agents have this role. Please give them another one first.")
}

/// Others were faster each time.
pub(crate) fn concurrent_change() -> Error {
    Error::new(Code::Conflict, "concurrent_change", "Somebody changed this at the same moment.")
}

/// A failure of a statement outside of an append.
pub(crate) fn database(e: sqlx::Error) -> Error {
    LogError::from(e).into()
}
