//! What happened to a record, version by version and without any value: enough to tell how many of its versions a
//! viewer sees. Customers count only those, so that nothing they don't see leaves a gap in what they do.

use crate::domain::{
    module::Module,
    record::{Change, Event},
};
use prost::Message;
use uuid::Uuid;

/// The events of a record's stream, in their order; equal ones that follow each other are one step.
#[derive(Clone, PartialEq, Message)]
pub struct Trail {
    /// From version 1 on.
    #[prost(message, repeated, tag = "1")]
    pub steps: Vec<Step>,
    /// Ids of those whose doing the steps are, each once.
    #[prost(bytes = "vec", repeated, tag = "2")]
    pub people: Vec<Vec<u8>>,
}

/// One or more versions that came about in the same way.
#[derive(Clone, PartialEq, Message)]
pub struct Step {
    /// What happened.
    #[prost(enumeration = "Kind", tag = "1")]
    pub kind: i32,
    /// How often in a row, less one.
    #[prost(uint32, tag = "2")]
    pub more: u32,
    /// Numbers of the fields that changed.
    #[prost(uint32, repeated, tag = "3")]
    pub fields: Vec<u32>,
    /// Whose doing it is: a place among [`Trail::people`], counted from 1; 0 when it is not known.
    #[prost(uint32, tag = "4")]
    pub by: u32,
}

/// What a step is, as far as it decides who sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, prost::Enumeration)]
#[repr(i32)]
pub enum Kind {
    /// Not known: from before trails were kept. Nobody outside counts it.
    Unknown = 0,
    /// Creation, deletion, restoring: whoever sees the record.
    Whole = 1,
    /// Fields changed, or something that says so: whoever sees one of them.
    Fields = 2,
    /// A comment: whoever sees comments.
    Comment = 3,
    /// An internal note: agents who see comments.
    Note = 4,
}

impl Kind {
    /// What an event is. The one place that says who learns that it happened.
    pub(crate) const fn of(event: &Event) -> Kind {
        match event {
            Event::Created { .. } | Event::Deleted | Event::Restored => Kind::Whole,
            Event::Updated { .. }
            | Event::StatusChanged(_)
            | Event::Closed(_)
            | Event::Reopened(_)
            | Event::Assigned { .. } => Kind::Fields,
            Event::Commented { .. }
            | Event::CommentEdited { internal: false, .. }
            | Event::CommentRemoved { internal: false, .. } => Kind::Comment,
            Event::InternalNoted { .. }
            | Event::CommentEdited { internal: true, .. }
            | Event::CommentRemoved { internal: true, .. } => Kind::Note,
        }
    }

    /// True for what is told to agents only, whatever a profile gives: no customer may notice that it happened.
    pub(crate) const fn among_agents(self) -> bool {
        match self {
            Kind::Note | Kind::Unknown => true,
            Kind::Whole | Kind::Fields | Kind::Comment => false,
        }
    }
}

impl Step {
    fn of_kind(kind: Kind) -> Step {
        Step { kind: kind.into(), ..Step::default() }
    }

    /// What an event is. A field that the module no longer has is left out.
    pub(crate) fn of(module: &Module, event: &Event) -> Step {
        let numbers = |names: &mut dyn Iterator<Item = &String>| -> Vec<u32> {
            names.filter_map(|n| module.field(n)).map(|f| f.number).collect()
        };
        let fields = match event {
            Event::Updated { changes, personal, .. } => {
                numbers(&mut changes.iter().chain(personal).map(|Change { field, .. }| field))
            }
            Event::StatusChanged(status) | Event::Closed(status) | Event::Reopened(status) => {
                numbers(&mut std::iter::once(&status.field))
            }
            Event::Assigned { field, .. } => numbers(&mut std::iter::once(field)),
            Event::Created { .. }
            | Event::Commented { .. }
            | Event::CommentEdited { .. }
            | Event::CommentRemoved { .. }
            | Event::InternalNoted { .. }
            | Event::Deleted
            | Event::Restored => Vec::new(),
        };
        Step { fields, ..Step::of_kind(Kind::of(event)) }
    }

    fn times(&self) -> i64 {
        i64::from(self.more) + 1
    }
}

impl Trail {
    /// Notes what made a version, and whose doing it was. What is missing before it is not known.
    pub(crate) fn note(&mut self, version: i64, step: Step, by: Uuid) {
        for _ in self.length() + 1..version {
            self.push(Step::of_kind(Kind::Unknown));
        }
        if self.length() < version {
            let by = self.place(by);
            self.push(Step { by, ..step });
        }
    }

    /// The place of somebody, counted from 1; a new one where there is none.
    fn place(&mut self, who: Uuid) -> u32 {
        let known = self.people.iter().position(|known| known == who.as_bytes());
        let at = known.unwrap_or_else(|| {
            self.people.push(who.as_bytes().to_vec());
            self.people.len() - 1
        });
        u32::try_from(at + 1).unwrap_or_default()
    }

    fn push(&mut self, step: Step) {
        match self.steps.last_mut() {
            Some(last) if (last.kind, last.by) == (step.kind, step.by) && last.fields == step.fields => last.more += 1,
            _ => self.steps.push(step),
        }
    }

    /// How many versions it tells of.
    fn length(&self) -> i64 {
        self.steps.iter().map(Step::times).sum()
    }

    /// How many of the versions up to one are seen.
    pub(crate) fn seen_until(&self, version: i64, sees: impl Fn(&Step) -> bool) -> i64 {
        let (mut at, mut seen) = (0, 0);
        for step in &self.steps {
            let times = step.times().min(version - at);
            if times <= 0 {
                break;
            }
            at += times;
            if sees(step) {
                seen += times;
            }
        }
        seen
    }

    /// True when something that is seen happened after a version, or after somebody's own last doing when there is none, and
    /// was not that person's doing.
    pub(crate) fn has_news(&self, after: Option<i64>, own: Uuid, sees: impl Fn(&Step) -> bool) -> bool {
        let place = self.people.iter().position(|known| known == own.as_bytes());
        let own = |step: &Step| place.is_some_and(|at| step.by as usize == at + 1);
        let (mut at, mut news) = (0, false);
        for step in &self.steps {
            at += step.times();
            match own(step) {
                true if after.is_none() => news = false,
                true => {}
                false => news |= after.is_none_or(|after| at > after) && sees(step),
            }
        }
        news
    }

    /// The version that is counted as the given one; one past the last for a higher number.
    pub(crate) fn version_seen_as(&self, number: i64, sees: impl Fn(&Step) -> bool) -> i64 {
        let (mut at, mut seen) = (0, 0);
        for step in &self.steps {
            if sees(step) {
                if seen + step.times() >= number {
                    return at + (number - seen);
                }
                seen += step.times();
            }
            at += step.times();
        }
        at + 1
    }
}

#[cfg(test)]
mod tests;
