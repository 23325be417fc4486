//! What the tests stand on: a database per test on one private Postgres, a private mail server that can be told to
//! misbehave, and neighbours that say what a test wants.

use eventlog::{Handler, Log, LogOptions, Reaction, Recorded};
use futures::future::BoxFuture;
use jiff::tz::TimeZone;
use kernel::{ActorKind, Channel, Timestamp};
use kit::{CaughtMail, Database, MailCatcher, MailMode};
use notification::{
    SERVICE,
    audience::Involved,
    domain::delivery::Order,
    links::Links,
    neighbours::{CommentFacts, Entry, IssuedLink, Neighbours, RecordFacts, Shown, Trouble, View},
    recipients::Kind,
    sender::{Meters, Sender, SenderOptions},
    smtp::Account,
    turn::Installation,
    wording::Language,
};
use portico::dev::{mail::MailOptions, servers::Tools};
use proto::{event::StoredEvent, identity::v1 as identity, records::v1 as records};
use sqlx::{Executor, PgConnection};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
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

/// A database of its own, and the service's log in it.
pub(crate) struct Ground {
    database: Database,
    pub(crate) log: Log,
}

impl Ground {
    pub(crate) async fn new() -> Ground {
        let database = Database::new().await.unwrap();
        Ground { log: open(&database), database }
    }

    /// The same log as another process has it.
    pub(crate) fn other_process(&self) -> Log {
        open(&self.database)
    }

    /// A connection of the owner.
    pub(crate) async fn owner(&self) -> PgConnection {
        let mut connection = self.database.owner().await.unwrap();
        connection.execute("set search_path = notification, notification_log").await.unwrap();
        connection
    }

    /// What a handler does about an event, done.
    pub(crate) async fn handle(&self, handler: &dyn Handler, event: &Recorded) {
        match handler.handle(event).await.unwrap() {
            Reaction::Nothing => {}
            Reaction::Append(append) | Reaction::Independent(append) => drop(self.log.append(append).await.unwrap()),
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
        let all = async || {
            let deliveries = self.deliveries().await;
            anyhow::ensure!(!deliveries.is_empty() && deliveries.iter().all(|d| d.0 == state), "{deliveries:?}");
            Ok(())
        };
        kit::eventually(state, all).await.unwrap();
    }

    /// Waits until the delivery at this place is in a state.
    pub(crate) async fn settle_one(&self, place: usize, state: &str) {
        let one = async || {
            let deliveries = self.deliveries().await;
            anyhow::ensure!(deliveries[place].0 == state, "{deliveries:?}");
            Ok(())
        };
        kit::eventually(state, one).await.unwrap();
    }

    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.log.pool()).await.unwrap()
    }
}

fn open(database: &Database) -> Log {
    database.log(SERVICE, notification::projections(), LogOptions::default()).unwrap()
}

/// A private mail server.
pub(crate) struct MailServer {
    catcher: MailCatcher,
}

impl MailServer {
    pub(crate) async fn start() -> MailServer {
        let options = MailOptions {
            tools: Tools::locate().unwrap(),
            directory: kit::temporary("mail").unwrap(),
            smtp_port: None,
            web_port: None,
        };
        MailServer { catcher: MailCatcher::start(options).await.unwrap() }
    }

    pub(crate) async fn kill(&mut self) {
        self.catcher.kill().await;
    }

    pub(crate) async fn start_again(&mut self) {
        self.catcher.start_again().await.unwrap();
    }

    pub(crate) async fn mails(&self) -> Vec<CaughtMail> {
        let mut mails = self.catcher.messages().await.unwrap();
        for mail in &mut mails {
            mail.text = mail.text.replace("\r\n", "\n");
        }
        mails
    }

    /// Answers otherwise the next `count` times.
    pub(crate) async fn misbehave(&self, reply: &'static str, when: &'static str, hang_seconds: u32, count: u32) {
        let mode = MailMode { reply, when, hang_seconds, count: Some(count) };
        self.catcher.misbehave(Some(&mode)).await.unwrap();
    }

    /// Waits until the misbehaviour that was asked for has been used up.
    pub(crate) async fn misbehaved(&self) {
        let place = self.catcher.web_url();
        let (place, key) = place.trim_start_matches("http://").split_once('/').unwrap();
        let used = async || {
            let mut stream = TcpStream::connect(place).await?;
            stream.write_all(format!("GET /{key}/mode HTTP/1.0\r\nHost: {place}\r\n\r\n").as_bytes()).await?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await?;
            anyhow::ensure!(answer.trim_end().ends_with("null"), "{answer}");
            Ok(())
        };
        kit::eventually("the mail server to be asked", used).await.unwrap();
    }
}

/// Neighbours that say what a test wants: one ticket, owned by the agent, of the contact, who made it.
pub(crate) struct TestNeighbours {
    /// Who can't sign in, and why.
    pub(crate) closed: Mutex<BTreeMap<Uuid, &'static str>>,
    /// Who may not see the ticket.
    pub(crate) blind: Mutex<BTreeSet<Uuid>>,
    pub(crate) involved: Mutex<Option<Involved>>,
    pub(crate) away: AtomicBool,
    /// How often somebody asked while they were away.
    pub(crate) asked_in_vain: AtomicI64,
    pub(crate) link_used: AtomicBool,
    pub(crate) links_given: AtomicI64,
    pub(crate) title: Mutex<&'static str>,
}

