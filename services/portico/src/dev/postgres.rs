//! A private Postgres in one directory: made on first use, started, stopped, killed and started again.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::servers::{AtOurDeath, Launch, Program, Tools, free_port, require_free_port};
use crate::host::{
    Error, absolute, create_directory, create_private_directory, first_closed_directory, is_running, own_user,
    random_password, write_private,
};

/// The superuser of every private Postgres; it owns what migrations make.
pub const OWNER: &str = "portico_owner";

/// Postgres refuses to run as root; as root we run it under this user and group id ("nobody" on most systems).
const SUBSTITUTE: u32 = 65534;

/// Where the cluster goes when root's directory is closed to the substitute user.
const OPEN_STATE: &str = "/var/lib/portico-dev";

/// How long a start may take, crash recovery included.
const START_LIMIT: Duration = Duration::from_secs(60);

/// How long a fast shutdown may take before the server is killed.
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// What [`Postgres::start`] needs to know.
#[derive(Clone, Debug)]
pub struct PostgresOptions {
    /// Where the programs are.
    pub tools: Tools,
    /// Holds the cluster, the owner's password and the log; made when missing, one server at a time.
    pub directory: PathBuf,
    /// Port on 127.0.0.1; `None` picks a free one, which stays the same across [`Postgres::start_again`].
    pub port: Option<u16>,
    /// Settings of `postgresql.conf`, in effect until the next start. Later ones win over ours.
    pub settings: Vec<(String, String)>,
    /// False turns fsync, synchronous_commit and full_page_writes off: faster, but a kill may lose what was committed.
    pub durable: bool,
}

/// A running (or killed) private Postgres that listens on 127.0.0.1 only, by password only. Ends when dropped.
#[derive(Debug)]
pub struct Postgres {
    options: PostgresOptions,
    port: u16,
    password: String,
    cluster: PathBuf,
    user: Option<(u32, u32)>,
    program: Option<Program>,
}

impl Postgres {
    /// Makes the cluster if there is none, starts the server and waits until it accepts connections.
    ///
    /// # Errors
    /// When a program, a directory or the port cannot be used, another server runs on the directory, or the server
    /// does not become ready within a minute.
    pub async fn start(options: PostgresOptions) -> Result<Self, Error> {
        create_directory(&options.directory)?;
        let directory = absolute(&options.directory)?;
        let options = PostgresOptions { directory, ..options };
        let cluster = options.directory.join("cluster");
        let user = run_as(&cluster)?;
        create_private_directory(&options.directory, user.is_some())?;
        if user.is_some()
            && let Some(closed) = first_closed_directory(&options.tools.postgres)
        {
            return Err(Error::new(format!(
                "Postgres does not run as root, and other users cannot pass {} to its programs; run scripts/fetch-tools again",
                closed.display()
            )));
        }
        let (cluster, password) = match fs::symlink_metadata(&cluster) {
            Ok(_) => existing(&options.directory, &cluster)?,
            Err(_) => create_cluster(&options, user).await?,
        };
        let mut postgres =
            Self { port: options.port.unwrap_or_default(), options, password, cluster, user, program: None };
        postgres.launch().await?;
        Ok(postgres)
    }

    /// Connection string of the owner to the database `postgres`.
    pub fn url(&self) -> String {
        self.url_of(OWNER, &self.password, "postgres")
    }

    /// Connection string of any role to any database of this server.
    pub fn url_of(&self, role: &str, password: &str, database: &str) -> String {
        format!("postgres://{role}:{password}@127.0.0.1:{}/{database}", self.port)
    }

    /// The owner's password.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// Port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Process id of the postmaster; `None` after [`Postgres::kill`] or [`Postgres::stop`].
    pub fn pid(&self) -> Option<u32> {
        self.program.as_ref().map(Program::pid)
    }

    /// Whether the server's process has ended without being asked.
    pub fn failure(&mut self) -> Option<Error> {
        self.program.as_mut().and_then(Program::failure)
    }

