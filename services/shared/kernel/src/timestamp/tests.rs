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
    let error = support_period("2026-03-02", "2026-03-01", "UTC").unwrap_err();
    assert_eq!((error.fields[0].field.as_str(), &*error.fields[0].code), ("support_end", "before_start"));
    let error = support_period("2026-02-30", "2026-03-01", "UTC").unwrap_err();
    assert_eq!((error.fields[0].field.as_str(), &*error.fields[0].code), ("support_start", "not_a_date"));
}

#[test]
fn dates_that_nobody_means_are_refused_and_each_is_named() {
    let codes = |start: &str, end: &str| -> Vec<(String, String)> {
        let refused = support_period(start, end, "Europe/Rome").unwrap_err();
        refused.fields.into_iter().map(|f| (f.field, f.code.into_owned())).collect()
    };
    let named = |field: &str, code: &str| (field.to_owned(), code.to_owned());
    assert_eq!(codes("2026-01-01", "9999-12-31"), [named("support_end", "out_of_range")]);
    assert_eq!(
        codes("0026-01-01", "2200-01-01"),
        [named("support_start", "out_of_range"), named("support_end", "out_of_range")]
    );
    assert_eq!(
        codes("0000-01-01", "+002026-01"),
        [named("support_start", "not_a_date"), named("support_end", "not_a_date")]
    );
    assert!(support_period("1900-01-01", "2199-12-31", "Pacific/Apia").is_ok());
}

#[test]
fn a_period_that_was_stored_has_its_bounds_whatever_its_dates() {
    for zone in ["UTC", "Pacific/Apia", "Pacific/Pago_Pago"] {
        for (start, end) in [("0001-01-01", "9999-12-31"), ("0026-05-01", "0026-05-01"), ("9999-12-31", "9999-12-31")] {
            let (from, to) = support_day_bounds(start, end, zone).unwrap();
            assert!(from.micros() <= to.micros() + 1, "{start} {end} {zone}");
            assert!(Timestamp::parse(&to.rfc3339()).is_some());
        }
    }
}

#[test]
fn only_what_rfc_3339_says_is_a_moment() {
    for good in [
        "2026-07-30T12:00:00Z",
        "2026-07-30t12:00:00.1234567z",
        "2026-07-30T12:00:00+02:00",
        "0001-01-01T00:00:00Z",
        "9999-12-30T22:00:00Z",
    ] {
        assert!(Timestamp::parse(good).is_some(), "{good}");
    }
    for bad in [
        "2026-07-30T12:00:00Z[UTC]",
        "2026-07-30T12:00:00+02:00[Europe/Rome]",
        "2026-07-30 12:00:00Z",
        "2026-07-30T12:00Z",
        "2026-07-30T12:00:00",
        "2026-07-30T12:00:00+0200",
        "2026-07-30T12:00:00+02",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "-002026-07-30T12:00:00Z",
        "9999-12-31T23:59:59Z",
        "2026-02-30T12:00:00Z",
        "2026-07-30T12:00:00.Z",
        "2026-07-30T12:00:0éZ",
        "now",
        "",
    ] {
        assert_eq!(Timestamp::parse(bad), None, "{bad}");
    }
    // Whatever number it is made of, it can be written and read.
    for micros in [i64::MIN, EARLIEST, 0, LATEST, i64::MAX] {
        assert!(Timestamp::parse(&Timestamp::from_micros(micros).rfc3339()).is_some());
    }
}

#[test]
fn a_moment_survives_text_and_the_driver() {
    let at = Timestamp::from_micros(1_763_872_000_123_456);
    assert_eq!(Timestamp::parse(&at.rfc3339()), Some(at));
    assert_eq!(Timestamp::from_offset(at.to_offset()), at);
}
