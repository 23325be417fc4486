//! Dates, numbers, addresses, Markdown, and the small rules of forms.

use std::collections::BTreeSet;

use fields::FieldType;
use gateway_ui::query::{self, ListQuery};
use gateway_ui::vm::conflict::fields_to_save;
use gateway_ui::vm::{FieldFault, Flash, ModuleName, Sort};
use gateway_ui::{Lang, fmt, markdown};

use crate::{german, italian};

const AFTERNOON: i64 = 1_795_435_500_000_000; // 2026-11-23 12:05 UTC

#[test]
fn moments_are_written_in_the_viewers_zone_and_language() {
    let rome = fmt::zone("Europe/Rome");
    let stamp = fmt::stamp(AFTERNOON, Lang::ENGLISH, &rome);
    assert_eq!((stamp.iso.as_str(), stamp.text.as_str()), ("2026-11-23T12:05:00Z", "23 Nov 2026, 13:05"));
    assert_eq!(fmt::stamp(AFTERNOON, italian(), &rome).text, "23 nov 2026, 13:05");
    assert_eq!(fmt::stamp(AFTERNOON, german(), &rome).text, "23. Nov. 2026, 13:05");
    assert_eq!(fmt::stamp(AFTERNOON, Lang::ENGLISH, &fmt::zone("No/Such")).text, "23 Nov 2026, 12:05");
    assert_eq!(fmt::stamp(i64::MAX, Lang::ENGLISH, &rome).text, "1 Jan 1970, 01:00");
}

#[test]
fn distances_are_told_within_a_week_and_never_for_the_future() {
    let rome = fmt::zone("Europe/Rome");
    let ago = |minutes: i64| fmt::stamp_ago(AFTERNOON - minutes * 60_000_000, AFTERNOON, Lang::ENGLISH, &rome).ago;
    assert_eq!(ago(0), "just now");
    assert_eq!(ago(1), "1 minute ago");
    assert_eq!(ago(59), "59 minutes ago");
    assert_eq!(ago(60), "1 hour ago");
    assert_eq!(ago(1440), "yesterday");
    assert_eq!(ago(6 * 1440), "6 days ago");
    assert_eq!(ago(7 * 1440), "");
    assert_eq!(ago(-5), "");
}

#[test]
fn dates_and_inputs_go_there_and_back() {
    assert_eq!(fmt::date("2026-02-09", Lang::ENGLISH), "9 Feb 2026");
    assert_eq!(fmt::date("2026-05-31", italian()), "31 mag 2026");
    assert_eq!(fmt::date("2026-03-03", german()), "3. März 2026");
    assert_eq!(fmt::date("soon", Lang::ENGLISH), "soon");
    let rome = fmt::zone("Europe/Rome");
    assert_eq!(fmt::date_time_input(AFTERNOON, &rome), "2026-11-23T13:05");
    assert_eq!(fmt::parse_date_time_input("2026-11-23T13:05", &rome), Some(AFTERNOON));
    assert_eq!(fmt::parse_date_time_input("2026-11-23", &rome), Some(AFTERNOON - 47_100_000_000));
    assert_eq!(fmt::parse_date_time_input("yesterday", &rome), None);
}

#[test]
fn numbers_follow_the_language() {
    assert_eq!(fmt::integer(1_234_567, Lang::ENGLISH), "1,234,567");
    assert_eq!(fmt::integer(-1_234_567, italian()), "-1.234.567");
    assert_eq!(fmt::integer(1234, italian()), "1234");
    assert_eq!(fmt::decimal("1234.56", german()), "1.234,56");
    assert_eq!(fmt::integer(i64::MIN, Lang::ENGLISH), "-9,223,372,036,854,775,808");
    assert_eq!(fmt::decimal("-12345.60", italian()), "-12.345,60");
    assert_eq!(fmt::decimal("12345.6", Lang::ENGLISH), "12,345.6");
    assert_eq!(fmt::decimal("1e9", Lang::ENGLISH), "1e9");
    assert_eq!(fmt::decimal("", Lang::ENGLISH), "");
}