    /// SIGKILL to the postmaster and all its workers, as a power cut would do; returns when all are gone.
    pub async fn kill(&mut self) {
        let Some(mut program) = self.program.take() else {
            return;
        };
        let family = program.kill_family();
        program.wait(Duration::from_secs(10)).await;
        let deadline = Instant::now() + Duration::from_secs(10);
        // A worker that still lives holds the shared memory, and the next start would be refused.
        while family.iter().any(|pid| is_running(*pid)) && Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// SIGSTOP to the postmaster only: no new connection is accepted, those that exist go on.
    pub fn pause(&mut self) {
        if let Some(program) = &mut self.program {
            program.signal("STOP");
        }
    }

    /// Undoes [`Postgres::pause`].
    pub fn resume(&mut self) {
        if let Some(program) = &mut self.program {
            program.signal("CONT");
        }
    }

    /// Fast shutdown: connections are closed, everything is written. Killed after 30 s.
    pub async fn stop(&mut self) {
        let Some(program) = &mut self.program else {
            return;
        };
        program.signal("INT");
        if program.wait(STOP_LIMIT).await {
            self.program = None;
        } else {
            self.kill().await;
        }
    }

    /// Starts the server again on the same port and cluster after [`Postgres::kill`] or [`Postgres::stop`].
    ///
    /// # Errors
    /// As [`Postgres::start`].
    pub async fn start_again(&mut self) -> Result<(), Error> {
        self.stop().await;
        self.launch().await
    }

    async fn launch(&mut self) -> Result<(), Error> {
        remove_stale_lock(&self.cluster).await?;
        let chosen = self.port == 0;
        for attempt in 1.. {
            if chosen {
                self.port = free_port()?;
            } else {
                require_free_port(self.port, "Postgres")?;
            }
            let mut program = Program::start(Launch {
                program: self.options.tools.postgres.join("postgres"),
                arguments: self.arguments(),
                // What a replica receives its primary's changes with looks for its library where the programs were built.
                environment: vec![("LD_LIBRARY_PATH".into(), self.options.tools.postgres.join("../lib").into())],
                log: self.options.directory.join("postgres.log"),
                user: self.user,
                at_our_death: AtOurDeath::Quit,
            })
            .await?;
            match wait_until_ready(&mut program, &self.cluster).await {
                Ok(()) => {
                    self.program = Some(program);
                    return Ok(());
                }
                // Somebody else took the port between our look and the start.
                Err(_) if chosen && attempt < 3 && program.ended().is_some() => {}
                Err(error) => return Err(error),
            }
        }
        unreachable!("the loop ends by returning")
    }

    fn arguments(&self) -> Vec<OsString> {
        let mut settings = vec![
            ("listen_addresses".to_owned(), "127.0.0.1".to_owned()),
            ("port".to_owned(), self.port.to_string()),
            // No socket file: its path has a limit of 107 bytes, and the loopback address serves.
            ("unix_socket_directories".to_owned(), String::new()),
            ("log_checkpoints".to_owned(), "off".to_owned()),
            ("log_timezone".to_owned(), "UTC".to_owned()),
            ("timezone".to_owned(), "UTC".to_owned()),
        ];
        if !self.options.durable {
            for name in ["fsync", "synchronous_commit", "full_page_writes"] {
                settings.push((name.to_owned(), "off".to_owned()));
            }
        }
        settings.extend(self.options.settings.iter().cloned());
        let mut arguments = vec![OsString::from("-D"), self.cluster.clone().into_os_string()];
        for (name, value) in settings {
            arguments.push("-c".into());
            arguments.push(format!("{name}={value}").into());
        }
        arguments
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(program) = &mut self.program {
            // Immediate shutdown gives the shared memory back, which a kill would leave behind for ever.
            program.signal("CONT");
            program.signal("QUIT");
            program.wait_blocking(Duration::from_secs(3));
        }
    }
}

/// The user to run under: as root the owner of an existing cluster or the substitute, else ourselves.
fn run_as(cluster: &Path) -> Result<Option<(u32, u32)>, Error> {
    let us = own_user()?;
    let owner = fs::metadata(cluster).ok().map(|metadata| (metadata.uid(), metadata.gid()));
    match (us, owner) {
        (0, Some((user, group))) if user != 0 => Ok(Some((user, group))),
        (0, _) => Ok(Some((SUBSTITUTE, SUBSTITUTE))),
        (us, Some((user, _))) if user != us => Err(Error::new(format!(
            "{} belongs to user id {user}, probably because root made it; start as root, or remove {}",
            cluster.display(),
            cluster.parent().unwrap_or(cluster).display()
        ))),
        _ => Ok(None),
    }
}

/// The real path of a cluster that was made before, and its owner's password.
fn existing(directory: &Path, cluster: &Path) -> Result<(PathBuf, String), Error> {
    let broken =
        |what: &str| Error::new(format!("{what}; remove {} to begin with an empty database", directory.display()));
    let real = absolute(cluster).map_err(|_| broken(&format!("{} leads nowhere", cluster.display())))?;
    let password = fs::read_to_string(directory.join("password"))
        .map_err(|_| broken(&format!("the password of {OWNER} is missing")))?;
    let version = fs::read_to_string(real.join("PG_VERSION"))
        .map_err(|_| broken(&format!("{} is not a database cluster", real.display())))?;
    if version.trim() != "18" {
        return Err(broken(&format!("the cluster is of Postgres {}, not 18", version.trim())));
    }
    Ok((real, password.trim().to_owned()))
}

/// Runs initdb in a directory beside and renames it, so that a cluster is there whole or not at all.
async fn create_cluster(options: &PostgresOptions, user: Option<(u32, u32)>) -> Result<(PathBuf, String), Error> {
    let directory = &options.directory;
    let cluster = directory.join("cluster");
    let home = match user {
        Some(_) if first_closed_directory(directory).is_some() => Some(open_home(&cluster)?),
        _ => None,
    };
    let fresh = home.as_ref().unwrap_or(directory).join("cluster.new");
    remove_tree(&fresh)?;
    create_directory(&fresh)?;
    let given_password = fresh.with_file_name("owner-password");
    let password = random_password()?;
    write_private(&given_password, &password)?;
    if let Some((user, group)) = user {
        for path in [&fresh, &given_password] {
            chown(path, Some(user), Some(group))
                .map_err(|error| Error::io(format!("give {} to user {user}", path.display()), error))?;
        }
    }
    let mut arguments: Vec<OsString> =
        vec!["--pgdata".into(), fresh.clone().into(), "--pwfile".into(), given_password.clone().into()];
    for fixed in ["--auth=scram-sha-256", "--encoding=UTF8", "--no-instructions"] {
        arguments.push(fixed.into());
    }
    // The same order of text on every machine, whatever languages the machine has installed.
    arguments.extend(["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"].map(OsString::from));
    arguments.push(format!("--username={OWNER}").into());
    if !options.durable {
        arguments.push("--no-sync".into());
    }
    let mut program = Program::start(Launch {
        program: options.tools.postgres.join("initdb"),
        arguments,
        environment: Vec::new(),
        log: directory.join("initdb.log"),
        user,
        at_our_death: AtOurDeath::Kill,
    })
    .await?;
    program.wait(START_LIMIT).await;
    fs::remove_file(&given_password).ok();
    match (program.ended(), program.failure()) {
        (Some(status), _) if status.success() => {}
        (_, Some(failure)) => return Err(failure),
        (_, None) => return Err(Error::new("initdb did not end within a minute")),
    }
    write_private(&directory.join("password"), &password)?;
    let finished = fresh.with_file_name("cluster");
    fs::rename(&fresh, &finished).map_err(|error| Error::io(format!("rename {}", fresh.display()), error))?;
    if finished != cluster {
        symlink(&finished, &cluster).map_err(|error| Error::io(format!("link {}", cluster.display()), error))?;
    }
    Ok((absolute(&cluster)?, password))
}

/// A directory of ours that the substitute user can reach, for a cluster whose own place he cannot; removes those whose
/// place has been deleted since.
fn open_home(cluster: &Path) -> Result<PathBuf, Error> {
    create_directory(Path::new(OPEN_STATE))?;
    for old in fs::read_dir(OPEN_STATE).into_iter().flatten().flatten() {
        let old = old.path();
        let Ok(place) = fs::read_to_string(old.join("place")) else {
            continue;
        };
        let finished = old.join("cluster");
        let in_use = finished.join("postmaster.pid").exists() || !finished.exists();
        if !in_use && fs::read_link(place.trim()).ok().as_deref() != Some(finished.as_path()) {
            remove_tree(&old)?;
        }
    }
    let home = Path::new(OPEN_STATE).join(&random_password()?[..12]);
    create_directory(&home)?;
    fs::set_permissions(&home, fs::Permissions::from_mode(0o711))
        .map_err(|error| Error::io(format!("open {}", home.display()), error))?;
    write_private(&home.join("place"), &cluster.to_string_lossy())?;
    if let Some(closed) = first_closed_directory(&home) {
        return Err(Error::new(format!(
            "Postgres does not run as root, and other users cannot pass {}; use a directory that they can reach",
            closed.display()
        )));
    }
    Ok(home)
}

fn remove_tree(path: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::io(format!("remove {}", path.display()), error))
        }
        _ => Ok(()),
    }
}

