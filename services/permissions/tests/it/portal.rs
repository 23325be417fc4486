//! A running permissions service, and the logs of records and identity as it hears them.

use eventlog::{Append, Expected, Handler, Log, LogOptions, Meta, Reaction, StreamId};
use kernel::{Actor, ActorKind, Channel, Error, Right, Rights};
use policy::AccessPlan;
use proto::{
    event::StoredEvent,
    identity::v1::AgentCreated,
    permissions::v1::{
        ChangesSinceRequest, ChangesSinceResponse, GetAccessPlanRequest,
        permissions_service_client::PermissionsServiceClient,
    },
    records::v1::{
        FieldChange, FieldDefinition, FieldType, FieldValue, ModuleDefined, ModuleDefinition, RecordCreated,
        RecordDeleted, RecordRestored, RecordUpdated, Value, value::Kind,
    },
};
use runtime::{Clients, Config, Deps, Metrics, PlanCache};
use sqlx::PgPool;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tonic::{Request, service::RoutesBuilder, transport::Server};
use uuid::Uuid;

type Client = PermissionsServiceClient<tonic::transport::Channel>;

/// The service with a database of its own.
pub(crate) struct Portal {
    pub(crate) pool: PgPool,
    pub(crate) log: Log,
    pub(crate) records: Log,
    client: Client,
    handlers: Vec<(&'static str, Arc<dyn Handler>)>,
    heard: tokio::sync::Mutex<[i64; 2]>,
    shutdown: CancellationToken,
}

impl Drop for Portal {
    fn drop(&mut self) {
        self.shutdown.cancel();
    }
}

/// Turns what a test says about its caller into what the server's auth layer would have found out.
fn admit<B>(mut request: http::Request<B>) -> http::Request<B> {
    let header = |name: &str| request.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let kind = match header("x-kind").as_str() {
        "contact" => ActorKind::Contact,
        "agent" => ActorKind::Agent,
        "company" => ActorKind::Company,
        _ => ActorKind::Service,
    };
    // The right that the token of an agent with an own role says.
    let told: Option<Right> = Right::from_word(&header("x-right"));
    let role = header("x-role");
    let actor = Actor {
        kind,
        channel: Channel::Api,
        read_only: !header("x-read-only").is_empty(),
        rights: if role.len() == 36 { told.into_iter().collect() } else { Rights::of_role(&role) },
        ..Actor::agent(Uuid::try_parse(&header("x-id")).unwrap(), &role)
    };
    request.extensions_mut().insert(actor);
    request
}

/// A caller.
#[derive(Clone, Copy)]
pub(crate) struct Caller(pub(crate) &'static str, pub(crate) &'static str, pub(crate) Uuid);

pub(crate) const ADMINISTRATOR: Caller = Caller("agent", "administrator", Uuid::from_u128(0xa1));
pub(crate) const AGENT: Caller = Caller("agent", "agent", Uuid::from_u128(0xa2));
pub(crate) const VIEWER: Caller = Caller("agent", "viewer", Uuid::from_u128(0xa3));
pub(crate) const RECORDS_SERVICE: Caller = Caller("service", "records", Uuid::from_u128(0x5e));

/// The contact with a small number.
pub(crate) fn contact(n: u128) -> Uuid {
    Uuid::from_u128(0xc000 + n)
}

/// The company with a small number.
pub(crate) fn company(n: u128) -> Uuid {
    Uuid::from_u128(0xf000 + n)
}

/// Whoever came by the link of a company, as a caller.
pub(crate) fn by_link(n: u128) -> Caller {
    Caller("company", "", company(n))
}

/// A contact as a caller.
pub(crate) fn as_contact(n: u128) -> Caller {
    Caller("contact", "", contact(n))
}

impl Caller {
    pub(crate) fn says<T>(self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let Caller(kind, role, id) = self;
        for (name, value) in [("x-kind", kind), ("x-role", role), ("x-id", &id.to_string())] {
            request.metadata_mut().insert(name, value.parse().unwrap());
        }
        request
    }
}

/// The stream in which records tells of a module.
pub(crate) fn module_stream(name: &str) -> Uuid {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, name.as_bytes())
}

