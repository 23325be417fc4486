//! The one rule of JSON bodies.

use crate::api::body::read;
use kernel::Error;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Outer {
    title: String,
    #[serde(default)]
    count: i32,
    #[serde(default)]
    inner: Vec<Inner>,
    #[serde(default)]
    any: serde_json::Value,
    #[serde(default)]
    words: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Inner {
    name: String,
}

fn refused(text: &str) -> Error {
    read::<Outer>(text.as_bytes()).unwrap_err()
}

fn field(text: &str) -> (String, String) {
    let error = refused(text);
    assert_eq!(error.fields.len(), 1, "{text}: {error}");
    (error.fields[0].field.clone(), error.fields[0].code.to_string())
}

#[test]
fn what_does_not_fit_is_named_with_its_path() {
    for (text, at, code) in [
        (r#"{"title": 5}"#, "title", "wrong_type"),
        (r#"{"title": null}"#, "title", "wrong_type"),
        (r#"{"title": "a", "count": "5"}"#, "count", "wrong_type"),
        (r#"{"title": "a", "count": 5000000000}"#, "count", "bad_value"),
        (r#"{"title": "a", "count": 1.5}"#, "count", "wrong_type"),
        (r#"{"title": "a", "count": true}"#, "count", "wrong_type"),
        (r#"{"title": "a", "inner": [{"name": "x"}, {"name": 7}]}"#, "inner[1].name", "wrong_type"),
        (r#"{"title": "a", "inner": [{}]}"#, "inner[0].name", "required"),
        (r#"{"title": "a", "inner": [{"name": "x", "nam": 1}]}"#, "inner[0].nam", "unknown_field"),
        (r#"{"title": "a", "inner": [["x"]]}"#, "inner[0]", "wrong_type"),
        (r#"{"title": "a", "inner": {}}"#, "inner", "wrong_type"),
        (r#"{"title": "a", "words": {"en": 5}}"#, "words.en", "wrong_type"),
        (r#"{"count": 5}"#, "title", "required"),
        (r#"{"title": "a", "tilte": "b"}"#, "tilte", "unknown_field"),
        (r#"["a"]"#, "body", "wrong_type"),
        (r#""a""#, "body", "wrong_type"),
        ("null", "body", "wrong_type"),
    ] {
        assert_eq!(field(text), (at.to_owned(), code.to_owned()), "{text}");
    }
}

#[test]
fn no_key_comes_twice_and_no_number_is_rounded() {
    for (text, at, code) in [
        (r#"{"title": "a", "title": "b"}"#, "title", "duplicate"),
        (r#"{"title": "a", "title": "a"}"#, "title", "duplicate"),
        (r#"{"title": "a", "\u0074itle": "b"}"#, "title", "duplicate"),
        (r#"{"title": "a", "inner": [{"name": "x", "name": "y"}]}"#, "inner[0].name", "duplicate"),
        (r#"{"title": "a", "any": {"deep": {"k": 1, "k": 2}}}"#, "any.deep.k", "duplicate"),
        (r#"{"title": "a", "any": 123456789012345678901234567890}"#, "any", "out_of_range"),
        (r#"{"title": "a", "any": [1, -99999999999999999999]}"#, "any[1]", "out_of_range"),
        (r#"{"title": "a", "any": 0.1234567890123456789}"#, "any", "out_of_range"),
        (r#"{"title": 123456789012345678901234567890}"#, "title", "out_of_range"),
    ] {
        assert_eq!(field(text), (at.to_owned(), code.to_owned()), "{text}");
    }
    let fits = r#"{"title": "a", "any": [18446744073709551615, -9223372036854775808, 1.25, 1e3, 0.000001]}"#;
    assert_eq!(read::<Outer>(fits.as_bytes()).unwrap().any[2], 1.25);
}

#[test]
fn what_is_no_json_is_malformed_and_what_is_too_deep_says_where() {
    let texts: [&[u8]; 12] = [
        b"",
        b"{",
        b"{}x",
        b"{} {}",
        b"\xef\xbb\xbf{}",
        b"{\"title\": \"\xff\"}",
        b"{\"title\": \"\\ud800\"}",
        b"{'title': 'a'}",
        b"{\"title\": \"a\",}",
        b"{\"title\": 01}",
        b"{\"title\": NaN}",
        b"{\"title\": 1e999}",
    ];
    for bytes in texts {
        let error = read::<Outer>(bytes).unwrap_err();
        let shown = String::from_utf8_lossy(bytes);
        // 1e999 is JSON, and no number that there is.
        if bytes.ends_with(b"1e999}") {
            assert!(error.reason == "malformed" || error.fields[0].code == "out_of_range", "{error}");
        } else {
            assert_eq!(error.reason, "malformed", "{shown}");
        }
    }
    for depth in [40, 5_000, 100_000] {
        let deep = format!(r#"{{"title": "a", "any": {}{}}}"#, "[".repeat(depth), "]".repeat(depth));
        assert_eq!(field(&deep), ("any".into(), "too_deep".into()), "{depth}");
    }
    let text = r#"{"title": "a", "count": 5, "inner": [{"name": "é 😀"}], "any": {"x": null}, "words": {"en": "b"}}"#;
    let read: Outer = read(text.as_bytes()).unwrap();
    assert_eq!((&*read.title, read.count, &*read.inner[0].name), ("a", 5, "é 😀"));
    assert_eq!((&read.any["x"], &*read.words["en"]), (&serde_json::Value::Null, "b"));
}
