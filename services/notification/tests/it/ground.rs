//! What the tests stand on: a database per test on one private Postgres, a private mail server that can be told to
//! misbehave, and neighbours that say what a test wants.

use eventlog::{Handler, Log, LogOptions, Reaction, Recorded};
use futures::future::BoxFuture;
use jiff::tz::TimeZone;
use kernel::{ActorKind, Channel, Secret, Timestamp};
use notification::{
    MIGRATIONS, SERVICE,
    compose::House,
    links::Links,
    neighbours::{CommentFacts, InvitationLink, Neighbours, RecordFacts, Trouble},
    sender::{Meters, Sender, SenderOptions},
    smtp::Account,
    wording::Language,
};
use prost::Message;
use proto::{event::StoredEvent, identity::v1 as identity, records::v1 as records};
use serde::Deserialize;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex, OnceLock,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How long anything may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
const RUNTIME_PASSWORD: &str = "only-for-tests";

/// What `scripts/fetch-tools` unpacked. Resolved: it may have put a link here to a place that Postgres can reach.
fn tool(path: &str) -> PathBuf {
    let set = |name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let found = set("PORTICO_CACHE")
        .or_else(|| set("XDG_CACHE_HOME").map(|c| c.join("portico")))
        .or_else(|| set("HOME").map(|h| h.join(".cache/portico")))
        .expect("HOME is set");
    std::fs::canonicalize(found.join(path)).unwrap_or_else(|_| panic!("no {path}: run scripts/fetch-tools first"))
}

fn free_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

fn directory(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("notification-it-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// A child that ends with the thread that starts it.
fn child(user: Option<u32>, program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.arg("--pdeathsig=KILL");
    if let Some(user) = user {
        command.args([format!("--reuid={user}"), format!("--regid={user}"), "--clear-groups".into()]);
    }
    command.arg(program).stdin(Stdio::null());
    command
}

/// The one Postgres of this test binary: its owner's URL, without a database.
fn postgres() -> &'static str {
    static URL: OnceLock<String> = OnceLock::new();
    URL.get_or_init(|| {
        let (ready, started) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            ready.send(start_postgres()).unwrap();
            // The server lives as long as this thread.
            loop {
                std::thread::park();
            }
        });
        started.recv().expect("Postgres starts")
    })
}

fn start_postgres() -> String {
    let programs = tool("pg-18.6/bin");
    let place = directory("postgres");
    // Postgres refuses to run as root.
    let is_root = String::from_utf8_lossy(&Command::new("id").arg("-u").output().unwrap().stdout).trim() == "0";
    let user = is_root.then_some(65534);
    if let Some(user) = user {
        std::os::unix::fs::chown(&place, Some(user), Some(user)).unwrap();
    }
    let data = place.join("cluster");
    let made = child(user, &programs.join("initdb"))
        .args(["--auth=trust", "--encoding=UTF8", "--no-sync", "--username=owner", "--locale=C", "-D"])
        .arg(&data)
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(made.success(), "initdb failed");
    let port = free_port();
    let log = std::fs::File::create(place.join("log")).unwrap();
    child(user, &programs.join("postgres"))
        .arg("-D")
        .arg(&data)
        .args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off"])
        .args(["-c", "max_connections=300", "-c", &format!("port={port}")])
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap();
    let deadline = Instant::now() + PATIENCE;
    let ready = || {
        let mut asked = Command::new(programs.join("pg_isready"));
        asked.args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]);
        asked.status().is_ok_and(|s| s.success())
    };
    while !ready() {
        assert!(Instant::now() < deadline, "Postgres did not start");
        std::thread::sleep(Duration::from_millis(20));
    }
    format!("postgres://owner@127.0.0.1:{port}")
}

/// A database of its own, migrated, and the service's log in it.
pub(crate) struct Ground {
    pub(crate) database: String,
    pub(crate) log: Log,
}

impl Ground {
    pub(crate) async fn new() -> Ground {
        // Roles belong to the whole server, so only one migration makes them.
        static ONE_AT_A_TIME: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
        let server = tokio::task::spawn_blocking(postgres).await.unwrap();
        let database = format!("t{}", Uuid::now_v7().simple());
        let guard = ONE_AT_A_TIME.lock().await;
        let mut owner = connect(&format!("{server}/postgres")).await;
        owner.execute(AssertSqlSafe(format!("create database {database}"))).await.unwrap();
        eventlog::migrate(&format!("{server}/{database}"), &MIGRATIONS).await.unwrap();
        let password = format!("alter role portico_notification password '{RUNTIME_PASSWORD}'");
        owner.execute(AssertSqlSafe(password)).await.unwrap();
        drop(guard);
        let log = open(&database);
        Ground { database, log }
    }

