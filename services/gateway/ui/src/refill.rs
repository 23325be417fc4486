//! Puts what somebody had typed back into a form of a page: into whichever form it is, so that no page has to know how.
//!
//! Works on pages of our own templates: attributes are quoted, elements are closed, texts are escaped.

mod scan;
#[cfg(test)]
mod tests;

use askama::Template;

use crate::Lang;
use scan::{Control, Form, Kind, Tag, escape};

/// Names that no person typed: they belong to the form, not to what is in it.
const OF_THE_FORM: [&str; 10] =
    ["csrf_token", "form_id", "next", "lookup", "resolve", "expected_version", "back", "do", "record", "undo"];

/// Names of inputs that hold secrets: passwords, codes, what a device signed, tokens of links. Never kept, never filled in.
pub const SECRETS: [&str; 13] = [
    "password",
    "current_password",
    "new_password",
    "repeat_password",
    "first_password",
    "one_time_password",
    "code",
    "recovery_code",
    "credential",
    "ceremony_id",
    "secret",
    "uri",
    "token",
];

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// The form holds what was typed.
    Typed,
    /// A form that is nothing but a button.
    Button,
    /// The page has no such form any more.
    Gone,
}

/// The sentence above the page, and what no form could take.
#[derive(Debug, Template)]
#[template(path = "components/kept.html")]
struct Note<'a> {
    lang: Lang,
    sprite: &'a str,
    outcome: Outcome,
    /// The first input that was filled.
    anchor: Option<String>,
    lost: Vec<String>,
}

impl Note<'_> {
    fn key(&self) -> &'static str {
        match self.outcome {
            Outcome::Typed => "kept-typed",
            Outcome::Button => "kept-button",
            Outcome::Gone => "kept-gone",
        }
    }
}

/// The page with what was typed in the form that posts to `action`, and, where there is a sprite for its icon, a note that
/// says so. What no input takes is told in the note: nothing typed is lost.
pub fn refill(html: &str, action: &str, typed: &[(String, String)], lang: Lang, sprite: Option<&str>) -> String {
    let tags = scan::tags(html);
    let forms = scan::forms(html, &tags);
    let form = best(&forms, action, typed);
    let mut edits = Vec::new();
    let mut note =
        Note { lang, sprite: sprite.unwrap_or_default(), outcome: Outcome::Gone, anchor: None, lost: Vec::new() };
    if let Some(form) = form {
        let mut filling = Filling { tags: &tags, typed, edits: &mut edits, anchor: None, visible: false };
        form.controls.iter().for_each(|control| filling.control(control, form));
        note.outcome = if filling.visible { Outcome::Typed } else { Outcome::Button };
        note.anchor = filling.anchor;
    }
    note.lost = lost(form, typed);
    let main = tags.iter().find(|t| t.name == "main" && !t.closing);
    if let Some(main) = main.filter(|_| sprite.is_some()) {
        edits.push((main.end..main.end, note.render().unwrap_or_default()));
    }
    edits.sort_by_key(|(range, _)| range.start);
    let mut done = String::with_capacity(html.len() + 2_000);
    let mut at = 0;
    for (range, text) in edits {
        if range.start < at {
            continue;
        }
        done.push_str(&html[at..range.start]);
        done.push_str(&text);
        at = range.end;
    }
    done.push_str(&html[at..]);
    done
}

/// Texts that a person typed, of whatever was posted; for pages that have no form to put them into.
pub fn texts(typed: &[(String, String)]) -> Vec<String> {
    let typed = typed.iter().filter(|(name, value)| !OF_THE_FORM.contains(&name.as_str()) && is_text(value));
    typed.map(|(_, value)| value.clone()).collect()
}

/// Something that is worth showing to whoever typed it: no id, no key, no switch.
fn is_text(value: &str) -> bool {
    let words = ["true", "false", "mine", "theirs"];
    value.chars().filter(|c| c.is_alphanumeric()).count() > 1
        && !words.contains(&value)
        && uuid::Uuid::try_parse(value).is_err()
}

