use super::*;

#[test]
fn locales_are_language_tags() {
    assert!(locale_is_valid("en") && locale_is_valid("it") && locale_is_valid("pt-BR"));
    assert!(!locale_is_valid("") && !locale_is_valid("EN") && !locale_is_valid("english") && !locale_is_valid("en-us"));
}
