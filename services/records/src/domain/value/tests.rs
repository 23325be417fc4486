use super::*;
use proptest::prelude::*;

fn field(kind: FieldKind) -> Field {
    Field {
        name: "field".into(),
        number: 1,
        kind,
        mandatory: false,
        personal: false,
        promoted: false,
        max_length: kind.limit(),
        keys: vec![PicklistKey { key: "open".into(), number: 1 }],
        target: String::new(),
        default: None,
    }
}

fn accept(kind: FieldKind, text: &str) -> Result<Option<String>, &'static str> {
    let accepted = field(kind).accept(&Value::text(text));
    accepted.map(|v| v.map(|v| v.shown().into_owned())).map_err(|(code, _)| code)
}

#[test]
fn each_type_keeps_what_fits_in_one_spelling() {
    use FieldKind::*;
    let cases = [
        (Text, "  a b ", "a b"),
        (LongText, "a\r\nb", "a\nb"),
        (Integer, " 42 ", "42"),
        (Integer, "-7", "-7"),
        (Decimal, "007.500", "7.5"),
        (Decimal, "-0.0", "0"),
        (Decimal, "+1", "1"),
        (Checkbox, "true", "true"),
        (Date, "2026-02-28", "2026-02-28"),
        (DateTime, "2026-02-28T10:00:00+02:00", "2026-02-28T08:00:00.000000Z"),
        (Email, "emma@acme.test", "emma@acme.test"),
        (Phone, "+39 (02) 123-456", "+39 (02) 123-456"),
        (Url, "https://acme.test/a?b", "https://acme.test/a?b"),
        (Picklist, "open", "open"),
        (Relation, "01890A5D-AC96-774B-BCCE-B302099A8057", "01890a5d-ac96-774b-bcce-b302099a8057"),
    ];
    for (kind, given, kept) in cases {
        assert_eq!(accept(kind, given), Ok(Some(kept.to_owned())), "{kind:?} {given}");
    }
}

#[test]
fn each_type_names_what_does_not_fit() {
    use FieldKind::*;
    let long = "x".repeat(1_001);
    let cases = [
        (Text, long.as_str(), "too_long"),
        (Text, "a\nb", "control_characters"),
        (LongText, "a\u{0}b", "control_characters"),
        (Integer, "4.2", "not_a_number"),
        (Integer, "-9223372036854775808", "out_of_range"),
        (Decimal, "1,5", "not_a_number"),
        (Decimal, ".5", "not_a_number"),
        (Decimal, "1.", "not_a_number"),
        (Decimal, "1234567890123456789012345678901", "out_of_range"),
        (Checkbox, "yes", "wrong_type"),
        (Date, "2026-02-29", "not_a_date"),
        (Date, "0000-12-31", "not_a_date"),
        (DateTime, "2026-02-28", "not_a_date_time"),
        (Email, "emma", "not_an_email"),
        (Email, "emma@acme", "not_an_email"),
        (Phone, "12", "not_a_phone"),
        (Url, "javascript:alert(1)", "not_a_url"),
        (Picklist, "Open", "unknown_value"),
        (Relation, "42", "unknown_record"),
        (Owner, "42", "unknown_agent"),
    ];
    for (kind, given, code) in cases {
        assert_eq!(accept(kind, given), Err(code), "{kind:?} {given}");
    }
    assert_eq!(field(Text).accept(&Value::Integer(1)).map_err(|m| m.0), Err("wrong_type"));
}

#[test]
fn an_empty_text_empties_a_field_of_any_type() {
    use FieldKind::*;
    for kind in
        [Text, LongText, Integer, Decimal, Checkbox, Date, DateTime, Email, Phone, Url, Picklist, Relation, Owner]
    {
        assert_eq!(accept(kind, "  "), Ok(None));
    }
}

proptest! {
    #[test]
    fn what_was_accepted_is_accepted_again_unchanged(kind in 0_usize..13, text in ".{0,40}") {
        use FieldKind::*;
        let kind = [Text, LongText, Integer, Decimal, Checkbox, Date, DateTime, Email, Phone, Url, Picklist, Relation, Owner][kind];
        let field = field(kind);
        if let Ok(Some(value)) = field.accept(&Value::Text(text)) {
            prop_assert_eq!(field.accept(&value), Ok(Some(value)));
        }
    }

    #[test]
    fn every_decimal_has_one_spelling(whole in "0{0,3}[0-9]{1,10}", fraction in "[0-9]{1,10}0{0,3}", negative: bool) {
        let text = format!("{}{whole}.{fraction}", if negative { "-" } else { "" });
        let kept = accept(FieldKind::Decimal, &text).unwrap().unwrap();
        prop_assert_eq!(kept.parse::<f64>().unwrap(), text.parse::<f64>().unwrap());
        prop_assert!(!kept.starts_with("00") && kept != "-0");
    }
}