#[test]
fn a_modules_name_inside_a_sentence_begins_as_the_language_writes_nouns() {
    let module = |label: &str| ModuleName {
        name: String::new(),
        singular: label.to_owned(),
        plural: label.to_owned(),
        icon: String::new(),
    };
    assert_eq!(module("Invoice").one(Lang::ENGLISH), "invoice");
    assert_eq!(module("Fatture").many(italian()), "fatture");
    assert_eq!(module("Rechnung").one(german()), "Rechnung");
    assert_eq!(module("FAQ").one(Lang::ENGLISH), "FAQ");
}

#[test]
fn every_language_says_how_dates_and_numbers_are_written() {
    for lang in Lang::ALL {
        let dates: BTreeSet<String> = (1..=12).map(|m| fmt::date(&format!("2026-{m:02}-05"), lang)).collect();
        assert_eq!(dates.len(), 12, "{}: a month is there twice: {dates:?}", lang.code());
        assert!(dates.iter().all(|d| d.contains('5') && d.contains("2026")), "{}: {dates:?}", lang.code());
        let moment = fmt::stamp(AFTERNOON, lang, &fmt::zone("Europe/Rome")).text;
        assert!(moment.contains("13:05") && moment.contains("2026"), "{}: {moment}", lang.code());
        let (point, group) = (lang.t("number-point"), lang.t("number-group"));
        assert_ne!(point, group, "{}", lang.code());
        assert_eq!(fmt::integer(1_234_567, lang), format!("1{group}234{group}567"), "{}", lang.code());
        assert_eq!(fmt::decimal("-0.5", lang), format!("-0{point}5"), "{}", lang.code());
        assert_eq!(fmt::typed_decimal(&fmt::decimal("0.5", lang), lang), "0.5", "{}", lang.code());
        assert_eq!(fmt::typed_decimal("0.5", lang), "0.5", "{}", lang.code());
        // What a page shows and what an input is filled with can be typed again, and nobody's amount changes by it.
        for number in ["0.5", "-0.25", "1234", "12345.5", "-1234567", "999999.125", "1.234", "1000.5", "0.125", "7"] {
            assert_eq!(fmt::typed_decimal(&fmt::decimal(number, lang), lang), number, "{}", lang.code());
            assert_eq!(fmt::typed_decimal(&fmt::decimal_input(number, lang), lang), number, "{}", lang.code());
        }
        assert_eq!(fmt::typed_decimal(&format!("1{group}234"), lang), "1234", "{}", lang.code());
        assert_eq!(fmt::typed_decimal("1.50", lang), "1.50", "{}", lang.code());
        for neither in [format!("1{group}23{point}4"), format!("12{group}"), "eleven".to_owned(), String::new()] {
            assert_eq!(fmt::typed_decimal(&neither, lang), neither, "{}", lang.code());
        }
        let fewest: usize = lang.t("number-group-from").parse().expect("a number of digits");
        assert!((4..=5).contains(&fewest), "{}", lang.code());
    }
}

#[test]
fn a_list_address_goes_there_and_back() {
    let query =
        ListQuery::parse("q=carta+%26+penna&scope=mine&f.status=open&f.priority=&sort=-title&cursor=ab%2Fc&x=1");
    assert_eq!((query.q.as_str(), query.mine, query.sort.as_str()), ("carta & penna", true, "-title"));
    assert_eq!(query.filters.len(), 1, "an empty filter is no filter");
    let url = query.url("/tickets");
    assert_eq!(url, "/tickets?q=carta%20%26%20penna&scope=mine&f.status=open&sort=-title&cursor=ab%2Fc");
    assert_eq!(ListQuery::parse(url.split_once('?').expect("a query").1), query);
    assert_eq!(ListQuery::parse("").url("/tickets"), "/tickets");
    assert_eq!(ListQuery::parse("q=%zz&q=%").q, "%");
}

