//! The versions of a record as a viewer counts them: agents by the log, customers densely over what they see. The one
//! place that maps between the two; every version that leaves or comes in goes through it.

use crate::{
    domain::module::Module,
    found::Found,
    trail::{Kind, Step},
};
use policy::{Action, RecordAccess};
use uuid::Uuid;

/// How one viewer counts the versions of one record.
pub(crate) struct Versions<'a> {
    module: &'a Module,
    row: &'a Found,
    access: &'a RecordAccess<'a>,
    internal: bool,
}

impl<'a> Versions<'a> {
    /// The count of a viewer, who is one of the operator's people or not.
    pub(crate) fn new(module: &'a Module, row: &'a Found, access: &'a RecordAccess<'a>, internal: bool) -> Self {
        Versions { module, row, access, internal }
    }

    /// True for what the viewer's history tells.
    pub(crate) fn sees(&self, step: &Step) -> bool {
        let reveals =
            |number: &u32| self.module.field_numbered(*number).is_some_and(|f| self.access.reveals_change(&f.name));
        match step.kind() {
            Kind::Whole => true,
            Kind::Fields => step.fields.iter().any(reveals),
            Kind::Comment => self.access.may(Action::ViewComments),
            Kind::Note => self.internal && self.access.may(Action::ViewComments),
            Kind::Unknown => false,
        }
    }

    /// The number under which the viewer knows a version.
    pub(crate) fn shown(&self, version: i64) -> i64 {
        if self.internal { version } else { self.row.trail().seen_until(version, |s| self.sees(s)).max(1) }
    }

    /// The version that the viewer knows under a number.
    pub(crate) fn actual(&self, number: i64) -> i64 {
        if self.internal { number } else { self.row.trail().version_seen_as(number, |s| self.sees(s)) }
    }

    /// The version below which a part lies that the viewer asks for by a number; 0 is for the newest part. What came after
    /// the row was read is left for the next look: versions are counted on the row.
    pub(crate) fn below(&self, number: i64) -> i64 {
        let end = self.row.version + 1;
        if number <= 0 { end } else { self.actual(number).min(end) }
    }

    /// The record's version.
    pub(crate) fn current(&self) -> i64 {
        self.shown(self.row.version)
    }

    /// True when something that the viewer sees happened after a version, or after the viewer's own last doing when there is
    /// none, and was another's doing.
    pub(crate) fn news(&self, after: Option<i64>, own: Uuid) -> bool {
        after.is_none_or(|after| after < self.row.version) && self.row.trail().has_news(after, own, |s| self.sees(s))
    }

    /// The version of the last change of a field that the viewer can see: what an `ETag` tells and commands expect.
    pub(crate) fn of_fields(&self) -> i64 {
        let seen = self.row.fields(self.module).filter(|(field, ..)| self.access.reveals_change(&field.name));
        let changed = seen.map(|(_, _, changed)| changed).max().unwrap_or_default();
        self.shown(changed.max(1))
    }
}
