//! The configured mail server: `smtp://user:password@host:port?tls=…` and the sender's address.

use super::address::address;
use lettre::{Address, message::Mailbox, transport::smtp::authentication::Credentials};

/// How the connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// `smtps://`: from the first byte.
    Implicit,
    /// `?tls=required`: STARTTLS, or no mail.
    Required,
    /// `smtp://`: STARTTLS when the server offers it; a password only then.
    Opportunistic,
    /// `?tls=none`: never, not even for the password.
    Plain,
}

/// A mail account.
#[derive(Clone)]
pub struct Account {
    /// Name or address of the server; the name is checked against its certificate.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Encryption.
    pub security: Security,
    /// User and password, if it needs any.
    pub credentials: Option<Credentials>,
    /// Sender of all mails.
    pub sender: Mailbox,
    /// What EHLO says: the sender's domain, in ASCII.
    pub hello: String,
}

/// A setting that is wrong, in one line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct AccountError(pub String);

impl Account {
    /// From PORTICO_SMTP_URL and PORTICO_SMTP_FROM.
    ///
    /// # Errors
    /// One line that names the setting and never shows the password.
    pub fn new(url: &str, from: &str) -> Result<Account, AccountError> {
        let sender: Mailbox = from.parse().map_err(|_| {
            AccountError(
                "PORTICO_SMTP_FROM must be an address, or a name and an address: Support <support@example.org>".into(),
            )
        })?;
        let wrong = |what: &str| AccountError(format!("PORTICO_SMTP_URL: {what}"));
        let (scheme, rest) = url.split_once("://").ok_or_else(|| wrong("it must begin with smtp:// or smtps://"))?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let rest = rest.trim_end_matches('/');
        let (user, place) = rest.rsplit_once('@').map_or((None, rest), |(user, place)| (Some(user), place));
        let security = match (scheme, query) {
            ("smtps", "") => Security::Implicit,
            ("smtp", "" | "tls=opportunistic") => Security::Opportunistic,
            ("smtp", "tls=required") => Security::Required,
            ("smtp", "tls=none") => Security::Plain,
            ("smtp" | "smtps", _) => {
                return Err(wrong("behind the ? only tls=required, tls=opportunistic or tls=none is understood"));
            }
            _ => return Err(wrong("it must begin with smtp:// or smtps://")),
        };
        let (host, port) = host_and_port(place).ok_or_else(|| wrong("after the @ there must be host or host:port"))?;
        let standard = match security {
            Security::Implicit => 465,
            Security::Required | Security::Opportunistic | Security::Plain => 587,
        };
        let credentials = match user {
            None => None,
            Some(pair) => {
                let (user, password) =
                    pair.split_once(':').ok_or_else(|| wrong("a user needs a password: user:password@"))?;
                let decoded = decode(user).zip(decode(password));
                let (user, password) = decoded.ok_or_else(|| wrong("a % must be followed by two hex digits"))?;
                Some(Credentials::new(user, password))
            }
        };
        Ok(Account { host, port: port.unwrap_or(standard), security, credentials, hello: hello(&sender.email), sender })
    }

    /// True when the server is on this machine.
    pub fn is_local(&self) -> bool {
        matches!(self.host.as_str(), "localhost" | "127.0.0.1" | "::1")
    }
}

fn hello(sender: &Address) -> String {
    address(sender.as_ref()).as_ref().unwrap_or(sender).domain().to_owned()
}

fn host_and_port(place: &str) -> Option<(String, Option<u16>)> {
    let (host, port) = match place.strip_prefix('[') {
        Some(rest) => {
            let (host, after) = rest.split_once(']')?;
            (host, if after.is_empty() { None } else { Some(after.strip_prefix(':')?) })
        }
        None => place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port))),
    };
    let port = match port {
        Some(port) => Some(port.parse().ok().filter(|p| *p > 0)?),
        None => None,
    };
    (!host.is_empty() && !host.contains(['/', ' '])).then(|| (host.to_owned(), port))
}

/// Percent-decodes a part of a URL.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |b: u8| char::from(b).to_digit(16);
            let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
            bytes.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::{Account, Security};

    const FROM: &str = "Support <support@example.org>";

    fn account(url: &str) -> Account {
        Account::new(url, FROM).map_err(|e| e.to_string()).unwrap()
    }

    fn error(url: &str, from: &str) -> String {
        Account::new(url, from).err().map(|e| e.to_string()).unwrap_or_default()
    }

    #[test]
    fn a_url_says_host_port_encryption_and_credentials() {
        let plain = account("smtp://127.0.0.1:2525");
        assert_eq!((plain.host.as_str(), plain.port, plain.security), ("127.0.0.1", 2525, Security::Opportunistic));
        assert!(plain.credentials.is_none() && plain.is_local());
        let full = account("smtps://portal%40example.org:p%3Aw%2Fd@mail.example.org");
        assert_eq!((full.host.as_str(), full.port, full.security), ("mail.example.org", 465, Security::Implicit));
        let expected =
            lettre::transport::smtp::authentication::Credentials::new("portal@example.org".into(), "p:w/d".into());
        assert!(full.credentials == Some(expected) && !full.is_local());
        assert_eq!(account("smtp://mail.example.org?tls=required").security, Security::Required);
        assert_eq!(account("smtp://mail.example.org/?tls=none").security, Security::Plain);
        assert_eq!(account("smtp://[::1]:25").host, "::1");
        assert_eq!(account("smtp://mail.example.org").port, 587);
        assert_eq!(account("smtp://mail.example.org").hello, "example.org");
        let international = Account::new("smtp://mail.example.org", "Hilfe <hilfe@bücher.example>");
        assert_eq!(international.map(|a| a.hello).ok().as_deref(), Some("xn--bcher-kva.example"));
    }

    #[test]
    fn a_bad_url_gives_one_line_that_names_the_setting_and_no_password() {
        for url in [
            "mail.example.org:25",
            "http://mail.example.org",
            "smtp://",
            "smtp://host:port",
            "smtp://host:0",
            "smtp://user@host",
            "smtp://u:secret%zz@host",
            "smtp://u:secret@host?ssl=yes",
        ] {
            let line = error(url, FROM);
            assert!(line.starts_with("PORTICO_SMTP_URL: "), "{url}: {line}");
            assert!(!line.contains('\n') && !line.contains("secret"), "{line}");
        }
        assert!(error("smtp://localhost:25", "nobody").starts_with("PORTICO_SMTP_FROM "));
    }
}
