use super::*;
use proptest::prelude::*;

fn step(kind: Kind, fields: &[u32]) -> Step {
    Step { fields: fields.to_vec(), ..Step::of_kind(kind) }
}

fn of(steps: &[Step]) -> Trail {
    let mut trail = Trail::default();
    for (i, step) in steps.iter().enumerate() {
        trail.note(i as i64 + 1, step.clone());
    }
    trail
}

fn outside(step: &Step) -> bool {
    match step.kind() {
        Kind::Whole | Kind::Comment => true,
        Kind::Fields => step.fields.contains(&1),
        Kind::Note | Kind::Unknown => false,
    }
}

#[test]
fn a_note_leaves_no_gap() {
    let trail = of(&[
        step(Kind::Whole, &[]),
        step(Kind::Note, &[]),
        step(Kind::Comment, &[]),
        step(Kind::Fields, &[2]),
        step(Kind::Fields, &[1, 2]),
    ]);
    let seen: Vec<i64> = (1..=5).map(|v| trail.seen_until(v, outside)).collect();
    assert_eq!(seen, [1, 1, 2, 2, 3]);
    assert_eq!([1, 2, 3, 4].map(|n| trail.version_seen_as(n, outside)), [1, 3, 5, 6]);
}

#[test]
fn what_was_never_noted_is_not_counted() {
    let mut trail = Trail::default();
    trail.note(4, step(Kind::Fields, &[1]));
    assert_eq!(trail.seen_until(4, outside), 1);
    assert_eq!(trail.version_seen_as(1, outside), 4);
    // The same version twice is one.
    trail.note(4, step(Kind::Fields, &[1]));
    assert_eq!(trail.length(), 4);
}

#[test]
fn equal_steps_take_one_place() {
    let trail = of(&vec![step(Kind::Comment, &[]); 1_000]);
    assert_eq!(trail.steps.len(), 1);
    assert!(trail.encode_to_vec().len() < 10);
}

proptest! {
    #[test]
    fn counting_is_dense_and_comes_back(kinds in prop::collection::vec((0..5_i32, prop::collection::vec(1..4_u32, 0..3)), 0..60)) {
        let steps: Vec<Step> = kinds.into_iter().map(|(kind, fields)| Step { kind, fields, more: 0 }).collect();
        let trail = of(&steps);
        let mut expected = 0;
        for (i, step) in steps.iter().enumerate() {
            let version = i as i64 + 1;
            if outside(step) {
                expected += 1;
                prop_assert_eq!(trail.version_seen_as(expected, outside), version);
            }
            prop_assert_eq!(trail.seen_until(version, outside), expected);
        }
        prop_assert_eq!(trail.version_seen_as(expected + 1, outside), steps.len() as i64 + 1);
    }
}
