//! A private nats-server with JetStream, and the users that Portico's services connect as.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::servers::{
    AtOurDeath, Error, Launch, Program, Tools, absolute, create_directory, free_port, http, random_password,
    require_free_port, write_private,
};

/// How long a start may take; a large store is checked first.
const START_LIMIT: Duration = Duration::from_secs(60);

/// How long an orderly shutdown may take before the server is killed.
const STOP_LIMIT: Duration = Duration::from_secs(15);

/// The services that have a log, and so a JetStream stream `PORTICO_<SERVICE>`.
const LOGS: [&str; 4] = ["identity", "permissions", "records", "notification"];

/// The events that other people's consumers may read, as `(service, aggregate)`.
///
/// A list, because NATS permissions cannot say "everything of a service but `internal`": the filter of a consumer is
/// compared as text, and `portico.v1.records.>` would match any pattern wide enough for a custom module.
const PUBLIC: [(&str, &[&str]); 4] = [
    ("identity", &["account", "session"]),
    ("permissions", &["profile", "rule"]),
    (
        "records",
        &[
            "contacts",
            "companies",
            "tickets",
            "cases",
            "documents",
            "faqs",
            "projects",
            "quotes",
            "invoices",
            "sales_orders",
            "purchase_orders",
            "assets",
            "feedback",
            "requests",
        ],
    ),
    ("notification", &["delivery"]),
];

/// A user of the server and what it may publish and subscribe to (subjects with the wildcards of NATS).
#[derive(Clone, Debug)]
pub struct NatsUser {
    /// Name to connect with.
    pub name: String,
    /// Password to connect with.
    pub password: String,
    /// Subjects that it may publish to; nothing else.
    pub publish: Vec<String>,
    /// Subjects that it may subscribe to; nothing else.
    pub subscribe: Vec<String>,
}

/// What [`Nats::start`] needs to know.
#[derive(Clone, Debug)]
pub struct NatsOptions {
    /// Where the program is.
    pub tools: Tools,
    /// Holds the configuration, the JetStream store and the log; made when missing, one server at a time.
    pub directory: PathBuf,
    /// Port on 127.0.0.1; `None` picks a free one, which stays the same across [`Nats::start_again`].
    pub port: Option<u16>,
    /// The users; none means that everybody may do everything.
    pub users: Vec<NatsUser>,
    /// Write each message to the disk before it is acknowledged, instead of within two minutes.
    pub sync_always: bool,
}

/// A running (or killed) private nats-server that listens on 127.0.0.1 only. Ends when dropped.
#[derive(Debug)]
pub struct Nats {
    options: NatsOptions,
    port: u16,
    monitor_port: u16,
    program: Option<Program>,
}

impl Nats {
    /// Writes the configuration, starts the server and waits until JetStream is ready.
    ///
    /// # Errors
    /// When the program, the directory or the port cannot be used, or the server does not become ready within a minute.
    pub async fn start(options: NatsOptions) -> Result<Self, Error> {
        create_directory(&options.directory)?;
        let directory = absolute(&options.directory)?;
        let mut nats = Self {
            port: options.port.unwrap_or_default(),
            monitor_port: 0,
            options: NatsOptions { directory, ..options },
            program: None,
        };
        nats.launch().await?;
        Ok(nats)
    }

    /// Connection string without a user.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Connection string of one of the users given at the start; `None` when there is no such user. Mind that `async-nats`
    /// takes user and password from its options only, never from the address.
    pub fn url_for(&self, user: &str) -> Option<String> {
        let user = self.options.users.iter().find(|candidate| candidate.name == user)?;
        Some(format!("nats://{}:{}@127.0.0.1:{}", user.name, user.password, self.port))
    }

    /// Port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Port of the monitoring pages (`/healthz`, `/jsz`, `/connz`) on 127.0.0.1.
    pub fn monitor_port(&self) -> u16 {
        self.monitor_port
    }

    /// Where JetStream keeps its streams; tests remove or replace it while the server is stopped.
    pub fn store_directory(&self) -> PathBuf {
        self.options.directory.join("store")
    }

    /// Process id; `None` after [`Nats::kill`] or [`Nats::stop`].
    pub fn pid(&self) -> Option<u32> {
        self.program.as_ref().map(Program::pid)
    }

    /// Whether the server's process has ended without being asked.
    pub fn failure(&mut self) -> Option<Error> {
        self.program.as_mut().and_then(Program::failure)
    }

