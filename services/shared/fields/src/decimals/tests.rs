use super::*;
use proptest::prelude::*;

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
        assert_eq!(compare(a, b), Some(order), "{a} {b}");
        assert_eq!(compare(b, a), Some(order.reverse()), "{b} {a}");
    }
    for text in ["", "-", "1.", ".5", "1e3", "+1", "1,5", "--1", " 1", "NaN"] {
        assert!(!is_decimal(text), "{text}");
    }
}

#[test]
fn a_plus_is_left_out_and_stands_before_digits_only() {
    assert_eq!(spelled("+1.50"), Some(("1.5".to_owned(), 2)));
    assert_eq!(spelled("-0.0"), Some(("0".to_owned(), 0)));
    for text in ["+-1", "-+1", "++1", "+", "+.5", "+1."] {
        assert_eq!(spelled(text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn decimals_order_like_integers(a in any::<i64>(), b in any::<i64>()) {
        prop_assert_eq!(compare(&a.to_string(), &b.to_string()), Some(a.cmp(&b)));
    }

    #[test]
    fn every_decimal_has_one_spelling(whole in "0{0,3}[0-9]{1,10}", fraction in "[0-9]{1,10}0{0,3}", negative: bool) {
        let text = format!("{}{whole}.{fraction}", if negative { "-" } else { "" });
        let (kept, _) = spelled(&text).unwrap();
        prop_assert_eq!(kept.parse::<f64>().unwrap(), text.parse::<f64>().unwrap());
        prop_assert_eq!(compare(&kept, &text), Some(Ordering::Equal));
        prop_assert!(!kept.starts_with("00") && kept != "-0");
        prop_assert_eq!(spelled(&kept).unwrap().0, kept);
    }

    #[test]
    fn no_text_stops_the_arithmetic(a in any::<String>()) {
        prop_assert_eq!(compare(&a, "0").is_some(), is_decimal(&a));
    }
}
