//! Every page in every state, in every language: structure, labels, forms, and what the content policy forbids.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use gateway_ui::Lang;

use crate::dom::{Dom, Node};
use crate::samples;

/// Every sample, parsed once, with a name that says the language.
static DOCUMENTS: LazyLock<Vec<(String, Dom)>> = LazyLock::new(|| {
    let mut documents = Vec::new();
    for lang in Lang::ALL {
        for sample in samples::all(lang) {
            let dom =
                if sample.name.starts_with("fragment") { Dom::fragment(&sample.html) } else { Dom::page(&sample.html) };
            documents.push((format!("{} {}", lang.code(), sample.name), dom));
        }
    }
    documents
});

fn documents() -> impl Iterator<Item = &'static (String, Dom)> {
    DOCUMENTS.iter()
}

fn pages() -> impl Iterator<Item = &'static (String, Dom)> {
    documents().filter(|(name, _)| !name.contains("fragment"))
}

#[test]
fn every_page_is_valid_html() {
    for (name, dom) in documents() {
        assert!(dom.errors.is_empty(), "{name}: {:?}", dom.errors);
    }
}

#[test]
fn every_id_is_unique_and_every_reference_leads_to_one() {
    for (name, dom) in documents() {
        let mut ids = HashSet::new();
        for (_, node) in dom.elements() {
            if let Some(id) = node.attribute("id") {
                assert!(!id.is_empty() && !id.contains(' '), "{name}: bad id {id:?}");
                assert!(ids.insert(id.to_owned()), "{name}: id {id} twice");
            }
        }
        if name.contains("fragment") {
            continue;
        }
        for (_, node) in dom.elements() {
            for attribute in
                ["aria-labelledby", "aria-describedby", "for", "popovertarget", "data-dialog", "data-reveal"]
            {
                for id in node.attribute(attribute).unwrap_or_default().split_whitespace() {
                    assert!(ids.contains(id), "{name}: {attribute} names {id}, which is not there");
                }
            }
            for target in [node.attribute("href"), node.attribute("hx-target"), node.attribute("hx-select")] {
                if let Some(id) = target.and_then(|target| target.strip_prefix('#')) {
                    assert!(ids.contains(id), "{name}: link to #{id}, which is not there");
                }
            }
        }
    }
}

/// Enter, pressed once too often, takes nothing away.
#[test]
fn a_dialog_that_takes_something_away_begins_on_cancel() {
    let mut dialogs = 0;
    for (name, dom) in documents() {
        let mut begins: HashMap<usize, &Node> = HashMap::new();
        let mut takes_away = HashSet::new();
        for (index, node) in dom.named("button") {
            let Some(dialog) = dom.ancestor(index, "dialog") else { continue };
            if node.attribute("autofocus").is_some() {
                assert!(begins.insert(dialog, node).is_none(), "{name}: a dialog begins twice");
            }
            if node.attribute("class").is_some_and(|class| class.split(' ').any(|c| c == "danger")) {
                takes_away.insert(dialog);
            }
        }
        for dialog in takes_away {
            let first = begins.get(&dialog).unwrap_or_else(|| panic!("{name}: a dialog begins on what takes away"));
            assert!(first.attribute("data-dialog-close").is_some(), "{name}: {first:?}");
            dialogs += 1;
        }
    }
    assert!(dialogs > 20, "only {dialogs} dialogs are tried");
}

#[test]
fn every_input_has_an_id_and_a_visible_or_hidden_label() {
    for (name, dom) in documents() {
        let labels: HashMap<_, _> = dom
            .named("label")
            .filter_map(|(index, node)| Some((node.attribute("for")?.to_owned(), dom.text(index))))
            .collect();
        for (index, node) in dom.elements() {
            let takes_input = ["input", "select", "textarea"].contains(&node.name.as_str());
            if !takes_input || node.attribute("type") == Some("hidden") {
                continue;
            }
            let id = node.attribute("id").unwrap_or_else(|| panic!("{name}: an input without id: {node:?}"));
            let label = labels.get(id).unwrap_or_else(|| panic!("{name}: {id} has no label"));
            assert!(!label.is_empty(), "{name}: the label of {id} is empty");
            assert!(node.attribute("name").is_some(), "{name}: {id} has no name");
            if node.attribute("aria-invalid").is_some() && dom.ancestor(index, "form").is_some() {
                let described = node.attribute("aria-describedby").unwrap_or_default();
                let sign_in = name.contains("sign-in");
                assert!(sign_in || described.contains("-error"), "{name}: {id} is invalid and doesn't say why");
            }
        }
    }
}

