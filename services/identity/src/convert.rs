//! Answers as messages.

use crate::{codec::subject_kind, domain::stage::Stage};
use kernel::{ActorKind, Timestamp};
use proto::identity::v1 as wire;
use uuid::Uuid;

/// A subject.
pub(crate) fn subject(kind: ActorKind, id: Uuid, name: &str, role: &str, locale: &str, login: &str) -> wire::Subject {
    wire::Subject {
        kind: subject_kind(kind).into(),
        id: id.to_string(),
        name: name.to_owned(),
        role: role.to_owned(),
        locale: locale.to_owned(),
        login: login.to_owned(),
    }
}

/// A stage on the wire.
pub(crate) fn stage(stage: Stage) -> wire::Stage {
    match stage {
        Stage::Complete => wire::Stage::Complete,
        Stage::Factor => wire::Stage::MfaRequired,
        Stage::Enrolment => wire::Stage::MfaEnrolmentRequired,
        Stage::PasswordChange => wire::Stage::PasswordChangeRequired,
        Stage::Terms => wire::Stage::TermsRequired,
    }
}

/// Microseconds since 1970; 0 for never.
pub(crate) fn micros(at: Option<Timestamp>) -> i64 {
    at.map_or(0, Timestamp::micros)
}
