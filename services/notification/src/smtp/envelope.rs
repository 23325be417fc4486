//! A mail in its technical form: headers, plain text and HTML.

use crate::mail::Mail;
use lettre::{
    Address, Message,
    message::{
        Mailbox, MultiPart,
        header::{Header, HeaderName, HeaderValue},
    },
};

/// What goes over the line.
pub struct Envelope {
    /// Sender.
    pub from: Address,
    /// Recipient.
    pub to: Address,
    /// Headers and body; ASCII.
    pub text: Vec<u8>,
}

/// Why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EnvelopeError {
    /// The recipient's address is none.
    Address,
    /// The mail can't be written.
    Form,
}

#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<AutoSubmitted, Box<dyn std::error::Error + Send + Sync>> {
        Ok(AutoSubmitted)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[derive(Clone)]
struct Reference(String);

impl Header for Reference {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("X-Portico-Reference")
    }

    fn parse(text: &str) -> Result<Reference, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Reference(text.to_owned()))
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
}

/// Puts a mail into its technical form.
///
/// `message_id` has no angle brackets and is the same for every attempt; `reference` is the trace id, with which an
/// operator finds everything that led to the mail.
///
/// # Errors
/// When the address is none, or the mail can't be written.
pub fn envelope(
    mail: &Mail,
    sender: &Mailbox,
    (name, address): (&str, &str),
    message_id: &str,
    reference: Option<&str>,
) -> Result<Envelope, EnvelopeError> {
    let to: Address = address.trim().parse().map_err(|_| EnvelopeError::Address)?;
    let name = crate::mail::one_line(name, 100);
    let recipient = Mailbox::new(if name.is_empty() { None } else { Some(name) }, to.clone());
    let body = MultiPart::alternative_plain_html(
        mail.text().map_err(|_| EnvelopeError::Form)?,
        mail.html().map_err(|_| EnvelopeError::Form)?,
    );
    let mut message = Message::builder()
        .from(sender.clone())
        .to(recipient)
        .subject(&mail.subject)
        .date_now()
        .message_id(Some(format!("<{message_id}>")))
        .header(AutoSubmitted);
    if !mail.thread.is_empty() {
        let domain = message_id.split_once('@').map_or("portico", |(_, domain)| domain);
        message = message.references(format!("<record-{}@{domain}>", mail.thread));
    }
    if let Some(reference) = reference {
        message = message.header(Reference(reference.to_owned()));
    }
    let message = message.multipart(body).map_err(|_| EnvelopeError::Form)?;
    Ok(Envelope { from: sender.email.clone(), to, text: message.formatted() })
}

#[cfg(test)]
mod tests;
