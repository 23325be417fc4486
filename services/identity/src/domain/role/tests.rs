use super::*;
use kernel::fold;

const ROLE: Uuid = Uuid::from_u128(1);

fn definition(name: &str) -> Definition {
    Definition::parse(name, "", "read", &["unlock".to_owned(), "read_audit".to_owned()])
        .unwrap_or_else(|f| panic!("{f:?}"))
}

fn define(name: &str, new: bool) -> Command {
    Command::Define { role: ROLE, new, definition: definition(name) }
}

fn defined(name: &str) -> OwnRole {
    fold(OwnRole::default(), &[Event::Defined { role: ROLE, definition: definition(name) }])
}

#[test]
fn a_role_is_made_changed_and_deleted() {
    let made = OwnRole::default().decide(define("Night desk", true));
    assert_eq!(made, Ok(vec![Event::Defined { role: ROLE, definition: definition("Night desk") }]));
    let role = defined("Night desk");
    assert_eq!(role.decide(define("Night desk", false)), Ok(vec![]));
    let renamed = role.decide(define("Day desk", false));
    assert_eq!(renamed, Ok(vec![Event::Defined { role: ROLE, definition: definition("Day desk") }]));
    assert_eq!(role.decide(Command::Delete { role: ROLE }), Ok(vec![Event::Deleted { role: ROLE }]));
}

#[test]
fn an_unknown_or_deleted_role_can_neither_be_changed_nor_deleted() {
    let deleted = defined("Night desk").evolve(&Event::Deleted { role: ROLE });
    for role in [OwnRole::default(), deleted.clone()] {
        assert_eq!(role.decide(define("Night desk", false)), Err(Rejection::Unknown));
        assert_eq!(role.decide(Command::Delete { role: ROLE }), Err(Rejection::Unknown));
    }
    // An id is never used twice.
    assert_eq!(deleted.decide(define("Night desk", true)), Err(Rejection::Unknown));
}

#[test]
fn every_bad_field_of_a_role_is_named() {
    let faults = |name: &str, description: &str, records: &str, rights: &[&str]| {
        let rights: Vec<String> = rights.iter().map(|&r| r.to_owned()).collect();
        let faults = Definition::parse(name, description, records, &rights).err().unwrap_or_default();
        faults.into_iter().map(|f| format!("{} {}", f.field, f.code)).collect::<Vec<_>>()
    };
    assert_eq!(faults("Night desk", "", "write", &["unlock"]), Vec::<String>::new());
    assert_eq!(
        faults(" ", &"x".repeat(501), "all", &["unlock", "fly"]),
        ["name required", "description too_long", "records unknown_value", "rights.1 unknown_right"]
    );
    assert_eq!(faults(&"x".repeat(81), "", "read", &[]), ["name too_long"]);
    assert_eq!(faults("Administrator", "", "read", &[]), ["name name_taken"]);
}

#[test]
fn only_viewers_among_the_built_in_roles_read_alone() {
    let words = BUILT_IN.map(|role| Records::of_built_in(role).as_str());
    assert_eq!(words, ["write", "write", "read"]);
}
