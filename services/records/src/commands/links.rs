//! What given values point to: looked up once, and only what the caller may point to is found.

use crate::{
    catalogue::Modules,
    domain::{
        module::Module,
        record::Links,
        value::{Misfit, Value},
    },
    found::{Around, Found},
    queries::around::{Reads, Wanted},
    service::{Caller, Records, judge},
};
use kernel::{Error, FieldError};
use policy::{Clock, Scope};
use std::{collections::HashMap, sync::Arc};
use uuid::Uuid;

impl Records {
    /// Reads what values, and a row if there is one, point to; one statement.
    pub(crate) async fn around_values(
        &self,
        caller: &Caller,
        modules: &Modules,
        module: &Arc<Module>,
        row: Option<&Found>,
        values: &[(String, Value)],
    ) -> Result<Around, Error> {
        let mut wanted = Wanted::around(modules, module, Reads::of(caller, modules, module, [])).proposing();
        if let Some(row) = row {
            wanted.add_row(modules, module, row);
        }
        for (name, value) in values {
            if let (Some(field), Some(id)) = (module.field(name), value.as_id()) {
                wanted.add_value(modules, &field.target, field.kind, id);
            }
        }
        self.around(caller, modules, wanted).await
    }
}

/// What may be pointed to: live records that the caller sees, those that the command itself chose, and agents.
pub(crate) fn links(caller: &Caller, modules: &Modules, around: &Around, chosen: &[Uuid], clock: &Clock) -> Links {
    let mut links = Links::default();
    for (id, number, row) in around.all() {
        let Some(module) = modules.numbered(number).filter(|_| !row.deleted) else { continue };
        let sees = || judge(caller, modules, module, row, around, clock).is_some_and(|access| access.is_visible());
        if chosen.contains(&id) || sees() {
            let number = u64::try_from(row.number).unwrap_or_default();
            links.records.insert(id, (module.name().to_owned(), number));
        }
    }
    links.agents.extend(around.agents.keys());
    links
}

/// What somebody from outside may not tie a record to, whatever the profile lets it write: a contact or company is never
/// taken away, and is one of the own companies or of their contacts. What stands may be sent again.
pub(crate) fn foreign(
    caller: &Caller,
    module: &Module,
    around: &Around,
    row: Option<&Found>,
    sent: &[(String, Value)],
) -> Vec<FieldError> {
    if !caller.actor.kind.is_customer() {
        return Vec::new();
    }
    let mut errors = Vec::new();
    for field in [module.contact_field(), module.company_field()].into_iter().flatten() {
        let given = sent.iter().find(|(name, _)| *name == field.name).map(|(_, value)| field.accept(value));
        // A value that doesn't fit is the module's to refuse.
        let Some(Ok(value)) = given else { continue };
        if row.is_some_and(|row| row.value(module, &field.name) == value.as_ref()) {
            continue;
        }
        let own = |id| around.any(id).is_some_and(|(_, to)| around.tie(&caller.plan, to).reaches(Scope::Company));
        match value {
            None => errors.push(field.error(Misfit::REQUIRED)),
            Some(value) if !value.as_id().is_some_and(own) => errors.push(field.error(Misfit::UNKNOWN_RECORD)),
            Some(_) => {}
        }
    }
    errors
}

/// The state that a record would have: what was given over what is there or the defaults. A value that does not fit
/// its field stands as it was given; the module's own rules refuse it.
pub(crate) fn proposed(module: &Module, creating: bool, given: &[(String, Value)]) -> HashMap<String, Option<Value>> {
    let mut values = HashMap::new();
    if creating {
        values.extend(module.fields.iter().map(|f| (f.name.clone(), f.default.clone())));
    }
    for (name, value) in given {
        let value = match module.field(name) {
            Some(field) => field.accept(value).unwrap_or_else(|_| Some(value.clone())),
            None => continue,
        };
        values.insert(name.clone(), value);
    }
    values
}

/// The person whose key seals a record's personal values, after some values changed.
pub(crate) fn person(module: &Module, id: Uuid, row: Option<&Found>, values: &HashMap<String, Option<Value>>) -> Uuid {
    crate::domain::record::person_of(module, id, |name| match values.get(name) {
        Some(value) => value.as_ref().and_then(Value::as_id),
        None => row.and_then(|r| r.value(module, name)).and_then(Value::as_id),
    })
}

/// True when any personal field of the module is among the names.
pub(crate) fn touches_personal(module: &Module, mut names: impl Iterator<Item = impl AsRef<str>>) -> bool {
    names.any(|n| module.field(n.as_ref()).is_some_and(|f| f.personal))
}
