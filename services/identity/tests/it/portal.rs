//! What the tests do and see: an identity service, its callers, and their usual steps.

use identity::{AdministrationServer, Cost, Identity, Server, Settings, SourceRules};
use kernel::{Actor, Code, Error};
use kit::Database;
use proto::{
    event::StoredEvent,
    identity::v1::{identity_service_server::IdentityService, *},
};
use sqlx::{Executor, PgConnection};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status};
use uuid::Uuid;

pub(crate) const PASSWORD: &str = "winter lamp river nine";
pub(crate) const WRONG: &str = "summer lamp river nine";

/// An identity service of a test's own.
pub(crate) struct Portal {
    pub(crate) identity: Arc<Identity>,
    pub(crate) server: Server,
    pub(crate) admin: AdministrationServer,
    pub(crate) database: Database,
    stop: CancellationToken,
}

impl Drop for Portal {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// A request by somebody.
pub(crate) fn by<T>(actor: &Actor, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.extensions_mut().insert(actor.clone());
    request
}

pub(crate) fn gateway() -> Actor {
    Actor::service("gateway")
}

pub(crate) fn agent(role: &str) -> Actor {
    Actor { session: Some(Uuid::from_u128(7)), ..Actor::agent(kernel::derived_id("agent", role.as_bytes()), role) }
}

/// All tests come from one address. What one may do is tested beside `sources.rs` and from outside, in `tests/acceptance`.
fn no_limits() -> SourceRules {
    SourceRules { failures: 10_000, logins: 10_000, pairs: 10_000, ..SourceRules::default() }
}

/// An agent who has just proved who they are.
pub(crate) fn fresh(role: &str) -> Actor {
    let now = kernel::Timestamp::from_offset(time::OffsetDateTime::now_utc());
    Actor { auth_time: Some(now), ..agent(role) }
}

/// A date some days from now.
pub(crate) fn day(offset: i64) -> String {
    (time::OffsetDateTime::now_utc().date() + time::Duration::days(offset)).to_string()
}

/// What a refused call says.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(result: Result<Response<T>, Status>) -> Error {
    runtime::error_of(result.expect_err("the call succeeded"))
}

/// Code and reason of a refused call.
#[track_caller]
pub(crate) fn reason<T: std::fmt::Debug>(result: Result<Response<T>, Status>) -> (Code, String) {
    let error = refused(result);
    (error.code, error.reason.into_owned())
}

/// Code of the only field that is wrong.
#[track_caller]
pub(crate) fn wrong_field<T: std::fmt::Debug>(result: Result<Response<T>, Status>) -> (String, String) {
    let error = refused(result);
    assert_eq!(error.fields.len(), 1, "{error}");
    (error.fields[0].field.clone(), error.fields[0].code.to_string())
}

impl Portal {
    pub(crate) async fn new() -> Portal {
        Portal::with(Cost::Test, false).await
    }

    /// A service whose work in the background nobody does.
    pub(crate) async fn idle() -> Portal {
        Portal::made(Cost::Test, false).await
    }

    pub(crate) async fn with(cost: Cost, demo: bool) -> Portal {
        let portal = Portal::made(cost, demo).await;
        tokio::spawn(Arc::clone(&portal.identity).run_tasks(portal.stop.clone()));
        portal
    }

    async fn made(cost: Cost, demo: bool) -> Portal {
        let database = Database::new().await.unwrap();
        let pool = eventlog::pool(&database.url("identity"), "identity", 16).unwrap();
        let settings = Settings {
            installation: "test".into(),
            portal_url: "https://portal.example".into(),
            company: "Acme Desk".into(),
            time_zone: "UTC".into(),
            demo,
            cost,
            hash_threads: 2,
            lock_seconds: 900,
            lock_hold_failures: 100,
            sources: no_limits(),
        };
        let identity = Identity::open(pool, &kit::master_key(), settings);
        let stop = CancellationToken::new();
        let admin = AdministrationServer(Arc::clone(&identity));
        Portal { server: Server(Arc::clone(&identity)), admin, identity, database, stop }
    }