    /// The same log as another process has it.
    pub(crate) fn other_process(&self) -> Log {
        open(&self.database)
    }

    /// A connection of the owner.
    pub(crate) async fn owner(&self) -> PgConnection {
        let mut connection = connect(&format!("{}/{}", postgres(), self.database)).await;
        connection.execute("set search_path = notification, notification_log").await.unwrap();
        connection
    }

    /// What a handler does about an event, done.
    pub(crate) async fn handle(&self, handler: &dyn Handler, event: &Recorded) {
        match handler.handle(event).await.unwrap() {
            Reaction::Nothing => {}
            Reaction::Append(append) => drop(self.log.append(append).await.unwrap()),
        }
    }

    /// State, attempts and error of each delivery, oldest first.
    pub(crate) async fn deliveries(&self) -> Vec<(String, i32, String)> {
        sqlx::query_as("select state, attempts, error from deliveries_v1 order by created_at, id")
            .fetch_all(self.log.pool())
            .await
            .unwrap()
    }

    /// Waits until all deliveries are in a state.
    pub(crate) async fn settle(&self, state: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let deliveries = self.deliveries().await;
            if !deliveries.is_empty() && deliveries.iter().all(|d| d.0 == state) {
                return;
            }
            assert!(Instant::now() < deadline, "not {state}: {deliveries:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.log.pool()).await.unwrap()
    }
}

async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url).await.unwrap()
}

fn open(database: &str) -> Log {
    let url =
        format!("{}/{database}", postgres()).replace("owner@", &format!("portico_notification:{RUNTIME_PASSWORD}@"));
    let pool = eventlog::pool(&url, SERVICE, 6).unwrap();
    Log::open(SERVICE, pool, &Secret::new([7; 32]), notification::projections(), LogOptions::default())
}

/// A mail as the mail server got it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Caught {
    pub(crate) to: Vec<String>,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
    pub(crate) headers: BTreeMap<String, String>,
}

/// A private mail server.
pub(crate) struct MailServer {
    pub(crate) smtp: u16,
    web: u16,
    place: PathBuf,
    process: Option<Child>,
}

impl MailServer {
    pub(crate) async fn start() -> MailServer {
        let mut server = MailServer::absent();
        server.launch().await;
        server
    }

    /// One that is configured but does not run.
    pub(crate) fn absent() -> MailServer {
        let place = directory(&format!("mail-{}", Uuid::now_v7().simple()));
        MailServer { smtp: free_port(), web: free_port(), place, process: None }
    }

    pub(crate) async fn launch(&mut self) {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/mailcatcher.py");
        let log = std::fs::File::create(self.place.join("log")).unwrap();
        let process = child(None, Path::new("python3"))
            .arg(program)
            .arg("--directory")
            .arg(self.place.join("messages"))
            .args(["--smtp-port", &self.smtp.to_string(), "--web-port", &self.web.to_string()])
            .env("PYTHONPATH", tool("aiosmtpd-1.4.6"))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        self.process = Some(process);
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", self.web)).await.is_err() {
            assert!(Instant::now() < deadline, "the mail server did not start");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    pub(crate) async fn mails(&self) -> Vec<Caught> {
        let mut mails: Vec<Caught> = serde_json::from_str(&self.ask("GET", "/messages", "").await).unwrap();
        for mail in &mut mails {
            mail.text = mail.text.replace("\r\n", "\n");
        }
        mails
    }

    /// Answers otherwise the next `count` times.
    pub(crate) async fn misbehave(&self, reply: &str, when: &str, hang_seconds: u32, count: u32) {
        let mode = serde_json::json!({"reply": reply, "when": when, "hang_seconds": hang_seconds, "count": count});
        self.ask("POST", "/mode", &mode.to_string()).await;
    }

    async fn ask(&self, method: &str, path: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.web)).await.unwrap();
        let request = format!(
            "{method} {path} HTTP/1.0\r\nHost: 127.0.0.1:{}\r\nContent-Length: {}\r\n\r\n{body}",
            self.web,
            body.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, content) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(" 200 ") || head.contains(" 204 "), "{head}");
        content.to_owned()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Neighbours that say what a test wants.
#[derive(Default)]
pub(crate) struct Village {
    pub(crate) access: Mutex<BTreeMap<Uuid, bool>>,
    pub(crate) away: std::sync::atomic::AtomicBool,
    pub(crate) record_gone: std::sync::atomic::AtomicBool,
    pub(crate) link_used: std::sync::atomic::AtomicBool,
    pub(crate) links_given: AtomicI64,
}

