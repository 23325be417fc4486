//! The beginning of a comment as plain text, for a mail's quote. Markdown's signs go, its paragraphs and lines stay; no
//! HTML of the comment's author ever reaches a mail.

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

/// About how much of a comment a mail shows, in characters.
const MOST: usize = 700;

/// Paragraphs of lines; an ellipsis at the end when something is left out.
pub(crate) fn excerpt(markdown: &str) -> Vec<Vec<String>> {
    let mut paragraphs: Vec<Vec<String>> = Vec::new();
    let mut lines = vec![String::new()];
    let mut left = MOST;
    for event in Parser::new(markdown) {
        let text = match event {
            Event::Text(text) | Event::Code(text) => text.into_string(),
            Event::SoftBreak | Event::HardBreak => "\n".to_owned(),
            Event::Start(Tag::Item) => {
                close(&mut paragraphs, &mut lines);
                "• ".to_owned()
            }
            Event::End(
                TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item | TagEnd::CodeBlock | TagEnd::HtmlBlock,
            )
            | Event::Rule => {
                close(&mut paragraphs, &mut lines);
                continue;
            }
            // Whatever else there is has no text, or is HTML.
            _ => continue,
        };
        let all = text.chars().count();
        let taken = if all > left { crate::mail::shorten(&text, left.max(2)) } else { text };
        for (i, part) in taken.split('\n').enumerate() {
            if i > 0 {
                lines.push(String::new());
            }
            if let Some(line) = lines.last_mut() {
                line.extend(part.chars().filter(|c| !c.is_control()));
            }
        }
        if all > left {
            break;
        }
        left -= all;
    }
    close(&mut paragraphs, &mut lines);
    paragraphs
}

/// Ends a paragraph; one without text is dropped.
fn close(paragraphs: &mut Vec<Vec<String>>, lines: &mut Vec<String>) {
    let mut done = std::mem::replace(lines, vec![String::new()]);
    while done.last().is_some_and(|l| l.trim().is_empty()) {
        done.pop();
    }
    if done.iter().any(|l| !l.trim().is_empty() && l.trim() != "•") {
        paragraphs.push(done);
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, excerpt};
    use proptest::prelude::*;

    #[test]
    fn paragraphs_lines_and_items_stay_and_signs_go() {
        let markdown =
            "Hello **Emma**,\nplease try:\n\n- restart `printerd`\n- print\n\n```\na\nb\n```\n[manual](https://x.test)";
        let expected = [
            vec!["Hello Emma,", "please try:"],
            vec!["• restart printerd"],
            vec!["• print"],
            vec!["a", "b"],
            vec!["manual"],
        ];
        assert_eq!(excerpt(markdown), expected);
    }

    #[test]
    fn html_is_left_out() {
        let shown = excerpt("<script>alert(1)</script>\n\nseen <b>bold</b>");
        assert_eq!(shown, [vec!["seen bold"]]);
    }

    #[test]
    fn a_long_comment_ends_with_an_ellipsis() {
        let shown = excerpt(&"word ".repeat(400));
        let text = shown[0].join("");
        assert!(text.ends_with('…') && text.chars().count() <= MOST, "{text}");
    }

    proptest! {
        #[test]
        fn any_text_gives_a_short_quote_without_control_characters(text in ".{0,2000}") {
            let shown = excerpt(&text);
            prop_assert!(shown.iter().flatten().map(|l| l.chars().count()).sum::<usize>() <= 2 * MOST);
            prop_assert!(!shown.iter().flatten().any(|l| l.chars().any(char::is_control)));
        }
    }
}
