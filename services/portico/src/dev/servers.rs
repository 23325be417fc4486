//! What the private servers of `portico dev` and of the tests share: where their programs lie, how a child process is
//! started so that it never outlives us, free ports, and a very small HTTP client for their health pages.
//!
//! Linux only: `setpriv` (util-linux) ties a child's life to ours, because the call behind it needs `unsafe` code.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError, mpsc};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::host::{Error, family_of, signal_processes};

/// Where the programs that `scripts/fetch-tools` unpacks lie.
#[derive(Clone, Debug)]
pub struct Tools {
    /// Directory of `postgres`, `initdb`, `psql` and the other programs of Postgres 18.6.
    pub postgres: PathBuf,
    /// The program nats-server 2.15.1.
    pub nats_server: PathBuf,
    /// Directory for `PYTHONPATH` that holds aiosmtpd, which the mail catcher needs.
    pub mail_libraries: PathBuf,
}

impl Tools {
    /// Looks into `PORTICO_CACHE`, else `$XDG_CACHE_HOME/portico`, else `$HOME/.cache/portico`.
    ///
    /// # Errors
    /// When a program is missing; the text says what to run.
    pub fn locate() -> Result<Self, Error> {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let cache = match (variable("PORTICO_CACHE"), variable("XDG_CACHE_HOME"), variable("HOME")) {
            (Some(cache), _, _) => PathBuf::from(cache),
            (None, Some(caches), _) => Path::new(&caches).join("portico"),
            (None, None, Some(home)) => Path::new(&home).join(".cache/portico"),
            (None, None, None) => {
                return Err(Error::new(
                    "neither PORTICO_CACHE nor HOME is set, so the servers' programs cannot be found",
                ));
            }
        };
        let find = |what: &str, path: &str| {
            // Resolved, because fetch-tools may have put a link here to a place that Postgres can reach.
            fs::canonicalize(cache.join(path))
                .map_err(|_| Error::new(format!("{what} is not in {}; run scripts/fetch-tools first", cache.display())))
        };
        find("Postgres 18.6", "pg-18.6/bin/postgres")?;
        find("aiosmtpd 1.4.6", "aiosmtpd-1.4.6/aiosmtpd")?;
        Ok(Self {
            postgres: find("Postgres 18.6", "pg-18.6/bin")?,
            nats_server: find("nats-server 2.15.1", "nats-2.15.1/nats-server")?,
            mail_libraries: find("aiosmtpd 1.4.6", "aiosmtpd-1.4.6")?,
        })
    }
}

/// What happens to a child when this process dies before it stopped the child itself.
#[derive(Clone, Copy, Debug)]
pub(super) enum AtOurDeath {
    /// SIGKILL: the child has nothing to tidy up.
    Kill,
    /// SIGQUIT: Postgres ends at once but gives its shared memory back.
    Quit,
}

/// How to start a program: see [`Program::start`].
#[derive(Debug)]
pub(super) struct Launch {
    pub(super) program: PathBuf,
    pub(super) arguments: Vec<OsString>,
    pub(super) environment: Vec<(OsString, OsString)>,
    /// Standard output and error are appended here.
    pub(super) log: PathBuf,
    /// User and group id to run under; `None` is our own. Only root may name one.
    pub(super) user: Option<(u32, u32)>,
    pub(super) at_our_death: AtOurDeath,
}

/// A running child process, leader of a process group of its own so that a Ctrl-C in the terminal does not reach it.
/// It is killed when the value is dropped and when this process dies.
#[derive(Debug)]
pub(super) struct Program {
    child: Child,
    name: String,
    log: PathBuf,
    ended: Option<ExitStatus>,
}

impl Program {
    /// Starts the program; it may still fail a moment later, so watch [`Program::failure`] while waiting for it.
    pub(super) async fn start(launch: Launch) -> Result<Self, Error> {
        let name = launch.program.file_name().unwrap_or(launch.program.as_os_str()).to_string_lossy().into_owned();
        let log = open_log(&launch.log)?;
        let errors = log.try_clone().map_err(|error| Error::io("duplicate a log's handle", error))?;
        let mut command = Command::new("setpriv");
        match launch.at_our_death {
            AtOurDeath::Kill => command.arg("--pdeathsig=KILL"),
            AtOurDeath::Quit => command.arg("--pdeathsig=QUIT"),
        };
        if let Some((user, group)) = launch.user {
            command.arg(format!("--reuid={user}")).arg(format!("--regid={group}")).arg("--clear-groups");
        }
        command
            .arg("--")
            .arg(&launch.program)
            .args(&launch.arguments)
            .envs(launch.environment)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .process_group(0);
        let (answer, child) = tokio::sync::oneshot::channel();
        starter().send((command, answer)).map_err(|_| Error::new("the thread that starts processes has ended"))?;
        let child =
            child.await.map_err(|_| Error::new("the thread that starts processes has ended"))?.map_err(|error| {
                match error.kind() {
                    std::io::ErrorKind::NotFound => Error::new("setpriv is missing (package util-linux)"),
                    _ => Error::io(format!("start {name}"), error),
                }
            })?;
        Ok(Self { child, name, log: launch.log, ended: None })
    }

    /// The process id, which stays the same through `setpriv`.
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// How the program ended, if it has.
    pub(super) fn ended(&mut self) -> Option<ExitStatus> {
        if self.ended.is_none() {
            self.ended = self.child.try_wait().ok().flatten();
        }
        self.ended
    }