    /// SIGKILL, as a power cut would do; returns when the process is gone.
    pub async fn kill(&mut self) {
        if let Some(mut program) = self.program.take() {
            program.kill_family();
            program.wait(Duration::from_secs(10)).await;
        }
    }

    /// SIGSTOP: connections stay open and nothing answers.
    pub fn pause(&mut self) {
        if let Some(program) = &mut self.program {
            program.signal("STOP");
        }
    }

    /// Undoes [`Nats::pause`].
    pub fn resume(&mut self) {
        if let Some(program) = &mut self.program {
            program.signal("CONT");
        }
    }

    /// Orderly shutdown; killed after 15 s.
    pub async fn stop(&mut self) {
        let Some(program) = &mut self.program else {
            return;
        };
        program.signal("TERM");
        if program.wait(STOP_LIMIT).await {
            self.program = None;
        } else {
            self.kill().await;
        }
    }

    /// Starts the server again on the same port and store after [`Nats::kill`] or [`Nats::stop`].
    ///
    /// # Errors
    /// As [`Nats::start`].
    pub async fn start_again(&mut self) -> Result<(), Error> {
        self.stop().await;
        self.launch().await
    }

    async fn launch(&mut self) -> Result<(), Error> {
        let chosen = self.port == 0;
        for attempt in 1.. {
            if chosen {
                self.port = free_port()?;
            } else {
                require_free_port(self.port, "NATS")?;
            }
            self.monitor_port = free_port()?;
            let configuration = self.options.directory.join("nats.conf");
            write_private(&configuration, &self.configuration())?;
            let mut program = Program::start(Launch {
                program: self.options.tools.nats_server.clone(),
                arguments: vec!["-c".into(), configuration.into()],
                environment: Vec::new(),
                log: self.options.directory.join("nats.log"),
                user: None,
                at_our_death: AtOurDeath::Kill,
            })
            .await?;
            match wait_until_ready(&mut program, self.monitor_port).await {
                Ok(()) => {
                    self.program = Some(program);
                    return Ok(());
                }
                // Somebody else took a port between our look and the start.
                Err(_) if chosen && attempt < 3 && program.ended().is_some() => {}
                Err(error) => return Err(error),
            }
        }
        unreachable!("the loop ends by returning")
    }

    fn configuration(&self) -> String {
        let sync = if self.options.sync_always { "always" } else { "2m" };
        let mut text = format!(
            "server_name: portico\nhost: 127.0.0.1\nport: {}\nhttp: \"127.0.0.1:{}\"\n\
             jetstream {{\n  store_dir: {}\n  max_mem: 256MB\n  max_file: 1TB\n  sync_interval: {sync}\n}}\n",
            self.port,
            self.monitor_port,
            quoted(&self.store_directory().to_string_lossy()),
        );
        if self.options.users.is_empty() {
            return text;
        }
        text.push_str("authorization {\n  users: [\n");
        for user in &self.options.users {
            let subjects = |list: &[String]| list.iter().map(|subject| quoted(subject)).collect::<Vec<_>>().join(", ");
            writeln!(
                text,
                "    {{ user: {}, password: {}, permissions: {{ publish: {{ allow: [{}] }}, subscribe: {{ allow: [{}] }} }} }}",
                quoted(&user.name),
                quoted(&user.password),
                subjects(&user.publish),
                subjects(&user.subscribe),
            )
            .expect("writing to a String cannot fail");
        }
        text.push_str("  ]\n}\n");
        text
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        if let Some(program) = &mut self.program {
            program.signal("CONT");
            program.signal("TERM");
            program.wait_blocking(Duration::from_secs(2));
        }
    }
}

