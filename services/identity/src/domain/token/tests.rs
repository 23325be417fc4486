use super::*;
use kernel::fold;

const USER: Uuid = Uuid::from_u128(1);

fn at(second: i64) -> Timestamp {
    Timestamp::from_micros(second * 1_000_000)
}

fn create(n: u128, now: i64) -> Command {
    Command::Create {
        user: USER,
        token: Uuid::from_u128(n),
        name: "Nightly report".into(),
        scopes: vec![Scope::Read],
        expires_at: at(now + 100),
        now: at(now),
    }
}

fn with(count: u128) -> Tokens {
    (0..count).fold(Tokens::default(), |tokens, n| {
        let events = tokens.decide(create(n, 0)).unwrap_or_default();
        fold(tokens, &events)
    })
}

#[test]
fn an_account_has_at_most_fifty_live_tokens_and_dead_ones_do_not_count() {
    let full = with(50);
    assert_eq!(full.decide(create(99, 0)), Err(Rejection::TooMany));
    let revoked = full.clone().evolve(&Event::Revoked { user: USER, token: Uuid::from_u128(3) });
    assert_eq!(revoked.decide(create(99, 0)).map(|e| e.len()), Ok(1));
    // All of them have run out.
    assert_eq!(full.decide(create(99, 100)).map(|e| e.len()), Ok(1));
}

#[test]
fn a_token_is_revoked_once() {
    let token = Uuid::from_u128(0);
    let revoked = with(1).decide(Command::Revoke { user: USER, token }).unwrap_or_default();
    assert_eq!(revoked, [Event::Revoked { user: USER, token }]);
    let after = fold(with(1), &revoked);
    assert_eq!(after.decide(Command::Revoke { user: USER, token }), Err(Rejection::Unknown));
}

#[test]
fn every_bad_field_of_a_token_is_named() {
    let faults = |name: &str, scopes: &[&str], days: i32, agent: bool| {
        let scopes: Vec<String> = scopes.iter().map(|&s| s.to_owned()).collect();
        let faults = Wish::parse(name, &scopes, days, agent).err().unwrap_or_default();
        faults.into_iter().map(|f| format!("{} {}", f.field, f.code)).collect::<Vec<_>>()
    };
    assert_eq!(faults("", &[], 0, true), ["name required", "scopes required", "valid_days out_of_range"]);
    assert_eq!(
        faults(&"x".repeat(81), &["fly"], 366, true),
        ["name too_long", "scopes unknown_scope", "valid_days out_of_range"]
    );
    assert_eq!(faults("x", &["admin"], 1, false), ["scopes not_for_contacts"]);
    assert_eq!(faults("x", &["admin", "write", "read"], 365, true), Vec::<String>::new());
}

#[test]
fn scopes_are_kept_in_order_and_once() {
    let words = ["write", "read", "write"].map(str::to_owned);
    let wish = Wish::parse("x", &words, 1, false).unwrap_or_else(|f| panic!("{f:?}"));
    assert_eq!(wish.scopes, [Scope::Read, Scope::Write]);
}
