//! Texts: the same keys and placeholders in every language, none missing, none unused.

use std::collections::{BTreeMap, BTreeSet};

use fields::{Fault, FieldType};
use gateway_ui::Lang;

use crate::sources::{files, read};

/// Key → placeholders, of a language.
fn texts(lang: Lang) -> BTreeMap<String, BTreeSet<String>> {
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in files(&format!("i18n/{}", lang.code()), "ftl") {
        let mut key = String::new();
        for line in read(&path).lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            if line.starts_with(|c: char| c.is_ascii_lowercase()) {
                key = line.split(" =").next().expect("a key").to_owned();
                assert!(texts.insert(key.clone(), BTreeSet::new()).is_none(), "{}: {key} twice", path.display());
            }
            let placeholders = line
                .split('$')
                .skip(1)
                .map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>());
            texts.get_mut(&key).expect("a text belongs to a key").extend(placeholders);
        }
    }
    texts
}

/// Keys that templates and view-models name.
fn used() -> BTreeSet<String> {
    let known: BTreeSet<String> = texts(Lang::En).into_keys().collect();
    let mut used = BTreeSet::new();
    for path in files("templates", "html") {
        for part in read(&path).split("lang.t").skip(1) {
            let call = part.trim_start_matches(['1', '2', 'n']);
            if let Some(key) = call.strip_prefix("(\"").and_then(|rest| rest.split('"').next()) {
                used.insert(key.to_owned());
            }
        }
    }
    for path in files("src", "rs") {
        let source = read(&path);
        used.extend(known.iter().filter(|key| source.contains(&format!("\"{key}\""))).cloned());
    }
    // What is said of values is chosen by the type of the field.
    for kind in FieldType::ALL {
        used.extend(Fault::ALL.iter().map(|fault| kind.fault_text(*fault).to_owned()));
    }
    used
}

#[test]
fn every_language_has_the_same_keys_with_the_same_placeholders() {
    let english = texts(Lang::En);
    assert!(english.len() > 200, "only {} keys were found", english.len());
    for lang in Lang::ALL {
        assert_eq!(texts(lang), english, "{}", lang.code());
    }
}

#[test]
fn no_key_is_missing_and_none_is_unused() {
    let known: BTreeSet<String> = texts(Lang::En).into_keys().collect();
    let used = used();
    assert_eq!(used.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new(), "missing");
    assert_eq!(known.difference(&used).collect::<Vec<_>>(), Vec::<&String>::new(), "unused");
}

#[test]
fn no_page_shows_a_key_or_an_unfilled_placeholder() {
    for lang in Lang::ALL {
        let keys: BTreeSet<String> = texts(lang).into_keys().filter(|key| key.contains('-')).collect();
        for sample in crate::samples::all(lang) {
            let page = crate::dom::Dom::page(&sample.html);
            let text = page.text(0);
            for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')) {
                assert!(!keys.contains(word), "{}: the key {word} instead of its text", sample.name);
            }
            assert!(!text.contains("{$") && !text.contains("{ $"), "{}: an unfilled placeholder", sample.name);
        }
    }
}

#[test]
fn italian_pages_hold_no_english_sentences_of_ours() {
    let english: BTreeSet<String> = texts(Lang::En).into_keys().map(|key| Lang::En.t(&key)).collect();
    for key in texts(Lang::It).into_keys() {
        let text = Lang::It.t(&key);
        // Single words such as "Console" or "Password" are the same in both.
        if text.split(' ').count() > 3 {
            assert!(!english.contains(&text), "{key} is not translated: {text}");
        }
    }
}

#[test]
fn counts_choose_their_plural_form() {
    assert_eq!(Lang::En.tn("comments-new", 1), "1 new comment");
    assert_eq!(Lang::En.tn("comments-new", 1204), "1,204 new comments");
    assert_eq!(Lang::It.tn("comments-new", 1), "1 nuovo commento");
    assert_eq!(Lang::It.tn("comments-new", 12_040), "12.040 nuovi commenti");
}

#[test]
fn a_language_is_found_in_tags_and_headers() {
    assert_eq!(Lang::from_tag("it-IT"), Some(Lang::It));
    assert_eq!(Lang::from_tag("EN_us"), Some(Lang::En));
    assert_eq!(Lang::from_tag("de"), None);
    assert_eq!(Lang::from_accept_language("de-DE,de;q=0.9,it;q=0.8,en;q=0.7"), Some(Lang::It));
    assert_eq!(Lang::from_accept_language("en;q=0.5, it"), Some(Lang::It));
    assert_eq!(Lang::from_accept_language("it;q=0, en"), Some(Lang::En));
    assert_eq!(Lang::from_accept_language("fr, *"), None);
    assert_eq!(Lang::from_accept_language(""), None);
}
