//! Answers as messages.

use crate::{
    codec::subject_kind,
    domain::{login::login_key, stage::Stage},
    queries::{AccessView, LockedView},
    trust::Seen,
};
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

/// A contact's portal access; without a view, that of somebody who never had any.
pub(crate) fn access(contact: Uuid, view: Option<AccessView>) -> wire::Access {
    let contact_id = contact.to_string();
    let Some(view) = view else {
        return wire::Access { contact_id, state: "none".into(), ..wire::Access::default() };
    };
    let state = match (view.enabled, view.has_password) {
        (false, _) => "none",
        (true, false) => "invited",
        (true, true) => "active",
    };
    let factors = [(view.totp, "totp"), (view.passkeys > 0, "passkey")];
    let login_is_email = !view.email.is_empty() && login_key(&view.login) == login_key(&view.email);
    wire::Access {
        contact_id,
        enabled: view.enabled,
        login: view.login,
        support_start: view.support_start,
        support_end: view.support_end,
        state: state.into(),
        last_login_micros: micros(view.last_login),
        locked: view.locked,
        locked_until_micros: micros(view.locked_until),
        invitation_expires_micros: micros(view.invitation_expires),
        version: view.version,
        suspended: view.suspended,
        mfa_required: view.mfa_required,
        factors: factors.into_iter().filter(|(there, _)| *there).map(|(_, word)| word.to_owned()).collect(),
        login_is_email,
        one_time_password: view.one_time_until.is_some() && !view.one_time_expired,
        one_time_until_micros: micros(view.one_time_until),
        one_time_expired: view.one_time_expired,
        pending_email: view.pending_email,
        seen: Vec::new(),
        sessions: i32::try_from(view.sessions).unwrap_or(i32::MAX),
        email: view.email,
    }
}

/// A locked user.
pub(crate) fn locked_user(view: LockedView, seen: &[Seen]) -> wire::LockedUser {
    wire::LockedUser {
        seen: seen.iter().filter(|s| s.user == view.user).map(seen_network).collect(),
        user_id: view.user.to_string(),
        login: view.login,
        name: view.name,
        kind: subject_kind(view.kind).into(),
        since_micros: view.since.micros(),
        locked_until_micros: micros(view.locked_until),
        failures: view.failures,
        ladder_step: view.ladder_step,
        networks: view.networks.into_iter().filter(|n| !n.is_empty()).collect(),
    }
}

/// Where failures came from.
pub(crate) fn seen_network(seen: &Seen) -> wire::SeenNetwork {
    wire::SeenNetwork {
        network: seen.network.clone(),
        failures: i32::try_from(seen.failures).unwrap_or(i32::MAX),
        first_micros: seen.first.micros(),
        last_micros: seen.last.micros(),
        succeeded_before: seen.succeeded_before,
    }
}

/// Microseconds since 1970; 0 for never.
pub(crate) fn micros(at: Option<Timestamp>) -> i64 {
    at.map_or(0, Timestamp::micros)
}
