//! Security mails: about passwords, logins and second factors.

use super::{Addressee, Composed, frame};
use crate::{
    domain::delivery::Template,
    facts::Facts,
    mail::{Button, Mail, one_line},
    neighbours::{Neighbours, Trouble},
    recipients::Kind,
    turn::{Installation, Turn},
    wording::Language,
};
use kernel::Timestamp;

/// A mail with a button to the sign-in page.
pub(super) fn notice(installation: &Installation, to: Addressee, words: Words) -> Composed {
    let t = to.language;
    let button = Button { label: t.text(words.button), url: installation.links.sign_in(to.kind) };
    let (subject, heading) = (t.text(words.subject), t.text(words.heading));
    let mail =
        Mail { before: words.before, ..frame(installation, &to, subject, heading, button, t.text("reason-security")) };
    Composed::ready(mail, to)
}

/// What such a mail says.
pub(super) struct Words {
    subject: &'static str,
    heading: &'static str,
    button: &'static str,
    before: Vec<String>,
}

/// A key for contacts and one for agents.
fn per_kind(to: &Addressee, contact: &'static str, agent: &'static str) -> String {
    to.language.text(match to.kind {
        Kind::Contact => contact,
        Kind::Agent => agent,
    })
}

/// What to do when it was somebody else.
fn not_you(to: &Addressee) -> String {
    per_kind(to, "security-not-you-contact", "security-not-you-agent")
}

pub(super) fn locked(installation: &Installation, facts: &Facts, to: &Addressee) -> Words {
    let t = to.language;
    let way_on = match facts.locked_until_micros {
        0 => per_kind(to, "locked-manual-contact", "locked-manual-agent"),
        until => t.with("locked-until", &[("time", &moment(installation, t, until))]),
    };
    let not_you = per_kind(to, "locked-not-you-contact", "locked-not-you-agent");
    let before = vec![t.text("locked-text"), way_on, not_you];
    Words { subject: "locked-subject", heading: "locked-heading", button: "locked-button", before }
}

pub(super) fn password_set(to: &Addressee) -> Words {
    let not_you = per_kind(to, "password-not-you-contact", "password-not-you-agent");
    let before = vec![to.language.text("password-text"), not_you];
    Words { subject: "password-subject", heading: "password-heading", button: "password-button", before }
}

/// Says that there is a password and until when, never which: whoever set it tells it on another way.
pub(super) fn one_time(installation: &Installation, facts: &Facts, to: &Addressee) -> Words {
    let t = to.language;
    let mut before = vec![t.text("one-time-text"), t.text("one-time-change")];
    if facts.valid_until_micros > 0 {
        before.push(t.with("one-time-until", &[("time", &moment(installation, t, facts.valid_until_micros))]));
    }
    before.push(per_kind(to, "one-time-not-you-contact", "one-time-not-you-agent"));
    Words { subject: "one-time-subject", heading: "one-time-heading", button: "one-time-button", before }
}

pub(super) fn announced(facts: &Facts, to: &Addressee) -> Words {
    let t = to.language;
    let by = if facts.by_agent { "login-announced-by-agent" } else { "login-announced-text" };
    let before = vec![t.text(by), t.text("login-announced-confirm"), not_you(to)];
    Words { subject: "login-announced-subject", heading: "login-announced-heading", button: "security-button", before }
}

/// The login moved. Only the present address is told to which: the one that was left may be somebody else's by now.
pub(super) fn moved(facts: &Facts, to: &Addressee) -> Words {
    let t = to.language;
    let by = if facts.by_agent { "login-changed-by-agent" } else { "login-changed-by-you" };
    let mut before = vec![t.text(by)];
    before.push(match facts.login.as_str() {
        "" => t.text("login-changed-left"),
        login => t.with("login-changed-now", &[("login", &one_line(login, 200))]),
    });
    before.push(not_you(to));
    Words { subject: "login-changed-subject", heading: "login-changed-heading", button: "security-button", before }
}

