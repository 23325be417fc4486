//! Tokens for programs.
//!
//! proves: A22

use crate::portal::{Portal, agent, by, day, fresh, gateway, reason, refused, wrong_field};
use kernel::{Actor, ActorKind, Channel, Code, new_id};
use proto::identity::v1::{
    administration_service_server::AdministrationService, identity_service_server::IdentityService, *,
};
use tonic::{Response, Status};
use uuid::Uuid;

async fn program(portal: &Portal, role: &str) -> Uuid {
    let request = CreateAgentRequest {
        name: "Nightly import".into(),
        role: role.into(),
        service: true,
        ..CreateAgentRequest::default()
    };
    let made = portal.server.create_agent(by(&fresh("administrator"), request)).await.unwrap().into_inner();
    made.user_id.parse().unwrap()
}

fn wish(user: Uuid, scopes: &[&str]) -> CreateServiceTokenRequest {
    CreateServiceTokenRequest {
        user_id: user.to_string(),
        name: "Nightly".into(),
        scopes: scopes.iter().map(|&s| s.to_owned()).collect(),
        valid_days: 30,
    }
}

async fn make(portal: &Portal, user: Uuid, scopes: &[&str]) -> CreateApiTokenResponse {
    portal.admin.create_service_token(by(&fresh("administrator"), wish(user, scopes))).await.unwrap().into_inner()
}

async fn check(portal: &Portal, token: &str) -> Result<Response<CheckApiTokenResponse>, Status> {
    portal.server.check_api_token(by(&gateway(), CheckApiTokenRequest { token: token.into() })).await
}

async fn listed(portal: &Portal) -> Vec<ApiToken> {
    let answer = portal.admin.list_all_api_tokens(by(&agent("administrator"), ListAllApiTokensRequest {})).await;
    answer.unwrap().into_inner().tokens
}

