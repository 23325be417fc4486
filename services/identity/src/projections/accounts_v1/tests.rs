use super::*;
use crate::domain::activity::EndReason;

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
        role: "viewer".into(),
        locale: "en".into(),
        service: false,
    };
    let Some(Change::Put(Put { kind, role, support, version, .. })) = project(&AnyEvent::Account(created), 1, at())
    else {
        panic!("another change")
    };
    assert_eq!((kind, role.as_str(), support.start.as_str(), version), (ActorKind::Agent, "viewer", "", 1));
}

#[test]
fn a_deleted_contact_frees_its_login_and_a_disabled_one_keeps_it() {
    for (reason, forget) in [(DisableReason::ContactDeleted, true), (DisableReason::Agent, false)] {
        let disabled = AnyEvent::Account(Event::AccessDisabled { user: USER, reason });
        assert_eq!(
            project(&disabled, 4, at()),
            Some(Change::Set { user: USER, version: 4, what: Set::Off { forget } })
        );
    }
}

#[test]
fn a_login_is_seen_and_a_logout_changes_nothing() {
    let kind = ActorKind::Contact;
    let (network, browser) = (String::new(), String::new());
    let (method, agent) = (Method::Password, None);
    let login = Activity::LoggedIn { user: USER, session: USER, network, browser, kind, method, agent };
    assert_eq!(project(&AnyEvent::Activity(login.clone()), 9, at()), Some(Change::SeenAt { user: USER, at: at() }));
    let reason = EndReason::Logout;
    let logout = AnyEvent::Activity(Activity::LoggedOut { user: USER, session: USER, reason, agent: None });
    assert_eq!(project(&logout, 10, at()), None);
    let Activity::LoggedIn { user, session, network, browser, kind, .. } = login else { panic!("a login") };
    let method = Method::SupportAccess;
    let by_agent = Activity::LoggedIn { user, session, network, browser, kind, method, agent: Some(USER) };
    assert_eq!(project(&AnyEvent::Activity(by_agent), 11, at()), None, "support access is not the customer's login");
}