/// After a kill `postmaster.pid` names a process that is gone or, worse, another one with the same number. Removes it
/// unless a server really runs on this cluster; one whose parent just died gets five seconds to end.
async fn remove_stale_lock(cluster: &Path) -> Result<(), Error> {
    let lock = cluster.join("postmaster.pid");
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let Ok(text) = fs::read_to_string(&lock) else {
            return Ok(());
        };
        let pid: Option<u32> = text.lines().next().and_then(|line| line.trim().parse().ok());
        // A server's working directory is its cluster.
        let runs_here =
            |pid: u32| is_running(pid) && fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|place| place == cluster);
        match pid {
            Some(pid) if runs_here(pid) => {
                if Instant::now() >= deadline {
                    return Err(Error::new(format!(
                        "another Postgres (process {pid}) already runs on {}; stop it first",
                        cluster.display()
                    )));
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            _ => {
                return fs::remove_file(&lock).map_err(|error| Error::io(format!("remove {}", lock.display()), error));
            }
        }
    }
}

/// The server writes its state into the last line of `postmaster.pid`, as `pg_ctl` reads it too.
async fn wait_until_ready(program: &mut Program, cluster: &Path) -> Result<(), Error> {
    let deadline = Instant::now() + START_LIMIT;
    loop {
        let text = fs::read_to_string(cluster.join("postmaster.pid")).unwrap_or_default();
        let ours = text.lines().next().and_then(|line| line.trim().parse().ok()) == Some(program.pid());
        if ours && text.lines().nth(7).map(str::trim) == Some("ready") {
            return Ok(());
        }
        if let Some(failure) = program.failure() {
            return Err(failure);
        }
        if Instant::now() >= deadline {
            return Err(Error::new("Postgres did not become ready within a minute"));
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[cfg(test)]
mod tests;
