use super::*;
use kernel::fold;

const GROUP: Uuid = Uuid::from_u128(1);

fn definition(members: &[u128]) -> Definition {
    let members = members.iter().map(|&m| Uuid::from_u128(m)).collect();
    Definition { name: "Second line".into(), description: String::new(), members }
}

fn define(members: &[u128], new: bool) -> Command {
    Command::Define { group: GROUP, new, definition: definition(members) }
}

#[test]
fn a_group_is_made_changed_and_deleted_and_its_id_never_used_again() {
    let made = Event::Defined { group: GROUP, definition: definition(&[7]) };
    assert_eq!(Group::default().decide(define(&[7], true)), Ok(vec![made.clone()]));
    assert_eq!(Group::default().decide(define(&[7], false)), Err(Rejection::Unknown));
    let group = fold(Group::default(), &[made]);
    assert_eq!(group.decide(define(&[7], false)), Ok(vec![]));
    assert_eq!(group.decide(define(&[7, 8], false)).map(|e| e.len()), Ok(1));
    let deleted = Event::Deleted { group: GROUP };
    assert_eq!(group.decide(Command::Delete { group: GROUP }), Ok(vec![deleted.clone()]));
    assert_eq!(group.evolve(&deleted).decide(define(&[7], true)), Err(Rejection::Unknown));
}

#[test]
fn members_count_once_and_what_is_no_id_is_named() {
    let id = Uuid::from_u128(7).to_string();
    let parsed = Definition::parse(" Second line ", "", &[id.clone(), id.clone()]);
    assert_eq!(parsed, Ok(definition(&[7])));
    let faults = Definition::parse("x", "", &[id.clone(), "x".into()]).err().unwrap_or_default();
    assert_eq!(faults, [unknown_member(1)]);
    let many = Definition::parse("x", "", &vec![id; 1001]).err().unwrap_or_default();
    assert_eq!(many[0].code, "out_of_range");
}
