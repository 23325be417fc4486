//! Markdown that people wrote → HTML that is safe to show.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::Builder;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd};

/// HTML that has been through the filter. Only [`render`] makes it, so that nothing else can reach a page unescaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SafeHtml(String);

impl SafeHtml {
    /// The HTML, without the wrapper that the templates put around it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Headings inside a body start below the page's own, so that the outline of the page stays right.
const LOWEST_HEADING: &str = "h4";

static FILTER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut filter = Builder::empty();
    filter
        .tags(HashSet::from([
            "p",
            "br",
            "hr",
            "strong",
            "em",
            "del",
            "code",
            "pre",
            "blockquote",
            "ul",
            "ol",
            "li",
            "a",
            "h4",
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
        ]))
        .tag_attributes(HashMap::from([("a", HashSet::from(["href", "title"])), ("ol", HashSet::from(["start"]))]))
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"))
        .clean_content_tags(HashSet::from(["script", "style"]));
    filter
});

/// How deep quotations and lists go. The filter behind takes time that grows with the square of the depth, so that one
/// comment of `>` signs could hold up everybody.
const DEEPEST: usize = 12;

/// The same events without the blocks that are nested deeper than anybody reads; their text stays.
fn shallow<'a>(events: impl Iterator<Item = Event<'a>>) -> impl Iterator<Item = Event<'a>> {
    let mut depth = 0_usize;
    events.filter(move |event| match event {
        Event::Start(Tag::BlockQuote(_) | Tag::List(_) | Tag::Item) => {
            depth += 1;
            depth <= DEEPEST
        }
        Event::End(TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item) => {
            depth = depth.saturating_sub(1);
            depth < DEEPEST
        }
        _ => true,
    })
}

/// Renders a body. Raw HTML is shown as text, images become links, headings become one level, line breaks are kept as typed.
pub fn render(source: &str) -> SafeHtml {
    let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES;
    let events = Parser::new_ext(source, options).map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        // Customers' messages are mails in spirit: a line break that was typed is one that was meant.
        Event::SoftBreak => Event::HardBreak,
        Event::Start(Tag::Heading { .. }) => Event::InlineHtml(CowStr::from(format!("<{LOWEST_HEADING}>"))),
        Event::End(TagEnd::Heading(_)) => Event::InlineHtml(CowStr::from(format!("</{LOWEST_HEADING}>"))),
        // An image from elsewhere would tell its server who reads this, and when.
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        Event::End(TagEnd::Image) => Event::End(TagEnd::Link),
        other => other,
    });
    let mut html = String::with_capacity(source.len() + source.len() / 2);
    pulldown_cmark::html::push_html(&mut html, shallow(events));
    SafeHtml(FILTER.clean(&html).to_string())
}
