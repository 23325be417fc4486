//! Every event that permissions ever stored can be read for ever.
//!
//! `PORTICO_TEST_GOLDEN=write` writes the files of events that have none yet; existing ones are never changed.

use proto::{
    event::{EVENT_TYPES, StoredEvent, to_json},
    permissions::v1::{
        ContactProfileChosen, DefaultProfileChosen, ProfileCreated, ProfileDraftSaved, ProfilePublished,
    },
};
use std::path::PathBuf;

const PROFILE: &str = "970b395e-91e9-52cc-8773-b1d1100ddf45";
const CONTACT: &str = "018f3c1e-7a10-7000-8000-000000000001";
const DOCUMENT: &str = r#"{"format":1,"name":"Standard","default_scope":"company","modules":{},"home":{}}"#;

fn sample<M: StoredEvent>(message: &M) -> (&'static str, Vec<u8>) {
    (M::STORED_TYPE, message.encode_to_vec())
}

fn samples() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        sample(&ProfileCreated {
            profile_id: PROFILE.into(),
            name: "Standard".into(),
            description: "Tickets of the company.".into(),
            copied_from: CONTACT.into(),
            document: DOCUMENT.into(),
        }),
        sample(&ProfileDraftSaved { profile_id: PROFILE.into(), document: DOCUMENT.into() }),
        sample(&ProfilePublished { profile_id: PROFILE.into(), number: 3, document: DOCUMENT.into() }),
        sample(&DefaultProfileChosen { profile_id: PROFILE.into() }),
        sample(&ContactProfileChosen { contact_id: CONTACT.into(), profile_id: PROFILE.into() }),
    ]
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let text = text.trim();
    (0..text.len()).step_by(2).map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap()).collect()
}

#[test]
fn every_stored_event_still_reads_as_it_was_written() {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let samples = samples();
    for event in EVENT_TYPES.iter().filter(|e| e.stored.starts_with("permissions.")) {
        let (_, bytes) = samples.iter().find(|(t, _)| *t == event.stored).expect("each event has a sample");
        let (stored, published) =
            (directory.join(format!("{}.hex", event.stored)), directory.join(format!("{}.json", event.stored)));
        let json = |bytes: &[u8]| format!("{:#}\n", to_json(event.stored, bytes).unwrap());
        if !stored.exists() && std::env::var("PORTICO_TEST_GOLDEN").is_ok_and(|v| v == "write") {
            std::fs::write(&stored, hex(bytes) + "\n").unwrap();
            std::fs::write(&published, json(bytes)).unwrap();
        }
        let golden = unhex(&std::fs::read_to_string(&stored).expect("the golden file exists"));
        assert_eq!(json(&golden), std::fs::read_to_string(&published).unwrap(), "{}", event.stored);
        assert_eq!(hex(&golden), hex(bytes), "{}", event.stored);
    }
}
