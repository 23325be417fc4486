//! A row as its caller may see it.

use crate::{
    catalogue::Modules,
    codec::wire,
    domain::{
        module::Module,
        value::{FieldType, PointsTo, Value},
    },
    found::{Around, Found},
    queries::{around::actor_name, versions::Versions},
    service::{Caller, judge},
};
use kernel::ActorKind;
use policy::{Access, Action, Clock, RecordAccess};
use proto::records::v1::{ExternalActor, FieldLevel, FieldValue, Record, UnreadField};
use std::collections::HashMap;
use uuid::Uuid;

/// What a field shows.
pub(crate) fn cell(access: Access, kind: FieldType, value: Option<&Value>) -> Option<Value> {
    match access {
        Access::Hidden => None,
        Access::Masked => value.map(|v| Value::Text(kind.mask(&v.shown()))),
        Access::Read | Access::Write => value.cloned(),
    }
}

fn level(access: Access) -> FieldLevel {
    match access {
        Access::Hidden => FieldLevel::Unspecified,
        Access::Masked => FieldLevel::Masked,
        Access::Read => FieldLevel::Read,
        Access::Write => FieldLevel::Write,
    }
}

/// The record as the caller may see it.
pub(crate) fn record(
    caller: &Caller,
    modules: &Modules,
    module: &Module,
    row: &Found,
    access: &RecordAccess<'_>,
    around: &Around,
    clock: &Clock,
) -> Record {
    let mut fields = Vec::with_capacity(module.fields.len());
    let mut levels = Vec::with_capacity(module.fields.len());
    let mut unread = Vec::new();
    let mut titles = HashMap::new();
    let mut deleted_titles = Vec::new();
    for (field, held, _) in row.fields(module) {
        let granted = access.field(&field.name);
        if !granted.is_visible() {
            continue;
        }
        let level = level(granted).into();
        if field.kind.is_long() && !row.shows_texts() {
            unread.push(UnreadField { field: field.name.clone(), level });
            continue;
        }
        let value = cell(granted, field.kind, held.shown());
        if granted.is_readable()
            && let Some(id) = value.as_ref().and_then(Value::as_id)
            && let Some(title) = title_of(caller, modules, around, field.kind, id, clock)
        {
            if around.any(id).is_some_and(|(_, row)| row.deleted) {
                deleted_titles.push(id.to_string());
            }
            titles.insert(id.to_string(), title);
        }
        fields.push(FieldValue { field: field.name.clone(), value: value.as_ref().map(wire) });
        levels.push(level);
    }
    titles.insert(row.id.to_string(), own_title(module, row, access));
    let from_outside = row.created_kind.is_customer();
    let internal = caller.plan.is_internal();
    let versions = Versions::new(module, row, access, internal);
    // Customers are told of changes that they see; agents of every one that came from outside.
    let modified_by_ext = match internal {
        true => row.modified_by_ext,
        false => row.changed_outside(module, |field| access.reveals_change(field)),
    };
    Record {
        id: row.id.to_string(),
        module: module.name().to_owned(),
        number: module.shown_number(u64::try_from(row.number).unwrap_or_default()),
        version: versions.current(),
        visible_version: versions.of_fields(),
        fields,
        levels,
        unread,
        created_by_id: row.created_by.to_string(),
        created_by_name: actor_name(modules, around, row.created_kind, row.created_by),
        created_by_ext: from_outside.then(|| external(modules, around, row.created_by)),
        modified_by_ext: modified_by_ext.map(|id| external(modules, around, id)),
        created_at_micros: row.created_at.micros(),
        modified_at_micros: row.modified_at.micros(),
        deleted: row.deleted,
        actions: actions(row, access),
        titles,
        deleted_titles,
    }
}

fn actions(row: &Found, access: &RecordAccess<'_>) -> Vec<String> {
    let shown =
        [Action::Edit, Action::Delete, Action::Comment, Action::ViewComments, Action::ViewUpdates, Action::Upload];
    let possible =
        |a: &Action| access.may(*a) && (!row.deleted || matches!(a, Action::ViewComments | Action::ViewUpdates));
    shown.iter().filter(|a| possible(a)).map(|a| a.as_str().to_owned()).collect()
}

/// The record's own name, from what the caller can see of it.
pub(crate) fn own_title(module: &Module, row: &Found, access: &RecordAccess<'_>) -> String {
    let mut parts = Vec::new();
    for at in &module.title {
        let field = &module.fields[*at];
        if let Some(value) = cell(access.field(&field.name), field.kind, row.value(module, &field.name)) {
            parts.push(value.shown().into_owned());
        }
    }
    parts.join(" ")
}

/// The name of what a relation or owner points to, as far as the caller may see it.
pub(crate) fn title_of(
    caller: &Caller,
    modules: &Modules,
    around: &Around,
    kind: FieldType,
    id: Uuid,
    clock: &Clock,
) -> Option<String> {
    match kind.points_to()? {
        PointsTo::Agent => around.agents.get(&id).map(|a| a.name.clone()),
        PointsTo::Record => related_title(caller, modules, around, id, clock),
    }
}

/// The name of a record that was read around others, if the caller sees the record, or would if it were not deleted: what
/// points to it must not show a bare id. It is judged like the record alone, with what it is judged by.
pub(crate) fn related_title(
    caller: &Caller,
    modules: &Modules,
    around: &Around,
    id: Uuid,
    clock: &Clock,
) -> Option<String> {
    let (number, row) = around.any(id)?;
    let module = modules.numbered(number)?;
    let access = judge(caller, modules, module, row, around, clock)?;
    access.is_visible().then(|| own_title(module, row, &access)).filter(|t| !t.is_empty())
}

/// A contact, or the company whose link somebody came by, who did something from outside. The name shows to whoever sees
/// the record.
fn external(modules: &Modules, around: &Around, id: Uuid) -> ExternalActor {
    let deleted = around.any(id).is_none_or(|(_, row)| row.deleted);
    ExternalActor { id: id.to_string(), name: actor_name(modules, around, ActorKind::Contact, id), deleted }
}
