use super::*;
use kernel::fold;

const A: Uuid = Uuid::from_u128(1);
const B: Uuid = Uuid::from_u128(2);

fn when(history: &[Chosen], profile: Uuid, published: Option<bool>) -> Result<Vec<Chosen>, Rejection> {
    fold(DefaultProfile::default(), history).decide(Choose { profile, published })
}

#[test]
fn a_published_profile_becomes_the_default() {
    assert_eq!(when(&[], A, Some(true)), Ok(vec![Chosen { profile: A }]));
    assert_eq!(when(&[Chosen { profile: A }], B, Some(true)), Ok(vec![Chosen { profile: B }]));
}

#[test]
fn the_default_chosen_again_is_already_so() {
    assert_eq!(when(&[Chosen { profile: A }], A, Some(true)), Ok(Vec::new()));
}

#[test]
fn what_is_not_in_force_can_not_be_the_default() {
    assert_eq!(when(&[], A, Some(false)), Err(Rejection::NotPublished));
    assert_eq!(when(&[Chosen { profile: A }], B, None), Err(Rejection::UnknownProfile));
}
