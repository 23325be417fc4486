//! The conversation with the mail server, in steps, so that what is certain and what is not can be told apart.
//!
//! [`Connection::open`] (connect, EHLO, TLS, AUTH) and [`Connection::offer`] (MAIL, RCPT) send nothing of the message.
//! [`Connection::deliver`] (DATA) does: if no reply comes after the text began to go out, nobody knows whether the
//! server took it.

mod account;
mod address;
mod envelope;
mod headers;

pub use account::{Account, AccountError, Security};
pub(crate) use address::is_address;
pub use envelope::{Envelope, EnvelopeError, Marks, envelope};

use lettre::{
    Address,
    transport::smtp::{
        authentication::DEFAULT_MECHANISMS,
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Mail, Quit, Rcpt, Rset},
        extension::{ClientId, Extension, MailBodyParameter, MailParameter},
    },
};
use std::{future::Future, time::Duration};
use tokio::net::TcpStream;

/// How long a step may take.
const STEP: Duration = Duration::from_secs(30);
/// How long the server may take to answer once it has the text: some look at it before they answer.
const TEXT: Duration = Duration::from_secs(120);

/// What the server said, without its words: those may hold addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Three digits.
    pub code: u16,
    /// `5.1.1`, when it gave one.
    pub enhanced: Option<String>,
}

impl std::fmt::Display for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.code)?;
        self.enhanced.as_ref().map_or(Ok(()), |e| write!(f, " {e}"))
    }
}

/// Why a step failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The server refused.
    #[error("{0}")]
    Refused(Reply),
    /// The connection broke, or no answer came in time.
    #[error("{0}")]
    Broken(String),
    /// The server can't do what the message needs; trying again can't help.
    #[error("{0}")]
    Unable(&'static str),
}

impl From<lettre::transport::smtp::Error> for Failure {
    fn from(error: lettre::transport::smtp::Error) -> Failure {
        use std::error::Error;
        match error.status() {
            Some(code) => {
                let words = error.source().map(ToString::to_string).unwrap_or_default();
                Failure::Refused(Reply { code: code.into(), enhanced: enhanced(&words) })
            }
            None => Failure::Broken(kind(&error).to_owned()),
        }
    }
}

/// What broke, in words that hold no address.
fn kind(error: &lettre::transport::smtp::Error) -> &'static str {
    if error.is_timeout() {
        "no answer in time"
    } else if error.is_tls() {
        "TLS failed"
    } else if error.is_client() {
        "no common way to sign in"
    } else if error.is_response() {
        "an answer that is none"
    } else {
        "the connection broke"
    }
}

/// The enhanced status code at the start of a reply's words.
fn enhanced(words: &str) -> Option<String> {
    let word = words.split_whitespace().next()?;
    let parts: Vec<&str> = word.split('.').collect();
    let digits = |p: &&str| (1..=3).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit());
    (parts.len() == 3 && parts.iter().all(digits)).then(|| word.to_owned())
}

async fn within<T>(
    limit: Duration,
    step: impl Future<Output = Result<T, lettre::transport::smtp::Error>>,
) -> Result<T, Failure> {
    match tokio::time::timeout(limit, step).await {
        Ok(result) => Ok(result?),
        Err(_) => Err(Failure::Broken("no answer in time".into())),
    }
}

/// How the handing over of a text failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undelivered {
    /// The server has not taken it, for certain.
    Certain(Failure),
    /// It may have.
    Uncertain,
}

/// A connection that is ready for mail.
pub struct Connection {
    inner: AsyncSmtpConnection,
    /// Whether a mail went over it already.
    pub used: bool,
}

