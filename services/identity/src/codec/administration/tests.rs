use super::*;
use crate::domain::settings::{Document, LockMode, MfaScope};
use kernel::Rights;
use std::collections::{BTreeMap, BTreeSet};

const ONE: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);
const OTHER: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0002);
const THIRD: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0003);

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
        one_time_password_hours: 72,
    };
    let at = Timestamp::from_micros(1_767_225_600_123_456);
    let role = role::Definition {
        name: "Night desk".into(),
        description: "Unlocks and looks.".into(),
        records: role::Records::Read,
        rights: Rights::of(&[Right::Unlock, Right::ReadAudit]),
    };
    let group = group::Definition {
        name: "Second line".into(),
        description: "Knows the machines.".into(),
        members: BTreeSet::from([OTHER, THIRD]),
    };
    let terms = bulk::Terms {
        support_start: "2026-01-01".into(),
        support_end: "2026-12-31".into(),
        profile: THIRD.to_string(),
        mfa_required: true,
        invite: true,
    };
    vec![
        Administration::Settings(settings::Event::Changed { document, terms_version: 2 }),
        Administration::Role(role::Event::Defined { role: ONE, definition: role }),
        Administration::Role(role::Event::Deleted { role: ONE }),
        Administration::Group(group::Event::Defined { group: ONE, definition: group }),
        Administration::Group(group::Event::Deleted { group: ONE }),
        Administration::Token(token::Event::Created {
            user: ONE,
            token: OTHER,
            name: "Nightly report".into(),
            scopes: vec![token::Scope::Read, token::Scope::Write],
            expires_at: at,
        }),
        Administration::Token(token::Event::Revoked { user: ONE, token: OTHER }),
        Administration::Link(link::Event::Issued { company: ONE, link: OTHER, expires_at: at }),
        Administration::Link(link::Event::Revoked { company: ONE, link: OTHER }),
        Administration::Bulk(bulk::Event::Started { job: ONE, contacts: 120, terms }),
        Administration::Bulk(bulk::Event::Finished { job: ONE, enabled: 100, skipped: 20, cancelled: true }),
        Administration::Visit(Visit::LinkUsed {
            company: ONE,
            session: OTHER,
            network: "203.0.113.0/24".into(),
            browser: "Firefox".into(),
        }),
        Administration::Visit(Visit::SupportStarted {
            user: ONE,
            agent: OTHER,
            session: THIRD,
            reason: "The invoice is not shown".into(),
            ticket: Some(ONE),
            write: true,
            expires_at: at,
        }),
    ]
}

#[test]
fn settings_that_are_no_document_are_refused_by_field() {
    let message = wire::SettingsChanged { document: "no JSON".into(), terms_version: 1 };
    let error = decode(wire::SettingsChanged::STORED_TYPE, &message.encode_to_vec()).unwrap_err();
    assert_eq!(error.to_string(), "the field document has no meaning");
}
