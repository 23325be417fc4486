//! proves: A20

use crate::portal::{PASSWORD, Portal, agent, by, fresh, gateway, reason, refused, wrong_field};
use kernel::{Actor, Code, new_id};
use proto::identity::v1::{identity_service_server::IdentityService, *};

fn request(login: &str) -> CreateAgentRequest {
    CreateAgentRequest {
        login: login.into(),
        name: "Ada Lovelace".into(),
        email: "ada@desk.example".into(),
        role: "agent".into(),
        locale: "it".into(),
        password: PASSWORD.into(),
        user_id: String::new(),
        ..CreateAgentRequest::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_and_the_command_line_make_agents() {
    let portal = Portal::new().await;
    for (n, who) in [fresh("administrator"), Actor::service("console")].into_iter().enumerate() {
        portal.server.create_agent(by(&who, request(&format!("ada{n}")))).await.unwrap();
    }
    for who in [agent("agent"), agent("viewer"), gateway(), Actor::service("records")] {
        assert_eq!(reason(portal.server.create_agent(by(&who, request("eve"))).await).0, Code::Forbidden);
    }
    let agents = portal.server.list_agents(by(&agent("viewer"), ListAgentsRequest {})).await.unwrap().into_inner();
    assert_eq!(agents.agents.len(), 2);
    assert_eq!((agents.agents[0].role.as_str(), agents.agents[0].disabled), ("agent", false));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seed_can_be_repeated() {
    let portal = Portal::new().await;
    let seed = CreateAgentRequest { user_id: new_id().to_string(), ..request("ada") };
    let call = |seed: CreateAgentRequest| portal.server.create_agent(by(&Actor::service("console"), seed));
    let first = call(seed.clone()).await.unwrap().into_inner();
    let second = call(seed.clone()).await.unwrap().into_inner();
    assert_eq!((second.user_id, second.position), (first.user_id, 0));
    assert_eq!(portal.events::<AgentCreated>().await.len(), 1);
    let other = CreateAgentRequest { login: "bob".into(), ..seed };
    assert_eq!(reason(call(other).await), (Code::Conflict, "id_in_use".into()));
    let error = refused(call(request("ADA")).await);
    assert_eq!((&*error.reason, error.fields[0].field.as_str()), ("login_taken", "login"));
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_named_field_by_field() {
    let portal = Portal::new().await;
    let with = |change: fn(&mut CreateAgentRequest)| {
        let mut request = request("ada");
        change(&mut request);
        portal.server.create_agent(by(&fresh("administrator"), request))
    };
    let expect = |field: &str, code: &str| (field.to_owned(), code.to_owned());
    assert_eq!(wrong_field(with(|r| r.login = "a b".into()).await), expect("login", "not_a_login"));
    assert_eq!(wrong_field(with(|r| r.email = "ada".into()).await), expect("email", "not_an_email"));
    assert_eq!(wrong_field(with(|r| r.name = " ".into()).await), expect("name", "required"));
    assert_eq!(wrong_field(with(|r| r.role = "owner".into()).await), expect("role", "unknown_role"));
    assert_eq!(wrong_field(with(|r| r.locale = "it_IT".into()).await), expect("locale", "not_a_language"));
    assert_eq!(wrong_field(with(|r| r.password = "short".into()).await), expect("password", "password_too_short"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_and_an_agent_never_share_a_login() {
    let portal = Portal::new().await;
    portal.contact("ada@desk.example").await;
    let agent = portal.server.create_agent(by(&fresh("administrator"), request("Ada@desk.example"))).await;
    assert_eq!(reason(agent).1, "login_taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_resolved_for_known_ids_only() {
    let portal = Portal::new().await;
    let ada = portal.active_agent("ada", "agent").await;
    let emma = portal.contact("emma@acme.test").await;
    let user_ids = vec![ada.to_string(), emma.to_string(), new_id().to_string(), "x".into()];
    let names = portal.server.resolve_names(by(&agent("viewer"), ResolveNamesRequest { user_ids })).await.unwrap();
    let mut names: Vec<(String, String)> = names.into_inner().names.into_iter().map(|n| (n.user_id, n.name)).collect();
    names.sort();
    let mut expected = [(ada.to_string(), "Ada Lovelace".to_owned()), (emma.to_string(), "Emma Rossi".to_owned())];
    expected.sort();
    assert_eq!(names, expected);
    let many = ResolveNamesRequest { user_ids: vec![ada.to_string(); 201] };
    assert_eq!(wrong_field(portal.server.resolve_names(by(&gateway(), many)).await).0, "user_ids");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_command_line_and_the_demo_set_passwords() {
    let portal = Portal::new().await;
    let ada = portal.active_agent("ada", "agent").await;
    let set = |via: &str, user_id: String| SetPasswordRequest { user_id, password: PASSWORD.into(), via: via.into() };
    for who in [agent("administrator"), gateway(), Actor::service("notification")] {
        let refused = portal.server.set_password(by(&who, set("console", ada.to_string()))).await;
        assert_eq!(reason(refused).0, Code::Forbidden);
    }
    let console = Actor::service("console");
    let odd = portal.server.set_password(by(&console, set("magic", ada.to_string()))).await;
    assert_eq!(wrong_field(odd).0, "via");
    let nobody = portal.server.set_password(by(&console, set("console", new_id().to_string()))).await;
    assert_eq!(reason(nobody).0, Code::NotFound);
    portal.server.set_password(by(&console, set("console", ada.to_string()))).await.unwrap();
}
