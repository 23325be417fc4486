//! A mail in its technical form: headers, plain text and HTML.

use super::{
    address::address,
    headers::{AutoResponseSuppress, AutoSubmitted, FeedbackId, ListId, Reference, Subject},
};
use crate::mail::Mail;
use lettre::{
    Address, Message,
    message::{Mailbox, MultiPart},
};

/// What goes over the line.
pub struct Envelope {
    /// Sender.
    pub from: Address,
    /// Recipient.
    pub to: Address,
    /// Headers and body; ASCII, but for an address whose local part is not.
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

/// What tells a mail from others.
#[derive(Debug, Clone, Copy)]
pub struct Marks<'a> {
    /// Without angle brackets, the same for every attempt: the delivery's id and the sender's domain.
    pub message_id: &'a str,
    /// The trace id, with which an operator finds everything that led to the mail.
    pub reference: Option<&'a str>,
    /// The template's word.
    pub template: &'a str,
    /// Short id of the installation.
    pub installation: &'a str,
}

/// Puts a mail into its technical form.
///
/// # Errors
/// When the address is none, or the mail can't be written.
pub fn envelope(
    mail: &Mail,
    sender: &Mailbox,
    (name, recipient): (&str, &str),
    marks: &Marks<'_>,
) -> Result<Envelope, EnvelopeError> {
    let to = address(recipient).ok_or(EnvelopeError::Address)?;
    let from = address(sender.email.as_ref()).ok_or(EnvelopeError::Form)?;
    let named = |name: &str, address: &Address| {
        let name = crate::mail::one_line(name, 100);
        Mailbox::new(if name.is_empty() { None } else { Some(name) }, address.clone())
    };
    let body = MultiPart::alternative_plain_html(
        mail.text().map_err(|_| EnvelopeError::Form)?,
        mail.html().map_err(|_| EnvelopeError::Form)?,
    );
    let domain = from.domain();
    let mut message = Message::builder()
        .from(named(sender.name.as_deref().unwrap_or_default(), &from))
        .to(named(name, &to))
        .header(Subject(mail.subject.clone()))
        .date_now()
        .message_id(Some(format!("<{}>", marks.message_id)))
        .header(AutoSubmitted("auto-generated".to_owned()))
        .header(AutoResponseSuppress("All".to_owned()))
        .header(FeedbackId(format!("{}:{}:portico", marks.template, marks.installation.replace(':', "-"))));
    if !mail.thread.is_empty() {
        // Mails about one record answer the same message, which nobody ever sent: programs show them together.
        let thread = format!("<record-{}@{domain}>", mail.thread);
        message = message.in_reply_to(thread.clone()).references(thread);
    }
    if !mail.list.is_empty() {
        message = message.header(ListId(format!("<{}.{domain}>", mail.list)));
    }
    if let Some(reference) = marks.reference {
        message = message.header(Reference(reference.to_owned()));
    }
    let message = message.multipart(body).map_err(|_| EnvelopeError::Form)?;
    Ok(Envelope { text: message.formatted(), from, to })
}

#[cfg(test)]
mod tests;
