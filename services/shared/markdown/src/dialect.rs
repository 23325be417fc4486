//! The dialect: CommonMark's events, with what it would change of a typed text put right.

use crate::source::{self, Aside, CLOSE, GUARD, OPEN};
use pulldown_cmark::{CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd};
use std::ops::Range;

/// Where links may lead.
pub(crate) const SCHEMES: [&str; 4] = ["http", "https", "mailto", "tel"];

/// Schemes of links that do something instead of leading somewhere; what they would do is shown to nobody.
const DOING: [&str; 3] = ["javascript", "vbscript", "data"];

/// How deep quotations and lists go. The filter behind takes time that grows with the square of the depth, so that one
/// comment of `>` signs could hold up everybody.
const DEEPEST: usize = 12;

fn parser(source: &str) -> Parser<'_> {
    Parser::new_ext(source, Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES)
}

/// What `then` makes of the events of a source.
pub(crate) fn with_events(
    source: &str,
    then: impl FnOnce(Vec<Event<'static>>) -> Vec<Event<'static>>,
) -> Vec<Event<'static>> {
    let tidy = source::tidy(source);
    let (marked, aside) = source::put_aside(&tidy, &texts(&tidy));
    let mut dialect = Dialect::new(&marked, &aside);
    for (event, place) in parser(&marked).into_offset_iter() {
        dialect.take(event, place);
    }
    then(shallow(dialect.events))
}

/// The places of plain text in a source: not in code, links or HTML.
fn texts(source: &str) -> Vec<Range<usize>> {
    let (mut within, mut texts) = (0_usize, Vec::new());
    for (event, place) in parser(source).into_offset_iter() {
        match event {
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_)) => within += 1,
            Event::End(TagEnd::Link | TagEnd::Image | TagEnd::CodeBlock) => within = within.saturating_sub(1),
            Event::Text(_) if within == 0 => texts.push(place),
            _ => {}
        }
    }
    texts
}

/// What a link was when it began.
struct Link {
    leads_to: String,
    /// It leads somewhere that we let it lead to.
    open: bool,
    /// Events before it.
    begins: usize,
}

struct Dialect<'a> {
    source: &'a str,
    aside: &'a [Aside],
    events: Vec<Event<'static>>,
    /// Emphasis that is open; with its sign where it is none.
    emphasis: Vec<Option<&'static str>>,
    links: Vec<Link>,
    /// Lists and quotations around.
    around: usize,
    in_code: bool,
    /// The line below a text that CommonMark takes for a heading's.
    underline: Option<String>,
    in_html: bool,
}

