use super::*;
use std::collections::HashSet;

fn keys(byte: u8) -> ServiceKeys {
    ServiceKeys::derive(&Secret::new([byte; 32]))
}

#[test]
fn a_sealed_credential_opens_only_for_its_user_and_id() {
    let (user, credential) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let sealed = keys(7).seal_credential(user, credential, "$argon2id$example").unwrap();
    assert_eq!(keys(7).open_credential(user, credential, &sealed).unwrap().expose(), "$argon2id$example");
    assert!(keys(7).open_credential(credential, user, &sealed).is_err());
    assert!(keys(7).open_credential(user, user, &sealed).is_err());
    assert!(keys(8).open_credential(user, credential, &sealed).is_err());
    let mut changed = sealed.clone();
    *changed.last_mut().unwrap() ^= 1;
    assert!(keys(7).open_credential(user, credential, &changed).is_err());
    assert!(keys(7).open_credential(user, credential, &sealed[..10]).is_err());
}

#[test]
fn what_is_sealed_does_not_show() {
    let sealed = keys(7).seal_credential(Uuid::nil(), Uuid::nil(), "$argon2id$example").unwrap();
    assert!(!sealed.windows(8).any(|w| w == b"argon2id"));
}

#[test]
fn portal_and_console_count_a_login_apart() {
    let k = keys(7);
    assert_ne!(k.subject_key(ActorKind::Contact, "emma"), k.subject_key(ActorKind::Agent, "emma"));
    assert_eq!(k.subject_key(ActorKind::Contact, "emma"), keys(7).subject_key(ActorKind::Contact, "emma"));
    assert_ne!(k.subject_key(ActorKind::Contact, "emma"), k.login_claim("emma"));
}

#[test]
fn session_tokens_have_43_random_characters_and_never_repeat() {
    let mut seen = HashSet::new();
    for _ in 0..10_000 {
        let token = session_token().unwrap();
        let text = token.text.expose().clone();
        assert_eq!(text.len(), 5 + 43);
        assert_eq!(session_token_hash(&text), Some(token.hash));
        assert!(seen.insert(text));
    }
}

#[test]
fn a_token_of_one_purpose_is_none_of_another() {
    let text = session_token().unwrap().text.expose().clone();
    assert_eq!(invitation_token_hash(&text), None);
    for text in ["", "pses_", "pses_short", "pinv_é", &format!("pses_{}", "a".repeat(44))] {
        assert_eq!(session_token_hash(text), None, "{text}");
    }
}

#[test]
fn a_token_does_not_print_itself() {
    assert_eq!(format!("{:?}", session_token().unwrap().text), "[secret]");
}
