//! What people write into long texts and comments: one dialect of Markdown, for pages and for mails.
//!
//! It is made for people who write as they write mails, and knows CommonMark's lists, quotations, code, emphasis, links,
//! tables and headings with `#`. It differs where CommonMark would change or lose what such people typed:
//!
//! - A line break is a line break. Indentation at the left margin stays.
//! - A line of dashes or equals signs below a text makes no heading: `--` stays (it begins a signature), three dashes or
//!   more are a rule.
//! - A line without `>` ends a quotation.
//! - Addresses that begin with `http://`, `https://` or `www.`, and e-mail addresses, are links as they stand. Whatever
//!   signs they hold stay.
//! - Two backslashes are two, one at the end of a line stays, and paths (`\\server\share`, `C:\*.log`) are left alone.
//! - Stars inside a word and single tildes are signs, not emphasis. `&lt;` stays as typed. `[1]: …` is text.
//! - HTML is text. An image is a link to it. A link elsewhere than to http, https, mailto or tel leads nowhere and says
//!   where it would have led, unless that is a script.
//!
//! [`html`] and [`text`] are the two ways to see the same events (the module `dialect`), so a page and both parts of a mail
//! say the same.

mod dialect;
mod filter;
mod plain;
mod source;

#[cfg(test)]
mod tests;

pub use filter::SafeHtml;

/// The HTML of a text, safe to show.
pub fn html(source: &str) -> SafeHtml {
    filter::html(dialect::with_events(source, |events| events))
}

/// The text of a text: paragraphs of lines, without signs for emphasis, with what links lead to.
pub fn text(source: &str) -> String {
    plain::text(&dialect::with_events(source, |events| events))
}

/// The beginning of a text, in both forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// For pages and the HTML part of mails.
    pub html: SafeHtml,
    /// For the text part of mails; lines, without one at the end.
    pub text: String,
}

impl Said {
    /// The whole of a text.
    pub fn whole(source: &str) -> Said {
        Said { html: html(source), text: text(source) }
    }

    /// About the first `most` characters of a text, with an ellipsis where something is left out.
    pub fn beginning(source: &str, most: usize) -> Said {
        let events = dialect::with_events(source, |events| dialect::cut(events, most));
        Said { text: plain::text(&events), html: filter::html(events) }
    }

    /// True when there is nothing to read.
    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }
}