pub(super) fn factor_added(facts: &Facts, to: &Addressee) -> Words {
    let t = to.language;
    let what = match (facts.factor.as_str(), facts.passkey.as_str()) {
        ("passkey", "") => t.text("factor-added-passkey"),
        ("passkey", name) => t.with("factor-added-passkey-named", &[("name", &one_line(name, 100))]),
        _ => t.text("factor-added-totp"),
    };
    let before = vec![what, not_you(to)];
    Words { subject: "factor-added-subject", heading: "factor-added-heading", button: "security-button", before }
}

pub(super) fn factor_removed(facts: &Facts, to: &Addressee) -> Words {
    let t = to.language;
    let what = match (facts.factor.as_str(), facts.by_agent) {
        ("totp", false) => "factor-removed-totp",
        ("totp", true) => "factor-removed-totp-by-agent",
        ("passkey", false) => "factor-removed-passkey",
        ("passkey", true) => "factor-removed-passkey-by-agent",
        (_, false) => "factor-removed-all",
        (_, true) => "factor-removed-all-by-agent",
    };
    let before = vec![t.text(what), not_you(to)];
    Words { subject: "factor-removed-subject", heading: "factor-removed-heading", button: "security-button", before }
}

pub(super) fn code_used(facts: &Facts, to: &Addressee) -> Words {
    let t = to.language;
    let left = t.counted("code-used-left", "left", facts.codes);
    let mut before = vec![t.text("code-used-text"), left];
    if facts.codes <= FEW {
        before.push(t.text("code-used-few"));
    }
    before.push(not_you(to));
    Words { subject: "code-used-subject", heading: "code-used-heading", button: "security-button", before }
}

/// From so few recovery codes on it is time for new ones.
const FEW: i64 = 3;

pub(super) fn codes_made(facts: &Facts, to: &Addressee) -> Words {
    let t = to.language;
    let made = t.with("codes-made-text", &[("count", &facts.codes.to_string())]);
    let before = vec![made, not_you(to)];
    Words { subject: "codes-made-subject", heading: "codes-made-heading", button: "security-button", before }
}

/// A mail whose link is made now.
pub(super) async fn with_link(
    installation: &Installation,
    neighbours: &dyn Neighbours,
    turn: &Turn<'_>,
    facts: &Facts,
    to: Addressee,
) -> Result<Composed, Trouble> {
    let Some(link) = neighbours.link(&turn.order.subject_id).await? else {
        return Ok(Composed::Skip("link_used"));
    };
    let t = to.language;
    let time = t.moment(link.expires_at, &installation.zone);
    let until = [("time", time.as_str())];
    let reset = turn.order.template == Template::PasswordReset;
    let (subject, heading, button) = match reset {
        true => ("reset-subject", "reset-heading", "reset-button"),
        false => ("login-confirm-subject", "login-confirm-heading", "login-confirm-button"),
    };
    let button = Button { label: t.text(button), url: link.link };
    let mut mail = frame(installation, &to, t.text(subject), t.text(heading), button, t.text("reason-security"));
    if reset {
        let by = if facts.by_agent { "reset-by-agent" } else { "reset-by-you" };
        mail.before = vec![t.with(by, &[("company", &installation.company)]), t.text("reset-after")];
        mail.after = vec![t.with("reset-expiry", &until), t.text("reset-unexpected")];
    } else {
        let by = if facts.by_agent { "login-confirm-by-agent" } else { "login-confirm-text" };
        mail.before = vec![t.text(by), t.text("login-confirm-announced")];
        mail.after = vec![t.with("login-confirm-expiry", &until), t.text("login-confirm-unexpected")];
    }
    Ok(Composed::ready(mail, to))
}

fn moment(installation: &Installation, language: Language, micros: i64) -> String {
    language.moment(Timestamp::from_micros(micros), &installation.zone)
}
