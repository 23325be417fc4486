//! The shape of every mail: one heading, some paragraphs, at most one quote, one button; HTML and plain text.

use crate::wording::Language;
use askama::Template;
use markdown::Said;

/// What somebody wrote, quoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// "Emma wrote:"
    pub intro: String,
    /// What was said.
    pub said: Said,
}

impl Quote {
    /// The lines of the text part, quoted.
    fn lines(&self) -> Vec<String> {
        self.said.text.lines().map(|line| format!("> {line}").trim_end().to_owned()).collect()
    }
}

/// The one thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// What it says.
    pub label: String,
    /// Where it leads; absolute.
    pub url: String,
}

/// A mail, written but not yet in its technical form. Personal: never in logs or spans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The recipient's language.
    pub language: Language,
    /// The operating company.
    pub company: String,
    /// One line.
    pub subject: String,
    /// Above the text.
    pub heading: String,
    /// "Hello Emma,"
    pub greeting: String,
    /// Paragraphs above the button.
    pub before: Vec<String>,
    /// What is quoted.
    pub quote: Option<Quote>,
    /// The button; none when the reader has nothing to open.
    pub button: Option<Button>,
    /// Paragraphs below the button.
    pub after: Vec<String>,
    /// What to do when the button doesn't work.
    pub button_instead: String,
    /// Small lines at the end; among them where to sign in.
    pub footer: Vec<String>,
    /// What ties mails about one thing together in mail programs; empty when nothing does.
    pub thread: String,
    /// The list under which mail programs sort the mail: a module's name; empty for none.
    pub list: String,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Html<'a> {
    mail: &'a Mail,
}

#[derive(Template)]
#[template(path = "mail.txt")]
struct Text<'a> {
    mail: &'a Mail,
}

impl Mail {
    /// The HTML part.
    pub fn html(&self) -> Result<String, askama::Error> {
        Html { mail: self }.render()
    }

    /// The plain text part.
    pub fn text(&self) -> Result<String, askama::Error> {
        Text { mail: self }.render()
    }
}

/// A text on one line, without characters that mail headers can't hold, at most `most` characters long.
pub(crate) fn one_line(text: &str, most: usize) -> String {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    shorten(&words.join(" "), most)
}

/// A text of at most `most` characters, cut after a whole word where one ends near.
pub(crate) fn shorten(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let cut: String = text.chars().take(most.saturating_sub(1)).collect();
    let end = cut.rfind(char::is_whitespace).filter(|end| *end > cut.len() / 2).unwrap_or(cut.len());
    format!("{}…", cut[..end].trim_end())
}

#[cfg(test)]
mod tests;
