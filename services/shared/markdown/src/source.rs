//! A source made ready to be parsed: what the dialect keeps away from the parser is put behind marks.

use std::ops::Range;

/// Around the number of something that was put aside. These are noncharacters, which no text holds; what holds them
/// nevertheless loses them.
pub(crate) const OPEN: char = '\u{FDD0}';
/// See [`OPEN`].
pub(crate) const CLOSE: char = '\u{FDD1}';
/// Stands where two signs must not meet.
pub(crate) const GUARD: char = '\u{FDD2}';

/// Something that was put aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Aside {
    /// As it was typed.
    pub(crate) typed: String,
    /// Where it leads; `None` for what is only text.
    pub(crate) leads_to: Option<String>,
}

/// The source without what no text holds, with the blank line behind quotations that the parser needs, without the lines
/// that make a text above them a heading, and without definitions of references: those would vanish.
pub(crate) fn tidy(source: &str) -> String {
    let unwanted = |c: &char| !(matches!(*c, OPEN | CLOSE | GUARD) || (c.is_control() && !matches!(*c, '\n' | '\t')));
    let source: String = source.replace("\r\n", "\n").replace('\r', "\n").chars().filter(unwanted).collect();
    let mut tidy = String::with_capacity(source.len() + 16);
    let mut fence: Option<&str> = None;
    let mut quoted = false;
    for line in source.split_inclusive('\n') {
        let bare = line.trim_start();
        let indented = line.len() - bare.len();
        match fence {
            Some(open) => {
                if bare.starts_with(open) && bare.trim_end().chars().all(|c| open.starts_with(c)) {
                    fence = None;
                }
            }
            None => {
                let quotes = indented <= 3 && bare.starts_with('>');
                if quoted && !quotes && !bare.is_empty() {
                    tidy.push('\n');
                }
                quoted = quotes;
                // Not a heading's: the parser would end the paragraph here.
                let below = bare.trim_start_matches(['>', ' ', '\t']).trim_end();
                if below == "--" || (!below.is_empty() && below.chars().all(|c| c == '=')) {
                    let (signs, rest) = line.split_at(line.find(['-', '=']).unwrap_or_default());
                    tidy.extend([signs, &GUARD.to_string(), rest]);
                    continue;
                }
                fence = ["```", "~~~"].into_iter().find(|f| bare.starts_with(f)).map(|f| fence_of(bare, f));
            }
        }
        tidy.push_str(line);
    }
    tidy.replace("]:", &format!("]{GUARD}:"))
}

/// All signs that open a fence.
fn fence_of<'a>(line: &'a str, sign: &str) -> &'a str {
    let sign = sign.chars().next().unwrap_or('`');
    &line[..line.len() - line.trim_start_matches(sign).len()]
}

/// The source with addresses and paths put aside. `texts` are the places of plain text in it, in order.
pub(crate) fn put_aside(source: &str, texts: &[Range<usize>]) -> (String, Vec<Aside>) {
    let is_text = |at: usize| {
        let before = texts.partition_point(|range| range.start <= at);
        before.checked_sub(1).is_some_and(|last| texts[last].contains(&at))
    };
    let (mut marked, mut aside) = (String::with_capacity(source.len()), Vec::new());
    let (mut at, mut previous) = (0, None);
    while let Some(next) = source[at..].chars().next() {
        let begins = !previous.is_some_and(|p: char| p.is_alphanumeric() || matches!(p, '\\' | '/' | '@'));
        let found = if begins { address(&source[at..], previous) } else { None };
        match found
            .filter(|(length, _)| is_text(at) || (source[at..].starts_with('\\') && is_text(at + 1) && *length > 2))
        {
            Some((length, leads_to)) => {
                let typed = &source[at..at + length];
                marked.push_str(&format!("{OPEN}{}{CLOSE}", aside.len()));
                aside.push(Aside { typed: typed.to_owned(), leads_to });
                at += length;
                previous = typed.chars().last();
            }
            None => {
                marked.push(next);
                at += next.len_utf8();
                previous = Some(next);
            }
        }
    }
    (marked, aside)
}

/// The length of the address or path that a text begins with, and where it leads.
fn address(text: &str, previous: Option<char>) -> Option<(usize, Option<String>)> {
    if let Some(length) = path(text, previous) {
        return Some((length, None));
    }
    if let Some((length, scheme)) = web(text) {
        return Some((length, Some(format!("{scheme}{}", &text[..length]))));
    }
    mail(text).map(|length| (length, Some(format!("mailto:{}", &text[..length]))))
}

/// `\\server\share`, `C:\Users`.
fn path(text: &str, previous: Option<char>) -> Option<usize> {
    let mut signs = text.chars();
    let (first, second, third) = (signs.next()?, signs.next()?, signs.next());
    let share = first == '\\' && second == '\\' && third.is_some_and(char::is_alphanumeric);
    let drive = first.is_ascii_alphabetic() && second == ':' && third == Some('\\');
    if !share && !drive {
        return None;
    }
    let word = &text[..end_of_word(text)];
    let word = word.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '\'']);
    // What surrounds the path is not in it: **C:\Temp**.
    let word = previous.filter(|p| matches!(p, '*' | '_')).map_or(word, |p| word.trim_end_matches(p));
    Some(word.len())
}

/// `https://…`, `www.…`, and what is missing in front of it.
fn web(text: &str) -> Option<(usize, &'static str)> {
    let begins = |with: &str| text.get(..with.len()).is_some_and(|t| t.eq_ignore_ascii_case(with));
    let (front, missing) =
        [("https://", ""), ("http://", ""), ("www.", "https://")].into_iter().find(|(f, _)| begins(f))?;
    let rest = &text[front.len()..];
    if !rest.starts_with(|c: char| c.is_alphanumeric() || c == '[') {
        return None;
    }
    let mut word = &text[..end_of_word(text)];
    loop {
        let count = |sign: char| word.chars().filter(|c| *c == sign).count();
        let last = word.chars().last()?;
        let outside = match last {
            '?' | '!' | '.' | ',' | ':' | ';' | '*' | '_' | '~' | '\'' => true,
            ')' => count(')') > count('('),
            ']' => count(']') > count('['),
            _ => false,
        };
        if !outside {
            break;
        }
        word = &word[..word.len() - last.len_utf8()];
    }
    let host = word.get(front.len()..).unwrap_or_default();
    let whole = !host.is_empty() && (missing.is_empty() || host.contains('.'));
    whole.then_some((word.len(), missing))
}

fn end_of_word(text: &str) -> usize {
    let ends = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '`' | '|' | OPEN | CLOSE | GUARD);
    text.find(ends).unwrap_or(text.len())
}

/// `emma@acme.test`.
fn mail(text: &str) -> Option<usize> {
    let in_local = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-');
    let at = text.find(|c: char| !in_local(c)).filter(|at| text[*at..].starts_with('@'))?;
    let local = &text[..at];
    if local.is_empty() || local.len() > 64 || local.starts_with('.') || local.ends_with('.') {
        return None;
    }
    let domain = &text[at + 1..];
    let domain =
        &domain[..domain.find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-'))).unwrap_or(domain.len())];
    let domain = domain.trim_end_matches(['.', '-']);
    let mut labels = domain.rsplit('.');
    let top = labels.next().is_some_and(|t| t.chars().count() >= 2 && t.chars().all(char::is_alphabetic));
    let mut others = labels.peekable();
    let whole = top && others.peek().is_some() && others.all(|l| !l.is_empty() && !l.starts_with('-'));
    whole.then_some(at + 1 + domain.len())
}
