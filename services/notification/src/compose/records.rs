//! Mails about records: what came in, assignments and answers, to who may open the record, to contacts who can only read
//! their mail, and to the operator in place of somebody who can't be told.

use super::{Addressee, Composed, frame};
use crate::{
    domain::delivery::Template,
    facts::Facts,
    mail::{Button, Mail, Quote, one_line},
    neighbours::{CommentFacts, Neighbours, RecordFacts, Shown, Trouble},
    quote,
    reach::{self, Reach, reach},
    recipients::Kind,
    turn::{Installation, Turn},
    wording::Language,
};
use markdown::Said;

/// Writes the mail, or says why there is none.
pub(super) async fn compose(
    installation: &Installation,
    neighbours: &dyn Neighbours,
    turn: &Turn<'_>,
    facts: &Facts,
) -> Result<Composed, Trouble> {
    let kind = reach::kind(turn, facts);
    Ok(match reach(installation, neighbours, turn, facts).await? {
        Reach::Nobody(why) => Composed::Skip(why),
        Reach::Operator(address, why, record) => to_operator(installation, turn, address, why, &record),
        Reach::Opens(address, shown) => {
            let to = addressee(installation, turn, kind, address);
            let mail = match turn.order.template {
                Template::RecordReceived => received(installation, turn, &to, &shown.record),
                Template::RecordAssigned => assigned(installation, turn, &to, &shown.record),
                _ => commented(installation, turn, facts, &to, &shown),
            };
            Composed::ready(mail, to)
        }
        Reach::Reads(address, shown) => {
            let to = addressee(installation, turn, kind, address);
            let mail = match turn.order.template {
                Template::RecordReceived => without_portal(received(installation, turn, &to, &shown.record)),
                _ => standing_alone(installation, turn, facts, &to, &shown),
            };
            Composed::ready(mail, to)
        }
    })
}

fn addressee(installation: &Installation, turn: &Turn<'_>, kind: Kind, address: String) -> Addressee {
    let known = turn.recipient;
    let tag = known.map(|k| k.locale.as_str()).filter(|l| !l.is_empty()).unwrap_or(&turn.order.locale);
    let name = known.map(|k| k.name.as_str()).unwrap_or_default();
    Addressee {
        kind,
        name: one_line(name, 100),
        address,
        language: Language::from_tag(tag).unwrap_or(installation.language),
    }
}

/// The record as a mail names it: `Ticket TT1042 – The printer is on fire`, without the name where it is not for the
/// reader.
fn named(turn: &Turn<'_>, record: &RecordFacts, t: Language) -> String {
    let module = turn.module.cloned().unwrap_or_default().label(t, &turn.order.subject_module);
    let title = one_line(&record.title, 120);
    let args = [("module", module.as_str()), ("number", record.number.as_str()), ("title", title.as_str())];
    t.with(if title.is_empty() { "record-untitled" } else { "record-titled" }, &args)
}

/// The button that opens the record.
fn opening(installation: &Installation, turn: &Turn<'_>, to: &Addressee, record: &RecordFacts) -> Button {
    let (number, order) = (("number", record.number.as_str()), turn.order);
    Button {
        label: to.language.with("assigned-button", &[number]),
        url: installation.links.record(to.kind, &order.subject_module, &order.subject_id),
    }
}

/// To the contact who made it: its number, that it is with us now, and what happens next.
fn received(installation: &Installation, turn: &Turn<'_>, to: &Addressee, record: &RecordFacts) -> Mail {
    let t = to.language;
    let named = named(turn, record, t);
    let button = opening(installation, turn, to, record);
    let subject = t.with("received-subject", &[("record", &named)]);
    let heading = t.text("received-heading");
    let mut mail = frame(installation, to, subject, heading, button, t.text("reason-record-received"));
    mail.before =
        vec![t.with("received-text", &[("record", &named)]), t.with("received-next", &[("number", &record.number)])];
    mail.after = vec![t.text("received-more")];
    about(mail, turn)
}

/// The same for a reader who has no portal to open.
fn without_portal(mut mail: Mail) -> Mail {
    mail.button = None;
    mail.after.clear();
    mail.footer.truncate(2);
    mail
}

fn assigned(installation: &Installation, turn: &Turn<'_>, to: &Addressee, record: &RecordFacts) -> Mail {
    let t = to.language;
    let named = named(turn, record, t);
    let button = opening(installation, turn, to, record);
    let subject = t.with("assigned-subject", &[("record", &named)]);
    let mut mail = frame(installation, to, subject, t.text("assigned-heading"), button, t.text("reason-record-agent"));
    mail.before = vec![t.with("assigned-text", &[("record", &named)])];
    about(mail, turn)
}

