//! This machine, for the servers that we run on it and the files that they read: private files and directories, processes
//! and their signals, passwords.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Why something could not be done on this machine: a file written, a server started or asked. Its text is one line for people.
#[derive(Debug)]
pub struct Error {
    message: String,
    source: Option<std::io::Error>,
}

impl Error {
    /// An error that is fully described by `message`.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), source: None }
    }

    /// An error of the operating system, with what was being tried (`create /x`).
    pub fn io(tried: impl fmt::Display, source: std::io::Error) -> Self {
        Self { message: format!("cannot {tried}: {source}"), source: Some(source) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source as &(dyn std::error::Error + 'static))
    }
}

/// 32 random bytes as text that is safe in URLs and configuration files.
pub(crate) fn random_password() -> Result<String, Error> {
    let mut bytes = [0_u8; 32];
    ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut bytes)
        .map_err(|_| Error::new("the system gives no random bytes"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// Creates a directory and its parents; errors name it.
pub(crate) fn create_directory(path: &Path) -> Result<(), Error> {
    fs::create_dir_all(path).map_err(|error| Error::io(format!("create {}", path.display()), error))
}

/// Creates a directory, or takes one that is there, and closes it to all other users of this machine: what the private
/// servers keep (mails with links, logs, stores) is nobody else's, whatever modes they give their files. `passable` lets a
/// server that runs as another user through to what is its own below; nobody can list or read anything then either.
pub(crate) fn create_private_directory(path: &Path, passable: bool) -> Result<(), Error> {
    create_directory(path)?;
    let mode = if passable { 0o711 } else { 0o700 };
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .map_err(|error| Error::io(format!("close {} to others", path.display()), error))
}

/// The absolute, link-free form of a directory that exists.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf, Error> {
    fs::canonicalize(path).map_err(|error| Error::io(format!("find {}", path.display()), error))
}

/// Writes a file that only its owner can read, whole or not at all.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<(), Error> {
    let failed = |error| Error::io(format!("write {}", path.display()), error);
    let fresh = path.with_extension("new");
    fs::remove_file(&fresh).ok();
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh).map_err(failed)?;
    std::io::Write::write_all(&mut file, text.as_bytes()).map_err(failed)?;
    file.sync_all().map_err(failed)?;
    fs::rename(&fresh, path).map_err(failed)
}

/// Our effective user id.
pub(crate) fn own_user() -> Result<u32, Error> {
    fs::metadata("/proc/self").map(|metadata| metadata.uid()).map_err(|error| Error::io("read /proc/self", error))
}

/// The nearest directory above `path`, or `path` itself, that a stranger may not pass; `None` if all are open.
pub(crate) fn first_closed_directory(path: &Path) -> Option<PathBuf> {
    let whole = fs::canonicalize(path).ok()?;
    let closed = |directory: &&Path| {
        fs::metadata(directory).is_ok_and(|metadata| metadata.is_dir() && metadata.permissions().mode() & 0o001 == 0)
    };
    whole.ancestors().filter(closed).last().map(Path::to_path_buf)
}

/// Sends a signal to processes that may be gone already. The shell's own `kill` is there on every system.
pub(crate) fn signal_processes(signal: &str, processes: &[u32]) {
    if processes.is_empty() {
        return;
    }
    let numbers: Vec<String> = processes.iter().map(u32::to_string).collect();
    Command::new("sh")
        .args(["-c", &format!("kill -s {signal} {} 2>/dev/null", numbers.join(" "))])
        .stdin(Stdio::null())
        .status()
        .ok();
}

/// The process and all its descendants.
pub(crate) fn family_of(pid: u32) -> Vec<u32> {
    let mut parents: Vec<(u32, u32)> = Vec::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(child) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        if let Some((_, parent)) = state_and_parent(child) {
            parents.push((child, parent));
        }
    }
    let mut family = vec![pid];
    let mut next = 0;
    while next < family.len() {
        let member = family[next];
        family.extend(parents.iter().filter(|(_, parent)| *parent == member).map(|(child, _)| *child));
        next += 1;
    }
    family
}

/// Whether a process still runs; one that only waits to be reaped does not.
pub(crate) fn is_running(pid: u32) -> bool {
    state_and_parent(pid).is_some_and(|(state, _)| !matches!(state, 'Z' | 'X'))
}

/// State letter and parent from `/proc/<pid>/stat`, whose second field is the name in parentheses.
fn state_and_parent(pid: u32) -> Option<(char, u32)> {
    let line = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut fields = line.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?.chars().next()?;
    Some((state, fields.next()?.parse().ok()?))
}

/// A directory for one test, removed at its end.
#[cfg(test)]
pub(crate) struct TestDirectory(pub(crate) PathBuf);

#[cfg(test)]
impl TestDirectory {
    pub(crate) fn new() -> Self {
        let name = format!("portico-test-{}", &random_password().expect("random bytes")[..12]);
        let path = std::env::temp_dir().join(name);
        create_directory(&path).expect("a directory for the test");
        Self(path)
    }
}

#[cfg(test)]
impl Drop for TestDirectory {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

#[cfg(test)]
mod tests;