#[test]
fn every_link_of_a_list_keeps_the_rest_and_starts_at_the_first_page() {
    let query = ListQuery::parse("q=a&f.status=open&cursor=x");
    assert_eq!(query.clear_url("/t").as_deref(), Some("/t"));
    assert_eq!(query.scope_switch("/t").mine_url, "/t?q=a&scope=mine&f.status=open");
    assert_eq!(
        query.sort("title", "-modified_at", "/t"),
        Sort::Unsorted { url: "/t?q=a&f.status=open&sort=title".into() }
    );
    assert_eq!(
        query.sort("modified_at", "-modified_at", "/t"),
        Sort::Descending { url: "/t?q=a&f.status=open&sort=modified_at".into() }
    );
    let pager = query.pager("y", "/t");
    assert_eq!(pager.first_url.as_deref(), Some("/t?q=a&f.status=open"));
    assert_eq!(pager.next_url.as_deref(), Some("/t?q=a&f.status=open&cursor=y"));
    assert_eq!(ListQuery::default().pager("", "/t").next_url, None);
    assert_eq!(ListQuery::default().clear_url("/t"), None);
}

#[test]
fn a_parameter_of_an_address_is_replaced_not_repeated() {
    assert_eq!(query::with_parameter("/t?lang=en&q=1#x", "lang", "it"), "/t?q=1&lang=it");
    assert_eq!(query::with_parameter("/", "theme", "dark"), "/?theme=dark");
}

#[test]
fn markdown_keeps_meaning_and_drops_danger() {
    let html = |source: &str| markdown::render(source).as_str().to_owned();
    assert_eq!(html("a **b**\nc"), "<p>a <strong>b</strong><br>\nc</p>\n");
    assert!(html("# Big").contains("<h4>Big</h4>"));
    assert!(html("<script>alert(1)</script>").contains("&lt;script&gt;"));
    assert!(!html("[x](javascript:alert(1))").contains("javascript"));
    assert!(!html("![x](https://example.com/spy.png)").contains("<img"));
    assert!(html("[x](https://example.com)").contains("rel=\"noopener noreferrer nofollow\""));
    assert!(!html("<div style=\"x\" onclick=\"y\" hx-get=\"/z\">").contains("<div"));
    assert!(html("| a |\n|---|\n| b |").contains("<td>b</td>"));
    assert!(html("~~a~~").contains("<del>a</del>"));
}

#[test]
fn a_conflict_saves_only_what_was_chosen() {
    let posted = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let chosen = posted(&[
        ("title", "a"),
        ("phone", "b"),
        ("keep.title", "theirs"),
        ("keep.phone", "mine"),
        ("resolve", "chosen"),
    ]);
    assert_eq!(fields_to_save(&chosen), posted(&[("phone", "b")]));
    let mine = posted(&[("title", "a"), ("keep.title", "theirs"), ("resolve", "mine")]);
    assert_eq!(fields_to_save(&mine), posted(&[("title", "a")]));
    assert_eq!(fields_to_save(&posted(&[("title", "a")])), posted(&[("title", "a")]));
}

#[test]
fn faults_of_services_become_sentences_that_name_the_field() {
    assert_eq!(
        FieldFault::of_code("required", FieldType::Text, 0).text(Lang::ENGLISH, "Title"),
        "Title: fill this in."
    );
    let long = FieldFault::of_code("too_long", FieldType::Url, 2000).text(Lang::ENGLISH, "Title");
    assert_eq!(long, "Title: at most 2,000 characters.");
    assert_eq!(FieldFault::of_code("something_new", FieldType::Text, 0), FieldFault::Invalid);
}

#[test]
fn a_forged_flash_code_shows_nothing() {
    assert!(Flash::of("<script>", Lang::ENGLISH).is_none());
    assert!(Flash::of("saved", italian()).is_some_and(|flash| flash.text == "Le modifiche sono salvate."));
}

#[test]
fn a_comment_of_nothing_but_quotation_marks_is_rendered_flat_and_keeps_its_text() {
    let nested = format!("{} deep", ">".repeat(9_900));
    let html = gateway_ui::markdown::render(&nested).as_str().to_owned();
    assert!(html.matches("<blockquote>").count() <= 12, "{} quotations", html.matches("<blockquote>").count());
    assert_eq!(html.matches("<blockquote>").count(), html.matches("</blockquote>").count());
    assert!(html.contains("deep"), "the text is lost");
    let list = (0..200).map(|n| format!("{}- item {n}\n", "  ".repeat(n))).collect::<String>();
    let html = gateway_ui::markdown::render(&list).as_str().to_owned();
    assert_eq!(html.matches("<ul>").count(), html.matches("</ul>").count());
    assert_eq!(html.matches("<li>").count(), html.matches("</li>").count());
}