impl<'a> Dialect<'a> {
    fn new(source: &'a str, aside: &'a [Aside]) -> Dialect<'a> {
        Dialect {
            source,
            aside,
            events: Vec::new(),
            emphasis: Vec::new(),
            links: Vec::new(),
            around: 0,
            in_code: false,
            underline: None,
            in_html: false,
        }
    }

    fn text(&mut self, text: impl Into<String>) {
        self.events.push(Event::Text(CowStr::from(text.into())));
    }

    fn take(&mut self, event: Event<'_>, place: Range<usize>) {
        match event {
            Event::Text(text) if self.in_code => self.text(plain(&text)),
            Event::Text(_) => self.typed(place),
            Event::Code(code) => self.events.push(Event::Code(CowStr::from(plain(&code)))),
            Event::Html(html) | Event::InlineHtml(html) => self.html(&html),
            // A line break that was typed is one that was meant.
            Event::SoftBreak => self.line_break(place.end),
            Event::HardBreak => {
                // A backslash at the end of a line was typed too.
                if self.source[place.clone()].starts_with('\\') {
                    self.text("\\");
                }
                self.line_break(place.end);
            }
            Event::Rule => self.events.push(Event::Rule),
            Event::Start(tag) => self.start(tag, place),
            Event::End(tag) => self.end(tag),
            // Extensions that are off.
            Event::FootnoteReference(_) | Event::TaskListMarker(_) | Event::InlineMath(_) | Event::DisplayMath(_) => {
                self.text(self.source[place].to_owned())
            }
        }
    }

    /// Text as it stands in the source: entities are not resolved, and of two backslashes none is lost.
    fn typed(&mut self, place: Range<usize>) {
        let escaped = self.source[..place.start].ends_with('\\');
        let typed = &self.source[place];
        if escaped && typed.starts_with('\\') {
            self.text("\\");
        }
        let mut rest = typed;
        while let Some(begin) = rest.find(OPEN) {
            self.words(&rest[..begin]);
            let number = &rest[begin + OPEN.len_utf8()..];
            let end = number.find(CLOSE).unwrap_or(number.len());
            if let Some(aside) = number[..end].parse().ok().and_then(|n: usize| self.aside.get(n)) {
                self.put_back(aside);
            }
            rest = number.get(end + CLOSE.len_utf8()..).unwrap_or_default();
        }
        self.words(rest);
    }

    fn words(&mut self, text: &str) {
        if !text.is_empty() {
            self.text(plain(text));
        }
    }

    fn put_back(&mut self, aside: &Aside) {
        match &aside.leads_to {
            Some(leads_to) if self.links.is_empty() => {
                self.events.push(link(leads_to));
                self.text(aside.typed.clone());
                self.events.push(Event::End(TagEnd::Link));
            }
            _ => self.text(aside.typed.clone()),
        }
    }

    /// HTML is shown as it was typed.
    fn html(&mut self, html: &str) {
        let html = plain(html);
        let lines = html.trim_end_matches('\n');
        if self.in_html && self.events.last().is_some_and(|e| matches!(e, Event::Text(_))) {
            self.events.push(Event::HardBreak);
        }
        for (n, line) in lines.split('\n').enumerate() {
            if n > 0 {
                self.events.push(Event::HardBreak);
            }
            self.text(line);
        }
    }

    fn line_break(&mut self, next: usize) {
        self.events.push(Event::HardBreak);
        self.indentation(next);
    }

    /// Blanks at the left margin, as blanks that stay. Inside lists and quotations they belong to the signs.
    fn indentation(&mut self, from: usize) {
        if self.around > 0 {
            return;
        }
        let line = &self.source[from..];
        let blanks = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        if !blanks.is_empty() {
            self.text(blanks.replace('\t', "    ").replace(' ', "\u{a0}"));
        }
    }

    fn start(&mut self, tag: Tag<'_>, place: Range<usize>) {
        match tag {
            Tag::Paragraph => {
                self.events.push(Event::Start(Tag::Paragraph));
                let line = self.source[..place.start].rfind('\n').map_or(0, |n| n + 1);
                if self.source[line..place.start].chars().all(|c| c == ' ') {
                    self.indentation(line);
                }
            }
            Tag::Heading { .. } => self.heading(place),
            Tag::Emphasis | Tag::Strong | Tag::Strikethrough => {
                let sign = self.sign(&tag, &place);
                match sign {
                    Some(sign) => self.text(sign),
                    None => self.events.push(Event::Start(match tag {
                        Tag::Emphasis => Tag::Emphasis,
                        Tag::Strong => Tag::Strong,
                        _ => Tag::Strikethrough,
                    })),
                }
                self.emphasis.push(sign);
            }
            // An image from elsewhere would tell its server who reads this, and when.
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => self.link(plain(&dest_url)),
            Tag::HtmlBlock => {
                self.in_html = true;
                self.events.push(Event::Start(Tag::Paragraph));
            }
            other => {
                self.around += usize::from(nests(&other.to_end()));
                self.in_code |= matches!(other, Tag::CodeBlock(_));
                self.events.push(Event::Start(other.into_static()));
            }
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => self.heading_end(),
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => match self.emphasis.pop().flatten() {
                Some(sign) => self.text(sign),
                None => self.events.push(Event::End(tag)),
            },
            TagEnd::Link | TagEnd::Image => self.link_end(),
            TagEnd::HtmlBlock => {
                self.in_html = false;
                self.events.push(Event::End(TagEnd::Paragraph));
            }
            other => {
                self.around -= usize::from(nests(&other)).min(self.around);
                self.in_code &= !matches!(other, TagEnd::CodeBlock);
                self.events.push(Event::End(other));
            }
        }
    }

    /// Headings inside a body start below the page's own, so that the outline of the page stays right. One that only a
    /// line below it makes is none.
    fn heading(&mut self, place: Range<usize>) {
        let written = self.source[place].trim();
        if written.starts_with('#') {
            let level = HeadingLevel::H4;
            self.events.push(Event::Start(Tag::Heading { level, id: None, classes: Vec::new(), attrs: Vec::new() }));
            return;
        }
        let below = written.lines().last().unwrap_or_default();
        self.underline = Some(below.trim_start_matches(['>', ' ', '\t']).trim_end().to_owned());
        self.events.push(Event::Start(Tag::Paragraph));
    }

    fn heading_end(&mut self) {
        let Some(below) = self.underline.take() else {
            self.events.push(Event::End(TagEnd::Heading(HeadingLevel::H4)));
            return;
        };
        if below.len() >= 3 && below.chars().all(|c| c == '-') {
            self.events.push(Event::End(TagEnd::Paragraph));
            self.events.push(Event::Rule);
            return;
        }
        self.events.push(Event::HardBreak);
        self.text(below);
        self.events.push(Event::End(TagEnd::Paragraph));
    }

    /// The sign of an emphasis that is none: stars inside a word (2*3*4), a single tilde.
    fn sign(&self, tag: &Tag<'_>, place: &Range<usize>) -> Option<&'static str> {
        let (before, here) = self.source.split_at(place.start);
        if matches!(tag, Tag::Strikethrough) {
            return (!here.starts_with("~~")).then_some("~");
        }
        let sign = if matches!(tag, Tag::Strong) { "**" } else { "*" };
        let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let inside = word(before.chars().last()) && word(here.trim_start_matches('*').chars().next());
        (inside && here.starts_with('*')).then_some(sign)
    }

    fn link(&mut self, leads_to: String) {
        let scheme = leads_to.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
        let mail = scheme.is_none() && leads_to.contains('@') && !leads_to.contains('/');
        let leads_to = if mail { format!("mailto:{leads_to}") } else { leads_to };
        let does = scheme.as_ref().is_some_and(|s| DOING.contains(&s.as_str()));
        let known = mail || scheme.is_some_and(|s| SCHEMES.contains(&s.as_str()));
        // In a link there is no other.
        let open = known && self.links.is_empty();
        if open {
            self.events.push(link(&leads_to));
        }
        let leads_to = if does { String::new() } else { leads_to };
        self.links.push(Link { leads_to, open, begins: self.events.len() });
    }

    fn link_end(&mut self) {
        let Some(Link { leads_to, open, begins }) = self.links.pop() else { return };
        let says_nothing = !self.events[begins..].iter().any(|e| matches!(e, Event::Text(_) | Event::Code(_)));
        match (open, says_nothing) {
            (_, true) => self.text(leads_to),
            (false, false) if !leads_to.is_empty() => self.text(format!(" ({leads_to})")),
            _ => {}
        }
        if open {
            self.events.push(Event::End(TagEnd::Link));
        }
    }
}