#[test]
fn nothing_needs_an_inline_script_or_style() {
    for (name, dom) in documents() {
        for (index, node) in dom.elements() {
            for (attribute, value) in &node.attributes {
                assert_ne!(attribute, "style", "{name}: style on {node:?}");
                assert!(!attribute.starts_with("on"), "{name}: handler {attribute} on {node:?}");
                assert!(
                    !value.trim_start().to_ascii_lowercase().starts_with("javascript:"),
                    "{name}: {attribute} runs script"
                );
            }
            assert_ne!(node.name, "style", "{name}: a style element");
            if node.name == "script" {
                assert!(node.attribute("src").is_some() && dom.text(index).is_empty(), "{name}: inline script");
            }
        }
    }
}

/// The subset of htmx that pages may use.
const HX: [&str; 10] = [
    "hx-get",
    "hx-post",
    "hx-target",
    "hx-select",
    "hx-swap",
    "hx-trigger",
    "hx-include",
    "hx-sync",
    "hx-push-url",
    "hx-ignore",
];

#[test]
fn only_the_small_subset_of_htmx_is_used_and_only_on_what_works_without_it() {
    for (name, dom) in documents() {
        for (index, node) in dom.elements() {
            for (attribute, value) in node.attributes.iter().filter(|(attribute, _)| attribute.starts_with("hx-")) {
                assert!(HX.contains(&attribute.as_str()), "{name}: {attribute}");
                assert!(!value.contains("js:") && !value.contains('['), "{name}: {attribute}={value}");
                if attribute == "hx-target" {
                    assert!(value.starts_with('#'), "{name}: target {value} is not an id");
                }
            }
            if let Some(url) = node.attribute("hx-get") {
                let plain = match node.name.as_str() {
                    "form" => node.attribute("action") == Some(url),
                    // The search box of a picker stands beside a button that does the same by a round trip.
                    "input" => dom.ancestor(index, "form").is_some_and(|form| {
                        dom.below(form).iter().any(|&below| dom.nodes[below].attribute("name") == Some("lookup"))
                    }),
                    _ => node.attribute("href") == Some(url),
                };
                assert!(plain, "{name}: hx-get on {node:?} does nothing without script");
            }
        }
    }
}

#[test]
fn every_post_form_carries_its_token_and_its_own_idempotency_key() {
    let mut forms = 0;
    for (name, dom) in pages() {
        let mut keys = HashSet::new();
        for (index, form) in dom.named("form") {
            let method = form.attribute("method").unwrap_or("get");
            let inside: Vec<&Node> = dom.below(index).into_iter().map(|below| &dom.nodes[below]).collect();
            let hidden = |wanted: &str| {
                inside
                    .iter()
                    .find(|node| node.attribute("name") == Some(wanted) && node.attribute("type") == Some("hidden"))
                    .and_then(|node| node.attribute("value"))
            };
            if method != "post" {
                assert!(hidden("csrf_token").is_none(), "{name}: a token in a GET form would end up in addresses");
                continue;
            }
            forms += 1;
            assert_eq!(hidden("csrf_token"), Some("sample-token"), "{name}: {:?}", form.attribute("action"));
            let key = hidden("form_id").unwrap_or_else(|| panic!("{name}: a form without form_id"));
            assert!(keys.insert(key.to_owned()), "{name}: two forms share the key {key}");
            assert!(form.attribute("action").is_some_and(|action| action.starts_with('/')), "{name}: no action");
        }
    }
    assert!(forms > 100, "only {forms} forms were looked at");
}

