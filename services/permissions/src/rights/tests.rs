use super::*;
use kernel::Channel;
use uuid::Uuid;

fn actor(kind: ActorKind, role: &str) -> Actor {
    Actor { kind, channel: Channel::Api, ..Actor::agent(Uuid::from_u128(1), role) }
}

/// What each of them may: administer, give, read, ask for others, watch.
fn allowed(actor: &Actor) -> [bool; 5] {
    [administer, give, read, ask_for_others, watch].map(|check| check(actor).is_ok())
}

#[test]
fn each_kind_of_caller_may_exactly_this() {
    let table = [
        (actor(ActorKind::Agent, "administrator"), [true, true, true, true, false]),
        (actor(ActorKind::Agent, "agent"), [false, true, true, true, false]),
        (actor(ActorKind::Agent, "viewer"), [false, false, true, true, false]),
        (actor(ActorKind::Contact, ""), [false, false, false, false, false]),
        // A role means nothing on a contact.
        (actor(ActorKind::Contact, "administrator"), [false, false, false, false, false]),
        (actor(ActorKind::Service, "records"), [false, true, true, true, true]),
        (actor(ActorKind::Service, "console"), [true, true, true, true, true]),
    ];
    for (actor, expected) in table {
        assert_eq!(allowed(&actor), expected, "{} {}", actor.kind.as_str(), actor.role);
    }
}

#[test]
fn nothing_is_changed_in_a_session_that_only_looks() {
    let administrator = Actor { read_only: true, ..actor(ActorKind::Agent, "administrator") };
    assert_eq!(change(&administrator).unwrap_err().reason, "read_only_session");
    assert!(change(&actor(ActorKind::Agent, "viewer")).is_ok(), "others are asked for their rights");
}

#[test]
fn an_administrator_who_acts_for_a_contact_is_the_contact() {
    let mut actor = actor(ActorKind::Contact, "");
    actor.on_behalf_of = Some(Uuid::from_u128(2));
    assert_eq!(administer(&actor).unwrap_err().reason, "administrators_only");
}