/// Which texts a mail about a comment uses: it depends on who reads it, and on whether the other side or their own
/// wrote.
fn keys(kind: Kind, by: &str) -> [&'static str; 3] {
    match (kind, by) {
        (Kind::Contact, "customer") => {
            ["commented-beside-contact-subject", "commented-beside-contact-heading", "commented-beside-contact-text"]
        }
        (Kind::Contact, _) => ["commented-contact-subject", "commented-contact-heading", "commented-contact-text"],
        (Kind::Agent, "agent") => {
            ["commented-beside-agent-subject", "commented-beside-agent-heading", "commented-beside-agent-text"]
        }
        (Kind::Agent, _) => ["commented-agent-subject", "commented-agent-heading", "commented-agent-text"],
    }
}

fn commented(installation: &Installation, turn: &Turn<'_>, facts: &Facts, to: &Addressee, shown: &Shown) -> Mail {
    let (t, order) = (to.language, turn.order);
    let named = named(turn, &shown.record, t);
    let button = Button {
        label: t.with("commented-button", &[("number", &shown.record.number)]),
        url: installation.links.comment(to.kind, &order.subject_module, &order.subject_id, &facts.comment_id),
    };
    let [subject, heading, text] = keys(to.kind, &facts.by);
    let reason = match to.kind {
        Kind::Contact => t.text("reason-record-contact"),
        Kind::Agent => t.text("reason-record-agent"),
    };
    let subject = t.with(subject, &[("record", &named)]);
    let mut mail = frame(installation, to, subject, t.text(heading), button, reason);
    mail.before = vec![t.with(text, &[("record", &named)])];
    mail.quote = shown.comment.as_ref().and_then(|c| quoted(t, c, quote::excerpt));
    if to.kind == Kind::Contact {
        mail.after = vec![t.text("commented-contact-reply")];
    }
    about(mail, turn)
}

/// For a contact who can't open the record: the whole comment, and nothing to press.
fn standing_alone(installation: &Installation, turn: &Turn<'_>, facts: &Facts, to: &Addressee, shown: &Shown) -> Mail {
    let t = to.language;
    let named = named(turn, &shown.record, t);
    let [subject, heading, text] = keys(to.kind, &facts.by);
    let subject = t.with(subject, &[("record", &named)]);
    let reason = t.text("reason-record-contact");
    let mut mail = frame(installation, to, subject, t.text(heading), None, reason);
    mail.before = vec![t.with(text, &[("record", &named)])];
    mail.quote = shown.comment.as_ref().and_then(|c| quoted(t, c, quote::whole));
    let mut mail = without_portal(mail);
    mail.after = vec![t.text("commented-alone-reply")];
    about(mail, turn)
}

/// For the operator's own address: which record, and why it is told here. What somebody wrote is not in it, since nobody
/// can say who reads there.
fn to_operator(
    installation: &Installation,
    turn: &Turn<'_>,
    address: String,
    why: &'static str,
    record: &RecordFacts,
) -> Composed {
    let (t, order) = (installation.language, turn.order);
    let named = named(turn, record, t);
    let to = Addressee { kind: Kind::Agent, name: String::new(), address, language: t };
    let button = opening(installation, turn, &to, record);
    let subject = t.with("operator-subject", &[("record", &named)]);
    let mut mail = frame(installation, &to, subject, t.text("operator-heading"), button, t.text("reason-operator"));
    let happened = match (order.template, why) {
        (Template::RecordAssigned, crate::audience::NO_OWNER) => "operator-made",
        (Template::RecordAssigned, _) => "operator-assigned",
        _ => "operator-commented",
    };
    let owner = turn.recipient.map(|r| one_line(&r.name, 100)).unwrap_or_default();
    let reason = match why {
        "disabled" | "suspended" | "no_access" => "operator-owner-disabled",
        "no_address" => "operator-owner-no-address",
        crate::audience::NO_OWNER => "operator-no-owner",
        _ => "operator-owner-hidden",
    };
    let reason = match (owner.is_empty(), reason) {
        (true, "operator-owner-disabled") => t.text("operator-someone-disabled"),
        (true, "operator-owner-no-address") => t.text("operator-someone-no-address"),
        (true, "operator-owner-hidden") => t.text("operator-someone-hidden"),
        (_, key) => t.with(key, &[("name", &owner)]),
    };
    mail.before = vec![t.with(happened, &[("record", &named)]), reason, t.text("operator-ask")];
    let Composed::Ready { mail, name, address, .. } = Composed::ready(about(mail, turn), to) else {
        return Composed::Skip(why);
    };
    Composed::Ready { mail, name, address, redirected: why }
}

/// Ties mails about one record together.
fn about(mut mail: Mail, turn: &Turn<'_>) -> Mail {
    mail.thread.clone_from(&turn.order.subject_id);
    mail.list.clone_from(&turn.order.subject_module);
    mail
}

fn quoted(t: Language, comment: &CommentFacts, of: fn(&str) -> Said) -> Option<Quote> {
    let author = one_line(&comment.author, 100);
    let intro = if author.is_empty() { t.text("quote-unnamed") } else { t.with("quote-by", &[("author", &author)]) };
    let said = of(&comment.body);
    (!said.is_empty()).then_some(Quote { intro, said })
}
