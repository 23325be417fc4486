//! Events → HTML, through an allow-list.

use ammonia::Builder;
use pulldown_cmark::Event;
use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

/// HTML that has been through the filter. Only this crate makes it, so that nothing else can reach a page unescaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SafeHtml(String);

impl SafeHtml {
    /// The HTML, without a wrapper around it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

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
        .url_schemes(HashSet::from(crate::dialect::SCHEMES))
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"))
        .clean_content_tags(HashSet::from(["script", "style"]));
    filter
});

pub(crate) fn html(events: Vec<Event<'_>>) -> SafeHtml {
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, events.into_iter());
    SafeHtml(FILTER.clean(&html).to_string())
}
