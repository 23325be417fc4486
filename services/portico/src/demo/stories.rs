//! What the demo's tickets and cases are about, what was said on them, and when.

mod billing;
mod cases;
mod devices;
mod german;
mod italian;
mod lots;
mod office;
mod pace;
mod technical;

#[cfg(test)]
mod tests;

use super::{
    calendar::Calendar,
    cast::{Agent, Contact},
    dice::Dice,
    script::{Script, State, Step},
};
use kernel::Timestamp;

pub(super) use cases::cases;
pub(super) use lots::tickets;

/// A record's life.
#[derive(Debug, PartialEq)]
pub(super) struct Story {
    pub(super) module: &'static str,
    /// What makes it the same story when the demo is loaded again.
    pub(super) key: String,
    pub(super) contact: &'static Contact,
    /// Nobody's yet, when it is none.
    pub(super) owner: Option<Agent>,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) priority: &'static str,
    pub(super) category: &'static str,
    /// Empty where nobody has judged it.
    pub(super) severity: &'static str,
    pub(super) opened_at: Timestamp,
    /// When somebody looked at it and gave it to its owner.
    pub(super) assigned_at: Timestamp,
    pub(super) said: Vec<Said>,
}

/// A comment.
#[derive(Debug, PartialEq)]
pub(super) struct Said {
    pub(super) by_customer: bool,
    pub(super) internal: bool,
    /// The key that the status gets with it; empty leaves that to the module.
    pub(super) status: &'static str,
    pub(super) text: String,
    pub(super) at: Timestamp,
}

/// What a story is made of.
struct Plot<'a> {
    module: &'static str,
    key: String,
    contact: &'static Contact,
    script: &'a Script,
    details: (&'static str, &'static str),
    state: State,
    steps: &'a [Step],
    /// Seconds of work ago.
    opened: i64,
    owner: Option<Agent>,
    /// How many times as long as usual everything takes after the first step.
    slowly: i64,
}

/// The story of a plot.
fn told(plot: &Plot<'_>, calendar: &Calendar, dice: &mut Dice) -> Story {
    let Plot { script, details, opened, .. } = *plot;
    let ago = pace::ago(plot, dice);
    let first = ago.first().copied().unwrap_or_default();
    let assigned = opened - dice.between(180, 1_200).min((opened - first) / 2);
    let said = plot.steps.iter().zip(ago);
    Story {
        module: plot.module,
        key: plot.key.clone(),
        contact: plot.contact,
        owner: plot.owner,
        title: Script::filled(script.title, details),
        description: Script::filled(script.description, details),
        priority: script.priority,
        category: script.category,
        // Customers don't judge that themselves, and agents do so with their first look.
        severity: if plot.owner.is_some() && plot.state != State::New { script.severity } else { "" },
        opened_at: calendar.ago(opened),
        assigned_at: calendar.ago(assigned),
        said: said.map(|(step, ago)| comment(step, plot.contact, details, calendar.ago(ago))).collect(),
    }
}

/// A step as a comment. Who can't come to the portal says it by phone, and an agent notes it.
fn comment(step: &Step, contact: &Contact, details: (&str, &str), at: Timestamp) -> Said {
    let (by_customer, internal, status, text) = match step {
        Step::Works(text) => (false, false, State::Working.status(), text),
        Step::Asks(text) => (false, false, State::Waiting.status(), text),
        Step::Solves(text) => (false, false, State::Closed.status(), text),
        Step::Notes(text) => (false, true, "", text),
        Step::Says(text) => (true, false, "", text),
        Step::Thanks(text) => (true, false, State::Closed.status(), text),
    };
    let text = Script::filled(text, details);
    if by_customer && !contact.logs_in {
        let text = format!("By phone:\n\n> {}", text.replace('\n', "\n> "));
        return Said { by_customer: false, internal: true, status: "", text, at };
    }
    Said { by_customer, internal, status, text, at }
}
