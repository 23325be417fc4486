use super::*;
use kernel::fold;
use proptest::prelude::*;

const CONTACT: Uuid = Uuid::from_u128(9);
const A: Uuid = Uuid::from_u128(1);
const B: Uuid = Uuid::from_u128(2);

fn choose(profile: Option<(Uuid, Option<bool>)>) -> Choose {
    Choose { contact: CONTACT, contact_exists: true, profile }
}

fn chosen(profile: Option<Uuid>) -> Chosen {
    Chosen { contact: CONTACT, profile }
}

fn when(history: &[Chosen], command: Choose) -> Result<Vec<Chosen>, Rejection> {
    fold(ContactProfile::default(), history).decide(command)
}

#[test]
fn a_contact_is_given_a_profile_and_another_one() {
    assert_eq!(when(&[], choose(Some((A, Some(true))))), Ok(vec![chosen(Some(A))]));
    assert_eq!(when(&[chosen(Some(A))], choose(Some((B, Some(true))))), Ok(vec![chosen(Some(B))]));
}

#[test]
fn the_choice_is_taken_back() {
    assert_eq!(when(&[chosen(Some(A))], choose(None)), Ok(vec![chosen(None)]));
    assert_eq!(when(&[], choose(None)), Ok(Vec::new()));
}

#[test]
fn an_unknown_contact_is_given_nothing() {
    let command = Choose { contact_exists: false, ..choose(Some((A, Some(true)))) };
    assert_eq!(when(&[], command), Err(Rejection::UnknownContact));
}

#[test]
fn a_profile_that_is_not_in_force_is_not_given() {
    let refused = |published| when(&[], choose(Some((A, published))));
    assert_eq!(refused(None), Err(Rejection::Profile(ProfileRejection::UnknownProfile)));
    assert_eq!(refused(Some(false)), Err(Rejection::Profile(ProfileRejection::NotPublished)));
}

proptest! {
    #[test]
    fn the_last_choice_holds_and_choosing_it_again_is_already_so(
        choices in proptest::collection::vec(proptest::option::of(0..3_u128), 1..8)
    ) {
        let mut state = ContactProfile::default();
        for choice in &choices {
            let events = state.decide(choose(choice.map(|c| (Uuid::from_u128(c), Some(true))))).unwrap();
            state = fold(state, &events);
        }
        let last = choices.last().copied().flatten().map(Uuid::from_u128);
        prop_assert_eq!(state.chosen, last);
        prop_assert_eq!(state.decide(choose(last.map(|c| (c, Some(true))))), Ok(Vec::new()));
    }
}
