use super::*;
use crate::domain::{account::Role, activity::EndReason};

const USER: Uuid = Uuid::from_u128(1);
const AT: i64 = 1_767_225_600_000_000;

fn at() -> Timestamp {
    Timestamp::from_micros(AT)
}

#[test]
fn an_agent_has_a_role_and_no_support_dates() {
    let created = Event::AgentCreated {
        user: USER,
        login: "ada".into(),
        name: "Ada".into(),
        email: "ada@desk.test".into(),
        role: Role::Viewer,
        locale: "en".into(),
    };
    let Some(Change::Put { kind, role, support, version, .. }) = project(&Stored::Account(created), 1, at()) else {
        panic!("another change")
    };
    assert_eq!((kind, role.as_str(), support.start.as_str(), version), (ActorKind::Agent, "viewer", "", 1));
}

#[test]
fn a_deleted_contact_frees_its_login_and_a_disabled_one_keeps_it() {
    for (reason, forget) in [(DisableReason::ContactDeleted, true), (DisableReason::Agent, false)] {
        let disabled = Stored::Account(Event::AccessDisabled { user: USER, reason });
        assert_eq!(project(&disabled, 4, at()), Some(Change::Disable { user: USER, forget, version: 4 }));
    }
}

#[test]
fn a_login_is_seen_and_a_logout_changes_nothing() {
    let kind = ActorKind::Contact;
    let (network, browser) = (String::new(), String::new());
    let login = Stored::Activity(Activity::LoggedIn { user: USER, session: USER, network, browser, kind });
    assert_eq!(project(&login, 9, at()), Some(Change::SeenAt { user: USER, at: at() }));
    let logout = Stored::Activity(Activity::LoggedOut { user: USER, session: USER, reason: EndReason::Logout });
    assert_eq!(project(&logout, 10, at()), None);
}
