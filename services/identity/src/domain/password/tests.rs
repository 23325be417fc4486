use super::*;
use proptest::prelude::*;

const ABOUT: [&str; 4] = ["Portico", "Acme Desk", "Emma Rossi", "emma@acme.test"];

fn code(password: &str) -> Option<String> {
    check("new_password", &normalise(password), &ABOUT, 15).err().map(|e| e.code.into_owned())
}

#[test]
fn four_random_words_are_accepted() {
    for password in ["correcthorsebattery", "winter lamp river nine", "ünïcode wörds äre fine", "qpfhxlmzvbtkwra"] {
        assert_eq!(code(password), None, "{password}");
    }
}

#[test]
fn length_counts_characters_not_bytes() {
    assert_eq!(code("ßßabcdßßéíóúxy").as_deref(), Some("password_too_short"));
    assert_eq!(code("short").as_deref(), Some("password_too_short"));
    assert_eq!(code(&"aBcDe7".repeat(22)).as_deref(), Some("password_too_long"));
    // 128 characters of four bytes fit; the byte bound is the same.
    let emoji: String = (0..128).map(|i| char::from_u32(0x1F600 + i % 40).unwrap()).collect();
    assert_eq!(emoji.len(), 512);
    assert_eq!(code(&emoji), None);
}

#[test]
fn the_obvious_ones_are_refused() {
    for password in [
        "password1234567",
        "passwordpassword",
        "PASSWORD!!!2024!!!",
        "123456789012345",
        "abcdefghijklmnopq",
        "qwertyuiopasdfgh",
        "aaaaaaaaaaaaaaaa",
        "abababababababab",
        "abcabcabcabcabcabc",
        "welcomeadmin2026!",
        "54321098765432109876",
    ] {
        assert_eq!(code(password).as_deref(), Some("password_too_common"), "{password}");
    }
}

#[test]
fn what_others_know_about_the_owner_is_refused() {
    for password in ["portico12345678", "emma@acme.test1", "EmmaRossi-1985-01", "acmedesk20262026", "Portico-Emma-2026"]
    {
        assert_eq!(code(password).as_deref(), Some("password_about_you"), "{password}");
    }
}

#[test]
fn a_name_within_other_words_is_accepted() {
    assert_eq!(code("emma likes green apples"), None);
}

#[test]
fn decomposed_and_composed_forms_are_the_same_password() {
    assert_eq!(normalise("cafe\u{301} au lait today"), normalise("caf\u{e9} au lait today"));
    assert_eq!(normalise("  two  spaces stay  "), "  two  spaces stay  ");
}

proptest! {
    #[test]
    fn checking_never_panics(password in "\\PC{0,140}", about in prop::collection::vec("\\PC{0,20}", 0..4)) {
        let about: Vec<&str> = about.iter().map(String::as_str).collect();
        let _ = check("password", &normalise(&password), &about, 15);
    }

    #[test]
    fn normalising_twice_changes_nothing(password in "\\PC{0,60}") {
        let once = normalise(&password);
        prop_assert_eq!(normalise(&once), once);
    }

    #[test]
    fn what_is_accepted_keeps_to_the_bounds(password in "\\PC{0,200}") {
        let password = normalise(&password);
        if check("password", &password, &[], 15).is_ok() {
            prop_assert!((15..=128).contains(&password.chars().count()) && password.len() <= 512);
        }
    }
}

#[test]
fn common_passwords_are_refused_and_random_words_are_not() {
    for common in ["password1234567", "1qaz2wsx3edc4rfv", "christopher!!!!!!", "111222333444555"] {
        assert_eq!(code(common).as_deref(), Some("password_too_common"), "{common}");
    }
    let random = [
        "lantern quarry mimosa",
        "brisk otters juggling",
        "seven purple gaskets",
        "tre mele sotto la luna",
        "kettle-violet-ransom",
        "overgrown tax office",
        "plinth umbrella nougat",
        "glacier tonsil banjo",
        "hovering wet pretzel",
        "ombrello giallo stanco",
        "mustard flamingo ledger",
        "static radish envoy",
        "quiet tram in november",
        "paprika hinge walrus",
        "cobalt attic sandwich",
    ];
    for words in random {
        assert_eq!(code(words), None, "{words}");
    }
}

#[test]
fn ten_characters_are_enough_with_a_second_factor_behind_them() {
    assert_eq!(check("p", "vexed-lark", &[], 10), Ok(()));
    assert_eq!(check("p", "vexed-lar", &[], 10).unwrap_err().code, "password_too_short");
    assert_eq!(check("p", "1234567890", &[], 10).unwrap_err().code, "password_too_common");
}
