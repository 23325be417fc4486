use super::*;
use crate::FieldType;
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

#[test]
fn decimals_compare_exactly_at_any_length() {
    use Ordering::*;
    for (a, b, order) in [
        ("1000", "999.99", Greater),
        ("0.1", "0.10", Equal),
        ("-0", "0.00", Equal),
        ("007", "7", Equal),
        ("-1.5", "-1.25", Less),
        ("-1", "0", Less),
        ("0.09", "0.1", Less),
        ("123456789012345678901234567890.01", "123456789012345678901234567890.02", Less),
    ] {
        assert_eq!(compare_decimals(a, b), Some(order), "{a} {b}");
        assert_eq!(compare_decimals(b, a), Some(order.reverse()), "{b} {a}");
    }
    for text in ["", "-", "1.", ".5", "1e3", "+1", "1,5", "--1", " 1", "NaN"] {
        assert!(!is_decimal(text), "{text}");
    }
}

#[test]
fn a_mask_shows_at_most_the_last_four_characters_and_not_the_length() {
    assert_eq!(mask(FieldType::Text, "DE89370400440532013000"), "••••3000");
    assert_eq!(mask(FieldType::Phone, "12345"), "••••2345");
    assert_eq!(mask(FieldType::Text, "1234"), "••••");
    assert_eq!(mask(FieldType::Text, ""), "••••");
    assert_eq!(mask(FieldType::Text, "wörtchenäöüß"), "••••äöüß");
}

#[test]
fn a_mask_shows_nothing_of_what_its_end_would_give_away() {
    for (kind, text) in [
        (FieldType::Picklist, "urgent"),
        (FieldType::MultiPicklist, "first,second"),
        (FieldType::Checkbox, "false"),
        (FieldType::Date, "1984-03-17"),
        (FieldType::DateTime, "1984-03-17T12:00:00Z"),
        (FieldType::Time, "12:30:15"),
        (FieldType::Integer, "1048576"),
        (FieldType::Decimal, "98765.43"),
        (FieldType::Currency, "98765.43"),
        (FieldType::Percent, "12.345"),
        (FieldType::Relation, "01980000-0000-7000-8000-00000000abcd"),
        (FieldType::Owner, "01980000-0000-7000-8000-00000000abcd"),
        (FieldType::AutoNumber, "TT100042"),
    ] {
        assert_eq!(mask(kind, text), "••••", "{kind:?}");
    }
    // Of an address the domain only: a short one would bring the person with it.
    assert_eq!(mask(FieldType::Email, "emma.rossi@acme.test"), "••••test");
    assert_eq!(mask(FieldType::Email, "emma@a.it"), "••••");
    assert_eq!(mask(FieldType::Email, "no address"), "••••");
}

#[test]
fn a_utc_clock_knows_its_day() {
    let clock = Clock::utc(Timestamp::parse("2026-07-30T23:59:59.999999Z").unwrap());
    assert_eq!(clock.today, 20_664);
    assert_eq!(clock.day_starts, Timestamp::parse("2026-07-30T00:00:00Z").unwrap());
    assert_eq!(clock.next_day_starts, Timestamp::parse("2026-07-31T00:00:00Z").unwrap());
    assert_eq!(Clock::utc(Timestamp::from_micros(-1)).today, -1);
}

proptest! {
    #[test]
    fn day_and_text_are_one(day in -719_528_i32..2_932_896) {
        prop_assert_eq!(day_number(&day_text(day)), Some(day));
    }

    #[test]
    fn dates_are_those_of_the_calendar(text in "[0-9]{4}-[0-1][0-9]-[0-3][0-9]") {
        prop_assert_eq!(day_number(&text).is_some(), kernel::date_is_valid(&text));
    }

    #[test]
    fn decimals_order_like_integers(a in any::<i64>(), b in any::<i64>()) {
        prop_assert_eq!(compare_decimals(&a.to_string(), &b.to_string()), Some(a.cmp(&b)));
    }

    #[test]
    fn no_text_stops_the_arithmetic(a in any::<String>(), day in any::<i32>()) {
        let shown = mask(FieldType::Text, &a);
        prop_assert!(shown.chars().count() <= 8);
        prop_assert_eq!(compare_decimals(&a, "0").is_some(), is_decimal(&a));
        prop_assert!(day_number(&a).is_none_or(|d| day_text(d) == a));
        prop_assert_eq!(day_text(day).len(), 10);
    }
}
