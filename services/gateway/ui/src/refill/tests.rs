use super::{refill, texts};
use crate::Lang;

fn fill(form: &str, typed: &[(&str, &str)]) -> String {
    let page = format!("<body><main id=\"main\">{form}</main></body>");
    let typed: Vec<_> = typed.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
    refill(&page, "/there", &typed, Lang::ENGLISH, Some("/icons.svg"))
}

#[test]
fn nothing_that_was_typed_can_leave_its_place() {
    let nasty = "\"></textarea><script>alert(1)</script>&amp;'";
    let form = "<form method=\"post\" action=\"/there\"><input id=\"t\" name=\"t\" type=\"text\" value=\"old\">\
        <textarea id=\"b\" name=\"b\">old</textarea></form>";
    let html = fill(form, &[("t", nasty), ("b", nasty), ("c", nasty)]);
    assert!(!html.contains("<script"), "{html}");
    let escaped = "&quot;&gt;&lt;/textarea&gt;&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;&#39;";
    assert!(html.contains(&format!("value=\"{escaped}\"")), "{html}");
    assert!(html.contains(&format!("name=\"b\">{escaped}</textarea>")), "{html}");
    assert!(html.contains("<blockquote"), "what has no input is told: {html}");
}

#[test]
fn a_password_is_never_filled_in_and_keys_stay_the_pages_own() {
    let form = "<form method=\"post\" action=\"/there\"><input type=\"hidden\" name=\"csrf_token\" value=\"new\">\
        <input type=\"hidden\" name=\"form_id\" value=\"new\"><input type=\"hidden\" name=\"step\" value=\"one\">\
        <input type=\"password\" name=\"password\"><input name=\"user\" type=\"text\" value=\"me\" readonly></form>";
    let html = fill(
        form,
        &[("csrf_token", "old"), ("form_id", "old"), ("step", "two"), ("password", "secret"), ("user", "other")],
    );
    assert!(html.contains("name=\"csrf_token\" value=\"new\""), "{html}");
    // Sent twice it is one command.
    assert!(html.contains("name=\"form_id\" value=\"old\""), "{html}");
    assert!(html.contains("name=\"step\" value=\"one\"") && html.contains("value=\"me\""), "{html}");
    assert!(!html.contains("secret"), "{html}");
}

#[test]
fn of_forms_to_the_same_place_the_one_that_was_sent_is_filled_and_opened() {
    let form = |kind: &str, body: &str| {
        format!(
            "<details class=\"x\"><form method=\"post\" action=\"/there\"><input type=\"hidden\" name=\"kind\" \
             value=\"{kind}\">{body}</form></details>"
        )
    };
    let text = "<input id=\"n\" name=\"note\" type=\"text\" value=\"\">";
    let both = form("a", text) + &form("b", &text.replace("\"n\"", "\"m\""));
    let html = fill(&both, &[("kind", "b"), ("note", "Typed")]);
    let second = html.rfind("<details").unwrap();
    assert!(html[second..].starts_with("<details class=\"x\" open>") && html[second..].contains("value=\"Typed\""));
    assert!(!html[..second].contains("open") && html.contains("href=\"#m\""), "{html}");
}

#[test]
fn a_form_that_is_gone_leaves_the_text_and_a_button_asks_to_be_pressed_again() {
    let html = fill("<p>Nothing here.</p>", &[("body", "A long answer"), ("form_id", "x1"), ("internal", "true")]);
    assert!(html.contains("no longer on this page") && html.contains("A long answer</blockquote>"), "{html}");
    assert!(!html.contains("true</blockquote>") && !html.contains("x1</blockquote>"));
    let button =
        "<form method=\"post\" action=\"/there\"><input type=\"hidden\" name=\"status\" value=\"closed\"></form>";
    assert!(fill(button, &[("status", "closed")]).contains("press the button again"));
    assert!(fill("", &[]).contains("no longer"));
}

#[test]
fn only_what_a_person_typed_counts_as_text() {
    let of = |name: &str, value: &str| !texts(&[(name.to_owned(), value.to_owned())]).is_empty();
    assert!(of("body", "Hi") && of("title", "Ärger"));
    for (name, value) in [
        ("csrf_token", "abcdef"),
        ("form_id", "abc"),
        ("id", "01890000-0000-7000-8000-000000000000"),
        ("trust", "false"),
        ("x", "–"),
    ] {
        assert!(!of(name, value), "{name}={value}");
    }
}
