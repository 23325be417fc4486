use super::*;
use proptest::prelude::*;

#[test]
fn logins_that_look_the_same_have_one_key() {
    assert_eq!(login_key(" Emma@Acme.test "), "emma@acme.test");
    // Full-width letters, as some keyboards give them.
    assert_eq!(login_key("Ｅmma@acme.test"), "emma@acme.test");
    // A sign that is written as a space and a mark when it is normalised.
    assert_eq!(login_key("\u{a8}"), login_key(&login_key("\u{a8}")));
}

#[test]
fn ordinary_addresses_are_valid() {
    for email in ["emma@acme.test", "a@b.co", "first.last+tag@sub.example.org", "o'neil@x-y.example"] {
        assert!(email_is_valid(email), "{email}");
    }
}

#[test]
fn what_is_no_address_is_refused() {
    let long = format!("{}@acme.test", "a".repeat(65));
    for email in [
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
        long.as_str(),
    ] {
        assert!(!email_is_valid(email), "{email:?}");
    }
}

#[test]
fn locales_are_language_tags() {
    assert!(locale_is_valid("en") && locale_is_valid("it") && locale_is_valid("pt-BR"));
    assert!(!locale_is_valid("") && !locale_is_valid("EN") && !locale_is_valid("english") && !locale_is_valid("en-us"));
}

proptest! {
    #[test]
    fn the_key_of_a_key_is_itself(login in "\\PC{0,40}") {
        let once = login_key(&login);
        prop_assert_eq!(login_key(&once), once);
    }

    #[test]
    fn a_valid_address_has_no_character_that_could_split_a_header(email in "\\PC{0,60}") {
        if email_is_valid(&email) {
            prop_assert!(email.is_ascii() && !email.contains(['\r', '\n', ' ', ',', ';', '<', '>', '"']));
        }
    }
}
