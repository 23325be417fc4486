use super::*;
use crate::value::ValueRef;
use proptest::prelude::*;
use std::cmp::Ordering;

const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

/// What is held of a type that modules can have.
struct Case {
    kind: FieldType,
    /// What is given, and how it is kept.
    kept: &'static [(&'static str, &'static str)],
    /// What does not fit, and why.
    refused: &'static [(&'static str, Fault)],
    /// Values from the least to the greatest.
    ordered: &'static [&'static str],
    /// Longest text, in characters.
    longest: usize,
    /// A list goes by a key without accents and case.
    keyed: bool,
}

const CASES: &[Case] = &[
    Case {
        kind: FieldType::Text,
        kept: &[("  a b ", "a b"), ("a\tb", "a b"), ("e\u{301}", "é")],
        refused: &[("a\nb", Fault::ControlCharacters), ("a\u{202e}b", Fault::ControlCharacters)],
        ordered: &["A", "a", "b", "ba"],
        longest: 1_000,
        keyed: true,
    },
    Case {
        kind: FieldType::LongText,
        // Indentation may be that of code.
        kept: &[("a\r\nb", "a\nb"), (" \r\n\n\tif x:\n\t\ty \n\n", "\tif x:\n\t\ty")],
        refused: &[("a\u{0}b", Fault::ControlCharacters)],
        ordered: &["a", "a\nb", "b"],
        longest: 20_000,
        keyed: true,
    },
    Case {
        kind: FieldType::Integer,
        kept: &[(" 42 ", "42"), ("-7", "-7"), ("9223372036854775807", "9223372036854775807")],
        refused: &[
            ("4.2", Fault::NotANumber),
            ("x", Fault::NotANumber),
            ("9223372036854775808", Fault::NotANumber),
            ("-9223372036854775808", Fault::OutOfRange),
        ],
        ordered: &["-7", "0", "5", "10", "9007199254740993"],
        longest: 1_000,
        keyed: false,
    },
    Case {
        kind: FieldType::Decimal,
        kept: &[("007.500", "7.5"), ("-0.0", "0"), ("+1", "1"), ("-0.50", "-0.5")],
        refused: &[
            ("1,5", Fault::NotANumber),
            (".5", Fault::NotANumber),
            ("1.", Fault::NotANumber),
            ("1e3", Fault::NotANumber),
            ("1234567890123456789012345678901", Fault::OutOfRange),
        ],
        ordered: &["-1.5", "-1.25", "0", "0.09", "0.1", "9.99", "10"],
        longest: 1_000,
        keyed: false,
    },
    Case {
        kind: FieldType::Percent,
        kept: &[("012.50", "12.5"), ("0", "0"), ("-0", "0"), ("100.0", "100")],
        refused: &[
            ("12,5", Fault::NotANumber),
            ("12 %", Fault::NotANumber),
            ("-0.1", Fault::OutOfRange),
            ("100.01", Fault::OutOfRange),
        ],
        ordered: &["0", "0.5", "9", "12.5", "100"],
        longest: 1_000,
        keyed: false,
    },
    Case {
        kind: FieldType::Checkbox,
        kept: &[("true", "true"), ("false", "false")],
        refused: &[("yes", Fault::WrongType), ("True", Fault::WrongType)],
        ordered: &["false", "true"],
        longest: 1_000,
        keyed: false,
    },
    Case {
        kind: FieldType::Date,
        kept: &[("2026-02-28", "2026-02-28"), ("2028-02-29", "2028-02-29")],
        refused: &[("2026-02-29", Fault::NotADate), ("0000-12-31", Fault::NotADate), ("1.2.2026", Fault::NotADate)],
        ordered: &["0001-01-01", "1969-12-31", "2026-02-28", "9999-12-31"],
        longest: 1_000,
        keyed: false,
    },
    Case {
        kind: FieldType::DateTime,
        kept: &[
            ("2026-02-28T10:00:00+02:00", "2026-02-28T08:00:00.000000Z"),
            ("2026-02-28T10:00:00.5Z", "2026-02-28T10:00:00.500000Z"),
        ],
        refused: &[("2026-02-28", Fault::NotADateTime), ("2026-02-28T10:00:00", Fault::NotADateTime)],
        ordered: &["1969-12-31T23:59:59Z", "2026-02-28T10:00:00+02:00", "2026-02-28T09:00:00Z"],
        longest: 1_000,
        keyed: false,
    },
    Case {
        kind: FieldType::Email,
        kept: &[("emma@acme.test", "emma@acme.test"), (" emma@bücher.test", "emma@xn--bcher-kva.test")],
        refused: &[("emma", Fault::NotAnEmail), ("emma@acme", Fault::NotAnEmail), ("a b@acme.test", Fault::NotAnEmail)],
        ordered: &["anna@acme.test", "emma@acme.test"],
        longest: 254,
        keyed: true,
    },
    Case {
        kind: FieldType::Phone,
        kept: &[("+39 (02) 123-456", "+39 (02) 123-456")],
        refused: &[("12", Fault::NotAPhone), ("call me", Fault::NotAPhone)],
        ordered: &["+39 02", "+39 03"],
        longest: 40,
        keyed: true,
    },
    Case {
        kind: FieldType::Url,
        kept: &[("https://acme.test/a?b", "https://acme.test/a?b"), ("http://a", "http://a")],
        refused: &[
            ("javascript:alert(1)", Fault::NotAUrl),
            ("https://", Fault::NotAUrl),
            ("https://a b", Fault::NotAUrl),
        ],
        ordered: &["http://a", "https://a"],
        longest: 2_000,
        keyed: true,
    },
    Case {
        kind: FieldType::Picklist,
        kept: &[("open", "open"), (" closed ", "closed")],
        refused: &[("Open", Fault::UnknownValue), ("gone", Fault::UnknownValue)],
        ordered: &["closed", "open"],
        longest: 1_000,
        keyed: false,
    },
    Case {
        kind: FieldType::Relation,
        kept: &[("01890A5D-AC96-774B-BCCE-B302099A8057", ID)],
        refused: &[("42", Fault::UnknownRecord), ("00000000-0000-0000-0000-000000000000", Fault::UnknownRecord)],
        ordered: &[ID, "01890a5d-ac96-774b-bcce-b302099a8058"],
        longest: 1_000,
        keyed: false,
    },
    Case {
        kind: FieldType::Owner,
        kept: &[("01890A5DAC96774BBCCEB302099A8057", ID)],
        refused: &[("42", Fault::UnknownAgent)],
        ordered: &[ID, "01890a5d-ac96-774b-bcce-b302099a8058"],
        longest: 1_000,
        keyed: false,
    },
];

