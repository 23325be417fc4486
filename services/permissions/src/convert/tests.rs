use super::*;
use kernel::{ActorKind, Channel, Timestamp};
use proptest::prelude::*;
use std::sync::Arc;

fn recorded((stored_type, payload): Encoded) -> Recorded {
    Recorded {
        position: 1,
        stream: Uuid::nil(),
        version: 1,
        event_id: Uuid::nil(),
        stored_type: Arc::from(stored_type),
        recorded_at: Timestamp::default(),
        actor_id: Uuid::nil(),
        actor_kind: ActorKind::Service,
        on_behalf_of: None,
        channel: Channel::System,
        session: None,
        command_id: Uuid::nil(),
        correlation_id: Uuid::nil(),
        causation_id: None,
        traceparent: None,
        payload,
        redacted: false,
        prev_hash: Vec::new(),
        hash: Vec::new(),
    }
}

fn stored_form(event: &Event) -> Encoded {
    match event {
        Event::Profile(e) => profile_event(e),
        Event::Default(e) => default_event(e),
        Event::Contact(e) => contact_event(e),
    }
}

fn any_id() -> impl Strategy<Value = Uuid> {
    any::<u128>().prop_map(Uuid::from_u128)
}

fn any_document() -> impl Strategy<Value = Document> {
    ("\\PC{1,12}", "\\PC{0,12}").prop_map(|(name, description)| {
        let json = serde_json::json!({"format": 1, "name": name, "description": description}).to_string();
        Document { name, description, json }
    })
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        (any_id(), any_document(), proptest::option::of(any_id())).prop_map(|(profile, document, copied_from)| {
            Event::Profile(profile::Event::Created { profile, document, copied_from })
        }),
        (any_id(), any_document())
            .prop_map(|(profile, document)| Event::Profile(profile::Event::DraftSaved { profile, document })),
        (any_id(), 1..i32::MAX, any_document()).prop_map(|(profile, number, document)| {
            Event::Profile(profile::Event::Published { profile, number, document })
        }),
        any_id().prop_map(|profile| Event::Default(default_profile::Chosen { profile })),
        (any_id(), proptest::option::of(any_id()))
            .prop_map(|(contact, profile)| Event::Contact(contact_profile::Chosen { contact, profile })),
    ]
}

proptest! {
    #[test]
    fn an_event_survives_its_way_into_the_log_and_back(event in any_event()) {
        prop_assert_eq!(super::event(&recorded(stored_form(&event))).unwrap(), event);
    }

    #[test]
    fn bytes_that_are_no_event_are_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
        for stored_type in [pb::ProfileCreated::STORED_TYPE, pb::ContactProfileChosen::STORED_TYPE] {
            let _ = super::event(&recorded((stored_type, bytes.clone())));
        }
    }
}

#[test]
fn an_event_of_a_type_that_is_not_known_is_refused() {
    assert!(super::event(&recorded(("permissions.profile.vanished.v1", Vec::new()))).is_err());
}
