//! Events → lines of plain text, as somebody would type them into a mail.

use pulldown_cmark::{Event, Tag, TagEnd};

/// A block that is open, and its finished lines.
#[derive(Default)]
struct Block {
    lines: Vec<String>,
    /// Number of the next item of an ordered list.
    next: Option<u64>,
    /// Parts follow each other without a blank line.
    tight: bool,
}

impl Block {
    fn add(&mut self, lines: Vec<String>) {
        if lines.is_empty() {
            return;
        }
        if !self.lines.is_empty() && !self.tight {
            self.lines.push(String::new());
        }
        self.lines.extend(lines);
    }
}

#[derive(Default)]
struct Writer {
    blocks: Vec<Block>,
    /// What is being written: lines that are in no block yet.
    words: String,
    /// Where a link's text begins, and where it leads.
    link: Option<(usize, String)>,
}

/// The text of some events.
pub(crate) fn text(events: &[Event<'_>]) -> String {
    let mut writer = Writer { blocks: vec![Block::default()], ..Writer::default() };
    for event in events {
        writer.take(event);
    }
    writer.flush();
    let lines = writer.blocks.into_iter().next().map(|b| b.lines).unwrap_or_default();
    lines.iter().map(|l| l.trim_end()).collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

impl Writer {
    fn add(&mut self, lines: Vec<String>) {
        if let Some(block) = self.blocks.last_mut() {
            block.add(lines);
        }
    }

    /// Ends what is being written.
    fn flush(&mut self) {
        let words = std::mem::take(&mut self.words);
        if !words.trim().is_empty() {
            let lines = words.trim_end().split('\n').map(|l| l.replace('\u{a0}', " ")).collect();
            self.add(lines);
        }
    }

    fn take(&mut self, event: &Event<'_>) {
        match event {
            Event::Text(text) | Event::Code(text) => self.words.push_str(text),
            Event::SoftBreak | Event::HardBreak => self.words.push('\n'),
            Event::Rule => {
                self.flush();
                self.add(vec!["----------".to_owned()]);
            }
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(*tag),
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::Link { dest_url, .. } => self.link = Some((self.words.len(), dest_url.to_string())),
            Tag::List(first) => {
                self.flush();
                self.blocks.push(Block { next: *first, tight: true, ..Block::default() });
            }
            Tag::Item => self.blocks.push(Block { tight: true, ..Block::default() }),
            Tag::BlockQuote(_) => {
                self.flush();
                self.blocks.push(Block::default());
            }
            Tag::Table(_) => {
                self.flush();
                self.blocks.push(Block { tight: true, ..Block::default() });
            }
            Tag::TableCell if !self.words.is_empty() => self.words.push_str(" | "),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::TableHead | TagEnd::TableRow => self.flush(),
            TagEnd::CodeBlock => {
                let code = std::mem::take(&mut self.words);
                self.add(code.trim_end().split('\n').map(str::to_owned).collect());
            }
            TagEnd::Link => {
                let Some((begins, leads_to)) = self.link.take() else { return };
                let label = self.words.get(begins..).unwrap_or_default();
                let bare = |address: &str| {
                    let address = address.trim_start_matches("mailto:").trim_start_matches("https://");
                    address.trim_end_matches('/').to_owned()
                };
                if bare(label) != bare(&leads_to) {
                    self.words.push_str(&format!(" <{leads_to}>"));
                }
            }
            TagEnd::Item => {
                self.flush();
                let item = self.blocks.pop().unwrap_or_default();
                let Some(list) = self.blocks.last_mut() else { return };
                let sign = match list.next.as_mut() {
                    Some(number) => {
                        *number += 1;
                        format!("{}. ", *number - 1)
                    }
                    None => "• ".to_owned(),
                };
                let blank = " ".repeat(sign.chars().count());
                let lines = item.lines.into_iter().enumerate();
                list.add(lines.map(|(n, line)| format!("{}{line}", if n == 0 { &sign } else { &blank })).collect());
            }
            TagEnd::List(_) | TagEnd::Table => {
                self.flush();
                let list = self.blocks.pop().unwrap_or_default();
                self.add(list.lines);
            }
            TagEnd::BlockQuote(_) => {
                self.flush();
                let quotation = self.blocks.pop().unwrap_or_default();
                self.add(quotation.lines.iter().map(|l| format!("> {l}").trim_end().to_owned()).collect());
            }
            _ => {}
        }
    }
}