impl Portal {
    /// A migrated, seeded and running service that knows no module yet.
    pub(crate) async fn start() -> Portal {
        let database = kit::Database::new().await.unwrap();
        let mut settings = database.settings();
        let master_key = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, kit::MASTER_KEY);
        settings.push(("PORTICO_MASTER_KEY".to_owned(), master_key));
        let config = Arc::new(Config::from_settings(settings, &[]).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let clients = Clients::new(&config, "permissions", address).unwrap();
        let shutdown = CancellationToken::new();
        // Permissions itself says nothing on the bus; the relay and the consumers are the process's.
        let nats =
            async_nats::ConnectOptions::new().retry_on_initial_connect().connect("nats://127.0.0.1:1").await.unwrap();
        let deps = Deps {
            config,
            read_pool: None,
            pool: database.pool("permissions").unwrap(),
            plans: PlanCache::new(clients.clone()),
            clients,
            nats,
            master_key: kit::master_key(),
            metrics: Metrics::default(),
            shutdown: shutdown.clone(),
        };
        let service = permissions::service(deps.clone());
        let mut routes = RoutesBuilder::default();
        (service.mount)(&mut routes);
        let seed = service.seed.expect("profiles are built in");
        seed().await.unwrap();
        for task in service.tasks {
            tokio::spawn(task.run);
        }
        let server = Server::builder()
            .layer(tower::util::MapRequestLayer::new(admit))
            .add_routes(routes.routes())
            .serve_with_incoming_shutdown(
                tokio_stream::wrappers::TcpListenerStream::new(listener),
                shutdown.clone().cancelled_owned(),
            );
        tokio::spawn(server);
        let channel = tonic::transport::Endpoint::from_shared(format!("http://{address}")).unwrap().connect_lazy();
        let portal = Portal {
            pool: deps.pool,
            log: service.log,
            records: database.log("records", Vec::new(), LogOptions::default()).unwrap(),
            client: PermissionsServiceClient::new(channel),
            handlers: service.handlers,
            heard: tokio::sync::Mutex::new([0, 0]),
            shutdown,
        };
        portal.seeded().await;
        portal
    }

    /// The same, with the modules that the tests use, and the logs heard.
    pub(crate) async fn with_modules() -> Portal {
        let portal = Portal::start().await;
        for module in modules() {
            portal.defined(module).await;
        }
        portal
    }

    async fn seeded(&self) {
        let chosen = async || {
            let sql = "select exists (select from profiles_v1 where is_default)";
            sqlx::query_scalar::<_, bool>(sql).fetch_one(&self.pool).await.unwrap()
        };
        kit::until("the built-in profiles", chosen).await.unwrap();
    }

    pub(crate) fn client(&self) -> Client {
        self.client.clone()
    }

    /// An event of records, appended to its log and heard here.
    pub(crate) async fn tell<M: StoredEvent>(&self, aggregate: Uuid, event: &M) {
        let meta = Meta::new(Actor::service("records"), kernel::new_id(), b"");
        let key = self.records.keys().key_for(aggregate).await.unwrap();
        let events = vec![(M::STORED_TYPE, event.encode_to_vec(), Some(key))];
        let stream = StreamId::new("record", aggregate);
        self.records.append(Append::events(meta, stream, Expected::Any, events)).await.unwrap();
        self.hear().await;
    }

    /// Handles what records told since the last time, each event with its effect, as a consumer does.
    pub(crate) async fn hear(&self) {
        let mut heard = self.heard.lock().await;
        let handler = self.handlers.iter().find(|(source, _)| *source == "records").map(|(_, h)| h).unwrap();
        for event in self.records.read(heard[0] + 1, 10_000).await.unwrap() {
            heard[0] = event.position;
            self.handle(handler, &event).await;
        }
    }