impl Connection {
    /// Connects, greets, encrypts and signs in. At most about a minute.
    pub async fn open(account: &Account) -> Result<Connection, Failure> {
        let hello = ClientId::Domain(account.hello.clone());
        let parameters = || TlsParameters::new(account.host.clone());
        let server = (account.host.as_str(), account.port);
        let mut inner = if account.security == Security::Implicit {
            let connect = AsyncSmtpConnection::connect_tokio1(server, Some(STEP), &hello, Some(parameters()?), None);
            within(STEP, connect).await?
        } else {
            let connected = tokio::time::timeout(STEP, TcpStream::connect(server)).await;
            let stream = connected.map_err(|_| Failure::Broken("no answer in time".into()))?;
            let stream = stream.map_err(|_| Failure::Broken("the connection broke".into()))?;
            // A message goes out in two writes, and the second would wait for the server's delayed acknowledgement of the
            // first: 40 ms a mail.
            let _ = stream.set_nodelay(true);
            within(STEP, AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello)).await?
        };
        let encrypt = match account.security {
            Security::Implicit | Security::Plain => false,
            Security::Required => true,
            Security::Opportunistic => inner.can_starttls(),
        };
        if encrypt {
            within(STEP, inner.starttls(parameters()?, &hello)).await?;
        }
        if let Some(credentials) = &account.credentials {
            // A password never goes over the open network in clear, unless the operator wrote ?tls=none.
            if !inner.is_encrypted() && account.security != Security::Plain && !account.is_local() {
                return Err(Failure::Broken("the server offers no TLS, so the password is not sent".into()));
            }
            within(STEP, inner.auth(DEFAULT_MECHANISMS, credentials)).await?;
        }
        Ok(Connection { inner, used: false })
    }

    /// True when the connection is encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.inner.is_encrypted()
    }

    /// Says from whom and to whom: the sender's failure first, then the recipient's.
    pub async fn offer(&mut self, from: &Address, to: &Address) -> Result<(), Offered> {
        let is_ascii = |address: &Address| address.user().is_ascii() && address.domain().is_ascii();
        let international = !is_ascii(from) || !is_ascii(to);
        let mut parameters = Vec::new();
        if international {
            if !self.inner.server_info().supports_feature(Extension::SmtpUtfEight) {
                return Err(Offered::Recipient(Failure::Unable("smtp_no_utf8")));
            }
            parameters.push(MailParameter::SmtpUtfEight);
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        within(STEP, self.inner.command(Mail::new(Some(from.clone()), parameters))).await.map_err(Offered::Sender)?;
        within(STEP, self.inner.command(Rcpt::new(to.clone(), Vec::new()))).await.map_err(Offered::Recipient)?;
        Ok(())
    }

    /// Hands the text over.
    pub async fn deliver(&mut self, text: &[u8]) -> Result<Reply, Undelivered> {
        within(STEP, self.inner.command(Data)).await.map_err(Undelivered::Certain)?;
        self.used = true;
        match within(TEXT, self.inner.message(text)).await {
            Ok(response) => {
                Ok(Reply { code: response.code().into(), enhanced: response.first_word().and_then(enhanced) })
            }
            // A reply is a reply: the server says that it did not take it.
            Err(refused @ Failure::Refused(_)) => Err(Undelivered::Certain(refused)),
            Err(Failure::Broken(_) | Failure::Unable(_)) => Err(Undelivered::Uncertain),
        }
    }

    /// Takes an offer back. False when the connection is no longer of use.
    pub async fn reset(&mut self) -> bool {
        within(STEP, self.inner.command(Rset)).await.is_ok()
    }

    /// Says goodbye.
    pub async fn close(mut self) {
        // Whether the server answers the goodbye matters to nobody.
        let _ = tokio::time::timeout(Duration::from_secs(2), self.inner.command(Quit)).await;
    }
}

/// At what an offer failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Offered {
    /// At MAIL: the sender, or all mail.
    Sender(Failure),
    /// At RCPT: this recipient.
    Recipient(Failure),
}

#[cfg(test)]
mod tests {
    use super::enhanced;

    #[test]
    fn only_an_enhanced_code_is_taken_from_a_servers_words() {
        assert_eq!(enhanced("5.1.1 <emma@acme.test>: unknown").as_deref(), Some("5.1.1"));
        assert_eq!(enhanced("emma@acme.test is unknown"), None);
        assert_eq!(enhanced("1.2.3.4 is blocked"), None);
        assert_eq!(enhanced(""), None);
    }
}
