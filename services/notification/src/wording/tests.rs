use super::Language;
use jiff::tz::TimeZone;
use kernel::Timestamp;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

const ENGLISH: &str = include_str!("../../i18n/en/mail.ftl");
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
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("i18n");
    for language in kernel::Language::ALL {
        let file = folder.join(language.tag()).join("mail.ftl");
        let text = fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        assert_eq!(english, keys(&text), "{}", file.display());
    }
    let folders = fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    let tags: BTreeSet<String> = kernel::Language::ALL.iter().map(|l| l.tag().to_owned()).collect();
    assert_eq!(folders.collect::<BTreeSet<_>>(), tags, "a folder of texts without a language, or the other way round");
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
    assert_eq!(Language::ENGLISH.date("2026-03-01"), "1 March 2026");
    assert_eq!(Language::from_tag("it").unwrap().date("2026-03-01"), "1 marzo 2026");
    assert_eq!(Language::from_tag("de").unwrap().date("2026-03-03"), "3. März 2026");
    assert_eq!(Language::ENGLISH.date("soon"), "soon");
    let at = Timestamp::from_micros(1_772_373_900_000_000);
    let rome = TimeZone::get("Europe/Rome").unwrap();
    assert_eq!(Language::from_tag("it").unwrap().moment(at, &rome), "1 marzo 2026, ore 15:05 (Europe/Rome)");
    assert_eq!(Language::from_tag("de").unwrap().moment(at, &rome), "1. März 2026, 15:05 Uhr (Europe/Rome)");
    assert_eq!(Language::ENGLISH.moment(at, &TimeZone::UTC), "1 March 2026, 14:05 (UTC)");
}

#[test]
fn every_language_writes_its_twelve_months_and_its_moments() {
    for tag in kernel::Language::ALL.iter().map(|l| l.tag()) {
        let language = Language::from_tag(tag).unwrap();
        let dates: BTreeSet<String> = (1..=12).map(|m| language.date(&format!("2026-{m:02}-05"))).collect();
        assert_eq!(dates.len(), 12, "{tag}: a month is there twice: {dates:?}");
        let moment = language.moment(Timestamp::from_micros(1_772_373_900_000_000), &TimeZone::UTC);
        assert!(moment.contains("14:05") && moment.contains("2026"), "{tag}: {moment}");
    }
}

#[test]
fn a_tag_with_a_region_is_its_language_and_an_unknown_one_is_none() {
    assert_eq!(Language::from_tag("it-IT"), Some(Language::from_tag("it").unwrap()));
    assert_eq!(Language::from_tag("EN"), Some(Language::ENGLISH));
    assert_eq!(Language::from_tag("fi"), None);
    assert_eq!(Language::from_tag(""), None);
}