/// Without our own marks.
fn plain(text: &str) -> String {
    text.replace(GUARD, "")
}

fn link(leads_to: &str) -> Event<'static> {
    Event::Start(Tag::Link {
        link_type: LinkType::Inline,
        dest_url: CowStr::from(leads_to.to_owned()),
        title: CowStr::from(""),
        id: CowStr::from(""),
    })
}

fn nests(tag: &TagEnd) -> bool {
    matches!(tag, TagEnd::BlockQuote(_) | TagEnd::List(_) | TagEnd::Item)
}

/// The same events without the blocks that are nested deeper than anybody reads; their text stays.
fn shallow(mut events: Vec<Event<'static>>) -> Vec<Event<'static>> {
    let mut depth = 0_usize;
    events.retain(|event| match event {
        Event::Start(tag) if nests(&tag.to_end()) => {
            depth += 1;
            depth <= DEEPEST
        }
        Event::End(tag) if nests(tag) => {
            depth = depth.saturating_sub(1);
            depth < DEEPEST
        }
        _ => true,
    });
    events
}

/// The events up to about so many characters of text, with an ellipsis when something is left out.
pub(crate) fn cut(events: Vec<Event<'static>>, most: usize) -> Vec<Event<'static>> {
    let (mut kept, mut left) = (Vec::with_capacity(events.len()), most);
    let mut events = events.into_iter();
    for event in events.by_ref() {
        let long = match &event {
            Event::Text(text) | Event::Code(text) => text.chars().count(),
            _ => 0,
        };
        if long <= left {
            left -= long;
            kept.push(event);
            continue;
        }
        if let Event::Text(text) | Event::Code(text) = &event {
            kept.push(Event::Text(CowStr::from(shorten(text, left.max(2)))));
        }
        // What is open is closed.
        let mut begun = 0_usize;
        for event in events {
            match event {
                Event::Start(_) => begun += 1,
                Event::End(_) if begun > 0 => begun -= 1,
                Event::End(_) => kept.push(event),
                _ => {}
            }
        }
        break;
    }
    kept
}

/// A text of at most `most` characters, cut after a whole word where one ends near.
fn shorten(text: &str, most: usize) -> String {
    let cut: String = text.chars().take(most.saturating_sub(1)).collect();
    let end = cut.rfind(char::is_whitespace).filter(|end| *end > cut.len() / 2).unwrap_or(cut.len());
    format!("{}…", cut[..end].trim_end())
}
