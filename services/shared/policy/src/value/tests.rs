use super::*;

#[test]
fn a_utc_clock_knows_its_day() {
    let clock = Clock::utc(Timestamp::parse("2026-07-30T23:59:59.999999Z").unwrap());
    assert_eq!(clock.today, 20_664);
    assert_eq!(clock.day_starts, Timestamp::parse("2026-07-30T00:00:00Z").unwrap());
    assert_eq!(clock.next_day_starts, Timestamp::parse("2026-07-31T00:00:00Z").unwrap());
    assert_eq!(Clock::utc(Timestamp::from_micros(-1)).today, -1);
}
