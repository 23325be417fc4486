//! A private SMTP server that keeps every mail in a directory and shows it on a page, and can be told to misbehave.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::servers::{AtOurDeath, Launch, Program, Tools, free_port, http, require_free_port};
use crate::host::{Error, absolute, create_private_directory, random_password, write_private};

/// The catcher is a small Python program; it travels inside this binary and is written out before each start.
const PROGRAM: &str = include_str!("../../../../scripts/mailcatcher.py");

/// How long a start may take.
const START_LIMIT: Duration = Duration::from_secs(30);

/// What [`MailCatcher::start`] needs to know.
#[derive(Clone, Debug)]
pub struct MailOptions {
    /// Where its library is.
    pub tools: Tools,
    /// Holds the mails (`messages/*.eml`) and the log; made when missing.
    pub directory: PathBuf,
    /// SMTP port on 127.0.0.1; `None` picks a free one, which stays the same across [`MailCatcher::start_again`].
    pub smtp_port: Option<u16>,
    /// Port of the page on 127.0.0.1; `None` picks a free one likewise.
    pub web_port: Option<u16>,
}

/// A mail as it was caught.
#[derive(Clone, Debug, Deserialize)]
pub struct CaughtMail {
    /// Name of its file without `.eml`; sorts by arrival.
    pub id: String,
    /// Sender of the envelope.
    pub from: String,
    /// Recipients of the envelope.
    pub to: Vec<String>,
    /// Subject, decoded.
    pub subject: String,
    /// The plain text part, or nothing.
    pub text: String,
    /// The HTML part, or nothing.
    pub html: String,
    /// All headers, decoded; of a repeated one the values are joined by line breaks.
    pub headers: BTreeMap<String, String>,
    /// Time of arrival, RFC 3339 in UTC.
    pub received_at: String,
}

/// How the catcher answers.
#[derive(Clone, Debug, Serialize)]
pub struct MailMode {
    /// `250` accepts, `451` refuses for now, `550` refuses for good.
    pub reply: &'static str,
    /// Where the answer applies: `connect`, `rcpt`, `data`, or `utf8`: everything but `250` there means that the server
    /// does not offer SMTPUTF8.
    pub when: &'static str,
    /// Seconds to wait before the answer. At `data` the mail has been received and, with `250`, kept before the wait.
    pub hang_seconds: u32,
    /// After how many uses the catcher is normal again; `None` is never.
    pub count: Option<u32>,
}

/// A running (or killed) mail catcher that listens on 127.0.0.1 only. Ends when dropped.
#[derive(Debug)]
pub struct MailCatcher {
    options: MailOptions,
    smtp_port: u16,
    web_port: u16,
    /// First part of every path on the web port: any user of this machine can connect to it, and mails hold links.
    key: String,
    program: Option<Program>,
}

impl MailCatcher {
    /// Starts the catcher and waits until both ports answer.
    ///
    /// # Errors
    /// When python3, the library, the directory or a port cannot be used.
    pub async fn start(options: MailOptions) -> Result<Self, Error> {
        create_private_directory(&options.directory, false)?;
        let directory = absolute(&options.directory)?;
        let mut catcher = Self {
            smtp_port: options.smtp_port.unwrap_or_default(),
            web_port: options.web_port.unwrap_or_default(),
            key: random_password()?,
            options: MailOptions { directory, ..options },
            program: None,
        };
        catcher.launch().await?;
        Ok(catcher)
    }

