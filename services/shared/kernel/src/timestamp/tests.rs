use super::*;

#[test]
fn support_days_are_inclusive_in_the_time_zone_of_the_installation() {
    let (from, to) = support_day_bounds("2026-03-28", "2026-03-29", "Europe/Rome").unwrap();
    assert_eq!(from.rfc3339(), "2026-03-27T23:00:00.000000Z");
    // The clocks go forward on the 29th, so the last day has 23 hours.
    assert_eq!(to.rfc3339(), "2026-03-29T21:59:59.999999Z");
}

#[test]
fn an_end_before_the_start_names_the_end() {
    let error = support_day_bounds("2026-03-02", "2026-03-01", "UTC").unwrap_err();
    assert_eq!((error.fields[0].field.as_str(), &*error.fields[0].code), ("support_end", "before_start"));
    let error = support_day_bounds("2026-02-30", "2026-03-01", "UTC").unwrap_err();
    assert_eq!((error.fields[0].field.as_str(), &*error.fields[0].code), ("support_start", "not_a_date"));
}

#[test]
fn a_moment_survives_text_and_the_driver() {
    let at = Timestamp::from_micros(1_763_872_000_123_456);
    assert_eq!(Timestamp::parse(&at.rfc3339()), Some(at));
    assert_eq!(Timestamp::from_offset(at.to_offset()), at);
}
