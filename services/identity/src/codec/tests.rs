use super::*;
use crate::domain::{
    account::{DisableReason, Factor, Invitation, LoginVia, RevokeReason, Support, Via},
    activity::{EndReason, Method},
};
use proptest::prelude::*;
use prost::Message;
use std::{fs, path::PathBuf};

const USER: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);
const OTHER: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0002);

/// One of each type ever stored. What stands here never changes; a new type gets a new line.
fn samples() -> Vec<AnyEvent> {
    let at = Timestamp::from_micros(1_767_225_600_123_456);
    let support = Support { start: "2026-01-01".into(), end: "2026-12-31".into() };
    vec![
        AnyEvent::Account(Event::AgentCreated {
            user: USER,
            login: "agent@demo.test".into(),
            name: "Ada Agent".into(),
            email: "agent@demo.test".into(),
            role: "administrator".into(),
            locale: "it".into(),
            service: false,
        }),
        AnyEvent::Account(Event::AccessEnabled {
            user: USER,
            login: "emma@acme.test".into(),
            name: "Emma Rossi".into(),
            email: "emma@acme.test".into(),
            support: support.clone(),
            locale: "en".into(),
            mfa_required: false,
            profile: String::new(),
            company: String::new(),
        }),
        AnyEvent::Account(Event::SupportDatesChanged { user: USER, support }),
        AnyEvent::Account(Event::AccessDisabled { user: USER, reason: DisableReason::ContactDeleted }),
        AnyEvent::Account(Event::InvitationIssued {
            user: USER,
            invitation: Invitation { id: OTHER, expires_at: at },
            locale: "en".into(),
            support_start: "2026-01-01".into(),
            email: "emma@acme.test".into(),
            name: "Emma Rossi".into(),
        }),
        AnyEvent::Account(Event::PasswordSet {
            user: USER,
            credential: OTHER,
            version: 3,
            via: Via::Invitation,
            valid_until: None,
        }),
        AnyEvent::Activity(Activity::LoggedIn {
            user: USER,
            session: OTHER,
            network: "203.0.113.0/24".into(),
            browser: "Firefox".into(),
            kind: ActorKind::Contact,
            method: Method::Password,
            agent: None,
        }),
        AnyEvent::Activity(Activity::LoginFailed { user: USER, network: "2001:db8:1::/48".into(), failures: 4 }),
        AnyEvent::Activity(Activity::Locked { user: USER, until: Some(at), ladder_step: 2, kind: ActorKind::Agent }),
        AnyEvent::Activity(Activity::Unlocked {
            user: USER,
            note: "called in".into(),
            kind: ActorKind::Contact,
            trusted: Vec::new(),
        }),
        AnyEvent::Activity(Activity::LoggedOut { user: USER, session: OTHER, reason: EndReason::Logout, agent: None }),
        AnyEvent::Account(Event::AgentChanged {
            user: USER,
            name: Some("Ada Lead".into()),
            email: None,
            role: Some("viewer".into()),
            locale: None,
        }),
        AnyEvent::Account(Event::AgentDisabled { user: USER }),
        AnyEvent::Account(Event::AgentEnabled { user: USER }),
        AnyEvent::Account(Event::AccessSuspended { user: USER, note: "unpaid".into() }),
        AnyEvent::Account(Event::AccessResumed { user: USER }),
        AnyEvent::Account(Event::InvitationRevoked { user: USER, invitation: OTHER, reason: RevokeReason::Agent }),
        AnyEvent::Account(Event::LoginChangeRequested {
            user: USER,
            request: OTHER,
            expires_at: at,
            new_email: "emma@new.test".into(),
            old_email: "emma@acme.test".into(),
            name: "Emma Rossi".into(),
            locale: "it".into(),
            agent: false,
            by_agent: false,
        }),
        AnyEvent::Account(Event::LoginChanged {
            user: USER,
            login: "emma@new.test".into(),
            old_login: "emma@acme.test".into(),
            via: LoginVia::Confirmed,
            email: "emma@new.test".into(),
        }),
        AnyEvent::Account(Event::TotpEnabled { user: USER }),
        AnyEvent::Account(Event::PasskeyAdded { user: USER, passkey: OTHER, name: "Laptop".into() }),
        AnyEvent::Account(Event::FactorRemoved {
            user: USER,
            factor: Factor::Passkey(OTHER),
            reason: "lost the laptop".into(),
        }),
        AnyEvent::Account(Event::RecoveryCodesMade { user: USER, count: 10 }),
        AnyEvent::Account(Event::MfaRequirementChanged { user: USER, required: true }),
        AnyEvent::Account(Event::TermsAccepted { user: USER, version: 2 }),
        AnyEvent::Activity(Activity::AttemptsBlocked { user: USER, count: 12 }),
        AnyEvent::Activity(Activity::TrustRevoked { user: USER, network: "203.0.113.0/24".into() }),
        AnyEvent::Activity(Activity::SteppedUp { user: USER, session: OTHER, method: Method::Passkey }),
        AnyEvent::Activity(Activity::ResetRequested {
            user: USER,
            request: OTHER,
            expires_at: at,
            by_agent: true,
            email: "emma@acme.test".into(),
            name: "Emma Rossi".into(),
            locale: "it".into(),
            kind: ActorKind::Contact,
        }),
        AnyEvent::Activity(Activity::RecoveryCodeUsed { user: USER, left: 9 }),
    ]
    .into_iter()
    .chain(administration::tests::samples().into_iter().map(AnyEvent::Administration))
    .collect()
}