fn keys() -> [PicklistKey; 2] {
    [PicklistKey { key: "open".into(), number: 1 }, PicklistKey { key: "closed".into(), number: 2 }]
}

fn accept(kind: FieldType, given: &Value) -> Result<Option<Value>, Fault> {
    let limits = Limits { longest: kind.limit(), keys: &keys() };
    kind.accept(given, &limits).map_err(|misfit| misfit.fault)
}

fn value(kind: FieldType, text: &str) -> Value {
    accept(kind, &Value::text(text)).unwrap().unwrap()
}

#[test]
fn every_type_that_modules_can_have_is_tried_here() {
    let numbered: Vec<FieldType> = FieldType::ALL.iter().copied().filter(|t| t.number().is_some()).collect();
    let tried: Vec<FieldType> = CASES.iter().map(|case| case.kind).collect();
    assert_eq!(numbered, tried);
}

#[test]
fn names_and_numbers_lead_back_to_the_type() {
    for kind in FieldType::ALL {
        let word = serde_json::to_value(kind).unwrap();
        assert_eq!(word, kind.name(), "{kind:?}");
        if let Some(number) = kind.number() {
            assert_eq!(FieldType::numbered(number), Some(*kind));
        }
    }
    for number in [i32::MIN, -1, 0, 63, 64, i32::MAX] {
        assert_eq!(FieldType::numbered(number), None, "{number}");
    }
}

#[test]
fn what_fits_is_kept_in_one_form_and_stays_in_it() {
    for Case { kind, kept, ordered, .. } in CASES {
        for (given, kept) in *kept {
            let value = value(*kind, given);
            assert_eq!(value.shown(), *kept, "{kind:?} {given}");
        }
        // What goes out, as a value or in text, comes back as the same.
        for text in kept.iter().map(|(_, kept)| kept).chain(*ordered) {
            let value = value(*kind, text);
            assert_eq!(accept(*kind, &value), Ok(Some(value.clone())), "{kind:?} {text}");
            assert_eq!(accept(*kind, &Value::text(value.shown())), Ok(Some(value.clone())), "{kind:?} {text}");
            let known = keys().map(|k| k.key);
            assert!(kind.family().holds(ValueRef::from(&value), &known), "{kind:?} {text}");
        }
    }
}

#[test]
fn what_does_not_fit_is_refused_with_its_reason() {
    for Case { kind, refused, .. } in CASES {
        for (given, fault) in *refused {
            assert_eq!(accept(*kind, &Value::text(*given)), Err(*fault), "{kind:?} {given}");
        }
    }
    for (kind, other) in [
        (FieldType::Text, Value::Integer(1)),
        (FieldType::Integer, Value::Boolean(true)),
        (FieldType::Decimal, Value::Boolean(true)),
        (FieldType::Checkbox, Value::Integer(1)),
        (FieldType::Date, Value::Integer(1)),
    ] {
        assert_eq!(accept(kind, &other), Err(Fault::WrongType), "{kind:?}");
    }
    assert_eq!(accept(FieldType::Integer, &Value::Integer(i64::MIN)), Err(Fault::OutOfRange));
    assert_eq!(accept(FieldType::Decimal, &Value::Integer(7)), Ok(Some(Value::text("7"))));
    assert_eq!(accept(FieldType::Percent, &Value::Integer(7)), Ok(Some(Value::text("7"))));
    assert_eq!(accept(FieldType::Percent, &Value::Integer(101)), Err(Fault::OutOfRange));
}

