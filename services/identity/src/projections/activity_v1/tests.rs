use super::*;
use proto::{event::StoredEvent, identity::v1 as wire};

const USER: Uuid = Uuid::from_u128(1);
const SESSION: Uuid = Uuid::from_u128(2);
const AGENT: Uuid = Uuid::from_u128(3);

fn shown<M: StoredEvent>(message: &M) -> Row {
    row(M::STORED_TYPE, &message.encode_to_vec()).expect("it decodes").expect("it is shown")
}

#[test]
fn a_login_shows_from_where_and_with_what() {
    let login = wire::LoggedIn {
        user_id: USER.to_string(),
        session_id: SESSION.to_string(),
        network: "203.0.113.0/24".into(),
        browser: "Firefox".into(),
        ..wire::LoggedIn::default()
    };
    let row = shown(&login);
    assert_eq!((row.user, row.word, row.touchpoint, row.session), (USER, "logged_in", "sign_in", Some(SESSION)));
    assert_eq!((row.network.as_str(), row.browser.as_str()), ("203.0.113.0/24", "Firefox"));
    assert_eq!(row.facts["method"], "password");
    let support = shown(&wire::LoggedIn { agent_id: AGENT.to_string(), method: "support_access".into(), ..login });
    assert_eq!((support.touchpoint, support.facts["agent_id"].as_str()), ("support", AGENT.to_string().as_str()));
}

#[test]
fn how_a_session_ended_is_told_by_its_word() {
    for (reason, word) in [("logout", "logged_out"), ("expired", "session_expired"), ("suspended", "session_ended")] {
        let ended = wire::LoggedOut {
            user_id: USER.to_string(),
            session_id: SESSION.to_string(),
            reason: reason.into(),
            agent_id: String::new(),
        };
        let row = shown(&ended);
        assert_eq!((row.word, row.facts["reason"].as_str()), (word, reason));
    }
}

#[test]
fn free_text_is_apart_from_the_facts() {
    let message = wire::AccessSuspended { user_id: USER.to_string(), note: "unpaid".into() };
    let row = shown(&message);
    assert_eq!((row.note.as_str(), row.facts.len()), ("unpaid", 0));
}

#[test]
fn of_every_event_of_identity_it_is_decided_whether_a_timeline_shows_it() {
    let not_shown = [
        wire::SettingsChanged::STORED_TYPE,
        wire::RoleDefined::STORED_TYPE,
        wire::RoleDeleted::STORED_TYPE,
        wire::GroupDefined::STORED_TYPE,
        wire::GroupDeleted::STORED_TYPE,
        wire::BulkAccessStarted::STORED_TYPE,
        wire::BulkAccessFinished::STORED_TYPE,
    ];
    let user = USER.to_string();
    for known in proto::event::EVENT_TYPES.iter().filter(|t| t.stored.starts_with("identity.")) {
        // Every message that is shown begins with the id of its user or company.
        let json = serde_json::json!({ "user_id": user, "company_id": user }).to_string();
        let bytes = proto::event::from_json(known.stored, json.as_bytes()).expect("ids alone are a message");
        let row = row(known.stored, &bytes).expect("it decodes");
        assert_eq!(row.is_none(), not_shown.contains(&known.stored), "{}", known.stored);
    }
}

#[test]
fn a_message_that_does_not_decode_is_an_error() {
    assert!(row(wire::LoggedIn::STORED_TYPE, &[0xff]).is_err());
    assert_eq!(row("identity.account.teleported.v1", &[]).expect("nothing is decoded"), None);
}
