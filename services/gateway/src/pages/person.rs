//! What pages about somebody's account show alike: sessions, one-time passwords, and the networks of a lock.

use crate::pages::{ask::Posted, scene::Scene};
use gateway_ui::vm::{OneTime, Seen, SessionRow};
use proto::identity::v1::{SeenNetwork, SessionView, UserNetwork};

/// A session as its row shows it.
pub(crate) fn session_row(scene: &Scene, session: SessionView) -> SessionRow {
    SessionRow {
        current: session.current || session.session_id == scene.me.session.answer.session_id,
        created: scene.stamp(session.created_at_micros),
        seen: scene.stamp(session.last_seen_micros),
        id: session.session_id,
        browser: session.browser,
        network: session.network,
        support: session.support_access,
    }
}

/// A one-time password that was not used.
pub(crate) fn one_time(scene: &Scene, until_micros: i64, expired: bool) -> Option<OneTime> {
    scene.stamp_of(until_micros).map(|until| OneTime { until, expired })
}

/// The networks of somebody's failures.
pub(crate) fn seen(scene: &Scene, user: &str, seen: Vec<SeenNetwork>) -> Vec<Seen> {
    let view = |s: SeenNetwork| Seen {
        value: format!("{user} {}", s.network),
        network: s.network,
        failures: s.failures.unsigned_abs(),
        first: scene.stamp(s.first_micros),
        last: scene.stamp(s.last_micros),
        succeeded_before: s.succeeded_before,
    };
    seen.into_iter().map(view).collect()
}

/// The networks to trust: those that are ticked, if trusting is wished at all. What is proposed is ticked in the form, so
/// nothing is left to a default here.
pub(crate) fn chosen(posted: &Posted) -> Vec<UserNetwork> {
    if posted.text("trust") != "true" {
        return Vec::new();
    }
    let networks = posted.all("trust_network");
    let named = networks.iter().filter_map(|value| value.split_once(' '));
    named.map(|(user_id, network)| UserNetwork { user_id: user_id.into(), network: network.into() }).collect()
}
