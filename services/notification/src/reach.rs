//! Whether a record's mail may go to its recipient at this moment, and with what: the one place that decides.
//!
//! Asked when the mail is written, not when it was queued, because in between people leave, support ends and profiles
//! change. Identity says whether the person could sign in, records what the person sees of the record. What an agent can't
//! get any more goes to the operator's own address, and what nobody gets says why in the mail log.

use crate::{
    audience::{COMMENT_GONE, NO_CONTACT, NO_OWNER, OPERATOR, RECORD_GONE},
    domain::delivery::{Order, Template},
    facts::Facts,
    neighbours::{Entry, Neighbours, RecordFacts, Shown, Trouble, View},
    recipients::{Kind, Recipient},
    smtp,
    turn::{Installation, Turn},
};

/// Where a record's mail goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reach {
    /// To the recipient, who can open the record.
    Opens(String, Box<Shown>),
    /// To a contact who can't sign in: a text that stands alone, without a link.
    Reads(String, Box<Shown>),
    /// To the operator's own address, and why.
    Operator(String, &'static str, RecordFacts),
    /// To nobody, and why.
    Nobody(&'static str),
}

/// Decides about one delivery.
///
/// # Errors
/// When a neighbour can't be asked; nothing is sent on a guess.
pub(crate) async fn reach(
    installation: &Installation,
    neighbours: &dyn Neighbours,
    turn: &Turn<'_>,
    facts: &Facts,
) -> Result<Reach, Trouble> {
    let order = turn.order;
    if order.recipient_id == OPERATOR {
        return instead(installation, neighbours, order, reason(&facts.why)).await;
    }
    let kind = kind(turn, facts);
    if let Some(why) = turn.recipient.and_then(|r| unwanted(order.template, r)) {
        return Ok(Reach::Nobody(why));
    }
    let closed = match neighbours.entry(order.recipient_id).await? {
        Entry::Open => None,
        Entry::Closed(why) => Some(reason(&why)),
    };
    // An agent whose account is closed gets no mail. Nor does a contact, unless the operator also writes to contacts
    // who have no portal access yet, or no longer. Who was suspended or disabled gets nothing.
    if let Some(why) = closed {
        let without_portal = matches!(why, "no_access" | "support_not_started" | "support_ended");
        if kind == Kind::Agent || !without_portal || !installation.mail_without_access {
            return unreachable(installation, neighbours, order, kind, why).await;
        }
    }
    let view = neighbours.shown_to((kind, order.recipient_id), order, &facts.comment_id).await?;
    let shown = match view {
        View::Gone => return Ok(Reach::Nobody(RECORD_GONE)),
        View::Hidden => return unreachable(installation, neighbours, order, kind, "record_hidden").await,
        View::Shown(shown) if shown.comments_hidden => {
            return unreachable(installation, neighbours, order, kind, "comments_hidden").await;
        }
        // Taken back or erased before anybody was told: there is nothing to tell.
        View::Shown(shown) if !facts.comment_id.is_empty() && shown.comment.is_none() => {
            return Ok(Reach::Nobody(COMMENT_GONE));
        }
        View::Shown(shown) => shown,
    };
    let address = turn.recipient.map(|r| r.email.as_str()).filter(|e| !e.is_empty()).unwrap_or(&order.recipient);
    if !smtp::is_address(address) {
        return unreachable(installation, neighbours, order, kind, "no_address").await;
    }
    Ok(match closed {
        None => Reach::Opens(address.to_owned(), shown),
        Some(_) => Reach::Reads(address.to_owned(), shown),
    })
}

/// What the recipient is.
pub(crate) fn kind(turn: &Turn<'_>, facts: &Facts) -> Kind {
    if facts.to.is_empty() { turn.recipient.map_or(Kind::Contact, |r| r.kind) } else { Kind::from_word(&facts.to) }
}

/// Why a recipient does not want a mail, or `None`. Whatever people can choose about their mails is asked here.
fn unwanted(template: Template, recipient: &Recipient) -> Option<&'static str> {
    (!template.is_security() && recipient.opted_out).then_some("opted_out")
}

/// An agent's mail goes to the operator, since somebody has to look after the record; a contact's to nobody.
async fn unreachable(
    installation: &Installation,
    neighbours: &dyn Neighbours,
    order: &Order,
    kind: Kind,
    why: &'static str,
) -> Result<Reach, Trouble> {
    match kind {
        Kind::Agent => instead(installation, neighbours, order, why).await,
        Kind::Contact => Ok(Reach::Nobody(why)),
    }
}

/// To the operator's own address, if there is one and the record is still there.
async fn instead(
    installation: &Installation,
    neighbours: &dyn Neighbours,
    order: &Order,
    why: &'static str,
) -> Result<Reach, Trouble> {
    // An agent wrote to nobody: the operator knows.
    let Some(address) = installation.fallback.clone().filter(|_| !matches!(why, NO_CONTACT | RECORD_GONE)) else {
        return Ok(Reach::Nobody(why));
    };
    Ok(match neighbours.record(&order.subject_module, &order.subject_id).await? {
        Some(record) => Reach::Operator(address, why, record),
        None => Reach::Nobody(RECORD_GONE),
    })
}

/// Reasons as the mail log has them.
const REASONS: [&str; 8] =
    [NO_OWNER, NO_CONTACT, RECORD_GONE, "no_access", "disabled", "suspended", "support_not_started", "support_ended"];

fn reason(word: &str) -> &'static str {
    REASONS.into_iter().find(|r| *r == word).unwrap_or("no_access")
}
