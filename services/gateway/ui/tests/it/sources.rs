//! Rules that the sources of the pages keep: no text of their own, only icons that are in the sprite.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Files of an ending below a folder of this crate.
pub(crate) fn files(folder: &str, ending: &str) -> Vec<PathBuf> {
    fn walk(folder: &Path, ending: &str, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("the folder is there") {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() {
                walk(&path, ending, found);
            } else if path.extension().is_some_and(|found| found == ending) {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), ending, &mut found);
    found.sort();
    assert!(!found.is_empty(), "nothing under {folder}");
    found
}

pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A template without its expressions, statements and comments.
fn without_code(template: &str) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        let (text, code) = rest.split_at(at);
        out.push_str(text);
        let close = match code.as_bytes().get(1) {
            Some(b'{') => "}}",
            Some(b'%') => "%}",
            Some(b'#') => "#}",
            _ => {
                out.push('{');
                rest = &code[1..];
                continue;
            }
        };
        let end = code.find(close).expect("what is opened is closed") + close.len();
        rest = &code[end..];
    }
    out + rest
}

/// What stands between tags, and the attributes that people see or hear.
fn visible(markup: &str) -> Vec<String> {
    let mut texts = Vec::new();
    for piece in markup.split('<') {
        let (tag, text) = piece.split_once('>').unwrap_or(("", piece));
        texts.push(text.to_owned());
        for attribute in ["title", "alt", "placeholder", "aria-label", "aria-description", "label"] {
            for part in tag.split(&format!(" {attribute}=\"")).skip(1) {
                texts.push(part.split('"').next().unwrap_or_default().to_owned());
            }
        }
    }
    texts
}

#[test]
fn templates_hold_no_text_of_their_own() {
    for path in files("templates", "html") {
        for text in visible(&without_code(&read(&path))) {
            // A macro may write attributes of the tag that it is called in.
            let words =
                text.split_whitespace().filter(|word| !word.contains("=\"") && *word != "doctype" && *word != "html");
            let letters: String = words.flat_map(str::chars).filter(|c| c.is_alphabetic()).collect();
            assert!(letters.is_empty(), "{}: {text:?}", path.display());
        }
    }
}

/// What people typed, by the name under which templates know it. Written from right to left it would turn around what
/// stands beside it.
const TYPED: [&str; 14] = [
    "access.login",
    "choice.detail",
    "choice.label",
    "chosen.detail",
    "chosen.label",
    "comment.author.name",
    "crumb.label",
    "person.name",
    "row.detail",
    "row.title",
    "shortcut.title",
    "title",
    "viewer.detail",
    "viewer.name",
];

#[test]
fn what_people_typed_has_a_direction_of_its_own() {
    let mut seen = BTreeSet::new();
    for path in files("templates", "html") {
        let template = read(&path);
        for (at, _) in template.match_indices("{{ ") {
            let expression = template[at + 3..].split(" }}").next().unwrap_or_default();
            let shown = path.ends_with("ui.html") && matches!(expression, "label");
            let typed = expression == "html.as_str()|safe" || expression.ends_with("body.as_str()|safe");
            if !(TYPED.contains(&expression) || shown || typed) {
                continue;
            }
            seen.insert(expression.to_owned());
            let before = &template[..at];
            let in_title = before.rfind("block title").is_some_and(|from| !before[from..].contains("endblock"));
            let markup = without_code(before);
            let (open, close) = (markup.rfind('<').unwrap_or_default(), markup.rfind('>').unwrap_or_default());
            let tag = &markup[open..];
            let alone = tag.starts_with("<bdi") || tag.starts_with("<option") || tag.contains("dir=\"auto\"");
            assert!(open > close || alone || in_title, "{}: {expression} after {tag}", path.display());
        }
        // Names to sign in with and codes are written in one direction.
        let technical = ["autocomplete=\"username", "one-time-code", "inputmode=", "readonly"];
        for tag in without_code(&template).split('<') {
            let tag = tag.split('>').next().unwrap_or_default();
            let takes_text = tag.starts_with("textarea ") || tag.contains("type=\"text\"");
            let has = tag.contains("dir=\"auto\"") || technical.iter().any(|t| tag.contains(t));
            assert!(!takes_text || has, "{}: <{tag}>", path.display());
        }
    }
    let missing: Vec<_> = TYPED.iter().filter(|name| !seen.contains(**name)).collect();
    assert!(missing.is_empty(), "no template has {missing:?} any more");
}

#[test]
fn view_models_hold_no_text_of_their_own() {
    // A sentence has a space between small letters; keys, classes and addresses have none.
    for path in files("src/vm", "rs") {
        let source = read(&path);
        for line in source.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for literal in line.split('"').skip(1).step_by(2) {
                let words = literal.split(' ').filter(|word| word.len() > 2 && word.chars().all(char::is_alphabetic));
                assert!(words.count() < 2, "{}: {literal:?}", path.display());
            }
        }
    }
}

#[test]
fn every_icon_that_a_page_names_is_in_the_sprite() {
    let list = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../web/src/icons.json"));
    let mut known: BTreeSet<String> =
        serde_json::from_str::<Vec<String>>(&list).expect("the list of icons is JSON").into_iter().collect();
    known.insert("portico".to_owned());
    let mut used = BTreeSet::new();
    for sample in crate::samples::all(gateway_ui::Lang::ENGLISH) {
        for part in sample.html.split("/assets/icons.svg#").skip(1) {
            used.insert(part.split('"').next().unwrap_or_default().to_owned());
        }
    }
    let missing: Vec<_> = used.difference(&known).collect();
    assert!(missing.is_empty(), "not in the sprite: {missing:?}");
    // Icons that only modules name are used by no sample.
    let modules = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/vm/icon.rs"));
    let idle: Vec<_> = known.difference(&used).filter(|icon| !modules.contains(&format!("\"{icon}\""))).collect();
    assert!(idle.is_empty(), "in the sprite for nothing: {idle:?}");
}
