//! Texts: the same keys and placeholders in every language, none missing, none unused.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use fields::{Fault, FieldType};
use gateway_ui::Lang;

use crate::sources::{files, read};
use crate::{german, italian};

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
    let known: BTreeSet<String> = texts(Lang::ENGLISH).into_keys().collect();
    let mut used = BTreeSet::new();
    for path in files("templates", "html") {
        for part in read(&path).split("lang.t").skip(1) {
            let call = part.trim_start_matches(['1', '2', 'n']);
            if let Some(key) = call.strip_prefix("(\"").and_then(|rest| rest.split('"').next()) {
                used.insert(key.to_owned());
            }
        }
    }
    // Pages put some texts together themselves.
    for path in files("src", "rs").into_iter().chain(files("../src", "rs")) {
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
    let english = texts(Lang::ENGLISH);
    assert!(english.len() > 200, "only {} keys were found", english.len());
    for lang in Lang::ALL {
        assert_eq!(texts(lang), english, "{}", lang.code());
    }
}

#[test]
fn no_key_is_missing_and_none_is_unused() {
    let known: BTreeSet<String> = texts(Lang::ENGLISH).into_keys().collect();
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
fn pages_of_other_languages_hold_no_english_sentences_of_ours() {
    let english: BTreeSet<String> = texts(Lang::ENGLISH).into_keys().map(|key| Lang::ENGLISH.t(&key)).collect();
    for lang in Lang::ALL.into_iter().filter(|lang| *lang != Lang::ENGLISH) {
        for key in texts(lang).into_keys() {
            let text = lang.t(&key);
            // Single words such as "Console" or "Password" are the same in several languages.
            if text.split(' ').count() > 3 && key != "date" && key != "date-time" {
                assert!(!english.contains(&text), "{}: {key} is not translated: {text}", lang.code());
            }
        }
    }
}

#[test]
fn every_language_of_the_table_has_a_folder_of_texts_and_every_folder_a_language() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("i18n");
    let entries = fs::read_dir(folder).expect("the folder is there");
    let folders: BTreeSet<_> =
        entries.map(|e| e.expect("an entry").file_name().into_string().expect("a tag")).collect();
    assert_eq!(folders, Lang::ALL.iter().map(|lang| lang.code().to_owned()).collect());
}

#[test]
fn every_page_says_its_language_and_offers_all_of_them() {
    let (mut choices, mut terms) = (0, 0);
    for lang in Lang::ALL {
        for crate::samples::Sample { name, html } in crate::samples::all(lang) {
            if name.starts_with("fragment") {
                continue;
            }
            let own = format!("<html lang=\"{}\" dir=\"{}\"", lang.code(), lang.direction());
            assert!(html.contains(&own), "{name}: {own}");
            for offered in Lang::ALL {
                let link = format!("lang=\"{0}\" hreflang=\"{0}\"", offered.code());
                assert!(html.contains(&link) && html.contains(offered.own_name()), "{name}: {link}");
                if html.contains("name=\"locale\"") {
                    choices += 1;
                    assert!(html.contains(&format!("<option value=\"{}\"", offered.code())), "{name}");
                }
                if html.contains("name=\"terms.") {
                    terms += 1;
                    assert!(html.contains(&format!("name=\"terms.{}\"", offered.code())), "{name}");
                }
            }
        }
    }
    assert!(choices > 0 && terms > 0, "no page lets anybody choose a language, or write the terms in one");
}

#[test]
fn counts_choose_their_plural_form() {
    assert_eq!(Lang::ENGLISH.tn("comments-new", 1), "1 new comment");
    assert_eq!(Lang::ENGLISH.tn("comments-new", 1204), "1,204 new comments");
    assert_eq!(italian().tn("comments-new", 1), "1 nuovo commento");
    assert_eq!(italian().tn("comments-new", 12_040), "12.040 nuovi commenti");
    assert_eq!(german().tn("comments-new", 1), "1 neuer Kommentar");
    assert_eq!(german().tn("comments-new", 1204), "1.204 neue Kommentare");
}

#[test]
fn a_language_is_found_in_tags_and_headers() {
    assert_eq!(Lang::from_tag("it-IT"), Some(italian()));
    assert_eq!(Lang::from_tag("EN_us"), Some(Lang::ENGLISH));
    assert_eq!(Lang::from_tag("fi"), None);
    assert_eq!(Lang::from_accept_language("fi-FI,fi;q=0.9,it;q=0.8,en;q=0.7"), Some(italian()));
    assert_eq!(Lang::from_accept_language("de-AT,de;q=0.9,it;q=0.8,en;q=0.7"), Some(german()));
    assert_eq!(Lang::from_accept_language("en;q=0.5, it"), Some(italian()));
    assert_eq!(Lang::from_accept_language("it;q=0, en"), Some(Lang::ENGLISH));
    assert_eq!(Lang::from_accept_language("fr, *"), None);
    assert_eq!(Lang::from_accept_language(""), None);
}
