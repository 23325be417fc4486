//! Tags, forms and controls of a page, with where they stand in its text.

use std::ops::Range;

/// A tag.
#[derive(Debug)]
pub(super) struct Tag {
    pub(super) name: String,
    pub(super) closing: bool,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Names and unescaped values in order.
    attributes: Vec<(String, Option<String>)>,
}

impl Tag {
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).and_then(|(_, v)| v.as_deref())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.attributes.iter().any(|(n, _)| n == name)
    }

    /// The tag with an attribute set, or without it.
    pub(super) fn with(&self, name: &str, value: Option<&str>) -> String {
        let mut text = format!("<{}", self.name);
        let others = self.attributes.iter().filter(|(n, _)| n != name);
        let set = value.map(|v| (name.to_owned(), (!v.is_empty() || name == "value").then(|| v.to_owned())));
        for (name, value) in others.cloned().chain(set) {
            text.push(' ');
            text.push_str(&name);
            if let Some(value) = value {
                text.push_str(&format!("=\"{}\"", escape(&value)));
            }
        }
        text.push('>');
        text
    }
}

/// What a control is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// A text area, and where its text stands.
    Area(Range<usize>),
    Hidden,
    Checkbox,
    Radio,
    /// An option of a select; its name is the select's.
    Choice,
    /// Never filled in again.
    Secret,
}

/// Something with a name in a form.
#[derive(Debug)]
pub(super) struct Control {
    pub(super) tag: usize,
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) value: String,
    /// The `details` that it stands in, as tags.
    pub(super) inside: Vec<usize>,
}

/// A form that posts.
#[derive(Debug)]
pub(super) struct Form {
    pub(super) action: String,
    pub(super) controls: Vec<Control>,
}

/// Elements whose content is text.
const RAW: [&str; 4] = ["textarea", "title", "script", "style"];

/// All tags in order.
pub(super) fn tags(html: &str) -> Vec<Tag> {
    let mut found: Vec<Tag> = Vec::new();
    let mut at = 0;
    while let Some(next) = html[at..].find('<') {
        let start = at + next;
        if html[start..].starts_with("<!--") {
            at = html[start..].find("-->").map_or(html.len(), |i| start + i + 3);
            continue;
        }
        let Some(tag) = tag(html, start) else {
            at = start + 1;
            continue;
        };
        at = tag.end;
        if !tag.closing && RAW.contains(&tag.name.as_str()) {
            let close = format!("</{}", tag.name);
            at = html[at..].find(&close).map_or(html.len(), |i| at + i);
        }
        found.push(tag);
    }
    found
}

fn tag(html: &str, start: usize) -> Option<Tag> {
    let bytes = html.as_bytes();
    let mut at = start + 1;
    let closing = bytes.get(at) == Some(&b'/');
    at += usize::from(closing);
    let name_end = at + html[at..].find(|c: char| !c.is_ascii_alphanumeric() && c != '-')?;
    if name_end == at {
        return None;
    }
    let name = html[at..name_end].to_ascii_lowercase();
    let mut attributes = Vec::new();
    at = name_end;
    loop {
        at += html[at..].find(|c: char| !c.is_ascii_whitespace() && c != '/')?;
        if bytes[at] == b'>' {
            return Some(Tag { name, closing, start, end: at + 1, attributes });
        }
        let end = at + html[at..].find(|c: char| c.is_ascii_whitespace() || matches!(c, '=' | '>' | '/'))?;
        if end == at {
            return None;
        }
        let attribute = html[at..end].to_ascii_lowercase();
        at = end;
        let mut value = None;
        if bytes[at] == b'=' {
            let quote = char::from(*bytes.get(at + 1)?);
            if !matches!(quote, '"' | '\'') {
                return None;
            }
            let from = at + 2;
            let to = from + html[from..].find(quote)?;
            value = Some(unescape(&html[from..to]));
            at = to + 1;
        }
        attributes.push((attribute, value));
    }
}

/// All forms that post, with their controls.
pub(super) fn forms(html: &str, tags: &[Tag]) -> Vec<Form> {
    let mut forms: Vec<Form> = Vec::new();
    let mut open = false;
    let mut details = Vec::new();
    let mut select = String::new();
    for (index, tag) in tags.iter().enumerate() {
        match (tag.name.as_str(), tag.closing) {
            ("form", false) => {
                open = tag.value("method") == Some("post");
                if open {
                    let action = tag.value("action").unwrap_or_default().to_owned();
                    forms.push(Form { action, controls: Vec::new() });
                }
            }
            ("form", true) => open = false,
            ("details", false) => details.push(index),
            ("details", true) => drop(details.pop()),
            ("select", false) => tag.value("name").unwrap_or_default().clone_into(&mut select),
            ("select", true) => select.clear(),
            (_, true) => {}
            _ if open => {
                let kind = kind(html, tag, !select.is_empty());
                let name = if tag.name == "option" { Some(select.as_str()) } else { tag.value("name") };
                if let (Some(kind), Some(name), Some(form)) = (kind, name, forms.last_mut()) {
                    let value = tag.value("value").unwrap_or_default().to_owned();
                    let name = name.to_owned();
                    form.controls.push(Control { tag: index, kind, name, value, inside: details.clone() });
                }
            }
            _ => {}
        }
    }
    forms
}

fn kind(html: &str, tag: &Tag, in_select: bool) -> Option<Kind> {
    match tag.name.as_str() {
        "textarea" => {
            let end = html[tag.end..].find("</textarea").map_or(html.len(), |i| tag.end + i);
            Some(Kind::Area(tag.end..end))
        }
        "option" if in_select => Some(Kind::Choice),
        "input" => match tag.value("type").unwrap_or("text") {
            "password" | "file" => Some(Kind::Secret),
            "hidden" => Some(Kind::Hidden),
            "checkbox" => Some(Kind::Checkbox),
            "radio" => Some(Kind::Radio),
            "submit" | "button" | "image" | "reset" => None,
            _ if tag.has("readonly") => Some(Kind::Secret),
            _ => Some(Kind::Text),
        },
        _ => None,
    }
}

/// A text as it stands in a page.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let known = rest.find(';').filter(|end| *end <= 8).and_then(|end| Some((end, entity(&rest[1..end])?)));
        match known {
            Some((end, c)) => {
                plain.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                plain.push('&');
                rest = &rest[1..];
            }
        }
    }
    plain.push_str(rest);
    plain
}

fn entity(name: &str) -> Option<char> {
    let number = |digits: &str, base| u32::from_str_radix(digits, base).ok().and_then(char::from_u32);
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{a0}'),
        _ => match name.strip_prefix("#x") {
            Some(hex) => number(hex, 16),
            None => number(name.strip_prefix('#')?, 10),
        },
    }
}
