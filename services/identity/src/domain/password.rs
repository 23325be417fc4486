//! Which passwords are accepted: length and a few plain rules against the obvious ones. No composition rules, no expiry.

use kernel::FieldError;
use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;

mod blocklist;
#[cfg(test)]
mod tests;

/// Fewest characters of a password that stands alone.
const MIN_ALONE: usize = 15;
/// Fewest characters of a password with a second factor behind it.
const MIN_WITH_FACTOR: usize = 10;
/// Most characters.
pub(crate) const MAX_CHARACTERS: usize = 128;
/// Most bytes of UTF-8; also the bound for a password that is only verified.
pub(crate) const MAX_BYTES: usize = 512;

/// The password of all demo accounts; accepted only while the demo data is loaded.
pub(crate) const DEMO_PASSWORD: &str = "portico-demo-2026";

/// Words that, alone or repeated, with any digits and signs around, make no password.
const COMMON_WORDS: [&str; 19] = [
    "password",
    "passwords",
    "passwort",
    "passwd",
    "passphrase",
    "qwerty",
    "qwertz",
    "azerty",
    "letmein",
    "welcome",
    "admin",
    "administrator",
    "secret",
    "changeme",
    "iloveyou",
    "dragon",
    "monkey",
    "football",
    "login",
];

/// Fewest characters of a new password.
pub(crate) fn min_characters(with_factor: bool) -> usize {
    if with_factor { MIN_WITH_FACTOR } else { MIN_ALONE }
}

/// The form in which a password is hashed and compared: Unicode NFC, nothing else.
pub(crate) fn normalise(password: &str) -> String {
    password.nfc().collect()
}

/// Checks a new password in its normalised form against length, common words and words about its owner.
///
/// `about` are names that others know: the product, the company, the person's name and e-mail address.
///
/// # Errors
/// One field error for `field`, with code `password_too_short`, `password_too_long`, `password_too_common` or
/// `password_about_you`.
pub(crate) fn check(field: &str, password: &str, about: &[&str], least: usize) -> Result<(), FieldError> {
    let refuse = |code: &'static str, message: &str| {
        Err(FieldError { field: field.to_owned(), code: code.into(), message: message.to_owned() })
    };
    let characters = password.chars().count();
    if characters < least {
        let message = format!("Please choose at least {least} characters, for example four random words.");
        return refuse("password_too_short", &message);
    }
    if characters > MAX_CHARACTERS || password.len() > MAX_BYTES {
        return refuse("password_too_long", "Please choose at most 128 characters.");
    }
    if is_common(password) {
        return refuse("password_too_common", "This password is among the first that others would try.");
    }
    if is_about(password, about) {
        return refuse("password_about_you", "Please choose a password that is not made of your name or ours.");
    }
    Ok(())
}

/// The obvious ones, and the list of common passwords, as it is or with digits and signs around.
fn is_common(password: &str) -> bool {
    let lower = password.to_lowercase();
    let letters = letters_of(&lower);
    few_different(&lower)
        || is_run(&lower)
        || is_repetition(&lower)
        || made_of(&letters, &COMMON_WORDS)
        || blocklist::has(&lower)
        || blocklist::has(lower.trim_matches(|c: char| !c.is_alphabetic()))
}

fn is_about(password: &str, about: &[&str]) -> bool {
    let words: Vec<String> = about
        .iter()
        .flat_map(|text| {
            let lower = text.to_lowercase();
            let whole = letters_of(&lower);
            let parts = lower.split(|c: char| !c.is_alphanumeric()).map(letters_of).collect::<Vec<_>>();
            parts.into_iter().chain([whole])
        })
        .filter(|word| word.chars().count() >= 3)
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    made_of(&letters_of(&password.to_lowercase()), &words)
}

fn letters_of(text: &str) -> String {
    text.chars().filter(|c| c.is_alphabetic()).collect()
}

/// Fewer than five different characters.
fn few_different(text: &str) -> bool {
    text.chars().collect::<BTreeSet<char>>().len() < 5
}

/// Neighbours on the keyboard, in the alphabet or among digits, one after the other from start to end.
fn is_run(text: &str) -> bool {
    const ROWS: [&str; 6] = [
        "abcdefghijklmnopqrstuvwxyz",
        "012345678901234567890123456789",
        "qwertyuiopasdfghjklzxcvbnm",
        "qwertzuiopasdfghjklyxcvbnm",
        "1234567890qwertyuiopasdfghjklzxcvbnm",
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    ];
    let backwards: String = text.chars().rev().collect();
    ROWS.iter().any(|row| row.contains(text) || row.contains(&backwards))
}

/// One piece of at most ten characters, over and over.
fn is_repetition(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    (1..=10).any(|size| {
        characters.len() >= 2 * size && (size..characters.len()).all(|i| characters[i] == characters[i - size])
    })
}

/// True when the text is a chain of the words and nothing else. An empty text is not.
fn made_of(text: &str, words: &[&str]) -> bool {
    if text.is_empty() {
        return false;
    }
    // reachable[i]: the first i bytes are a chain of words.
    let mut reachable = vec![false; text.len() + 1];
    reachable[0] = true;
    for i in 0..text.len() {
        if reachable[i] {
            for word in words.iter().filter(|w| !w.is_empty()) {
                if text.as_bytes()[i..].starts_with(word.as_bytes()) {
                    reachable[i + word.len()] = true;
                }
            }
        }
    }
    reachable[text.len()]
}
