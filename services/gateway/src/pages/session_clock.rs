//! How long a session lasts still, for the page to count down.

use crate::{
    http::{clock::now_micros, hex::hex, sessions::Session},
    pages::ask::Ask,
};
use gateway_ui::vm::SessionClock;
use kernel::ActorKind;
use ring::hmac;

/// So many seconds before a session ends the page warns.
const WARN: i64 = 120;

/// Seconds until the session ends when nothing happens.
pub(crate) fn remaining(session: &Session) -> i64 {
    let ends = [session.answer.idle_expires_at_micros, session.answer.expires_at_micros];
    let end = ends.into_iter().filter(|at| *at > 0).min().unwrap_or_default();
    (end - now_micros()).max(0) / 1_000_000
}

/// The warning before the session ends, for people in a session of their own.
pub(crate) fn clock(ask: &Ask, session: &Session) -> Option<SessionClock> {
    let own = !session.support() && !session.is_program() && session.kind() != ActorKind::Company;
    let idle = i64::from(session.answer.idle_timeout_seconds);
    if !own || idle <= 0 {
        return None;
    }
    let owner = hmac::sign(&ask.app.key, session.subject().id.as_bytes());
    Some(SessionClock {
        seconds: remaining(session),
        warn: WARN.min(idle / 2),
        minutes: (idle / 60).max(1),
        extend_url: ask.url("/session/extend"),
        state_url: ask.url("/session/state"),
        sign_in_url: ask.look.sign_in_url(),
        owner: hex(owner.as_ref()).chars().take(16).collect(),
    })
}