fn encode(stored: &AnyEvent) -> (&'static str, Vec<u8>) {
    match stored {
        AnyEvent::Account(event) => encode_event(event),
        AnyEvent::Activity(activity) => encode_activity(activity),
        AnyEvent::Administration(event) => administration::encode(event),
    }
}

fn golden(stored_type: &str, extension: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(format!("{stored_type}.{extension}"))
}

fn hex(bytes: &[u8]) -> String {
    bytes.chunks(32).map(|line| line.iter().map(|b| format!("{b:02x}")).collect::<String>() + "\n").collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: String = text.split_whitespace().collect();
    (0..digits.len()).step_by(2).map(|i| u8::from_str_radix(&digits[i..i + 2], 16).unwrap()).collect()
}

/// Writes golden files of new types when asked to; never over one that exists.
fn write_missing(stored_type: &str, bytes: &[u8]) {
    if std::env::var_os("WRITE_GOLDEN").is_some() && !golden(stored_type, "hex").exists() {
        let json = proto::event::to_json(stored_type, bytes).unwrap();
        fs::write(golden(stored_type, "hex"), hex(bytes)).unwrap();
        fs::write(golden(stored_type, "json"), serde_json::to_string_pretty(&json).unwrap() + "\n").unwrap();
    }
}

#[test]
fn every_stored_type_still_reads_as_it_did() {
    for sample in samples() {
        let (stored_type, bytes) = encode(&sample);
        write_missing(stored_type, &bytes);
        let kept = unhex(&fs::read_to_string(golden(stored_type, "hex")).expect(stored_type));
        assert_eq!(decode_bytes(stored_type, &kept).unwrap(), sample, "{stored_type}");
        let json: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(golden(stored_type, "json")).expect(stored_type)).unwrap();
        assert_eq!(proto::event::to_json(stored_type, &kept).unwrap(), json, "{stored_type}");
        assert_eq!(proto::event::from_json(stored_type, json.to_string().as_bytes()).unwrap(), kept, "{stored_type}");
        assert_eq!(bytes, kept, "{stored_type} is written as before");
    }
}

#[test]
fn every_event_of_identity_has_a_golden_file() {
    let sampled: Vec<&str> = samples().iter().map(|s| encode(s).0).collect();
    for known in proto::event::EVENT_TYPES.iter().filter(|t| t.stored.starts_with("identity.")) {
        assert!(sampled.contains(&known.stored), "{} has no sample", known.stored);
        assert!(golden(known.stored, "hex").exists(), "{} has no golden file", known.stored);
    }
}

#[test]
fn names_and_addresses_are_marked_as_personal() {
    for (stored, fields) in [
        ("identity.agent.created.v1", &[2_u32, 3, 4][..]),
        ("identity.access.enabled.v1", &[2, 3, 4]),
        ("identity.invitation.issued.v1", &[6, 7]),
        ("identity.password.reset_requested.v1", &[5, 6]),
        ("identity.login.change_requested.v1", &[4, 5, 6]),
        ("identity.login.changed.v1", &[2, 3, 5]),
        ("identity.access.suspended.v1", &[2]),
        ("identity.mfa.passkey_added.v1", &[3]),
        ("identity.mfa.removed.v1", &[4]),
        ("identity.agent.changed.v1", &[2, 3]),
    ] {
        assert_eq!(proto::event::event_type(stored).unwrap().personal, fields, "{stored}");
    }
}

#[test]
fn an_unknown_type_is_refused_by_name() {
    let error = decode_bytes("identity.account.teleported.v1", &[]).unwrap_err();
    assert_eq!(error.to_string(), "event type identity.account.teleported.v1 is unknown");
}

#[test]
fn an_erased_person_reads_as_empty_names() {
    let message =
        wire::AccessEnabled { user_id: USER.to_string(), support_start: "2026-01-01".into(), ..Default::default() };
    let AnyEvent::Account(Event::AccessEnabled { login, name, email, .. }) =
        decode_bytes(wire::AccessEnabled::STORED_TYPE, &message.encode_to_vec()).unwrap()
    else {
        panic!("another event")
    };
    assert_eq!((login.as_str(), name.as_str(), email.as_str()), ("", "", ""));
}

proptest! {
    #[test]
    fn what_is_written_reads_back(
        login in "\\PC{0,30}", name in "\\PC{0,30}", number in any::<i64>(), count in any::<i32>(), low in any::<u128>(),
    ) {
        let user = Uuid::from_u128(low);
        let support = Support { start: name.clone(), end: login.clone() };
        let events = [
            AnyEvent::Account(Event::AccessEnabled {
                user, login: login.clone(), name: name.clone(), email: login.clone(), support, locale: name.clone(),
                mfa_required: count > 0, profile: name.clone(), company: login.clone(),
            }),
            AnyEvent::Account(Event::PasswordSet {
                user, credential: user, version: number, via: Via::OneTime, valid_until: super::moment(number),
            }),
            AnyEvent::Activity(Activity::LoginFailed { user, network: name.clone(), failures: count }),
            AnyEvent::Activity(Activity::Unlocked { user, note: login, kind: ActorKind::Service, trusted: vec![name] }),
            AnyEvent::Account(Event::InvitationRevoked { user, invitation: user, reason: RevokeReason::AddressChanged }),
        ];
        for event in events {
            let (stored_type, bytes) = encode(&event);
            prop_assert_eq!(decode_bytes(stored_type, &bytes).unwrap(), event);
        }
    }

    #[test]
    fn reading_anything_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        for known in proto::event::EVENT_TYPES.iter().filter(|t| t.stored.starts_with("identity.")) {
            let _ = decode_bytes(known.stored, &bytes);
        }
    }
}
