//! A corpus of texts as people write them, with what pages and mails make of them.

use crate::{Said, html, text};
use proptest::prelude::*;

mod corpus;

const REL: &str = "rel=\"noopener noreferrer nofollow\"";

#[test]
fn every_text_of_the_corpus_reads_as_its_pair_says() {
    let mut wrong = Vec::new();
    for (source, page, mail) in corpus::CORPUS {
        let page = page.replace("@rel", REL);
        let (shown, said) = (html(source), text(source));
        if shown.as_str().trim_end() != page || said != *mail {
            wrong.push(format!(
                "{source:?}\n  page {:?}\n   not {page:?}\n  mail {said:?}\n   not {mail:?}",
                shown.as_str()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(corpus::CORPUS.len() >= 60);
}

#[test]
fn a_long_text_is_cut_with_an_ellipsis_and_everything_closed() {
    let source = format!("**start** {}\n\n- > end [x](https://x.test)", "word ".repeat(400));
    let said = Said::beginning(&source, 100);
    assert!(said.text.ends_with('…') && said.text.chars().count() <= 100, "{}", said.text);
    assert!(
        said.html.as_str().starts_with("<p><strong>start</strong> word") && said.html.as_str().ends_with("…</p>\n")
    );
    let nested = Said::beginning("- > **one two three four five six**", 12);
    assert!(nested.html.as_str().contains("<li>") && nested.html.as_str().matches("</strong>").count() == 1);
    assert_eq!(Said::beginning("short", 100), Said::whole("short"));
    assert!(Said::whole(" \n\t\n").is_empty());
}

#[test]
fn a_source_of_nothing_but_signs_takes_no_time_to_speak_of() {
    let nested = format!("{} deep", ">".repeat(9_900));
    assert!(html(&nested).as_str().matches("<blockquote>").count() <= 12);
    for sign in ["[", "*", "`", "_", "~", "\\", "<", "![](", "@", "www.", "|", "a@"] {
        let long = sign.repeat(9_900 / sign.len());
        assert!(text(&long).len() <= 2 * long.len(), "{sign}");
        assert!(!html(&long).as_str().is_empty(), "{sign}");
    }
}

/// Letters and digits only: what no sign of Markdown can take away.
fn words(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

proptest! {
    #[test]
    fn no_word_of_any_text_is_lost(source in "([a-z0-9äß日]{1,6}|[ \n>*_`~#|:.!()<&;-]{1,3}|\\\\\\\\|\\[|\\]){1,40}") {
        // Numbers of lists are told, but not always as they were typed.
        let counted = |t: &str| words(t).chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
        prop_assert_eq!(counted(&text(&source)), counted(&source), "{}", source);
    }

    #[test]
    fn any_text_gives_html_of_the_allow_list_only(source in ".{0,300}") {
        let shown = html(&source);
        for piece in shown.as_str().split('<').skip(1) {
            let name: String = piece.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
            let known = ["p", "br", "hr", "strong", "em", "del", "code", "pre", "blockquote", "ul", "ol", "li", "a", "h4",
                "table", "thead", "tbody", "tr", "th", "td"];
            prop_assert!(known.contains(&name.as_str()), "{}", shown.as_str());
        }
    }
}
