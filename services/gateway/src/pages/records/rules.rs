//! What the profile's rules make of a form: asked of the plan with what the viewer sees of the record. The service judges
//! again with all of it, so a form can only be kinder than the service, never more open.

use crate::{
    http::clock::now_micros,
    pages::{
        module::{Module, raw, value_of},
        scene::Scene,
    },
};
use kernel::Timestamp;
use policy::{Clock, Fact, Facts, FormField, Tie, ValueRef, Write, form};
use proto::records::v1::{Record, value::Kind};

/// A record as the viewer sees it.
struct Seen<'a> {
    module: Module<'a>,
    record: Option<&'a Record>,
}

impl Facts for Seen<'_> {
    fn fact(&self, field: &str) -> Fact<'_> {
        let Some(definition) = self.module.field(field) else { return self.system(field) };
        let Some(record) = self.record else {
            let default = definition.default_value.as_str();
            return Fact::Known(if default.is_empty() { ValueRef::Empty } else { ValueRef::Text(default) });
        };
        // What this record hides or masks was not told, so nothing follows from it here.
        if !record.access(field).is_some_and(|word| word == "read" || word == "write") {
            return Fact::Unknown;
        }
        Fact::Known(match value_of(record, field).and_then(|v| v.kind.as_ref()) {
            None => ValueRef::Empty,
            Some(Kind::Text(text)) => ValueRef::Text(text),
            Some(Kind::Integer(number)) => ValueRef::Integer(*number),
            Some(Kind::Boolean(yes)) => ValueRef::Boolean(*yes),
        })
    }

    /// The service has found the record for this viewer already, and answers what may be done with it.
    fn tie(&self) -> Tie {
        Tie { mine: true, company: true }
    }
}

impl Seen<'_> {
    /// Fields that every record has. The contact and the company were not looked up, and a field that the viewer never
    /// sees is not in the module's definition here.
    fn system(&self, field: &str) -> Fact<'_> {
        Fact::Known(match (field, self.record) {
            ("id", Some(record)) => ValueRef::Text(&record.id),
            ("number", Some(record)) => ValueRef::Text(&record.number),
            ("created_at", Some(record)) => ValueRef::Moment(Timestamp::from_micros(record.created_at_micros)),
            ("modified_at", Some(record)) => ValueRef::Moment(Timestamp::from_micros(record.modified_at_micros)),
            _ => return Fact::Unknown,
        })
    }
}

/// The fields of a form, where the plan names any; none for agents, to whom everything is open.
pub(crate) fn fields(scene: &Scene, module: Module<'_>, record: Option<&Record>) -> Vec<FormField> {
    let seen = Seen { module, record };
    let clock = clock(scene);
    let saved: Option<&dyn Facts> = record.map(|_| &seen as &dyn Facts);
    let write = Write { saved, proposed: &seen, sent: &[], clock: &clock };
    form(&scene.me.plan, module.name(), &write).unwrap_or_default()
}

/// The keys that the viewer may choose in a field of a record; none when no rule limits them.
pub(crate) fn options(scene: &Scene, module: Module<'_>, record: &Record, field: &str) -> Option<Vec<String>> {
    let now = raw(value_of(record, field));
    let drawn = fields(scene, module, Some(record)).into_iter().find(|f| f.field == field)?;
    // What stands may stay, but it is no choice to change to.
    Some(drawn.options?.into_iter().filter(|key| *key != now).collect())
}

/// The moment, and the day in the installation's time zone.
fn clock(scene: &Scene) -> Clock {
    let now = Timestamp::from_micros(now_micros());
    let local = || {
        let today = jiff::Timestamp::from_microsecond(now.micros()).ok()?.to_zoned(scene.app().zone.clone());
        let micros = |at: &jiff::Zoned| Timestamp::from_micros(at.timestamp().as_microsecond());
        let next = today.tomorrow().ok()?.start_of_day().ok()?;
        Clock::new(now, &today.date().to_string(), micros(&today.start_of_day().ok()?), micros(&next))
    };
    local().unwrap_or_else(|| Clock::utc(now))
}
