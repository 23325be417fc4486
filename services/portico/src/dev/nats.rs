//! A private nats-server with JetStream, and the users that Portico's services connect as.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt as _, BufReader};

use super::servers::{AtOurDeath, Launch, Program, Tools, free_port, require_free_port};
use crate::bus_access::{self, quoted};
use crate::host::{Error, absolute, create_private_directory, random_password, write_private};

/// How long a start may take; a large store is checked first.
const START_LIMIT: Duration = Duration::from_secs(60);

/// How long an orderly shutdown may take before the server is killed.
const STOP_LIMIT: Duration = Duration::from_secs(15);

/// The file with the programs' accounts, beside the configuration.
const PROGRAMS: &str = "programs.conf";

/// A user of the services' account. What each may do is said in [`crate::bus_access`].
#[derive(Clone, Debug)]
pub struct NatsUser {
    /// Name to connect with.
    pub name: String,
    /// Password to connect with.
    pub password: String,
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
    program: Option<Program>,
}

impl Nats {
    /// Writes the configuration, starts the server and waits until JetStream is ready.
    ///
    /// # Errors
    /// When the program, the directory or the port cannot be used, or the server does not become ready within a minute.
    pub async fn start(options: NatsOptions) -> Result<Self, Error> {
        create_private_directory(&options.directory, false)?;
        let directory = absolute(&options.directory)?;
        let mut nats = Self {
            port: options.port.unwrap_or_default(),
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

    /// The accounts of other people's programs, for `PORTICO_NATS_PROGRAMS`.
    pub fn programs_file(&self) -> PathBuf {
        self.options.directory.join(PROGRAMS)
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
            if !self.programs_file().exists() {
                write_private(&self.programs_file(), &bus_access::ProgramAccount::file(&[]))?;
            }
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
            match wait_until_ready(&mut program, self.port).await {
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

    /// No monitoring port: its pages name users, subjects and addresses to whoever asks.
    fn configuration(&self) -> String {
        let sync = if self.options.sync_always { "always" } else { "2m" };
        let path = |path: &Path| quoted(&path.to_string_lossy());
        let mut text = format!(
            "server_name: portico\nhost: 127.0.0.1\nport: {}\npid_file: {}\n\
             jetstream {{\n  store_dir: {}\n  max_mem: 256MB\n  max_file: 1TB\n  sync_interval: {sync}\n}}\n",
            self.port,
            path(&self.options.directory.join("nats.pid")),
            path(&self.store_directory()),
        );
        let password = |name: &str| {
            let user = self.options.users.iter().find(|user| user.name == name);
            quoted(user.map_or("", |user| &user.password))
        };
        if !self.options.users.is_empty() {
            text.push_str(&bus_access::accounts(password, &format!("./{PROGRAMS}")));
        }
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

/// The users of an installation with fresh random passwords.
///
/// # Errors
/// When the system gives no random bytes.
pub fn portico_users() -> Result<Vec<NatsUser>, Error> {
    let user = |name: &str| Ok(NatsUser { name: name.to_owned(), password: random_password()? });
    bus_access::rights().iter().map(|rights| user(rights.user)).collect()
}

/// Ready when it greets: nats-server accepts clients only after JetStream has read its store.
async fn greets(port: u16) -> bool {
    let greeting = async {
        let stream = tokio::net::TcpStream::connect((std::net::Ipv4Addr::LOCALHOST, port)).await.ok()?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).await.ok()?;
        Some(line)
    };
    let line = tokio::time::timeout(Duration::from_secs(2), greeting).await.ok().flatten().unwrap_or_default();
    line.starts_with("INFO ") && line.contains("\"jetstream\":true")
}

async fn wait_until_ready(program: &mut Program, port: u16) -> Result<(), Error> {
    let deadline = Instant::now() + START_LIMIT;
    loop {
        if greets(port).await {
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
