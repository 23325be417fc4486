use super::*;
use crate::domain::settings::{Document, LockMode, MfaScope};
use std::collections::BTreeMap;

/// One of each type of administration ever stored. What stands here never changes; a new type gets a new line.
pub(in crate::codec) fn samples() -> Vec<Administration> {
    let document = Document {
        require_mfa: MfaScope::Agents,
        lock_mode: LockMode::Manual,
        lock_failures: 7,
        portal_idle_minutes: 20,
        console_idle_minutes: 10,
        company_links: true,
        terms_required: true,
        terms: BTreeMap::from([("en".to_owned(), "Be **kind**.".to_owned())]),
        help_contact: "Call the desk.".to_owned(),
    };
    vec![Administration::Settings(settings::Event::Changed { document, terms_version: 2 })]
}

#[test]
fn settings_that_are_no_document_are_refused_by_field() {
    let message = wire::SettingsChanged { document: "no JSON".into(), terms_version: 1 };
    let error = decode(wire::SettingsChanged::STORED_TYPE, &message.encode_to_vec()).unwrap_err();
    assert_eq!(error.to_string(), "the field document has no meaning");
}