    async fn handle(&self, handler: &Arc<dyn Handler>, event: &eventlog::Recorded) {
        if let Reaction::Append(mut append) | Reaction::Independent(mut append) = handler.handle(event).await.unwrap() {
            append.meta.remember = false;
            self.log.append(append).await.unwrap();
        }
    }

    /// Lets records tell everything again, as after a new epoch.
    pub(crate) async fn hear_all_again(&self) {
        let handler = self.handlers.iter().find(|(source, _)| *source == "records").map(|(_, h)| h).unwrap();
        let mut tx = self.pool.begin().await.unwrap();
        handler.reset(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        self.heard.lock().await[0] = 0;
        self.hear().await;
    }

    /// Records tells of a module.
    pub(crate) async fn defined(&self, module: ModuleDefinition) {
        let stream = module_stream(&module.name);
        self.tell(stream, &ModuleDefined { definition: Some(module) }).await;
    }

    pub(crate) async fn contact_created(&self, n: u128, of: Option<u128>, department: &str) {
        let mut fields = vec![text_field("department", department)];
        fields.extend(of.map(|c| text_field("company_id", &company(c).to_string())));
        let created = RecordCreated {
            record_id: contact(n).to_string(),
            module: "contacts".into(),
            number: u64::try_from(n).unwrap(),
            fields,
            personal_fields: vec![text_field("email", "someone@acme.test")],
            ..RecordCreated::default()
        };
        self.tell(contact(n), &created).await;
    }

    pub(crate) async fn company_created(&self, n: u128, status: &str) {
        let created = RecordCreated {
            record_id: company(n).to_string(),
            module: "companies".into(),
            number: u64::try_from(n).unwrap(),
            fields: vec![text_field("status", status)],
            ..RecordCreated::default()
        };
        self.tell(company(n), &created).await;
    }

    pub(crate) async fn changed(&self, module: &str, record: Uuid, field: &str, new: &str) {
        let change = FieldChange { field: field.into(), old: None, new: text(new) };
        let updated = RecordUpdated {
            record_id: record.to_string(),
            module: module.into(),
            changes: vec![change],
            ..RecordUpdated::default()
        };
        self.tell(record, &updated).await;
    }

    pub(crate) async fn deleted(&self, module: &str, record: Uuid) {
        self.tell(
            record,
            &RecordDeleted { occurred_at_micros: 0, record_id: record.to_string(), module: module.into() },
        )
        .await;
    }

    pub(crate) async fn restored(&self, module: &str, record: Uuid) {
        self.tell(
            record,
            &RecordRestored { occurred_at_micros: 0, record_id: record.to_string(), module: module.into() },
        )
        .await;
    }

    /// Identity tells of an agent.
    pub(crate) async fn agent_created(&self, agent: Uuid, role: &str) {
        let created = AgentCreated { user_id: agent.to_string(), role: role.into(), ..AgentCreated::default() };
        self.identity_tells(agent, &created).await;
    }

    /// An event of identity, heard here.
    pub(crate) async fn identity_tells<M: StoredEvent>(&self, aggregate: Uuid, event: &M) -> eventlog::Recorded {
        let meta = Meta::new(Actor::service("identity"), kernel::new_id(), b"");
        let log = &self.records;
        let key = log.keys().key_for(aggregate).await.unwrap();
        let events = vec![(M::STORED_TYPE, event.encode_to_vec(), Some(key))];
        let stream = StreamId::new("user", aggregate);
        let appended = log.append(Append::events(meta, stream, Expected::Any, events)).await.unwrap();
        let event = log.read(appended.first, 1).await.unwrap().remove(0);
        self.hear_from_identity(&event).await;
        event
    }

    /// Handles an event of identity, once more if need be.
    pub(crate) async fn hear_from_identity(&self, event: &eventlog::Recorded) {
        let handler = self.handlers.iter().find(|(source, _)| *source == "identity").map(|(_, h)| h).unwrap();
        self.handle(handler, event).await;
    }

    /// The plan that a caller gets for itself.
    pub(crate) async fn own_plan(&self, caller: Caller) -> Result<AccessPlan, Error> {
        self.plan(caller, GetAccessPlanRequest::default()).await
    }

    /// The plan that a caller gets for another subject.
    pub(crate) async fn plan_of(&self, caller: Caller, kind: &str, subject: Uuid) -> Result<AccessPlan, Error> {
        self.plan(
            caller,
            GetAccessPlanRequest { subject_id: subject.to_string(), subject_kind: kind.into(), known_position: 0 },
        )
        .await
    }

    /// What a caller gets that has a plan of a subject of a policy position: true when that one still holds.
    pub(crate) async fn still_holds(&self, caller: Caller, subject: Uuid, known_position: i64) -> Result<bool, Error> {
        let (subject_id, subject_kind) = (subject.to_string(), "contact".into());
        let request = GetAccessPlanRequest { subject_id, subject_kind, known_position };
        let answer = self.client().get_access_plan(caller.says(request)).await.map_err(runtime::error_of)?.into_inner();
        assert_eq!(
            (answer.unchanged, answer.policy_position == known_position),
            (answer.plan.is_empty(), answer.unchanged)
        );
        Ok(answer.unchanged)
    }

    async fn plan(&self, caller: Caller, request: GetAccessPlanRequest) -> Result<AccessPlan, Error> {
        let answer = self.client().get_access_plan(caller.says(request)).await.map_err(runtime::error_of)?.into_inner();
        let plan: AccessPlan = serde_json::from_slice(&answer.plan).unwrap();
        assert_eq!(plan.policy_version, answer.policy_position);
        Ok(plan)
    }

    /// What changed since a policy position.
    pub(crate) async fn changes(&self, since: i64) -> ChangesSinceResponse {
        let request = RECORDS_SERVICE.says(ChangesSinceRequest { policy_position: since });
        self.client().changes_since(request).await.unwrap().into_inner()
    }

    /// The policy position now.
    pub(crate) async fn now(&self) -> i64 {
        self.changes(i64::MAX).await.policy_position
    }
}

pub(crate) fn text(text: &str) -> Option<Value> {
    Some(Value { kind: Some(Kind::Text(text.into())) })
}

fn text_field(field: &str, value: &str) -> FieldValue {
    FieldValue { field: field.into(), value: text(value) }
}

/// Modules as small as the tests need them.
fn modules() -> Vec<ModuleDefinition> {
    let field = |name: &str, kind: FieldType| FieldDefinition {
        name: name.into(),
        r#type: kind.into(),
        personal: name == "email",
        ..FieldDefinition::default()
    };
    let relation =
        |name: &str, target: &str| FieldDefinition { target_module: target.into(), ..field(name, FieldType::Relation) };
    let module = |name: &str, fields| ModuleDefinition { name: name.into(), fields, ..ModuleDefinition::default() };
    vec![
        module(
            "contacts",
            vec![
                field("first_name", FieldType::Text),
                field("email", FieldType::Email),
                field("department", FieldType::Text),
                relation("company_id", "companies"),
            ],
        ),
        module("companies", vec![field("name", FieldType::Text), field("status", FieldType::Text)]),
        ModuleDefinition {
            contact_field: "contact_id".into(),
            company_field: "company_id".into(),
            ..module(
                "tickets",
                vec![
                    field("title", FieldType::Text),
                    field("description", FieldType::LongText),
                    field("secret", FieldType::Text),
                    relation("contact_id", "contacts"),
                    relation("company_id", "companies"),
                ],
            )
        },
        module("faqs", vec![field("title", FieldType::Text), field("status", FieldType::Text)]),
    ]
}