/// The users of an installation with fresh random passwords:
///
/// - `identity`, `permissions`, `records`, `notification`: publish their own events and hint, keep their own stream, and
///   read every stream;
/// - `gateway`: reads every stream;
/// - `consumer`: for programs of other people; reads the public events of the standard modules, never the internal ones,
///   and must use the inbox prefix `_INBOX_consumer`;
/// - `operator`: the command line; keeps every stream, publishes replays.
///
/// # Errors
/// When the system gives no random bytes.
pub fn portico_users() -> Result<Vec<NatsUser>, Error> {
    let mut users = Vec::new();
    for service in LOGS.into_iter().chain(["gateway"]) {
        let mut publish = vec![format!("portico.hint.{service}")];
        publish.extend(read_every_stream());
        if LOGS.contains(&service) {
            publish.push(format!("portico.v1.{service}.>"));
            publish.extend(keep_stream(service));
        }
        users.push(NatsUser {
            name: service.to_owned(),
            password: random_password()?,
            publish,
            subscribe: [&format!("_INBOX_{service}.>"), "_INBOX.>", "portico.hint.*", "portico.v1.>"]
                .map(str::to_owned)
                .to_vec(),
        });
    }
    users.push(NatsUser {
        name: "consumer".to_owned(),
        password: random_password()?,
        publish: read_public_events(),
        // Not `_INBOX.>`: there the answers to our services pass, internal events among them.
        subscribe: vec!["_INBOX_consumer.>".to_owned()],
    });
    users.push(NatsUser {
        name: "operator".to_owned(),
        password: random_password()?,
        publish: ["$JS.API.>", "$JS.ACK.>", "portico.replay.>", "portico.dlq.>"].map(str::to_owned).to_vec(),
        subscribe: ["_INBOX.>", "_INBOX_operator.>", "portico.>", "$JS.EVENT.>"].map(str::to_owned).to_vec(),
    });
    Ok(users)
}

fn stream_of(service: &str) -> String {
    format!("PORTICO_{}", service.to_uppercase())
}

/// The JetStream requests that make, change and remove a service's own stream and its messages.
fn keep_stream(service: &str) -> Vec<String> {
    let stream = stream_of(service);
    ["CREATE", "UPDATE", "DELETE", "MSG.DELETE"].map(|verb| format!("$JS.API.STREAM.{verb}.{stream}")).to_vec()
}

/// The JetStream requests that read any of our streams, with consumers of any kind.
fn read_every_stream() -> Vec<String> {
    let mut subjects = vec!["$JS.API.INFO".to_owned(), "$JS.API.STREAM.NAMES".to_owned()];
    for service in LOGS {
        let stream = stream_of(service);
        subjects.extend([
            format!("$JS.API.STREAM.INFO.{stream}"),
            format!("$JS.API.STREAM.MSG.GET.{stream}"),
            format!("$JS.API.DIRECT.GET.{stream}"),
            format!("$JS.API.DIRECT.GET.{stream}.>"),
            format!("$JS.API.CONSUMER.CREATE.{stream}"),
            format!("$JS.API.CONSUMER.CREATE.{stream}.>"),
            format!("$JS.API.CONSUMER.DURABLE.CREATE.{stream}.*"),
            format!("$JS.API.CONSUMER.DELETE.{stream}.*"),
            format!("$JS.API.CONSUMER.NAMES.{stream}"),
        ]);
        subjects.extend(use_consumers(&stream));
    }
    subjects
}

/// The requests of a program that already has a consumer: look at it, fetch, acknowledge, flow control.
fn use_consumers(stream: &str) -> Vec<String> {
    vec![
        format!("$JS.API.CONSUMER.INFO.{stream}.*"),
        format!("$JS.API.CONSUMER.MSG.NEXT.{stream}.*"),
        format!("$JS.ACK.{stream}.>"),
        // The longer form, with domain and account before the stream.
        format!("$JS.ACK.*.*.{stream}.>"),
        format!("$JS.FC.{stream}.>"),
    ]
}

/// The JetStream requests that read public events: a consumer can be made only with one filter that names an aggregate.
fn read_public_events() -> Vec<String> {
    let mut subjects = vec!["$JS.API.INFO".to_owned(), "$JS.API.STREAM.NAMES".to_owned()];
    for (service, aggregates) in PUBLIC {
        let stream = stream_of(service);
        subjects.push(format!("$JS.API.STREAM.INFO.{stream}"));
        subjects.extend(use_consumers(&stream));
        for aggregate in aggregates {
            subjects.push(format!("$JS.API.CONSUMER.CREATE.{stream}.*.portico.v1.{service}.{aggregate}.>"));
        }
    }
    subjects
}

/// A string of the configuration language.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

async fn wait_until_ready(program: &mut Program, monitor_port: u16) -> Result<(), Error> {
    let deadline = Instant::now() + START_LIMIT;
    loop {
        if let Ok((200, _)) = http(monitor_port, "GET", "/healthz?js-enabled-only=true", "").await {
            return Ok(());
        }
        if let Some(failure) = program.failure() {
            return Err(failure);
        }
        if Instant::now() >= deadline {
            return Err(Error::new("nats-server did not become ready within a minute"));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[cfg(test)]
mod tests;
