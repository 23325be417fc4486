use super::*;
use proptest::prelude::*;

const ADA: Uuid = Uuid::from_u128(1);

fn step(kind: Kind, fields: &[u32]) -> Step {
    Step { fields: fields.to_vec(), ..Step::of_kind(kind) }
}

fn of(steps: &[Step]) -> Trail {
    let mut trail = Trail::default();
    for (i, step) in steps.iter().enumerate() {
        trail.note(i as i64 + 1, step.clone(), ADA);
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
fn what_agents_alone_are_told_nobody_outside_counts() {
    for kind in [Kind::Unknown, Kind::Whole, Kind::Fields, Kind::Comment, Kind::Note] {
        assert_ne!(kind.among_agents(), outside(&step(kind, &[1])), "{kind:?}");
    }
}

#[test]
fn what_was_never_noted_is_not_counted() {
    let mut trail = Trail::default();
    trail.note(4, step(Kind::Fields, &[1]), ADA);
    assert_eq!(trail.seen_until(4, outside), 1);
    assert_eq!(trail.version_seen_as(1, outside), 4);
    // The same version twice is one.
    trail.note(4, step(Kind::Fields, &[1]), ADA);
    assert_eq!(trail.length(), 4);
}

#[test]
fn equal_steps_take_one_place() {
    let trail = of(&vec![step(Kind::Comment, &[]); 1_000]);
    assert_eq!(trail.steps.len(), 1);
    assert!(trail.encode_to_vec().len() < 30, "the step, and one person");
}

proptest! {
    #[test]
    fn counting_is_dense_and_comes_back(kinds in prop::collection::vec((0..5_i32, prop::collection::vec(1..4_u32, 0..3)), 0..60)) {
        let steps: Vec<Step> = kinds.into_iter().map(|(kind, fields)| Step { kind, fields, more: 0, by: 0 }).collect();
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

#[test]
fn news_is_what_others_did_and_what_is_seen_of_it() {
    const EMMA: Uuid = Uuid::from_u128(2);
    let mut trail = Trail::default();
    let steps = [
        (Kind::Whole, 0, EMMA),
        (Kind::Fields, 2, ADA), // hidden
        (Kind::Note, 0, ADA),
        (Kind::Comment, 0, EMMA),
        (Kind::Comment, 0, ADA),
        (Kind::Fields, 1, EMMA),
    ];
    for (at, (kind, field, by)) in steps.into_iter().enumerate() {
        trail.note(at as i64 + 1, step(kind, &[field]), by);
    }
    let news = |after, who| trail.has_news(Some(after), who, outside);
    assert!(
        !Trail { steps: trail.steps[..4].to_vec(), ..trail.clone() }.has_news(Some(0), EMMA, outside),
        "nothing of another"
    );
    assert!(news(4, EMMA), "an answer that one's own change came after");
    assert!(!news(5, EMMA));
    assert!(news(0, ADA) && news(5, ADA) && !news(6, ADA));
    assert!(!trail.has_news(None, EMMA, outside), "who acts has seen what was there");
    assert!(trail.has_news(None, ADA, outside) && trail.has_news(None, Uuid::from_u128(3), outside));
    assert!(news(5, Uuid::from_u128(3)), "for who did nothing all of it is another's");
}