    /// An error with the log's last telling line if the program has ended, which it should not have.
    pub(super) fn failure(&mut self) -> Option<Error> {
        let status = self.ended()?;
        Some(Error::new(format!(
            "{} ended ({status}): {} (log: {})",
            self.name,
            last_telling_line(&self.log),
            self.log.display()
        )))
    }

    /// Waits at most `limit` for the end; true if it came.
    pub(super) async fn wait(&mut self, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        while self.ended().is_none() {
            if Instant::now() >= deadline {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        true
    }

    /// As [`Program::wait`], for `Drop`, which cannot await.
    pub(super) fn wait_blocking(&mut self, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        while self.ended().is_none() {
            if Instant::now() >= deadline {
                return false;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        true
    }

    /// Sends a signal (`QUIT`, `STOP`, …) to the program itself unless it has ended.
    pub(super) fn signal(&mut self, signal: &str) {
        if self.ended().is_none() {
            signal_processes(signal, &[self.pid()]);
        }
    }

    /// SIGKILL to the program and everything it started; returns the ids so that the caller can wait for them.
    ///
    /// Not only the process group: the workers of Postgres are leaders of groups of their own.
    pub(super) fn kill_family(&mut self) -> Vec<u32> {
        if self.ended().is_some() {
            return Vec::new();
        }
        // Stopped first, so that it starts nothing between our look and the kill.
        signal_processes("STOP", &[self.pid()]);
        let family = family_of(self.pid());
        signal_processes("KILL", &family);
        family
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if self.ended().is_none() {
            self.kill_family();
            self.wait_blocking(Duration::from_secs(5));
        }
    }
}

type StartRequest = (Command, tokio::sync::oneshot::Sender<std::io::Result<Child>>);

/// The one thread that starts all children. Linux sends the parent-death signal when the *thread* that started the
/// child ends, and the threads of tests and of tokio end long before the process does.
fn starter() -> &'static mpsc::Sender<StartRequest> {
    static STARTER: OnceLock<mpsc::Sender<StartRequest>> = OnceLock::new();
    STARTER.get_or_init(|| {
        let (sender, receiver) = mpsc::channel::<StartRequest>();
        std::thread::Builder::new()
            .name("start-servers".into())
            .spawn(move || {
                for (mut command, answer) in receiver {
                    // If nobody waits for the answer any more, the child must not live on unowned.
                    if let Err(Ok(mut child)) = answer.send(command.spawn()) {
                        child.kill().ok();
                        child.wait().ok();
                    }
                }
            })
            .expect("a process can always start its second thread");
        sender
    })
}

/// A port on 127.0.0.1 that nobody listens on. Taken from below the range that the kernel gives to outgoing
/// connections, so that a server which was killed finds it free when it comes back. No port is given twice by one process:
/// who asked for one may not listen on it yet when the next one asks.
pub(super) fn free_port() -> Result<u16, Error> {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    for attempt in 0_u32..200 {
        let random = RandomState::new().hash_one(attempt);
        let port = 20_000 + u16::try_from(random % 12_000).expect("a remainder below 12,000 fits");
        let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
        if !given.contains(&port) && TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            given.insert(port);
            return Ok(port);
        }
    }
    Err(Error::new("no free port between 20000 and 32000 on 127.0.0.1"))
}

/// Fails with one clear line when somebody listens on the port.
pub(super) fn require_free_port(port: u16, what: &str) -> Result<(), Error> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .map(drop)
        .map_err(|error| Error::new(format!("port {port} of 127.0.0.1, wanted for {what}, cannot be used: {error}")))
}

/// Opens a log for appending; one that has grown beyond 16 MiB begins anew.
pub(super) fn open_log(path: &Path) -> Result<File, Error> {
    let failed = |error| Error::io(format!("write {}", path.display()), error);
    if fs::metadata(path).is_ok_and(|metadata| metadata.len() > 16 << 20) {
        fs::remove_file(path).map_err(failed)?;
    }
    OpenOptions::new().append(true).create(true).mode(0o600).open(path).map_err(failed)
}

/// The last line of a log that tells of an error, else its last line.
pub(super) fn last_telling_line(log: &Path) -> String {
    let text = fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let telling = |line: &&str| ["FATAL", "FTL", "ERR", "rror:"].iter().any(|mark| line.contains(mark));
    let lines = || text.lines().rev().filter(|line| !line.trim().is_empty()).take(50);
    lines().find(telling).or_else(|| lines().next()).unwrap_or("it said nothing").trim().to_owned()
}

/// One HTTP request to a server on 127.0.0.1, with a limit of two seconds; returns status and body.
pub(super) async fn http(port: u16, method: &str, path: &str, body: &str) -> Result<(u16, Vec<u8>), Error> {
    let failed = |error| Error::io(format!("ask http://127.0.0.1:{port}{path}"), error);
    let exchange = async {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
        let head = format!(
            "{method} {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok(answer)
    };
    let answer = tokio::time::timeout(Duration::from_secs(2), exchange)
        .await
        .unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()))
        .map_err(failed)?;
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n");
    let status = answer.get(9..12).and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
    match (status, end) {
        (Some(status), Some(end)) => Ok((status, answer[end + 4..].to_vec())),
        _ => Err(Error::new(format!("http://127.0.0.1:{port}{path} did not answer in HTTP"))),
    }
}

#[cfg(test)]
mod tests;
