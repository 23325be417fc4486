use super::{decode, delivery_id, encode};
use crate::domain::delivery::{Delivery, Event, Order, Situation, Template};
use eventlog::{Loaded, Recorded, Stored};
use kernel::{ActorKind, Channel, Timestamp};
use proptest::prelude::*;
use serde_json::Value;
use std::{fs, path::PathBuf, sync::Arc};
use uuid::Uuid;

const ID: Uuid = Uuid::from_u128(0x018f_2f6e_0000_7000_8000_0000_0000_0001);

fn order() -> Order {
    Order {
        template: Template::RecordCommented,
        recipient_id: Uuid::from_u128(0x018f_2f6e_0000_7000_8000_0000_0000_0002),
        recipient: "emma@acme.test".into(),
        locale: "it".into(),
        subject_id: Uuid::from_u128(0x018f_2f6e_0000_7000_8000_0000_0000_0003).to_string(),
        subject_module: "tickets".into(),
        source_event_id: Uuid::from_u128(0x018f_2f6e_0000_7000_8000_0000_0000_0004),
        facts: r#"{"to":"contact","comment_id":"018f2f6e-0000-7000-8000-000000000005"}"#.into(),
    }
}

fn message_id() -> String {
    format!("{ID}@portico")
}

/// One event of each stored type.
fn samples() -> Vec<Event> {
    vec![
        Event::Queued(order()),
        Event::Sending { attempt: 2, message_id: message_id(), recipient: String::new(), redirected: String::new() },
        Event::Sent { reply_code: 250, message_id: message_id() },
        Event::Failed {
            error: "smtp_deferred 451 4.3.0".into(),
            retry_at: Some(Timestamp::from_micros(1_772_373_900_000_001)),
        },
        Event::Uncertain,
        Event::Skipped { reason: "opted_out".into() },
    ]
}

fn recorded(version: i64, stored_type: &str, payload: Vec<u8>) -> Recorded {
    Recorded {
        position: version,
        stream: Uuid::nil(),
        version,
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

fn golden(stored_type: &str, extension: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{stored_type}.{extension}"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect::<String>() + "\n"
}

fn unhex(text: &str) -> Vec<u8> {
    let text = text.trim();
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

#[test]
fn every_type_ever_stored_still_reads_as_its_golden_file_says() {
    for event in samples() {
        let (stored_type, bytes) = encode(ID, &event);
        // Writes the files of new types when asked to; never over one that exists.
        if std::env::var_os("WRITE_GOLDEN").is_some() && !golden(stored_type, "hex").exists() {
            let json = proto::event::to_json(stored_type, &bytes).unwrap();
            fs::write(golden(stored_type, "hex"), hex(&bytes)).unwrap();
            fs::write(golden(stored_type, "json"), serde_json::to_string_pretty(&json).unwrap() + "\n").unwrap();
        }
        let kept = unhex(&fs::read_to_string(golden(stored_type, "hex")).expect(stored_type));
        let json: Value = serde_json::from_str(&fs::read_to_string(golden(stored_type, "json")).unwrap()).unwrap();
        assert_eq!(proto::event::to_json(stored_type, &kept).unwrap(), json, "{stored_type}");
        let read = decode(&recorded(1, stored_type, kept)).unwrap();
        assert_eq!(read, Some((ID, event)), "{stored_type}");
    }
}

#[test]
fn every_event_of_notification_has_a_golden_file() {
    let own = proto::event::EVENT_TYPES.iter().filter(|t| t.stored.starts_with("notification."));
    let mut count = 0;
    for known in own {
        count += 1;
        assert!(golden(known.stored, "hex").exists(), "{} has no golden file", known.stored);
    }
    assert_eq!(count, samples().len());
}

#[test]
fn the_address_and_the_facts_are_sealed() {
    let queued = proto::event::event_type("notification.delivery.queued.v1").unwrap();
    assert_eq!(queued.personal, &[4, 9]);
    let sending = proto::event::event_type("notification.delivery.sending.v1").unwrap();
    assert_eq!(sending.personal, &[4]);
}

#[test]
fn an_unknown_type_is_passed_over_by_lists_but_nothing_is_decided_after_it() {
    let unknown = recorded(1, "notification.delivery.opened.v1", vec![1, 2]);
    assert_eq!(decode(&unknown).unwrap(), None);
    assert!(Delivery::decode(&unknown).is_err());
    assert!(decode(&recorded(1, "notification.delivery.sent.v1", vec![0xff])).is_err());
}

#[test]
fn one_event_and_one_recipient_are_one_delivery() {
    let (event, person) = (Uuid::from_u128(1), Uuid::from_u128(2));
    assert_eq!(delivery_id(event, person), delivery_id(event, person));
    assert_ne!(delivery_id(event, person), delivery_id(person, event));
    assert_ne!(delivery_id(event, person), delivery_id(event, event));
}

#[test]
fn a_stream_adds_up_to_its_state() {
    let events: Vec<Recorded> = samples()[..3]
        .iter()
        .zip(1..)
        .map(|(e, version)| {
            let (stored_type, bytes) = encode(ID, e);
            recorded(version, stored_type, bytes)
        })
        .collect();
    let Loaded { state, version, .. } = Loaded::<Delivery>::of(ID, &events).unwrap();
    assert_eq!(version, 3);
    assert_eq!((state.situation, state.attempts, state.order), (Situation::Sent, 2, Some(order())));
}

fn any_event() -> impl Strategy<Value = Event> {
    let text = "[ -~éß]{0,40}";
    prop_oneof![
        (text, text, text, any::<u128>()).prop_map(|(recipient, locale, facts, id)| {
            Event::Queued(Order { recipient, locale, facts, recipient_id: Uuid::from_u128(id), ..order() })
        }),
        (any::<i32>(), text, text, text).prop_map(|(attempt, message_id, recipient, redirected)| {
            Event::Sending { attempt, message_id, recipient, redirected }
        }),
        (any::<i32>(), text).prop_map(|(reply_code, message_id)| Event::Sent { reply_code, message_id }),
        (text, proptest::option::of(any::<i64>()))
            .prop_map(|(error, at)| Event::Failed { error, retry_at: at.map(Timestamp::from_micros) }),
        Just(Event::Uncertain),
        text.prop_map(|reason| Event::Skipped { reason }),
    ]
}

proptest! {
    #[test]
    fn what_is_stored_reads_back_as_it_was(event in any_event()) {
        let (stored_type, bytes) = encode(ID, &event);
        prop_assert_eq!(decode(&recorded(1, stored_type, bytes)).unwrap(), Some((ID, event)));
    }
}
