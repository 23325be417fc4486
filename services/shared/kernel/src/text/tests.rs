use super::*;
use proptest::prelude::*;

#[test]
fn a_line_is_composed_and_has_no_space_around() {
    assert_eq!(line(" Cafe\u{301} ", 20), Ok(Some("Café".to_owned())));
    assert_eq!(line("a\tb", 20), Ok(Some("a b".to_owned())));
    assert_eq!(line("\u{feff}a", 20), Ok(Some("a".to_owned())));
    assert_eq!(line("👩\u{200d}💻 \u{200f}שלום", 20), Ok(Some("👩\u{200d}💻 \u{200f}שלום".to_owned())));
}

#[test]
fn what_can_not_be_seen_is_nothing() {
    for text in ["", "   ", "\u{200b}", "\u{200b}\u{a0}\u{3164}", "\u{2800}", "\u{ad}", "\u{301}", "\u{e0041}"] {
        assert_eq!(line(text, 20), Ok(None), "{text:?}");
        assert_eq!(lines(text, 20), Ok(None), "{text:?}");
    }
}

#[test]
fn what_reaches_beyond_itself_is_refused() {
    for text in ["a\u{202e}b", "a\u{2066}b", "a\0b", "a\u{1b}b", "a\u{ffff}b", "a\u{fff9}b"] {
        assert_eq!(line(text, 20), Err(CONTROL_CHARACTERS), "{text:?}");
        assert_eq!(lines(text, 20), Err(CONTROL_CHARACTERS), "{text:?}");
    }
    for text in ["a\nb", "a\rb", "a\u{85}b", "a\u{2028}b", "a\u{2029}b"] {
        assert_eq!(line(text, 20), Err(CONTROL_CHARACTERS), "{text:?}");
    }
    assert_eq!(lines("a\r\nb\rc\u{2028}d\u{2029}e\tf", 20), Ok(Some("a\nb\nc\nd\n\ne\tf".to_owned())));
    assert_eq!(lines(" \n\n    code\nmore \n\n", 20), Ok(Some("    code\nmore".to_owned())));
}

#[test]
fn a_name_may_be_as_long_as_two_of_its_parts() {
    let part = "é".repeat(MAX_NAME_PART);
    assert!(person_name(&format!("{part} {part}")).is_ok());
    assert_eq!(person_name(&format!("{part} {part}x")), Err(TOO_LONG));
    assert_eq!(person_name(" \u{200b}"), Err(REQUIRED));
}

#[test]
fn texts_are_found_whatever_their_form_case_and_accents() {
    for same in [
        ["Café", "CAFE\u{301}"],
        ["Straße", "STRASSE"],
        ["Œuvre", "oeuvre"],
        ["ΣΊΣΥΦΟΣ", "σισυφος"],
        ["İzmir", "izmir"],
    ] {
        assert_eq!(folded(same[0]), folded(same[1]));
    }
    assert_eq!(folded("Łódź\u{a0}Øre"), "lodz ore");
}

#[test]
fn an_international_domain_is_kept_in_ascii() {
    assert_eq!(email(" emma@Bücher.example "), Ok("emma@xn--bcher-kva.example".to_owned()));
    assert_eq!(email("emma@bu\u{308}cher.example"), Ok("emma@xn--bcher-kva.example".to_owned()));
    assert_eq!(email("Emma@Acme.Test"), Ok("Emma@acme.test".to_owned()));
    assert_eq!(email("emma@straße.example"), Ok("emma@xn--strae-oqa.example".to_owned()));
    for good in ["a@b.co", "first.last+tag@sub.example.org", "o'neil@x-y.example"] {
        assert_eq!(email(good), Ok(good.to_owned()));
    }
}

#[test]
fn what_is_no_address_is_refused() {
    let long = format!("{}@acme.test", "a".repeat(65));
    let longer = format!("a@{}test", "abcdefgh.".repeat(40));
    for text in [
        "",
        "emma",
        "@acme.test",
        "emma@",
        "emma@acme",
        "emma@@acme.test",
        "em ma@acme.test",
        "emma@acme..test",
        ".emma@acme.test",
        "emma@-acme.test",
        "emma@acme.test\r\nBcc: x@y.z",
        "\"emma\"@acme.test",
        "emma@10.0.0.1",
        "emma@ac_me.test",
        "emma@acme.test.",
        "émma@acme.test",
        "emma@a\u{202e}cme.test",
        "emma@\0.test",
        &long,
        &longer,
    ] {
        assert_eq!(email(text), Err(NOT_AN_EMAIL), "{text:?}");
    }
}

#[test]
fn a_login_that_could_be_taken_for_another_is_refused() {
    for good in ["emma", "emma@acme.test", "жанна", "müller.7", "Δημήτρης"] {
        assert!(login(good).is_ok(), "{good}");
    }
    // Cyrillic letters among Latin ones, and nothing but such that look Latin.
    for bad in ["аdmin", "раура", "em ma", "em\u{200b}ma", "e", "οscar", "emma@acme"] {
        assert!(login(bad).is_err(), "{bad}");
    }
}

#[test]
fn logins_that_look_the_same_have_one_key() {
    assert_eq!(login_key(" Emma@Acme.test "), "emma@acme.test");
    // Full-width letters, as some keyboards give them.
    assert_eq!(login_key("Ｅmma@acme.test"), "emma@acme.test");
    assert_eq!(login_key("emma@BÜCHER.example"), "emma@xn--bcher-kva.example");
    // A sign that is written as a space and a mark when it is normalised.
    assert_eq!(login_key("\u{a8}"), login_key(&login_key("\u{a8}")));
}

#[test]
fn a_mark_of_byte_order_keeps_no_space_behind_it() {
    assert_eq!(line("\u{feff}\t\u{a1}", 40), Ok(Some("\u{a1}".into())));
    assert_eq!(lines("\u{feff}\n  x \u{feff}\n", 40), Ok(Some("  x".into())));
}

proptest! {
    #[test]
    fn what_was_taken_is_taken_again_as_it_is(text in "\\PC{0,40}|.{0,40}") {
        if let Ok(Some(kept)) = line(&text, 40) {
            prop_assert_eq!(line(&kept, 40), Ok(Some(kept)));
        }
        if let Ok(Some(kept)) = lines(&text, 80) {
            prop_assert_eq!(lines(&kept, 80), Ok(Some(kept)));
        }
        if let Ok(kept) = email(&text) {
            prop_assert_eq!(email(&kept), Ok(kept));
        }
        if let Ok(kept) = login(&text) {
            prop_assert_eq!(login(&kept), Ok(kept));
        }
        prop_assert_eq!(folded(&folded(&text)), folded(&text));
        prop_assert_eq!(login_key(&login_key(&text)), login_key(&text));
    }

    #[test]
    fn an_address_has_no_character_that_could_split_a_header(text in "[a-z\\PC]{1,8}@[a-z.\\PC]{1,20}") {
        if let Ok(address) = email(&text) {
            prop_assert!(address.is_ascii() && !address.contains(['\r', '\n', ' ', ',', ';', '<', '>', '"']));
        }
    }
}
