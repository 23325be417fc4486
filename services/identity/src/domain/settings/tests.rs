use super::*;
use kernel::fold;

fn changed(settings: SecuritySettings, document: Document) -> SecuritySettings {
    let events = match settings.decide(Command::Change(document)) {
        Ok(events) => events,
        Err(never) => match never {},
    };
    fold(settings, &events)
}

fn terms(text: &str) -> Document {
    Document { terms: BTreeMap::from([("en".to_owned(), text.to_owned())]), ..Document::default() }
}

#[test]
fn the_defaults_are_right_and_strict() {
    let document = Document::default();
    assert_eq!(document.faults(), []);
    assert!(!document.company_links);
    assert_eq!((document.lock_failures, document.portal_idle_minutes, document.console_idle_minutes), (5, 30, 15));
}

#[test]
fn the_same_settings_again_are_no_change() {
    let Ok(events) = SecuritySettings::default().decide(Command::Change(Document::default()));
    assert_eq!(events, []);
}

#[test]
fn the_version_of_the_terms_goes_up_only_with_their_text() {
    let first = changed(SecuritySettings::default(), terms("Be kind."));
    assert_eq!(first.terms_version, 1);
    let locked = changed(first, Document { lock_failures: 7, ..terms("Be kind.") });
    assert_eq!(locked.terms_version, 1);
    let again = changed(locked, terms("Be kind, always."));
    assert_eq!(again.terms_version, 2);
}

#[test]
fn every_bad_number_is_named_at_its_bound() {
    let at = |change: fn(&mut Document, i32), value: i32| {
        let mut document = Document::default();
        change(&mut document, value);
        document.faults().into_iter().map(|f| f.field).collect::<Vec<_>>()
    };
    type Change = fn(&mut Document, i32);
    let bounds: [(&str, Change, i32, i32); 3] = [
        ("lock_failures", |d, n| d.lock_failures = n, 3, 10),
        ("portal_idle_minutes", |d, n| d.portal_idle_minutes = n, 5, 60),
        ("console_idle_minutes", |d, n| d.console_idle_minutes = n, 5, 60),
    ];
    for (field, change, least, most) in bounds {
        assert_eq!(at(change, least), Vec::<String>::new(), "{field}");
        assert_eq!(at(change, most), Vec::<String>::new(), "{field}");
        assert_eq!(at(change, least - 1), [field]);
        assert_eq!(at(change, most + 1), [field]);
    }
}

#[test]
fn terms_are_bounded_and_there_when_they_are_required() {
    let codes = |d: &Document| d.faults().into_iter().map(|f| (f.field, f.code.to_string())).collect::<Vec<_>>();
    let long = terms(&"x".repeat(20_001));
    assert_eq!(codes(&long), [("terms.en".to_owned(), "too_long".to_owned())]);
    assert_eq!(codes(&terms(&"x".repeat(20_000))), []);
    let none = Document { terms_required: true, ..Document::default() };
    assert_eq!(codes(&none), [("terms".to_owned(), "required".to_owned())]);
    let odd = Document { terms: BTreeMap::from([("en_US".to_owned(), "x".to_owned())]), ..Document::default() };
    assert_eq!(codes(&odd), [("terms.en_US".to_owned(), "not_a_language".to_owned())]);
}

#[test]
fn a_document_of_an_older_version_reads_with_the_defaults_of_what_it_lacks() {
    let read: Document = serde_json::from_str(r#"{"lock_failures": 4, "unheard_of": 1}"#).unwrap_or_default();
    assert_eq!(read, Document { lock_failures: 4, ..Document::default() });
}

#[test]
fn who_needs_a_second_factor_is_told_by_one_word() {
    for (scope, agents, contacts) in [
        (MfaScope::Nobody, false, false),
        (MfaScope::Agents, true, false),
        (MfaScope::Contacts, false, true),
        (MfaScope::Everybody, true, true),
    ] {
        assert_eq!(MfaScope::from_word(scope.as_str()), Some(scope));
        assert_eq!((scope.includes_agents(), scope.includes_contacts()), (agents, contacts));
    }
    assert_eq!(MfaScope::from_word("somebody"), None);
    assert_eq!(LockMode::from_word("manual"), Some(LockMode::Manual));
}
