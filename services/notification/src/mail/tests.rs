use super::{one_line, shorten};
use proptest::prelude::*;

#[test]
fn a_long_text_is_cut_after_a_word() {
    assert_eq!(shorten("The printer on the second floor", 20), "The printer on the…");
    assert_eq!(shorten("Donaudampfschifffahrt", 10), "Donaudamp…");
    assert_eq!(shorten("short", 10), "short");
}

#[test]
fn a_title_with_line_breaks_cannot_add_a_header() {
    assert_eq!(one_line("Hello\r\nBcc: all@example.test\u{0}", 100), "Hello Bcc: all@example.test");
}

proptest! {
    #[test]
    fn a_shortened_text_is_never_too_long_and_always_one_line(text in ".{0,200}", most in 2_usize..80) {
        let line = one_line(&text, most);
        prop_assert!(line.chars().count() <= most);
        prop_assert!(!line.chars().any(char::is_control));
    }
}