    /// Another process of the same service, with its work in the background, until the guard is dropped.
    pub(crate) fn working_process(&self) -> tokio_util::sync::DropGuard {
        let stop = self.stop.child_token();
        tokio::spawn(Arc::clone(&self.second_process().0).run_tasks(stop.clone()));
        stop.drop_guard()
    }

    /// Another process of the same service.
    pub(crate) fn second_process(&self) -> Server {
        let pool = self.database.pool("identity").unwrap();
        let settings = Settings {
            installation: "test".into(),
            portal_url: "https://portal.example".into(),
            company: "Acme Desk".into(),
            time_zone: "UTC".into(),
            demo: false,
            cost: Cost::Test,
            hash_threads: 1,
            lock_seconds: 900,
            lock_hold_failures: 100,
            sources: no_limits(),
        };
        Server(Identity::open(pool, &kit::master_key(), settings))
    }

    pub(crate) fn enabling(&self, contact: Uuid, email: &str) -> EnableAccessRequest {
        EnableAccessRequest {
            contact_id: contact.to_string(),
            email: email.into(),
            name: "Emma Rossi".into(),
            support_start: day(-10),
            support_end: day(10),
            locale: "en".into(),
            idempotency_key: String::new(),
            ..EnableAccessRequest::default()
        }
    }

    /// Gives a new contact access.
    pub(crate) async fn contact(&self, email: &str) -> Uuid {
        let contact = kernel::new_id();
        let request = self.enabling(contact, email);
        self.server.enable_access(by(&agent("agent"), request)).await.unwrap();
        contact
    }

    /// A contact who has chosen [`PASSWORD`].
    pub(crate) async fn active_contact(&self, email: &str) -> Uuid {
        let contact = self.contact(email).await;
        let token = self.invitation_token(contact).await;
        self.accept(&token, PASSWORD).await.unwrap();
        contact
    }

    pub(crate) async fn active_agent(&self, login: &str, role: &str) -> Uuid {
        let request = CreateAgentRequest {
            login: login.into(),
            name: "Ada Lovelace".into(),
            email: "ada@desk.example".into(),
            role: role.into(),
            locale: "en".into(),
            password: PASSWORD.into(),
            lasting: true,
            ..CreateAgentRequest::default()
        };
        let made = self.server.create_agent(by(&Actor::service("console"), request)).await.unwrap().into_inner();
        made.user_id.parse().unwrap()
    }

    pub(crate) async fn invitation_id(&self, contact: Uuid) -> String {
        let id: Uuid = sqlx::query_scalar("select invitation_id from invitation where user_id = $1")
            .bind(contact)
            .fetch_one(&mut self.owner().await)
            .await
            .unwrap();
        id.to_string()
    }

    pub(crate) async fn link(&self, invitation_id: String) -> IssueInvitationLinkResponse {
        let request = IssueInvitationLinkRequest { invitation_id };
        self.server.issue_invitation_link(by(&Actor::service("notification"), request)).await.unwrap().into_inner()
    }

    pub(crate) async fn invitation_token(&self, contact: Uuid) -> String {
        token_of(&self.link(self.invitation_id(contact).await).await)
    }

    pub(crate) async fn accept(
        &self,
        token: &str,
        password: &str,
    ) -> Result<Response<AcceptInvitationResponse>, Status> {
        let request = AcceptInvitationRequest { token: token.into(), new_password: password.into(), source: None };
        self.server.accept_invitation(by(&gateway(), request)).await
    }

    pub(crate) async fn try_login(
        &self,
        login: &str,
        password: &str,
        surface: SubjectKind,
    ) -> Result<Response<LoginResponse>, Status> {
        self.server.login(by(&gateway(), login_request(login, password, surface))).await
    }

    /// Tries to log in to the portal.
    pub(crate) async fn try_portal(&self, login: &str, password: &str) -> Result<Response<LoginResponse>, Status> {
        self.try_login(login, password, SubjectKind::Contact).await
    }

