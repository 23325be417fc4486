//! `kernel::Error` ↔ gRPC status, without loss: code, reason, public message, fields and facts.

use kernel::{Code, Error, FieldError};
use std::collections::{BTreeMap, HashMap};
use tonic::{Code as Grpc, Status};
use tonic_types::{ErrorDetails, StatusExt};

const DOMAIN: &str = "portico.dev";
/// Most bad fields that one answer names.
const MOST_FIELDS: usize = 20;
/// Longest text that goes into an answer's details, in bytes.
const LONGEST: usize = 120;

fn cut(text: &mut String) {
    if text.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
}

/// The status of an error. A failure (internal, unavailable) is logged here, once, with its cause.
pub fn status(mut error: Error) -> Status {
    match error.code {
        Code::Internal => {
            tracing::error!(event = "request.failed", error = %error, "a request failed")
        }
        Code::Unavailable => {
            tracing::warn!(event = "request.unavailable", error = %error, "a dependency is away")
        }
        _ => {}
    }
    // Details travel in a header, and callers choose the names in them: bounded, or a request could break the connection.
    error.fields.truncate(MOST_FIELDS);
    for field in &mut error.fields {
        cut(&mut field.field);
        cut(&mut field.message);
    }
    error.facts.values_mut().for_each(cut);
    cut(&mut error.public);
    let mut metadata: HashMap<String, String> = error.facts.into_iter().collect();
    for (i, field) in error.fields.iter().enumerate() {
        metadata.insert(format!("field_code.{i}"), field.code.to_string());
    }
    let mut details = ErrorDetails::with_error_info(error.reason.to_uppercase(), DOMAIN, metadata);
    for field in error.fields {
        details.add_bad_request_violation(field.field, field.message);
    }
    Status::with_error_details(grpc(error.code), error.public, details)
}

/// The error of a status that a service of ours sent, or that the transport made.
pub fn error_of(status: Status) -> Error {
    let details = status.get_error_details();
    let Some(info) = details.error_info().filter(|i| i.domain == DOMAIN) else {
        return from_transport(&status);
    };
    let mut error = Error::new(code(status.code()), info.reason.to_lowercase(), status.message());
    let mut facts: BTreeMap<String, String> = info.metadata.clone().into_iter().collect();
    if let Some(bad) = details.bad_request() {
        for (i, violation) in bad.field_violations.iter().enumerate() {
            error.fields.push(FieldError {
                field: violation.field.clone(),
                code: facts.remove(&format!("field_code.{i}")).unwrap_or_else(|| "invalid".into()).into(),
                message: violation.description.clone(),
            });
        }
    }
    error.facts = facts;
    error
}

fn from_transport(status: &Status) -> Error {
    let cause = format!("{}: {}", status.code(), status.message());
    match status.code() {
        Grpc::Unauthenticated => Error::new(Code::Unauthenticated, "unauthenticated", "Please sign in."),
        Grpc::PermissionDenied => Error::forbidden("forbidden"),
        Grpc::NotFound => Error::not_found(),
        Grpc::DeadlineExceeded | Grpc::Cancelled => {
            Error::new(Code::Timeout, "timeout", "This took too long. Please try again.")
        }
        Grpc::Unavailable | Grpc::ResourceExhausted => Error::unavailable(cause),
        // A connection that broke in the middle of a call looks like this.
        Grpc::Unknown => Error::unavailable(cause),
        _ => Error::internal(cause),
    }
}

fn grpc(code: Code) -> Grpc {
    match code {
        Code::Invalid => Grpc::InvalidArgument,
        Code::Unauthenticated => Grpc::Unauthenticated,
        Code::Forbidden => Grpc::PermissionDenied,
        Code::NotFound => Grpc::NotFound,
        Code::Conflict => Grpc::Aborted,
        Code::Precondition => Grpc::FailedPrecondition,
        Code::RateLimited => Grpc::ResourceExhausted,
        Code::Timeout => Grpc::DeadlineExceeded,
        Code::Unavailable => Grpc::Unavailable,
        Code::Internal => Grpc::Internal,
    }
}

fn code(grpc: Grpc) -> Code {
    match grpc {
        Grpc::InvalidArgument | Grpc::OutOfRange => Code::Invalid,
        Grpc::Unauthenticated => Code::Unauthenticated,
        Grpc::PermissionDenied => Code::Forbidden,
        Grpc::NotFound => Code::NotFound,
        Grpc::Aborted | Grpc::AlreadyExists => Code::Conflict,
        Grpc::FailedPrecondition => Code::Precondition,
        Grpc::ResourceExhausted => Code::RateLimited,
        Grpc::DeadlineExceeded | Grpc::Cancelled => Code::Timeout,
        Grpc::Unavailable => Code::Unavailable,
        _ => Code::Internal,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_survives_its_way_through_grpc() {
        let codes = [
            Code::Invalid,
            Code::Unauthenticated,
            Code::Forbidden,
            Code::NotFound,
            Code::Conflict,
            Code::Precondition,
            Code::RateLimited,
            Code::Timeout,
        ];
        for code in codes {
            let mut error = Error::new(code, "some_reason", "Some words.").with("expected", 3);
            error.fields.push(FieldError { field: "title".into(), code: "required".into(), message: "Needed.".into() });
            let back = error_of(status(error));
            assert_eq!((back.code, &*back.reason, &*back.public), (code, "some_reason", "Some words."));
            assert_eq!(back.facts["expected"], "3");
            assert_eq!((&*back.fields[0].field, &*back.fields[0].code), ("title", "required"));
        }
    }

    #[test]
    fn a_cause_never_leaves_the_process() {
        let status = status(Error::internal("table accounts_v1 does not exist"));
        assert!(!format!("{status:?}").contains("accounts_v1"));
    }
}
