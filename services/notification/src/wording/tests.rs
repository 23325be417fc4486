use super::Language;
use jiff::tz::TimeZone;
use kernel::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

const ENGLISH: &str = include_str!("../../i18n/en/mail.ftl");
const ITALIAN: &str = include_str!("../../i18n/it/mail.ftl");
/// The sources that use texts.
const USERS: [&str; 4] = [
    include_str!("../compose.rs"),
    include_str!("../compose/records.rs"),
    include_str!("../compose/security.rs"),
    include_str!("../wording.rs"),
];

/// Key → names of its placeholders.
fn keys(file: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = String::new();
    for line in file.lines().filter(|l| !l.starts_with('#')) {
        if let Some((key, _)) = line.split_once(" = ").filter(|(k, _)| !k.starts_with([' ', '}', '['])) {
            current = key.to_owned();
        }
        let names = line.split("{ $").skip(1).filter_map(|p| p.split([' ', '}']).next()).map(str::to_owned);
        if !current.is_empty() {
            found.entry(current.clone()).or_default().extend(names);
        }
    }
    found
}

#[test]
fn every_language_has_the_same_keys_with_the_same_placeholders() {
    let english = keys(ENGLISH);
    assert!(english.len() > 30, "the file was not understood");
    assert_eq!(english, keys(ITALIAN));
}

#[test]
fn every_key_is_used_and_every_used_key_exists() {
    let english = keys(ENGLISH);
    for key in english.keys() {
        assert!(USERS.iter().any(|u| u.contains(&format!("\"{key}\""))), "{key} is not used");
    }
    for source in USERS {
        for used in source.split("text(\"").chain(source.split("with(\"")).skip(1) {
            let key = used.split('"').next().unwrap_or_default();
            if !key.is_empty() && key.chars().all(|c| c.is_ascii_lowercase() || c == '-') {
                assert!(english.contains_key(key), "{key} does not exist");
            }
        }
    }
}

#[test]
fn dates_and_moments_are_written_as_people_write_them() {
    assert_eq!(Language::English.date("2026-03-01"), "1 March 2026");
    assert_eq!(Language::Italian.date("2026-03-01"), "1 marzo 2026");
    assert_eq!(Language::English.date("soon"), "soon");
    let at = Timestamp::from_micros(1_772_373_900_000_000);
    let rome = TimeZone::get("Europe/Rome").unwrap();
    assert_eq!(Language::Italian.moment(at, &rome), "1 marzo 2026, ore 15:05 (Europe/Rome)");
    assert_eq!(Language::English.moment(at, &TimeZone::UTC), "1 March 2026, 14:05 (UTC)");
}

#[test]
fn a_tag_with_a_region_is_its_language_and_an_unknown_one_is_none() {
    assert_eq!(Language::from_tag("it-IT"), Some(Language::Italian));
    assert_eq!(Language::from_tag("EN"), Some(Language::English));
    assert_eq!(Language::from_tag("fi"), None);
    assert_eq!(Language::from_tag(""), None);
}