/// The actor that a checked token stands for.
async fn actor_of(portal: &Portal, checked: &CheckApiTokenResponse) -> Actor {
    let keys = portal.server.list_signing_keys(by(&gateway(), ListSigningKeysRequest {})).await.unwrap().into_inner();
    let keys = keys.keys.into_iter().map(|k| (k.kid, k.public_key)).collect();
    let now = portal.identity.log().now();
    runtime::token::verify(&keys, "test", &checked.actor_token, now).unwrap().actor(Channel::Api)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_shown_once_kept_as_a_hash_and_stands_for_its_owner() {
    let portal = Portal::new().await;
    let user = program(&portal, "agent").await;
    let made = make(&portal, user, &["write", "read"]).await;
    assert_eq!((made.secret.len(), &made.secret[..4]), (47, "pat_"));
    let token = made.token.unwrap();
    assert!(made.secret.ends_with(&token.hint) && token.hint.len() == 4);
    assert_eq!(
        (token.scopes.clone(), token.user_name.as_str()),
        (vec!["read".into(), "write".into()], "Nightly import")
    );
    let checked = check(&portal, &made.secret).await.unwrap().into_inner();
    let subject = checked.subject.clone().unwrap();
    assert_eq!(
        (subject.id, subject.name.as_str(), subject.role.as_str()),
        (user.to_string(), "Nightly import", "agent")
    );
    let actor = actor_of(&portal, &checked).await;
    assert_eq!((actor.kind, actor.id, actor.read_only, actor.auth_time), (ActorKind::Agent, user, false, None));
    assert!(actor.rights.is_empty());
    // Nothing in the database holds the token itself.
    let dump: Vec<String> = portal.rows("api_token").await;
    assert!(!dump[0].contains(&made.secret) && !dump[0].contains(&made.secret[4..]));
    let events: Vec<String> = portal.rows("event").await;
    assert!(events.iter().all(|e| !e.contains(&made.secret[4..])));
    assert_eq!(listed(&portal).await[0].name, "Nightly");
}

#[tokio::test(flavor = "multi_thread")]
async fn scopes_decide_what_a_token_may_do() {
    let portal = Portal::new().await;
    let user = program(&portal, "agent").await;
    let of = |made: CreateApiTokenResponse| {
        let portal = &portal;
        async move {
            let checked = check(portal, &made.secret).await.unwrap().into_inner();
            actor_of(portal, &checked).await
        }
    };
    let reads = of(make(&portal, user, &["read"]).await).await;
    assert!(reads.read_only && reads.rights.is_empty());
    let administers = of(make(&portal, user, &["read", "write", "admin"]).await).await;
    assert!(administers.may(kernel::Right::ManageAccess) && !administers.may(kernel::Right::Configure));
    // A program has never just proved who it is.
    assert!(!administers.is_fresh(portal.identity.log().now()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_own_role_gives_its_rights_to_tokens_with_the_scope_for_it() {
    let portal = Portal::new().await;
    let request = DefineRoleRequest {
        name: "Unlocker".into(),
        records: "read".into(),
        rights: vec!["unlock".into()],
        ..DefineRoleRequest::default()
    };
    let role = portal.admin.define_role(by(&fresh("administrator"), request)).await.unwrap().into_inner().role.unwrap();
    let user = program(&portal, &role.role_id).await;
    let made = make(&portal, user, &["read", "write", "admin"]).await;
    let actor = actor_of(&portal, &check(&portal, &made.secret).await.unwrap().into_inner()).await;
    assert_eq!(actor.rights, kernel::Rights::of(&[kernel::Right::Unlock]));
    assert_eq!(actor.role, role.role_id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_dies_with_its_owners_access_and_does_not_come_back() {
    let portal = Portal::new().await;
    portal.active_agent("ada", "administrator").await;
    let user = program(&portal, "agent").await;
    let made = make(&portal, user, &["read"]).await;
    check(&portal, &made.secret).await.unwrap();
    let who = fresh("administrator");
    portal.admin.disable_agent(by(&who, DisableAgentRequest { user_id: user.to_string() })).await.unwrap();
    assert_eq!(reason(check(&portal, &made.secret).await), (Code::Unauthenticated, "token_invalid".into()));
    assert_eq!(portal.events::<ApiTokenRevoked>().await[0].token_id, made.token.unwrap().token_id);
    portal.admin.enable_agent(by(&who, EnableAgentRequest { user_id: user.to_string() })).await.unwrap();
    assert_eq!(reason(check(&portal, &made.secret).await).1, "token_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contacts_token_lives_within_support_and_without_suspension() {
    let portal = Portal::new().await;
    let emma = portal.active_contact("emma@acme.test").await;
    let row = "insert into api_token values ('0190b0a0-0000-7000-8000-000000000001',
        (select user_id from accounts_v1 limit 1),
        decode('d3f2fa0a1a7b1bb9be0b4a94e2d2ad8cd8a3cf3f5a2b0d40b4cbee1d64f1bb2e', 'hex'), 'xxxx', 'x', '{read}',
        now(), now() + interval '1 day')";
    portal.sql(row).await;
    let text = format!("pat_{}", "A".repeat(43));
    let hash = "update api_token set token_hash = sha256(convert_to('pat_' || repeat('A', 43), 'utf8'))";
    portal.sql(hash).await;
    let checked = check(&portal, &text).await.unwrap().into_inner();
    let actor = actor_of(&portal, &checked).await;
    assert_eq!((actor.kind, actor.id), (ActorKind::Contact, emma));
    portal.sql("update accounts_v1 set suspended = true").await;
    assert_eq!(reason(check(&portal, &text).await).1, "token_invalid");
    portal.sql("update accounts_v1 set suspended = false").await;
    let over = ChangeSupportDatesRequest { contact_id: emma.to_string(), support_start: day(-9), support_end: day(-2) };
    portal.server.change_support_dates(by(&agent("agent"), over)).await.unwrap();
    assert_eq!(reason(check(&portal, &text).await).1, "token_invalid");
    portal.disable(emma).await;
    assert_eq!(portal.count("select count(*) from api_token").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_expired_or_invented_token_is_answered_alike() {
    let portal = Portal::new().await;
    let user = program(&portal, "agent").await;
    let (revoked, expired) = (make(&portal, user, &["read"]).await, make(&portal, user, &["read"]).await);
    let token_id = revoked.token.unwrap().token_id;
    let revoke = || {
        let request = RevokeAnyApiTokenRequest { token_id: token_id.clone() };
        portal.admin.revoke_any_api_token(by(&agent("administrator"), request))
    };
    revoke().await.unwrap();
    assert_eq!(reason(revoke().await).0, Code::NotFound);
    portal.sql("update api_token set expires_at = now() - interval '1 second'").await;
    let invented = format!("pat_{}", "B".repeat(43));
    let answers = [
        refused(check(&portal, &revoked.secret).await),
        refused(check(&portal, &expired.secret).await),
        refused(check(&portal, &invented).await),
        refused(check(&portal, "pat_short").await),
        refused(check(&portal, "").await),
    ];
    for answer in &answers {
        assert_eq!(answer.to_string(), answers[0].to_string());
    }
    assert_eq!(listed(&portal).await, []);
    portal.identity.sweep().await.unwrap();
    assert_eq!(portal.count("select count(*) from api_token").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_has_at_most_fifty_live_tokens() {
    let portal = Portal::new().await;
    let user = program(&portal, "agent").await;
    for _ in 0..50 {
        make(&portal, user, &["read"]).await;
    }
    let more = portal.admin.create_service_token(by(&fresh("administrator"), wish(user, &["read"]))).await;
    assert_eq!(reason(more), (Code::Conflict, "too_many_tokens".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_manages_agents_makes_tokens_for_programs_and_only_for_programs() {
    let portal = Portal::new().await;
    let user = program(&portal, "agent").await;
    for who in [fresh("agent"), fresh("viewer"), gateway()] {
        let refused = portal.admin.create_service_token(by(&who, wish(user, &["read"]))).await;
        assert_eq!(reason(refused).0, Code::Forbidden);
        let list = portal.admin.list_all_api_tokens(by(&who, ListAllApiTokensRequest {})).await;
        assert_eq!(reason(list).0, Code::Forbidden);
    }
    let ada = portal.active_agent("ada", "agent").await;
    let person = portal.admin.create_service_token(by(&fresh("administrator"), wish(ada, &["read"]))).await;
    assert_eq!(wrong_field(person), ("user_id".into(), "not_a_program".into()));
    let nobody = portal.admin.create_service_token(by(&fresh("administrator"), wish(new_id(), &["read"]))).await;
    assert_eq!(reason(nobody).0, Code::NotFound);
    let bad = CreateServiceTokenRequest { name: " ".into(), valid_days: 366, ..wish(user, &["fly"]) };
    let error = refused(portal.admin.create_service_token(by(&fresh("administrator"), bad)).await);
    let fields: Vec<&str> = error.fields.iter().map(|f| f.field.as_str()).collect();
    assert_eq!(fields, ["name", "scopes", "valid_days"]);
    let stranger = portal.server.check_api_token(by(&agent("administrator"), CheckApiTokenRequest::default())).await;
    assert_eq!(reason(stranger).0, Code::Forbidden);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_use_is_written_at_most_once_a_minute() {
    let portal = Portal::new().await;
    let user = program(&portal, "agent").await;
    let made = make(&portal, user, &["read"]).await;
    assert_eq!(listed(&portal).await[0].last_used_micros, 0);
    check(&portal, &made.secret).await.unwrap();
    let first = listed(&portal).await[0].last_used_micros;
    assert!(first > 0);
    check(&portal, &made.secret).await.unwrap();
    assert_eq!(listed(&portal).await[0].last_used_micros, first);
    portal.sql("update api_token set last_used_at = now() - interval '61 seconds'").await;
    check(&portal, &made.secret).await.unwrap();
    assert!(listed(&portal).await[0].last_used_micros >= first);
}
