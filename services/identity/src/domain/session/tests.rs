use super::*;
use proptest::prelude::*;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(1_700_000_000_000_000).plus_seconds(seconds)
}

#[test]
fn a_contact_may_be_idle_for_half_an_hour() {
    let limits = Limits::of(ActorKind::Contact);
    let life =
        Lifetime { last_seen: at(0), idle_seconds: limits.idle_seconds, expires_at: expiry(at(0), limits, None) };
    assert!(life.is_alive(at(30 * 60 - 1)));
    assert!(!life.is_alive(at(30 * 60)));
}

#[test]
fn an_agent_has_less_time() {
    let limits = Limits::of(ActorKind::Agent);
    assert_eq!((limits.idle_seconds, limits.absolute_seconds), (900, 28_800));
}

#[test]
fn activity_does_not_outlast_the_absolute_limit() {
    let limits = Limits::of(ActorKind::Contact);
    let expires_at = expiry(at(0), limits, None);
    let life = Lifetime { last_seen: at(12 * 3600 - 10), idle_seconds: limits.idle_seconds, expires_at };
    assert!(life.is_alive(at(12 * 3600 - 1)));
    assert!(!life.is_alive(at(12 * 3600)));
}

#[test]
fn a_session_ends_with_the_support() {
    let limits = Limits::of(ActorKind::Contact);
    assert_eq!(expiry(at(0), limits, Some(at(100))), at(100));
    assert_eq!(expiry(at(0), limits, Some(at(13 * 3600))), at(12 * 3600));
}

proptest! {
    #[test]
    fn a_session_is_never_alive_after_its_end(seen in 0_i64..100_000, idle in 1_i32..4000, end in 0_i64..100_000, now in 0_i64..200_000) {
        let life = Lifetime { last_seen: at(seen), idle_seconds: idle, expires_at: at(end) };
        if life.is_alive(at(now)) {
            prop_assert!(now < end && now < seen + i64::from(idle));
        }
    }

    #[test]
    fn activity_is_written_down_before_the_idle_time_is_over(idle in 4_i32..4000) {
        let life = Lifetime { last_seen: at(0), idle_seconds: idle, expires_at: at(1_000_000) };
        prop_assert!(life.needs_touch(at(i64::from(idle) - 1)));
        prop_assert!(life.is_alive(at(i64::from(idle) - 1)));
    }
}
