//! What a mail says: the order, what is known of the recipient, and the facts that are asked for now.

use crate::{
    domain::delivery::Template,
    facts::Facts,
    mail::{Button, Mail, one_line},
    neighbours::{Neighbours, Trouble},
    recipients::Kind,
    turn::{Installation, Turn},
    wording::Language,
};
use jiff::tz::TimeZone;
use kernel::Timestamp;

mod records;
mod security;

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Composed {
    /// This is to be sent to this address.
    Ready {
        /// What it says.
        mail: Box<Mail>,
        /// Display name of the recipient; may be empty.
        name: String,
        /// Address; not empty.
        address: String,
        /// Why it is the operator's own instead of the recipient's; empty when it is the recipient's.
        redirected: &'static str,
    },
    /// There is nothing to send any more; the stable reason.
    Skip(&'static str),
}

impl Composed {
    fn ready(mail: Mail, to: Addressee) -> Composed {
        Composed::Ready { mail: Box::new(mail), name: to.name, address: to.address, redirected: "" }
    }
}

struct Addressee {
    kind: Kind,
    name: String,
    address: String,
    language: Language,
}

/// Writes the mail of an order.
///
/// # Errors
/// When a fact can't be had; see [`Trouble`].
pub async fn compose(
    installation: &Installation,
    neighbours: &dyn Neighbours,
    turn: &Turn<'_>,
) -> Result<Composed, Trouble> {
    let facts = Facts::of(turn.order);
    match turn.order.template.is_about_record() {
        true => records::compose(installation, neighbours, turn, &facts).await,
        false => account(installation, neighbours, turn, &facts).await,
    }
}

/// A mail about an account.
async fn account(
    installation: &Installation,
    neighbours: &dyn Neighbours,
    turn: &Turn<'_>,
    facts: &Facts,
) -> Result<Composed, Trouble> {
    let to = match addressee(installation, turn, facts) {
        Ok(to) => to,
        Err(reason) => return Ok(Composed::Skip(reason)),
    };
    let words = match turn.order.template {
        Template::Invitation => return invitation(installation, neighbours, turn, facts, to).await,
        Template::RecordReceived | Template::RecordAssigned | Template::RecordCommented => {
            return records::compose(installation, neighbours, turn, facts).await;
        }
        Template::PasswordReset | Template::LoginChangeConfirm => {
            return security::with_link(installation, neighbours, turn, facts, to).await;
        }
        Template::AccountLocked => security::locked(installation, facts, &to),
        Template::PasswordSet => security::password_set(&to),
        Template::OneTimePassword => security::one_time(installation, facts, &to),
        Template::LoginChangeAnnounced => security::announced(facts, &to),
        Template::LoginChanged | Template::LoginLeft => security::moved(facts, &to),
        Template::FactorAdded => security::factor_added(facts, &to),
        Template::FactorRemoved => security::factor_removed(facts, &to),
        Template::RecoveryCodeUsed => security::code_used(facts, &to),
        Template::RecoveryCodesMade => security::codes_made(facts, &to),
    };
    Ok(security::notice(installation, to, words))
}

/// Who gets a mail about an account, or why nobody does. For mails about records [`crate::reach`] decides.
fn addressee(installation: &Installation, turn: &Turn<'_>, facts: &Facts) -> Result<Addressee, &'static str> {
    let order = turn.order;
    let known = turn.recipient;
    let current = known.map(|k| k.email.as_str()).filter(|e| !e.is_empty());
    let address = match order.template.is_security() {
        true => order.recipient.as_str(),
        false => current.unwrap_or(&order.recipient),
    };
    if address.is_empty() {
        return Err("no_address");
    }
    let tag = known.map(|k| k.locale.as_str()).filter(|l| !l.is_empty()).unwrap_or(&order.locale);
    let kind = if facts.to.is_empty() { known.map(|k| k.kind) } else { Some(Kind::from_word(&facts.to)) };
    let name = known.map(|k| k.name.clone()).filter(|n| !n.is_empty()).unwrap_or_else(|| facts.name.clone());
    Ok(Addressee {
        kind: kind.unwrap_or(Kind::Contact),
        name: one_line(&name, 100),
        address: address.to_owned(),
        language: Language::from_tag(tag).unwrap_or(installation.language),
    })
}

/// The frame of every mail.
fn frame(
    installation: &Installation,
    to: &Addressee,
    subject: String,
    heading: String,
    button: impl Into<Option<Button>>,
    reason: String,
) -> Mail {
    let t = to.language;
    let greeting =
        if to.name.is_empty() { t.text("greeting-unnamed") } else { t.with("greeting", &[("name", &to.name)]) };
    Mail {
        language: t,
        company: installation.company.clone(),
        subject: one_line(&subject, 180),
        heading,
        greeting,
        before: Vec::new(),
        quote: None,
        button: button.into(),
        after: Vec::new(),
        button_instead: t.text("button-instead"),
        footer: vec![
            reason,
            t.with("footer-automatic", &[("company", &installation.company)]),
            t.with("footer-sign-in", &[("url", &installation.links.sign_in(to.kind))]),
        ],
        thread: String::new(),
        list: String::new(),
    }
}

async fn invitation(
    installation: &Installation,
    neighbours: &dyn Neighbours,
    turn: &Turn<'_>,
    facts: &Facts,
    to: Addressee,
) -> Result<Composed, Trouble> {
    let Some(link) = neighbours.invitation_link(&turn.order.subject_id).await? else {
        return Ok(Composed::Skip("link_used"));
    };
    let t = to.language;
    let company = [("company", installation.company.as_str())];
    let button = Button { label: t.text("invitation-button"), url: link.link };
    let reason = t.with("reason-invitation", &company);
    let mut mail =
        frame(installation, &to, t.with("invitation-subject", &company), t.text("invitation-heading"), button, reason);
    mail.before = vec![t.with("invitation-text", &company), t.text("invitation-choose")];
    if starts_later(&facts.support_start, turn.now, &installation.zone) {
        mail.before.push(t.with("invitation-first-day", &[("date", &t.date(&facts.support_start))]));
    }
    mail.after = vec![
        t.with("invitation-expiry", &[("time", &t.moment(link.expires_at, &installation.zone))]),
        t.text("invitation-unexpected"),
    ];
    Ok(Composed::ready(mail, to))
}

/// True when a day is not here yet in the installation's time zone.
fn starts_later(day: &str, now: Timestamp, zone: &TimeZone) -> bool {
    let (Ok(day), Ok(now)) = (day.parse::<jiff::civil::Date>(), jiff::Timestamp::from_microsecond(now.micros())) else {
        return false;
    };
    day > now.to_zoned(zone.clone()).date()
}

#[cfg(test)]
mod tests;
