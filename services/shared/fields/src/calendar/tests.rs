use super::*;
use proptest::prelude::*;

#[test]
fn days_are_counted_from_1970() {
    for (text, day) in
        [("1970-01-01", 0), ("1969-12-31", -1), ("2000-02-29", 11_016), ("2000-03-01", 11_017), ("2026-07-30", 20_664)]
    {
        assert_eq!(day_number(text), Some(day), "{text}");
        assert_eq!(day_text(day), text);
    }
}

#[test]
fn what_is_no_date_has_no_day() {
    for text in [
        "",
        "2026-02-29",
        "1900-02-29",
        "2026-13-01",
        "2026-00-10",
        "2026-04-31",
        "26-01-01",
        "2026/01/01",
        "2026-01-1x",
        "２026-01-01",
        "2026-01-01T",
    ] {
        assert_eq!(day_number(text), None, "{text}");
    }
}

proptest! {
    #[test]
    // From the first day of year 1 to the last of 9999: what a date may be.
    fn day_and_text_are_one(day in -719_162_i32..=2_932_896) {
        prop_assert_eq!(day_number(&day_text(day)), Some(day));
    }

    #[test]
    fn dates_are_those_of_the_calendar(text in "[0-9]{4}-[0-1][0-9]-[0-3][0-9]") {
        prop_assert_eq!(day_number(&text).is_some(), kernel::date_is_valid(&text));
    }

    #[test]
    fn no_text_stops_the_arithmetic(a in any::<String>(), day in any::<i32>()) {
        prop_assert!(day_number(&a).is_none_or(|d| day_text(d) == a));
        prop_assert_eq!(day_text(day).len(), 10);
        prop_assert!(!is_time(&a) || a.len() == 5 || a.len() == 8);
    }
}
