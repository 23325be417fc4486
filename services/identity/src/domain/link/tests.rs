use super::*;
use kernel::fold;

const COMPANY: Uuid = Uuid::from_u128(1);

fn issued(link: u128) -> Event {
    Event::Issued { company: COMPANY, link: Uuid::from_u128(link), expires_at: Timestamp::from_micros(5) }
}

#[test]
fn the_open_link_is_revoked_and_after_that_there_is_nothing_to_revoke() {
    let link = fold(CompanyLink::default(), &[issued(2), issued(3)]);
    let Ok(revoked) = link.decide(Command::Revoke { company: COMPANY });
    assert_eq!(revoked, [Event::Revoked { company: COMPANY, link: Uuid::from_u128(3) }]);
    let Ok(again) = fold(link, &revoked).decide(Command::Revoke { company: COMPANY });
    assert_eq!(again, []);
}

#[test]
fn a_new_link_takes_the_place_of_the_one_before() {
    let link = fold(CompanyLink::default(), &[issued(2)]);
    let expires_at = Timestamp::from_micros(5);
    let Ok(events) = link.decide(Command::Issue { company: COMPANY, link: Uuid::from_u128(3), expires_at });
    assert_eq!(events, [issued(3)]);
    assert_eq!(fold(link, &events), CompanyLink(Some(Uuid::from_u128(3))));
}
