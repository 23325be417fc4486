//! Every form of every page takes back what was typed into it.

use std::collections::BTreeSet;

use gateway_ui::{Lang, refill};

use crate::dom::{Dom, Node};
use crate::samples;

const NASTY: &str = "Typed <b>\"here\"</b> & 'there'";

/// The controls of a form, by index.
fn controls(dom: &Dom, form: usize) -> Vec<usize> {
    let takes = |node: &Node| ["input", "textarea", "select"].contains(&node.name.as_str());
    dom.below(form).into_iter().filter(|&i| takes(&dom.nodes[i]) && dom.nodes[i].attribute("name").is_some()).collect()
}

fn options(dom: &Dom, select: usize) -> Vec<usize> {
    dom.below(select).into_iter().filter(|&i| dom.nodes[i].name == "option").collect()
}

/// What a browser would send of a form whose every field was filled in by a person.
fn typed(dom: &Dom, form: usize) -> Vec<(String, String)> {
    let mut typed = Vec::new();
    let mut chosen = BTreeSet::new();
    for index in controls(dom, form) {
        let node = &dom.nodes[index];
        let name = node.attribute("name").unwrap_or_default().to_owned();
        let value = node.attribute("value").unwrap_or_default().to_owned();
        match (node.name.as_str(), node.attribute("type").unwrap_or("text")) {
            ("textarea", _) => typed.push((name, format!("\n{NASTY}"))),
            ("select", _) => {
                let last = options(dom, index).pop().map(|o| dom.nodes[o].attribute("value").unwrap_or_default());
                typed.push((name, last.unwrap_or_default().to_owned()));
            }
            (_, "hidden") => typed.push((name, value)),
            (_, "password") => typed.push((name, "never".to_owned())),
            // The last of a group is chosen, and every box ticked.
            (_, "radio") => {
                typed.retain(|(n, _)| *n != name || !chosen.contains(n));
                chosen.insert(name.clone());
                typed.push((name, value));
            }
            (_, "checkbox") => typed.push((name, value)),
            _ if node.attribute("readonly").is_some() => typed.push((name, value)),
            _ => typed.push((name, NASTY.to_owned())),
        }
    }
    typed
}

fn posting(dom: &Dom) -> Vec<usize> {
    dom.named("form").filter(|(_, f)| f.attribute("method") == Some("post")).map(|(i, _)| i).collect()
}

#[test]
fn every_form_of_every_page_takes_back_what_was_typed_into_it() {
    let (mut forms, mut texts) = (0, 0);
    for sample in samples::all(Lang::ENGLISH).into_iter().filter(|s| !s.name.starts_with("fragment")) {
        let before = Dom::page(&sample.html);
        for (place, &form) in posting(&before).iter().enumerate() {
            let action = before.nodes[form].attribute("action").unwrap_or_default().to_owned();
            let sent = typed(&before, form);
            let html = refill(&sample.html, &action, &sent, Lang::ENGLISH, Some("/icons.svg"));
            let after = Dom::page(&html);
            assert!(after.errors.is_empty(), "{}: {action}: {:?}", sample.name, after.errors);
            assert!(html.contains("class=\"banner info kept\""), "{}: {action}: no note", sample.name);
            // Which of several forms to the same place that differ in nothing is all the same.
            let same =
                |other: usize| after.nodes[other].attribute("action") == Some(&action) && holds(&after, other, &sent);
            let filled = posting(&after).into_iter().any(same);
            assert!(filled, "{} (form {place}, {action}): {sent:?}\n{html}", sample.name);
            forms += 1;
            texts += sent.iter().filter(|(_, value)| value.contains(NASTY)).count();
        }
    }
    assert!(forms > 200 && texts > 100, "only {forms} forms with {texts} texts");
}

/// Whether a form holds all that was sent, but secrets.
fn holds(dom: &Dom, form: usize, sent: &[(String, String)]) -> bool {
    controls(dom, form).into_iter().all(|index| {
        let node = &dom.nodes[index];
        let name = node.attribute("name").unwrap_or_default();
        let value = node.attribute("value").unwrap_or_default();
        let was_sent = |value: &str| sent.iter().any(|(n, v)| n == name && v == value);
        match (node.name.as_str(), node.attribute("type").unwrap_or("text")) {
            // A parser takes the first line break of a text area away.
            ("textarea", _) => was_sent(&format!("\n{}", dom.raw_text(index).trim_start_matches('\n'))),
            ("select", _) => {
                let chosen = |&o: &usize| dom.nodes[o].attribute("selected").is_some();
                let selected: Vec<_> = options(dom, index).into_iter().filter(chosen).collect();
                let all = options(dom, index);
                let shown = selected.first().or(all.first()).map(|&o| dom.nodes[o].attribute("value"));
                was_sent(shown.flatten().unwrap_or_default())
            }
            (_, "password") => value.is_empty(),
            (_, "checkbox" | "radio") => {
                let last = sent.iter().rev().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
                let wanted = match node.attribute("type") {
                    Some("radio") => last == Some(value),
                    _ => was_sent(value),
                };
                wanted == node.attribute("checked").is_some()
            }
            _ => was_sent(value),
        }
    })
}