#[test]
fn an_empty_text_empties_a_field_of_any_type() {
    for Case { kind, .. } in CASES {
        for empty in ["", "  ", "\u{200b}"] {
            assert_eq!(accept(*kind, &Value::text(empty)), Ok(None), "{kind:?}");
        }
    }
}

#[test]
fn each_type_says_how_long_a_text_may_be() {
    for &Case { kind, longest, .. } in CASES {
        assert_eq!(kind.limit(), longest, "{kind:?}");
        assert_eq!((kind.limit_of(0), kind.limit_of(10), kind.limit_of(u32::MAX)), (longest, 10, longest));
        let text = "7".repeat(longest + 1);
        assert_eq!(accept(kind, &Value::text(text)), Err(Fault::TooLong), "{kind:?}");
    }
    let short = Limits { longest: 3, keys: &[] };
    let refused = FieldType::Text.accept(&Value::text("four"), &short);
    assert_eq!(refused.map_err(|m| m.fault), Err(Fault::TooLong));
}

#[test]
fn values_stand_in_the_order_that_people_mean() {
    for Case { kind, ordered, .. } in CASES {
        let values: Vec<Value> = ordered.iter().map(|text| value(*kind, text)).collect();
        for (a, left) in values.iter().enumerate() {
            for (b, right) in values.iter().enumerate() {
                let order = kind.family().compare(left.into(), right.into());
                assert_eq!(order, Some(a.cmp(&b)), "{kind:?} {left:?} {right:?}");
            }
        }
    }
    let time = |a, b| Family::Time.compare(ValueRef::Text(a), ValueRef::Text(b));
    assert_eq!(time("09:30", "09:30:00"), Some(Ordering::Equal));
    assert_eq!(time("09:30:01", "09:31"), Some(Ordering::Less));
    assert_eq!(time("24:00", "09:31"), None);
}

#[test]
fn lists_of_texts_go_by_a_key_without_accents_and_case() {
    for &Case { kind, keyed, .. } in CASES {
        let column = kind.column();
        assert_eq!(column.is_keyed(), keyed, "{kind:?}");
        assert_eq!(column.sort_key("É".into()), if keyed { "e" } else { "É" });
    }
    assert_eq!(Column::Text.sort_key("x".repeat(1_000)).len(), 200);
}

#[test]
fn people_are_told_what_is_wrong_with_a_field_by_a_text_for_every_fault() {
    for kind in FieldType::ALL {
        for fault in Fault::ALL {
            assert!(kind.fault_text(*fault).starts_with("fault-"), "{kind:?} {fault:?}");
            assert_eq!(Fault::of_code(fault.code()), Some(*fault));
        }
    }
    assert_eq!(FieldType::Integer.fault_text(Fault::OutOfRange), "fault-integer");
    assert_eq!(FieldType::Decimal.fault_text(Fault::NotANumber), "fault-decimal");
    assert_eq!(FieldType::Percent.fault_text(Fault::OutOfRange), "fault-percent");
    assert_eq!(FieldType::Email.fault_text(Fault::TooLong), "fault-too-long");
    assert_eq!(Fault::of_code("name_taken"), None);
}

#[test]
fn a_mask_shows_at_most_the_last_four_characters_and_not_the_length() {
    assert_eq!(FieldType::Text.mask("DE89370400440532013000"), "••••3000");
    assert_eq!(FieldType::Phone.mask("12345"), "••••2345");
    assert_eq!(FieldType::Text.mask("1234"), "••••");
    assert_eq!(FieldType::Text.mask(""), "••••");
    assert_eq!(FieldType::Text.mask("wörtchenäöüß"), "••••äöüß");
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
        assert_eq!(kind.mask(text), "••••", "{kind:?}");
    }
    // Of an address the domain only: a short one would bring the person with it.
    assert_eq!(FieldType::Email.mask("emma.rossi@acme.test"), "••••test");
    assert_eq!(FieldType::Email.mask("emma@a.it"), "••••");
    assert_eq!(FieldType::Email.mask("no address"), "••••");
}

proptest! {
    #[test]
    fn what_was_accepted_is_accepted_again_unchanged(at in 0..CASES.len(), text in ".{0,40}") {
        let kind = CASES[at].kind;
        if let Ok(Some(value)) = accept(kind, &Value::text(text)) {
            prop_assert_eq!(accept(kind, &value), Ok(Some(value)));
        }
    }

    #[test]
    fn no_text_stops_the_mask(text in any::<String>()) {
        for kind in FieldType::ALL {
            prop_assert!(kind.mask(&text).chars().count() <= 8);
        }
    }
}