impl Default for TestNeighbours {
    fn default() -> TestNeighbours {
        let involved = Involved {
            owner: Some(AGENT),
            contact: Some(CONTACT),
            creator: Some(CONTACT),
            participants: Vec::new(),
            has_owners: true,
            has_contacts: true,
        };
        TestNeighbours {
            closed: Mutex::default(),
            blind: Mutex::default(),
            involved: Mutex::new(Some(involved)),
            away: AtomicBool::default(),
            asked_in_vain: AtomicI64::default(),
            link_used: AtomicBool::default(),
            links_given: AtomicI64::default(),
            title: Mutex::new("The printer è in fiamme"),
        }
    }
}

impl TestNeighbours {
    fn here(&self) -> Result<(), Trouble> {
        if !self.away.load(Ordering::SeqCst) {
            return Ok(());
        }
        self.asked_in_vain.fetch_add(1, Ordering::SeqCst);
        Err(Trouble::Away("identity"))
    }

    fn facts(&self) -> RecordFacts {
        RecordFacts { number: "TT1042".into(), title: (*self.title.lock().unwrap()).into() }
    }
}

impl Neighbours for TestNeighbours {
    fn invitation_link<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Option<IssuedLink>, Trouble>> {
        Box::pin(async move {
            self.here()?;
            let number = self.links_given.fetch_add(1, Ordering::SeqCst) + 1;
            Ok((!self.link_used.load(Ordering::SeqCst)).then(|| IssuedLink {
                link: format!("https://portal.example.org/set-password?token=secret-{number}"),
                expires_at: Timestamp::from_micros(1_900_000_000_000_000),
            }))
        })
    }

    fn link<'a>(&'a self, request: &'a str) -> BoxFuture<'a, Result<Option<IssuedLink>, Trouble>> {
        Box::pin(async move {
            self.here()?;
            Ok((!self.link_used.load(Ordering::SeqCst)).then(|| IssuedLink {
                link: format!("https://portal.example.org/link?token=secret-of-{request}"),
                expires_at: Timestamp::from_micros(1_900_000_000_000_000),
            }))
        })
    }

    fn entry(&self, person: Uuid) -> BoxFuture<'_, Result<Entry, Trouble>> {
        Box::pin(async move {
            self.here()?;
            let closed = self.closed.lock().unwrap();
            Ok(closed.get(&person).map_or(Entry::Open, |why| Entry::Closed((*why).to_owned())))
        })
    }

    fn involved<'a>(&'a self, _: &'a str, _: &'a str) -> BoxFuture<'a, Result<Option<Involved>, Trouble>> {
        Box::pin(async move {
            self.here()?;
            Ok(self.involved.lock().unwrap().clone())
        })
    }

    fn shown_to<'a>(
        &'a self,
        (_, person): (Kind, Uuid),
        _: &'a Order,
        comment: &'a str,
    ) -> BoxFuture<'a, Result<View, Trouble>> {
        Box::pin(async move {
            self.here()?;
            if self.blind.lock().unwrap().contains(&person) {
                return Ok(View::Hidden);
            }
            let said = CommentFacts { body: "We are on our way.".into(), author: "Ada Bianchi".into() };
            let comment = (!comment.is_empty()).then_some(said);
            Ok(View::Shown(Box::new(Shown { record: self.facts(), comments_hidden: false, comment })))
        })
    }

    fn record<'a>(&'a self, _: &'a str, _: &'a str) -> BoxFuture<'a, Result<Option<RecordFacts>, Trouble>> {
        Box::pin(async move {
            self.here()?;
            Ok(self.involved.lock().unwrap().as_ref().map(|_| self.facts()))
        })
    }
}

/// A sender as a process runs it.
pub(crate) struct Process {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Process {
    pub(crate) fn start(log: Log, village: &Arc<TestNeighbours>, mail: &MailServer) -> Process {
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

pub(crate) fn sender(log: Log, village: &Arc<TestNeighbours>, mail: &MailServer, lease: Duration) -> Sender {
    let account = Account::new(&mail.catcher.smtp_url(), "Portico <portal@example.org>");
    let installation = Installation {
        links: Links::new("https://portal.example.org"),
        company: "Northwind".into(),
        zone: TimeZone::UTC,
        language: Language::ENGLISH,
        id: "portico".into(),
        fallback: Some("desk@northwind.test".into()),
        mail_without_access: false,
    };
    let options = SenderOptions { account: account.map_err(|e| e.to_string()), installation, lease };
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
                ActorKind::Contact | ActorKind::Company => Channel::Portal,
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
            service: false,
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
            ..identity::AccessEnabled::default()
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

    /// The module is called otherwise, its records are named by another field, and nothing ties them to a contact.
    pub(crate) fn module_changed(&self) -> [Recorded; 3] {
        let module = "tickets".to_owned();
        let singular = vec![records::Label { language: "en".into(), text: "Case".into() }];
        let described = records::ModuleDescribed { module: module.clone(), singular, ..Default::default() };
        let titled = records::ModuleTitleChosen { module: module.clone(), title_field: "subject".into() };
        let tied = records::ModuleTiesChosen { module, ..Default::default() };
        let by = (ActorKind::Service, AGENT);
        [self.event(by, &described), self.event(by, &titled), self.event(by, &tied)]
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
            occurred_at_micros: 0,
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
            occurred_at_micros: 0,
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