    /// Logs in to the portal.
    pub(crate) async fn login(&self, login: &str) -> LoginResponse {
        self.try_portal(login, PASSWORD).await.unwrap().into_inner()
    }

    pub(crate) async fn check(&self, token: &str) -> Result<Response<CheckSessionResponse>, Status> {
        self.check_as(token, SubjectKind::Contact, false).await
    }

    pub(crate) async fn check_as(
        &self,
        token: &str,
        surface: SubjectKind,
        background: bool,
    ) -> Result<Response<CheckSessionResponse>, Status> {
        let request = CheckSessionRequest { session_token: token.into(), surface: surface.into(), background };
        self.server.check_session(by(&gateway(), request)).await
    }

    pub(crate) async fn access(&self, contact: Uuid) -> Access {
        let request = GetAccessRequest { contact_id: contact.to_string() };
        self.server.get_access(by(&agent("administrator"), request)).await.unwrap().into_inner().access.unwrap()
    }

    pub(crate) async fn disable(&self, contact: Uuid) -> DisableAccessResponse {
        let request = DisableAccessRequest { contact_id: contact.to_string() };
        self.server.disable_access(by(&agent("agent"), request)).await.unwrap().into_inner()
    }

    /// Guesses wrongly so often.
    pub(crate) async fn guess(&self, login: &str, times: usize) {
        for _ in 0..times {
            self.try_portal(login, WRONG).await.expect_err("a wrong password was accepted");
        }
    }

    pub(crate) async fn revocations(&self, after: i64) -> ListRevocationsResponse {
        self.server.list_revocations(by(&gateway(), ListRevocationsRequest { after })).await.unwrap().into_inner()
    }

    /// All events of a type, in order.
    pub(crate) async fn events<M: StoredEvent>(&self) -> Vec<M> {
        let all = self.identity.log().read(1, 10_000).await.unwrap();
        all.iter().filter(|e| &*e.stored_type == M::STORED_TYPE).map(|e| M::decode(&e.payload[..]).unwrap()).collect()
    }

    /// Waits until there are so many events of a type: failed logins reach the log after their answers.
    pub(crate) async fn settled<M: StoredEvent>(&self, count: usize) -> Vec<M> {
        let what = format!("{count} events of {}", M::STORED_TYPE);
        kit::until(&what, async || self.events::<M>().await.len() >= count).await.unwrap();
        self.events().await
    }

    pub(crate) async fn owner(&self) -> PgConnection {
        let mut owner = self.database.owner().await.unwrap();
        owner.execute("set search_path = identity, identity_log").await.unwrap();
        owner
    }

    /// Runs a statement as the owner, to move time.
    pub(crate) async fn sql(&self, statement: &'static str) {
        self.owner().await.execute(statement).await.unwrap();
    }

    /// A table's rows as JSON, in a stable order.
    pub(crate) async fn rows(&self, table: &str) -> Vec<String> {
        let sql = format!("select to_jsonb(t)::text from {table} t order by 1");
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(&mut self.owner().await).await.unwrap()
    }

    /// Makes a read model anew from the log.
    pub(crate) async fn rebuild(&self, name: &str) {
        let log = self.identity.log();
        let projection = log.projections().iter().find(|p| p.name() == name).unwrap();
        assert_eq!(eventlog::rebuild(log, projection).await.unwrap().state, "done");
    }

    pub(crate) async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&mut self.owner().await).await.unwrap()
    }
}

pub(crate) fn login_request(login: &str, password: &str, surface: SubjectKind) -> LoginRequest {
    LoginRequest {
        login: login.into(),
        password: password.into(),
        surface: surface.into(),
        source: Some(Source { address: "203.0.113.77".into(), user_agent: "Gecko/20100101 Firefox/140.0".into() }),
        ..LoginRequest::default()
    }
}

pub(crate) fn token_of(link: &IssueInvitationLinkResponse) -> String {
    link.link.split_once("token=").expect("the link carries a token").1.to_owned()
}
