use super::*;

fn key(kid: &str, byte: u8) -> SigningKey {
    SigningKey::from_seed(kid, &[byte; 32])
}

fn now() -> Timestamp {
    Timestamp::from_micros(1_763_872_000_000_000)
}

fn ring(keys: &[&SigningKey]) -> HashMap<String, Vec<u8>> {
    keys.iter().map(|k| (k.kid.clone(), k.public.clone())).collect()
}

fn claims(kind: ActorKind) -> Claims {
    Claims::new("acme", Uuid::from_u128(5), kind, "agent", now())
}

#[test]
fn a_token_says_what_was_minted_and_only_for_a_minute() {
    let k = key("k1", 1);
    let c = claims(ActorKind::Agent);
    let token = mint(&k, &c);
    assert!(token.starts_with("v4.public."));
    assert_eq!(verify(&ring(&[&k]), "acme", &token, now()), Ok(c));
    assert_eq!(verify(&ring(&[&k]), "acme", &token, now().plus_seconds(66)), Err(TokenError::Expired));
    assert_eq!(verify(&ring(&[&k]), "acme", &token, now().plus_seconds(-6)), Err(TokenError::Expired));
}

#[test]
fn a_token_of_another_installation_key_or_with_a_changed_claim_is_refused() {
    let k = key("k1", 1);
    let token = mint(&k, &claims(ActorKind::Agent));
    assert_eq!(verify(&ring(&[&k]), "globex", &token, now()), Err(TokenError::Signature));
    assert_eq!(verify(&ring(&[&key("k1", 2)]), "acme", &token, now()), Err(TokenError::Signature));
    assert_eq!(verify(&ring(&[&key("k2", 1)]), "acme", &token, now()), Err(TokenError::UnknownKey));
    let middle = token.len() / 2;
    let mut changed = token.clone().into_bytes();
    changed[middle] = if changed[middle] == b'A' { b'B' } else { b'A' };
    assert!(verify(&ring(&[&k]), "acme", &String::from_utf8(changed).unwrap(), now()).is_err());
    assert_eq!(verify(&ring(&[&k]), "acme", "v2.public.abc", now()), Err(TokenError::Form));
    assert_eq!(verify(&ring(&[&k]), "acme", "", now()), Err(TokenError::Form));
}

#[test]
fn only_the_services_key_speaks_for_services_and_for_nobody_else() {
    let own = SigningKey::for_services(&Secret::new([3; 32]));
    let session = key("k1", 1);
    let keys = ring(&[&own, &session]);
    assert!(verify(&keys, "acme", &mint(&own, &claims(ActorKind::Service)), now()).is_ok());
    assert_eq!(verify(&keys, "acme", &mint(&own, &claims(ActorKind::Agent)), now()), Err(TokenError::Signature));
    assert_eq!(verify(&keys, "acme", &mint(&session, &claims(ActorKind::Service)), now()), Err(TokenError::Signature));
}

#[test]
fn an_actor_has_the_assurance_of_its_token_and_a_service_the_highest() {
    let told = |kind, aal| Claims { aal, ..claims(kind) }.actor(kernel::Channel::Api).assurance;
    assert_eq!((told(ActorKind::Contact, 1), told(ActorKind::Agent, 2), told(ActorKind::Company, 0)), (1, 2, 0));
    assert_eq!(told(ActorKind::Service, 0), 2);
}