impl Village {
    fn here(&self) -> Result<(), Trouble> {
        if self.away.load(Ordering::SeqCst) { Err(Trouble::Away("identity")) } else { Ok(()) }
    }
}

impl Neighbours for Village {
    fn invitation_link<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Option<InvitationLink>, Trouble>> {
        Box::pin(async move {
            self.here()?;
            let number = self.links_given.fetch_add(1, Ordering::SeqCst) + 1;
            Ok((!self.link_used.load(Ordering::SeqCst)).then(|| InvitationLink {
                link: format!("https://portal.example.org/set-password?token=secret-{number}"),
                expires_at: Timestamp::from_micros(1_900_000_000_000_000),
            }))
        })
    }

    fn record<'a>(&'a self, _: &'a str, _: &'a str) -> BoxFuture<'a, Result<Option<RecordFacts>, Trouble>> {
        Box::pin(async move {
            self.here()?;
            let texts = BTreeMap::from([("title".to_owned(), "The printer è in fiamme".to_owned())]);
            let record = RecordFacts { number: "TT1042".into(), texts };
            Ok((!self.record_gone.load(Ordering::SeqCst)).then_some(record))
        })
    }

    fn comment<'a>(
        &'a self,
        _: &'a str,
        _: &'a str,
        _: &'a str,
    ) -> BoxFuture<'a, Result<Option<CommentFacts>, Trouble>> {
        Box::pin(async move {
            self.here()?;
            Ok(Some(CommentFacts { body: "We are on our way.".into(), author: "Ada Bianchi".into() }))
        })
    }

    fn has_access(&self, contact: Uuid) -> BoxFuture<'_, Result<bool, Trouble>> {
        Box::pin(async move {
            self.here()?;
            Ok(self.access.lock().unwrap().get(&contact).copied().unwrap_or(false))
        })
    }
}

/// A sender as a process runs it.
pub(crate) struct Process {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Process {
    pub(crate) fn start(log: Log, village: &Arc<Village>, mail: &MailServer) -> Process {
        Process::with(sender(log, village, mail, Duration::from_secs(2)))
    }

    pub(crate) fn with(sender: Sender) -> Process {
        let stop = CancellationToken::new();
        Process { task: tokio::spawn(sender.run(stop.clone())), stop }
    }

    /// As SIGTERM does.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        tokio::time::timeout(PATIENCE, self.task).await.unwrap().unwrap();
    }

    /// As SIGKILL does: nothing more is written.
    pub(crate) async fn kill(self) {
        self.task.abort();
        assert!(self.task.await.is_err());
    }
}

pub(crate) fn sender(log: Log, village: &Arc<Village>, mail: &MailServer, lease: Duration) -> Sender {
    let account = Account::new(&format!("smtp://127.0.0.1:{}", mail.smtp), "Portico <portal@example.org>");
    let house = House {
        links: Links::new("https://portal.example.org"),
        company: "Northwind".into(),
        zone: TimeZone::UTC,
        language: Language::English,
        installation: "portico".into(),
    };
    let options = SenderOptions { account: account.map_err(|e| e.to_string()), house, lease };
    let village = Arc::clone(village);
    Sender::new(log, village, Meters::new(&runtime::Metrics::default()), options)
}

/// Events of other services as a consumer hands them over.
pub(crate) struct Heard {
    position: AtomicI64,
}

pub(crate) const CONTACT: Uuid = Uuid::from_u128(0x018f_2f6e_0000_7000_8000_0000_0000_00c1);
pub(crate) const AGENT: Uuid = Uuid::from_u128(0x018f_2f6e_0000_7000_8000_0000_0000_00a1);
pub(crate) const RECORD: Uuid = Uuid::from_u128(0x018f_2f6e_0000_7000_8000_0000_0000_00d1);

impl Heard {
    pub(crate) fn new() -> Heard {
        Heard { position: AtomicI64::new(0) }
    }

    pub(crate) fn event<M: StoredEvent>(&self, actor: (ActorKind, Uuid), message: &M) -> Recorded {
        let position = self.position.fetch_add(1, Ordering::SeqCst) + 1;
        Recorded {
            position,
            stream: Uuid::from_u128(1),
            version: position,
            event_id: Uuid::now_v7(),
            stored_type: Arc::from(M::STORED_TYPE),
            recorded_at: Timestamp::from_micros(1_772_000_000_000_000 + position * 1_000_000),
            actor_id: actor.1,
            actor_kind: actor.0,
            on_behalf_of: None,
            channel: match actor.0 {
                ActorKind::Contact => Channel::Portal,
                ActorKind::Agent => Channel::Console,
                ActorKind::Service => Channel::System,
            },
            session: None,
            command_id: Uuid::now_v7(),
            correlation_id: Uuid::now_v7(),
            causation_id: None,
            traceparent: Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".into()),
            payload: message.encode_to_vec(),
            redacted: false,
            prev_hash: Vec::new(),
            hash: Vec::new(),
        }
    }