    /// For `PORTICO_SMTP_URL`.
    pub fn smtp_url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.smtp_port)
    }

    /// The page for people. Whoever knows the address sees the mails, nobody else.
    pub fn web_url(&self) -> String {
        format!("http://127.0.0.1:{}/{}", self.web_port, self.key)
    }

    /// SMTP port on 127.0.0.1.
    pub fn smtp_port(&self) -> u16 {
        self.smtp_port
    }

    /// Process id; `None` after [`MailCatcher::kill`].
    pub fn pid(&self) -> Option<u32> {
        self.program.as_ref().map(Program::pid)
    }

    /// Whether the catcher's process has ended without being asked.
    pub fn failure(&mut self) -> Option<Error> {
        self.program.as_mut().and_then(Program::failure)
    }

    /// All mails in the order of arrival.
    ///
    /// # Errors
    /// When the catcher does not answer.
    pub async fn messages(&self) -> Result<Vec<CaughtMail>, Error> {
        let body = self.ask("GET", "/messages", "").await?;
        serde_json::from_slice(&body)
            .map_err(|error| Error::new(format!("the mail catcher's list is unreadable: {error}")))
    }

    /// Forgets all mails.
    ///
    /// # Errors
    /// When the catcher does not answer.
    pub async fn clear(&self) -> Result<(), Error> {
        self.ask("DELETE", "/messages", "").await.map(drop)
    }

    /// Changes how the catcher answers from now on; `None` makes it normal again. Forgotten at a restart.
    ///
    /// # Errors
    /// When the catcher does not answer or does not know the mode.
    pub async fn misbehave(&self, mode: Option<&MailMode>) -> Result<(), Error> {
        let body = serde_json::to_string(&mode).expect("a mode is plain text and numbers");
        self.ask("POST", "/mode", &body).await.map(drop)
    }

    /// SIGKILL; returns when the process is gone. The mails stay.
    pub async fn kill(&mut self) {
        if let Some(mut program) = self.program.take() {
            program.kill_family();
            program.wait(Duration::from_secs(10)).await;
        }
    }

    /// Starts the catcher again on the same ports and directory.
    ///
    /// # Errors
    /// As [`MailCatcher::start`].
    pub async fn start_again(&mut self) -> Result<(), Error> {
        self.kill().await;
        self.launch().await
    }

    async fn ask(&self, method: &str, path: &str, body: &str) -> Result<Vec<u8>, Error> {
        match http(self.web_port, method, &format!("/{}{path}", self.key), body).await? {
            (200 | 204, answer) => Ok(answer),
            (status, answer) => Err(Error::new(format!(
                "the mail catcher answered {method} {path} with {status}: {}",
                String::from_utf8_lossy(&answer)
            ))),
        }
    }

    async fn launch(&mut self) -> Result<(), Error> {
        for port in [&mut self.smtp_port, &mut self.web_port] {
            if *port == 0 {
                *port = free_port()?;
            } else {
                require_free_port(*port, "the mail catcher")?;
            }
        }
        let program = self.options.directory.join("mailcatcher.py");
        write_private(&program, PROGRAM)?;
        let mut program = Program::start(Launch {
            program: "python3".into(),
            arguments: vec![
                program.into(),
                "--directory".into(),
                self.options.directory.join("messages").into(),
                "--smtp-port".into(),
                self.smtp_port.to_string().into(),
                "--web-port".into(),
                self.web_port.to_string().into(),
            ],
            environment: vec![
                ("PYTHONPATH".into(), self.options.tools.mail_libraries.clone().into()),
                ("PYTHONDONTWRITEBYTECODE".into(), "1".into()),
                // Not an argument: those are for all to see.
                ("MAILCATCHER_KEY".into(), self.key.clone().into()),
            ],
            log: self.options.directory.join("mailcatcher.log"),
            user: None,
            at_our_death: AtOurDeath::Kill,
        })
        .await?;
        let deadline = Instant::now() + START_LIMIT;
        // The page opens after the SMTP port.
        while !matches!(http(self.web_port, "GET", &format!("/{}/mode", self.key), "").await, Ok((200, _))) {
            if let Some(failure) = program.failure() {
                return Err(failure);
            }
            if Instant::now() >= deadline {
                return Err(Error::new("the mail catcher did not become ready within 30 seconds"));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        self.program = Some(program);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