/// Of the forms with this action the one that has most of what was posted.
fn best<'f>(forms: &'f [Form], action: &str, typed: &[(String, String)]) -> Option<&'f Form> {
    let score = |form: &Form| -> i32 {
        let of = |(name, value): &(String, String)| {
            let own: Vec<&Control> = form.controls.iter().filter(|c| c.name == *name).collect();
            let same = own.iter().any(|c| c.value == *value);
            let fixed = !own.is_empty() && own.iter().all(|c| c.kind == Kind::Hidden);
            match (own.is_empty(), fixed && !OF_THE_FORM.contains(&name.as_str())) {
                (true, _) => -1,
                (false, true) => {
                    if same {
                        2
                    } else {
                        -2
                    }
                }
                (false, false) => 1,
            }
        };
        typed.iter().map(of).sum()
    };
    // The first of equals: `max_by_key` would take the last.
    forms.iter().filter(|form| form.action == action).rev().max_by_key(|form| score(form))
}

/// Texts that no input of the form has a place for.
fn lost(form: Option<&Form>, typed: &[(String, String)]) -> Vec<String> {
    let placed = |name: &str, value: &str| {
        let mut own = form.iter().flat_map(|f| &f.controls).filter(|c| c.name == name);
        own.any(|c| match c.kind {
            Kind::Text | Kind::Area(_) | Kind::Hidden | Kind::Secret => true,
            Kind::Checkbox | Kind::Radio | Kind::Choice => c.value == value,
        })
    };
    let left: Vec<(String, String)> =
        typed.iter().filter(|(n, v)| !n.starts_with("keep.") && !placed(n, v)).cloned().collect();
    texts(&left)
}

type Edit = (std::ops::Range<usize>, String);

struct Filling<'a> {
    tags: &'a [Tag],
    typed: &'a [(String, String)],
    edits: &'a mut Vec<Edit>,
    anchor: Option<String>,
    visible: bool,
}

impl Filling<'_> {
    fn control(&mut self, control: &Control, form: &Form) {
        let values: Vec<&str> =
            self.typed.iter().filter(|(n, _)| *n == control.name).map(|(_, v)| v.as_str()).collect();
        let last = values.last().copied();
        let tag = &self.tags[control.tag];
        match &control.kind {
            Kind::Secret => {}
            // The same key as before makes sending it twice one command; the version is the one that was looked at.
            Kind::Hidden => {
                if let Some(value) = last.filter(|_| ["form_id", "expected_version"].contains(&&*control.name)) {
                    self.edits.push((tag.start..tag.end, tag.with("value", Some(value))));
                }
            }
            Kind::Text => {
                self.visible = true;
                let of_its_name = form.controls.iter().filter(|c| c.name == control.name && c.kind == Kind::Text);
                let place = of_its_name.take_while(|c| c.tag != control.tag).count();
                let Some(value) = values.get(place).copied().or(last) else { return };
                self.edits.push((tag.start..tag.end, tag.with("value", Some(value))));
                self.filled(control, value);
            }
            Kind::Area(content) => {
                self.visible = true;
                let Some(value) = last else { return };
                // A parser drops the first line break of a text area.
                let text = if value.starts_with(['\n', '\r']) { format!("\n{value}") } else { value.to_owned() };
                self.edits.push((content.clone(), escape(&text)));
                self.filled(control, value);
            }
            Kind::Checkbox | Kind::Radio | Kind::Choice => {
                self.visible = true;
                let chosen = match control.kind {
                    Kind::Checkbox => values.contains(&control.value.as_str()),
                    // A group of which nothing was sent stays as it is.
                    _ if values.is_empty() => return,
                    _ => last == Some(control.value.as_str()),
                };
                let word = if control.kind == Kind::Choice { "selected" } else { "checked" };
                if chosen != tag.has(word) {
                    self.edits.push((tag.start..tag.end, tag.with(word, chosen.then_some(""))));
                    if chosen {
                        self.filled(control, &control.value);
                    }
                }
            }
        }
    }

    /// Notes where the person finds it again, and opens what it is hidden in.
    fn filled(&mut self, control: &Control, value: &str) {
        if value.is_empty() {
            return;
        }
        let tag = &self.tags[control.tag];
        self.anchor = self.anchor.take().or_else(|| tag.value("id").map(str::to_owned));
        for &at in &control.inside {
            let details = &self.tags[at];
            let range = details.start..details.end;
            if !details.has("open") && !self.edits.iter().any(|(r, _)| *r == range) {
                self.edits.push((range, details.with("open", Some(""))));
            }
        }
    }
}
