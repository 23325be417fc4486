use super::*;
use crate::keys::DataKey;
use proptest::prelude::*;
use prost::Message;
use proto::{event::StoredEvent, identity::v1::AccessEnabled};

fn event(login: &str, name: &str) -> AccessEnabled {
    AccessEnabled {
        user_id: "u".into(),
        login: login.into(),
        name: name.into(),
        email: login.into(),
        support_start: "2026-01-01".into(),
        support_end: "2026-12-31".into(),
        locale: "it".into(),
        ..AccessEnabled::default()
    }
}

fn place(id: u128) -> Place<'static> {
    Place { stream: Uuid::from_u128(1), event_id: Uuid::from_u128(id), stored_type: AccessEnabled::STORED_TYPE }
}

fn key() -> DataKey {
    DataKey::for_test(Uuid::from_u128(9), [7; 32])
}

proptest! {
    #[test]
    fn what_is_sealed_opens_to_the_same_message(login in ".{0,40}", name in ".{1,40}") {
        let message = event(&login, &name);
        let (stored, key_id) = seal(&place(1), "x", &message.encode_to_vec(), Some(&key())).unwrap();
        prop_assert_eq!(key_id, Some(Uuid::from_u128(9)));
        let (bytes, redacted) = open(&place(1), &stored, Some(&key())).unwrap();
        prop_assert!(!redacted);
        prop_assert_eq!(AccessEnabled::decode(&bytes[..]).unwrap(), message);
    }

    #[test]
    fn foreign_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        let _ = open(&place(1), &bytes, Some(&key()));
        let _ = split(&bytes, &[1, 2]);
    }
}

#[test]
fn without_its_key_a_message_lacks_its_personal_fields_and_nothing_else() {
    let (stored, _) = seal(&place(1), "x", &event("emma@acme.test", "Emma").encode_to_vec(), Some(&key())).unwrap();
    assert!(!stored.windows(4).any(|w| w == b"emma" || w == b"Emma"));
    let (bytes, redacted) = open(&place(1), &stored, None).unwrap();
    assert!(redacted);
    let rest = AccessEnabled::decode(&bytes[..]).unwrap();
    assert_eq!(
        rest,
        AccessEnabled { login: String::new(), name: String::new(), email: String::new(), ..event("", "") }
    );
}

#[test]
fn a_ciphertext_that_was_moved_to_another_event_does_not_open() {
    let (stored, _) = seal(&place(1), "x", &event("a@b.test", "A").encode_to_vec(), Some(&key())).unwrap();
    assert!(open(&place(2), &stored, Some(&key())).is_err());
}

#[test]
fn personal_fields_without_a_key_are_refused() {
    let refused = seal(&place(1), "x", &event("a@b.test", "A").encode_to_vec(), None);
    assert!(matches!(refused, Err(LogError::KeyMissing("x"))));
}