#[test]
fn every_page_has_one_heading_a_title_a_language_and_a_way_past_the_menu() {
    for (name, dom) in pages() {
        let (lang, _) = name.split_once(' ').expect("names begin with the language");
        let headings: Vec<_> = dom.named("h1").collect();
        assert_eq!(headings.len(), 1, "{name}");
        assert!(!dom.text(headings[0].0).is_empty(), "{name}: empty heading");
        let title = dom.named("title").map(|(index, _)| dom.text(index)).next().unwrap_or_default();
        assert!(title.ends_with("– Acme Support") && title.len() > 16, "{name}: {title}");
        let (_, html) = dom.named("html").next().expect("a page has a root");
        assert_eq!(html.attribute("lang"), Some(lang), "{name}");
        let first_link = dom.named("a").next().expect("a page has links").1;
        assert_eq!(first_link.attribute("href"), Some("#main"), "{name}: the first link skips to the content");
        let live = dom.elements().filter(|(_, node)| node.attribute("id") == Some("live")).count();
        assert_eq!(live, 1, "{name}: no live region");
    }
}

#[test]
fn headings_never_skip_a_level() {
    for (name, dom) in pages() {
        let mut level = 0;
        for (index, node) in dom.elements() {
            let Some(next) = node.name.strip_prefix('h').and_then(|digits| digits.parse::<u8>().ok()) else { continue };
            // Elements appear in the order in which they were created; the menu's heading comes before the page's.
            let in_body = dom.ancestor(index, "main").is_some();
            if in_body && dom.ancestor(index, "dialog").is_none() && next != 4 {
                assert!(next <= level + 1, "{name}: h{next} after h{level}: {}", dom.text(index));
                level = next;
            }
        }
    }
}

#[test]
fn every_button_and_link_has_a_name() {
    for (name, dom) in documents() {
        for (index, node) in dom.elements() {
            if !["a", "button"].contains(&node.name.as_str()) || node.attribute("aria-hidden") == Some("true") {
                continue;
            }
            let named =
                !dom.text(index).is_empty() || node.attribute("aria-label").is_some_and(|label| !label.is_empty());
            assert!(named, "{name}: {node:?} has no name");
        }
    }
}

#[test]
fn a_refused_form_says_so_in_the_title_and_takes_the_focus() {
    for (name, dom) in pages() {
        let title = dom.named("title").map(|(index, _)| dom.text(index)).next().unwrap_or_default();
        let error = ["Error:", "Errore:", "Fehler:"].iter().any(|word| title.starts_with(word));
        let focused: Vec<_> = dom.elements().filter(|(_, node)| node.attribute("data-focus").is_some()).collect();
        assert_eq!(error, !focused.is_empty(), "{name}: title {title:?}, focus on {focused:?}");
        assert!(focused.len() <= 1, "{name}: two things want the focus");
    }
}

#[test]
fn each_fault_stands_in_the_summary_and_at_its_field() {
    for (name, dom) in pages().filter(|(name, _)| name.contains("form-e")) {
        let Some((summary, _)) = dom.elements().find(|(_, node)| node.attribute("id") == Some("error-summary")) else {
            continue;
        };
        let links: Vec<_> = dom
            .below(summary)
            .into_iter()
            .filter(|&index| dom.nodes[index].name == "a")
            .map(|index| (dom.nodes[index].attribute("href").unwrap_or_default().to_owned(), dom.text(index)))
            .collect();
        assert!(!links.is_empty(), "{name}");
        for (href, text) in links {
            let id = format!("{}-error", href.trim_start_matches('#'));
            let (error, _) = dom
                .elements()
                .find(|(_, node)| node.attribute("id") == Some(&id))
                .unwrap_or_else(|| panic!("{name}: no {id}"));
            assert!(dom.text(error).ends_with(&text), "{name}: {text:?} and {:?} differ", dom.text(error));
        }
    }
}

#[test]
fn what_was_typed_comes_back_escaped() {
    let samples = samples::all(Lang::ENGLISH);
    let html = |name: &str| &samples.iter().find(|sample| sample.name == name).expect("the sample is there").html;
    assert!(html("form-every-fault").contains("kept &#60;text&#62;"));
    assert!(html("record-console-note").contains("Typed &#60;before&#62; &#38; kept"));
    assert!(html("list-no-match").contains("value=\"teleporter\""));
    assert!(html("sign-in-invalid").contains("value=\"emma@acme.test\""));
    assert!(!html("sign-in-invalid").contains("name=\"password\" type=\"password\" value"));
}

