//! Answers as messages.

use crate::{
    codec::subject_kind,
    queries::{AccessView, LockedView},
};
use kernel::{ActorKind, Timestamp};
use proto::identity::v1 as wire;
use uuid::Uuid;

/// A subject.
pub(crate) fn subject(kind: ActorKind, id: Uuid, name: &str, role: &str, locale: &str) -> wire::Subject {
    wire::Subject {
        kind: subject_kind(kind).into(),
        id: id.to_string(),
        name: name.to_owned(),
        role: role.to_owned(),
        locale: locale.to_owned(),
        login: String::new(),
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
        ..wire::Access::default()
    }
}

/// A locked user.
pub(crate) fn locked_user(view: LockedView) -> wire::LockedUser {
    wire::LockedUser {
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

/// Microseconds since 1970; 0 for never.
fn micros(at: Option<Timestamp>) -> i64 {
    at.map_or(0, Timestamp::micros)
}