    pub(crate) fn agent_created(&self) -> Recorded {
        let message = identity::AgentCreated {
            user_id: AGENT.to_string(),
            login: "ada@northwind.test".into(),
            name: "Ada Bianchi".into(),
            email: "ada@northwind.test".into(),
            role: "agent".into(),
            locale: "it".into(),
        };
        self.event((ActorKind::Service, AGENT), &message)
    }

    pub(crate) fn access_enabled(&self) -> Recorded {
        let message = identity::AccessEnabled {
            user_id: CONTACT.to_string(),
            login: "emma@acme.test".into(),
            name: "Emma Rossi".into(),
            email: "emma@acme.test".into(),
            support_start: "2026-01-01".into(),
            support_end: "2027-01-01".into(),
            locale: "en".into(),
        };
        self.event((ActorKind::Agent, AGENT), &message)
    }

    pub(crate) fn invitation_issued(&self) -> Recorded {
        let message = identity::InvitationIssued {
            user_id: CONTACT.to_string(),
            invitation_id: Uuid::now_v7().to_string(),
            locale: "en".into(),
            support_start: "2026-01-01".into(),
            expires_at_micros: 0,
            email: "emma@acme.test".into(),
            name: "Emma Rossi".into(),
        };
        self.event((ActorKind::Agent, AGENT), &message)
    }

    pub(crate) fn locked(&self) -> Recorded {
        let message = identity::Locked {
            user_id: CONTACT.to_string(),
            locked_until_micros: 0,
            ladder_step: 1,
            kind: identity::SubjectKind::Contact as i32,
        };
        self.event((ActorKind::Service, CONTACT), &message)
    }

    pub(crate) fn module_defined(&self) -> Recorded {
        let label = |language: &str, text: &str| records::Label { language: language.into(), text: text.into() };
        let definition = records::ModuleDefinition {
            name: "tickets".into(),
            singular: vec![label("en", "Ticket"), label("it", "Segnalazione")],
            title_field: "title".into(),
            contact_field: "contact_id".into(),
            owner_field: "owner_id".into(),
            ..records::ModuleDefinition::default()
        };
        let message = records::ModuleDefined { definition: Some(definition) };
        self.event((ActorKind::Service, AGENT), &message)
    }

    /// A ticket of the contact.
    pub(crate) fn record_created(&self) -> Recorded {
        let message = records::RecordCreated {
            record_id: RECORD.to_string(),
            module: "tickets".into(),
            number: 1042,
            fields: vec![text("contact_id", &CONTACT.to_string())],
            ..records::RecordCreated::default()
        };
        self.event((ActorKind::Contact, CONTACT), &message)
    }

    pub(crate) fn assigned(&self, actor: (ActorKind, Uuid), owner: &str) -> Recorded {
        let message = records::RecordAssigned {
            record_id: RECORD.to_string(),
            module: "tickets".into(),
            field: "owner_id".into(),
            old_owner_id: String::new(),
            new_owner_id: owner.into(),
        };
        self.event(actor, &message)
    }

    pub(crate) fn commented(&self, actor: (ActorKind, Uuid)) -> Recorded {
        let message = records::RecordCommented {
            record_id: RECORD.to_string(),
            module: "tickets".into(),
            comment_id: Uuid::now_v7().to_string(),
            body: "We are on our way.".into(),
            author_kind: actor.0.as_str().into(),
        };
        self.event(actor, &message)
    }

    /// The contact's own record changes.
    pub(crate) fn contact_updated(&self, field: &str, value: records::value::Kind) -> Recorded {
        let change =
            records::FieldChange { field: field.into(), old: None, new: Some(records::Value { kind: Some(value) }) };
        let message = records::RecordUpdated {
            record_id: CONTACT.to_string(),
            module: "contacts".into(),
            changes: vec![change],
            ..records::RecordUpdated::default()
        };
        self.event((ActorKind::Agent, AGENT), &message)
    }
}

pub(crate) fn text(field: &str, value: &str) -> records::FieldValue {
    let kind = Some(records::value::Kind::Text(value.into()));
    records::FieldValue { field: field.into(), value: Some(records::Value { kind }) }
}