#[test]
fn the_customer_never_sees_the_choice_of_an_internal_note() {
    let mut consoles = 0;
    for (name, dom) in pages() {
        let (_, root) = dom.named("html").next().expect("a page has a root");
        let console = root.attribute("data-surface") == Some("console");
        let offers = dom.elements().any(|(_, node)| node.attribute("name") == Some("internal"));
        assert!(console || !offers, "{name} offers internal notes");
        consoles += usize::from(offers);
    }
    assert!(consoles > 0, "no page offers internal notes at all");
}

#[test]
fn a_list_of_twenty_five_rows_stays_small() {
    let samples = samples::all(Lang::ENGLISH);
    let page = &samples.iter().find(|sample| sample.name == "list").expect("the sample is there").html;
    let rows = page.matches("<tr role=\"row\"").count() - 1;
    let start = page.find("<tbody").expect("a table has a body");
    let end = page.find("</tbody>").expect("a table has a body");
    let row = (end - start) / rows;
    let whole = page.len() - (end - start) + 25 * row;
    assert!(whole < 40_000, "{whole} bytes before compression");
}

#[test]
fn every_password_stands_beside_the_name_that_it_belongs_to() {
    let mut forms = 0;
    for (name, dom) in pages() {
        for (form, _) in dom.named("form") {
            let inputs: Vec<&Node> = dom.below(form).into_iter().map(|i| &dom.nodes[i]).collect();
            let passwords: Vec<&&Node> = inputs.iter().filter(|i| i.attribute("type") == Some("password")).collect();
            // A token of a program belongs to no sign-in, and password managers are told so.
            let passwords: Vec<&&Node> =
                passwords.into_iter().filter(|i| i.attribute("autocomplete") != Some("off")).collect();
            let Some(first) = passwords.first() else { continue };
            forms += 1;
            let mut users = inputs.iter().filter(|i| i.attribute("autocomplete") == Some("username"));
            let user = users.next().unwrap_or_else(|| panic!("{name}: a password without a user name: {first:?}"));
            assert!(users.next().is_none(), "{name}: two user names in one form");
            let place = |node: &Node| inputs.iter().position(|i| std::ptr::eq(*i, node));
            assert!(place(user) < place(first), "{name}: the user name comes after the password");
            assert_ne!(user.attribute("type"), Some("hidden"), "{name}: password managers pass over what is hidden");
            if user.attribute("name") == Some("username") {
                assert!(user.attribute("readonly").is_some(), "{name}: what is typed here would be lost");
                assert!(!user.attribute("value").unwrap_or_default().is_empty(), "{name}: nobody's password");
            }
            for password in passwords {
                let word = password.attribute("autocomplete").unwrap_or_default();
                let known = ["password", "current_password"].contains(&password.attribute("name").unwrap_or_default());
                let right = word == "new-password" || (word == "current-password" && known);
                assert!(right, "{name}: {word} on {password:?}");
            }
        }
    }
    assert!(forms > 20, "only {forms} forms");
}

#[test]
fn every_input_with_a_secret_is_in_the_table_of_secrets() {
    let secret = |node: &Node| {
        let name = node.attribute("name").unwrap_or_default();
        node.attribute("type") == Some("password")
            || node.attribute("autocomplete") == Some("one-time-code")
            || ["token", "code", "secret", "credential", "uri"].iter().any(|word| name.ends_with(word))
    };
    let mut seen = HashSet::new();
    for (name, dom) in pages() {
        for (_, node) in dom.named("input").filter(|(_, node)| secret(node)) {
            let input = node.attribute("name").unwrap_or_default();
            assert!(input == "csrf_token" || gateway_ui::SECRETS.contains(&input), "{name}: {input} would be kept");
            seen.insert(input.to_owned());
        }
    }
    assert!(seen.len() > 10, "only {seen:?}");
}
